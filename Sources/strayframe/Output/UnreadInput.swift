import Casefile
import GRDB

/// Says which files, columns and lines of a dump are in no count, and why, so that no mistake in the input goes unseen behind a
/// count.
enum UnreadInput {
    /// How many are named.
    private static let mostNamed = 10

    private struct Notice {
        var text: String
        var nameless: String
    }

    /// Warns on the standard error.
    static func warn(of caseFile: CaseFile) throws {
        let notices = try caseFile.read { db in try files(db) + columns(db) + lines(db) }
        for notice in notices.prefix(mostNamed) {
            Messages.write(notice.text, nameless: notice.nameless, .warning)
        }
        let left = notices.count - mostNamed
        if left > 0 {
            Messages.write("\(left) more: see sources.csv and rejects.csv of the reports", nameless: nil, .warning)
        }
    }

    private static func files(_ db: Database) throws -> [Notice] {
        // What the operating system refused is an error of its own.
        let refused = Set(try SourceRow.refused(db).map(\.id))
        return try SourceRow.unread(db).filter { !refused.contains($0.id) }.map { source in
            let what = source.state == .damaged ? "read in part" : "not read"
            return Notice(
                text: "\(source.displayName): \(what): \(source.reason ?? source.state.rawValue)",
                nameless: "source \(source.id): \(what); table 'source' of the case says why")
        }
    }

    /// Columns of a table that nobody knows: those that may be misspelt, and those that may say when somebody had a right.
    private static func columns(_ db: Database) throws -> [Notice] {
        try SourceRow.fetchAll(
            db,
            sql: """
                SELECT * FROM source
                WHERE state = 'complete' AND reason LIKE '%is not known%' AND (reason LIKE '%did you mean%'
                    OR profile LIKE 'directory-cameras%' OR profile LIKE 'directory-grants%')
                ORDER BY path, member, id
                """
        ).map { source in
            Notice(
                text: "\(source.displayName): header: \(source.reason ?? "")",
                nameless: "source \(source.id): a column is not known; table 'source' of the case says which")
        }
    }

    /// Lines that were rejected: the first of each file.
    private static func lines(_ db: Database) throws -> [Notice] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT r.source, r.line, r.reason, s.rejected, s.lines FROM reject r JOIN source s ON s.id = r.source
                WHERE s.state IN ('complete', 'damaged') AND r.line = (SELECT min(line) FROM reject WHERE source = r.source)
                ORDER BY s.path, s.member, s.id
                """
        ).map { row in
            let id: Int64 = try row.decode(atIndex: 0)
            let line: Int64 = try row.decode(atIndex: 1)
            let reason: String = try row.decode(atIndex: 2)
            let (rejected, all): (Int64, Int64) = (try row.decode(atIndex: 3), try row.decode(atIndex: 4))
            let others = rejected > 1 ? ", and \(rejected - 1) more of its \(all) lines; see rejects.csv" : ""
            let name = try SourceRow.numbered(id, db)?.displayName ?? "source \(id)"
            return Notice(
                text: "\(name): line \(line): rejected: \(reason)\(others)",
                nameless: "source \(id): line \(line): rejected\(others)")
        }
    }
}
