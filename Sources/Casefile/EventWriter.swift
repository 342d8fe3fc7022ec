public import GRDB
internal import GRDBSQLite
public import LogRecords

/// Puts records into a case as fast as SQLite takes them: prepared statements, bound without boxing.
///
/// Lives inside one `CaseFile.writeInSteps`; the caller decides where transactions begin and end.
public struct EventWriter {
    private let names: NameTable
    private let name: Inserter
    private let delivery: Inserter
    private let fill: Inserter
    private let purge: Inserter
    private let rollout: Inserter
    private let account: Inserter
    private let camera: Inserter
    private let granted: Inserter

    public init(_ db: Database, names: NameTable) throws {
        self.names = names
        name = try Inserter(db, "name", columns: 2)
        delivery = try Inserter(db, "delivery", columns: 23)
        fill = try Inserter(db, "fill", columns: 15)
        purge = try Inserter(db, "purge", columns: 8)
        rollout = try Inserter(db, "rollout", columns: 4)
        account = try Inserter(db, "account", columns: 2)
        camera = try Inserter(db, "camera", columns: 6)
        granted = try Inserter(db, "granted", columns: 6)
    }

    /// Stores a batch and every name that is not stored yet.
    public func write(_ batch: RecordBatch) throws {
        for record in batch.deliveries { try write(record) }
        for record in batch.fills { try write(record) }
        for record in batch.purges {
            try purge.insert {
                $0.bind(record.id.rawValue)
                $0.bind(record.time)
                $0.bind(record.clock)
                $0.bind(record.node)
                $0.bind(record.key)
                $0.bind(record.isExpiry ? 1 : 0)
            }
        }
        for record in batch.rollouts {
            try rollout.insert {
                $0.bind(record.id.rawValue)
                $0.bind(record.time.stamp)
                $0.bind(record.node)
                $0.bind(record.name)
            }
        }
        for record in batch.accounts {
            try account.insert {
                $0.bind(record.id.rawValue)
                $0.bind(record.account)
            }
        }
        for record in batch.cameras {
            try camera.insert {
                $0.bind(record.id.rawValue)
                $0.bind(record.camera)
                $0.bind(record.owner)
                $0.bind(optional: record.owned.from)
                $0.bind(optional: record.owned.until)
                $0.bind(record.model)
            }
        }
        for record in batch.grants {
            try granted.insert {
                $0.bind(record.id.rawValue)
                $0.bind(record.owner)
                $0.bind(record.camera)
                $0.bind(record.grantee)
                $0.bind(optional: record.live.from)
                $0.bind(optional: record.live.until)
            }
        }
        try writeNames()
    }

    /// Stores every name that is not stored yet.
    public func writeNames() throws {
        try names.drain { id, text in
            try name.insert {
                $0.bind(Int64(id.rawValue))
                $0.bind(text: text)
            }
        }
    }

    private func write(_ record: Delivery) throws {
        try delivery.insert {
            $0.bind(record.id.rawValue)
            $0.bind(record.time)
            $0.bind(record.time.begunBy - record.time.earliest)
            $0.bind(record.clock)
            $0.bind(record.node)
            $0.bind(record.requester)
            $0.bind(record.camera)
            $0.bind(record.key)
            $0.bind(record.frame)
            $0.bind(record.owner)
            $0.bind(record.frameCamera)
            $0.bind(Int64(record.cacheStatus.rawValue))
            $0.bind(record.cacheWord)
            $0.bind(optional: record.status == 0 ? nil : Int64(record.status))
            $0.bind(optional: record.bytes < 0 ? nil : record.bytes)
            $0.bind(optional: record.rttMilliseconds < 0 ? nil : Int64(record.rttMilliseconds))
            $0.bind(optional: record.lossBasisPoints < 0 ? nil : Int64(record.lossBasisPoints))
            $0.bind(record.client)
            $0.bind(record.network)
            $0.bind(record.kind)
            $0.bind(Int64(record.flags.rawValue))
        }
    }

    private func write(_ record: Fill) throws {
        try fill.insert {
            $0.bind(record.id.rawValue)
            $0.bind(record.time)
            $0.bind(record.clock)
            $0.bind(Int64(record.kind.rawValue))
            $0.bind(record.node)
            $0.bind(record.key)
            $0.bind(record.frame)
            $0.bind(record.camera)
            $0.bind(record.owner)
            $0.bind(record.requester)
            $0.bind(record.validator)
            $0.bind(record.version)
            $0.bind(optional: record.ttlSeconds < 0 ? nil : Int64(record.ttlSeconds))
        }
    }
}

/// One prepared `INSERT` and the column that is bound next.
private final class Inserter {
    private let statement: Statement
    private let handle: OpaquePointer
    private var column: Int32 = 0

    init(_ db: Database, _ table: String, columns: Int) throws {
        let places = Array(repeating: "?", count: columns).joined(separator: ",")
        statement = try db.makeStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
        handle = statement.sqliteStatement
    }

    func insert(_ bind: (Inserter) -> Void) throws {
        column = 0
        bind(self)
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
        }
    }

    func bind(_ value: Int64) {
        column += 1
        sqlite3_bind_int64(handle, column, value)
    }

    func bind(optional value: Int64?) {
        if let value { bind(value) } else { bindNull() }
    }

    func bind(_ name: NameID) {
        if name.isPresent { bind(Int64(name.rawValue)) } else { bindNull() }
    }

    func bind(_ time: EventTime) {
        bind(time.stamp)
        bind(time.stamp - time.earliest)
        bind(time.latest - time.stamp)
    }

    func bind(text: String) {
        column += 1
        // SQLITE_TRANSIENT: SQLite copies the text before the call returns.
        sqlite3_bind_text(handle, column, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }

    private func bindNull() {
        column += 1
        sqlite3_bind_null(handle, column)
    }
}
