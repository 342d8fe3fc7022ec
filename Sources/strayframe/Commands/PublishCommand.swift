import ArgumentParser
import Casefile
import Foundation
import Reports

struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Write aggregate counts that are safe to publish.",
        discussion: """
            Counts certain exposures and their accounts by day, node, rollout, client, network, model and kind. A count about \
            fewer than k exposed or receiving accounts is suppressed, and so are others from which it could be computed \
            (Docs/Custody.md). No account, camera, key, frame or file is named.

            EXAMPLES
              strayframe publish --case case.sqlite --out public
              strayframe publish --case case.sqlite --k 25 --out public
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(
        help: ArgumentHelp("The folder for aggregates.csv and aggregates.json.", valueName: "folder"),
        completion: .directory)
    var out: String

    @Option(help: "The smallest number of exposed accounts, and of receiving accounts, that a count may be about.")
    var k = 10

    @OptionGroup var overwrite: OverwriteOption

    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if k < 2 { throw ValidationError("--k has to be 2 or more: one account alone is singled out") }
    }

    func run() throws {
        try report {
            if !overwrite.isAsked { try OutputFolder.requirePublication(URL(fileURLWithPath: out)) }
            let caseFile = try caseOption.asWritten(quiet: messages.quiet)
            let publication = try Publication(of: caseFile, k: k)
            try publication.write(to: URL(fileURLWithPath: out))
            guard !messages.quiet else { return }
            print("\(out): \(Publication.files.joined(separator: ", "))")
            for breakdown in publication.breakdowns {
                guard let published = breakdown.published, let small = breakdown.small, let beside = breakdown.beside
                else {
                    print("\(breakdown.name): withheld")
                    continue
                }
                print("\(breakdown.name): \(published) published, \(small) suppressed, \(beside) more beside them")
            }
        }
    }
}
