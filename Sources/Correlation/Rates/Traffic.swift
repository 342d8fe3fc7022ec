public import LogRecords

/// How many deliveries there were in each stretch of the deliveries' time, all nodes together: what a plot of the exposures
/// is seen against.
///
/// Stretches begin at a whole second, minute, hour or day, UTC, and get longer as more time is met; which length they have
/// in the end depends on the first and the last delivery alone.
public struct Traffic: Sendable {
    /// One stretch of time.
    public struct Stretch: Sendable {
        /// Microseconds since 1970 UTC; `until` is where the next one begins.
        public var from: Int64
        public var until: Int64
        /// Deliveries that carried a frame.
        public var deliveries = 0
        /// Answers that carried none: refused, failed, or a frame shown again.
        public var others = 0
    }

    /// The lengths that a reader knows, microseconds: from one second to a week. Each is a multiple of the one before.
    private static let lengths: [Int64] = [
        1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 86_400, 604_800,
    ].map { $0 * 1_000_000 }
    /// The most stretches that a plot can show.
    private static let most = 720

    private var length = Traffic.lengths[0]
    /// Where the first of `counts` begins; a multiple of `length`.
    private var start: Int64 = 0
    private var counts: [(deliveries: Int, others: Int)] = []

    public init() {}

    /// In order of time, without a gap, from the first delivery to the last.
    public var stretches: [Stretch] {
        guard let last = counts.lastIndex(where: { $0 != (0, 0) }) else { return [] }
        return (0...last).map { index in
            let from = start + Int64(index) * length
            return Stretch(
                from: from, until: from + length, deliveries: counts[index].deliveries, others: counts[index].others)
        }
    }

    /// Takes note of a delivery, in any order.
    public mutating func add(_ delivery: Delivery) {
        let isFrame = delivery.content == .frame
        add(at: delivery.time.stamp, deliveries: isFrame ? 1 : 0, others: isFrame ? 0 : 1)
    }

    /// Adds a stretch of deliveries that were counted elsewhere, in any order. Its stretches are no longer than those that
    /// all of the time needs, and so lie within them.
    public mutating func add(at stamp: Int64, deliveries: Int, others: Int) {
        var index = Int((stamp - start) / length)
        if stamp < start || index >= counts.count {
            widen(to: stamp)
            index = Int((stamp - start) / length)
        }
        counts[index].deliveries += deliveries
        counts[index].others += others
    }

    /// Makes room for a moment: the shortest stretches of which few enough cover it and all that was met.
    private mutating func widen(to stamp: Int64) {
        let known = stretches
        let first = min(stamp, known.first?.from ?? stamp)
        let last = max(stamp, known.last?.from ?? stamp)
        func number(_ moment: Int64, _ length: Int64) -> Int64 {
            moment / length - (moment % length < 0 ? 1 : 0)
        }
        func fits(_ length: Int64) -> Bool { number(last, length) - number(first, length) < Self.most }
        var wider = Self.lengths.first { $0 >= length && fits($0) } ?? Self.lengths[Self.lengths.count - 1]
        while !fits(wider) { wider *= 2 }
        length = wider
        start = number(first, wider) * wider
        counts = [(Int, Int)](repeating: (0, 0), count: Self.most)
        for one in known {
            let index = Int((one.from - start) / length)
            counts[index].deliveries += one.deliveries
            counts[index].others += one.others
        }
    }
}
