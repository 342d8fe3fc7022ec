import Simulation

/// Holds what the tool found against what really happened.
struct Comparison {
    private let truth: KnownIncident
    private let answer: Answer
    private let real: [String: KnownIncident.Exposure]
    private let found: [String: Answer.Exposure]

    init(_ truth: KnownIncident, _ answer: Answer) {
        self.truth = truth
        self.answer = answer
        real = Dictionary(truth.exposures.map { ("dump/\($0.file):\($0.line)", $0) }, uniquingKeysWith: { $1 })
        found = Dictionary(answer.exposures.map { ($0.place, $0) }, uniquingKeysWith: { $1 })
    }

    var assertions: [Assertion] {
        let summary = answer.summary
        return [
            Assertion("E5", "deliveries of a frame", expected: truth.deliveries, found: summary.deliveries),
            Assertion("R2", "lines rejected", expected: truth.broken, found: summary.rejectedLines),
            Assertion("E1", none: "certain exposures that were none", falseOnes),
            Assertion("E1", none: "certain exposures with another owner or receiving account", misnamed),
            Assertion("E2", none: "exposures missed, by file and line", missed),
            Assertion(
                truth.isExact ? "E3" : "E2", "exposures", expected: real.count, low: summary.exposuresCertain,
                high: summary.exposuresAtMost, isExact: truth.isExact),
            accounts("exposed accounts", answer.exposed, Set(real.values.map(\.owner)), open: openOwners),
            accounts("receiving accounts", answer.receiving, Set(real.values.map(\.requester)), open: openReceivers),
        ] + times + affected + rollouts + causes
    }

    // MARK: Exposure by exposure

    private var falseOnes: [String] {
        answer.exposures.filter { $0.isCertain && real[$0.place] == nil }.map { "\($0.place) was none" }
    }

    private var misnamed: [String] {
        answer.exposures.compactMap { exposure in
            guard exposure.isCertain, let truth = real[exposure.place] else { return nil }
            let isRight = exposure.requester == truth.requester && exposure.owners.contains(truth.owner)
            return isRight ? nil : "\(exposure.place): \(truth.owner) reached \(truth.requester)"
        }
    }

    private var missed: [String] {
        real.keys.filter { found[$0] == nil && answer.unresolved[$0] == nil }.sorted().map { "\($0) was missed" }
    }

    // MARK: Accounts

    /// Owners of those exposures that the tool left unresolved: they need not be named.
    private var openOwners: Set<String> { Set(answer.unresolved.keys.compactMap { real[$0]?.owner }) }
    private var openReceivers: Set<String> { Set(answer.unresolved.values) }

    private func accounts(_ text: String, _ named: [Answer.Account], _ real: Set<String>, open: Set<String>)
        -> Assertion
    {
        let certain = Set(named.filter { $0.certainty == "certain" }.map(\.account))
        let all = Set(named.map(\.account)).union(open)
        let problems =
            certain.subtracting(real).sorted().map { "\($0) is certain, and was none" }
            + real.subtracting(all).sorted().map { "\($0) was missed" }
        return Assertion(
            truth.isExact ? "E3" : "E2", text, expected: String(real.count),
            found: certain.count == all.count ? String(all.count) : "\(certain.count) to \(all.count)",
            holds: problems.isEmpty && (!truth.isExact || certain.count == all.count), problems: problems)
    }

    private var affected: [Assertion] {
        guard let scope = truth.scope else { return [] }
        let named = answer.affected.map(\.account)
        let problems = Set(named).symmetricDifference(scope.affected).sorted()
        return [
            Assertion(
                "E8", "affected accounts", expected: String(scope.affected.count),
                found: String(answer.summary.affectedAccounts),
                holds: problems.isEmpty && answer.summary.affectedAccounts == scope.affected.count,
                problems: problems.map { "\($0) is in one of both" })
        ]
    }

    // MARK: When, and under what

    /// Of the certain ones: with nothing open the true times, else none before the true first or after the true last.
    private var times: [Assertion] {
        let real = real.values.map(\.time)
        let ends = [
            ("first exposure", real.min(), answer.summary.firstExposure),
            ("last exposure", real.max(), answer.summary.lastExposure),
        ]
        return ends.enumerated().map { index, end in
            let (text, expected, found) = end
            let isWithin =
                if let expected, let found { index == 0 ? expected <= found : found <= expected } else { found == nil }
            return Assertion(
                truth.isExact ? "E3" : "E1", text, expected: expected ?? "none", found: found ?? "none",
                holds: truth.isExact ? expected == found : isWithin)
        }
    }

    private var rollouts: [Assertion] {
        func text(_ all: [(name: String, from: String)]) -> String {
            all.map { "\($0.name) \($0.from)" }.joined(separator: ", ")
        }
        let (expected, found) = (text(truth.rollouts), text(answer.summary.rollouts.map { ($0.name, $0.from) }))
        let others = answer.exposures.filter { exposure in
            guard exposure.isCertain, let truth = real[exposure.place], let delivered = truth.rolloutAtDelivery else {
                return false
            }
            let named = [(exposure.rolloutAtDelivery, delivered), (exposure.rolloutAtFill, truth.rolloutAtFill)]
            // Where the logs leave the fill open the tool must not name what is in doubt.
            return named.contains { $0 != $1 && (self.truth.isExact || $0 != nil) }
        }
        return [
            Assertion(
                "E11", "rollouts, with name and time", expected: "\(truth.rollouts.count)",
                found: "\(answer.summary.rollouts.count)", holds: expected == found,
                problems: expected == found ? [] : ["expected \(expected)", "found \(found)"]),
            Assertion(
                "E11", none: "certain exposures under another rollout",
                others.map {
                    "\($0.place): \($0.rolloutAtFill ?? "none") at fill, \($0.rolloutAtDelivery ?? "none") at delivery"
                }),
        ]
    }

    private var causes: [Assertion] {
        let first = answer.conditions.first?.conditions ?? "none"
        guard let expected = truth.exposures.isEmpty ? "none" : truth.cause else { return [] }
        return [
            Assertion(
                "E9", "cause, by its first condition", expected: expected.shortened, found: first.shortened,
                holds: first == expected, problems: first == expected ? [] : ["expected \(expected)", "found \(first)"])
        ]
    }
}

extension String {
    fileprivate var shortened: String { count > 27 ? prefix(26) + "…" : self }
}
