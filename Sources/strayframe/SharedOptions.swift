import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import LogRecords
import Reports
import Synchronization

/// Which case file.
struct CaseOption: ParsableArguments {
    @Option(name: .customLong("case"), help: ArgumentHelp("The case file.", valueName: "file"))
    var path = "case.sqlite"

    /// Opens the case to read it, if every row is the one that was written; a terminal shows that this takes a while.
    ///
    /// - Throws: `CaseFileError`.
    func asWritten(quiet: Bool = false) throws -> CaseFile {
        let caseFile = try CaseFile(reading: path, arguments: CommandLine.arguments)
        let isShown = !quiet && isatty(STDERR_FILENO) == 1 && !Messages.isJSON.load(ordering: .relaxed)
        func show(_ text: String) {
            if isShown { FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8)) }
        }
        show("looking whether every row is the one that was written")
        defer { show("") }
        try caseFile.requireAsWritten()
        return caseFile
    }
}

/// Where the dump lies now.
struct DumpOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the dump lies now, if it was moved: sources are found below this folder by their SHA-256, under whatever name. Nothing is written there.",
            valueName: "folder"))
    var dump: String?

    func files(for caseFile: CaseFile) throws -> DumpFiles? { try dump.map { try DumpFiles($0, for: caseFile) } }
}

/// Which case file, and whether it is shown also if it was altered.
struct ShownCaseOption: ParsableArguments {
    @OptionGroup var caseOption: CaseOption

    @Flag(
        help:
            "Show the case as it is, without a look whether every row is the one that was written; that takes a second for each million lines."
    )
    var asIs = false

    func open() throws -> CaseFile {
        try asIs ? CaseFile(reading: caseOption.path) : caseOption.asWritten()
    }
}

/// What `--format` may be given where reports are written: how tables are written. Where logs are read too it also takes a shipped
/// profile's name, as it did before `--profile` did.
enum FormatName: ExpressibleByArgument {
    case report(ReportFormat)
    /// A shipped profile.
    case log(String)

    init?(argument: String) {
        if let format = ReportFormat(rawValue: argument) {
            self = .report(format)
        } else if ProfileLibrary.shippedText(of: argument) != nil {
            self = .log(argument)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { ReportFormat.allCases.map(\.rawValue) }
}

/// A bound on the difference of two clocks: milliseconds on the command line, with or without a fraction, a day at most.
struct ClockBound: ExpressibleByArgument {
    let microseconds: Int64

    init?(argument: String) {
        guard let milliseconds = Double(argument), (0...86_400_000).contains(milliseconds) else { return nil }
        microseconds = Int64(milliseconds * 1000)
    }
}

/// The report files.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder for the report files.", valueName: "folder"))
    var reports = "reports"

    @Option(
        help: ArgumentHelp(
            "How the tables are written: csv, jsonl (a JSON object a line), l2tcsv (the timeline as Plaso writes it); may be repeated.",
            valueName: "format"))
    var format: [FormatName] = [.report(.csv)]

    /// The shipped profiles among them.
    var profiles: [String] {
        format.compactMap { if case .log(let name) = $0 { name } else { nil } }
    }

    private var reportFormats: [ReportFormat] {
        let chosen = format.compactMap { if case .report(let format) = $0 { format } else { nil } }
        return chosen.isEmpty ? [.csv] : chosen
    }

    @Option(
        help: ArgumentHelp(
            "Sign the reports' manifest with this Ed25519 key (PEM, as 'openssl genpkey -algorithm ed25519' makes it).",
            valueName: "key"))
    var sign: String?

    @OptionGroup var pseudonyms: PseudonymOption

    /// The key to sign with. It and the one for pseudonyms are read before anything else, so that a mistake costs nothing.
    func key() throws -> SigningKey? {
        _ = try pseudonyms.key()
        return try sign.map { path throws(ReportError) in try SigningKey(pemFile: path) }
    }

    func write(_ caseFile: CaseFile, signedBy key: SigningKey?) throws -> Reports.Written {
        try pseudonyms.withNames(of: caseFile) {
            try Reports.write($0, to: URL(fileURLWithPath: reports), as: reportFormats, signedBy: key)
        }
    }
}

/// Whose sessions and addresses they were.
struct SessionsOption: ParsableArguments {
    @Option(
        name: .customLong("sessions"),
        help: ArgumentHelp(
            "A table (CSV or NDJSON) with the account that a session or a client's address stood for, and when; for logs that name no account.",
            valueName: "file"))
    var paths: [String] = []
}

/// Which node wrote a log whose lines name none.
struct NodeOption: ParsableArguments {
    @Option(
        name: .customLong("node-from-path"),
        help: ArgumentHelp(
            "State that the node of lines that name none is the {value} in their file's path, as in 'edge-{value}/'.",
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
            "Log files and folders; folders are searched. Also FIFOs, and - for the standard input.", valueName: "dump")
    )
    var dump: [String]

    @Option(
        name: .customLong("directory"),
        help: ArgumentHelp(
            "Files or folders with accounts, cameras, grants and rollouts, if not in the dump.", valueName: "path"))
    var directories: [String] = []

    @OptionGroup(title: "Log formats") var profiles: ProfileOptions

    @OptionGroup var sessions: SessionsOption

    @Option(
        help: ArgumentHelp(
            "How long an answer may have taken whose line has its end and no duration, in seconds.", valueName: "s"))
    var longest = 60.0

    @OptionGroup var nodes: NodeOption

    @OptionGroup var fold: FoldOption

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(
        help:
            "Reading threads; two more encode and write. Else one for each processor but one, or for each if files are small."
    )
    var jobs: Int?

    @Flag(
        help:
            "Write nothing; say what would be read as what, what the counts would rest on, how long it would take and how much room it needs."
    )
    var dryRun = false

    @Flag(name: .customLong("plan"), help: .hidden)
    var hasOldName = false

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
        let plan = try ProgressLine(progress, messages, unit: .files).during {
            try Plan(of: options, statements, progress: progress)
        }
        print(PlanText.text(plan, casePath: casePath))
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
    ) throws -> EventTrace? {
        let options = try ingestOptions(profiles)
        return try Halt.telling(Halt.reading(caseFile, of: progress.filesTotal.load(ordering: .relaxed))) {
            do {
                return try ProgressLine(progress, messages).during {
                    try Ingest(caseFile, options, progress: progress).run()
                }
            } catch AnalysisError.noUsableData(let roots, let unrecognized) {
                // Not the files' fault if they could not be read.
                try requireWholeFiles(caseFile)
                throw AnalysisError.noUsableData(roots: roots, unrecognized: unrecognized)
            }
        }
    }
}

/// An older name of `--profile` for shipped ones, where no reports are written.
struct OldFormatOption: ParsableArguments {
    @Option(name: .customLong("format"), help: .hidden)
    var names: [String] = []

    func validate() throws {
        for name in names where ProfileLibrary.shippedText(of: name) == nil {
            throw ValidationError(ProfileOptions.noProfile(name))
        }
    }
}

/// Profiles of the user's own: files of YAML, and log formats as they stand in a server's configuration.
struct ProfileOptions: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp(
            "The profile that the logs are in: a shipped one's name (see 'strayframe profiles'), or a file of your own (YAML); may be repeated. It is tried before all others.",
            valueName: "name|file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("An nginx log_format, as in nginx.conf.", valueName: "format"))
    var nginxLogFormat: [String] = []

    @Option(help: ArgumentHelp("An Apache LogFormat, as in httpd.conf.", valueName: "format"))
    var apacheLogFormat: [String] = []

    @Option(help: ArgumentHelp("A format of varnishncsa -F.", valueName: "format"))
    var varnishncsaFormat: [String] = []

    @Option(help: ArgumentHelp("A Squid logformat, as in squid.conf.", valueName: "format"))
    var squidLogformat: [String] = []

    @Option(help: ArgumentHelp("A GoAccess --log-format.", valueName: "format"))
    var goaccessLogFormat: [String] = []

    @Option(
        name: .customLong("lnav-format"),
        help: ArgumentHelp("A format file of lnav (JSON), from ~/.lnav/formats.", valueName: "file"))
    var lnavFormatFiles: [String] = []

    private var formats: [FormatString] {
        nginxLogFormat.map { FormatString(.nginx, $0) } + apacheLogFormat.map { FormatString(.apache, $0) }
            + varnishncsaFormat.map { FormatString(.varnishncsa, $0) } + squidLogformat.map { FormatString(.squid, $0) }
            + goaccessLogFormat.map { FormatString(.goaccess, $0) }
    }

    private static func option(_ server: FormatString.Server) -> String {
        switch server {
        case .nginx: "nginx-log-format"
        case .apache: "apache-log-format"
        case .varnishncsa: "varnishncsa-format"
        case .squid: "squid-logformat"
        case .goaccess: "goaccess-log-format"
        }
    }

    /// The profiles that the log formats come to, each with where it is from.
    func converted() throws -> [(file: String, text: String)] {
        let lnav = try lnavFormatFiles.flatMap { path in
            do {
                return try LnavFormat.profiles(try Self.text(of: path)).map { (path, $0) }
            } catch var problem as ProfileProblem {
                problem.file = path
                throw problem
            }
        }
        return try formats.enumerated().map { number, format in
            func stem(_ format: FormatString) -> String {
                (["own", format.server.rawValue] + [format.name].compactMap(\.self)).joined(separator: "-")
            }
            let count = formats[..<number].count { stem($0) == stem(format) }
            let name = stem(format) + (count == 0 ? "" : "-\(count + 1)")
            return ("--\(Self.option(format.server)) '\(format.text)'", try format.profile(named: name))
        } + lnav
    }

    /// - Parameter names: shipped profiles that come before all others.
    func library(_ names: [String] = []) throws -> ProfileLibrary {
        let own = try (names + files).flatMap { path -> [(String, String)] in
            if !FileManager.default.fileExists(atPath: path), let shipped = ProfileLibrary.shippedText(of: path) {
                return [(path, shipped)]
            }
            return Self.documents(try Self.text(of: path)).map { (path, $0) }
        }
        return try ProfileLibrary(own: own + converted())
    }

    /// What to say of a name that no shipped profile has.
    static func noProfile(_ name: String) -> String {
        let known = (try? ProfileLibrary().profiles.map(\.name)) ?? []
        let nearest = known.nearest(to: name).map { "did you mean '\($0)'? " } ?? ""
        return "no profile '\(name)' is shipped; \(nearest)'strayframe profiles' lists them"
    }

    private static func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AnalysisError.cannotRead(
                path: path, reason: "cannot read the profile, and \(noProfile(path)); or check the path")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// The profiles in a file, which `---` separates, each behind as many lines as are before it, so that a problem is
    /// told with the file's line.
    private static func documents(_ text: String) -> [String] {
        var documents: [String] = []
        var lines: [Substring] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line == "---", lines.contains(where: { !$0.isEmpty && !$0.hasPrefix("#") }) {
                documents.append(lines.joined(separator: "\n") + "\n")
                lines = Array(repeating: "", count: number + 1)
            } else {
                lines.append(line == "---" ? "" : line)
            }
        }
        return documents.isEmpty ? [text] : documents + [lines.joined(separator: "\n")]
    }
}

/// How to correlate.
struct CorrelationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The path on which frames could stray: attribute=value terms joined by AND (client, model, node, kind, rollout). If not given, it is taken from the cause that the conditions show.",
            valueName: "terms"))
    var scope: String?

    @Option(
        help: ArgumentHelp(
            "The bound on the difference of two clocks, milliseconds up to a day; none is corrected then. If not given, each clock's offset is estimated and corrected, and one that nothing ties is taken to be \(Clocks.defaultSkew / 1000) ms off at most.",
            valueName: "ms"))
    var skew: ClockBound?

    @Option(
        help: ArgumentHelp(
            "Count deliveries from this moment on: RFC 3339, UTC if it has no offset; or a date, which begins at midnight UTC. What lies before serves as evidence all the same.",
            valueName: "time"))
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Count deliveries before this moment, which itself is outside. Times are compared after clocks are corrected.",
            valueName: "time"))
    var until: String?

    @Flag(
        help:
            "State that nobody was granted anything. Without this and without a table of grants no exposure is certain."
    )
    var noGrants = false

    @Flag(help: "State that one cache wrote all logs that name no node.")
    var oneCache = false

    @Flag(
        help:
            "State that each cache holds one entry per logged key, although requests found nothing fresh where the entry was: clients that force a reload do that too."
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
        _ caseFile: CaseFile, trace: EventTrace? = nil, isIncompleteAccepted: Bool = false,
        _ messages: MessageOptions, _ progress: Analysis.Progress
    ) throws {
        var options = Correlator.Options()
        options.isIncompleteAccepted = isIncompleteAccepted
        options.scope = try scope.map { try Scope($0) }
        options.skew = skew?.microseconds
        options.window = try TimeWindow(since: since, until: until)
        options.statements = statements
        try Halt.telling("the dump is in the case, and what an earlier run found in it is as it was") {
            try ProgressLine(progress, messages).during {
                try Correlator(caseFile, options, trace: trace).run { count, total in
                    progress.deliveriesJudged.store(count, ordering: .relaxed)
                    progress.deliveriesTotal.store(total, ordering: .relaxed)
                    if progress.isCancelled.load(ordering: .relaxed) { throw AnalysisError.interrupted }
                }
            }
        }
    }
}
