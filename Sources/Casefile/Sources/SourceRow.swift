internal import Crypto
internal import Foundation
public import GRDB
internal import LogRecords

/// A log file as found, or one member of an archive, and what became of its lines.
public struct SourceRow: Sendable, FetchableRecord {
    public enum State: String, Sendable, CaseIterable {
        /// Being read; its events do not count yet.
        case pending
        case complete
        /// Read as far as it could be; `reason` says what is wrong.
        case damaged
        /// No profile fits it.
        case unrecognized
        /// Another source has the same bytes, or all of its lines; its events stand there.
        case duplicate
        /// It could not be opened or read at all.
        case unreadable
    }

    public var id: Int64
    public var path: String
    public var member: String?
    public var label: String?
    public var size: Int64
    public var sha256: String?
    public var compression: String?
    public var profile: String?
    public var state: State
    public var reason: String?
    public var lines: Int64 = 0
    public var accepted: Int64 = 0
    public var ignored: Int64 = 0
    public var rejected: Int64 = 0
    public var firstStamp: Int64?
    public var lastStamp: Int64?
    /// Where it was read from.
    public var location: String?
    /// Which of its lines stand in another source, too.
    public var note: String?
    /// The number of the node that its lines name; 0: they name several; nil: none.
    public var node: Int64?
    /// Whether a line of traffic has an earlier stamp than one before it.
    public var goesBack = false
    /// Of the rows that it gave, if it was read in this run.
    public var seals: SourceSeals?

    public init(id: Int64, path: String, size: Int64, state: State, location: String?) {
        self.id = id
        self.path = path
        self.size = size
        self.state = state
        self.location = location
    }

    /// - Throws: `RowDecodingError` or `DatabaseError` if the table is damaged.
    public init(row: Row) throws {
        id = try row.decode(forColumn: "id")
        path = try row.decode(forColumn: "path")
        member = try row.decode(forColumn: "member")
        label = try row.decode(forColumn: "label")
        size = try row.decode(forColumn: "size")
        sha256 = try row.decode(forColumn: "sha256")
        compression = try row.decode(forColumn: "compression")
        profile = try row.decode(forColumn: "profile")
        let word: String = try row.decode(forColumn: "state")
        guard let state = State(rawValue: word) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "source \(id) is in no known state: \(word)")
        }
        self.state = state
        reason = try row.decode(forColumn: "reason")
        lines = try row.decode(forColumn: "lines")
        accepted = try row.decode(forColumn: "accepted")
        ignored = try row.decode(forColumn: "ignored")
        rejected = try row.decode(forColumn: "rejected")
        firstStamp = try row.decode(forColumn: "first_ts")
        lastStamp = try row.decode(forColumn: "last_ts")
        location = try row.decode(forColumn: "location")
        note = try row.decode(forColumn: "note")
        node = try row.decode(forColumn: "node")
        goesBack = try row.decode(forColumn: "goes_back")
    }

    /// Why it is in this state, and which of its lines stand in another source.
    public var explanation: String? {
        let parts = [reason, note].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// Whether another source has the bytes of its file, so that it was never listed by itself.
    public var isSameFile: Bool { state == .duplicate && label == nil }

    /// Whether its file was opened, and the operating system did not give its bytes to their end
    /// (`Damage.Kind.unreadable`): its digest is that of the bytes that could be read.
    public var isCutShort: Bool {
        (state == .damaged || state == .duplicate) && reason?.hasPrefix(Self.cutShort) == true
    }

    private static let cutShort = "unreadable at byte "

    /// The path, and the member inside it: `logs.tar!relay.log`.
    public var displayName: String { member.map { "\(path)!\($0)" } ?? path }

    /// The same of the source with that number; nil if the case has none.
    static func displayName(of id: Int64, _ db: Database) throws -> String? {
        try fetchOne(db, sql: "SELECT * FROM source WHERE id = ?", arguments: [id])?.displayName
    }

    /// Adds it, or replaces what the case knows of it, sealed.
    ///
    /// - Parameter isNew: whether the case surely knows nothing of it: SQLite then need not be ready to undo half of it,
    ///   which costs more than the rest.
    public func save(_ db: Database, isNew: Bool = false) throws {
        let values: [DatabaseValue] = [
            id.databaseValue, path.databaseValue, Self.value(member), Self.value(label), size.databaseValue,
            Self.value(sha256), Self.value(compression), Self.value(profile), state.rawValue.databaseValue,
            Self.value(reason), lines.databaseValue, accepted.databaseValue, ignored.databaseValue,
            rejected.databaseValue, Self.value(firstStamp), Self.value(lastStamp), Self.value(location),
            Self.value(note), Self.value(node), goesBack.databaseValue,
        ]
        try RowStatement(isNew ? Self.insert : Self.replace, db).execute(values)
        var hash = RowHash()
        hash.add(values)
        try Seal(.source, id, hash).store(db, isNew: isNew)
    }

    private static let insert = "INSERT INTO source VALUES (\(databaseQuestionMarks(count: 20)))"
    private static let replace = "INSERT OR REPLACE INTO source VALUES (\(databaseQuestionMarks(count: 20)))"

    private static func value(_ value: (some DatabaseValueConvertible)?) -> DatabaseValue {
        value?.databaseValue ?? .null
    }

    /// `isCutShort`, in SQL.
    public static let isCutShort = "state IN ('damaged', 'duplicate') AND reason LIKE '\(cutShort)%'"

    /// The sources of which another run may get more, because the operating system refused to open or to read them.
    public static func refused(_ db: Database) throws -> [SourceRow] {
        try fetchAll(
            db,
            sql: """
                SELECT * FROM source WHERE \(isCutShort)
                    OR state = 'unreadable' AND (reason LIKE '%cannot be opened: %' OR reason LIKE '\(cutShort)%')
                ORDER BY path, member, id
                """)
    }

    /// The sources of which something is in no count: no profile fits them, or they could not be read to their end.
    public static func unread(_ db: Database) throws -> [SourceRow] {
        try fetchAll(
            db,
            sql: """
                SELECT * FROM source WHERE state IN ('unrecognized', 'damaged', 'unreadable') ORDER BY path, member, sha256, id
                """)
    }

    public static func all(_ db: Database) throws -> [SourceRow] {
        try fetchAll(db, sql: "SELECT * FROM source ORDER BY path, member, sha256, id")
    }

    /// What `sha256sum` would print of the files that were read, in order: the dump, told by its bytes and names alone.
    public static func listing(_ db: Database) throws -> [(sha256: String, path: String)] {
        // Rows that are lent, for each would be copied first; and not by the index, which stands in another order than they.
        try Array(
            Row.fetchCursor(
                db,
                sql: """
                    SELECT DISTINCT sha256, path FROM source NOT INDEXED WHERE sha256 IS NOT NULL ORDER BY sha256, path
                    """
            ).map { (try $0.decode(atIndex: 0), try $0.decode(atIndex: 1)) })
    }

    /// The SHA-256 of that listing: what the journal has as an ingest's input.
    public static func digest(_ db: Database) throws -> String {
        let listing = try listing(db).map { "\($0.sha256)  \($0.path)\n" }.joined()
        return SHA256.hash(data: Data(listing.utf8)).hexadecimal
    }

    /// Has sources found by their SHA-256 without reading all of them, until `dropIndex`.
    ///
    /// Digests come in no order, so many small files would write the index again and again: it is for the time in which logs
    /// are read, from when a file comes that the case may have.
    public static func buildIndex(_ db: Database) throws {
        try db.execute(sql: "CREATE INDEX IF NOT EXISTS source_by_sha256 ON source(sha256, state, path)")
    }

    public static func dropIndex(_ db: Database) throws { try db.execute(sql: "DROP INDEX IF EXISTS source_by_sha256") }

    /// The states but some, each by name: for the index to pass over what is not asked for, as of the same bytes there can be
    /// very many duplicates.
    private static func states(but others: State...) -> String {
        State.allCases.filter { !others.contains($0) }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }

    private static let listed =
        "(state IN (\(states(but: .pending, .duplicate))) OR state = 'duplicate' AND label IS NOT NULL)"
    private static let settled = states(but: .pending)

    /// The sources whose bytes have this SHA-256, but those that only name one of them.
    public static func withDigest(_ sha256: String, _ db: Database) throws -> [SourceRow] {
        let sql = "SELECT * FROM source WHERE sha256 = ? AND \(listed) ORDER BY id"
        return try fetchAll(db.cachedStatement(sql: sql), arguments: [sha256])
    }

    /// The sources whose bytes have this SHA-256, and that name another source with the same bytes.
    public static func duplicates(of sha256: String?, _ db: Database) throws -> [SourceRow] {
        let sql = "SELECT * FROM source WHERE sha256 = ? AND state = 'duplicate' AND label IS NULL"
        return try fetchAll(db.cachedStatement(sql: sql), arguments: [sha256])
    }

    /// Notes where bytes lie that the case has under this path, for it may know another place of that name.
    public static func note(_ location: String?, of path: String, _ sha256: String?, _ db: Database) throws {
        guard let location, let sha256 else { return }
        let sql = "SELECT * FROM source WHERE sha256 = ? AND path = ? AND location <> ? AND state IN (\(settled))"
        for var row in try fetchAll(db.cachedStatement(sql: sql), arguments: [sha256, path, location]) {
            row.location = location
            try row.save(db)
        }
    }

    /// Whether the case knows what became of a file with this path and SHA-256; nil: it could not be opened.
    public static func isListed(_ path: String, _ sha256: String?, _ db: Database) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM source WHERE path = ? AND sha256 IS ? AND state IN (\(settled)))"
        return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [path, sha256]) == true
    }

    /// The numbers of the sources that are read, in order, whether their rows count, or else they count elsewhere, and whether
    /// their time goes back.
    public static func withLines(_ db: Database) throws -> [(id: Int64, counts: Bool, goesBack: Bool)] {
        let statement = try db.makeStatement(
            sql: """
                SELECT id, state <> 'duplicate', goes_back FROM source
                WHERE state IN ('complete', 'damaged') OR state = 'duplicate' AND label IS NOT NULL ORDER BY id
                """)
        let row = EventRow(statement)
        var sources: [(id: Int64, counts: Bool, goesBack: Bool)] = []
        while try row.step() { sources.append((row.integer(0), row.integer(1) != 0, row.integer(2) != 0)) }
        return sources
    }

    /// The sources that may have lines of another: those of one profile and one node that overlap in time. One of several
    /// nodes may be any node's.
    public static func overlapping(_ db: Database) throws -> Set<Int64> {
        let counted = "state IN ('complete', 'damaged') AND first_ts IS NOT NULL"
        var found: Set<Int64> = []
        for profile in try String.fetchAll(db, sql: "SELECT DISTINCT ifnull(profile, '') FROM source WHERE \(counted)")
        {
            let areMixed = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM source WHERE \(counted) AND profile = ? AND node = 0)",
                arguments: [profile])
            let statement = try db.makeStatement(
                sql: "SELECT id, ifnull(node, -1), first_ts, last_ts FROM source WHERE \(counted) AND profile = ?")
            try statement.setArguments([profile])
            var spans: [(first: Int64, last: Int64, source: Int64, node: Int64)] = []
            let row = EventRow(statement)
            while try row.step() {
                spans.append((row.integer(2), row.integer(3), row.integer(0), areMixed == true ? 0 : row.integer(1)))
            }
            spans.sort { ($0.first, $0.source) < ($1.first, $1.source) }
            /// By node: the latest end so far, and whose it is.
            var latest: [Int64: (until: Int64, source: Int64)] = [:]
            for span in spans {
                guard let known = latest[span.node] else {
                    latest[span.node] = (span.last, span.source)
                    continue
                }
                if span.first <= known.until { found.formUnion([known.source, span.source]) }
                if span.last > known.until { latest[span.node] = (span.last, span.source) }
            }
        }
        return found
    }

    /// The numbers of the sources that have a note.
    public static func noted(_ db: Database) throws -> [Int64] {
        try Int64.fetchAll(db, sql: "SELECT id FROM source WHERE note IS NOT NULL")
    }

    /// The numbers of the sources in whose place other bytes lie now: the newest that were read there, unless a run has found
    /// there again what the case had.
    public static func replaced(
        _ db: Database, isSeen: (_ location: String, _ sha256: String) -> Bool
    ) throws -> [Int64] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT s.id, s.location, s.sha256, s.state FROM source s JOIN (
                    SELECT location FROM source WHERE location IS NOT NULL AND sha256 IS NOT NULL
                    GROUP BY location HAVING min(sha256) <> max(sha256)) n ON n.location = s.location
                WHERE s.sha256 IS NOT NULL ORDER BY s.location, s.id
                """
        ).map { row in
            (
                id: try row.decode(Int64.self, atIndex: 0), location: try row.decode(String.self, atIndex: 1),
                sha256: try row.decode(String.self, atIndex: 2), state: try row.decode(String.self, atIndex: 3)
            )
        }
        var current: [String: String] = [:]
        var seen: [String: String] = [:]
        for row in rows {
            current[row.location] = row.sha256
            if isSeen(row.location, row.sha256) { seen[row.location] = row.sha256 }
        }
        let counted: [State] = [.complete, .damaged, .duplicate, .unrecognized]
        return rows.filter { row in
            row.sha256 != seen[row.location] ?? current[row.location]
                && counted.contains { $0.rawValue == row.state }
        }.map(\.id)
    }

    private static let trafficTables = ["delivery", "fill", "purge"]

    /// Whether a delivery, a fill or a purge was read from a source.
    public static func tellsTraffic(_ id: Int64, _ db: Database) throws -> Bool {
        try hasRows(id, in: trafficTables, db)
    }

    /// Whether a row of a table of accounts, cameras, grants or rollouts was read from a source.
    public static func tellsDirectory(_ id: Int64, _ db: Database) throws -> Bool {
        try hasRows(id, in: eventTables.filter { !trafficTables.contains($0) }, db)
    }

    private static func hasRows(_ id: Int64, in tables: [String], _ db: Database) throws -> Bool {
        let events = EventID.range(of: id)
        return try tables.contains { table in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id BETWEEN ? AND ?)",
                arguments: [events.lowerBound, events.upperBound]) == true
        }
    }

    /// Calls `body` with each file that was read, and where it lay.
    public static func eachLocation(_ db: Database, _ body: (Int64, String) -> Void) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, location FROM source
                WHERE location IS NOT NULL AND state IN ('complete', 'damaged', 'duplicate', 'unrecognized')
                """)
        while let row = try rows.next() { body(try row.decode(atIndex: 0), try row.decode(atIndex: 1)) }
    }

    public static func numbered(_ id: Int64, _ db: Database) throws -> SourceRow? {
        try fetchOne(db.cachedStatement(sql: "SELECT * FROM source WHERE id = ?"), arguments: [id])
    }

    /// The source that an ID's label names.
    public static func labelled(_ label: String, _ db: Database) throws -> SourceRow? {
        try fetchOne(db, sql: "SELECT * FROM source WHERE label = ?", arguments: [label])
    }

    /// The tables whose rows are read from a source, by line.
    static let eventTables = EventTable.all.map(\.name)

    /// Takes a source and all that was read from it out of the case.
    public static func remove(_ id: Int64, _ db: Database) throws {
        let first = id << 36
        let last = first | (1 << 36 - 1)
        for table in eventTables + ["line_digest", "line_tag", "repeated"] {
            try RowStatement("DELETE FROM \(table) WHERE id BETWEEN ? AND ?", db)
                .execute([first.databaseValue, last.databaseValue])
        }
        try RowStatement("DELETE FROM reject WHERE source = ?", db).execute([id.databaseValue])
        try RowStatement("DELETE FROM source WHERE id = ?", db).execute([id.databaseValue])
        try Seals.remove(source: id, db)
    }

    /// Takes out what an interrupted run left half read.
    ///
    /// - Returns: how many sources.
    public static func removePending(_ db: Database) throws -> Int {
        let ids = try Int64.fetchAll(db, sql: "SELECT id FROM source WHERE state = 'pending'")
        for id in ids { try remove(id, db) }
        return ids.count
    }
}
