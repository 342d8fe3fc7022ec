public import LogRecords

/// When each node delivered anything, or filled, minute by minute: what its silences are told from (`LogGaps`).
public struct Activity: Sendable {
    /// The length of what is kept, microseconds: the first and last line in each minute, and how many.
    public static let minute: Int64 = 60_000_000

    /// One minute of a node.
    struct Minute: Sendable {
        var first: Int64
        var last: Int64
        var lines: Int64
    }
    private struct Node: Sendable {
        var lines: Int64 = 0
        var current: Int64?
        var minute = Minute(first: 0, last: 0, lines: 0)
        var minutes: [Int64: Minute] = [:]

        mutating func add(_ stamp: Int64, in minute: Int64) {
            lines += 1
            if current == minute {
                self.minute.lines += 1
                if stamp < self.minute.first { self.minute.first = stamp }
                if stamp > self.minute.last { self.minute.last = stamp }
            } else {
                close()
                current = minute
                self.minute = Minute(first: stamp, last: stamp, lines: 1)
            }
        }

        mutating func add(minuteOf first: Int64, until last: Int64, lines: Int64) {
            close()
            current = first / Activity.minute
            minute = Minute(first: first, last: last, lines: lines)
            close()
            current = nil
        }

        mutating func close() {
            guard let current else { return }
            guard let known = minutes[current] else {
                minutes[current] = minute
                return
            }
            minutes[current] = Minute(
                first: min(known.first, minute.first), last: max(known.last, minute.last),
                lines: known.lines + minute.lines)
        }
    }

    private var nodes = FewNamesMap<Node>()

    public init() {}

    /// The nodes that have lines, in order of arrival; the lines that name none count as one more.
    public var active: [SymbolID] { nodes.names }

    /// Takes note of a delivery, in any order.
    public mutating func add(_ delivery: Delivery) { add(delivery.node, at: delivery.time.stamp) }

    /// Takes note of a fill, in any order.
    public mutating func add(_ fill: Fill) { add(fill.node, at: fill.time.stamp) }

    private mutating func add(_ node: SymbolID, at stamp: Int64) {
        let minute = stamp / Self.minute
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].add(stamp, in: minute)
    }

    /// Calls `body` with each minute of a node that has lines: the first and the last of them, and how many.
    public func eachMinute(
        _ body: (_ node: SymbolID, _ first: Int64, _ last: Int64, _ lines: Int64) throws -> Void
    ) rethrows {
        for (name, open) in zip(active, nodes.values) {
            var node = open
            node.close()
            for minute in node.minutes.values { try body(name, minute.first, minute.last, minute.lines) }
        }
    }

    /// How many lines each node has.
    public var lines: [(node: SymbolID, lines: Int64)] { zip(active, nodes.values.map(\.lines)).map { ($0, $1) } }

    /// Adds lines that were counted elsewhere.
    public mutating func add(_ lines: Int64, of node: SymbolID) {
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].lines += lines
    }

    /// Adds the first and last line of some minute that were seen elsewhere.
    public mutating func add(first: Int64, last: Int64, lines: Int64, of node: SymbolID) {
        let place = nodes.place(of: node, orAdd: Node())
        nodes.values[place].add(minuteOf: first, until: last, lines: lines)
    }

    /// The minutes of each node that have lines, in order of time; the nodes in order of arrival.
    var minutes: [(node: SymbolID, minutes: [Minute])] {
        zip(active, nodes.values).map { name, open in
            var node = open
            node.close()
            return (name, node.minutes.sorted { $0.key < $1.key }.map(\.value))
        }
    }
}
