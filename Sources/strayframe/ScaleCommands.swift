import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation

struct NormalizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normalize", abstract: "Turn raw logs into normalised records.",
        discussion: """
            The first stage of a job on many machines (Docs/Scale.md): reads logs as 'ingest' does and writes one JSON object \
            a record to the standard output. A file that is damaged or cut off makes the exit status 74.

            EXAMPLES
              strayframe normalize relay.log.zst > records.ndjson
              zcat relay.log.gz | strayframe normalize - --name relay.log.gz
            """)

    @Argument(
        help: ArgumentHelp("Log files and folders, or - for the standard input.", valueName: "dump"),
        completion: .file())
    var dump: [String]

    @OptionGroup(title: "Log formats") var profiles: ProfileOptions

    @OptionGroup var sessions: SessionsOption

    @OptionGroup var nodes: NodeOption

    @OptionGroup var fold: FoldOption

    @Option(help: "What the file is called in the reports, instead of its own name.")
    var name: String?

    @Option(help: ArgumentHelp("Where rejected lines go; among the records if not given.", valueName: "file"))
    var rejects: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup var form: MessageForm

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
            var normalizer = try Normalizer(options, to: .standardOutput)
            try normalizer.run()
        }
    }
}

struct SurveyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survey", abstract: "Collect the facts that every machine of a job needs.",
        discussion: """
            Reads sources first, then deliveries, then the other records, and writes the facts that 'frames', 'sweep' and \
            'import' take: sources, directory, rollouts, clock offsets, and what the fills show.

            EXAMPLES
              strayframe survey sources deliveries others > facts
            """)

    @Argument(
        help: ArgumentHelp("Files with records, in that order; the standard input if none.", valueName: "records"),
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
            var survey = FactSurvey(skew: skew?.microseconds, to: .standardOutput)
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

struct FramesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frames", abstract: "Link the frames that deliveries name to their cache keys.",
        discussion: """
            For logs that name frames: reads the records that have a 'frame', frame by frame and in the order of their \
            'order', and writes records that 'sweep' takes beside the others.

            EXAMPLES
              strayframe frames --facts facts < by-frame > frames
            """)

    @OptionGroup var option: FactsOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report { try FrameSpread(facts: [option.facts], to: .standardOutput).run(["-"]) }
    }
}

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Find the exposures among records sorted by key.",
        discussion: """
            Reads records group by group and in order, as a sort of their bytes brings them, and writes what it finds: \
            exposures, unresolved deliveries, collisions, and counts that 'import' adds up.

            EXAMPLES
              LC_ALL=C sort records frames | strayframe sweep --facts facts > result
            """)

    @OptionGroup var option: FactsOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report { try PartitionSweep(facts: [option.facts], to: .standardOutput).run(["-"]) }
    }
}

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring the result of a distributed job into a case.",
        discussion: """
            Takes what 'sweep' wrote and the records, or at least those that its findings lead to, files or folders. Every \
            report and query works on the case as on any other; 'explain' reads the raw files again and needs them where the \
            job read them.

            EXAMPLES
              strayframe import result records --facts facts --case case.sqlite
              strayframe import result records --facts facts --scope client=nest-hub
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
