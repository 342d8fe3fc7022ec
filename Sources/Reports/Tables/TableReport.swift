import Casefile
import Foundation
import GRDB

/// A report that is one query written out: the file's name, without its ending, and the SQL. Every query has a total order.
struct TableReport {
    let name: String
    let sql: String

    func write(_ db: Database, to folder: URL, as formats: [ReportFormat]) throws {
        let rows = try Row.fetchCursor(db, sql: sql)
        let columns = rows._statement.columnNames
        var csv =
            try formats.contains(.csv) ? CSVFile(header: columns, into: AtomicFile(in: folder, "\(name).csv")) : nil
        var json = try formats.contains(.jsonl) ? JSONLines(into: AtomicFile(in: folder, "\(name).jsonl")) : nil
        while let row = try rows.next() {
            try csv?.append(row)
            try json?.append(row)
        }
        try csv?.finish()
        try json?.finish()
    }

    static let all = [
        exposures, exposedAccounts, receivingAccounts, affectedAccounts, scopes, conditions, keyChanges, keyRemedies,
        fixes, collisions, rollouts, changePoints, clocks, assumptions, directoryProblems, identityCrossings, sources,
        rejects, annotations,
    ]

    private static let exposures = TableReport(
        name: "exposures",
        sql: """
            SELECT id, time, certainty, evidence, relation, requester, owner, owners,
                (SELECT group_concat(text, ';') FROM (SELECT n.text FROM candidate p JOIN name n ON n.id = p.owner
                    WHERE p.delivery = x.event AND x.owners > 1 ORDER BY p.rank)) AS possible_owners,
                unnamed_owner, requested_camera, frame_camera, frame, model, client, network, kind, node, key, cache_word, status,
                rollout_at_fill, rollout_at_delivery, opened, fill, path, member, line, sha256, tags, notes
            FROM exposures x LEFT JOIN exposure_tags t ON t.event = x.event ORDER BY ts, id
            """)

    private static let exposedAccounts = TableReport(
        name: "exposed_accounts",
        sql: """
            SELECT n.text AS account, iif(certain > 0, 'certain', 'possible') AS certainty, certain AS exposures_certain,
                possible AS exposures_possible, receivers, cameras, \(Views.iso("first")) AS first_time,
                \(Views.iso("last")) AS last_time, first_id, tags, notes
            FROM (SELECT c.owner, sum(e.certainty = 'certain' AND e.owners = 1) AS certain,
                    sum(NOT (e.certainty = 'certain' AND e.owners = 1)) AS possible,
                    count(DISTINCT d.requester) AS receivers, count(DISTINCT c.camera) AS cameras, min(d.ts) AS first,
                    max(d.ts) AS last, min(s.label || ':' || (d.id & 68719476735)) AS first_id
                FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                    CROSS JOIN source s ON s.id = d.id >> 36
                WHERE e.is_redisplay = 0 GROUP BY c.owner) x LEFT JOIN name n ON n.id = x.owner
                LEFT JOIN account_tags t ON t.account = n.text
            ORDER BY n.text
            """)

    private static let receivingAccounts = TableReport(
        name: "receiving_accounts",
        sql: """
            SELECT r.*, tags, notes FROM (SELECT requester AS account, iif(max(certainty = 'certain'), 'certain', 'possible') AS certainty,
                sum(certainty = 'certain') AS exposures_certain, sum(certainty = 'possible') AS exposures_possible,
                count(DISTINCT likeliest_owner) AS owners, sum(opened) AS opened, min(time) AS first_time,
                max(time) AS last_time, min(id) AS first_id
            FROM exposures GROUP BY requester) r LEFT JOIN account_tags t ON t.account = r.account ORDER BY r.account
            """)

    private static let affectedAccounts = TableReport(
        name: "affected_accounts",
        sql: """
            SELECT a.account, reason, tags, notes FROM affected_accounts a LEFT JOIN account_tags t ON t.account = a.account
            ORDER BY a.account
            """)

    private static let annotations = TableReport(
        name: "annotations",
        sql: "SELECT annotation, standing, exposure, account, tag, note, time FROM annotations ORDER BY annotation")

    private static let scopes = TableReport(
        name: "scopes",
        sql: """
            SELECT change, scope, affected_accounts,
                affected_accounts - (SELECT affected_accounts FROM scopes WHERE place = 1) AS difference, requesters,
                camera_owners, deliveries, exposures_certain, exposures_possible
            FROM scopes ORDER BY place
            """)

    private static let conditions = TableReport(
        name: "conditions",
        sql: """
            SELECT rank, conditions, deliveries, exposures, rate_inside, rate_outside, rate_outside_at_most, receivers,
                receivers_outside, risk_ratio, risk_ratio_low, risk_ratio_high, p_adjusted
            FROM conditions ORDER BY rank
            """)

    private static let keyChanges = TableReport(
        name: "key_changes",
        sql: """
            SELECT rollout, node, template, shape, holds, keys, deliveries, on_path, exposures, exposed_keys, cameras
            FROM key_changes ORDER BY place
            """)

    private static let keyRemedies = TableReport(
        name: "key_remedies",
        sql: "SELECT attribute, separated, exposures, hit_rate, hit_rate_with FROM key_remedies ORDER BY place")

    private static let fixes = TableReport(
        name: "fixes",
        sql: """
            SELECT rollout, from_time, deliveries, exposures, last_exposure, receivers, receivers_low, receivers_high, expected
            FROM fixes ORDER BY place
            """)

    private static let collisions = TableReport(
        name: "collisions",
        sql: """
            SELECT template, node, key, owners, cameras, fills, since, rollout, version, since_fill, first_time, last_time,
                exposures_certain, exposures_possible
            FROM collisions ORDER BY since_ts, template, node, key
            """)

    private static let rollouts = TableReport(
        name: "rollouts",
        sql: """
            WITH part AS MATERIALIZED (
                SELECT e.rollout_at_delivery AS rollout, x.node, sum(e.certainty = 'certain') AS certain,
                    sum(e.certainty = 'possible') AS possible,
                    sum(e.certainty = 'certain' AND e.rollout_at_fill IS NOT e.rollout_at_delivery) AS older,
                    max(iif(e.certainty = 'certain' AND e.rollout_at_fill IS NOT e.rollout_at_delivery, d.ts, NULL)) AS last
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery JOIN circumstance x ON x.id = d.circumstance
                WHERE e.is_redisplay = 0 GROUP BY e.rollout_at_delivery, x.node
            ), begun AS MATERIALIZED (
                SELECT min(ts) AS ts, name, node, group_concat(note, '; ') AS note FROM (
                    SELECT min(r.ts) AS ts, r.name, r.node, n.text AS note
                    FROM rollout r JOIN source s ON s.id = r.id >> 36 LEFT JOIN name n ON n.id = r.note
                    WHERE s.state IN ('complete', 'damaged') GROUP BY r.name, r.node, n.text
                    ORDER BY 1, r.name, r.node, n.text)
                GROUP BY name, node)
            SELECT n.text AS rollout, o.text AS node, \(Views.iso("r.ts")) AS \"from\",
                ifnull(sum(e.certain), 0) AS exposures_certain,
                ifnull(sum(e.possible), 0) AS exposures_possible, ifnull(sum(e.older), 0) AS certain_filled_under_another,
                round((max(e.last) - r.ts) / 1e6, 3) AS seconds_until_the_last_of_them,
                \(Views.iso("x.until_ts")) AS until, x.deliveries, x.rate, x.rate_low, x.rate_high, x.before_deliveries,
                x.before_certain, x.p_value, x.receivers, r.note
            FROM begun r LEFT JOIN name n ON n.id = r.name LEFT JOIN name o ON o.id = r.node
                LEFT JOIN part e ON e.rollout = r.name AND (r.node IS NULL OR e.node IS r.node)
                LEFT JOIN rollout_rate x ON x.rollout = r.name AND x.is_total = (r.node IS NULL) AND x.node IS r.node
            GROUP BY r.name, r.node, r.ts ORDER BY r.ts, n.text, o.text
            """)

    private static let changePoints = TableReport(
        name: "change_points",
        sql: """
            SELECT iif(is_total, 'all nodes', 'node') AS scope, node, kind, from_time, until_time, seconds, end_time,
                before_deliveries, before_certain, after_deliveries, after_certain, p_value
            FROM change_points ORDER BY from_ts, is_total, node
            """)

    private static let clocks = TableReport(
        name: "clocks",
        sql: """
            SELECT clock, basis, is_corrected, offset_low_s, offset_high_s, bound_s, samples, rejected FROM clocks
            ORDER BY clock
            """)

    private static let directoryProblems = TableReport(
        name: "directory_problems",
        sql: """
            SELECT problem, camera, account, other_account, path, member, line, other_path, other_member, other_line, open_from,
                open_until
            FROM directory_problems ORDER BY place
            """)

    private static let identityCrossings = TableReport(
        name: "identity_crossings",
        sql: """
            SELECT account, other_account, trait, digest, since, until, strayed, deliveries, first_id, path, member, line
            FROM identity_crossings ORDER BY place
            """)

    private static let assumptions = TableReport(
        name: "assumptions",
        sql: "SELECT assumption, status, checked, against, detail, statement FROM assumptions ORDER BY place")

    private static let sources = TableReport(
        name: "sources",
        sql: """
            SELECT path, member, state, profile, compression, size, sha256, lines, accepted, ignored, rejected, first_time,
                last_time, reason
            FROM sources ORDER BY path, member, sha256, state
            """)

    private static let rejects = TableReport(
        name: "rejects",
        sql:
            "SELECT path, member, line, offset, reason, sample, sha256 FROM rejects ORDER BY path, member, sha256, line"
    )
}
