public import LogRecords

/// How often deliveries were exposures: under each rollout, and where in time that changes.
public struct ExposureRates: Sendable {
    public struct Count: Sendable {
        public var deliveries = 0
        public var certain = 0
        public var possible = 0

        static func += (sum: inout Count, one: Count) {
            sum.deliveries += one.deliveries
            sum.certain += one.certain
            sum.possible += one.possible
        }
    }

    /// The rate of certain exposures under a rollout.
    public struct Rate: Sendable {
        /// Nil: all nodes together.
        public var node: NameID?
        /// Absent: before the first rollout.
        public var rollout: NameID
        public var from: Int64?
        /// When another rollout took its place for the first time; one that comes back later counts as the same.
        public var until: Int64?
        public var count: Count
        /// Under the rollout before.
        public var before: Count?

        /// The 95% interval of the rate; nil if there is no delivery.
        public var interval: ClosedRange<Double>? {
            count.deliveries > 0 ? ExactTests.share(count.certain, of: count.deliveries) : nil
        }
        /// Against the rollout before, Fisher's exact test, two-sided; nil if either has no delivery.
        public var pValue: Double? {
            guard let before, before.deliveries > 0, count.deliveries > 0 else { return nil }
            return ExactTests.fisher(before.certain, of: before.deliveries, count.certain, of: count.deliveries)
        }
    }

    /// A change of the rate on a node.
    public struct Change: Sendable {
        public var kind: ChangePoints.Change.Kind
        public var node: NameID
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
    private let names: NameTable
    /// By node and rollout.
    private var counts: [NameID: [NameID: Count]]
    private var slots: DeliverySlots
    /// By receiving account of certain exposures.
    private let weights: ReceiverWeights

    /// - Parameters:
    ///   - paths: of all deliveries, and so are the slots.
    ///   - names: put rollouts of one moment in order.
    ///   - eachReceiver: hands over the receiving account of each certain exposure.
    public init(
        _ paths: AccountPaths, _ slots: DeliverySlots, _ rollouts: RolloutSchedule, _ names: NameTable,
        eachReceiver: ((NameID) -> Void) throws -> Void
    ) rethrows {
        var weights = ReceiverWeights()
        try eachReceiver { weights.add($0) }
        self.weights = weights
        self.rollouts = rollouts
        self.names = names
        self.slots = slots
        counts = paths.deliveriesByNode.mapValues { $0.mapValues { Count(deliveries: $0) } }
    }

    /// Takes note that one of the deliveries is an exposure.
    public mutating func add(exposure delivery: Delivery, under rollout: NameID, isCertain: Bool) {
        let one = isCertain ? Count(certain: 1) : Count(possible: 1)
        counts[delivery.node, default: [:]][rollout, default: Count()] += one
        if isCertain { slots.add(exposure: delivery, weight: weights.share(of: delivery.requester).weight) }
    }

    private var nodes: [NameID] { counts.keys.sorted() }

    /// Each node's rollouts in order of time, then those of all nodes together.
    public var byRollout: [[Rate]] {
        var totals: [Rate] = []
        /// Where each rollout stands in them.
        var places: [NameID: Int] = [:]
        var all: [[Rate]] = []
        // Rollouts that stayed on some node, and when they ended on the last one.
        var lasting: Set<NameID> = []
        var ends: [NameID: Int64] = [:]
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

    /// Node by node, in order of time.
    public var changes: [Change] {
        nodes.filter(slots.isExposed).flatMap { node in
            ChangePoints(slots.slots(of: node)).changes.map { change in
                Change(
                    kind: change.kind, node: node, from: slots.beginning(of: change.likely.lowerBound),
                    until: slots.beginning(of: change.likely.upperBound + 1),
                    end: change.end.map { slots.beginning(of: $0) }, before: change.before, after: change.after,
                    pValue: change.pValue)
            }
        }
    }
}
