import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import Reports

struct Analyze: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Ingest a dump, correlate it and write the reports, in one go.",
        discussion: """
            A second run on the same case reads only what is new, and goes on where an interrupted one stopped.

            EXAMPLES
              strayframe analyze dump --dry-run
              strayframe analyze dump --counts-only
              strayframe analyze dump --case case.sqlite --reports reports
              strayframe analyze relay/ origin/ --directory tables/ --scope 'client=nest-hub AND rollout=2019.12.26'
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var correlation: CorrelationOptions
    @OptionGroup var caseOption: CaseOption

    @OptionGroup var reportOptions: ReportOptions

    @Flag(help: "Stop at the counts, which the case then holds; 'strayframe report' writes the files later.")
    var countsOnly = false

    @Flag(help: "Exit with 1 if there is an exposure, certain or possible.")
    var failOnExposure = false

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            if input.isDryRun {
                return try input.printPlan(
                    casePath: caseOption.path, correlation.statements, profiles: reportOptions.profiles, messages)
            }
            // Before any reading, so that a mistake in it costs nothing.
            let scope = correlation
            if let text = scope.scope { _ = try Scope(text) }
            let key = try reportOptions.key()
            let progress = Analysis.Progress()
            let caseFile = try CaseFile(writingTo: caseOption.path, arguments: CommandLine.arguments)
            let trace = try input.ingest(into: caseFile, profiles: reportOptions.profiles, messages, progress)
            try scope.correlate(caseFile, trace: trace, messages, progress)
            let (summary, place) = try conclude(caseFile, key)
            if !messages.quiet { print("\(SummaryTable.text(summary))\n\nCase: \(caseOption.path)\n\(place)") }
            try requireWholeFiles(caseFile)
            if failOnExposure, summary.exposuresCertain + summary.exposuresPossible > 0 {
                throw ExitStatus.exposuresFound
            }
        }
    }

    /// The counts, and a line that says where the reports are.
    private func conclude(_ caseFile: CaseFile, _ key: SigningKey?) throws -> (Summary, String) {
        if countsOnly {
            let summary = try reportOptions.pseudonyms.withNames(of: caseFile) { try Summary(of: $0) }
            return (summary, "No reports yet: 'strayframe report --case \(caseOption.path)' writes them")
        }
        let written = try reportOptions.write(caseFile, signedBy: key)
        try caseFile.noteReports(manifest: written.manifest)
        return (
            written.summary, "Reports in \(reportOptions.reports): \(written.files.joined(separator: ", "))"
        )
    }
}
