import GRDB
internal import GRDBSQLite
import LogRecords

/// An SQL function that says whether a key is among some, so that a scan of all events costs little more than reading
/// them.
final class KeyFilter {
    /// What SQL calls it.
    let name = "is_followed"
    private let keys: SymbolSet

    /// Stands until the next one is made.
    init(_ db: Database, _ keys: SymbolSet) throws {
        self.keys = keys
        let code = sqlite3_create_function_v2(
            db.sqliteConnection, name, 1, SQLITE_UTF8, Unmanaged.passRetained(self).toOpaque(),
            { context, _, arguments in
                let filter = Unmanaged<KeyFilter>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue()
                let key = arguments?.pointee
                let isAmong =
                    sqlite3_value_type(key) == SQLITE_INTEGER
                    && filter.keys.contains(SymbolID(rawValue: sqlite3_value_int(key)))
                sqlite3_result_int(context, isAmong ? 1 : 0)
            }, nil, nil, { Unmanaged<KeyFilter>.fromOpaque($0.unsafelyUnwrapped).release() })
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}
