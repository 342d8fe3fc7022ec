public import Interning
public import LogRecords

/// How often deliveries were exposures: under each rollout, and where in time that changes.
public struct ExposureRates: Sendable {
    public struct Count: Sendable {
        public var deliveries = 0
        public var certain = 0
        public var possible = 0
        /// What the certain ones are of their receiving accounts, in parts of `ReceiverWeights.whole`.
        var weight: Int64 = 0

        /// The receiving accounts of the certain ones, each counted once in all the time.
        public var units: Double { ReceiverWeights.units(weight) }

        static func += (sum: inout Count, one: Count) {
            sum.deliveries += one.deliveries
            sum.certain += one.certain
            sum.possible += one.possible
            sum.weight += one.weight
        }

        fileprivate var slot: ChangePoints.Slot {
            ChangePoints.Slot(deliveries: deliveries, exposures: certain, units: units)
        }
    }

    /// The rate of certain exposures under a rollout.
    public struct Rate: Sendable {
        /// Nil: all nodes together.
        public var node: SymbolID?
        /// Absent: before the first rollout.
        public var rollout: SymbolID
        public var from: Int64?
        /// When another rollout took its place for the first time; one that comes back later counts as the same.
        public var until: Int64?
        public var count: Count
        /// Under the rollout before.
        public var before: Count?

        /// The 95% interval of the rate; nil if there is no delivery. Accounts are the unit: with so many exposures an account,
        /// so many deliveries count as one (the design effect of L. Kish, Survey Sampling, 1965).
        public var interval: ClosedRange<Double>? {
            guard count.deliveries > 0 else { return nil }
            guard count.certain > 0 else { return ExactTests.share(0, of: count.deliveries) }
            let perAccount = max(1, Double(count.certain) / max(count.units, 1e-9))
            let size = Double(count.deliveries) / perAccount
            let (least, most) = (
                (count.units + 1e-6).rounded(.down), (min(count.units, size) - 1e-6).rounded(.up)
            )
            let all = max(1, Int(size.rounded()))
            let low = ExactTests.share(min(all, Int(least)), of: all).lowerBound
            let high = ExactTests.share(min(all, Int(most)), of: all).upperBound
            let rate = Double(count.certain) / Double(count.deliveries)
            return min(low, rate)...max(high, rate)
        }
        /// Against the rollout before, Fisher's exact test of accounts, two-sided; nil if either has no delivery.
        public var pValue: Double? {
            guard let before, before.deliveries > 0, count.deliveries > 0 else { return nil }
            return ChangePoints.chance(before.slot, count.slot)
        }
    }

    /// A change of the rate on a node, or on all of them together.
    public struct Change: Sendable {
        public var kind: ChangePoints.Change.Kind
        /// Nil: all nodes together.
        public var node: SymbolID?
        /// It lies between these two moments.
        public var from: Int64
        public var until: Int64
        /// When a burst was over.
        public var end: Int64?
        public var before: ChangePoints.Slot
        public var after: ChangePoints.Slot
        public var pValue: Double
    }

    private let rollouts: RolloutSchedule
    private let names: StringInterner
    /// By node and rollout.
    private var counts: [SymbolID: [SymbolID: Count]]
    private var slots: DeliverySlots
    /// By receiving account of certain exposures.
    private let weights: ReceiverWeights

    /// - Parameters:
    ///   - paths: of all deliveries, and so are the slots.
    ///   - names: put rollouts of one moment in order.
    ///   - households: which receiving accounts count as one.
    ///   - eachReceiver: hands over the receiving account of each certain exposure.
    public init(
        _ paths: AccountPaths, _ slots: DeliverySlots, _ rollouts: RolloutSchedule, _ names: StringInterner,
        _ households: Households = Households(), eachReceiver: ((SymbolID) -> Void) throws -> Void
    ) rethrows {
        var weights = ReceiverWeights(households)
        try eachReceiver { weights.add($0) }
        self.weights = weights
        self.rollouts = rollouts
        self.names = names
        self.slots = slots
        counts = paths.deliveriesByNode.mapValues { $0.mapValues { Count(deliveries: $0) } }
    }

    /// Takes note that one of the deliveries is an exposure.
    public mutating func add(exposure delivery: Delivery, under rollout: SymbolID, isCertain: Bool) {
        let weight = isCertain ? weights.share(of: delivery.requester).weight : 0
        let one = isCertain ? Count(certain: 1, weight: weight) : Count(possible: 1)
        counts[delivery.node, default: [:]][rollout, default: Count()] += one
        if isCertain { slots.add(exposure: delivery, weight: weight) }
    }

    private var nodes: [SymbolID] { counts.keys.sorted() }

    /// Each node's rollouts in order of time, then those of all nodes together.
    public var byRollout: [[Rate]] {
        var totals: [Rate] = []
        /// Where each rollout stands in them.
        var places: [SymbolID: Int] = [:]
        var all: [[Rate]] = []
        // Rollouts that stayed on some node, and when they ended on the last one.
        var lasting: Set<SymbolID> = []
        var ends: [SymbolID: Int64] = [:]
        for node in nodes {
            let rates = rollouts.succession(on: node).map { name, from in
                Rate(node: node, rollout: name, from: from, count: counts[node]?[name] ?? Count())
            }
            let known = chained(rates)
            all.append(known)
            for rate in known where rate.until == nil && rate.from != nil { lasting.insert(rate.rollout) }
            for rate in known { ends[rate.rollout] = max(ends[rate.rollout] ?? .min, rate.until ?? .min) }
            for rate in rates {
                if let place = places[rate.rollout] {
                    totals[place].count += rate.count
                    totals[place].from = [totals[place].from, rate.from].compactMap { $0 }.min()
                } else {
                    places[rate.rollout] = totals.count
                    totals.append(Rate(node: nil, rollout: rate.rollout, from: rate.from, count: rate.count))
                }
            }
        }
        totals.sort {
            ($0.from ?? .min, names.text($0.rollout)) < ($1.from ?? .min, names.text($1.rollout))
        }
        totals = chained(totals)
        if let last = totals.indices.last, let end = ends[totals[last].rollout], end > .min,
            !lasting.contains(totals[last].rollout)
        {
            totals[last].until = end
        }
        return all + [totals]
    }

    /// Each with the one before and after. Nothing is said about the time before the first rollout if the dump does not
    /// reach back there.
    private func chained(_ rates: [Rate]) -> [Rate] {
        var rates = rates.filter { $0.from != nil || $0.count.deliveries > 0 }
        for place in rates.indices.dropFirst() {
            rates[place].before = rates[place - 1].count
            rates[place - 1].until = rates[place].from
        }
        if let last = rates.last, let node = last.node, let from = last.from {
            rates[rates.count - 1].until = rollouts.end(of: last.rollout, on: node, after: from)
        }
        return rates
    }

    /// Node by node, in order of time; then those of all nodes together that show on none alone, for each node may have had
    /// too few exposures to tell.
    public var changes: [Change] {
        let exposed = nodes.filter(slots.isExposed)
        let single = exposed.flatMap { node in ChangePoints(slots.slots(of: node)).changes.map { change($0, node) } }
        guard exposed.count > 1 else { return single }
        let together = ChangePoints(slots.slotsOfAll).changes.map { change($0, nil) }
        return single
            + together.filter { change in
                !single.contains { $0.from <= change.until && change.from <= $0.until }
            }
    }

    private func change(_ change: ChangePoints.Change, _ node: SymbolID?) -> Change {
        Change(
            kind: change.kind, node: node, from: slots.beginning(of: change.likely.lowerBound),
            until: slots.beginning(of: change.likely.upperBound + 1),
            end: change.end.map { slots.beginning(of: $0) }, before: change.before, after: change.after,
            pValue: change.pValue)
    }
}
