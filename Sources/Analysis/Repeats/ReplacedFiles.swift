import Casefile
import Foundation
import GRDB

/// The sources of a case whose files are no longer what they were: logs that grew, or were rotated or compressed since.
struct ReplacedFiles {
    private let db: Database
    /// Those whose file lies nowhere else under a name that the case knows.
    private(set) var stale: Set<Int64>
    /// How many were taken out that had no line that counts.
    private(set) var removed = 0

    /// - Parameter roots: of a run; a file is only missed where that has looked for it.
    init(_ db: Database, roots: [String]) throws {
        self.db = db
        stale = Set(try SourceRow.replaced(db))
        let files = FileManager.default
        let folders = roots.map { root in
            let url = URL(fileURLWithPath: root).resolvingSymlinksInPath()
            var isFolder = ObjCBool(false)
            _ = files.fileExists(atPath: url.path, isDirectory: &isFolder)
            return (isFolder.boolValue ? url : url.deletingLastPathComponent()).path + "/"
        }
        try SourceRow.eachLocation(db) { id, location in
            guard folders.contains(where: { location.hasPrefix($0) }) else { return }
            if !files.fileExists(atPath: location) { stale.insert(id) }
        }
    }

    /// Gives sources the names under which their bytes lie now, and takes out those without a line that counts.
    mutating func settle() throws {
        for id in stale.sorted() {
            guard let row = try SourceRow.numbered(id, db) else { continue }
            if row.isSameFile || row.state == .unrecognized {
                try SourceRow.remove(id, db)
                removed += 1
                stale.remove(id)
            }
        }
        for id in stale.sorted() {
            guard stale.contains(id), let row = try SourceRow.numbered(id, db) else { continue }
            let copies = try SourceRow.duplicates(of: row.sha256, db).sorted { ($0.path, $0.id) < ($1.path, $1.id) }
            guard let copy = copies.first else { continue }
            // Of an archive all members move together.
            for var member in try SourceRow.withDigest(row.sha256 ?? "", db) where member.location == row.location {
                (member.path, member.location) = (copy.path, copy.location)
                try member.save(db)
                stale.remove(member.id)
            }
            try SourceRow.remove(copy.id, db)
            for var other in copies.dropFirst() {
                other.reason = "same bytes as \(copy.path)"
                try other.save(db)
            }
        }
    }
}
