internal import GRDB
import LogRecords

/// The tables of a case file.
///
/// Event rows are narrow integers: a row's `id` is its source's number times 2^36 plus its line number, so rows lie in
/// order of reading and lead back to their raw line; every text stands once, in `name`. Frame ids are in `frame`, up to
/// one for each fill: while only fills name frames, one that comes again may stand there again. People read the views (see
/// `Views.swift`), which join it all back.
enum Schema {
    /// "SFrm": marks the file as a case of this product (SQLite's `application_id`).
    static let applicationID: Int32 = 0x5346_726d
    static let version = 9

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("\(version)") { db in
            for sql in [logs, events, findings, conclusions, upkeep] { try db.execute(sql: sql) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
        return migrator
    }

    /// What makes reading faster, and writing slower: built once all is read.
    static let indexes = ["camera_by_name": "camera(camera)"]

    /// The tables of what was read from lines, as their records declare them.
    private static let events = ([.reject, .circumstance] + EventTable.all).map(\.createSQL)
        .joined(separator: "\n")
}
