import ArgumentParser
import CMalloc
import Casefile
import Reports

@main
struct Strayframe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Tool.name,
        abstract: "Find out whose camera frames reached whom without a right to them, from relay and cache logs.",
        discussion: """
            Logs become a case, which is one SQLite file. The correlation decides for each delivery whether its account had a \
            right to the frame. Reports give the counts with their bounds, and each count leads back to raw log lines.

            EXAMPLES
              strayframe analyze dump --case case.sqlite --reports reports
              strayframe query exposed-accounts --case case.sqlite
              strayframe explain 3f2a91bc04de:1734 --case case.sqlite

            EXIT STATUS
              0    success, with or without exposures
              1    exposures (with --fail-on-exposure), or a failed check
              64   a mistake in the command line
              65   no usable data
              66   no such input
              73   a file cannot be created
              74   an input or output error
              130  interrupted
            """,
        version: Tool.build,
        groupedSubcommands: [
            CommandGroup(
                name: "Analyse",
                subcommands: [Analyze.self, IngestCommand.self, CorrelateCommand.self, ReportCommand.self]),
            CommandGroup(
                name: "Investigate",
                subcommands: [
                    QueryCommand.self, ExplainCommand.self, AnnotateCommand.self, ShellCommand.self,
                    ProfilesCommand.self,
                ]),
            CommandGroup(
                name: "Share and preserve",
                subcommands: [
                    NoticeCommand.self, PublishCommand.self, PseudonymizeCommand.self, VerifyCommand.self,
                    MigrateCommand.self, DoctorCommand.self, SelftestCommand.self,
                ]),
            CommandGroup(
                name: "Distributed",
                subcommands: [
                    NormalizeCommand.self, SampleCommand.self, SurveyCommand.self, FramesCommand.self,
                    SweepCommand.self, EvidenceCommand.self, ImportCommand.self,
                ]),
        ])

    static func main() {
        #if canImport(Glibc)
            // What grows by doubling, as every name table does, gives back its smaller memory at once then. By default
            // glibc keeps what it once lent, which is a fifth of the peak.
            mallopt(M_MMAP_THRESHOLD, 1 << 20)
            // Below that, batches come and go: what one leaves is kept for the next, not given back page by page.
            mallopt(M_TRIM_THRESHOLD, 32 << 20)
        #endif
        prepareSignals()
        if let files = ProcessLimits.raiseOpenFiles() {
            Messages.write(
                "this process may open \(files) files at once, and needs \(ProcessLimits.neededFiles): raise the limit (ulimit -n)",
                nameless: nil, .error)
            exit(withError: ExitStatus.inputOutput)
        }
        let commands = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        if let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !commands.contains(word) {
            let nearest = commands.nearest(to: word).map { "did you mean '\($0)'? " } ?? ""
            Messages.write("no command '\(word)'; \(nearest)'strayframe --help' lists them", nameless: nil, .error)
            exit(withError: ExitStatus.usage)
        }
        main(nil)
    }
}
