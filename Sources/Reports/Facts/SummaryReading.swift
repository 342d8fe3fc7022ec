import GRDB
import LogRecords

/// How each figure of the summary is read from a correlated case.
extension Summary {
    init(_ db: Database) throws {
        try readDeliveries(db)
        try readAccounts(db)
        try readScope(db)
        try readCause(db)
        try readInput(db)
        missing = try Missing(db)
        assumptions = try Self.assumptions(db)
        areAssumptionsShaken = try Self.conclusion("assumptions_shaken", db) != nil
        rollouts = try Self.rollouts(db)
        clocks = try Self.clocks(db)
        changes = try Self.changes(db)
        (sameAnswers, sameAnswerLogs) = (try Self.count("SELECT count(*) FROM same_answer", db), try Self.logPairs(db))
    }

    private static func count(_ sql: String, _ db: Database) throws -> Int {
        // A sum over no row is null.
        try Int.fetchOne(db, sql: sql) ?? 0
    }

    /// What the correlation concluded under a name; nil if it drew no such conclusion.
    private static func conclusion(_ name: String, _ db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM correlation WHERE what = ?", arguments: [name])
    }

    /// A conclusion that is a number, which every correlation draws.
    private static func number(_ name: String, _ db: Database) throws -> Int {
        let text = try conclusion(name, db)
        guard let number = text.flatMap({ Int($0) }) else { throw ReportError.noFigure(name: name, value: text) }
        return number
    }

    // MARK: Deliveries

    private mutating func readDeliveries(_ db: Database) throws {
        deliveries = try Self.number("deliveries", db)
        exposuresCertain = try Self.count(
            "SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND certainty = 'certain'", db)
        exposuresPossible = try Self.count(
            "SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND certainty = 'possible'", db)
        exposuresUnnamedOwner = try Self.count(
            "SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND unnamed_owner = 1", db)
        deliveriesUnresolved = try Self.count("SELECT count(*) FROM unresolved", db)
        redisplays = try Self.count(
            "SELECT count(*) FROM exposure WHERE is_redisplay = 1 AND certainty = 'certain'", db)
        opened = try Self.count("SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND opened = 1", db)
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT relation, sum(certainty = 'certain'), sum(certainty = 'possible') FROM exposure
                WHERE is_redisplay = 0 GROUP BY relation ORDER BY relation
                """)
        {
            let relation: (name: String, certain: Int, possible: Int) = (
                try row.decode(atIndex: 0), try row.decode(atIndex: 1), try row.decode(atIndex: 2)
            )
            relations.append(relation)
            exposuresByRelation[relation.name] = relation.certain + relation.possible
        }
    }

    // MARK: Accounts

    private mutating func readAccounts(_ db: Database) throws {
        let certainOwners = """
            SELECT c.owner FROM candidate c JOIN exposure e ON e.delivery = c.delivery
            WHERE e.is_redisplay = 0 AND e.certainty = 'certain' AND e.owners = 1
            """
        exposedAccountsCertain = try Self.count("SELECT count(DISTINCT owner) FROM (\(certainOwners))", db)
        exposedAccountsPossible = try Self.count(
            """
            SELECT count(*) FROM (SELECT c.owner FROM candidate c JOIN exposure e ON e.delivery = c.delivery
                WHERE e.is_redisplay = 0 EXCEPT \(certainOwners))
            """, db)
        // In one pass, because the deliveries lie all over the case. Every exposure has a requester.
        let received = try Row.fetchOne(
            db,
            sql: """
                SELECT count(DISTINCT d.requester) FILTER (WHERE e.certainty = 'certain'), count(DISTINCT d.requester),
                    min(d.ts) FILTER (WHERE e.certainty = 'certain'), max(d.ts) FILTER (WHERE e.certainty = 'certain')
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery WHERE e.is_redisplay = 0
                """)
        if let received {
            receivingAccountsCertain = try received.decode(Int.self, atIndex: 0)
            receivingAccountsPossible = try received.decode(Int.self, atIndex: 1) - receivingAccountsCertain
            firstExposure = try received.decode(Int64?.self, atIndex: 2)?.rfc3339
            lastExposure = try received.decode(Int64?.self, atIndex: 3)?.rfc3339
        }
        try boundAccounts(db)
        affectedAccounts = try Self.count("SELECT count(*) FROM affected", db)
        identityCrossings = try Self.count("SELECT count(*) FROM identity_crossing", db)
    }

    /// Adds what is not known to the bounds: each unresolved delivery may expose one more owner, and reach a requester who received
    /// nothing else; each frame that may be of an owner whom no line names may be one more owner's.
    private mutating func boundAccounts(_ db: Database) throws {
        let known = exposedAccountsCertain + exposedAccountsPossible
        (exposedAccountsAtMost, receivingAccountsAtMost) = (known, receivingAccountsCertain + receivingAccountsPossible)
        exposedAccountsAtMost += exposuresUnnamedOwner
        guard deliveriesUnresolved > 0 else { return }
        exposedAccountsAtMost += deliveriesUnresolved
        let others = try Row.fetchOne(
            db,
            sql: """
                SELECT count(DISTINCT d.requester), sum(d.requester IS NULL) FROM unresolved u JOIN delivery d ON d.id = u.delivery
                WHERE d.requester IS NULL OR d.requester NOT IN (SELECT x.requester FROM exposure e
                    CROSS JOIN delivery x ON x.id = e.delivery WHERE e.is_redisplay = 0)
                """)
        if let others {
            receivingAccountsAtMost +=
                try others.decode(Int.self, atIndex: 0) + (others.decode(Int?.self, atIndex: 1) ?? 0)
        }
    }

    // MARK: Scope and cause

    private mutating func readScope(_ db: Database) throws {
        since = try Self.conclusion("since", db)
        until = try Self.conclusion("until", db)
        scope = try Self.conclusion("scope", db)
        scopeBasis = try Self.conclusion("scope_basis", db) ?? ""
        scopes = try Row.fetchAll(db, sql: "SELECT change, scope, affected_accounts FROM scopes ORDER BY place").map {
            Neighbour(
                change: try $0.decode(atIndex: 0), scope: try $0.decode(atIndex: 1),
                affectedAccounts: try $0.decode(atIndex: 2))
        }
    }

    private mutating func readCause(_ db: Database) throws {
        incident = try SummaryIncident(db)
        cause = try Self.conclusion("cause", db)
        secondCause = try Self.conclusion("second_cause", db)
        burst = try Self.conclusion("burst", db)
        oneReceiver = try Self.conclusion("one_receiver", db)
        keyChange = try Self.conclusion("key_change", db)
        keyCollisions = try Self.count("SELECT count(*) FROM collision", db)
    }

    // MARK: Input

    private mutating func readInput(_ db: Database) throws {
        sources = try Self.count("SELECT count(*) FROM source WHERE state IN ('complete', 'damaged')", db)
        lines = try Self.count("SELECT sum(lines) FROM source WHERE state IN ('complete', 'damaged')", db)
        rejectedLines = try Self.count("SELECT sum(rejected) FROM source WHERE state IN ('complete', 'damaged')", db)
        unrecognizedFiles = try Self.count("SELECT count(*) FROM source WHERE state = 'unrecognized'", db)
        // A duplicate of a damaged file has all that could be read of it, not all that it held.
        damagedFiles = try Self.count(
            """
            SELECT count(*) FROM source WHERE state IN ('damaged', 'unreadable')
                OR state = 'duplicate' AND label IS NOT NULL AND reason IS NOT NULL
            """, db)
        for row in try Row.fetchAll(
            db, sql: "SELECT profile, count(*) FROM source WHERE state IN ('complete', 'damaged') GROUP BY profile")
        {
            formats[try row.decode(String?.self, atIndex: 0) ?? ""] = try row.decode(atIndex: 1)
        }
        skewMicroseconds = try Self.number("skew_us", db)
        fetchesWithoutFill = try Self.number("fetches_without_fill", db)
    }

    // MARK: Tables

    private static func assumptions(_ db: Database) throws -> [AssumptionAnswer] {
        try Row.fetchAll(
            db, sql: "SELECT assumption, status, checked, against, detail, statement FROM assumptions ORDER BY place"
        ).map {
            AssumptionAnswer(
                assumption: try $0.decode(atIndex: 0), status: try $0.decode(atIndex: 1),
                checked: try $0.decode(atIndex: 2), against: try $0.decode(atIndex: 3),
                detail: try $0.decode(atIndex: 4), statement: try $0.decode(atIndex: 5))
        }
    }

    private static func logPairs(_ db: Database) throws -> [LogPair] {
        try Row.fetchAll(
            db, sql: "SELECT log, other, share, by_chance FROM log_pairs WHERE is_same = 1 ORDER BY place"
        ).map {
            LogPair(
                log: try $0.decode(atIndex: 0), other: try $0.decode(atIndex: 1), share: try $0.decode(atIndex: 2),
                byChance: try $0.decode(atIndex: 3))
        }
    }

    private static func rollouts(_ db: Database) throws -> [RolloutCount] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT n.text, min(r.ts) AS ts, ifnull(x.certain, 0), ifnull(x.possible, 0), t.deliveries, t.p_value,
                    group_concat(r.note, '; ')
                FROM (SELECT q.name, min(q.ts) AS ts, m.text AS note FROM rollout q
                        JOIN source s ON s.id = q.id >> 36 AND s.state IN ('complete', 'damaged')
                        LEFT JOIN name m ON m.id = q.note GROUP BY q.name, m.text ORDER BY q.name, m.text) r
                    JOIN name n ON n.id = r.name
                    LEFT JOIN (SELECT rollout_at_delivery AS name, sum(certainty = 'certain') AS certain,
                        sum(certainty = 'possible') AS possible FROM exposure WHERE is_redisplay = 0 GROUP BY 1) x
                    ON x.name = r.name
                    LEFT JOIN rollout_rate t ON t.is_total = 1 AND t.rollout = r.name
                GROUP BY r.name ORDER BY ts, n.text
                """
        ).map { row in
            RolloutCount(
                name: try row.decode(atIndex: 0), from: (try row.decode(Int64.self, atIndex: 1)).rfc3339,
                exposuresCertain: try row.decode(atIndex: 2), exposuresPossible: try row.decode(atIndex: 3),
                deliveries: try row.decode(atIndex: 4), pValue: try row.decode(atIndex: 5),
                note: try row.decode(atIndex: 6))
        }
    }

    private static func clocks(_ db: Database) throws -> [Clock] {
        try Row.fetchAll(
            db,
            sql: "SELECT clock, basis, lowest_us, highest_us, bound_us, samples, rejected FROM clocks ORDER BY clock"
        ).map { row in
            Clock(
                name: try row.decode(atIndex: 0), basis: try row.decode(atIndex: 1),
                offsetLowest: try row.decode(atIndex: 2), offsetHighest: try row.decode(atIndex: 3),
                bound: try row.decode(atIndex: 4), samples: try row.decode(atIndex: 5),
                rejected: try row.decode(atIndex: 6))
        }
    }

    private static func changes(_ db: Database) throws -> [Change] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT iif(is_total, 'all nodes', 'node'), node, kind, from_time, until_time, end_time, before_rate,
                    after_rate
                FROM change_points ORDER BY from_ts, is_total, node
                """
        ).map {
            Change(
                scope: try $0.decode(atIndex: 0), node: try $0.decode(atIndex: 1), kind: try $0.decode(atIndex: 2),
                from: try $0.decode(atIndex: 3), until: try $0.decode(atIndex: 4), end: try $0.decode(atIndex: 5),
                beforeRate: try $0.decode(atIndex: 6), afterRate: try $0.decode(atIndex: 7))
        }
    }
}
