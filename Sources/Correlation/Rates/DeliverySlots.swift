public import LogRecords

/// How many deliveries and certain exposures each node had in each short stretch of time.
public struct DeliverySlots: Sendable {
    /// The most slots that a node's time is cut into, and the shortest, microseconds.
    private static let most: Int64 = 16_384
    private static let shortest: Int64 = 100_000

    private let start: Int64
    /// Microseconds.
    private let length: Int64
    private let count: Int
    /// By node.
    private var slots = FewNamesMap<[Count]>()
    private struct Count: Sendable {
        var deliveries: Int32 = 0
        var exposures: Int32 = 0
    }

    /// - Parameter span: the first and the last time stamp of the dump, microseconds.
    public init(_ span: ClosedRange<Int64>) {
        start = span.lowerBound
        length = max(Self.shortest, (span.upperBound - span.lowerBound) / Self.most + 1)
        count = Int((span.upperBound - span.lowerBound) / length) + 1
    }

    /// Takes note of a delivery that carried a frame, in any order.
    public mutating func add(_ delivery: Delivery) {
        let (place, index) = (place(of: delivery.node), index(of: delivery))
        slots.values[place][index].deliveries += 1
    }

    /// Calls `body` with each slot that has deliveries.
    public func eachCount(_ body: (_ node: NameID, _ slot: Int, _ deliveries: Int) -> Void) {
        for (node, counts) in zip(slots.names, slots.values) {
            for (index, count) in counts.enumerated() where count.deliveries > 0 {
                body(node, index, Int(count.deliveries))
            }
        }
    }

    /// Adds deliveries that were counted elsewhere, over the same span.
    ///
    /// - Returns: false if there is no such slot.
    public mutating func add(_ deliveries: Int, of node: NameID, in slot: Int) -> Bool {
        guard (0..<count).contains(slot), let all = Int32(exactly: deliveries) else { return false }
        let place = place(of: node)
        slots.values[place][slot].deliveries += all
        return true
    }

    /// Takes note that one of the deliveries is a certain exposure.
    public mutating func add(exposure delivery: Delivery) {
        let (place, index) = (place(of: delivery.node), index(of: delivery))
        slots.values[place][index].exposures += 1
    }

    /// The slots of a node in order of time.
    public func slots(of node: NameID) -> [ChangePoints.Slot] {
        (slots[node] ?? []).map { ChangePoints.Slot(deliveries: Int($0.deliveries), exposures: Int($0.exposures)) }
    }

    /// When a slot begins, microseconds.
    public func beginning(of index: Int) -> Int64 { start + Int64(index) * length }

    private mutating func place(of node: NameID) -> Int {
        slots.place(of: node, orAdd: [Count](repeating: Count(), count: count))
    }

    private func index(of delivery: Delivery) -> Int {
        min(max(Int((delivery.time.stamp - start) / length), 0), count - 1)
    }
}
