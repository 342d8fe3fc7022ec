internal import Foundation
public import GRDB

/// What was done to a case, when: the one place for times of runs and for paths outside the dump.
public enum Journal {
    /// Adds an entry.
    ///
    /// - Parameter detail: facts by name; written as JSON.
    public static func append(_ action: String, _ detail: [String: String], to db: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(detail), as: UTF8.self)
        try db.execute(
            sql: "INSERT INTO journal (at, action, detail) VALUES (?, ?, ?)",
            arguments: [Date.now.ISO8601Format(), action, json])
    }
}
