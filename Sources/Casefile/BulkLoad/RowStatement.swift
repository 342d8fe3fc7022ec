public import GRDB
internal import GRDBSQLite

/// A statement that takes a row's values as they are: a dump can be two hundred thousand files, each with rows of its own,
/// and have as many exposures.
public struct RowStatement {
    private let statement: Statement

    /// - Parameter sql: of one statement that gives no row, with a `?` for each value.
    /// - Throws: `DatabaseError`.
    public init(_ sql: String, _ db: Database) throws { statement = try db.cachedStatement(sql: sql) }

    /// Executes it with a value for each `?`.
    ///
    /// - Throws: `DatabaseError`.
    public func execute(_ values: [DatabaseValue]) throws {
        let handle = statement.sqliteStatement
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            switch value.storage {
            case .null: sqlite3_bind_null(handle, place)
            case .int64(let number): sqlite3_bind_int64(handle, place, number)
            case .double(let number): sqlite3_bind_double(handle, place, number)
            case .string(var text):
                text.withUTF8 { bytes in
                    _ = bytes.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(handle, place, $0.baseAddress, Int32($0.count), Self.copied)
                    }
                }
            case .blob(let data):
                data.withUnsafeBytes {
                    _ = sqlite3_bind_blob(handle, place, $0.baseAddress, Int32($0.count), Self.copied)
                }
            }
        }
        try step(handle)
    }

    /// Executes it with a number and a UTF-8 text, which has at least one byte.
    func execute(_ number: Int64, _ text: UnsafeRawBufferPointer) throws {
        let handle = statement.sqliteStatement
        sqlite3_bind_int64(handle, 1, number)
        // Not copied: it is only needed until the row is in.
        sqlite3_bind_text(handle, 2, text.assumingMemoryBound(to: CChar.self).baseAddress, Int32(text.count), nil)
        defer { sqlite3_clear_bindings(handle) }
        try step(handle)
    }

    /// Executes it with a number and some bytes, which are at least one.
    func execute(_ number: Int64, bytes: UnsafeRawBufferPointer) throws {
        let handle = statement.sqliteStatement
        sqlite3_bind_int64(handle, 1, number)
        // Not copied: it is only needed until the row is in.
        sqlite3_bind_blob(handle, 2, bytes.baseAddress, Int32(bytes.count), nil)
        defer { sqlite3_clear_bindings(handle) }
        try step(handle)
    }

    private func step(_ handle: OpaquePointer) throws {
        defer { sqlite3_reset(handle) }
        guard sqlite3_step(handle) == SQLITE_DONE else {
            let connection = sqlite3_db_handle(handle)
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: String(cString: sqlite3_errmsg(connection)))
        }
    }

    /// `SQLITE_TRANSIENT`, a cast that Swift cannot read from sqlite3.h: SQLite makes a copy of its own.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
