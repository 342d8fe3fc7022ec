import ArgumentParser
import Casefile
import Foundation
import Reports

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the reports of a case.",
        discussion: """
            Writes report.html, which needs nothing but a browser, and the tables behind it.

            EXAMPLES
              strayframe report --case case.sqlite --reports reports
              strayframe report --case case.sqlite --json
              strayframe report --case case.sqlite --format csv --format jsonl
              strayframe report --case case.sqlite --sign key.pem
            """)

    @OptionGroup var caseOption: CaseOption

    @OptionGroup var reportOptions: ReportOptions

    @Flag(help: "Print the summary as JSON, and write no files.")
    var json = false

    @Flag(help: "Exit with 1 if there is an exposure, certain or possible.")
    var failOnExposure = false

    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if let name = reportOptions.profiles.first {
            throw ValidationError(
                "'\(name)' is a profile, by which logs are read; reports are csv, jsonl, l2tcsv or xlsx")
        }
    }

    func run() throws {
        try report {
            let key = try reportOptions.key(isWritten: !json)
            let caseFile = try caseOption.asWritten(quiet: messages.quiet)
            let summary: Summary
            if json {
                summary = try Summary(of: caseFile)
                print(try summary.json())
            } else {
                let written = try reportOptions.write(caseFile, signedBy: key)
                do {
                    try caseFile.noteReports(manifest: written.manifest)
                } catch {
                    // A copy to look at need not be writable.
                    let news = "\nthe reports are written, but the case's journal does not have them"
                    Messages.write("\(error)" + news, nameless: Redaction.text(of: error) + news, .warning)
                }
                summary = written.summary
                if !messages.quiet {
                    print(SummaryTable.text(summary))
                    print("\n\(reportOptions.closing(written))")
                }
            }
            if failOnExposure, summary.exposuresCertain + summary.exposuresPossible > 0 {
                throw ExitStatus.exposuresFound
            }
        }
    }
}
