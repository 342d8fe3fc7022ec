public import LogRecords

/// When each node delivered anything, or filled, and so where its log is silent for longer than is usual there.
public struct Activity: Sendable {
    /// A stretch without any line of a node.
    public struct Silence: Sendable {
        public var node: NameID
        /// The time stamps of the last line before and the first after, microseconds.
        public var from: Int64
        public var until: Int64
        /// The node's mean interval between two lines, microseconds.
        public var usual: Int64
    }

    /// A silence is at least this long, microseconds: shorter ones say nothing, and this bounds what must be kept.
    public static let shortest: Int64 = 60_000_000
    /// And at least this many times the node's mean interval.
    public static let factor: Int64 = 10

    /// One minute of a node: the first and last line in it.
    private struct Minute: Sendable {
        var first: Int64
        var last: Int64
    }
    private struct Node: Sendable {
        var lines: Int64 = 0
        var current: Int64?
        var minute = Minute(first: 0, last: 0)
        var minutes: [Int64: Minute] = [:]

        mutating func add(_ stamp: Int64, in minute: Int64) {
            lines += 1
            if current == minute {
                if stamp < self.minute.first { self.minute.first = stamp }
                if stamp > self.minute.last { self.minute.last = stamp }
            } else {
                close()
                current = minute
                self.minute = Minute(first: stamp, last: stamp)
            }
        }

        mutating func add(minuteOf first: Int64, until last: Int64) {
            close()
            current = first / Activity.shortest
            minute = Minute(first: first, last: last)
            close()
            current = nil
        }

        mutating func close() {
            guard let current else { return }
            let known = minutes[current] ?? minute
            minutes[current] = Minute(first: min(known.first, minute.first), last: max(known.last, minute.last))
        }
    }

    private var nodes = FewNamesMap<Node>()

    public init() {}

    /// The nodes that have lines, in order of arrival; the lines that name none count as one more.
    public var active: [NameID] { nodes.names }

    /// Takes note of a delivery, in any order.
    public mutating func add(_ delivery: Delivery) { add(delivery.node, at: delivery.time.stamp) }

    /// Takes note of a fill, in any order.
    public mutating func add(_ fill: Fill) { add(fill.node, at: fill.time.stamp) }

    private mutating func add(_ node: NameID, at stamp: Int64) {
        let minute = stamp / Self.shortest
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].add(stamp, in: minute)
    }

    /// Calls `body` with each minute of a node that has lines: the first and the last of them.
    public func eachMinute(_ body: (_ node: NameID, _ first: Int64, _ last: Int64) -> Void) {
        for (name, open) in zip(active, nodes.values) {
            var node = open
            node.close()
            for minute in node.minutes.values { body(name, minute.first, minute.last) }
        }
    }

    /// How many lines each node has.
    public var lines: [(node: NameID, lines: Int64)] { zip(active, nodes.values.map(\.lines)).map { ($0, $1) } }

    /// Adds lines that were counted elsewhere.
    public mutating func add(_ lines: Int64, of node: NameID) {
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].lines += lines
    }

    /// Adds the first and last line of some minute that were seen elsewhere.
    public mutating func add(first: Int64, last: Int64, of node: NameID) {
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].add(minuteOf: first, until: last)
    }

    /// The silences of every node, by node in order of arrival, then by time.
    public func silences() -> [Silence] {
        zip(active, nodes.values).flatMap { name, open in
            var node = open
            node.close()
            let minutes = node.minutes.sorted { $0.key < $1.key }.map(\.value)
            guard let first = minutes.first, let last = minutes.last, node.lines > 1 else { return [Silence]() }
            let usual = (last.last - first.first) / (node.lines - 1)
            return zip(minutes, minutes.dropFirst()).compactMap { before, after in
                let length = after.first - before.last
                guard length >= Self.shortest, length > Self.factor * usual else { return nil }
                return Silence(node: name, from: before.last, until: after.first, usual: usual)
            }
        }
    }
}
