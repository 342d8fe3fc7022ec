import Casefile
package import Correlation
package import GRDB
import Interning
import LogRecords

/// Stores what the correlation finds, inside the transaction of the run.
package struct FindingWriter {
    private let exposure: RowStatement
    private let candidate: RowStatement
    private let unresolved: RowStatement
    let db: Database
    private(set) var counts = Counts()

    /// Figures that no table holds, because clear deliveries are in none.
    struct Counts {
        /// Deliveries that carried a frame.
        var deliveries = 0
        var clear = 0
        /// 304 answers that showed a frame again.
        var shownAgain = 0
    }

    /// Empties the tables of an earlier run.
    package init(_ db: Database) throws {
        for table in [
            "candidate", "exposure", "unresolved", "affected", "neighbour", "condition", "foremost_receiver",
            "key_change",
            "key_remedy", "fix", "collision", "rollout_rate", "change_point", "clock_offset", "assumption",
            "directory_problem", "identity_crossing", "silence", "node_without_fills",
            "tally", "traffic", "correlation",
        ] {
            try db.execute(sql: "DELETE FROM \(table)")
        }
        self.db = db
        exposure = try RowStatement("INSERT INTO exposure VALUES (?,?,?,?,?,?,?,?,?,0)", db)
        candidate = try RowStatement("INSERT INTO candidate VALUES (?,?,?,?,?,?)", db)
        unresolved = try RowStatement("INSERT INTO unresolved VALUES (?,?)", db)
    }

    package mutating func write(_ finding: Finding) throws {
        let isRedisplay = finding.content == .redisplay
        if isRedisplay { counts.shownAgain += 1 } else { counts.deliveries += 1 }
        if let cause = finding.cause, !isRedisplay {
            try unresolved.execute([finding.delivery.rawValue.databaseValue, cause.label.databaseValue])
        }
        if finding.certainty == .clear, !isRedisplay { counts.clear += 1 }
        guard finding.isExposure, let evidence = finding.evidence else { return }
        let likeliest = finding.candidates.first
        let delivery = finding.delivery.rawValue.databaseValue
        func value(_ number: Int64?) -> DatabaseValue { number?.databaseValue ?? .null }
        try exposure.execute([
            delivery, isRedisplay.databaseValue, finding.certainty.label.databaseValue, evidence.label.databaseValue,
            (likeliest?.relation.label ?? "unknown").databaseValue, value(likeliest?.rolloutAtFill.stored),
            value(finding.rolloutAtDelivery.stored), finding.candidates.count.databaseValue,
            finding.mayBeOfUnnamed.databaseValue,
        ])
        for (index, item) in finding.candidates.enumerated() {
            try candidate.execute([
                delivery, (index + 1).databaseValue, value(item.origin.owner.stored), value(item.origin.camera.stored),
                value(item.fill?.rawValue), item.relation.label.databaseValue,
            ])
        }
    }

    /// Adds 304 answers that showed no stray frame.
    package mutating func countShownAgain(_ count: Int) { counts.shownAgain += count }

    /// Adds deliveries that were cleared without a finding of their own.
    package mutating func countCleared(_ count: Int) {
        counts.deliveries += count
        counts.clear += count
    }

    /// - Parameter log: what lines they are: `deliveries` or `fills`.
    func write(_ activity: Activity, of log: String) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO silence VALUES (?, ?, ?, ?, ?, ?)")
        for silence in LogGaps(activity).all {
            try insert.execute(arguments: [
                silence.node.stored, log, silence.from, silence.until, silence.expected, silence.basis.rawValue,
            ])
        }
    }

    func write(nodesWithoutFills nodes: [SymbolID]) throws {
        for node in nodes {
            try db.execute(sql: "INSERT INTO node_without_fills VALUES (?)", arguments: [node.stored])
        }
    }

    /// - Parameter tally: deliveries by the number of their circumstance; it spares a query about rates from reading them.
    func write(tally: [PathSurvey.Tally]) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO tally VALUES (?, ?, ?, ?)")
        for (number, one) in tally.enumerated() where one.deliveries > 0 {
            try insert.execute(arguments: [number, one.deliveries, one.first, one.last])
        }
    }

    func write(_ traffic: Traffic) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO traffic VALUES (?, ?, ?, ?)")
        for one in traffic.stretches {
            try insert.execute(arguments: [one.from, one.until, one.deliveries, one.others])
        }
    }

    func write(figures: [String: String]) throws {
        for (what, value) in figures {
            try db.execute(sql: "INSERT INTO correlation VALUES (?, ?)", arguments: [what, value])
        }
    }

    /// Marks the exposures that were opened: after a thumbnail, the same account looked at a still, a clip or a stream
    /// of the same camera within `window` microseconds.
    func markOpened(within window: Int64) throws {
        // By the few circumstances, for there is no index of names by their text.
        let kinds = "SELECT n.id FROM circumstance c CROSS JOIN name n ON n.id = c.kind WHERE n.text"
        guard let thumbnail = try Int64.fetchOne(db, sql: "\(kinds) = 'thumbnail'") else { return }
        let isAnyExposed = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM exposure e JOIN delivery d ON d.id = e.delivery
                        JOIN circumstance x ON x.id = d.circumstance
                    WHERE x.kind = ?)
                """, arguments: [thumbnail])
        guard isAnyExposed == true else { return }
        // A table with an order of its own, or each thumbnail would be held against all that its account looked at.
        try db.execute(
            sql: """
                CREATE TEMP TABLE look (requester INTEGER, camera INTEGER, ts INTEGER, PRIMARY KEY (requester, camera, ts))
                    WITHOUT ROWID;
                INSERT OR IGNORE INTO look SELECT d.requester, d.camera, d.ts FROM delivery d
                        JOIN circumstance x ON x.id = d.circumstance
                    WHERE x.kind IN (\(kinds) IN ('still', 'clip', 'stream'))
                        AND (x.status IS NULL OR x.status IN (200, 206)) AND d.camera IS NOT NULL
                        AND d.requester IN (SELECT d.requester FROM exposure e JOIN delivery d ON d.id = e.delivery);
                """)
        try db.execute(
            sql: """
                UPDATE exposure SET opened = 1 WHERE is_redisplay = 0 AND delivery IN (
                    SELECT d.id FROM exposure e JOIN delivery d ON d.id = e.delivery
                        JOIN circumstance x ON x.id = d.circumstance
                    WHERE x.kind = ?
                        AND EXISTS (SELECT 1 FROM look l WHERE l.requester = d.requester AND l.camera = d.camera
                            AND l.ts > d.ts AND l.ts <= d.ts + ?))
                """, arguments: [thumbnail, window])
        try db.execute(sql: "DROP TABLE look")
    }
}
