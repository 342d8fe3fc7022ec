/// Chooses the faults of an incident and its rollouts, the guilty and the innocent ones.
struct FaultPlan {
    private let span: Stretches
    private let edges: [String]
    private var chance: SplitMix64

    init(_ span: Stretches, edges: [String], chance: SplitMix64) {
        self.span = span
        self.edges = edges
        self.chance = chance
    }

    /// One fault, or two that overlap; the first has a rollout on record or none, the second has none.
    mutating func faults() -> [Fault] {
        let isRecorded = chance.chance(0.7)
        let from = span.moment(Double(chance.within(30...40)) / 100)
        var first = fault("slot", Span(from: from, until: isRecorded ? span.moment(0.8) : nil))
        if isRecorded { first.rollout = "v2" }
        guard chance.chance(0.45), first.client != nil else { return [first] }
        var second = fault("pool", Span(from: span.moment(0.2), until: nil))
        // What two faults have in common would explain both.
        while second.client == nil || second.hasTerm(of: first) {
            second = fault("pool", second.span)
        }
        return [first, second]
    }

    private mutating func fault(_ prefix: String, _ span: Span) -> Fault {
        var parts = Fault.Part.allCases
        chance.shuffle(&parts)
        let chosen = parts.prefix(chance.within(1...3))
        return Fault(
            client: chosen.contains(.client) ? chance.pick(Array(IncidentPlan.clients.prefix(2))) : nil,
            network: chosen.contains(.network) ? "poor" : nil,
            model: chosen.contains(.model) ? IncidentPlan.models[0] : nil,
            node: chosen.contains(.node) ? chance.pick(edges) : nil, span: span,
            slots: chosen.count == 3 ? 2 : chance.within(2...4),
            prefix: prefix)
    }

    /// A baseline, an innocent rollout on one node, the faulty one and its fix on all.
    mutating func rollouts(_ faults: [Fault]) -> [Rollout] {
        let first = faults.first
        let begin = IncidentPlan.start - .days(1)
        var all = [Rollout(name: "v1", node: nil, from: begin, note: "baseline", rule: KeyRule())]
        // A rollout that comes shortly before an unrecorded fault would be taken for its cause by anybody.
        let innocent = span.moment(first?.rollout == nil ? 0.65 : 0.15)
        all.append(
            Rollout(name: "v1.1", node: chance.pick(edges), from: innocent, note: "log format", rule: KeyRule()))
        if let first, let name = first.rollout, let from = first.span.from, let until = first.span.until {
            all.append(Rollout(name: name, node: nil, from: from, note: "new key rule", rule: KeyRule()))
            all.append(Rollout(name: "v3", node: nil, from: until, note: "fix", rule: KeyRule()))
        }
        return all
    }
}
