public import LogRecords

/// How many deliveries and certain exposures each node had in each short stretch of time.
public struct DeliverySlots: Sendable {
    /// The most slots that a node's time is cut into, and the shortest, microseconds.
    private static let most: Int64 = 16_384
    private static let shortest: Int64 = 100_000

    private let start: Int64
    /// Microseconds.
    private let length: Int64
    let count: Int
    private var nodes = NamePlaces()
    /// By node, then by page: where the page stands in `counts`, plus one; 0: nothing was delivered in its time. Nodes may be
    /// very many, as pods are, each with little time of its own.
    private var pages: [Int32] = []
    private var counts: [Count] = []
    /// By node.
    private var exposed: [Int] = []
    private let pageCount: Int
    /// How many slots stand together.
    private static let pageSlots = 64
    private struct Count: Sendable {
        var deliveries: Int32 = 0
        var exposures: Int32 = 0
        /// In parts of `ReceiverWeights.whole`.
        var weight: Int64 = 0
    }

    /// - Parameter span: the first and the last time stamp of the dump, microseconds.
    public init(_ span: ClosedRange<Int64>) {
        start = span.lowerBound
        length = max(Self.shortest, (span.upperBound - span.lowerBound) / Self.most + 1)
        count = Int((span.upperBound - span.lowerBound) / length) + 1
        pageCount = (count - 1) / Self.pageSlots + 1
    }

    /// Takes note of a delivery that carried a frame, in any order.
    ///
    /// - Returns: its slot.
    @discardableResult
    public mutating func add(_ delivery: Delivery) -> Int32 {
        let index = index(of: delivery)
        let place = slot(index, ofNode: node(delivery.node))
        counts[place].deliveries += 1
        return Int32(truncatingIfNeeded: index)
    }

    /// Calls `body` with each slot that has deliveries.
    public func eachCount(_ body: (_ node: SymbolID, _ slot: Int, _ deliveries: Int) throws -> Void) rethrows {
        for (place, node) in nodes.names.enumerated() {
            try eachPage(ofNode: place) { first, counts in
                for (index, count) in counts.enumerated() where count.deliveries > 0 {
                    try body(node, first + index, Int(count.deliveries))
                }
            }
        }
    }

    /// Adds deliveries that were counted elsewhere, over the same span.
    ///
    /// - Returns: false if there is no such slot.
    public mutating func add(_ deliveries: Int, of node: SymbolID, in slot: Int) -> Bool {
        guard (0..<count).contains(slot), let all = Int32(exactly: deliveries) else { return false }
        let place = self.slot(slot, ofNode: self.node(node))
        let (sum, overflow) = counts[place].deliveries.addingReportingOverflow(all)
        guard !overflow else { return false }
        counts[place].deliveries = sum
        return true
    }

    /// Takes note that one of the deliveries is a certain exposure.
    ///
    /// - Parameter weight: what it is of its receiving account.
    mutating func add(exposure delivery: Delivery, weight: Int64) {
        let node = node(delivery.node)
        let place = slot(index(of: delivery), ofNode: node)
        counts[place].exposures += 1
        counts[place].weight += weight
        exposed[node] += 1
    }

    /// Whether a node has exposures: without any, its rate never changes.
    func isExposed(_ node: SymbolID) -> Bool { nodes.place(of: node).map { exposed[$0] > 0 } ?? false }

    /// The slots of a node in order of time.
    public func slots(of node: SymbolID) -> [ChangePoints.Slot] {
        guard let place = nodes.place(of: node) else { return [] }
        var slots = [ChangePoints.Slot](repeating: ChangePoints.Slot(deliveries: 0, exposures: 0), count: count)
        eachPage(ofNode: place) { first, counts in
            for (index, one) in counts.enumerated() where first + index < count {
                slots[first + index] = ChangePoints.Slot(
                    deliveries: Int(one.deliveries), exposures: Int(one.exposures),
                    units: ReceiverWeights.units(one.weight))
            }
        }
        return slots
    }

    /// The slots of all nodes together.
    var slotsOfAll: [ChangePoints.Slot] {
        var sums = [(deliveries: Int, exposures: Int, weight: Int64)](repeating: (0, 0, 0), count: count)
        for place in nodes.names.indices {
            eachPage(ofNode: place) { first, counts in
                for (index, one) in counts.enumerated() where first + index < count {
                    sums[first + index].deliveries += Int(one.deliveries)
                    sums[first + index].exposures += Int(one.exposures)
                    sums[first + index].weight += one.weight
                }
            }
        }
        return sums.map {
            ChangePoints.Slot(
                deliveries: $0.deliveries, exposures: $0.exposures, units: ReceiverWeights.units($0.weight))
        }
    }

    private func eachPage(ofNode place: Int, _ body: (_ first: Int, ArraySlice<Count>) throws -> Void) rethrows {
        for page in 0..<pageCount {
            let start = Int(pages[place * pageCount + page]) - 1
            if start >= 0 { try body(page * Self.pageSlots, counts[start..<(start + Self.pageSlots)]) }
        }
    }

    /// When a slot begins, microseconds.
    public func beginning(of index: Int) -> Int64 { start + Int64(index) * length }

    private mutating func node(_ name: SymbolID) -> Int {
        if let known = nodes.place(of: name) { return known }
        pages.append(contentsOf: repeatElement(0, count: pageCount))
        exposed.append(0)
        return nodes.append(name)
    }

    /// Where a slot of a node stands in `counts`.
    private mutating func slot(_ index: Int, ofNode node: Int) -> Int {
        let page = node * pageCount + index / Self.pageSlots
        if pages[page] == 0 {
            pages[page] = Int32(counts.count + 1)
            counts.append(contentsOf: repeatElement(Count(), count: Self.pageSlots))
        }
        return Int(pages[page]) - 1 + index % Self.pageSlots
    }

    private func index(of delivery: Delivery) -> Int { index(of: delivery.time.stamp) }

    /// The slot of a moment; of one outside the dump's time the nearest.
    func index(of moment: Int64) -> Int {
        if moment <= start { return 0 }
        let (distance, isFar) = moment.subtractingReportingOverflow(start)
        return isFar ? count - 1 : min(Int(distance / length), count - 1)
    }
}
