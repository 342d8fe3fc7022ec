public import GRDB
public import LogRecords

/// Puts records into a case, in batches, as fast as SQLite takes them (see `RowFeed`).
///
/// Lives inside one `CaseFile.writeInSteps`; the caller decides where transactions begin and end.
public final class EventWriter {
    private let names: NameTable
    private var circumstances: CircumstanceNumbers
    private let name: RowFeed
    private let delivery: RowFeed
    private let fill: RowFeed
    private let purge: RowFeed
    private let rollout: RowFeed
    private let account: RowFeed
    private let camera: RowFeed
    private let granted: RowFeed

    public init(_ db: Database, names: NameTable) throws {
        self.names = names
        circumstances = try CircumstanceNumbers(db)
        name = try RowFeed(db, into: "name", columns: 2, textColumn: 1)
        delivery = try RowFeed(db, into: "delivery", columns: 15)
        fill = try RowFeed(db, into: "fill", columns: 15)
        purge = try RowFeed(db, into: "purge", columns: 8)
        rollout = try RowFeed(db, into: "rollout", columns: 4)
        account = try RowFeed(db, into: "account", columns: 2)
        camera = try RowFeed(db, into: "camera", columns: 6)
        granted = try RowFeed(db, into: "granted", columns: 6)
    }

    /// Stores a batch and every name that is not stored yet.
    public func write(_ batch: RecordBatch) throws {
        for record in batch.deliveries { try write(record) }
        for record in batch.fills { try write(record) }
        for record in batch.purges {
            try purge.add {
                $0.set(record.id.rawValue)
                $0.set(record.time)
                $0.set(record.clock)
                $0.set(record.node)
                $0.set(record.key)
                $0.set(record.isExpiry ? 1 : 0)
            }
        }
        for record in batch.rollouts {
            try rollout.add {
                $0.set(record.id.rawValue)
                $0.set(record.time.stamp)
                $0.set(record.node)
                $0.set(record.name)
            }
        }
        for record in batch.accounts {
            try account.add {
                $0.set(record.id.rawValue)
                $0.set(record.account)
            }
        }
        for record in batch.cameras {
            try camera.add {
                $0.set(record.id.rawValue)
                $0.set(record.camera)
                $0.set(record.owner)
                $0.set(optional: record.owned.from)
                $0.set(optional: record.owned.until)
                $0.set(record.model)
            }
        }
        for record in batch.grants {
            try granted.add {
                $0.set(record.id.rawValue)
                $0.set(record.owner)
                $0.set(record.camera)
                $0.set(record.grantee)
                $0.set(optional: record.live.from)
                $0.set(optional: record.live.until)
            }
        }
        for feed in [delivery, fill, purge, rollout, account, camera, granted] { try feed.flush() }
        try writeNames()
    }

    /// Stores every name that is not stored yet.
    public func writeNames() throws {
        try names.drain { id, text in try name.add(Int64(id.rawValue), text) }
        try name.flush()
    }

    private func write(_ record: Delivery) throws {
        let circumstance = try circumstances.number(Circumstance(record))
        try delivery.add {
            $0.set(record.id.rawValue)
            $0.set(record.time.stamp)
            $0.set(record.key)
            $0.set(record.requester)
            $0.set(record.camera)
            $0.set(circumstance)
            $0.set(record.bytes, ifNot: -1)
            $0.set(Int64(record.rttMilliseconds), ifNot: -1)
            $0.set(Int64(record.lossBasisPoints), ifNot: -1)
            $0.set(record.time.stamp - record.time.earliest)
            $0.set(record.time.latest - record.time.stamp)
            $0.set(record.time.begunBy - record.time.earliest)
            $0.set(record.frame)
            $0.set(record.owner)
            $0.set(record.frameCamera)
        }
    }

    private func write(_ record: Fill) throws {
        try fill.add {
            $0.set(record.id.rawValue)
            $0.set(record.time)
            $0.set(record.clock)
            $0.set(Int64(record.kind.rawValue))
            $0.set(record.node)
            $0.set(record.key)
            $0.set(record.frame)
            $0.set(record.camera)
            $0.set(record.owner)
            $0.set(record.requester)
            $0.set(record.validator)
            $0.set(record.version)
            $0.set(Int64(record.ttlSeconds), ifNot: -1)
        }
    }
}

extension RowFeed.Row {
    @inline(__always)
    fileprivate mutating func set(optional value: Int64?) { set(value ?? RowFeed.null) }

    /// Sets NULL for the value that stands for "the line does not say".
    @inline(__always)
    fileprivate mutating func set(_ value: Int64, ifNot absent: Int64) { set(value == absent ? RowFeed.null : value) }

    @inline(__always)
    fileprivate mutating func set(_ name: NameID) { set(name.isPresent ? Int64(name.rawValue) : RowFeed.null) }

    @inline(__always)
    fileprivate mutating func set(_ time: EventTime) {
        set(time.stamp)
        set(time.stamp - time.earliest)
        set(time.latest - time.stamp)
    }
}
