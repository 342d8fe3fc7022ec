import ArgumentParser
import Casefile
import Correlation
import Foundation
import Reports

/// What people know of the incident and no log does.
struct FactOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When the controller became aware of the breach: RFC 3339, or a date. Kept in the case, as the next three are; 'none' takes it back.",
            valueName: "time"))
    var aware: String?

    @Option(help: ArgumentHelp("When the breach was detected.", valueName: "time"))
    var detected: String?

    @Option(help: ArgumentHelp("When the breach was contained.", valueName: "time"))
    var contained: String?

    @Option(
        help: ArgumentHelp(
            "The controller, its data protection officer and how to reach them, as the notices shall have it.",
            valueName: "text"))
    var controller: String?

    private static let none = "none"

    func validate() throws {
        for (name, text) in moments where text != Self.none {
            do { _ = try TimeWindow.moment(text, "--\(name)") } catch { throw ValidationError(error.description) }
        }
    }

    private var moments: [(name: String, text: String)] {
        [("aware", aware), ("detected", detected), ("contained", contained)].compactMap { name, text in
            text.map { (name, $0) }
        }
    }

    /// As the case's journal has them; an empty text takes one back.
    func stated() throws -> [String: String] {
        var stated: [String: String] = [:]
        for (name, text) in moments {
            stated[name] = text == Self.none ? "" : try TimeWindow.moment(text, "--\(name)").rfc3339
        }
        stated["controller"] = controller.map { $0 == Self.none ? "" : $0 }
        return stated
    }
}

struct NoticeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract: "Draft the breach notices to the authority and to each exposed account (GDPR Articles 33 and 34).",
        discussion: """
            Writes authority.md, accounts.csv and one file for each account to accounts/: which of its frames were seen, when, \
            for how long and by how many accounts, never by whom. What the logs do not tell is left blank; facts that you \
            state with --aware, --detected, --contained and --controller are kept in the case and appear in every draft. Run it \
            again when more is known: a file that you edited is kept, and its new draft is written beside it.

            EXAMPLES
              strayframe notice --out notice
              strayframe notice --out notice --aware 2020-01-02T20:15:00Z
              strayframe notice --out notice --controller 'Example GmbH'
              strayframe notice --out notice --pseudonymize key
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(
        help: ArgumentHelp("The folder for the notices; made if it is not there.", valueName: "folder"),
        completion: .directory)
    var out: String

    @OptionGroup(title: "Facts") var facts: FactOptions

    @OptionGroup var pseudonyms: PseudonymOption

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            let caseFile = try caseOption.asWritten(quiet: messages.quiet)
            let stated = try facts.stated()
            if !stated.isEmpty { try caseFile.noteFacts(stated) }
            let known = try IncidentFacts(of: caseFile)
            let identity = try caseFile.read { try Journal.identity($0) }
            let drafted = try pseudonyms.withNames(of: caseFile) {
                try Notice.write($0, to: URL(fileURLWithPath: out), facts: known, identity: identity)
            }
            tell(drafted)
        }
    }

    private func tell(_ drafted: Notice.Drafted) {
        // Whoever edited a file has to know, also if nothing else is to be said.
        for (file, draft) in drafted.kept {
            Messages.write(
                "\(out)/\(file): was edited and is kept; the new draft is \(out)/\(draft): compare them and take over what changed",
                nameless: "a notice was edited and is kept; its new draft lies beside it", .warning)
        }
        for file in drafted.stale {
            Messages.write(
                "\(out)/\(file): was edited and is kept, but its account is no longer among the exposed ones: do not send it",
                nameless: "a notice was edited and is kept, but its account is no longer among the exposed ones",
                .warning)
        }
        guard !messages.quiet else { return }
        let count = drafted.accounts
        print("\(out): authority.md, accounts.csv, and accounts/ with \(count) \(count == 1 ? "file" : "files")")
    }
}
