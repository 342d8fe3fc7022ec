import ArgumentParser
import Casefile
import Foundation
import LogRecords

struct AnnotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate",
        abstract: "Add tags and notes to exposures and accounts; without any, list them.",
        discussion: """
            Tags and notes are kept in the case and its journal, and appear in the page, the CSV files and the timeline of the \
            next report. They change no count. A removed annotation stays in the journal.

            EXAMPLES
              strayframe annotate --exposure 3f2a91bc04de:1734 --tag confirmed
              strayframe annotate --account acct-00000017 --note "called on 3 January"
              strayframe annotate
              strayframe annotate --remove 2
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(
        name: .customLong("exposure"), help: ArgumentHelp("An exposure's ID; may be repeated.", valueName: "id"))
    var exposures: [String] = []

    @Option(name: .customLong("account"), help: ArgumentHelp("An account; may be repeated.", valueName: "name"))
    var accounts: [String] = []

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "A word to filter by, up to \(Annotation.longestTag) characters; may be repeated.", valueName: "word"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("A sentence, up to \(Annotation.longestNote) characters.", valueName: "text"))
    var note: String?

    @Option(help: ArgumentHelp("Remove the annotation with this number.", valueName: "number"))
    var remove: Int64?

    @OptionGroup var form: MessageForm

    private var targets: [Annotation.Target] {
        exposures.map { .exposure($0) } + accounts.map { .account($0) }
    }

    func validate() throws {
        let hasText = !tags.isEmpty || note != nil
        if remove != nil, hasText || !targets.isEmpty {
            throw ValidationError("--remove takes no exposure, account, tag or note")
        }
        if hasText, targets.isEmpty {
            throw ValidationError("say what the tag or note is about: --exposure or --account")
        }
        if !hasText, !targets.isEmpty { throw ValidationError("say what to add: --tag or --note") }
    }

    func run() throws {
        try report {
            let caseFile = try caseOption.asWritten()
            if let remove {
                try caseFile.removeAnnotation(remove)
            } else if !targets.isEmpty {
                let numbers = try caseFile.annotate(targets, tags: tags, note: note)
                print("added: \(numbers.map(String.init).joined(separator: ", "))")
            } else {
                for one in try caseFile.read({ try Annotation.all($0) }) { print(VisibleText.of(Self.line(one))) }
            }
        }
    }

    /// `2  account acct-00000017  [notified]  called on 3 January`
    private static func line(_ one: Annotation) -> String {
        let about =
            switch one.target {
            case .exposure(let id): "exposure \(id)"
            case .account(let name): "account \(name)"
            }
        return ["\(one.number)", about, one.tag.map { "[\($0)]" }, one.note].compactMap(\.self).joined(separator: "  ")
    }
}
