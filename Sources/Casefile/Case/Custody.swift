public import GRDB

/// Whether a case is as this program left it.
public enum Custody {
    /// Everything that can be told from the case alone, row by row: minutes for a large case.
    public static func checks(_ db: Database) throws -> [Check] {
        var rows = 0
        var changed = try Seals.strangers(db)
        for table in SealedTable.all {
            rows += try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table.name)") ?? 0
            changed += try Seals.problems(table, db, named: SourceRow.displayName(of:_:))
        }
        let entries = try Int.fetchOne(db, sql: "SELECT count(*) FROM journal") ?? 0
        return [
            Check(
                name: "tables and views are declared as this version does", examined: 1, problems: try declarations(db)),
            Check(
                name: "the journal is whole, and the case is as its last entry left it", examined: entries,
                problems: try Journal.problems(db) + state(db)),
            Check(name: "every row is the one that was written", examined: rows, problems: changed),
        ]
    }

    /// What can be told before more is written, in no time: new seals must not cover old edits.
    ///
    /// - Throws: `CaseFileError.edited`.
    static func requireUntouched(_ db: Database, path: String) throws {
        // An interrupted ingest leaves a case without its index.
        let declared = try declarations(db).filter { !$0.hasPrefix("index ") }
        let problems =
            try declared + Journal.problems(db) + unexplainedState(db)
            + SealedTable.first.flatMap { try Seals.problems($0, db, named: SourceRow.displayName(of:_:)) }
        if let first = problems.first { throw CaseFileError.edited(path: path, what: first) }
    }

    /// All that reports rest on, every row included: half a second for a million.
    ///
    /// - Throws: `CaseFileError.edited`.
    static func requireAsWritten(_ db: Database, path: String) throws {
        try requireUntouched(db, path: path)
        // What an interrupted ingest has half read has no seal, and counts nowhere.
        let pending = Set(try Int64.fetchAll(db, sql: "SELECT id FROM source WHERE state = 'pending'"))
        for table in SealedTable.all where !SealedTable.first.contains(table) {
            let isBySource = SealedTable.bySource.contains(table)
            let counts = { (part: Int64) in !isBySource || !pending.contains(part) }
            if let first = try Seals.problems(table, db, named: SourceRow.displayName(of:_:), of: counts).first {
                throw CaseFileError.edited(path: path, what: first)
            }
        }
        // A seal is of rows as they stand in their table, and a query looks for them by the keys of inner pages and by
        // indexes.
        let words = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        if words != ["ok"] { throw CaseFileError.damaged(path: path, what: words[0]) }
    }

    private static func state(_ db: Database) throws -> [String] {
        guard try Journal.last(db) != nil else { return ["journal: has no entry"] }
        let unfinished = try Journal.unfinishedIngest(db).map {
            "journal, entry \($0.number): this ingest did not come to its end; run it again"
        }
        return try unexplainedState(db) + [unfinished].compactMap(\.self)
    }

    /// An interrupted ingest explains that the seals are not those of the last entry.
    private static func unexplainedState(_ db: Database) throws -> [String] {
        guard let last = try Journal.last(db) else {
            return try Seals.state(db) == RowHash().sha256 ? [] : ["journal: has no entry"]
        }
        if last.action == Journal.Action.ingestBegun.rawValue { return [] }
        return try Seals.state(db) == last.state
            ? []
            : [
                "table seal: was changed since entry \(last.number) of the journal, or the entries after that are missing"
            ]
    }

    /// What is declared otherwise than in a new case.
    private static func declarations(_ db: Database) throws -> [String] {
        let fresh = try DatabaseQueue()
        try Schema.migrator.migrate(fresh)
        let expected = try fresh.write { db in
            try Views.create(db)
            try CaseFile.buildIndexes(db)
            return try declared(db)
        }
        let found = try declared(db)
        return Set(expected.keys).union(found.keys).sorted().filter { expected[$0] != found[$0] }.map {
            found[$0] == nil
                ? "\($0): is missing" : expected[$0] == nil ? "\($0): is none of a case's" : "\($0): is another"
        }
    }

    private static func declared(_ db: Database) throws -> [String: String] {
        var declared: [String: String] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT type, name, ifnull(sql, '') FROM sqlite_schema") {
            declared["\(try row.decode(String.self, atIndex: 0)) \(try row.decode(String.self, atIndex: 1))"] =
                try row.decode(atIndex: 2)
        }
        let applied = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
        declared["table grdb_migrations"]? += applied.joined(separator: ";")
        return declared
    }
}
