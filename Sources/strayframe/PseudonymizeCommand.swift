import ArgumentParser
import Casefile
import Foundation

struct PseudonymizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pseudonymize", abstract: "Copy a case so that it names nobody and still answers every count.",
        discussion: """
            Accounts, cameras, cache keys and frames become p-… (HMAC-SHA-256 under the key: Docs/Custody.md); samples of \
            rejected lines, places on the disk and the journal are left out. Nodes, clients, networks, models, versions and names \
            of files stay. Reports, queries and notices work on the copy as on the case.

            EXAMPLES
              openssl rand -hex 32 > key
              strayframe pseudonymize --case case.sqlite --key key --out public.sqlite
              strayframe report --case public.sqlite --reports public
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(
        help: ArgumentHelp(
            "The file with the key, 16 bytes or more. Who has it can tell whose a pseudonym is.", valueName: "file"))
    var key: String

    @Option(help: ArgumentHelp("The copy; there may be no such file yet.", valueName: "file"))
    var out: String

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            let key = try PseudonymKey(file: key)
            try caseOption.asWritten().pseudonymized(to: out, key: key)
        }
    }
}

/// Whether what is written shall name nobody.
struct PseudonymOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write pseudonyms for accounts, cameras, keys and frames, by this file's key, and no sample of a log.",
            valueName: "key"))
    var pseudonymize: String?

    func key() throws -> PseudonymKey? {
        try pseudonymize.map { path throws(CaseFileError) in try PseudonymKey(file: path) }
    }

    /// Runs `body` with the case, or with a copy of it that has pseudonyms, which lies beside it as long as that takes.
    func withNames<T>(of caseFile: CaseFile, _ body: (CaseFile) throws -> T) throws -> T {
        guard let key = try key() else { return try body(caseFile) }
        let copy = "\(caseFile.path).pseudonyms-\(ProcessInfo.processInfo.processIdentifier)"
        try caseFile.pseudonymized(to: copy, key: key)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        return try body(try CaseFile(reading: copy))
    }
}
