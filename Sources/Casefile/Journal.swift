internal import Foundation
public import GRDB

/// What was done to a case, when: the one place for times of runs and for paths outside the dump.
public enum Journal {
    /// Adds an entry.
    ///
    /// - Parameter detail: facts by name; written as JSON.
    public static func append(_ action: String, _ detail: [String: String], to db: Database) throws {
        try db.execute(
            sql: "INSERT INTO journal (at, action, detail) VALUES (?, ?, ?)",
            arguments: [Date.now.ISO8601Format(), action, try json(detail)])
    }

    /// The facts as an entry has them.
    public static func json(_ detail: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(detail), as: UTF8.self)
    }
}
