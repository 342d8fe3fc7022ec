/// What really happened in a planted incident.
package struct IncidentTruth: Encodable, Sendable {
    let seed: UInt64
    /// Each planted fault as the conjunction that describes it; none: nothing went wrong.
    package let causes: [String]
    /// What makes the incident hard: the log of fills, tiers, and how the caches behave.
    package let features: [String]
    package let deliveries: Int
    package let exposures: Int

    init(_ dump: IncidentDump, seed: UInt64) {
        let plan = dump.plan
        self.seed = seed
        causes = plan.faults.map(\.conjunction)
        features = [
            plan.fillLog == .stored ? "cache logs" : "origin log", plan.hasShield ? "shield" : nil,
            plan.coalescing == .none ? nil : plan.coalescing == .waits ? "waiting" : "sharing",
            plan.grace == 0 ? nil : plan.logsStaleLate ? "stale logged late" : "stale logged at once",
            plan.revalidates ? "revalidation" : nil, plan.refusals.isEmpty ? nil : "refusals",
            plan.errorRate > 0 ? "stored errors" : nil, plan.stretches.count > 1 ? "several days" : nil,
            plan.favoured == nil ? nil : "decoys",
        ].compactMap { $0 }
        deliveries = dump.deliveries.count { $0.carriesFrame }
        exposures = dump.deliveries.count { dump.isExposure($0) }
    }
}
