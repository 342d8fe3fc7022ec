import Analysis
import ArgumentParser
import Casefile
import Reports

struct CorrelateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correlate", abstract: "Find the exposures among a case's deliveries.",
        discussion: """
            Replaces the findings of an earlier correlation, and prints the counts.

            EXAMPLES
              strayframe correlate --scope 'client=nest-hub AND rollout=v2'
              strayframe correlate --case case.sqlite --skew 200
            """)

    @OptionGroup var correlation: CorrelationOptions
    @OptionGroup var caseOption: CaseOption

    @Flag(help: "Correlate even if the last ingest was interrupted. The counts are then too low, and say so.")
    var incomplete = false

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            do { _ = try CaseFile(reading: caseOption.path) } catch CaseFileError.tooOld {}
            let caseFile = try caseOption.openToWrite(messages)
            try correlation.correlate(
                caseFile, isIncompleteAccepted: incomplete, messages, Analysis.Progress())
            guard !messages.quiet else { return }
            print(SummaryTable.text(try Summary(of: caseFile)))
            print("\nNo reports yet: 'strayframe report --case \(caseOption.path)' writes them.")
        }
    }
}
