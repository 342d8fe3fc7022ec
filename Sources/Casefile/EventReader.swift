public import GRDB
public import LogRecords

/// Reads events back out of a case, for the correlation.
///
/// Events of equal times come in order of their sources' digests and lines, so that what is computed from them does
/// not depend on the order in which files were read.
public struct EventReader {
    private let db: Database

    public init(_ db: Database) { self.db = db }

    private static let counted = "source s ON s.id = e.id >> 36 AND s.state IN ('complete', 'damaged')"
    private static let tieBreak = "s.label, e.id"

    public func cameras() throws -> [CameraRecord] {
        try fetch("SELECT e.* FROM camera e JOIN \(Self.counted) ORDER BY \(Self.tieBreak)") { row in
            CameraRecord(
                id: EventID(rawValue: row[0]), camera: row.name(1), owner: row.name(2),
                owned: Validity(from: row[3], until: row[4]), model: row.name(5))
        }
    }

    public func grants() throws -> [GrantRecord] {
        try fetch("SELECT e.* FROM granted e JOIN \(Self.counted) ORDER BY \(Self.tieBreak)") { row in
            GrantRecord(
                id: EventID(rawValue: row[0]), owner: row.name(1), camera: row.name(2), grantee: row.name(3),
                live: Validity(from: row[4], until: row[5]))
        }
    }

    /// In order of time, then of the rollout's name.
    public func rollouts() throws -> [Rollout] {
        try fetch(
            """
            SELECT e.* FROM rollout e JOIN \(Self.counted) JOIN name n ON n.id = e.name
            ORDER BY e.ts, n.text, \(Self.tieBreak)
            """
        ) { row in
            Rollout(id: EventID(rawValue: row[0]), time: EventTime(row[1]), node: row.name(2), name: row.name(3))
        }
    }

    /// How many nodes the deliveries name; a delivery that names none counts as one more.
    public func nodeCount() throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT DISTINCT node FROM delivery)") ?? 0
    }

    /// Calls `body` for every fill that names a frame, in order of time.
    public func eachFrameFill(_ body: (Fill) throws -> Void) throws {
        try each(
            "SELECT e.* FROM fill e JOIN \(Self.counted) WHERE e.frame IS NOT NULL ORDER BY e.ts, \(Self.tieBreak)"
        ) { try body(Self.fill($0)) }
    }

    /// Calls `body` for every fill, purge and delivery, key by key, under each key in order of `time.earliest`.
    public func eachKeyEvent(
        fill: (Fill) throws -> Void, purge: (Purge) throws -> Void, delivery: (Delivery) throws -> Void
    ) throws {
        func cursor(_ table: String) throws -> Merged {
            try Merged(
                Row.fetchCursor(
                    db,
                    sql: """
                        SELECT e.* FROM \(table) e JOIN \(Self.counted)
                        ORDER BY e.key, e.ts - e.early, \(Self.tieBreak)
                        """), keyColumn: ["fill": 7, "purge": 6, "delivery": 9][table] ?? 0)
        }
        var fills = try cursor("fill")
        var purges = try cursor("purge")
        var deliveries = try cursor("delivery")
        while true {
            // At one moment what changes an entry comes before what reads it; the sweep's intervals decide the rest.
            let place = min(fills.place, purges.place, deliveries.place)
            if place == .end { return }
            if fills.place == place, let row = fills.row {
                try fill(Self.fill(row))
                try fills.advance()
            } else if purges.place == place, let row = purges.row {
                try purge(Self.purge(row))
                try purges.advance()
            } else if let row = deliveries.row {
                try delivery(Self.delivery(row))
                try deliveries.advance()
            }
        }
    }

    // MARK: Rows

    private func each(_ sql: String, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { try body(row) }
    }

    private func fetch<T>(_ sql: String, _ make: (Row) -> T) throws -> [T] {
        var all: [T] = []
        try each(sql) { all.append(make($0)) }
        return all
    }

    private static func time(_ row: Row, begun: Int64? = nil) -> EventTime {
        let stamp: Int64 = row[1]
        let earliest = stamp - (row[2] as Int64)
        return EventTime(stamp: stamp, earliest: earliest, latest: stamp + row[3], begunBy: begun.map { earliest + $0 })
    }

    private static func fill(_ row: Row) -> Fill {
        Fill(
            id: EventID(rawValue: row[0]), time: time(row), clock: row.name(4),
            kind: Fill.Kind(rawValue: row[5]) ?? .sent,
            node: row.name(6), key: row.name(7), frame: row.name(8), camera: row.name(9), owner: row.name(10),
            requester: row.name(11), validator: row.name(12), version: row.name(13), ttlSeconds: row[14] ?? -1)
    }

    private static func purge(_ row: Row) -> Purge {
        Purge(
            id: EventID(rawValue: row[0]), time: time(row), clock: row.name(4), node: row.name(5), key: row.name(6),
            isExpiry: row[7])
    }

    static func delivery(_ row: Row) -> Delivery {
        Delivery(
            id: EventID(rawValue: row[0]), time: time(row, begun: row[4]), clock: row.name(5), node: row.name(6),
            requester: row.name(7), camera: row.name(8), key: row.name(9), frame: row.name(10), owner: row.name(11),
            frameCamera: row.name(12), cacheStatus: CacheStatus(rawValue: row[13]) ?? .unknown, cacheWord: row.name(14),
            status: row[15] ?? 0, bytes: row[16] ?? -1, rttMilliseconds: row[17] ?? -1, lossBasisPoints: row[18] ?? -1,
            client: row.name(19), network: row.name(20), kind: row.name(21), flags: Delivery.Flags(rawValue: row[22]))
    }
}

extension Row {
    fileprivate func name(_ column: Int) -> NameID { NameID(rawValue: self[column] ?? 0) }
}

/// A cursor over one table's rows and the place of the row ahead.
private struct Merged {
    struct Place: Comparable {
        var key: Int32
        var earliest: Int64
        static let end = Place(key: .max, earliest: .max)
        static func < (a: Place, b: Place) -> Bool { (a.key, a.earliest) < (b.key, b.earliest) }
    }

    private let cursor: RowCursor
    private let keyColumn: Int
    private(set) var row: Row?
    private(set) var place = Place.end

    init(_ cursor: RowCursor, keyColumn: Int) throws {
        self.cursor = cursor
        self.keyColumn = keyColumn
        try advance()
    }

    mutating func advance() throws {
        row = try cursor.next()
        guard let row else {
            place = .end
            return
        }
        place = Place(key: row[keyColumn] ?? 0, earliest: (row[1] as Int64) - (row[2] as Int64))
    }
}
