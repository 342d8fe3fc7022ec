import Correlation
import GRDB
import LogRecords

/// Stores how often deliveries were exposures: under each rollout, and where in time that changes. Reads the exposures
/// that the same run has written.
struct RateWriter {
    private struct Count {
        var deliveries = 0
        var certain = 0
        var possible = 0
    }
    private struct Row {
        var isTotal: Bool
        var node: NameID
        var rollout: NameID
        var from: Int64?
        var count: Count
    }

    let db: Database
    let counts: DeliveryCounts
    let rollouts: RolloutSchedule

    /// Empties the tables of an earlier run and fills them.
    func write() throws {
        try db.execute(sql: "DELETE FROM rollout_rate; DELETE FROM change_point")
        try writeRates()
        try writeChanges()
    }

    // CROSS JOIN makes SQLite begin with the few exposures, not with the many deliveries.

    // MARK: Rollouts

    private func writeRates() throws {
        var counted: [DeliveryCounts.Stretch: Count] = [:]
        for (stretch, deliveries) in counts.byStretch { counted[stretch, default: Count()].deliveries = deliveries }
        let rows = try GRDB.Row.fetchCursor(
            db,
            sql: """
                SELECT d.node, e.rollout_at_delivery, sum(e.certainty = 'certain'), sum(e.certainty = 'possible')
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery WHERE e.is_redisplay = 0 GROUP BY 1, 2
                """)
        while let row = try rows.next() {
            let stretch = DeliveryCounts.Stretch(node: NameID(row[0]), rollout: NameID(row[1]))
            counted[stretch, default: Count()].certain = row[2]
            counted[stretch, default: Count()].possible = row[3]
        }
        var totals: [Row] = []
        for node in counts.nodes {
            let rows = rollouts.succession(on: node).map { name, from in
                Row(
                    isTotal: false, node: node, rollout: name, from: from,
                    count: counted[.init(node: node, rollout: name)] ?? Count())
            }
            try write(rows)
            for row in rows {
                if let place = totals.firstIndex(where: { $0.rollout == row.rollout }) {
                    totals[place].count.deliveries += row.count.deliveries
                    totals[place].count.certain += row.count.certain
                    totals[place].count.possible += row.count.possible
                    totals[place].from = [totals[place].from, row.from].compactMap { $0 }.min()
                } else {
                    totals.append(
                        Row(isTotal: true, node: .absent, rollout: row.rollout, from: row.from, count: row.count))
                }
            }
        }
        try write(totals.sorted { ($0.from ?? .min, $0.rollout) < ($1.from ?? .min, $1.rollout) })
    }

    private func write(_ rows: [Row]) throws {
        let insert = try db.makeStatement(
            sql: "INSERT INTO rollout_rate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        // Nothing is said about the time before the first rollout if the dump does not reach back there.
        let rows = rows.filter { $0.from != nil || $0.count.deliveries > 0 }
        for (index, row) in rows.enumerated() {
            let before = index > 0 ? rows[index - 1].count : nil
            let count = row.count
            let share = count.deliveries > 0 ? ExactTests.share(count.certain, of: count.deliveries) : nil
            let p = before.flatMap {
                $0.deliveries > 0 && count.deliveries > 0
                    ? ExactTests.fisher($0.certain, of: $0.deliveries, count.certain, of: count.deliveries) : nil
            }
            try insert.execute(arguments: [
                row.isTotal, row.node.stored, index, row.rollout.stored, row.from,
                index + 1 < rows.count ? rows[index + 1].from : nil, count.deliveries, count.certain, count.possible,
                share?.lowerBound, share?.upperBound, before?.deliveries, before?.certain, p,
            ])
        }
    }

    // MARK: Changes

    private func writeChanges() throws {
        let insert = try db.makeStatement(sql: "INSERT INTO change_point VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for node in counts.nodes {
            let stamps = try Int64.fetchAll(
                db,
                sql: """
                    SELECT d.ts FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                    WHERE e.is_redisplay = 0 AND e.certainty = 'certain' AND d.node IS ? ORDER BY d.ts
                    """, arguments: [node.stored])
            for change in ChangePoints(counts.slots(of: node, exposures: stamps)).changes {
                try insert.execute(arguments: [
                    node.stored, counts.beginning(of: change.likely.lowerBound),
                    counts.beginning(of: change.likely.upperBound + 1), change.before.deliveries,
                    change.before.exposures, change.after.deliveries, change.after.exposures, change.pValue,
                ])
            }
        }
    }
}

extension NameID {
    /// A NULL is the absent name.
    fileprivate init(_ stored: Int32?) { self = stored.map { NameID(rawValue: $0) } ?? .absent }
}
