internal import Crypto
public import GRDB
public import LogRecords

/// What the rows of a part of a table hash to, taken as they were written: whoever changes, deletes or adds a row later
/// breaks it.
///
/// A part is a source, a shard of the names or of the frame ids, or a whole table. What a source gave is sealed by the thread
/// that reads it, what a correlation found at the end of its transaction; in both cases the seal counts together with its
/// rows.
struct Seal: Sendable, Equatable {
    var table: String
    var part: Int64
    var rows: Int64
    var sha256: String

    init(_ table: SealedTable, _ part: Int64, _ hash: RowHash) {
        (self.table, self.part, rows, sha256) = (table.name, part, hash.rows, hash.sha256)
    }

    private static let insert = "INSERT INTO seal VALUES (?, ?, ?, ?)"
    private static let replace = "INSERT OR REPLACE INTO seal VALUES (?, ?, ?, ?)"

    func store(_ db: Database, isNew: Bool = false) throws {
        try RowStatement(isNew ? Self.insert : Self.replace, db).execute([
            table.databaseValue, part.databaseValue, rows.databaseValue, sha256.databaseValue,
        ])
    }
}

/// The seals of a case.
public enum Seals {
    /// What the seal of the journal stands under: how many entries there are, and the hash of the last.
    static let journal = "journal"

    /// The SHA-256 of all seals but the journal's: what the case holds, in one line.
    public static func state(_ db: Database) throws -> String {
        var hash = RowHash()
        let statement = try db.makeStatement(
            sql: "SELECT tab, part, rows, sha256 FROM seal WHERE tab <> '\(journal)' ORDER BY tab, part")
        let row = EventRow(statement)
        while try row.step() { row.add(Int32(statement.columnCount), to: &hash) }
        return hash.sha256
    }

    /// Seals a table, or a part of it, as it stands now, for a writer that has just written it.
    static func renew(_ table: SealedTable, part: Int64? = nil, _ db: Database) throws {
        let narrower = part == nil ? "" : " AND part = ?"
        try db.execute(
            sql: "DELETE FROM seal WHERE tab = ?\(narrower)",
            arguments: StatementArguments([table.name]) + StatementArguments([part].compactMap(\.self)))
        for (part, hash) in try table.hashes(db, part: part) { try Seal(table, part, hash).store(db) }
    }

    /// Seals what a correlation has found.
    public static func renewFindings(_ db: Database) throws {
        for table in SealedTable.findings { try renew(table, db) }
    }

    /// Seals all but the names and the frame ids, for a writer that has just written it all.
    public static func renewAll(_ db: Database) throws {
        for table in SealedTable.all where ![.name, .frame].contains(table) {
            try renew(table, db)
        }
    }

    /// Seals the figures of the correlation, for a writer that takes them away.
    public static func renewFigures(_ db: Database) throws { try renew(.correlation, db) }

    /// Seals what a source gave as it stands now, after rows of it were taken out.
    static func renew(source: Int64, _ db: Database) throws {
        for table in SealedTable.events + [.reject, .repeated] { try renew(table, part: source, db) }
    }

    /// Takes away the seals of a source.
    static func remove(source: Int64, _ db: Database) throws {
        let tables = SealedTable.bySource.map { "'\($0.name)'" }.joined(separator: ", ")
        try RowStatement("DELETE FROM seal WHERE part = ? AND tab IN (\(tables))", db).execute([source.databaseValue])
    }

    /// What in a table does not fit its seals, a sentence for each part.
    ///
    /// - Parameters:
    ///   - source: the name of a source.
    ///   - counts: whether a part matters.
    ///   - each: is shown every row, in order.
    static func problems(
        _ table: SealedTable, _ db: Database, named source: (Int64, Database) throws -> String?,
        of counts: (Int64) -> Bool = { _ in true }, each: (EventRow) throws -> Void = { _ in }
    ) throws -> [String] {
        var sealed: [Int64: (rows: Int64, sha256: String)] = [:]
        for row in try Row.fetchAll(
            db, sql: "SELECT part, rows, sha256 FROM seal WHERE tab = ?", arguments: [table.name])
        {
            sealed[try row.decode(atIndex: 0)] = (try row.decode(atIndex: 1), try row.decode(atIndex: 2))
        }
        let found = try table.hashes(db, each: each)
        let isBySource = SealedTable.bySource.contains(table)
        return try Set(sealed.keys).union(found.keys).filter(counts).sorted().compactMap { part in
            let (was, now) = (sealed[part], found[part])
            if let was, let now, was.rows == now.rows, was.sha256 == now.sha256 { return nil }
            var place = "table \(table.name)"
            if isBySource {
                place += ", source " + (try source(part, db) ?? "\(part), which is not in the case")
            }
            let (before, after) = (was?.rows ?? 0, now?.rows ?? 0)
            return before == after
                ? "\(place): the \(after) rows are not those that were written"
                : "\(place): \(before) rows were written, \(after) are there"
        }
    }

    /// Seals and rows of a table that is in no list of sealed ones would go unseen, so there must be none.
    static func strangers(_ db: Database) throws -> [String] {
        let known = (SealedTable.all.map(\.name) + [journal]).map { "'\($0)'" }.joined(separator: ", ")
        return try String.fetchAll(db, sql: "SELECT DISTINCT tab FROM seal WHERE tab NOT IN (\(known)) ORDER BY tab")
            .map { "table seal: a row speaks of \($0), which is not sealed" }
    }
}

/// Seals what a source gives while it is read: its event rows and rejects.
public struct SourceSeals: Sendable {
    private var hashes = [RowHash](repeating: RowHash(), count: SealedTable.events.count)
    private var rejects = RowHash()
    private var digests = RowHash()
    private var tags = RowHash()
    private var lastTags = Int64.min
    /// The last row of each table, and of the rejects.
    private var last = [Int64](repeating: .min, count: SealedTable.events.count + 1)
    /// Tables of which a row came after one that it stands before: their rows are hashed again in order.
    private var disordered: Set<Int> = []
    private var areTagsInOrder = true

    public init() {}

    /// Takes rows on their way to the writer.
    ///
    /// - Parameter source: whose they are.
    public mutating func add(
        _ rows: EventRows, _ rejects: [RejectRow], _ digests: LineDigests, _ tags: LineTags, of source: Int64
    ) {
        if !tags.isEmpty {
            // A record of several lines stands where its first line does, which may be before those of an earlier batch.
            if tags.first <= lastTags { areTagsInOrder = false }
            lastTags = max(lastTags, tags.first)
            tags.words.withUnsafeBytes { self.tags.add(tags.first, blob: $0) }
        }
        for table in hashes.indices {
            let cells = rows.cells[EventRows.firstOfSources + table]
            guard let first = cells.cells.first, let end = cells.cells.last else { continue }
            note(first.id, end.id, table)
            hashes[table].add(cells)
        }
        for reject in rejects {
            note(reject.line, reject.line, hashes.count)
            self.rejects.add(reject)
        }
        if digests.words.isEmpty { return }
        let id = EventID(source: source, line: digests.first).rawValue
        digests.words.withUnsafeBytes { self.digests.add(id, blob: $0) }
    }

    private mutating func note(_ first: Int64, _ end: Int64, _ table: Int) {
        if first <= last[table] { disordered.insert(table) }
        last[table] = max(end, last[table])
    }

    /// Whether every table's rows come in the order in which they are sealed, so that storing does not ask for the rows.
    public var isInOrder: Bool { disordered.isEmpty && areTagsInOrder }

    /// Stores the seals of a source whose rows are all in the case, and that has none yet.
    public func store(source: Int64, _ db: Database) throws {
        for (index, table) in (SealedTable.events + [.reject]).enumerated() where last[index] != .min {
            if disordered.contains(index) {
                try Seals.renew(table, part: source, db)
            } else {
                try Seal(table, source, index < hashes.count ? hashes[index] : rejects).store(db, isNew: true)
            }
        }
        if digests.rows > 0 { try Seal(.lineDigest, source, digests).store(db, isNew: true) }
        if tags.rows == 0 { return }
        if areTagsInOrder {
            try Seal(.lineTag, source, tags).store(db, isNew: true)
        } else {
            try Seals.renew(.lineTag, part: source, db)
        }
    }
}
