internal import GRDB
import LogRecords

/// The views in which a person reads a case with `sqlite3`: names instead of numbers, ISO times, IDs that lead to a
/// raw line (`source label:line`, as `strayframe explain` takes them).
public enum Views {
    /// Made anew each time a case is opened for writing, so that they always fit this version.
    static func create(_ db: Database) throws {
        for (name, sql) in all { try db.execute(sql: "DROP VIEW IF EXISTS \(name); CREATE VIEW \(name) AS \(sql)") }
    }

    /// SQL for a column of microseconds since 1970 UTC as RFC 3339; NULL stays NULL.
    public static func iso(_ column: String) -> String {
        "strftime('%Y-%m-%dT%H:%M:%S', \(column)/1000000, 'unixepoch') || printf('.%06dZ', \(column) % 1000000)"
    }

    private static func eventID(_ row: String, _ source: String) -> String {
        "\(source).label || ':' || (\(row).id & 68719476735)"
    }

    private static func name(_ column: String) -> String { "(SELECT text FROM name WHERE id = \(column))" }

    private static func frame(_ column: String) -> String { "(SELECT text FROM frame WHERE id = \(column))" }

    private static let cacheStatusWord =
        "CASE x.cache_status " + CacheStatus.allCases.map { "WHEN \($0.rawValue) THEN '\($0)'" }.joined(separator: " ")
        + " END"

    /// What a source's answers in other logs are told by; NULL if there are none.
    static func sharedAnswers(_ source: String) -> String {
        "(SELECT printf('%,d', answers) || ' of its answers count in ' || others FROM shared_source WHERE source = \(source))"
    }

    /// What belongs to a delivery `d`.
    private static let ofDelivery = "JOIN circumstance x ON x.id = d.circumstance JOIN source s ON s.id = d.id >> 36"

    /// Stands in a view's SQL where columns go that it does not spell out.
    private static let further = "\u{0}"
    /// Columns that no view has: a person reads their meaning elsewhere.
    private static let unseen: Set = ["clock", "flags", "early", "late", "begun", "circumstance"]

    /// Adds the columns of tables that a view does not spell out.
    ///
    /// - Parameter tables: by the letters that they have in it.
    private static func complete(_ sql: String, _ tables: KeyValuePairs<String, EventTable>) -> String {
        let columns = tables.flatMap { letter, table in
            table.columns.filter { column in
                !unseen.contains(column.name.description) && !sql.contains("\(letter).\(column.name)")
            }.map { column in
                let place = "\(letter).\(column.name)"
                return switch column.kind {
                case .name: ", \(name(place)) AS \(column.name)"
                case .frame: ", \(frame(place)) AS \(column.name)"
                case .integer, .row, .text: ", \(place)"
                }
            }
        }
        return sql.replacing(further, with: columns.joined())
    }

    /// See `Delivery.content`.
    private static let content = "CASE x.content WHEN 0 THEN 'frame' WHEN 1 THEN 'redisplay' ELSE 'none' END"

    private static let all: [(String, String)] = [
        (
            "sources",
            """
            SELECT label, path, member, size, sha256, compression, profile, state,
                nullif(ltrim(ifnull('; ' || reason, '') || ifnull('; ' || note, '')
                    || ifnull('; ' || \(sharedAnswers("s.id")), ''), '; '), '') AS reason,
                lines, accepted, ignored, rejected, \(iso("first_ts")) AS first_time, \(iso("last_ts")) AS last_time
            FROM source s
            """
        ),
        (
            "rejects",
            """
            SELECT s.path, s.member, r.line, r.offset, r.reason, r.sample, s.sha256
            FROM reject r JOIN source s ON s.id = r.source
            """
        ),
        (
            "deliveries",
            complete(
                """
                SELECT \(eventID("d", "s")) AS id, \(iso("d.ts")) AS time, \(name("x.node")) AS node,
                    \(name("d.requester")) AS requester, \(name("d.camera")) AS camera, \(name("d.key")) AS key,
                    \(frame("d.frame")) AS frame, \(name("d.owner")) AS owner, \(name("d.frame_camera")) AS frame_camera,
                    \(cacheStatusWord) AS cache_status, \(name("x.cache_word")) AS cache_word, x.status, d.bytes, d.rtt_ms,
                    d.loss_bp / 100.0 AS loss_pct, \(name("x.client")) AS client, \(name("x.network")) AS network,
                    \(name("x.kind")) AS kind, replace(\(name("x.extra")), char(31), ' AND ') AS extra\(further), \(content) AS content, s.path, s.member, d.id & 68719476735 AS line,
                    d.ts, d.id AS event
                FROM delivery d \(ofDelivery)
                WHERE s.state IN ('complete', 'damaged')
                    AND NOT EXISTS (SELECT 1 FROM same_answer a WHERE a.delivery = d.id)
                """, ["d": .delivery, "x": .circumstance])
        ),
        (
            // Lines of answers that count by another line.
            "same_answers",
            """
            SELECT \(eventID("d", "s")) AS id, \(iso("d.ts")) AS time, cs.label || ':' || (a.counted & 68719476735) AS counted,
                s.path, s.member, d.id & 68719476735 AS line, cs.path AS counted_path, cs.member AS counted_member,
                a.counted & 68719476735 AS counted_line, d.id AS event, a.counted AS counted_event
            FROM same_answer a JOIN delivery d ON d.id = a.delivery JOIN source s ON s.id = d.id >> 36
                JOIN source cs ON cs.id = a.counted >> 36
            """
        ),
        ("log_pairs", "SELECT place, log, other, asked, share, by_chance, is_same FROM log_pair"),
        (
            "fills",
            complete(
                """
                SELECT \(eventID("f", "s")) AS id, \(iso("f.ts")) AS time,
                    CASE f.kind WHEN 0 THEN 'stored' WHEN 1 THEN 'sent' ELSE 'revalidated' END AS kind,
                    \(name("f.node")) AS node, \(name("f.key")) AS key, \(frame("f.frame")) AS frame,
                    \(name("f.camera")) AS camera, \(name("f.owner")) AS owner, \(name("f.requester")) AS requester, \(frame("f.validator")) AS validator,
                    \(name("f.version")) AS version, f.ttl_s\(further), s.path, s.member, f.id & 68719476735 AS line, f.ts,
                    f.id AS event
                FROM fill f JOIN source s ON s.id = f.id >> 36 WHERE s.state IN ('complete', 'damaged')
                """, ["f": .fill])
        ),
        (
            "purges",
            complete(
                """
                SELECT \(eventID("p", "s")) AS id, \(iso("p.ts")) AS time, CASE p.is_expiry WHEN 1 THEN 'expiry' ELSE 'purge' END AS kind,
                    \(name("p.node")) AS node, \(name("p.key")) AS key\(further), s.path, s.member,
                    p.id & 68719476735 AS line, p.ts, p.id AS event
                FROM purge p JOIN source s ON s.id = p.id >> 36 WHERE s.state IN ('complete', 'damaged')
                """, ["p": .purge])
        ),
        (
            "rollouts",
            """
            SELECT \(iso("r.ts")) AS time, \(name("r.name")) AS rollout, \(name("r.node")) AS node,
                group_concat(r.note, '; ') AS note, r.ts
            FROM (SELECT DISTINCT q.ts, q.name, q.node, n.text AS note FROM rollout q JOIN source s ON s.id = q.id >> 36
                LEFT JOIN name n ON n.id = q.note
                WHERE s.state IN ('complete', 'damaged') ORDER BY q.ts, q.name, q.node, n.text) r
            GROUP BY r.ts, r.name, r.node
            """
        ),
        (
            "cameras",
            """
            SELECT \(name("c.camera")) AS camera, \(name("c.owner")) AS owner, \(iso("c.owned_from")) AS owned_from,
                \(iso("c.owned_until")) AS owned_until, \(name("c.model")) AS model, c.open_ends
            FROM camera c JOIN source s ON s.id = c.id >> 36 WHERE s.state IN ('complete', 'damaged')
            """
        ),
        (
            "grants",
            """
            SELECT \(name("g.owner")) AS owner, \(name("g.camera")) AS camera, \(name("g.grantee")) AS grantee,
                \(iso("g.live_from")) AS live_from, \(iso("g.live_until")) AS live_until, g.open_ends
            FROM granted g JOIN source s ON s.id = g.id >> 36 WHERE s.state IN ('complete', 'damaged')
            """
        ),
        (
            // Of deliveries alone: a 304 that shows a frame again is in `redisplays`.
            "exposures", exposures + " WHERE e.is_redisplay = 0"
        ),
        ("redisplays", exposures + " WHERE e.is_redisplay = 1"),
        (
            "exposure_candidates",
            """
            SELECT \(eventID("d", "s")) AS id, c.rank, \(name("c.owner")) AS owner, \(name("c.camera")) AS camera,
                fs.label || ':' || (c.fill & 68719476735) AS fill, c.relation, e.certainty, e.is_redisplay,
                \(name("d.requester")) AS requester, c.delivery AS event
            FROM candidate c JOIN exposure e ON e.delivery = c.delivery JOIN delivery d ON d.id = c.delivery
                JOIN source s ON s.id = d.id >> 36 LEFT JOIN source fs ON fs.id = c.fill >> 36
            """
        ),
        (
            "unresolved_deliveries",
            """
            SELECT \(eventID("d", "s")) AS id, \(iso("d.ts")) AS time, u.cause, \(name("x.node")) AS node,
                \(name("d.requester")) AS requester, \(name("d.key")) AS key, \(name("x.cache_word")) AS cache_word,
                s.path, s.member, d.id & 68719476735 AS line, d.ts, d.id AS event
            FROM unresolved u JOIN delivery d ON d.id = u.delivery \(ofDelivery)
            """
        ),
        (
            "silences",
            """
            SELECT \(name("node")) AS node, log, \(iso("from_ts")) AS from_time, \(iso("until_ts")) AS until_time,
                round((until_ts - from_ts) / 1e6, 3) AS seconds, expected AS usual_lines, basis, from_ts
            FROM silence
            """
        ),
        ("nodes_without_fills", "SELECT \(name("node")) AS node FROM node_without_fills"),
        (
            "directory_problems",
            """
            SELECT p.place, p.problem, \(name("p.camera")) AS camera, \(name("p.account")) AS account,
                \(name("p.other")) AS other_account, s.path, s.member, p.row & 68719476735 AS line, o.path AS other_path,
                o.member AS other_member, p.other_row & 68719476735 AS other_line, \(iso("p.from_ts")) AS open_from,
                \(iso("p.until_ts")) AS open_until
            FROM directory_problem p LEFT JOIN source s ON s.id = p.row >> 36 LEFT JOIN source o ON o.id = p.other_row >> 36
            """
        ),
        (
            "identity_crossings",
            """
            SELECT c.place, \(name("c.account")) AS account, \(name("c.other")) AS other_account, c.trait,
                printf('%016x', c.digest) AS digest, \(iso("c.since_ts")) AS since, \(iso("c.until_ts")) AS until,
                \(iso("c.strayed_ts")) AS strayed, c.deliveries, s.path, s.member, c.first & 68719476735 AS line,
                s.label || ':' || (c.first & 68719476735) AS first_id
            FROM identity_crossing c JOIN source s ON s.id = c.first >> 36
            """
        ),
        ("assumptions", "SELECT place, assumption, statement, status, checked, against, detail FROM assumption"),
        ("conditions", "SELECT * FROM condition"),
        (
            "foremost_receivers",
            "SELECT \(name("account")) AS account, accounts, exposures, all_exposures FROM foremost_receiver"
        ),
        (
            "scopes",
            """
            SELECT place, change, scope, accounts AS affected_accounts, requesters, camera_owners, deliveries, exposures_certain,
                exposures_possible FROM neighbour
            """
        ),
        (
            "key_changes",
            """
            SELECT place, \(name("node")) AS node, \(name("rollout")) AS rollout, template, shape, holds, keys, deliveries,
                on_path, exposures, exposed_keys, cameras
            FROM key_change
            """
        ),
        (
            "fixes",
            """
            SELECT place, \(name("rollout")) AS rollout, \(iso("from_ts")) AS from_time, deliveries, exposures,
                \(iso("last_ts")) AS last_exposure, receivers, receivers_low, receivers_high, expected
            FROM fix
            """
        ),
        ("key_remedies", "SELECT place, attribute, separated, exposures, hit_rate, hit_rate_with FROM key_remedy"),
        (
            "collisions",
            """
            SELECT \(name("c.node")) AS node, \(name("c.key")) AS key, c.template, c.owners, c.cameras, c.fills,
                \(iso("c.first_ts")) AS first_time, \(iso("c.last_ts")) AS last_time, \(iso("c.since_ts")) AS since,
                fs.label || ':' || (c.since_fill & 68719476735) AS since_fill, \(name("c.rollout")) AS rollout,
                \(name("c.version")) AS version, ifnull(x.certain, 0) AS exposures_certain,
                ifnull(x.possible, 0) AS exposures_possible, c.since_ts
            FROM collision c LEFT JOIN source fs ON fs.id = c.since_fill >> 36
                LEFT JOIN (SELECT node, key, sum(certainty = 'certain') AS certain, sum(certainty = 'possible') AS possible
                    FROM exposures GROUP BY node, key) x
                ON x.key = \(name("c.key")) AND x.node IS \(name("c.node"))
            """
        ),
        (
            "rollout_rates",
            """
            SELECT is_total, \(name("node")) AS node, seq, \(name("rollout")) AS rollout, \(iso("from_ts")) AS from_time,
                \(iso("until_ts")) AS until_time, deliveries, certain, possible, rate, rate_low, rate_high,
                before_deliveries, before_certain, p_value, receivers, from_ts
            FROM rollout_rate
            """
        ),
        (
            "change_points",
            """
            SELECT is_total, \(name("node")) AS node, kind, \(iso("from_ts")) AS from_time, \(iso("until_ts")) AS until_time,
                round((until_ts - from_ts) / 1e6, 6) AS seconds, \(iso("end_ts")) AS end_time, before_deliveries, before_certain, before_rate,
                after_deliveries, after_certain, after_rate, p_value, from_ts, until_ts
            FROM change_point
            """
        ),
        (
            "clocks",
            """
            SELECT \(name("clock")) AS clock, basis, is_corrected, lowest_us / 1e6 AS offset_low_s,
                highest_us / 1e6 AS offset_high_s, bound_us / 1e6 AS bound_s, samples, rejected, lowest_us, highest_us,
                bound_us
            FROM clock_offset
            """
        ),
        ("affected_accounts", "SELECT \(name("account")) AS account, reason FROM affected"),
        (
            "annotations",
            """
            SELECT a.id AS annotation, a.exposure, \(name("a.account")) AS account, a.tag, a.note, \(iso("d.ts")) AS time,
                CASE WHEN a.account IS NOT NULL THEN 'account' WHEN e.delivery IS NULL THEN 'no exposure any more'
                    ELSE 'exposure' END AS standing, d.ts, e.delivery AS event
            FROM annotation a
                LEFT JOIN source s ON s.id = a.delivery >> 36 AND s.label || ':' || (a.delivery & 68719476735) = a.exposure
                LEFT JOIN exposure e ON e.delivery = a.delivery AND s.id IS NOT NULL AND e.is_redisplay = 0
                LEFT JOIN delivery d ON d.id = e.delivery
            """
        ),
        ("exposure_tags", tags(of: "event")),
        ("account_tags", tags(of: "account")),
    ]

    /// The tags and notes of each exposure or account that has some.
    private static func tags(of target: String) -> String {
        """
        SELECT \(target),
            (SELECT group_concat(tag, ';') FROM (SELECT DISTINCT tag FROM annotations i
                WHERE i.\(target) = o.\(target) AND tag IS NOT NULL ORDER BY tag)) AS tags,
            (SELECT group_concat(note, ' | ') FROM (SELECT note FROM annotations i
                WHERE i.\(target) = o.\(target) AND note IS NOT NULL ORDER BY annotation)) AS notes
        FROM (SELECT DISTINCT \(target) FROM annotations WHERE \(target) IS NOT NULL) o
        """
    }

    private static let exposures = """
        SELECT \(eventID("d", "s")) AS id, \(iso("d.ts")) AS time, e.certainty, e.evidence, e.relation,
            \(name("d.requester")) AS requester, CASE e.owners WHEN 1 THEN \(name("c.owner")) END AS owner, e.owners, e.unnamed_owner,
            \(name("c.owner")) AS likeliest_owner, \(name("c.camera")) AS frame_camera,
            \(name("d.camera")) AS requested_camera, \(frame("d.frame")) AS frame, \(name("x.node")) AS node,
            \(name("d.key")) AS key, \(name("x.cache_word")) AS cache_word, x.status, \(name("x.client")) AS client,
            \(name("x.network")) AS network, \(name("x.kind")) AS kind,
            (SELECT \(name("m.model")) FROM camera m JOIN source ms ON ms.id = m.id >> 36
                WHERE m.camera = d.camera AND m.model IS NOT NULL AND ms.state IN ('complete', 'damaged')
                ORDER BY ms.label, m.id LIMIT 1) AS model,
            \(name("e.rollout_at_fill")) AS rollout_at_fill, \(name("e.rollout_at_delivery")) AS rollout_at_delivery,
            e.opened, fs.label || ':' || (c.fill & 68719476735) AS fill, s.path, s.member,
            d.id & 68719476735 AS line, s.sha256, d.ts, d.id AS event
        FROM exposure e JOIN delivery d ON d.id = e.delivery \(ofDelivery)
            LEFT JOIN candidate c ON c.delivery = e.delivery AND c.rank = 1 LEFT JOIN source fs ON fs.id = c.fill >> 36
        """
}
