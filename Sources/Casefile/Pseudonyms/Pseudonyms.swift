internal import Crypto
internal import Foundation
public import GRDB
import LogRecords

/// The key by which names become pseudonyms: whoever has it can tell which name a pseudonym stands for, and two cases under
/// one key have the same pseudonym for the same name.
public struct PseudonymKey: Sendable {
    private let key: SymmetricKey
    /// Shorter ones can be guessed.
    static let leastBytes = 16

    /// - Parameter file: its bytes are the key, but for line ends at the end (`openssl rand -hex 32 >key`).
    /// - Throws: `CaseFileError.notAKey`.
    public init(file path: String) throws(CaseFileError) {
        guard var bytes = FileManager.default.contents(atPath: path) else {
            throw .notAKey(path: path, reason: "cannot be read")
        }
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard bytes.count >= Self.leastBytes else {
            throw .notAKey(path: path, reason: "has \(bytes.count) bytes, of \(Self.leastBytes) at least")
        }
        key = SymmetricKey(data: bytes)
    }

    /// `p-` and the first 20 hexadecimal digits of the name's HMAC-SHA-256 (RFC 2104): of ten million names two share one
    /// with a probability of one in 24 billion.
    func pseudonym(of name: String) -> String {
        "p-" + HMAC<SHA256>.authenticationCode(for: Data(name.utf8), using: key).hexadecimal.prefix(20)
    }
}

extension CaseFile {
    /// Makes a copy that names nobody and still answers every count: accounts, cameras, keys and frames have pseudonyms,
    /// rejected lines have no sample, annotations no note, sources no place on a disk, and a journal of its own names the case's last entry.
    /// Nodes, clients, networks, kinds, models, versions and the names of files stay, but for what in them names somebody. Of
    /// the shapes of keys (`snap/slot-{n}/latest`) the signs between their words stay. The copy is for reading.
    ///
    /// - Throws: `CaseFileError.cannotCreate` if there is a file already.
    public func pseudonymized(to path: String, key: PseudonymKey) throws {
        let draft = "\(path).new"
        Self.remove(draft: draft)
        defer { Self.remove(draft: draft) }
        // Its owner's alone from the first moment.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CaseFileError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
        }
        close(descriptor)
        let last = try read { try Journal.last($0)?.hash } ?? Journal.start
        try copy(to: draft, for: path)
        do {
            try Self.translating(path) {
                let queue = try DatabaseQueue(path: draft, configuration: Self.configuration(readonly: false))
                try queue.write { db in
                    try Self.pseudonymize(db, key)
                    // The command names places on a disk, and these whoever works there.
                    try Journal.append(.pseudonymize, ["case": last], to: db)
                }
                // What was written over must not lie about in free pages.
                try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
                try queue.close()
            }
        } catch CaseFileError.cannotUse(_, let reason) {
            throw CaseFileError.cannotCreate(path: path, reason: "\(reason); make room in its folder")
        }
        do {
            try FileManager.default.linkItem(atPath: draft, toPath: path)
        } catch {
            throw CaseFileError.cannotCreate(path: path, reason: error.localizedDescription)
        }
    }

    /// - Parameter copy: what an error is about if it is the copy that cannot be written.
    private func copy(to draft: String, for copy: String) throws {
        func vacuum() throws {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
            do {
                try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [draft]) }
            } catch let error as DatabaseError {
                let isOfCopy =
                    [.SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
                    || [.SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_TRUNCATE].contains(
                        error.extendedResultCode)
                guard isOfCopy else { throw error }
                throw CaseFileError.cannotCreate(
                    path: copy, reason: "\(ProcessLimits.telling(error.message ?? "no room")); make room in its folder")
            }
        }
        try Self.translating(path) { try vacuum() }
    }

    /// The columns whose names tell nobody, unless they are also somebody's.
    private static let shown = columns([.shown])
    private static let hidden = columns([.key, .person]).merging(["annotation": ["account"]]) { $0 + $1 }
    private static let people = columns([.person])
    private static let keys = columns([.key])

    /// The columns of names that are treated in some ways, by table.
    private static func columns(_ ways: Set<EventColumn.Privacy>) -> [String: [String]] {
        let tables = EventTable.all + [.circumstance]
        let columns = tables.map { table in
            (table.name, table.columns.filter { $0.kind == .name && ways.contains($0.privacy) }.map(\.name.description))
        }
        return Dictionary(uniqueKeysWithValues: columns.filter { !$0.1.isEmpty })
    }

    /// What divides the names in a text.
    private static func isMark(_ character: Character) -> Bool {
        character.isWhitespace || "/?&=;,:\"'()[]{}".contains(character)
    }

    /// Those of some texts that are, or have between their marks, the name of an account, a camera, a key or a frame of the
    /// case.
    public static func namingSomebody(among texts: [String], _ db: Database) throws -> Set<String> {
        let pieces = Dictionary(
            texts.map { ($0, Set($0.split(whereSeparator: isMark).map(String.init) + [$0])) }, uniquingKeysWith: { $1 })
        let all = String(decoding: try JSONEncoder().encode(Set(pieces.values.joined())), as: UTF8.self)
        let names = Set(
            try String.fetchAll(
                db,
                sql:
                    """
                    SELECT text FROM name WHERE text IN (SELECT value FROM json_each(?1)) AND id IN (\(union(hidden)))
                    UNION SELECT text FROM frame WHERE text IN (SELECT value FROM json_each(?1))
                    """,
                arguments: [all]))
        return Set(pieces.filter { !$0.value.isDisjoint(with: names) }.keys)
    }

    private static func union(_ columns: [String: [String]], _ condition: String = "IS NOT NULL") -> String {
        columns.sorted { $0.key < $1.key }.flatMap { table, columns in
            columns.map { "SELECT \($0) FROM \(table) WHERE \($0) \(condition)" }
        }.joined(separator: " UNION ")
    }

    /// The columns of free text, by table; in some rows of the last one it is figures.
    private static let texts = [
        ("source", ["path", "member", "profile", "reason", "note"], "1"), ("reject", ["reason"], "1"),
        ("log_pair", ["log", "other"], "1"), ("shared_source", ["others"], "1"),
        ("condition", ["conditions", "same_as"], "1"), ("neighbour", ["change", "scope"], "1"),
        ("assumption", ["detail"], "1"), ("annotation", ["tag"], "1"),
        ("correlation", ["value"], "what IN ('cause', 'scope', 'scope_basis')"),
    ]

    /// What the texts of the case name.
    private static func secrets(_ db: Database) throws -> SecretWords {
        var secrets = SecretWords()
        for (table, columns, condition) in texts {
            for column in columns {
                let rows = try String.fetchCursor(
                    db,
                    sql: "SELECT DISTINCT \(column) FROM \(table) WHERE \(condition) AND \(column) IS NOT NULL")
                while let text = try rows.next() { secrets.look(at: text) }
            }
        }
        let names = try String.fetchCursor(db, sql: "SELECT text FROM name WHERE id IN (SELECT * FROM shown)")
        while let text = try names.next() { secrets.look(at: text) }
        let shapes = try String.fetchCursor(db, sql: "SELECT DISTINCT template FROM collision")
        while let shape = try shapes.next() { secrets.add(shape: shape) }
        let people = try String.fetchCursor(
            db, sql: "SELECT text FROM name WHERE id IN (\(union(people))) UNION ALL SELECT text FROM frame")
        while let name = try people.next() { secrets.add(name: name) }
        let keys = try String.fetchCursor(db, sql: "SELECT text FROM name WHERE id IN (\(union(keys)))")
        while let key = try keys.next() { secrets.add(key: key) }
        secrets.settle()
        return secrets
    }

    private static func pseudonymize(_ db: Database, _ key: PseudonymKey) throws {
        db.add(
            function: DatabaseFunction("pseudonym", argumentCount: 1, pure: true) { values in
                String.fromDatabaseValue(values[0]).map(key.pseudonym(of:))
            })
        try db.execute(
            sql: "CREATE TEMP TABLE shown AS SELECT * FROM (\(union(shown))) EXCEPT SELECT * FROM (\(union(hidden)))")
        // Before they are gone.
        let secrets = try secrets(db)
        db.add(
            function: DatabaseFunction("masked", argumentCount: 2, pure: true) { values in
                let mayHoldShapes = Bool.fromDatabaseValue(values[1]) == true
                return String.fromDatabaseValue(values[0]).map {
                    secrets.masked($0, key, mayHoldShapes: mayHoldShapes)
                }
            })
        db.add(
            function: DatabaseFunction("masked_shape", argumentCount: 1, pure: true) { values in
                String.fromDatabaseValue(values[0]).map { SecretWords.masked(shape: $0, key) }
            })
        db.add(
            function: DatabaseFunction("is_naming", argumentCount: 1, pure: true) { values in
                String.fromDatabaseValue(values[0]).map { secrets.isNaming($0) } ?? false
            })
        try db.execute(
            sql: """
                UPDATE name SET text = pseudonym(text) WHERE id NOT IN (SELECT * FROM shown) OR is_naming(text);
                DROP TABLE shown;
                UPDATE frame SET text = pseudonym(text);
                UPDATE source SET reason = 'no profile fits it' WHERE state = 'unrecognized';
                UPDATE collision SET template = masked_shape(template);
                UPDATE key_change SET template = masked_shape(template), shape = masked_shape(shape);
                DELETE FROM correlation WHERE what = 'key_change';
                UPDATE reject SET sample = '';
                DELETE FROM line_digest;
                DELETE FROM line_tag;
                UPDATE annotation SET note = NULL WHERE tag IS NOT NULL;
                DELETE FROM annotation WHERE tag IS NULL;
                UPDATE identity_crossing SET digest = 0;
                UPDATE source SET location = NULL;
                DELETE FROM journal;
                """)
        for (table, columns, condition) in texts {
            let mayHoldShapes = SealedTable.findings.contains { $0.name == table }
            let changes = columns.map { "\($0) = masked(\($0), \(mayHoldShapes))" }.joined(separator: ", ")
            try db.execute(sql: "UPDATE \(table) SET \(changes) WHERE \(condition)")
        }
        for table in [SealedTable.name, .frame, .reject, .lineDigest, .lineTag, .source, .annotation]
            + SealedTable.findings
        {
            try Seals.renew(table, db)
        }
    }
}
