public import GRDB
import Interning
public import LogRecords

// What is led over the columns of an event table (see `ColumnVisitor`) to read and to write its rows.

/// Reads the row that a statement stands at, which begins with all columns of the table.
struct RowReader: ColumnVisitor {
    private let row: EventRow
    private var position: Int32

    init(_ row: EventRow, from position: Int32) { (self.row, self.position) = (row, position) }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        if case .null = column.absence {
            value = row.optional(position) ?? EventColumn.null
        } else {
            value = row.integer(position)
        }
        position += 1
    }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        symbol = row.name(position)
        position += 1
    }
}

extension RowEncoder.Record: ColumnVisitor {
    @inline(__always)
    mutating func visit(_ column: EventColumn, _ value: inout Int64) { set(value) }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        set(symbol.rawValue == 0 ? RowEncoder.null : Int64(symbol.rawValue))
    }

    @inline(__always)
    mutating func beginRareColumns() -> Bool { !endsEarly }
}

extension RowEncoder {
    /// Adds a record's row.
    ///
    /// - Parameter endsEarly: whether it has none of the columns that few rows have.
    @inline(__always)
    mutating func add<Record: EventRecord>(_ record: Record, endsEarly: Bool = false) {
        add(record.id.rawValue) { cell in
            var record = record
            cell.endsEarly = endsEarly
            record.visitColumns(&cell)
        }
    }
}

/// The values of a record's row as SQL has them, but for `id`.
struct RowValues: ColumnVisitor {
    private(set) var values: [DatabaseValue] = []

    init(_ record: some EventRecord) {
        var record = record
        record.visitColumns(&self)
    }

    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        values.append(value == EventColumn.null ? .null : value.databaseValue)
    }

    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        values.append(symbol.stored?.databaseValue ?? .null)
    }

    mutating func visit(_ column: EventColumn, _ text: inout String) { values.append(text.databaseValue) }
}

/// Puts records into their table by SQL, for writers of few rows.
public struct RecordInsert<Record: EventRecord> {
    /// What is done with a record whose row is there already.
    public enum Conflict: String, Sendable {
        case fail = "INSERT"
        case ignore = "INSERT OR IGNORE"
        case replace = "INSERT OR REPLACE"
    }

    private let statement: RowStatement
    private let hasID: Bool

    /// - Throws: `DatabaseError`.
    public init(_ db: Database, onConflict: Conflict = .fail) throws {
        hasID = EventTable(Record.self).hasID
        statement = try RowStatement(Self.sql(onConflict: onConflict), db)
    }

    static func sql(onConflict: Conflict) -> String {
        let table = EventTable(Record.self)
        let marks = Array(repeating: "?", count: table.width).joined(separator: ", ")
        return "\(onConflict.rawValue) INTO \(table.name) VALUES (\(marks))"
    }

    /// - Throws: `DatabaseError`.
    public func execute(_ record: Record) throws {
        try statement.execute((hasID ? [record.id.rawValue.databaseValue] : []) + RowValues(record).values)
    }
}
