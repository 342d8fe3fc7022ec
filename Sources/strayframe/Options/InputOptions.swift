import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import LogRecords
import Synchronization

/// Whose sessions and addresses they were.
struct SessionsOption: ParsableArguments {
    @Option(
        name: .customLong("sessions"),
        help: ArgumentHelp(
            "A table (CSV or NDJSON) of the accounts behind sessions or client addresses, for logs that name no account.",
            valueName: "file"), completion: .file())
    var paths: [String] = []
}

/// Which node wrote a log whose lines name none.
struct NodeOption: ParsableArguments {
    @Option(
        name: .customLong("node-from-path"),
        help: ArgumentHelp(
            "State that lines that name no node come from the {value} in their file's path, as in 'edge-{value}/'.",
            valueName: "template"))
    var text: String?

    func template() throws -> NodeFromPath? { try text.map { text throws(ProfileProblem) in try NodeFromPath(text) } }
}

/// Which spellings are one account.
struct FoldOption: ParsableArguments {
    @Flag(
        name: .customLong("fold-accounts"),
        help:
            "State that accounts which differ by upper and lower case, blanks around them, leading zeros or a trailing '.0' alone are one."
    )
    var isStated = false
}

/// What to read, and how.
struct InputOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Log files and folders; folders are searched. Also FIFOs, and - for the standard input.", valueName: "dump"),
        completion: .file())
    var dump: [String]

    @Option(
        name: .customLong("directory"),
        help: ArgumentHelp(
            "Files or folders with accounts, cameras, grants and rollouts, if not in the dump.", valueName: "path"),
        completion: .file())
    var directories: [String] = []

    @OptionGroup(title: "Log formats") var profiles: ProfileOptions

    @OptionGroup var sessions: SessionsOption

    @Option(
        help: ArgumentHelp(
            "The longest time that a response may have taken whose line has no duration, in seconds.", valueName: "s"))
    var longest = 60.0

    @OptionGroup var nodes: NodeOption

    @OptionGroup var fold: FoldOption

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(
        help:
            "The number of reading threads; two more encode and write. Default: one for each processor but one."
    )
    var jobs: Int?

    @Flag(
        help:
            "List the files, their formats, the open assumptions and the estimated cost; write nothing."
    )
    var dryRun = false

    @Flag(name: .customLong("plan"), help: .hidden)
    var hasOldName = false

    /// The same options for the same files and folders where they lie now: `roots`, the tables among them.
    func at(_ roots: [String]) -> InputOptions {
        func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
        var other = self
        other.sessions.paths = sessions.paths.map { path in roots.first { name($0) == name(path) } ?? path }
        other.dump = roots.filter { !other.sessions.paths.contains($0) }
        other.directories = []
        return other
    }

    /// Whether nothing is to be written.
    var isDryRun: Bool { dryRun || hasOldName }

    func validate() throws {
        guard (0...86_400).contains(longest) else { throw ValidationError("--longest is between 0 and 86400 seconds") }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is from 1 to 1024") }
    }

    /// Prints what a run would do.
    ///
    /// - Throws: ``ExitStatus/noUsableData`` if no file would be read.
    func printPlan(
        casePath: String, _ statements: Ledger.Statements, profiles: [String] = [], _ messages: MessageOptions
    ) throws {
        let options = try ingestOptions(profiles)
        let progress = Analysis.Progress()
        let plan = try ProgressLine(progress, messages, .looking).during {
            try DryRun(of: options, statements, progress: progress)
        }
        print(DryRunText.text(plan, casePath: casePath))
        if plan.groups.isEmpty, plan.pipes.isEmpty { throw ExitStatus.noUsableData }
    }

    private func ingestOptions(_ names: [String]) throws -> Ingest.Options {
        var library = try profiles.library(names)
        library.foldsAccounts = fold.isStated
        library.sessions = try SessionFiles.table(sessions.paths, library)
        library.longestAnswer = Int64(longest * 1_000_000)
        library.nodeFromPath = try nodes.template()
        var options = Ingest.Options(roots: dump + directories + sessions.paths, library: library)
        options.limits = limits.limits
        options.jobs = jobs
        return options
    }

    /// - Parameter profiles: the shipped ones that were asked for elsewhere.
    /// - Returns: what `correlate` need not read from the case.
    @discardableResult
    func ingest(
        into caseFile: CaseFile, profiles: [String] = [], _ messages: MessageOptions, _ progress: Analysis.Progress
    ) throws -> EventSpool? {
        let options = try ingestOptions(profiles)
        return try InterruptedRun.telling(
            InterruptedRun.reading(caseFile, of: progress.filesTotal.load(ordering: .relaxed))
        ) {
            do {
                return try ProgressLine(progress, messages, .reading).during {
                    try Ingest(caseFile, options, progress: progress).run()
                }
            } catch let error as AnalysisError {
                // Not the files' fault if they could not be read.
                if case .noUsableData = error { try requireWholeFiles(caseFile) }
                throw error
            }
        }
    }
}
