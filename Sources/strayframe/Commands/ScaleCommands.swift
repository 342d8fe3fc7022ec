import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation

struct NormalizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normalize", abstract: "Turn raw logs into normalised records.",
        discussion: """
            The first stage of a job on many machines (Docs/Scale.md): reads logs as 'ingest' does and writes blocks of \
            records, one on each line, to the standard output (Docs/Exchange.md). A file that is damaged or cut off makes the \
            exit status 74.

            EXAMPLES
              strayframe normalize relay.log.zst > blocks
              zcat relay.log.gz | strayframe normalize - --name relay.log.gz
              strayframe normalize --list < files > blocks
            """)

    @Argument(
        help: ArgumentHelp("Log files and folders, or - for the standard input.", valueName: "dump"),
        completion: .file())
    var dump: [String] = []

    @Flag(help: "Read from the standard input which files to read: lines of a path, a tab and what it is called.")
    var list = false

    @OptionGroup(title: "Log formats") var profiles: ProfileOptions

    @OptionGroup var sessions: SessionsOption

    @OptionGroup var nodes: NodeOption

    @OptionGroup var fold: FoldOption

    @Option(help: "What the file is called in the reports, instead of its own name.")
    var name: String?

    @Option(help: ArgumentHelp("Where rejected lines go; among the records if not given.", valueName: "file"))
    var rejects: String?

    @Option(
        help: ArgumentHelp(
            "Among how many parts the records are dealt out, each judged by itself: one for every half a million lines.",
            valueName: "number"))
    var parts = Normalizer.Options.usualParts

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup var form: MessageForm

    func validate() throws {
        guard (1...1 << 24).contains(parts) else { throw ValidationError("--parts is a number from 1 to 16777216") }
        guard list == dump.isEmpty else {
            throw ValidationError(list ? "--list is in the place of DUMP" : "give a DUMP, or --list")
        }
    }

    /// The files that the standard input lists.
    private func listed() throws -> [(path: String, name: String)] {
        var files: [(path: String, name: String)] = []
        while let line = readLine() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 2 else {
                throw ValidationError("line \(files.count + 1) of the list is not a path, a tab and a name")
            }
            files.append((String(fields[0]), String(fields[1])))
        }
        return files
    }

    func run() throws {
        try report {
            var library = try profiles.library()
            library.foldsAccounts = fold.isStated
            library.sessions = try SessionFiles.table(sessions.paths, library)
            library.nodeFromPath = try nodes.template()
            var options = Normalizer.Options(roots: dump, library: library)
            options.name = name
            options.rejects = rejects
            options.limits = limits.limits
            options.parts = parts
            var normalizer = try Normalizer(options, to: .standardOutput)
            if list { try normalizer.run(listed()) } else { try normalizer.run() }
        }
    }
}

struct SurveyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survey", abstract: "Collect the facts that every machine of a job needs.",
        discussion: """
            Reads blocks of sources first, then of deliveries, then the others, and writes the facts that 'frames', 'sweep' \
            and 'import' take: sources, directory, rollouts, clock offsets, and what the fills show.

            EXAMPLES
              strayframe survey sources deliveries others > facts
            """)

    @Argument(
        help: ArgumentHelp("Files with blocks, in that order; the standard input if none.", valueName: "records"),
        completion: .file())
    var records: [String] = ["-"]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The bound on the difference of two clocks, milliseconds up to a day; no clock is corrected then.",
            valueName: "ms"),
        transform: ClockBound.init(argument:))
    var skew: ClockBound?

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            var survey = JobContextBuilder(skew: skew?.microseconds, to: .standardOutput)
            for path in records { try survey.take(path) }
            try survey.finish()
        }
    }
}

/// The facts of a job.
struct FactsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("What 'strayframe survey' wrote: a file or a folder.", valueName: "path"),
        completion: .file())
    var facts: String
}

struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Take out of the records of a job what ties the clocks of logs to each other.",
        discussion: """
            For dumps with an origin's log: takes a sample of the deliveries that fetched a frame and then, with --deliveries, \
            the origin's answers that may be theirs. 'survey' reads both.

            EXAMPLES
              strayframe sample --sources sources < blocks > sampled
              strayframe sample --sources sources --deliveries sampled < blocks > answers
            """)

    @Option(
        help: ArgumentHelp("The blocks of sources of all files: a file or a folder.", valueName: "path"),
        completion: .file())
    var sources: String

    @Option(
        help: ArgumentHelp("What was taken of the deliveries; without it deliveries are taken.", valueName: "path"),
        completion: .file())
    var deliveries: String?

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            try TieSample(sources: [sources], deliveries: deliveries, to: .standardOutput).run(["-"])
        }
    }
}

struct FramesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frames", abstract: "Link the frames that deliveries name to their cache keys.",
        discussion: """
            For logs that name frames: with --fills reads blocks of fills and writes blocks of 'frame_fill', dealt out by \
            frame. Then reads those and the blocks of 'frame_use', part by part, and writes blocks that 'sweep' takes beside \
            the others.

            EXAMPLES
              strayframe frames --fills --facts facts < blocks > fills
              sort -k 3,3n fills uses | strayframe frames --facts facts > frames
            """)

    @OptionGroup var option: FactsOption

    @Flag(help: "Deal out by frame what fills say of frames.")
    var fills = false

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            if fills {
                try FrameFills(facts: [option.facts], to: .standardOutput).run(["-"])
            } else {
                try FrameOwnerJoin(facts: [option.facts], to: .standardOutput).run(["-"])
            }
        }
    }
}

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Find the exposures among the records of some parts of a job.",
        discussion: """
            Reads the blocks of deliveries, fills, purges and frames, part by part, and writes what it finds: exposures, \
            unresolved deliveries, collisions, and counts that 'import' adds up.

            EXAMPLES
              sort -k 3,3n blocks frames | strayframe sweep --facts facts > result
            """)

    @OptionGroup var option: FactsOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report { try PartitionSweep(facts: [option.facts], to: .standardOutput).run(["-"]) }
    }
}

struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Take out of a job's records those that its findings lead to.",
        discussion: """
            Reads blocks of records and writes the fills that candidates name, the looks that may have followed exposed \
            thumbnails, and all purges and rejects: 'import' takes them with the result.

            EXAMPLES
              strayframe evidence --result result < blocks > evidence
            """)

    @Option(
        help: ArgumentHelp("What 'strayframe sweep' wrote: a file or a folder.", valueName: "path"),
        completion: .file())
    var result: String

    @OptionGroup var form: MessageForm

    func run() throws {
        try report { try EvidenceFilter(result: [result], to: .standardOutput).run(["-"]) }
    }
}

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring the result of a distributed job into a case.",
        discussion: """
            Takes what 'sweep' and 'evidence' wrote, files or folders. Every \
            report and query works on the case as on any other; 'explain' reads the raw files again and needs them where the \
            job read them.

            EXAMPLES
              strayframe import result evidence --facts facts --case case.sqlite
              strayframe import result evidence --facts facts --scope client=nest-hub
            """)

    @Argument(help: ArgumentHelp("Files and folders that the job wrote.", valueName: "result"), completion: .file())
    var result: [String]

    @Option(help: ArgumentHelp("The path on which frames could stray, as 'correlate' takes it.", valueName: "terms"))
    var scope: String?

    @OptionGroup var option: FactsOption
    @OptionGroup(title: "Log formats") var profiles: ProfileOptions
    @OptionGroup var caseOption: CaseOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            var options = Correlator.Options()
            options.scope = try scope.map { try Scope($0) }
            try ResultImport(
                try CaseFile(writingTo: caseOption.path), options, library: try profiles.library()
            ).run(facts: [option.facts], result)
        }
    }
}
