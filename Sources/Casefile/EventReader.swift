public import GRDB
public import LogRecords

/// Reads events back out of a case, for the correlation.
///
/// Events of equal times come in order of their sources' digests and lines, so that what is computed from them does
/// not depend on the order in which files were read.
public struct EventReader {
    let db: Database
    /// The place of each source in the order of labels; nil for one whose events do not count.
    private let ranks: [Int64: Int64]
    /// By number; no delivery has 0.
    let circumstances: [Circumstance?]

    public init(_ db: Database) throws {
        self.db = db
        let listed = try CircumstanceNumbers.all(db)
        var circumstances = [Circumstance?](repeating: nil, count: Int(listed.last?.0 ?? 0) + 1)
        for (number, circumstance) in listed { circumstances[Int(number)] = circumstance }
        self.circumstances = circumstances
        let labels = try Int64.fetchAll(
            db, sql: "SELECT id FROM source WHERE state IN ('complete', 'damaged') ORDER BY label, id")
        ranks = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, Int64($0)) })
    }

    /// A number by which to order events of equal times.
    public func tieBreak(_ id: EventID) -> Int64 { (ranks[id.source] ?? 0) << EventID.lineBits | id.line }

    private static let counted = "source s ON s.id = e.id >> 36 AND s.state IN ('complete', 'damaged')"
    private static let tieBreak = "s.label, e.id"

    // MARK: Directory

    public func cameras() throws -> [CameraRecord] {
        try fetch("SELECT e.* FROM camera e JOIN \(Self.counted) ORDER BY \(Self.tieBreak)") { row in
            CameraRecord(
                id: EventID(rawValue: row.integer(0)), camera: row.name(1), owner: row.name(2),
                owned: Validity(from: row.optional(3), until: row.optional(4)), model: row.name(5))
        }
    }

    public func grants() throws -> [GrantRecord] {
        try fetch("SELECT e.* FROM granted e JOIN \(Self.counted) ORDER BY \(Self.tieBreak)") { row in
            GrantRecord(
                id: EventID(rawValue: row.integer(0)), owner: row.name(1), camera: row.name(2), grantee: row.name(3),
                live: Validity(from: row.optional(4), until: row.optional(5)))
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
            Rollout(
                id: EventID(rawValue: row.integer(0)), time: EventTime(row.integer(1)), node: row.name(2),
                name: row.name(3))
        }
    }

    // MARK: Events in order of reading

    public func eachFill(_ body: (Fill) throws -> Void) throws { try eachCounted("fill") { try body($0.fill) } }

    public func eachPurge(_ body: (Purge) throws -> Void) throws { try eachCounted("purge") { try body($0.purge) } }

    /// - Parameter body: gets the number of the delivery's circumstance too.
    public func eachDelivery(_ body: (Delivery, _ circumstance: Int) throws -> Void) throws {
        try eachCounted("delivery") { try body($0.delivery(circumstances), $0.circumstance) }
    }

    private func eachCounted(_ table: String, _ body: (EventRow) throws -> Void) throws {
        // Rows stand source by source.
        var source: Int64 = -1
        var isCounted = false
        try each("SELECT * FROM \(table)") { row in
            if row.id.source != source {
                source = row.id.source
                isCounted = ranks[source] != nil
            }
            if isCounted { try body(row) }
        }
    }

    // MARK: Events by key

    /// Calls `body` for every fill, purge and delivery under some keys, key by key, under each key in order of
    /// `time.earliest`. SQLite sorts, outside memory if need be.
    public func eachEvent(
        under keys: [NameID], fill: (Fill) throws -> Void, purge: (Purge) throws -> Void,
        delivery: (Delivery) throws -> Void
    ) throws {
        let filter = try KeyFilter(db, keys)
        func cursor(_ table: String, key: Int32, early: Int32) throws -> OrderedRows {
            try OrderedRows(
                db.makeStatement(
                    sql: """
                        SELECT e.* FROM \(table) e JOIN \(Self.counted)
                        WHERE \(filter.name)(e.key)
                        ORDER BY e.key, e.ts - e.early, \(Self.tieBreak)
                        """), keyColumn: key, earlyColumn: early)
        }
        var fills = try cursor("fill", key: 7, early: 2)
        var purges = try cursor("purge", key: 6, early: 2)
        var deliveries = try cursor("delivery", key: 2, early: 9)
        while true {
            // At one moment what changes an entry comes before what reads it; the sweep's intervals decide the rest.
            let place = min(fills.place, purges.place, deliveries.place)
            if place == .end { break }
            if fills.place == place {
                try fill(fills.row.fill)
                try fills.advance()
            } else if purges.place == place {
                try purge(purges.row.purge)
                try purges.advance()
            } else {
                try delivery(deliveries.row.delivery(circumstances))
                try deliveries.advance()
            }
        }
    }

    /// Calls `body` for each row of a statement.
    func each(_ sql: String, _ numbers: [Int64] = [], _ body: (EventRow) throws -> Void) throws {
        let statement = try db.makeStatement(sql: sql)
        try statement.setArguments(StatementArguments(numbers))
        let row = EventRow(statement)
        while try row.step() { try body(row) }
    }

    private func fetch<T>(_ sql: String, _ make: (EventRow) -> T) throws -> [T] {
        var all: [T] = []
        try each(sql) { all.append(make($0)) }
        return all
    }
}

/// A statement's rows in order of key and time, and the place of the row ahead.
private struct OrderedRows {
    struct Place: Comparable {
        var key: Int32
        var earliest: Int64
        static let end = Place(key: .max, earliest: .max)
        static func < (a: Place, b: Place) -> Bool { (a.key, a.earliest) < (b.key, b.earliest) }
    }

    let row: EventRow
    private let keyColumn: Int32
    private let earlyColumn: Int32
    private(set) var place = Place.end

    init(_ statement: Statement, keyColumn: Int32, earlyColumn: Int32) throws {
        row = EventRow(statement)
        self.keyColumn = keyColumn
        self.earlyColumn = earlyColumn
        try advance()
    }

    mutating func advance() throws {
        guard try row.step() else {
            place = .end
            return
        }
        place = Place(key: row.name(keyColumn).rawValue, earliest: row.integer(1) - row.integer(earlyColumn))
    }
}
