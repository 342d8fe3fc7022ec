import Analysis
import ArgumentParser
import Casefile
import LogRecords

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show the raw log lines behind the verdict on one delivery.",
        discussion: """
            Reads the lines again from the dump, and says so if a file has changed since it was ingested. Any delivery can be \
            explained: an exposure, a clear delivery (by which right), an unresolved one (why), or a line that another log has \
            too.

            EXAMPLES
              strayframe explain 3f2a91bc04de:1734 --case case.sqlite
              strayframe explain 3f2a91bc04de:1734 --dump /mnt/evidence
            """)

    @Argument(help: "The delivery's ID, as in exposures.csv and the view deliveries.")
    var id: String

    @OptionGroup var shown: ShownCaseOption

    @OptionGroup var dump: DumpOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            let caseFile = try shown.open()
            let proof = try Proof(of: id, in: caseFile, dump: try dump.files(for: caseFile))
            for fact in proof.facts { print(pad(fact.name) + VisibleText.of(fact.value)) }
            for (index, candidate) in proof.candidates.enumerated() {
                let values = candidate.map { "\($0.name) \(VisibleText.of($0.value))" }
                print(pad("candidate \(index + 1)") + values.joined(separator: ", "))
            }
            for line in proof.lines {
                print("\n\(line.role): \(VisibleText.of(line.path)), line \(line.line), SHA-256 \(line.sha256)")
                if let text = line.text { print("  \(text)") }
                if let problem = line.problem { print("  NOT VERIFIED: \(VisibleText.of(problem))") }
            }
            if proof.lines.contains(where: { $0.problem != nil }) { throw ExitStatus.inputOutput }
        }
    }

    private func pad(_ name: String) -> String { name + String(repeating: " ", count: max(1, 21 - name.count)) }
}
