public import LogRecords

/// Looks for the conditions that explain some exposures: it is shown them, counts all deliveries, and marks the exposures
/// among them.
public struct CauseStudy: Sendable {
    private var cube: Cube
    private var weights: ReceiverWeights
    private var marks: [Mark] = []
    /// The exposures that count.
    private let times: ClosedRange<Int64>
    /// The deliveries that count, by the slot of their time; nil: all.
    private var slots: ClosedRange<Int32>?
    /// Of the nodes of these exposures, through all the time.
    private var warmth: CacheWarmth?

    /// What is kept of an exposure: its receiver's number and its cell.
    private struct Mark: Sendable {
        var account: Int32
        var cell: Int32
    }

    /// - Parameters:
    ///   - households: which receiving accounts count as one.
    ///   - accounts: how many accounts a delivery of each path comes to.
    ///   - times: the exposures that count, by their time stamps.
    ///   - eachExposure: hands over each exposure with the rollout at its fill, as the correlation found it; called several
    ///     times.
    init(
        _ notes: CauseNotes, _ households: Households, accounts: [AccountPaths.Path: Int64],
        _ times: ClosedRange<Int64>, eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) rethrows {
        var weights = ReceiverWeights(households)
        try eachExposure { exposure, _ in
            if times.contains(exposure.time.stamp) { weights.add(exposure.requester) }
        }
        var layout = CubeLayout(notes.values)
        try eachExposure { exposure, rollout in
            guard times.contains(exposure.time.stamp) else { return }
            layout.add(exposure, rolloutAtFill: rollout, weight: weights.share(of: exposure.requester).weight)
        }
        self.times = times
        self.weights = weights
        cube = Cube(layout, groups: notes.groups, numbers: notes.numbers, accounts: accounts)
    }

    /// Studies the cause of some exposures. If no rollout explains when they began and ended, but there was a time when
    /// they did, the study is made again of that time alone: what merely came with it, as a client's new version, would
    /// explain the exposures as well as their cause does.
    ///
    /// - Parameters:
    ///   - households: which receiving accounts count as one.
    ///   - paths: of the accounts, once all deliveries were noted.
    ///   - slots: when there were deliveries.
    ///   - hasTimes: whether the deliveries that `count` counts have slots.
    ///   - count: counts all deliveries that carried a frame.
    ///   - eachExposure: hands over each exposure with the rollout at its fill, always in the same order.
    /// - Returns: the conditions, and the study of all the time.
    public static func run(
        _ basis: Conditions.Basis, _ notes: CauseNotes, _ households: Households, _ paths: AccountPaths,
        _ slots: DeliverySlots, hasTimes: Bool, count: (inout CauseStudy) throws -> Void,
        eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) throws -> (conditions: Conditions, study: CauseStudy) {
        let accounts = paths.accountsByDelivery
        var study = try CauseStudy(notes, households, accounts: accounts, .min ... .max, eachExposure: eachExposure)
        try count(&study)
        try eachExposure { study.mark($0, rolloutAtFill: $1) }
        let conditions = try study.conditions(basis, slots, eachExposure: eachExposure)
        guard hasTimes, conditions.began != nil || conditions.ended != nil else { return (conditions, study) }
        let (from, until) = (conditions.began ?? .min, conditions.ended ?? .max)
        guard from <= until else { return (conditions, study) }
        var part = try CauseStudy(notes, households, accounts: accounts, from...until, eachExposure: eachExposure)
        part.slots = Int32(slots.index(of: from))...Int32(slots.index(of: until))
        if conditions.began != nil {
            part.warmth = CacheWarmth(try part.nodes(of: conditions.cause, eachExposure), slots, notes.groups)
        }
        try count(&part)
        try eachExposure { part.mark($0, rolloutAtFill: $1) }
        var found = try part.conditions(basis, slots, after: conditions, eachExposure: eachExposure)
        found.cold = conditions.began.flatMap { part.warmth?.cold(at: $0) }
        return (found, study)
    }

    /// The nodes on which the exposures that count are, but for those with few of them; of a cause on one node that one.
    private func nodes(
        of cause: Condition?, _ eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) rethrows -> Set<SymbolID> {
        var counts: [SymbolID: Int] = [:]
        try eachExposure { exposure, _ in
            if times.contains(exposure.time.stamp) { counts[exposure.node, default: 0] += 1 }
        }
        let stated = cause?.terms.first { $0.attribute == .node }?.value
        let most = counts.values.max() ?? 0
        return Set(
            counts.filter { node, count in
                stated.map { cube.values.text(node) == $0 } ?? (count * 20 >= most)
            }.keys)
    }

    /// The conditions of a part of the time.
    ///
    /// - Parameter earlier: what was found of all the time.
    private func conditions(
        _ basis: Conditions.Basis, _ slots: DeliverySlots, after earlier: Conditions,
        eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) throws -> Conditions {
        let cube = gathered
        var (conditions, extents) = search(cube, basis, without: earlier.excluded)
        (conditions.began, conditions.ended) = (earlier.began, earlier.ended)
        (conditions.foremost, conditions.isOfPart, conditions.rollout) = (earlier.foremost, true, earlier.rollout)
        guard let cause = conditions.cause, let extent = extents.first else { return conditions }
        var traffic = PathTraffic(cause.terms, slots, cube.values)
        var index = 0
        try eachExposure { exposure, _ in
            guard let mark = mark(of: exposure, &index), extent.contains(Int(mark.cell)) else { return }
            traffic.add(exposure, weight: weights.share(of: exposure.requester).weight)
        }
        conditions.window = traffic.window
        conditions.second = second(cube, basis, without: earlier.excluded, apartFrom: extent)
        conditions.fixes = try fixes(cube, cause, conditions, eachExposure)
        return conditions
    }

    /// Counts deliveries that carried a frame, exposures or not.
    public mutating func count(_ all: [DeliveryTraits]) {
        guard let slots else {
            for traits in all { cube.count(traits) }
            return
        }
        for traits in all {
            warmth?.count(traits)
            if slots.contains(traits.slot) { cube.count(traits) }
        }
    }

    /// Counts deliveries that were counted elsewhere.
    public mutating func count(_ all: [CountedTraits]) {
        for one in all { cube.count(one.traits, one.count) }
    }

    /// Marks a counted delivery as an exposure that was shown.
    mutating func mark(_ exposure: Delivery, rolloutAtFill: SymbolID) {
        guard times.contains(exposure.time.stamp) else { return }
        let (account, weight) = weights.share(of: exposure.requester)
        let cell = cube.mark(exposure, rolloutAtFill: rolloutAtFill, weight: weight)
        marks.append(Mark(account: account, cell: Int32(cell)))
    }

    /// The conditions, once everything is counted and marked.
    ///
    /// - Parameters:
    ///   - slots: when there were deliveries.
    ///   - eachExposure: as before, in the same order as they were marked.
    private func conditions(
        _ basis: Conditions.Basis, _ slots: DeliverySlots, eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) rethrows -> Conditions {
        let cube = gathered
        var excluded: Set<Term> = []
        while true {
            var (conditions, extents) = search(cube, basis, without: excluded)
            guard let cause = conditions.cause, let extent = extents.first else { return conditions }
            let path = cause.terms.filter { !$0.attribute.isRollout }
            let rollout = cause.terms.first { $0.attribute.isRollout }
            var whole = PathTraffic(path, slots, cube.values)
            var under = rollout.map { _ in PathTraffic(cause.terms, slots, cube.values) }
            var index = 0
            try eachExposure { exposure, _ in
                guard let mark = mark(of: exposure, &index), extent.contains(Int(mark.cell)) else { return }
                let weight = weights.share(of: exposure.requester).weight
                whole.add(exposure, weight: weight)
                under?.add(exposure, weight: weight)
            }
            if let rollout, let under, under.onset != nil || under.isBurst && (path.isEmpty || under.beginsLate) {
                // It was in force for long and nothing strayed: something else began it.
                excluded.formUnion(
                    [Attribute.rolloutAtFill, .rolloutAtDelivery].map { Term($0, .equal, rollout.value) })
                continue
            }
            if rollout == nil {
                (conditions.began, conditions.ended) = (whole.onset, whole.end)
                // It began with a rollout and outlived it, as stale entries do.
                conditions.rollout = conditions.began.flatMap { began in
                    cube.values.rollouts.starts.last { $0.from <= began }.flatMap {
                        whole.isShort(from: $0.from, to: began) ? $0.name : nil
                    }
                }
            }
            conditions.excluded = excluded
            conditions.window = whole.window
            conditions.second = second(cube, basis, without: excluded, apartFrom: extent)
            conditions.fixes = try fixes(cube, cause, conditions, eachExposure)
            return conditions
        }
    }

    /// What was kept of an exposure, all of which come in the order in which they were marked.
    ///
    /// - Parameter index: how many marked ones came before.
    /// - Returns: nil if it was not marked.
    private func mark(of exposure: Delivery, _ index: inout Int) -> Mark? {
        guard times.contains(exposure.time.stamp), index < marks.count else { return nil }
        defer { index += 1 }
        return marks[index]
    }

    /// What came of the rollouts that began after the cause's, or after the cause.
    private func fixes(
        _ cube: Cube, _ cause: Condition, _ conditions: Conditions,
        _ eachExposure: ((Delivery, SymbolID) -> Void) throws -> Void
    ) rethrows -> [Fix] {
        var values = cube.values
        let all = values.rollouts.starts
        let own = cause.terms.first { $0.attribute.isRollout }?.value
        let begun =
            own.flatMap { own in all.first { values.text(.rolloutAtDelivery, $0.name.rawValue) == own }?.from }
            ?? conditions.began ?? conditions.window?.first ?? .max
        let later = all.filter { $0.from > begun && values.text(.rolloutAtDelivery, $0.name.rawValue) != own }
        guard !later.isEmpty else { return [] }
        let path = cause.terms.filter { !$0.attribute.isRollout }
        // Counted where nothing is gathered yet: the cube tells rollouts apart only where many exposures are.
        let deliveries = self.cube.deliveriesByRollout(path, in: cube)
        var counts: [SymbolID: (exposures: Int, weight: Int64, last: Int64)] = [:]
        var index = 0
        try eachExposure { exposure, _ in
            guard let mark = mark(of: exposure, &index), cube.holds(path, forCell: Int(mark.cell)) else { return }
            let rollout = values.rollout(on: exposure.node, at: exposure.time.stamp)
            let known = counts[rollout] ?? (0, 0, .min)
            counts[rollout] = (
                known.exposures + 1, known.weight + weights.share(of: exposure.requester).weight,
                max(known.last, exposure.time.stamp)
            )
        }
        func observations(_ deliveries: Int, _ exposures: Int, _ units: Double) -> Double {
            max(0, Double(deliveries - exposures)) + units
        }
        let units = Double(cause.receivers)
        let rate = units / max(1, observations(cause.deliveries, cause.exposures, units))
        return later.map { rollout, from in
            let inside = deliveries[rollout] ?? 0
            let (exposures, weight, last) = counts[rollout] ?? (0, 0, .min)
            guard inside > 0 else {
                return Fix(
                    rollout: rollout, from: from, deliveries: 0, exposures: 0, receivers: 0, interval: 0...0,
                    expected: 0)
            }
            let receivers = ReceiverWeights.units(weight)
            let size = max(1, Int(observations(inside, exposures, receivers).rounded()))
            let share = ExactTests.share(min(size, Int(receivers.rounded(.up))), of: size)
            return Fix(
                rollout: rollout, from: from, deliveries: inside, exposures: exposures,
                last: exposures > 0 ? last : nil, receivers: receivers,
                interval: share.lowerBound * Double(size)...share.upperBound * Double(size),
                expected: rate * Double(size))
        }
    }

    /// The cube, once everything is counted and marked.
    var gathered: Cube {
        var cube = cube
        cube.gather()
        cube.joinHours()
        return cube
    }

    /// What the search finds without some terms, and the cells that each condition holds for.
    func search(
        _ cube: Cube, _ basis: Conditions.Basis, without excluded: Set<Term>
    ) -> (conditions: Conditions, extents: [CellSet]) {
        var search = ConditionSearch(cube, without: excluded)
        let (ranked, extents, exposuresByTerm) = search.run()
        var conditions = Conditions(
            basis: basis, ranked: ranked, exposures: marks.count,
            deliveries: cube.cells.reduce(0) { $0 + $1.count.deliveries }, tried: search.tried,
            exposuresByTerm: exposuresByTerm, foremost: foremost)
        count(extents, &conditions)
        return (conditions, extents)
    }

    /// The templates of the keys that each node had under each rollout; those with most deliveries.
    ///
    /// - Parameter cause: deliveries that meet what it asks of a request are counted apart; nil: none is.
    public func templates(_ cause: Condition?) -> [TemplateUse] { cube.templates(cause?.terms ?? []) }

    /// Two faults at once are two causes: what is found among the deliveries that the first one does not hold for. A rollout
    /// is not named for it, for whether its path was clean is not asked.
    private func second(
        _ cube: Cube, _ basis: Conditions.Basis, without excluded: Set<Term>, apartFrom extent: CellSet
    ) -> Condition? {
        let rest = cube.without(extent)
        let rollouts = cube.axes.filter(\.attribute.isRollout).flatMap { $0.terms.map(\.term) }
        let (found, extents) = search(rest, basis, without: excluded.union(rollouts))
        guard var second = found.cause, let inside = extents.first else { return nil }
        let accounts = marks.filter { inside.contains(Int($0.cell)) && !extent.contains(Int($0.cell)) }.map(\.account)
        second.receivers = Set(accounts).count
        return second
    }

    private var foremost: ForemostReceiver? {
        guard let most = weights.foremost({ $0 < $1 }),
            Double(most.exposures) >= ForemostReceiver.share * Double(weights.sum)
        else { return nil }
        return ForemostReceiver(account: most.account, accounts: most.accounts, exposures: most.exposures)
    }

    /// Counts the receiving accounts inside each condition and outside.
    private func count(_ extents: [CellSet], _ conditions: inout Conditions) {
        var pairs = marks.map { Int64($0.account) << 32 | Int64($0.cell) }
        pairs.sort()
        var inside = [Bool](repeating: false, count: extents.count)
        var outside = inside
        func close() {
            for index in extents.indices {
                if inside[index] { conditions.ranked[index].receivers += 1 }
                if outside[index] { conditions.ranked[index].receiversOutside += 1 }
                (inside[index], outside[index]) = (false, false)
            }
        }
        var last: Int64?
        for pair in pairs where pair != last {
            if let last, last >> 32 != pair >> 32 { close() }
            last = pair
            for index in extents.indices {
                if extents[index].contains(Int(pair & 0xffff_ffff)) {
                    inside[index] = true
                } else {
                    outside[index] = true
                }
            }
        }
        close()
    }
}
