import Foundation
import GRDB

/// A report that is one query written out: the file's name and the SQL. Every query has a total order.
struct TableReport {
    let file: String
    let sql: String

    func write(_ db: Database, to folder: URL) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        var csv = CSVFile(header: rows._statement.columnNames)
        while let row = try rows.next() { csv.append(row) }
        try csv.write(to: folder, file)
    }

    static let all = [
        exposures, exposedAccounts, receivingAccounts, affectedAccounts, scopes, conditions, collisions, rollouts,
        changePoints, clocks, sources,
        rejects,
    ]

    private static let exposures = TableReport(
        file: "exposures.csv",
        sql: """
            SELECT id, time, certainty, evidence, relation, requester, owner, owners,
                (SELECT group_concat(owner, ';') FROM (SELECT owner FROM exposure_candidates p WHERE p.event = x.event
                    AND x.owners > 1 ORDER BY p.rank)) AS possible_owners,
                requested_camera, frame_camera, frame, model, client, network, kind, node, key, cache_word, status,
                rollout_at_fill, rollout_at_delivery, opened, fill, path, member, line, sha256
            FROM exposures x ORDER BY ts, id
            """)

    private static let exposedAccounts = TableReport(
        file: "exposed_accounts.csv",
        sql: """
            SELECT c.owner AS account, iif(max(e.certainty = 'certain' AND e.owners = 1), 'certain', 'possible') AS certainty,
                sum(e.certainty = 'certain' AND e.owners = 1) AS exposures_certain,
                sum(NOT (e.certainty = 'certain' AND e.owners = 1)) AS exposures_possible,
                count(DISTINCT c.requester) AS receivers, count(DISTINCT c.camera) AS cameras,
                min(e.time) AS first_time, max(e.time) AS last_time, min(e.id) AS first_id
            FROM exposure_candidates c JOIN exposures e ON e.event = c.event WHERE c.is_redisplay = 0
            GROUP BY c.owner ORDER BY c.owner
            """)

    private static let receivingAccounts = TableReport(
        file: "receiving_accounts.csv",
        sql: """
            SELECT requester AS account, iif(max(certainty = 'certain'), 'certain', 'possible') AS certainty,
                sum(certainty = 'certain') AS exposures_certain, sum(certainty = 'possible') AS exposures_possible,
                count(DISTINCT likeliest_owner) AS owners, sum(opened) AS opened, min(time) AS first_time,
                max(time) AS last_time, min(id) AS first_id
            FROM exposures GROUP BY requester ORDER BY requester
            """)

    private static let affectedAccounts = TableReport(
        file: "affected_accounts.csv", sql: "SELECT account, reason FROM affected_accounts ORDER BY account")

    private static let scopes = TableReport(
        file: "scopes.csv",
        sql: """
            SELECT change, scope, affected_accounts,
                affected_accounts - (SELECT affected_accounts FROM scopes WHERE place = 1) AS difference, requesters,
                camera_owners, deliveries, exposures_certain, exposures_possible
            FROM scopes ORDER BY place
            """)

    private static let conditions = TableReport(
        file: "conditions.csv",
        sql: """
            SELECT rank, conditions, deliveries, exposures, rate_inside, rate_outside, risk_ratio, risk_ratio_low,
                risk_ratio_high, p_adjusted
            FROM conditions ORDER BY rank
            """)

    private static let collisions = TableReport(
        file: "collisions.csv",
        sql: """
            SELECT template, node, key, owners, cameras, fills, since, rollout, version, since_fill, first_time, last_time,
                exposures_certain, exposures_possible
            FROM collisions ORDER BY since_ts, template, node, key
            """)

    private static let rollouts = TableReport(
        file: "rollouts.csv",
        sql: """
            SELECT r.rollout, r.node, r.time AS \"from\", count(iif(e.certainty = 'certain', 1, NULL)) AS exposures_certain,
                count(iif(e.certainty = 'possible', 1, NULL)) AS exposures_possible,
                count(iif(e.certainty = 'certain' AND e.rollout_at_fill IS NOT e.rollout_at_delivery, 1, NULL))
                    AS certain_filled_under_another,
                round((max(iif(e.certainty = 'certain' AND e.rollout_at_fill IS NOT e.rollout_at_delivery, e.ts, NULL)) - r.ts)
                    / 1e6, 3) AS seconds_until_the_last_of_them,
                x.until_time AS until, x.deliveries, x.rate, x.rate_low, x.rate_high, x.before_deliveries,
                x.before_certain, x.p_value
            FROM rollouts r LEFT JOIN exposures e ON e.rollout_at_delivery = r.rollout
                AND (r.node IS NULL OR e.node IS r.node)
                LEFT JOIN rollout_rates x ON x.rollout = r.rollout AND x.is_total = (r.node IS NULL) AND x.node IS r.node
            GROUP BY r.rollout, r.node, r.ts ORDER BY r.ts, r.rollout, r.node
            """)

    private static let changePoints = TableReport(
        file: "change_points.csv",
        sql: """
            SELECT node, from_time, until_time, seconds, before_deliveries, before_certain, after_deliveries,
                after_certain, p_value
            FROM change_points ORDER BY from_ts, node
            """)

    private static let clocks = TableReport(
        file: "clocks.csv",
        sql: """
            SELECT clock, basis, is_corrected, offset_low_s, offset_high_s, bound_s, samples, rejected FROM clocks
            ORDER BY clock
            """)

    private static let sources = TableReport(
        file: "sources.csv",
        sql: """
            SELECT path, member, state, profile, compression, size, sha256, lines, accepted, ignored, rejected, first_time,
                last_time, reason
            FROM sources ORDER BY path, member, sha256, state
            """)

    private static let rejects = TableReport(
        file: "rejects.csv",
        sql:
            "SELECT path, member, line, offset, reason, sample, sha256 FROM rejects ORDER BY path, member, sha256, line"
    )
}
