internal import Crypto
internal import Foundation
public import GRDB

/// What was done to a case, when and with what: the one place for times of runs and for paths outside the dump.
///
/// Each entry holds the hash of the one before, so none can be changed, taken out or put in between without breaking all
/// that follow. The hash is the SHA-256 of the JSON array of the entry's other columns, as SQLite's `json_array` writes it.
public struct Journal: Sendable, FetchableRecord {
    public enum Action: String, Sendable {
        /// Written before anything is read, so that an interrupted run leaves its mark.
        case ingestBegun = "ingest begun"
        case ingest
        case correlate
        /// What other machines have found came into the case.
        case imported = "import"
        /// The report files were written.
        case report
        /// A copy was made that names nobody: the first entry of the copy.
        case pseudonymize
        /// Somebody added or removed a tag or a note.
        case annotate
        /// How the fields of a profile in use are derived.
        case derivations
        /// What people stated of the incident, for the notices.
        case facts
        /// The case was made anew of one that an earlier version wrote: the first entry.
        case migrate
    }

    public let number: Int
    public let action: String
    /// The SHA-256 of what came of it: for a report, of its manifest.
    public let output: String?
    /// The case's state after it: see `Seals.state`.
    public let state: String
    let previous: String
    let hash: String

    public init(row: Row) throws {
        number = try row.decode(forColumn: "seq")
        action = try row.decode(forColumn: "action")
        output = try row.decode(forColumn: "output")
        state = try row.decode(forColumn: "state")
        previous = try row.decode(forColumn: "previous")
        hash = try row.decode(forColumn: "hash")
    }

    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - detail: facts by name; written as JSON.
    ///   - arguments: of the command.
    ///   - input: the SHA-256 of what was read.
    ///   - output: the SHA-256 of what came of it.
    public static func append(
        _ action: Action, _ detail: [String: String], arguments: [String] = [], input: String? = nil,
        output: String? = nil, to db: Database
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        let last = try Row.fetchOne(db, sql: "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
        let number = (try last?.decode(Int.self, atIndex: 0) ?? 0) + 1
        try db.execute(
            sql: "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
            arguments: [
                number, Date.now.ISO8601Format(), "\(Tool.name) \(Tool.build)", action.rawValue,
                String(decoding: try encoder.encode(arguments), as: UTF8.self), try json(detail), input,
                output, try Seals.state(db), try last?.decode(String.self, atIndex: 1) ?? start,
            ])
        let hash = try hashes(db, "WHERE seq = \(number)")[number] ?? ""
        try db.execute(sql: "UPDATE journal SET hash = ? WHERE seq = ?", arguments: [hash, number])
        try db.execute(
            sql: "INSERT OR REPLACE INTO seal VALUES (?, 0, ?, ?)", arguments: [Seals.journal, number, hash])
    }

    /// What stands in place of a hash before the first entry.
    static let start = String(repeating: "0", count: 64)

    /// The facts as an entry has them.
    public static func json(_ detail: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(detail), as: UTF8.self)
    }

    public static func all(_ db: Database) throws -> [Journal] {
        try fetchAll(db, sql: "SELECT * FROM journal ORDER BY seq")
    }

    static func last(_ db: Database) throws -> Journal? {
        try fetchOne(db, sql: "SELECT * FROM journal ORDER BY seq DESC LIMIT 1")
    }

    /// The entry of an ingest that did not come to its end, if none has since.
    public static func unfinishedIngest(_ db: Database) throws -> Journal? {
        let last = try fetchOne(
            db, sql: "SELECT * FROM journal WHERE action IN (?, ?) ORDER BY seq DESC LIMIT 1",
            arguments: [Action.ingestBegun.rawValue, Action.ingest.rawValue])
        return last?.action == Action.ingestBegun.rawValue ? last : nil
    }

    /// What the ingests' entries say of a fact, each once, in their order.
    public static func ingestFacts(_ name: String, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT fact FROM (SELECT json_extract(detail, '$.' || ?) AS fact, min(seq) AS first FROM journal
                    WHERE action = ? GROUP BY fact) WHERE fact IS NOT NULL ORDER BY first
                """, arguments: [name, Action.ingest.rawValue])
    }

    /// What tells the case from others: the hash of its journal's first entry, or what told the case that it was migrated from;
    /// nil for a case to which nothing was written.
    public static func identity(_ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT iif(action = ?, json_extract(detail, '$.case'), hash) FROM journal WHERE seq = 1
                """, arguments: [Action.migrate.rawValue])
    }

    /// What was last stated of the incident, by name.
    public static func statedFacts(_ db: Database) throws -> [String: String] {
        var facts: [String: String] = [:]
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT f.key, f.value FROM journal j, json_each(j.detail) f WHERE j.action = ? ORDER BY j.seq, f.key
                """, arguments: [Action.facts.rawValue])
        {
            let value: String = try row.decode(atIndex: 1)
            facts[try row.decode(atIndex: 0)] = value.isEmpty ? nil : value
        }
        return facts
    }

    /// A fact of how the logs and tables that were read so far were read.
    public enum ReadingFact: String, CaseIterable, Sendable {
        /// Whether accounts were folded (`--fold-accounts`).
        case foldAccounts = "fold_accounts"
        /// A digest of the table of sessions (`--sessions`).
        case sessions
        /// How long an answer may have taken, microseconds, if it was stated (`--longest`).
        case longestAnswer = "longest_answer"
        /// How a path names its node (`--node-from-path`).
        case nodeFromPath = "node_from_path"
    }

    /// How the logs and tables that were read so far were read; nil: none was read.
    public static func readingFacts(_ db: Database) throws -> [ReadingFact: String]? {
        guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM source)") == true else { return nil }
        let said = try Row.fetchOne(
            db,
            sql: """
                SELECT \(ReadingFact.allCases.map { "json_extract(detail, '$.\($0.rawValue)')" }.joined(separator: ", "))
                FROM journal WHERE action = ? ORDER BY seq DESC LIMIT 1
                """, arguments: [Action.ingestBegun.rawValue])
        guard let said else { return nil }
        var facts: [ReadingFact: String] = [:]
        for (index, fact) in ReadingFact.allCases.enumerated() {
            facts[fact] = try said.decode(String?.self, atIndex: index)
        }
        return facts
    }

    /// What each entry hashes to, as it stands.
    static func hashes(_ db: Database, _ condition: String = "") throws -> [Int: String] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT seq, json_array(seq, at, tool, action, arguments, detail, input, output, state, previous)
                FROM journal \(condition)
                """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                (
                    try row.decode(atIndex: 0),
                    SHA256.hash(data: Data((try row.decode(String.self, atIndex: 1)).utf8)).hexadecimal
                )
            })
    }

    /// What is wrong with the chain, a sentence each.
    static func problems(_ db: Database) throws -> [String] {
        let hashes = try hashes(db)
        var problems: [String] = []
        var before: Journal?
        for entry in try all(db) {
            let place = "journal, entry \(entry.number) (\(entry.action))"
            if hashes[entry.number] != entry.hash { problems.append("\(place): was changed") }
            if entry.number != (before?.number ?? 0) + 1 { problems.append("\(place): an entry before it is missing") }
            if entry.previous != before?.hash ?? start {
                problems.append("\(place): does not follow the entry before it")
            }
            let mayDiffer = [Action.ingest, .correlate, .imported, .annotate].contains { $0.rawValue == entry.action }
            if let before, !mayDiffer, before.action != Action.ingestBegun.rawValue, before.state != entry.state {
                problems.append("\(place): the case was changed before it, since entry \(before.number)")
            }
            before = entry
        }
        return try problems + problemOfTheEnd(before, db)
    }

    /// Whether entries are missing at the end, where no other tells.
    private static func problemOfTheEnd(_ last: Journal?, _ db: Database) throws -> [String] {
        let seal = try Row.fetchOne(db, sql: "SELECT rows, sha256 FROM seal WHERE tab = ?", arguments: [Seals.journal])
        let noted: Int = try seal?.decode(atIndex: 0) ?? 0
        let hash: String? = try seal?.decode(atIndex: 1)
        if noted == last?.number ?? 0, hash == last?.hash { return [] }
        return noted > last?.number ?? 0
            ? ["journal: \(noted) entries were written, the last of them are missing"]
            : ["journal: its last entry is not the one that was written"]
    }
}
