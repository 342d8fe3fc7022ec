import LogRecords
import Reports

/// The counts as the terminal shows them: what is proved, and what may come on top.
enum SummaryTable {
    static func text(_ summary: Summary) -> String {
        var lines = [row("", "certain", "possible besides")]
        lines.append(row("exposures", summary.exposuresCertain, summary.exposuresPossible))
        lines.append(row("exposed accounts", summary.exposedAccountsCertain, summary.exposedAccountsPossible))
        lines.append(row("receiving accounts", summary.receivingAccountsCertain, summary.receivingAccountsPossible))
        lines.append("")
        lines.append(
            row("affected accounts", "\(summary.affectedAccounts)", "scope: \(summary.scope ?? "the whole dump")"))
        lines.append(row("", "", summary.scopeBasis))
        for neighbour in summary.scopes.dropFirst().prefix(Self.neighbours) {
            lines.append(row("", "", "\(neighbour.affectedAccounts) \(neighbour.change)"))
        }
        if summary.since != nil || summary.until != nil {
            lines.append(
                row(
                    "counted", "",
                    "deliveries from \(summary.since ?? "the beginning") until \(summary.until ?? "the end")"))
        }
        lines.append(row("deliveries", "\(summary.deliveries)", "\(summary.deliveriesUnresolved) unresolved"))
        for (cause, count) in summary.missing.unresolvedByCause.sorted(by: { $0.key < $1.key }) {
            lines.append(row("  unresolved", "\(count)", "\(cause)"))
        }
        if summary.deliveriesUnresolved > 0 {
            lines.append(
                row("exposures at most", "\(summary.exposuresAtMost)", "if all that is unresolved were exposures"))
        }
        lines.append(row("redisplays", "\(summary.redisplays)", "304 answers that showed such a frame again"))
        if summary.opened > 0 {
            lines.append(row("opened", "\(summary.opened)", "thumbnails that were looked at in full"))
        }
        lines.append("")
        lines.append(row("first exposure", summary.firstExposure ?? "none", ""))
        lines.append(row("last exposure", summary.lastExposure ?? "none", ""))
        for (relation, count) in summary.exposuresByRelation.sorted(by: { $0.key < $1.key }) {
            lines.append(row("  to \(relation)", "\(count)", ""))
        }
        for rollout in summary.rollouts {
            lines.append(
                row(
                    "  under \(rollout.name)", "\(rollout.exposuresCertain)",
                    "\(rollout.exposuresPossible) possible, from \(rollout.from)"
                        + (rollout.note.map { ", \($0)" } ?? "")))
        }
        for change in summary.changes.prefix(6) where summary.rollouts.isEmpty {
            let node = change.node.map { " on \($0)" } ?? ""
            lines.append(
                row(
                    "  changed\(node)", percent(change.beforeRate) + " to " + percent(change.afterRate),
                    "between \(change.from) and \(change.until)"))
        }
        lines.append("")
        let tied = summary.clocks.filter { ["proved", "likely"].contains($0.basis) }
        for clock in tied.prefix(8) {
            lines.append(
                row(
                    "clock \(clock.name ?? "without a name")", offset(clock),
                    "ahead, \(clock.basis) by \(clock.samples) requests"
                        + (clock.rejected > 0 ? ", \(clock.rejected) contradict" : "")))
        }
        if tied.count > 8 { lines.append(row("  and further", "\(tied.count - 8)", "clocks: query clock-offsets")) }
        let untied = summary.clocks.filter { $0.basis == "assumed" }
        if let bound = untied.map(\.bound).max() {
            lines.append(
                row("clocks not tied", "\(untied.count)", "taken to agree within \(Double(bound) / 1000) ms"))
        }
        if summary.fetchesWithoutFill > 0 {
            lines.append(
                row(
                    "lines missing", "\(summary.fetchesWithoutFill)",
                    "fetches that the origin's log does not have: lost, or answered by a tier above"))
        }
        if summary.missing.isIncomplete {
            lines.append(row("not all read", "", "the ingest was interrupted: these counts are too low"))
        }
        let without = summary.missing.nodesWithoutFills
        if !without.isEmpty {
            let names = without.prefix(4).map { $0 ?? "without a name" }.joined(separator: ", ")
            lines.append(row("without fills", "\(without.count)", "nodes: " + names + (without.count > 4 ? ", …" : "")))
        }
        if let longest = summary.missing.silences.first {
            lines.append(
                row(
                    "silent logs", "\(summary.missing.silences.count)",
                    "gaps, see coverage-gaps; the longest: \(longest.log) of \(longest.node ?? "all") from \(longest.from)"
                ))
        }
        lines.append(row("sources", "\(summary.sources)", "\(summary.lines) lines, \(summary.rejectedLines) rejected"))
        if summary.sameAnswers > 0 {
            lines.append(
                row("  same answers", "\(summary.sameAnswers)", "lines of answers that count by another log's line:"))
            for pair in summary.sameAnswerLogs.prefix(6) { lines.append(row("", "", "\(pair.log) and \(pair.other)")) }
        }
        if summary.identityCrossings > 0 {
            lines.append(
                row(
                    "crossings", "\(summary.identityCrossings)",
                    "sessions that changed hands, see identity_crossings.csv"))
        }
        if summary.unrecognizedFiles + summary.damagedFiles > 0 {
            lines.append(
                row(
                    "  not used", "\(summary.unrecognizedFiles)",
                    "not recognized; \(summary.damagedFiles) damaged, see sources.csv"))
        }
        if summary.keyCollisions > 0 {
            lines.append(
                row("key collisions", "\(summary.keyCollisions)", "keys filled by several owners, see collisions.csv"))
        }
        lines += ledger(summary)
        for sentence in [summary.cause, summary.secondCause, summary.burst, summary.oneReceiver, summary.keyChange] {
            if let sentence { lines.append("\n\(VisibleText.of(sentence))") }
        }
        return lines.joined(separator: "\n")
    }

    /// What the counts rest on, as far as the dump speaks against it or cannot tell.
    private static func ledger(_ summary: Summary) -> [String] {
        let shown = summary.assumptions.filter { ["contradicted", "untestable", "stated"].contains($0.status) }
        guard !shown.isEmpty else { return [] }
        return ["", row("what this rests on", "", "see assumptions.csv")]
            + shown.map { row("  \($0.status)", "\($0.assumption)", "\($0.detail)") }
    }

    /// How many of the neighbouring scopes are shown; scopes.csv has them all.
    private static let neighbours = 4

    private static func percent(_ rate: Double) -> String {
        "\((rate * 1_000_000).rounded() / 10_000)%"
    }

    /// Milliseconds ahead of the reference, and the bound.
    private static func offset(_ clock: Summary.Clock) -> String {
        func milliseconds(_ value: Int) -> String { "\(Double(value) / 1000)" }
        let low = milliseconds(clock.offsetLowest)
        let range = clock.offsetLowest == clock.offsetHighest ? low : "\(low)..\(milliseconds(clock.offsetHighest))"
        return "\(range) ± \(milliseconds(clock.bound)) ms"
    }

    private static func row(_ name: String, _ certain: Int, _ possible: Int) -> String {
        row(name, "\(certain)", "\(possible)")
    }

    private static func row(_ name: String, _ value: String, _ note: String) -> String {
        let line = [name.padding(to: 22), value.padding(to: 28), note].map { VisibleText.of($0) }.joined()
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self + " "
    }
}
