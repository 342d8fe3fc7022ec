import GRDB
import LogRecords

/// When the incident was, and what the logs cover.
///
/// The incident is what the cause explains, or else the exposures to strangers: a camera that was sold before a fault began
/// is another matter, and so is a right that ended.
struct Window {
    /// Whose times these are.
    enum Basis {
        case cause, strangers, all

        var words: String {
            switch self {
            case .cause: "of those that the cause explains"
            case .strangers: "of those to strangers"
            case .all: "of all"
            }
        }
    }
    /// The exposures of one relation that are no part of the incident.
    struct Apart {
        let relation: String
        let exposures: Int
        let first: Int64
        let last: Int64

        var name: String {
            switch relation {
            case "former-grantee": "Ended rights"
            case "former-owner", "next-owner": "Resold cameras"
            default: "Other relations"
            }
        }
    }

    let basis: Basis
    /// Of the certain exposures, or of the possible ones if none is certain.
    var first: Int64?
    var last: Int64?
    let isCertain: Bool
    /// With the possible ones.
    let possible: (from: Int64, until: Int64)?
    /// Of all deliveries.
    let logs: ClosedRange<Int64>?
    /// How many accounts more would have been reached until the logs end, of those that had not been; nil without a cause.
    let expectedAfter: Int?
    /// Whether the time after the last exposure is long enough to say that it is over; nil without a cause.
    let isOver: Bool?
    /// What began it, if a rollout did.
    let rollout: String?
    /// When it began, if no rollout in force explains that.
    let began: Int64?
    let apart: [Apart]

    /// With fewer expected, that none was seen says nothing: none of three is seen one time in twenty.
    static let leastExpected = 3

    /// How many of the accounts that the dump names received no frame of others, not even possibly.
    private static func unreached(_ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM (SELECT account FROM account UNION SELECT owner FROM camera UNION SELECT account FROM affected
                    EXCEPT SELECT d.requester FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                        WHERE e.is_redisplay = 0)
                """) ?? 0
    }

    /// What the time after the last exposure says.
    var ending: String? {
        guard let last, let logs, let expectedAfter, let isOver else { return nil }
        let rest = Wording.duration(max(0, logs.upperBound - last))
        let more = expectedAfter == 0 ? "accounts" : Wording.count(expectedAfter, "more account")
        let again = expectedAfter == 0 ? " again" : ""
        return isOver
            ? "it is over: had it gone on at its rate, \(more) would have been reached\(again) in the \(rest) until the logs end"
            : "it may be going on: the logs end \(rest) later, too soon to tell"
    }

    init(_ db: Database) throws {
        func figure(_ name: String) throws -> String? {
            try String.fetchOne(db, sql: "SELECT value FROM correlation WHERE what = ?", arguments: [name])
        }
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
        let isToStrangers = try span("e.relation = 'stranger'") != nil
        let relation = isToStrangers ? "e.relation = 'stranger'" : "1"
        let certain = try span("e.certainty = 'certain' AND \(relation)")
        possible = try span(relation)
        if let from = try figure("cause_first").flatMap({ Int64($0) }),
            let until = try figure("cause_last").flatMap({ Int64($0) })
        {
            (basis, first, last) = (.cause, from, until)
            isCertain = try figure("cause_is_certain") != nil
        } else {
            basis = isToStrangers ? .strangers : .all
            first = (certain ?? possible)?.from
            last = (certain ?? possible)?.until
            isCertain = certain != nil
        }
        // Observations by which it is seen to be over, also where they would be of accounts that were reached before.
        let expected = try figure("cause_expected_after").flatMap { Int($0) }
        isOver = expected.map { $0 >= Self.leastExpected }
        expectedAfter = try expected.map { min($0, try Self.unreached(db)) }
        rollout = try figure("cause_rollout")
        began = try figure("cause_began").flatMap { Int64($0) }
        apart =
            isToStrangers
            ? try Row.fetchAll(
                db,
                sql: """
                    SELECT e.relation, count(*), min(d.ts), max(d.ts)
                    FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                    WHERE e.is_redisplay = 0 AND e.relation <> 'stranger' GROUP BY e.relation ORDER BY e.relation
                    """
            ).map {
                Apart(
                    relation: try $0.decode(atIndex: 0), exposures: try $0.decode(atIndex: 1),
                    first: try $0.decode(atIndex: 2), last: try $0.decode(atIndex: 3))
            } : []
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
    /// What the table of rollouts says of it.
    let note: String?
    /// ` on relay-eu-1`
    var place: String { node.map { " on \($0)" } ?? "" }
    /// ` (cache update)`
    var remark: String { note.map { " (\($0))" } ?? "" }

    private static let marks = """
        SELECT DISTINCT r.ts, r.name, r.node, r.note FROM rollout r JOIN source s ON s.id = r.id >> 36
            LEFT JOIN name n ON n.id = r.name LEFT JOIN name o ON o.id = r.node LEFT JOIN name t ON t.id = r.note
        WHERE s.state IN ('complete', 'damaged')
        """

    private static func fetch(_ db: Database, _ names: ShownNames, _ rest: String, _ values: [Int64] = []) throws
        -> [RolloutMark]
    {
        try Row.fetchAll(db, sql: marks + rest, arguments: StatementArguments(values)).map { row in
            RolloutMark(
                stamp: try row.decode(atIndex: 0), name: try names.text(row.decode(atIndex: 1)) ?? "without a name",
                node: try names.text(row.decode(atIndex: 2)), note: try names.text(row.decode(atIndex: 3)))
        }
    }

    /// In order of time.
    static func all(_ db: Database, _ names: ShownNames) throws -> [RolloutMark] {
        try fetch(db, names, " ORDER BY r.ts, n.text, o.text, t.text")
    }

    /// The first of a name; nil if there is none.
    static func first(named name: String, _ db: Database, _ names: ShownNames) throws -> RolloutMark? {
        try all(db, names).first { $0.name == ShownNames.visible(name) }
    }

    static func last(before stamp: Int64, _ db: Database, _ names: ShownNames) throws -> RolloutMark? {
        try fetch(db, names, " AND r.ts <= ? ORDER BY r.ts DESC, n.text, o.text, t.text LIMIT 1", [stamp]).first
    }

    static func first(after stamp: Int64, _ db: Database, _ names: ShownNames) throws -> RolloutMark? {
        try fetch(db, names, " AND r.ts > ? ORDER BY r.ts, n.text, o.text, t.text LIMIT 1", [stamp]).first
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
