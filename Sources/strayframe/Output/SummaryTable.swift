import Foundation
import LogRecords
import Reports

/// The counts as the terminal shows them: what is proved, and what may come on top.
///
/// ```
///                           certain  possible
/// exposures                     312         0
///   to stranger                 312         0
/// exposed accounts               60         0
/// ```
struct SummaryTable {
    private let summary: Summary
    private let terminal: Terminal
    private var lines: [String] = []

    private static let labelWidth = 24
    private static let numberWidth = 10
    /// A column of text that is narrower stands on lines of its own instead.
    private static let leastColumn = 28
    /// How many of the neighbouring scopes, clocks, changes and log pairs are shown; the reports have them all.
    private static let mostShown = 4

    static func text(_ summary: Summary, _ terminal: Terminal = .output) -> String {
        var table = SummaryTable(summary, terminal)
        table.counts()
        table.population()
        table.window()
        table.input()
        table.ledger()
        for sentence in [summary.cause, summary.secondCause, summary.burst, summary.oneReceiver, summary.keyChange] {
            if let sentence { table.lines += ["", terminal.wrapped(VisibleText.of(sentence))] }
        }
        return table.lines.joined(separator: "\n")
    }

    private init(_ summary: Summary, _ terminal: Terminal) { (self.summary, self.terminal) = (summary, terminal) }

    private mutating func counts() {
        let heading = Self.padded("", Self.labelWidth) + Self.right("certain") + Self.right("possible")
        lines.append(terminal.styled(heading, .dim))
        row("exposures", summary.exposuresCertain, summary.exposuresPossible)
        for relation in summary.relations { row("  to \(relation.name)", relation.certain, relation.possible) }
        for rollout in summary.rollouts where rollout.exposuresCertain + rollout.exposuresPossible > 0 {
            row("  under \(rollout.name)", rollout.exposuresCertain, rollout.exposuresPossible)
        }
        row("exposed accounts", summary.exposedAccountsCertain, summary.exposedAccountsPossible)
        row("receiving accounts", summary.receivingAccountsCertain, summary.receivingAccountsPossible)
        if summary.exposuresUnnamedOwner > 0 {
            fact(
                "of others, too", summary.exposuresUnnamedOwner,
                "possible exposures whose frame may be of an owner whom no line names")
        }
        if summary.deliveriesUnresolved > 0 {
            let causes = summary.missing.unresolvedByCause.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            fact(
                "unresolved", summary.deliveriesUnresolved,
                "deliveries, in no count above: "
                    + causes.map { "\($0.key) \(Self.number($0.value))" }.joined(separator: ", "))
            fact("exposures at most", summary.exposuresAtMost, "if everything unresolved were an exposure")
        }
        if summary.missing.isIncomplete {
            note("not all read", "the ingest was interrupted: these counts are too low", .red)
        }
    }

    private mutating func population() {
        lines.append("")
        fact(
            "affected accounts", summary.affectedAccounts,
            summary.scope.map { "in scope: \($0) (\(summary.scopeBasis))" } ?? summary.scopeBasis)
        for neighbour in summary.scopes.dropFirst().prefix(Self.mostShown) {
            fact("", neighbour.affectedAccounts, neighbour.change)
        }
        fact("deliveries", summary.deliveries, summary.deliveriesUnresolved == 0 ? "all decided" : "")
        if summary.since != nil || summary.until != nil {
            note("counted", "deliveries from \(summary.since ?? "the beginning") until \(summary.until ?? "the end")")
        }
        if summary.redisplays > 0 {
            fact("redisplays", summary.redisplays, "304 answers that showed such a frame again")
        }
        if summary.opened > 0 { fact("opened", summary.opened, "thumbnails that were then opened in full") }
    }

    private mutating func window() {
        lines.append("")
        note("first exposure", summary.firstExposure ?? "none certain")
        note("last exposure", summary.lastExposure ?? "none certain")
        for rollout in summary.rollouts {
            note("rollout", "\(rollout.name) from \(rollout.from)" + (rollout.note.map { ", \($0)" } ?? ""))
        }
        for change in summary.changes.prefix(Self.mostShown) where summary.rollouts.isEmpty {
            let node = change.node.map { " on \($0)" } ?? ""
            note(
                "rate changed",
                Self.percent(change.beforeRate) + " to " + Self.percent(change.afterRate)
                    + "\(node) between \(change.from) and \(change.until)")
        }
    }

    private mutating func input() {
        lines.append("")
        fact("sources", summary.sources, "with \(Self.number(summary.lines)) lines")
        if summary.unrecognizedFiles + summary.damagedFiles + summary.rejectedLines > 0 {
            note(
                "not read",
                "\(Self.number(summary.unrecognizedFiles)) files not recognized, \(Self.number(summary.damagedFiles)) damaged, "
                    + "\(Self.number(summary.rejectedLines)) lines rejected: see sources.csv and rejects.csv", .yellow)
        }
        if summary.sameAnswers > 0 {
            let pairs = summary.sameAnswerLogs.prefix(Self.mostShown).map { "\($0.log) and \($0.other)" }
            fact(
                "same answers", summary.sameAnswers, "lines that another log has too: " + pairs.joined(separator: ", "))
        }
        if summary.fetchesWithoutFill > 0 {
            fact(
                "lines missing", summary.fetchesWithoutFill,
                "fetches that the origin's log does not have: lost, or answered by a tier above")
        }
        let without = summary.missing.nodesWithoutFills
        if !without.isEmpty {
            let names = without.prefix(Self.mostShown).map { $0 ?? "without a name" }.joined(separator: ", ")
            fact("nodes without fills", without.count, names + (without.count > Self.mostShown ? ", …" : ""))
        }
        if let longest = summary.missing.silences.first {
            fact(
                "silent logs", summary.missing.silencesTotal,
                "gaps, see 'strayframe query coverage-gaps'; the longest: \(longest.log) of \(longest.node ?? "all nodes") "
                    + "from \(longest.from)")
        }
        if summary.identityCrossings > 0 {
            fact("crossings", summary.identityCrossings, "sessions that changed hands, see identity_crossings.csv")
        }
        if summary.keyCollisions > 0 {
            fact("key collisions", summary.keyCollisions, "keys filled by several owners, see collisions.csv")
        }
        clocks()
    }

    private mutating func clocks() {
        let tied = summary.clocks.filter { ["proved", "likely"].contains($0.basis) }
        for clock in tied.prefix(Self.mostShown) {
            note(
                "clock",
                "\(clock.name ?? "without a name") is \(Self.offset(clock)) ahead, \(clock.basis) by "
                    + "\(Self.number(clock.samples)) requests"
                    + (clock.rejected > 0 ? ", \(Self.number(clock.rejected)) contradict it" : ""))
        }
        if tied.count > Self.mostShown {
            note("", "and \(tied.count - Self.mostShown) more: see 'strayframe query clock-offsets'")
        }
        let untied = summary.clocks.filter { $0.basis == "assumed" }
        if let bound = untied.map(\.bound).max() {
            fact("clocks not estimated", untied.count, "assumed accurate to ±\(Self.milliseconds(bound)) ms")
        }
    }

    /// What the counts rest on, as far as the dump speaks against it or cannot tell.
    private mutating func ledger() {
        let shown = summary.assumptions.filter { ["contradicted", "untestable", "stated"].contains($0.status) }
        guard !shown.isEmpty else { return }
        lines += ["", "The counts rest on these assumptions (assumptions.csv has all):"]
        for answer in shown {
            let text = VisibleText.of("\(answer.status): \(answer.assumption). \(answer.detail)")
            let style: Terminal.Style? = answer.status == "contradicted" ? .yellow : nil
            let wrapped = "  " + terminal.wrapped(text, indent: 4, from: 2)
            lines.append(style.map { terminal.styled(wrapped, $0) } ?? wrapped)
        }
    }

    // MARK: Lines

    /// A count, certain and possible.
    private mutating func row(_ label: String, _ certain: Int, _ possible: Int) {
        let number = Self.right(Self.number(certain))
        let label = VisibleText.of(label)
        lines.append(
            Self.padded(
                label.count < Self.labelWidth ? label : label.prefix(Self.labelWidth - 2) + "…", Self.labelWidth)
                + (certain > 0 ? terminal.styled(number, .bold) : number) + Self.right(Self.number(possible)))
    }

    /// One number, and what it is.
    private mutating func fact(_ label: String, _ value: Int, _ text: String) {
        let column = Self.labelWidth + Self.numberWidth + 2
        let line = Self.padded(label, Self.labelWidth) + terminal.styled(Self.right(Self.number(value)), .bold)
        let words = VisibleText.of(text)
        if words.isEmpty {
            lines.append(line)
        } else if terminal.width - column < Self.leastColumn {
            lines += [line, "    " + terminal.wrapped(words, indent: 4, from: 4)]
        } else {
            lines.append(line + "  " + terminal.wrapped(words, indent: column, from: column))
        }
    }

    /// A text.
    private mutating func note(_ label: String, _ text: String, _ style: Terminal.Style? = nil) {
        let words = terminal.wrapped(VisibleText.of(text), indent: Self.labelWidth, from: Self.labelWidth)
        lines.append(Self.padded(label, Self.labelWidth) + (style.map { terminal.styled(words, $0) } ?? words))
    }

    private static func percent(_ rate: Double) -> String { "\((rate * 1_000_000).rounded() / 10_000)%" }

    private static func milliseconds(_ microseconds: Int) -> String { "\(Double(microseconds) / 1000)" }

    /// Milliseconds ahead of the reference, and the bound.
    private static func offset(_ clock: Summary.Clock) -> String {
        let low = milliseconds(clock.offsetLowest)
        let range = clock.offsetLowest == clock.offsetHighest ? low : "\(low) to \(milliseconds(clock.offsetHighest))"
        return "\(range) ± \(milliseconds(clock.bound)) ms"
    }

    /// `85,115`
    static func number(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    private static func right(_ text: String) -> String {
        String(repeating: " ", count: max(1, numberWidth - text.count)) + text
    }

    private static func padded(_ text: some StringProtocol, _ width: Int) -> String {
        String(text) + String(repeating: " ", count: max(0, width - text.count))
    }
}
