import GRDB
internal import GRDBSQLite
import LogRecords

/// The row that a statement stands at, read column by column without boxing: what millions of events are read with.
///
/// Columns are those of the event tables, in the order of `Schema`. In a case that was changed by something else they may
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

    var fill: Fill {
        Fill(
            id: id, time: time, clock: name(4),
            kind: Fill.Kind(rawValue: UInt8(truncatingIfNeeded: integer(5))) ?? .sent, node: name(6), key: name(7),
            frame: name(8), camera: name(9), owner: name(10), requester: name(11), validator: name(12),
            version: name(13), ttlSeconds: small(14, absent: -1))
    }

    var purge: Purge {
        Purge(
            id: id, time: time, clock: name(4), node: name(5), key: name(6),
            isExpiry: integer(7) != 0)
    }

    var camera: CameraRecord {
        CameraRecord(
            id: id, camera: name(1), owner: name(2), owned: Validity(from: optional(3), until: optional(4)),
            model: name(5), openEnds: OpenEnds(rawValue: UInt8(clamping: integer(6))))
    }

    /// Of a fill or purge.
    private var time: EventTime {
        let stamp = integer(1)
        return EventTime(stamp: stamp, earliest: stamp &- integer(2), latest: stamp &+ integer(3))
    }

    /// How many columns a delivery has: those that a statement adds stand behind.
    static let deliveryColumns: Int32 = 15

    /// The number of a delivery's.
    var circumstance: Int { Int(integer(5)) }

    /// - Parameter circumstances: by their numbers.
    /// - Throws: `DatabaseError` if the case does not have the delivery's.
    func delivery(_ circumstances: [DeliveryContext?]) throws -> Delivery {
        let shared = try DeliveryContext.numbered(circumstance, in: circumstances, of: id)
        let stamp = integer(1)
        let earliest = stamp &- integer(9)
        return Delivery(
            id: id,
            time: EventTime(
                stamp: stamp, earliest: earliest, latest: stamp &+ integer(10), begunBy: earliest &+ integer(11)),
            clock: shared.clock, node: shared.node, requester: name(3), camera: name(4), key: name(2), frame: name(12),
            owner: name(13), frameCamera: name(14), cacheStatus: shared.cacheStatus, cacheWord: shared.cacheWord,
            status: shared.status, bytes: optional(6) ?? -1, rttMilliseconds: small(7, absent: -1),
            lossBasisPoints: small(8, absent: -1), client: shared.client, network: shared.network, kind: shared.kind,
            extra: shared.extra,
            flags: shared.flags)
    }
}
