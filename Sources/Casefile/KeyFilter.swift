import GRDB
internal import GRDBSQLite
import LogRecords

/// An SQL function that says whether a key is among some: a bit for each name, so that a scan of all events costs
/// little more than reading them.
final class KeyFilter {
    /// What SQL calls it.
    let name = "is_followed"
    private let bits: [UInt64]

    /// Stands until the next one is made.
    init(_ db: Database, _ keys: [NameID]) throws {
        var bits = [UInt64](repeating: 0, count: Int((keys.map(\.rawValue).max() ?? 0) >> 6) + 1)
        for key in keys { bits[Int(key.rawValue) >> 6] |= 1 << UInt64(key.rawValue & 63) }
        self.bits = bits
        let code = sqlite3_create_function_v2(
            db.sqliteConnection, name, 1, SQLITE_UTF8, Unmanaged.passRetained(self).toOpaque(),
            { context, _, arguments in
                let filter = Unmanaged<KeyFilter>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue()
                let key = arguments?.pointee
                let isAmong = sqlite3_value_type(key) == SQLITE_INTEGER && filter.contains(sqlite3_value_int64(key))
                sqlite3_result_int(context, isAmong ? 1 : 0)
            }, nil, nil, { Unmanaged<KeyFilter>.fromOpaque($0.unsafelyUnwrapped).release() })
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private func contains(_ key: Int64) -> Bool {
        let word = Int(key >> 6)
        return word < bits.count && bits[word] >> UInt64(key & 63) & 1 == 1
    }
}
