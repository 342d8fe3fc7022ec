import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import Reports

struct Analyze: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Read a dump, find the exposures and write the reports.",
        discussion: """
            Does what 'ingest', 'correlate' and 'report' do. A second run on the same case reads only new files, and continues \
            where an interrupted run stopped.

            EXAMPLES
              strayframe analyze dump --dry-run
              strayframe analyze dump --counts-only
              strayframe analyze dump --case case.sqlite --reports reports
              strayframe analyze relay origin --directory tables
              strayframe analyze dump --scope 'client=nest-hub AND rollout=v2'
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
            let key = try reportOptions.key(isWritten: !countsOnly)
            let progress = Analysis.Progress()
            let caseFile = try caseOption.openToWrite(messages)
            let trace = try input.ingest(into: caseFile, profiles: reportOptions.profiles, messages, progress)
            if !messages.quiet { try UnreadInput.warn(of: caseFile) }
            try scope.correlate(caseFile, trace: trace, messages, progress)
            let (summary, place) = try conclude(caseFile, key)
            if !messages.quiet { print("\(SummaryTable.text(summary))\n\nCase: \(caseOption.path)\n\(place)") }
            try requireWholeFiles(caseFile)
            if failOnExposure, summary.exposuresCertain + summary.exposuresPossible > 0 {
                throw ExitStatus.exposuresFound
            }
        }
    }

    /// The counts, and what to do next.
    private func conclude(_ caseFile: CaseFile, _ key: SigningKey?) throws -> (Summary, String) {
        if countsOnly {
            let summary = try reportOptions.pseudonyms.withNames(of: caseFile) { try Summary(of: $0) }
            return (summary, "No reports yet: 'strayframe report --case \(caseOption.path)' writes them.")
        }
        let written = try reportOptions.write(caseFile, signedBy: key)
        try caseFile.noteReports(manifest: written.manifest)
        return (written.summary, reportOptions.closing(written))
    }
}
