import GRDB
import LogRecords

/// What the logs do not tell, in sentences.
enum Gaps {
    static func sentences(_ summary: Summary, _ db: Database, _ names: ShownNames) throws -> [String] {
        var sentences: [String] = []
        if summary.missing.isIncomplete {
            sentences.append("The dump was not read to its end: what its other files hold is in no count here.")
        }
        if summary.deliveriesUnresolved > 0 {
            let causes = summary.missing.unresolvedByCause.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            sentences.append(
                "\(Wording.count(summary.deliveriesUnresolved, "delivery", "deliveries")) unresolved: "
                    + Wording.list(causes.map { "\(Wording.number($0.value)) \($0.key)" }) + ".")
        }
        if summary.fetchesWithoutFill > 0 {
            sentences.append(
                "\(Wording.count(summary.fetchesWithoutFill, "fetch", "fetches")) have no line in the origin's log: lost, or answered by a cache above."
            )
        }
        let without = summary.missing.nodesWithoutFills.map { $0.map(ShownNames.visible) ?? "without a name" }
        if !without.isEmpty {
            sentences.append("No fill is known of \(Wording.count(without.count, "node")): \(Wording.list(without)).")
        }
        if let longest = summary.missing.silences.first,
            let silences = try Row.fetchOne(db, sql: "SELECT count(*), max(seconds) FROM silences")
        {
            let (count, seconds) = try (
                silences.decode(Int.self, atIndex: 0), silences.decode(Double?.self, atIndex: 1) ?? 0
            )
            sentences.append(
                "\(Wording.count(count, "stretch", "stretches")) in which a node's log is silent and should have lines, at most "
                    + "\(Wording.duration(Int64(seconds * 1e6))) (\(longest.log) of \(longest.node.map(ShownNames.visible) ?? "all nodes"))."
            )
        }
        if summary.rejectedLines > 0 {
            sentences.append(
                "\(Wording.number(summary.rejectedLines)) of \(Wording.count(summary.lines, "line")) could not be used."
            )
        }
        if summary.unrecognizedFiles + summary.damagedFiles > 0 {
            sentences.append(
                "\(Wording.count(summary.unrecognizedFiles, "file")) not recognised, \(Wording.number(summary.damagedFiles)) damaged."
            )
        }
        if summary.missing.ignoredFiles > 0 {
            sentences.append(
                "\(Wording.count(summary.missing.ignoredFiles, "file")) of which no line is a record to its profile.")
        }
        if !summary.missing.unknownVerdicts.isEmpty {
            let words = summary.missing.unknownVerdicts.prefix(5).map { "“\(ShownNames.visible($0))”" }
            sentences.append("Cache verdicts of which no profile knows the meaning: \(words.joined(separator: ", ")).")
        }
        let untied = summary.clocks.filter { $0.basis == "assumed" }
        if let bound = untied.map(\.bound).max() {
            sentences.append(
                "\(Wording.count(untied.count, "clock")) tied to no other: taken to agree within \(Wording.figure(Double(bound) / 1000)) ms."
            )
        }
        return sentences
    }
}
