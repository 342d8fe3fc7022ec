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

    /// - Parameters:
    ///   - roots: of a run; a file is only missed where that has looked for it.
    ///   - isSeen: whether the run found these bytes, which the case had, at this place.
    init(_ db: Database, roots: [String], isSeen: (_ location: String, _ sha256: String) -> Bool) throws {
        self.db = db
        stale = Set(try SourceRow.replaced(db, isSeen: isSeen))
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

    /// Those of some sources that state what is so, and tell of no traffic: accounts, cameras, grants and rollouts. Their file
    /// says it otherwise now, or no longer. What told of nothing but lines that could not be used goes only if something else
    /// lies in its place.
    static func statements(among stale: Set<Int64>, _ db: Database) throws -> [Int64] {
        try stale.sorted().filter { id in
            guard let row = try SourceRow.numbered(id, db), !(try SourceRow.tellsTraffic(id, db)) else { return false }
            if try SourceRow.tellsDirectory(id, db) || row.rejected == 0 { return true }
            return row.location.map(FileManager.default.fileExists(atPath:)) ?? false
        }
    }
}
