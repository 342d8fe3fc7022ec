import ArgumentParser
import Casefile
import Foundation

struct PseudonymizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pseudonymize", abstract: "Copy a case with pseudonyms in place of names.",
        discussion: """
            Accounts, cameras, cache keys and frames become p-…, an HMAC-SHA-256 under the key (Docs/Custody.md). Samples of \
            rejected lines, paths outside the dump and the journal are left out; nodes, clients, networks, models, versions and \
            file names stay. Reports, queries and notices work on the copy as they do on the case.

            EXAMPLES
              openssl rand -hex 32 > key
              strayframe pseudonymize --case case.sqlite --key key --out public.sqlite
              strayframe report --case public.sqlite --reports public
            """)

    @OptionGroup var caseOption: CaseOption

    @Option(
        help: ArgumentHelp(
            "The file with the key, 16 bytes or more. Whoever has it can tell whose a pseudonym is.", valueName: "file"),
        completion: .file())
    var key: String

    @Option(
        help: ArgumentHelp("The copy. The file must not exist yet.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
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
            "Write pseudonyms for accounts, cameras, keys and frames, made with the key in this file, and no samples of log lines.",
            valueName: "key"), completion: .file())
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
