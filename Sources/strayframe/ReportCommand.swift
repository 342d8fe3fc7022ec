import ArgumentParser
import Casefile
import Foundation
import Reports

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the report files of a correlated case.",
        discussion: """
            EXAMPLES
              strayframe report --case case.sqlite --reports reports
              strayframe report --case case.sqlite --json
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(help: ArgumentHelp("The folder for the report files.", valueName: "folder"))
    var reports = "reports"

    @Flag(help: "Print the summary as JSON and write no files.")
    var json = false

    @Flag(help: "Exit with 1 if there is an exposure, certain or possible.")
    var failOnExposure = false

    @Flag(name: .shortAndLong, help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        try report {
            let caseFile = try CaseFile(reading: caseOption.path)
            let summary: Summary
            if json {
                summary = try Summary(of: caseFile)
                print(try summary.json())
            } else {
                let files: [String]
                (files, summary) = try Reports.write(caseFile, to: URL(fileURLWithPath: reports))
                if !quiet {
                    print(SummaryTable.text(summary))
                    print("\nReports in \(reports): \(files.joined(separator: ", "))")
                }
            }
            if failOnExposure, summary.exposuresCertain + summary.exposuresPossible > 0 {
                throw ExitStatus.exposuresFound
            }
        }
    }
}
