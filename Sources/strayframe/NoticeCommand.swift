import ArgumentParser
import Casefile
import Foundation
import Reports

struct NoticeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract:
            "Draft the notices of a breach: to the authority (GDPR Article 33) and to each exposed account (Article 34).",
        discussion: """
            Writes authority.md, accounts.csv and a file for each account in accounts/: what of it was seen, when, for how \
            long and by how many, never by whom. What the logs do not tell is left blank.

            EXAMPLES
              strayframe notice --case case.sqlite --out notice
              strayframe notice --case case.sqlite --out notice --pseudonymize key
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(help: ArgumentHelp("The folder for the notices; made if it is not there.", valueName: "folder"))
    var out: String

    @OptionGroup var pseudonyms: PseudonymOption

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            let caseFile = try caseOption.asWritten(quiet: messages.quiet)
            let count = try pseudonyms.withNames(of: caseFile) {
                try Notice.write($0, to: URL(fileURLWithPath: out))
            }
            guard !messages.quiet else { return }
            print("\(out): authority.md, accounts.csv, and accounts/ with \(count) \(count == 1 ? "file" : "files")")
        }
    }
}
