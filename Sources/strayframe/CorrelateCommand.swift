import Analysis
import ArgumentParser
import Casefile

struct CorrelateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correlate", abstract: "Find the exposures among a case's deliveries.",
        discussion: """
            Replaces what an earlier correlation found, all or nothing.

            EXAMPLES
              strayframe correlate --case case.sqlite --scope 'client=nest-hub AND rollout=2019.12.26'
              strayframe correlate --case case.sqlite --skew 200
            """)

    @OptionGroup var correlation: CorrelationOptions
    @OptionGroup var caseOption: CaseOption

    @Flag(help: "Correlate also if the last ingest did not come to its end; the counts are too low then, and say so.")
    var incomplete = false

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            _ = try CaseFile(reading: caseOption.path)
            let caseFile = try CaseFile(writingTo: caseOption.path, arguments: CommandLine.arguments)
            try correlation.correlate(
                caseFile, isIncompleteAccepted: incomplete, messages, Analysis.Progress())
        }
    }
}
