import Casefile
import Crypto
import Foundation

/// A folder of drafts that people edit: what was edited is never written over.
///
/// `drafts.jsonl` has each draft's SHA-256, noted before the draft is written: a file whose digest stands there is as it was
/// drafted, and any other was edited, or is somebody else's.
struct DraftFolder {
    static let recordName = "drafts.jsonl"

    /// A line of the record: the first names the case, any other a draft.
    private struct Entry: Codable {
        var caseIdentity: String?
        var file: String?
        var sha256: String?
        var account: String?

        enum CodingKeys: String, CodingKey {
            case caseIdentity = "case"
            case file, sha256, account
        }
    }

    let folder: URL
    /// The digests of all that was ever drafted as a file.
    private var drafted: [String: Set<String>] = [:]
    /// Which file is an account's.
    private var files: [String: String] = [:]
    private var taken: Set<String> = []
    private var number = 0
    private var record: FileHandle
    /// Of this run.
    private var written: Set<String> = []
    /// The files that were edited, each with the name that its new draft has.
    private(set) var kept: [(file: String, draft: String)] = []

    /// - Parameter identity: of the case.
    /// - Throws: `ReportError.foreignFiles` if files lie there and no record does, `ReportError.otherCase`,
    ///   `ReportError.cannotWrite`.
    init(_ folder: URL, identity: String?) throws {
        self.folder = folder
        let path = folder.appending(path: Self.recordName)
        var entries: [Entry] = []
        if let data = try? Data(contentsOf: path) {
            // The last line may be half of one, if a run was killed.
            entries = data.split(separator: 0x0a).compactMap { try? JSONDecoder().decode(Entry.self, from: $0) }
        }
        if entries.isEmpty {
            let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []
            let foreign = found.filter { $0 != Self.recordName && $0 != Self.recordName + ".new" }
            guard foreign.isEmpty else {
                throw ReportError.foreignFiles(
                    folder: folder.path, names: Array(foreign.prefix(4)), count: foreign.count, option: nil)
            }
        } else if entries[0].caseIdentity != (identity ?? "") {
            throw ReportError.otherCase(folder: folder.path)
        }
        for entry in entries {
            guard let file = entry.file else { continue }
            if let digest = entry.sha256 { drafted[file, default: []].insert(digest) }
            if let account = entry.account {
                files[account] = file
                taken.insert(file)
            }
        }
        try ReportFile.makeFolder(folder)
        // What was noted before is kept whole, without a half line at its end.
        let encoder = Self.encoder
        let lines = try ([Entry(caseIdentity: identity ?? "")] + entries.dropFirst()).map {
            try encoder.encode($0) + [0x0a]
        }
        try ReportFile.write(Data(lines.joined()), to: folder, Self.recordName)
        guard let record = try? FileHandle(forWritingTo: path) else {
            throw ReportError.cannotWrite(path: path.path, reason: String(cString: strerror(errno)))
        }
        self.record = record
        try record.seekToEnd()
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// The file of an account: the one that an earlier draft has, or the next one.
    mutating func file(of account: String) -> String {
        if let file = files[account] { return file }
        var file: String
        repeat {
            number += 1
            file = "accounts/" + AccountNotice.fileName(number)
        } while taken.contains(file)
        files[account] = file
        return file
    }

    /// Writes a draft, or one beside it if the file was edited.
    ///
    /// - Parameter account: whose it is.
    /// - Throws: `ReportError.cannotWrite`.
    mutating func write(_ text: Data, _ file: String, of account: String? = nil) throws {
        let digest = Self.digest(text)
        written.insert(file)
        guard let there = self.digest(of: file) else { return try draft(text, digest, file, account) }
        if there == digest { return try note(digest, file, account) }
        if drafted[file]?.contains(there) == true { return try draft(text, digest, file, account) }
        // The new draft's own file may have been edited, too.
        let dot = file.lastIndex(of: ".") ?? file.endIndex
        let (stem, kind) = (file[..<dot], file[dot...])
        for number in 1... {
            let beside = "\(stem).draft\(number == 1 ? "" : "-\(number)")\(kind)"
            let other = self.digest(of: beside)
            if other == nil || other == digest || drafted[beside]?.contains(other ?? "") == true {
                kept.append((file, beside))
                written.insert(beside)
                return try draft(text, digest, beside, nil)
            }
        }
    }

    /// Takes away drafts of earlier runs that nobody edited and that this one does not have.
    ///
    /// - Returns: those that were edited, which stay.
    func removeOld() throws -> [String] {
        var stale: [String] = []
        for (file, digests) in drafted.sorted(by: { $0.key < $1.key }) where !written.contains(file) {
            guard let there = digest(of: file) else { continue }
            if digests.contains(there) {
                try? FileManager.default.removeItem(at: folder.appending(path: file))
            } else {
                stale.append(file)
            }
        }
        return stale
    }

    private mutating func draft(_ text: Data, _ digest: String, _ file: String, _ account: String?) throws {
        try note(digest, file, account)
        try ReportFile.write(text, to: folder, file, isLasting: account == nil)
    }

    private mutating func note(_ digest: String, _ file: String, _ account: String?) throws {
        if drafted[file]?.contains(digest) == true { return }
        do {
            try record.write(
                contentsOf: Self.encoder.encode(Entry(file: file, sha256: digest, account: account)) + [0x0a])
        } catch {
            throw ReportError.cannotWrite(
                path: folder.appending(path: Self.recordName).path, reason: error.localizedDescription)
        }
        drafted[file, default: []].insert(digest)
    }

    private func digest(of file: String) -> String? {
        (try? Data(contentsOf: folder.appending(path: file))).map(Self.digest)
    }

    private static func digest(_ data: Data) -> String {
        SHA256.hash(data: data).hexadecimal
    }
}
