internal import Foundation
public import GRDB
public import Interning
import LogRecords
import Synchronization

/// A case: everything that was read from a dump and found in it, in one SQLite file.
///
/// One process writes at a time (see ``CaseLock``); anybody may read beside it.
public final class CaseFile: Sendable {
    public let path: String
    /// The texts of this case.
    public let names: StringInterner
    /// Its frame ids, which are numbered apart.
    public let frames: StringInterner
    /// Of the command that writes, for the journal.
    public let arguments: [String]
    let nameSeals = NameSeals(.name)
    let frameSeals = NameSeals(.frame)
    private let queue: DatabaseQueue
    /// Of one that writes, for as long as it lives.
    private let writerLock: CaseLock?

    /// Opens a case to write to it, and makes it if there is none, or an empty file, as `mktemp` leaves one.
    ///
    /// - Parameter arguments: the command as it was called, for the journal.
    /// - Throws: `CaseFileError` if the file is something else, in use or not to be made, or if its names are not those
    ///   that were written.
    public init(writingTo path: String, arguments: [String] = []) throws {
        self.path = path
        self.arguments = arguments
        let folder = Self.folder(of: path)
        names = StringInterner(.often, folder: folder)
        frames = StringInterner(.seldom, folder: folder)
        if Self.isFree(path) { try Self.create(path) }
        writerLock = try CaseLock(path)
        try Self.check(path)
        queue = try Self.translating(path) {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false))
            try Schema.migrator.migrate(queue)
            try queue.write { db in try Views.create(db) }
            return queue
        }
        try Self.translating(path) { try restoreNames() }
    }

    /// Opens a case to read it; nothing in it changes.
    ///
    /// - Throws: `CaseFileError` if there is none, or the file is something else.
    public init(reading path: String, arguments: [String] = []) throws {
        self.path = path
        self.arguments = arguments
        names = StringInterner()
        frames = StringInterner(.seldom)
        writerLock = nil
        guard FileManager.default.fileExists(atPath: path) else { throw CaseFileError.noSuchCase(path: path) }
        try Self.check(path)
        Self.undoHalfStep(path)
        queue = try Self.translating(path) {
            try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
        }
    }

    /// Makes a case with nothing in it beside its place and moves it there, so that whatever ends the program leaves a
    /// case or none.
    private static func create(_ path: String) throws {
        let draft = "\(path).new"
        guard let lock = lock(draft: draft) else {
            throw CaseFileError.cannotCreate(
                path: path, reason: ProcessLimits.telling(String(cString: strerror(errno))))
        }
        // The lock goes last, when the database is closed: closing a file drops SQLite's own locks on it.
        defer {
            remove(draft: draft)
            close(lock)
        }
        guard isFree(path) else { return }
        do {
            let queue = try DatabaseQueue(path: draft, configuration: configuration(readonly: false))
            try Schema.migrator.migrate(queue)
            try queue.close()
            if FileManager.default.fileExists(atPath: path) {
                // An empty file gives way, also one that a link leads to.
                let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
                guard rename(draft, place) == 0 else {
                    throw CaseFileError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
                }
            } else {
                // A link, unlike a move, leaves a case that somebody else has made meanwhile.
                try FileManager.default.linkItem(atPath: draft, toPath: path)
            }
        } catch let error as CaseFileError {
            throw error
        } catch {
            let reason = (error as? DatabaseError)?.message ?? error.localizedDescription
            throw CaseFileError.cannotCreate(path: path, reason: ProcessLimits.telling(reason))
        }
    }

    /// Whether nothing is there, or a file without a byte.
    private static func isFree(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
    }

    /// Waits until nobody else makes a case there, and begins with an empty file, which is its owner's alone from the first
    /// moment, for it will name people.
    ///
    /// - Returns: the descriptor that holds the lock; nil if there can be no such file.
    private static func lock(draft: String) -> Int32? {
        while true {
            let descriptor = open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor < 0 { return nil }
            while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
            var (held, named) = (stat(), stat())
            // Whoever had the lock has removed the file: what is locked now has no name any more.
            if fstat(descriptor, &held) == 0, stat(draft, &named) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                // A run that was killed between making a case and taking its first name away has left the case itself,
                // which may lie elsewhere by now.
                guard held.st_nlink == 1 else {
                    unlink(draft)
                    close(descriptor)
                    continue
                }
                // A run that was killed may have left something in it.
                try? FileManager.default.removeItem(atPath: "\(draft)-journal")
                if ftruncate(descriptor, 0) == 0 { return descriptor }
                close(descriptor)
                return nil
            }
            close(descriptor)
        }
    }

    /// Removes a case that is still in the making, and its rollback journal.
    static func remove(draft: String) {
        for path in [draft, "\(draft)-journal"] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Undoes the step in which a writer was killed: its journal says how, and a connection that only reads cannot.
    private static func undoHalfStep(_ path: String) {
        let journal = try? FileManager.default.attributesOfItem(atPath: "\(path)-journal")
        guard let bytes = journal?[.size] as? Int, bytes > 0 else { return }
        // If it cannot be done, reading fails in turn and says why.
        try? DatabaseQueue(path: path).read { db in try db.execute(sql: "SELECT 1 FROM sqlite_schema LIMIT 1") }
    }

    /// Runs `body` with the database, reading only.
    public func read<T>(_ body: (Database) throws -> T) throws -> T {
        try Self.translating(path) { try queue.read(body) }
    }

    /// Runs both at once, each on a connection of its own. They see the case in the same state: no writer can change it
    /// while the first reads.
    ///
    /// - Throws: what the first throws, or else the second, when both have ended.
    public func read(_ body: (Database) throws -> Void, beside other: @Sendable (Database) throws -> Void) throws {
        let second = try Self.translating(path) {
            try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
        }
        try read { db in
            // The state is chosen by the first look at the file.
            try db.execute(sql: "SELECT 1 FROM sqlite_schema LIMIT 1")
            let failure = Mutex<(any Error)?>(nil)
            try withoutActuallyEscaping(other) { other in
                let work = DispatchGroup()
                DispatchQueue.global().async(group: work) {
                    do { try second.read(other) } catch { failure.withLock { $0 = error } }
                }
                defer { work.wait() }
                try body(db)
            }
            if let error = failure.withLock({ $0 }) { throw error }
        }
    }

    /// Runs `body` in a transaction: all of it counts, or nothing.
    public func write<T>(_ body: (Database) throws -> T) throws -> T {
        try Self.translating(path) { try queue.write(body) }
    }

    /// Notes in the journal that reports were written, also of a case that was opened to read: what they say is no other for
    /// it.
    ///
    /// - Parameter manifest: the SHA-256 of their manifest.
    /// - Throws: `CaseFileError` if the case cannot be written to.
    public func noteReports(manifest: String) throws { try note(.report, [:], output: manifest) }

    /// Notes in the journal what people state of the incident, also of a case that was opened to read; see
    /// `Journal.statedFacts`.
    ///
    /// - Parameter facts: by name; an empty text takes one back.
    /// - Throws: `CaseFileError` if the case cannot be written to.
    public func noteFacts(_ facts: [String: String]) throws { try note(.facts, facts) }

    private func note(_ action: Journal.Action, _ detail: [String: String], output: String? = nil) throws {
        func note(_ db: Database) throws {
            // A copy that names nobody goes to others, who need not know where it lay.
            let isCopy = try Journal.all(db).first?.action == Journal.Action.pseudonymize.rawValue
            try Journal.append(action, detail, arguments: isCopy ? [] : arguments, output: output, to: db)
        }
        try writeToRead(note)
    }

    /// Runs `body` in a transaction, also of a case that was opened to read, for what needs no names numbered.
    func writeToRead<T>(_ body: (Database) throws -> T) throws -> T {
        try withExtendedLifetime(CaseLock(path)) {
            try Self.translating(path) {
                let writer = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false))
                return try writer.write(body)
            }
        }
    }

    /// As `write`, if nothing but this program has changed the case.
    ///
    /// - Throws: `CaseFileError.edited`.
    public func writeUntouched<T>(_ body: (Database) throws -> T) throws -> T {
        try write { db in
            try requireUntouched(db)
            return try body(db)
        }
    }

    /// - Throws: `CaseFileError.edited` if something else than this program has changed what is about to be written
    ///   again.
    public func requireUntouched(_ db: Database) throws { try Custody.requireUntouched(db, path: path) }

    /// Makes sure that the case is as this program wrote it, before figures of it are told.
    ///
    /// - Throws: `CaseFileError.edited`, or `CaseFileError.damaged`.
    public func requireAsWritten() throws { try read { try Custody.requireAsWritten($0, path: path) } }

    /// Runs `body` with the database and no transaction, for a writer that commits by itself.
    public func writeInSteps<T>(_ body: (Database) throws -> T) throws -> T {
        try Self.translating(path) { try queue.writeWithoutTransaction(body) }
    }

    /// What stands in the file beside its views.
    public func tableNames() throws -> [String] {
        try read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") }
    }

    /// How many files the case holds as a whole; those of which nothing could be read included.
    public func wholeFiles() throws -> Int {
        try read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(DISTINCT ifnull(sha256, path)) FROM source WHERE state <> 'pending'") ?? 0
        }
    }

    /// Whether there is any row that was read from a source, a camera's and a rollout's as well as a delivery's.
    public static func hasEvents(_ db: Database) throws -> Bool {
        try SealedTable.events.contains {
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \($0.name))") == true
        }
    }

    /// Takes the indexes away for a time of writing, within `writeInSteps`.
    public static func dropIndexes(_ db: Database) throws {
        for name in Schema.indexes.keys.sorted() { try db.execute(sql: "DROP INDEX IF EXISTS \(name)") }
    }

    /// Builds the indexes that are not there.
    public static func buildIndexes(_ db: Database) throws {
        for (name, columns) in Schema.indexes.sorted(by: { $0.key < $1.key }) {
            try db.execute(sql: "CREATE INDEX IF NOT EXISTS \(name) ON \(columns)")
        }
    }

    /// Where files may be made beside the case.
    public var folder: String { Self.folder(of: path) }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// Refuses a file that is not a case of this version, without writing a byte to it.
    private static func check(_ path: String) throws {
        let version = try version(of: path)
        if version > Schema.version { throw CaseFileError.tooNew(path: path, version: version) }
        if version < Schema.version { throw CaseFileError.tooOld(path: path, version: version) }
    }

    /// The version of the tables in a case, of whatever version.
    ///
    /// - Throws: `CaseFileError.notACase`.
    static func version(of path: String) throws -> Int {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw CaseFileError.notACase(path: path) }
        defer { try? handle.close() }
        // The database file header: magic at 0, user_version at 60, application_id at 68 (sqlite.org/fileformat2.html).
        guard let header = try? handle.read(upToCount: 100), header.count == 100,
            header.starts(with: Array("SQLite format 3\0".utf8))
        else { throw CaseFileError.notACase(path: path) }
        func number(_ offset: Int) -> Int32 {
            header[offset..<(offset + 4)].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        }
        guard number(68) == Schema.applicationID else { throw CaseFileError.notACase(path: path) }
        return Int(number(60))
    }

    /// How long a database that is in use is waited for, seconds.
    private static let patience = 2
    /// Of the case's pages, how much stays in memory. Rows are appended, and passed over in order, so more gives nothing.
    private static let cacheKibibytes = 32_768

    static func configuration(readonly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = false
        configuration.label = "case"
        configuration.busyMode = .timeout(TimeInterval(patience))
        configuration.prepareDatabase { db in
            if !readonly {
                // A rollback journal holds only pages that existed before: rows that are only ever appended cost
                // nothing twice, as they would in a write-ahead log, and the case stays one file.
                try db.execute(
                    sql:
                        "PRAGMA page_size = \(PageLoader.pageBytes); PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL"
                )
            }
            // SQLite reckons the cache in pages of the size that it knows when it is told, so the file's is read first:
            // else it keeps four times as much.
            try db.execute(
                sql: "PRAGMA schema_version; PRAGMA cache_size = -\(cacheKibibytes); PRAGMA temp_store = FILE")
            // A case may come from somebody else (sqlite.org/security.html, "Untrusted SQLite Database Files").
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        return configuration
    }

    /// Runs `body`; what SQLite says of the file becomes this product's words.
    static func translating<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            let words = error.message ?? "\(error)"
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw CaseFileError.locked(path: path)
            // The statements fit the tables of a sound case, so an error in one is the case's.
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR: throw CaseFileError.damaged(path: path, what: words)
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
                throw CaseFileError.cannotUse(path: path, reason: ProcessLimits.telling(words))
            default: throw error
            }
        } catch let error as RowDecodingError {
            // A cell of another type than its table declares: SQLite does not check what it reads.
            // The rest of the error's text is the whole row.
            let words = "\(error)".split(separator: ", row: ", maxSplits: 1)[0]
            throw CaseFileError.damaged(path: path, what: String(words))
        }
    }
}
