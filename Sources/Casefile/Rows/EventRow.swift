import GRDB
internal import GRDBSQLite
import Interning
import LogRecords

/// The row that a statement stands at, read column by column without boxing: what millions of events are read with.
///
/// In a case that was changed by something else they may
/// hold any number: it is read as it stands, for its seal to tell.
final class EventRow {
    private let statement: Statement
    private let handle: OpaquePointer
    private var isAtEnd = false

    init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
    }

    deinit { sqlite3_reset(handle) }

    /// Goes to the next row; false behind the last.
    func step() throws -> Bool {
        if isAtEnd { return false }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            isAtEnd = true
            return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
        }
    }

    /// Adds the values of the first columns to a hash of rows.
    func add(_ columns: Int32, to hash: inout RowHash) { hash.add(handle, columns: columns) }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optional(_ column: Int32) -> Int64? {
        // A NULL reads as 0, and only few numbers are: mostly one question is enough.
        let number = sqlite3_column_int64(handle, column)
        return number == 0 && sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : number
    }

    /// A NULL reads as 0, which is the absent name.
    func name(_ column: Int32) -> SymbolID { SymbolID(rawValue: sqlite3_column_int(handle, column)) }

    func small(_ column: Int32, absent: Int32) -> Int32 {
        let number = sqlite3_column_int(handle, column)
        return number == 0 && sqlite3_column_type(handle, column) == SQLITE_NULL ? absent : number
    }

    /// Lends a column's bytes as numbers of four bytes.
    func withWords(_ column: Int32, _ body: (UnsafeBufferPointer<UInt32>) throws -> Void) rethrows {
        let bytes = UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
        // SQLite promises no alignment, and usually has one.
        if UInt(bitPattern: bytes.baseAddress) % 4 == 0 { return try body(bytes.bindMemory(to: UInt32.self)) }
        let words = (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        try words.withUnsafeBufferPointer(body)
    }

    var id: EventID { EventID(rawValue: integer(0)) }

    /// The record of a row that begins with all columns of its table.
    func record<Record: EventRecord>(_: Record.Type = Record.self) -> Record {
        var record = Record(reading: id)
        var reader = RowReader(self, from: 1)
        record.visitColumns(&reader)
        return record
    }

    /// - Parameter circumstances: by their numbers.
    /// - Throws: `DatabaseError` if the case does not have the delivery's.
    func delivery(_ circumstances: [DeliveryContext?]) throws -> Delivery { try counted(circumstances).delivery }

    /// The same with the number of its circumstance.
    func counted(_ circumstances: [DeliveryContext?]) throws -> DeliveryRow {
        var row = record(DeliveryRow.self)
        let shared = try DeliveryContext.numbered(
            Int(truncatingIfNeeded: row.circumstance), in: circumstances, of: row.id)
        // Its own number of bytes counts, and not what its circumstance says of them.
        let bytes = row.delivery.bytes
        shared.apply(to: &row.delivery)
        row.delivery.bytes = bytes
        return row
    }
}
