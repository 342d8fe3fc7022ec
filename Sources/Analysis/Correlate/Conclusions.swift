import Casefile
import Correlation
import GRDB
import LogRecords

/// What follows from the exposures of a case once they are stored: their cause, who was at risk, and their rates.
struct Conclusions {
    let caseFile: CaseFile
    let exposures: SpillFile<ExposureRow>
    let rollouts: RolloutSchedule
    let notes: CauseNotes
    let paths: AccountPaths
    let slots: DeliverySlots
    /// Counts every delivery that carried a frame.
    let countTraits: (inout CauseStudy) throws -> Void
    let collisions: [KeyCollisions.Collision]
    let deliveryActivity: Activity
    let fillActivity: Activity
    /// The deliveries of each circumstance, by its number.
    let tally: [PathSurvey.Tally]
    let traffic: Traffic
    let offsets: [ClockOffset]
    /// The largest difference that two clocks may have, microseconds.
    let skew: Int64
    /// How many requests fetched from an origin whose log has no line of it.
    let lostFills: Int
    let ledger: Ledger
    /// Nil where not all events are at hand.
    let keyStudy: KeyStudy?

    /// What is said of keys where single deliveries were judged elsewhere.
    private static let untold =
        "What the keys hold was not asked, for other machines judged the deliveries and only their counts came together here;"
        + " and the conditions are those of the whole dump, also if the cause held for a part of its time."

    private var names: StringInterner { caseFile.names }

    /// Draws and stores them all.
    ///
    /// - Returns: the figures that were stored, by name.
    func store(_ writer: FindingWriter, _ options: Correlator.Options) throws -> [String: String] {
        let households = try households(writer.db)
        var (conditions, templates) = try conditions(households)
        try conditions?.cold?.note(purges: writer.db)
        let chosen = ChosenScope(stated: options.scope, conditions)
        if let conditions { try writer.write(conditions) }
        let affected = try affected(chosen.scope, conditions)
        try writer.write(affected)
        let isEmpty = options.scope != nil && affected.neighbours.first { $0.change == "scope" }?.deliveries == 0
        try writer.write(collisions, rollouts, names)
        let changes = try templates.flatMap {
            try keyStudy?.changes($0, notes, exposures, order: rollouts.starts.map(\.name), names)
        }
        if let changes { try writer.write(changes) }
        try writer.write(rates(households))
        try writer.write(deliveryActivity, of: "deliveries")
        try writer.write(fillActivity, of: "fills")
        try writer.write(nodesWithoutFills: nodesWithoutFills)
        try writer.write(tally: tally)
        try writer.write(traffic)
        try writer.write(ledger)
        try writer.write(offsets, isCorrected: options.skew == nil)
        // An import numbers names as it goes.
        try caseFile.storeNames(writer.db)
        try writer.markOpened(within: options.openedWithin)
        var figures = [
            "deliveries": "\(writer.counts.deliveries)", "deliveries_clear": "\(writer.counts.clear)",
            "shown_again": "\(writer.counts.shownAgain)", "fetches_without_fill": "\(lostFills)",
            "skew_us": "\(skew)", "opened_within_us": "\(options.openedWithin)",
            "scope_basis": chosen.basis + (isEmpty ? ", and no delivery is inside it" : ""),
        ]
        if try Journal.unfinishedIngest(writer.db) != nil { figures["incomplete"] = "1" }
        if options.window.since != .min { figures["since"] = options.window.since.rfc3339 }
        if options.window.until != .max { figures["until"] = options.window.until.rfc3339 }
        if ledger.isShaken { figures["assumptions_shaken"] = "1" }
        figures["scope"] = chosen.scope?.description
        figures["cause"] = conditions?.sentence { names.text($0) }
        figures["burst"] = conditions?.burstSentence { names.text($0) }
        figures["second_cause"] = conditions?.secondSentence
        figures["one_receiver"] = conditions?.foremostSentence
        figures.merge(incident(conditions)) { first, _ in first }
        figures["key_change"] = keyStudy == nil && conditions != nil ? Self.untold : changes?.sentence
        figures["conditions_tried"] = conditions.map { "\($0.tried)" }
        try writer.write(figures: figures)
        try Seals.renewFindings(writer.db)
        try caseFile.checkNames()
        return figures
    }

    /// When the cause's exposures happened, and what began them: microseconds, and the rollout's name.
    private func incident(_ conditions: Conditions?) -> [String: String] {
        guard let conditions, let window = conditions.window, let cause = conditions.cause else { return [:] }
        var figures = [
            "cause_first": "\(window.first)", "cause_last": "\(window.last)",
            "cause_expected_after": "\(Int(window.expectedAfter.rounded(.down)))",
        ]
        if conditions.basis != .toStrangers { figures["cause_is_certain"] = "1" }
        figures["cause_began"] = conditions.began.map { "\($0)" }
        figures["cause_rollout"] =
            cause.terms.first { $0.attribute.isRollout }?.value ?? conditions.rollout.map { names.text($0) }
        return figures
    }

    /// Of the nodes that deliver, those of which no fill is known, though there are fills and all of them name their node.
    private var nodesWithoutFills: [SymbolID] {
        let filling = Set(fillActivity.active)
        return filling.isEmpty || filling.contains(.absent)
            ? [] : deliveryActivity.active.filter { !filling.contains($0) }
    }

    /// - Returns: nil if there is no exposure, or too few to explain; with them the templates of all keys.
    func conditions(_ households: Households) throws -> (Conditions?, [TemplateUse]?) {
        guard let basis = try basis() else { return (nil, nil) }
        func eachOne(_ body: (Delivery, SymbolID) -> Void) throws {
            try eachExposure { if basis.includes($0) { body($0.delivery, $0.rolloutAtFill) } }
        }
        let (conditions, study) = try CauseStudy.run(
            basis, notes, households, paths, slots, hasTimes: keyStudy != nil, count: countTraits, eachExposure: eachOne
        )
        return (conditions, keyStudy == nil ? nil : study.templates(conditions.cause))
    }

    /// Which receiving accounts count as one.
    private func households(_ db: Database) throws -> Households {
        var traits = try ClientTraits(db)
        var requesters = 0
        paths.eachRequester { _ in requesters += 1 }
        return try Households(notes, requesters: requesters) { show in
            try exposures.eachBlock { block in
                for exposure in block {
                    show(exposure.delivery, try traits?.digests(of: exposure.delivery.id) ?? [])
                }
            }
        }
    }

    private func eachExposure(_ body: (ExposureRow) -> Void) throws {
        try exposures.eachBlock { $0.forEach(body) }
    }

    private func basis() throws -> Conditions.Basis? {
        var (certain, possible) = (0, 0)
        var receivers: Set<SymbolID> = []
        try eachExposure { exposure in
            if exposure.isCertain { receivers.insert(exposure.delivery.requester) }
            guard exposure.isToStranger else { return }
            if exposure.isCertain { certain += 1 } else { possible += 1 }
        }
        return Conditions.Basis(
            certainToStrangers: certain, possibleToStrangers: possible, receivers: receivers.count)
    }

    func affected(_ scope: Scope?, _ conditions: Conditions?) throws -> AffectedAccounts {
        var affected = AffectedAccounts(scope, cause: conditions?.cause, paths, names)
        try eachExposure { affected.add(exposure: $0.delivery, isCertain: $0.isCertain) }
        return affected
    }

    func rates(_ households: Households) throws -> ExposureRates {
        var rates = try ExposureRates(paths, slots, rollouts, names, households) { note in
            try eachExposure { if $0.isCertain { note($0.delivery.requester) } }
        }
        try eachExposure {
            rates.add(exposure: $0.delivery, under: $0.rolloutAtDelivery, isCertain: $0.isCertain)
        }
        return rates
    }
}

extension Conditions.Basis {
    fileprivate func includes(_ exposure: ExposureRow) -> Bool {
        switch self {
        case .certainToStrangers: exposure.isCertain && exposure.isToStranger
        case .toStrangers: exposure.isToStranger
        case .certain: exposure.isCertain
        }
    }
}
