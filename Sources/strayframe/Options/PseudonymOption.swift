import ArgumentParser
import Casefile
import Foundation

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
