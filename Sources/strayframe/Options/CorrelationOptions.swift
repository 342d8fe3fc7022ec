import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import GRDB
import Synchronization

/// A bound on the difference of two clocks: milliseconds on the command line, with or without a fraction, a day at most.
struct ClockBound {
    let microseconds: Int64

    /// - Throws: `ValidationError`, with the number that was meant if a unit is there.
    init(argument: String) throws {
        guard let milliseconds = Double(argument), (0...Self.longest).contains(milliseconds) else {
            let meant = Self.units.lazy.compactMap { unit, factor -> Double? in
                guard argument.hasSuffix(unit) else { return nil }
                let number = Double(argument.dropLast(unit.count).trimmingCharacters(in: .whitespaces))
                return number.map { $0 * factor }.flatMap { (0...Self.longest).contains($0) ? $0 : nil }
            }.first
            throw ValidationError(
                "give milliseconds, a number without a unit from 0 to \(Int(Self.longest))"
                    + (meant.map { ": \($0.formatted(.number.grouping(.never))) for \(argument)" } ?? ""))
        }
        microseconds = Int64(milliseconds * 1000)
    }

    private static let longest = 86_400_000.0
    private static let units = [
        ("ms", 1.0), ("us", 0.001), ("s", 1000.0), ("min", 60_000.0), ("m", 60_000.0), ("h", 3_600_000.0),
    ]
}

/// How to correlate.
struct CorrelationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The path on which frames could stray: attribute=value terms (client, model, node, kind, rollout) joined by AND. Default: taken from the cause that is found.",
            valueName: "terms"))
    var scope: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The bound on the difference of two clocks, milliseconds up to a day; no clock is corrected then. If not given, each clock's offset is estimated and corrected, and clocks that cannot be estimated are assumed accurate to ±\(Clocks.defaultSkew / 1000) ms.",
            valueName: "ms"),
        transform: ClockBound.init(argument:))
    var skew: ClockBound?

    @Option(
        help: ArgumentHelp(
            "Count only deliveries from this time on (RFC 3339, or a date). Earlier lines still serve as evidence.",
            valueName: "time"))
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Count only deliveries before this time. Times are compared after clocks are corrected.",
            valueName: "time"))
    var until: String?

    @Flag(
        help:
            "State that no account was granted access to another's cameras. Without this and without a table of grants, no exposure is certain."
    )
    var noGrants = false

    @Flag(help: "State that one cache wrote all logs that name no node.")
    var oneCache = false

    @Flag(
        help:
            "State that each cache holds one entry per logged key, even if the logs seem to contradict it (forced reloads do)."
    )
    var oneEntry = false

    func validate() throws {
        do { _ = try TimeWindow(since: since, until: until) } catch { throw ValidationError(error.description) }
    }

    var statements: Ledger.Statements {
        var statements = Ledger.Statements()
        statements.areNoGrants = noGrants
        statements.isOneCache = oneCache
        statements.isOneEntryPerKey = oneEntry
        return statements
    }

    func correlate(
        _ caseFile: CaseFile, trace: EventSpool? = nil, isIncompleteAccepted: Bool = false,
        _ messages: MessageOptions, _ progress: Analysis.Progress
    ) throws {
        var options = Correlator.Options()
        options.isIncompleteAccepted = isIncompleteAccepted
        options.scope = try scope.map { try Scope($0) }
        options.skew = skew?.microseconds
        options.window = try TimeWindow(since: since, until: until)
        options.statements = statements
        try InterruptedRun.telling("the dump is in the case, and what an earlier run found in it is as it was") {
            try ProgressLine(progress, messages, .correlating).during {
                try Correlator(caseFile, options, trace: trace).run { count, total in
                    progress.deliveriesJudged.store(count, ordering: .relaxed)
                    progress.deliveriesTotal.store(total, ordering: .relaxed)
                    if progress.isCancelled.load(ordering: .relaxed) { throw AnalysisError.interrupted }
                }
            }
        }
        try warnOfEmptyScope(caseFile, messages)
    }

    /// Each value of a scope is one that there is, and still no delivery may have all of them.
    private func warnOfEmptyScope(_ caseFile: CaseFile, _ messages: MessageOptions) throws {
        guard let scope, !messages.quiet else { return }
        let isEmpty = try caseFile.read { try Bool.fetchOne($0, sql: "SELECT NOT EXISTS (SELECT 1 FROM affected)") }
        guard isEmpty == true else { return }
        Messages.write(
            "--scope '\(scope)': no account's delivery fits all of its terms, so no account is affected; 'strayframe query conditions' shows which values go together",
            nameless: "--scope: no account's delivery fits all of its terms, so no account is affected", .warning)
    }
}
