public import LogRecords

/// How many deliveries each node made: under each rollout, and in each short stretch of time. Without these, exposures
/// are numbers without a rate, for deliveries that are clear are kept nowhere.
public struct DeliveryCounts: Sendable {
    /// Under one rollout on one node; the rollout is absent before the first.
    public struct Stretch: Hashable, Sendable {
        public var node: NameID
        public var rollout: NameID

        public init(node: NameID, rollout: NameID) {
            self.node = node
            self.rollout = rollout
        }
    }

    /// The most slots that a node's time is cut into, and the shortest, microseconds.
    private static let mostSlots: Int64 = 16_384
    private static let shortestSlot: Int64 = 100_000

    private let start: Int64
    /// Microseconds.
    private let slot: Int64
    private let slotCount: Int
    public private(set) var byStretch: [Stretch: Int] = [:]
    private var slots = NameMap<[Int32]>()
    private var last: (stretch: Stretch, count: Int)?

    /// - Parameter span: the first and the last time stamp of the dump, microseconds.
    public init(_ span: ClosedRange<Int64>) {
        start = span.lowerBound
        slot = max(Self.shortestSlot, (span.upperBound - span.lowerBound) / Self.mostSlots + 1)
        slotCount = Int((span.upperBound - span.lowerBound) / slot) + 1
    }

    /// Takes note of a delivery that carried a frame.
    public mutating func add(_ delivery: Delivery, rollout: NameID) {
        let stretch = Stretch(node: delivery.node, rollout: rollout)
        if last?.stretch == stretch {
            last?.count += 1
        } else {
            close()
            last = (stretch, 1)
        }
        let place =
            slots.place(of: delivery.node) ?? slots.append(delivery.node, [Int32](repeating: 0, count: slotCount))
        let index = self.index(of: delivery.time.stamp)
        slots.update(place) { $0[index] += 1 }
    }

    /// Puts the last deliveries to the others, once all are there.
    public mutating func close() {
        if let last { byStretch[last.stretch, default: 0] += last.count }
        last = nil
    }

    /// The nodes, in order of their numbers.
    public var nodes: [NameID] { slots.names.sorted() }

    /// The slots of a node with their exposures.
    ///
    /// - Parameter exposures: the time stamps of its certain exposures.
    public func slots(of node: NameID, exposures: [Int64]) -> [ChangePoints.Slot] {
        var all = (slots[node] ?? []).map { ChangePoints.Slot(deliveries: Int($0), exposures: 0) }
        for stamp in exposures where !all.isEmpty { all[index(of: stamp)].exposures += 1 }
        return all
    }

    /// When a slot begins, microseconds.
    public func beginning(of index: Int) -> Int64 { start + Int64(index) * slot }

    private func index(of stamp: Int64) -> Int { min(max(Int((stamp - start) / slot), 0), slotCount - 1) }
}
