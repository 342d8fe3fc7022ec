import GRDB
internal import GRDBSQLite
import LogRecords

/// The row that a statement stands at, read column by column without boxing: what millions of events are read with.
///
/// Columns are those of the event tables, in the order of `Schema`.
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

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optional(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }

    /// A NULL reads as 0, which is the absent name.
    func name(_ column: Int32) -> NameID { NameID(rawValue: sqlite3_column_int(handle, column)) }

    private func small(_ column: Int32, absent: Int32) -> Int32 {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? absent : sqlite3_column_int(handle, column)
    }

    private func time(begun: Int64? = nil) -> EventTime {
        let stamp = integer(1)
        let earliest = stamp - integer(2)
        return EventTime(
            stamp: stamp, earliest: earliest, latest: stamp + integer(3), begunBy: begun.map { earliest + $0 })
    }

    var fill: Fill {
        Fill(
            id: EventID(rawValue: integer(0)), time: time(), clock: name(4),
            kind: Fill.Kind(rawValue: UInt8(truncatingIfNeeded: integer(5))) ?? .sent, node: name(6), key: name(7),
            frame: name(8), camera: name(9), owner: name(10), requester: name(11), validator: name(12),
            version: name(13), ttlSeconds: small(14, absent: -1))
    }

    var purge: Purge {
        Purge(
            id: EventID(rawValue: integer(0)), time: time(), clock: name(4), node: name(5), key: name(6),
            isExpiry: integer(7) != 0)
    }

    /// How many columns a delivery has: those that a statement adds stand behind.
    static let deliveryColumns: Int32 = 23

    var delivery: Delivery {
        Delivery(
            id: EventID(rawValue: integer(0)), time: time(begun: integer(4)), clock: name(5), node: name(6),
            requester: name(7), camera: name(8), key: name(9), frame: name(10), owner: name(11), frameCamera: name(12),
            cacheStatus: CacheStatus(rawValue: UInt8(truncatingIfNeeded: integer(13))) ?? .unknown,
            cacheWord: name(14), status: small(15, absent: 0), bytes: optional(16) ?? -1,
            rttMilliseconds: small(17, absent: -1), lossBasisPoints: small(18, absent: -1), client: name(19),
            network: name(20), kind: name(21), flags: Delivery.Flags(rawValue: UInt8(truncatingIfNeeded: integer(22))))
    }
}
