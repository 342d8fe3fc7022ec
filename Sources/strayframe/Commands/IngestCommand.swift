import Analysis
import ArgumentParser
import Casefile
import Correlation
import Synchronization

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Read a dump into a case.",
        discussion: """
            Logs may be plain or compressed (zstd, gzip, xz, bzip2, lz4), also in tar or zip archives. A file's format is \
            recognised by its first bytes, not by its name. A file that the case has already is not read again.

            EXAMPLES
              strayframe ingest dump --case case.sqlite
              strayframe ingest more-logs --case case.sqlite --profile my-relay.yaml
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup(title: "Log formats") var format: OldFormatOption
    @OptionGroup var caseOption: CaseOption

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            if input.isDryRun {
                return try input.printPlan(
                    casePath: caseOption.path, Ledger.Statements(), profiles: format.names, messages)
            }
            let progress = Analysis.Progress()
            let caseFile = try caseOption.openToWrite(messages)
            try input.ingest(into: caseFile, profiles: format.names, messages, progress)
            if !messages.quiet { try UnreadInput.warn(of: caseFile) }
            try requireWholeFiles(caseFile)
            guard !messages.quiet else { return }
            let lines = progress.lines.load(ordering: .relaxed)
            let rejected = progress.rejected.load(ordering: .relaxed)
            print("\(progress.filesRead.load(ordering: .relaxed)) files, \(lines) new lines, \(rejected) rejected")
        }
    }
}
