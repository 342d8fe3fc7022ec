public import Casefile
import Crypto
import Foundation
import GRDB
import LogRecords

/// `manifest.json`: which report files there are, what they hash to, and of which dump they speak.
///
/// It names no time and no place outside the dump: the same dump gives the same manifest on every machine.
public struct Manifest: Codable, Sendable {
    static let fileName = "manifest.json"
    static let signatureName = "manifest.json.sig"

    struct File: Codable, Sendable {
        var name: String
        var bytes: Int
        var sha256: String
    }
    struct Source: Codable, Sendable {
        var path: String
        var sha256: String
    }

    /// Name and version of what wrote them.
    let tool: String
    let files: [File]
    /// The files of the dump, as found.
    let sources: [Source]

    /// Hashes the files as they stand on the disk.
    ///
    /// - Throws: `ReportError.cannotReadBack`.
    init(_ names: [String], in folder: URL, _ db: Database) throws {
        tool = "\(Tool.name) \(Tool.version)"
        files = try names.map { name in try Self.file(name, in: folder) }
        sources = try SourceRow.listing(db).map { Source(path: $0.path, sha256: $0.sha256) }
    }

    private static func file(_ name: String, in folder: URL) throws(ReportError) -> File {
        let path = folder.appending(path: name).path
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
            return File(name: name, bytes: data.count, sha256: SHA256.hash(data: data).hexadecimal)
        } catch {
            throw .cannotReadBack(path: path, reason: error.localizedDescription)
        }
    }

    /// Writes it, and its signature if there is a key; an old signature goes.
    ///
    /// - Returns: its SHA-256.
    func write(to folder: URL, signedBy key: SigningKey?) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(self) + Data("\n".utf8)
        try? FileManager.default.removeItem(at: folder.appending(path: Self.signatureName))
        try ReportFile.write(data, to: folder, Self.fileName)
        if let key { try ReportFile.write(try key.signature(of: data), to: folder, Self.signatureName) }
        return SHA256.hash(data: data).hexadecimal
    }

    /// Checks the report files beside a manifest.
    ///
    /// - Parameters:
    ///   - key: of whoever signed it; nil: a signature is not looked at.
    ///   - caseFile: the case they were written of; nil: its journal is not asked.
    /// - Throws: `ReportError.notAManifest`, `ReportError.cannotRead`, `CaseFileError`.
    public static func checks(_ path: String, signedBy key: VerifyingKey?, of caseFile: CaseFile?) throws -> [Check] {
        let place = URL(fileURLWithPath: path)
        let folder = place.deletingLastPathComponent()
        let data: Data
        do {
            data = try Data(contentsOf: place)
        } catch {
            throw ReportError.cannotRead(path: path, reason: error.localizedDescription)
        }
        let manifest: Manifest
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: data)
        } catch {
            throw ReportError.notAManifest(path: path, reason: Self.words(of: error))
        }
        var checks = [signature(data, folder, key)]
        checks.append(
            Check(
                name: "every report file is the one that was written", examined: manifest.files.count,
                problems: manifest.files.compactMap { $0.problem(in: folder) }))
        checks.append(manifest.strangers(in: folder))
        if let caseFile {
            let digest = SHA256.hash(data: data).hexadecimal
            checks.append(
                try caseFile.read { db in
                    Check(
                        name: "the reports are those of this case, as it is now", examined: 1,
                        problems: try manifest.problems(digest, db))
                })
        }
        return checks
    }

    /// Where the JSON is not what a manifest is.
    private static func words(of error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return path.isEmpty ? "" : " at \(path)"
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "has no '\(key.stringValue)'\(place(context))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "has a value of another kind\(place(context))"
        default: "is no JSON"
        }
    }

    /// Whether files lie beside the reports that are none of them: somebody would read them as such.
    private func strangers(in folder: URL) -> Check {
        let known = Set((files.map(\.name) + [Self.fileName, Self.signatureName]).map { ExactText($0) })
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return Check(
            name: "nothing else lies in the folder", examined: found.count,
            problems: found.filter { !known.contains(ExactText($0)) }.sorted().map {
                "\($0): is none of the reports; move it elsewhere if it is yours"
            })
    }

    private static func signature(_ data: Data, _ folder: URL, _ key: VerifyingKey?) -> Check {
        let signature = try? Data(contentsOf: folder.appending(path: signatureName))
        guard let key else {
            let found = signature == nil ? "there is none" : "one is there; give --public-key to check it"
            return Check(name: "no signature was asked for: \(found)", examined: 0, problems: [])
        }
        var problems: [String] = []
        if let signature {
            if !key.isValid(signature, of: data) {
                problems = ["\(signatureName): is not this key's signature of this manifest"]
            }
        } else {
            problems = ["\(signatureName): is not there"]
        }
        return Check(name: "the manifest is signed with the key", examined: 1, problems: problems)
    }

    private func problems(_ digest: String, _ db: Database) throws -> [String] {
        let journal = try Journal.all(db)
        guard let entry = journal.last(where: { $0.action == Journal.Action.report.rawValue && $0.output == digest })
        else {
            return ["the case's journal does not have them"]
        }
        let later = journal.first { $0.number > entry.number && $0.state != entry.state }
        return later.map {
            ["entry \($0.number) of the journal (\($0.action)) changed the case after they were written"]
        } ?? []
    }
}

extension Manifest.File {
    fileprivate func problem(in folder: URL) -> String? {
        // A manifest from elsewhere must not have this look at other files.
        guard !name.contains("/"), name != ".." else { return "\(name): is no name of a file" }
        guard let data = try? Data(contentsOf: folder.appending(path: name), options: .mappedIfSafe) else {
            return "\(name): cannot be read"
        }
        let now = SHA256.hash(data: data).hexadecimal
        return now == sha256 ? nil : "\(name): was \(sha256), is \(now)"
    }
}
