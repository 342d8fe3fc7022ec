import GRDB
import LogRecords

/// When the exposures happened, and what the logs cover.
struct Window {
    /// Of the certain exposures, or of the possible ones if none is certain.
    var first: Int64?
    var last: Int64?
    let isCertain: Bool
    /// Of all exposures.
    let possible: (from: Int64, until: Int64)?
    /// Of all deliveries.
    let logs: ClosedRange<Int64>?

    init(_ db: Database) throws {
        func span(_ condition: String) throws -> (from: Int64, until: Int64)? {
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT min(d.ts), max(d.ts) FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                    WHERE e.is_redisplay = 0 AND \(condition)
                    """)
            guard let row, let from = try row.decode(Int64?.self, atIndex: 0),
                let until = try row.decode(Int64?.self, atIndex: 1)
            else { return nil }
            return (from, until)
        }
        let certain = try span("e.certainty = 'certain'")
        possible = try span("1")
        first = (certain ?? possible)?.from
        last = (certain ?? possible)?.until
        isCertain = certain != nil
        let row = try Row.fetchOne(db, sql: "SELECT min(first_ts), max(last_ts) FROM tally")
        if let row, let from = try row.decode(Int64?.self, atIndex: 0),
            let until = try row.decode(Int64?.self, atIndex: 1), from <= until
        {
            logs = from...until
        } else {
            logs = nil
        }
    }
}

/// A rollout as a moment in time.
struct RolloutMark {
    let stamp: Int64
    let name: String
    /// Nil: every node.
    let node: String?
    /// ` on relay-eu-1`
    var place: String { node.map { " on \($0)" } ?? "" }

    private static let marks = """
        SELECT DISTINCT r.ts, r.name, r.node FROM rollout r JOIN source s ON s.id = r.id >> 36
            LEFT JOIN name n ON n.id = r.name LEFT JOIN name o ON o.id = r.node
        WHERE s.state IN ('complete', 'damaged')
        """

    private static func fetch(_ db: Database, _ names: ShownNames, _ rest: String, _ values: [Int64] = []) throws
        -> [RolloutMark]
    {
        try Row.fetchAll(db, sql: marks + rest, arguments: StatementArguments(values)).map { row in
            RolloutMark(
                stamp: try row.decode(atIndex: 0), name: try names.text(row.decode(atIndex: 1)) ?? "without a name",
                node: try names.text(row.decode(atIndex: 2)))
        }
    }

    /// In order of time.
    static func all(_ db: Database, _ names: ShownNames) throws -> [RolloutMark] {
        try fetch(db, names, " ORDER BY r.ts, n.text, o.text")
    }

    static func last(before stamp: Int64, _ db: Database, _ names: ShownNames) throws -> RolloutMark? {
        try fetch(db, names, " AND r.ts <= ? ORDER BY r.ts DESC, n.text, o.text LIMIT 1", [stamp]).first
    }

    static func first(after stamp: Int64, _ db: Database, _ names: ShownNames) throws -> RolloutMark? {
        try fetch(db, names, " AND r.ts > ? ORDER BY r.ts, n.text, o.text LIMIT 1", [stamp]).first
    }
}

/// A client that got no frame any more while it went on asking: its integration was switched off.
struct Suspension {
    let client: String
    /// Its last frame.
    let from: Int64
    /// Its last answer without one.
    let until: Int64

    /// A stretch without a frame counts from this many times the client's mean interval on, and this many microseconds.
    private static let factor = 100
    private static let shortest = 60_000_000

    /// In order of time.
    static func all(_ db: Database, _ names: ShownNames) throws -> [Suspension] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT client, last, refused_last FROM (
                    SELECT x.client, min(iif(x.content = 0, t.first_ts, NULL)) AS first,
                        max(iif(x.content = 0, t.last_ts, NULL)) AS last, sum(iif(x.content = 0, t.deliveries, 0)) AS frames,
                        max(iif(x.content = 2, t.last_ts, NULL)) AS refused_last
                    FROM tally t JOIN circumstance x ON x.id = t.circumstance WHERE x.client IS NOT NULL GROUP BY x.client)
                    JOIN name n ON n.id = client
                WHERE frames > 1 AND refused_last - last > \(shortest)
                    AND refused_last - last > \(factor) * ((last - first) / (frames - 1))
                ORDER BY last, n.text
                """
        ).map { row in
            Suspension(
                client: try names.text(row.decode(atIndex: 0)) ?? "", from: try row.decode(atIndex: 1),
                until: try row.decode(atIndex: 2))
        }
    }
}

/// Keys under which a frame was exposed, and how many of them were purged after their last exposure.
struct PurgedKeys {
    /// Of a node, where the log names it.
    let keys: Int
    let purged: Int
    /// When the last of them was; nil if none was.
    let last: Int64?
    /// `1 of 2, the last on 26 Dec 2019, 10:00:46 UTC`
    var words: String {
        "\(Wording.number(purged)) of \(Wording.number(keys))"
            + (last.map { ", the last on \(Wording.time($0))" } ?? "")
    }

    /// Nil if no exposure's line names a key.
    init?(_ db: Database) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                WITH exposed AS (
                    SELECT x.node, d.key, max(d.ts) AS last
                    FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery JOIN circumstance x ON x.id = d.circumstance
                    WHERE e.is_redisplay = 0 AND d.key IS NOT NULL GROUP BY x.node, d.key
                ), counted AS MATERIALIZED (
                    SELECT p.key, p.node, p.ts FROM purges q JOIN purge p ON p.id = q.event WHERE q.kind = 'purge'
                ), ended AS (
                    SELECT min(c.ts) AS at
                    FROM exposed e LEFT JOIN counted c ON c.key = e.key AND c.ts >= e.last
                        AND (c.node IS NULL OR e.node IS NULL OR c.node = e.node)
                    GROUP BY e.node, e.key)
                SELECT count(*), count(at), max(at) FROM ended
                """)
        guard let row, (try row.decode(Int.self, atIndex: 0)) > 0 else { return nil }
        (keys, purged, last) = (try row.decode(atIndex: 0), try row.decode(atIndex: 1), try row.decode(atIndex: 2))
    }
}
