import Foundation
import GRDB

/// `timeline.csv` and `timeline.jsonl`: what happened when, as Timesketch imports it: one row, or one JSON object, a line;
/// and `timeline.l2t.csv` for tools that read what Plaso writes.
///
/// Timesketch demands `message`, `datetime` (ISO 8601 with an offset) and `timestamp_desc`; `timestamp` holds the
/// microseconds that its importer drops from `datetime` (google/timesketch, docs/guides/user/import-from-json-csv.md).
struct Timeline {
    static let csvName = "timeline.csv"
    static let jsonName = "timeline.jsonl"
    static let l2tName = "timeline.l2t.csv"

    /// Exposures this close together on a node belong to one burst; microseconds.
    private static let burstGap = 60_000_000
    private static let burstSize = 10

    /// What happened, in order of time.
    static func rows(_ db: Database) throws -> RowCursor {
        try Row.fetchCursor(
            db,
            sql: """
                SELECT message, strftime('%Y-%m-%dT%H:%M:%S', ts / 1000000, 'unixepoch') || printf('.%06d+00:00', ts % 1000000)
                    AS datetime, what AS timestamp_desc, ts AS timestamp, certainty, owner, requester, node, id
                FROM (\(parts.joined(separator: "\nUNION ALL\n")))
                ORDER BY ts, what, message, id
                """)
    }

    /// Writes `timeline.jsonl`, and the others that are asked for.
    static func write(_ db: Database, to folder: URL, as formats: [ReportFormat]) throws {
        let rows = try rows(db)
        let columns = rows._statement.columnNames
        var csv = try formats.contains(.csv) ? CSVFile(header: columns, into: AtomicFile(in: folder, csvName)) : nil
        var json = try JSONLines(into: AtomicFile(in: folder, jsonName))
        var l2t =
            try formats.contains(.l2tcsv)
            ? CSVFile(header: L2TRow.columns, into: AtomicFile(in: folder, l2tName)) : nil
        while let row = try rows.next() {
            try csv?.append(row)
            try json.append(row)
            try l2t?.append(texts: L2TRow(row).cells)
        }
        try csv?.finish()
        try json.finish()
        try l2t?.finish()
    }

    private static let parts = [
        """
        SELECT 'Rollout ' || rollout || ifnull(' on ' || node, ' on every node')
            || ifnull(': ' || note, '') AS message, ts, 'Rollout' AS what,
            NULL AS certainty, NULL AS owner, NULL AS requester, node, NULL AS id FROM rollouts
        """,
        """
        SELECT 'Purge of ' || key || ifnull(' on ' || node, ''), ts, 'Purge', NULL, NULL, NULL, node, id
        FROM purges WHERE kind = 'purge'
        """,
        pairs, crowds,
        """
        SELECT 'Burst of ' || count(*) || ' exposures' || ifnull(' on ' || node, '') || ' within '
            || printf('%.1f', (max(ts) - min(ts)) / 1e6) || ' s', min(ts), 'Burst begins', NULL, NULL, NULL, node, NULL
        FROM (SELECT node, ts, sum(starts) OVER (PARTITION BY node ORDER BY ts, id) AS burst FROM (
            SELECT node, ts, id, ifnull(ts - lag(ts) OVER (PARTITION BY node ORDER BY ts, id) > \(burstGap), 1) AS starts
            FROM exposures))
        GROUP BY node, burst HAVING count(*) >= \(burstSize)
        """,
        """
        SELECT iif(log = 'fills', 'No fill', 'No delivery') || ifnull(' on ' || node, '') || ' for ' || printf('%.1f', seconds) || ' s', from_ts,
            'Gap begins', NULL, NULL, NULL, node, NULL
        FROM silences
        """,
        """
        SELECT 'Annotation of exposure ' || a.exposure || \(words), a.ts, 'Annotation', x.certainty, x.owner, x.requester,
            x.node, a.exposure
        FROM annotations a JOIN exposures x ON x.event = a.event
        """,
        // Of an account, where its first exposure is.
        """
        SELECT 'Annotation of account ' || n.text || \(words), (SELECT min(d.ts) FROM exposure e
                CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 AND (d.requester = a.account
                    OR EXISTS (SELECT 1 FROM candidate c WHERE c.delivery = e.delivery AND c.owner = a.account))) AS ts,
            'Annotation', NULL, n.text, NULL, NULL, NULL
        FROM annotation a JOIN name n ON n.id = a.account WHERE ts IS NOT NULL
        """,
    ]

    /// What an annotation says.
    private static let words = "ifnull(' [' || a.tag || ']', '') || ifnull(': ' || a.note, '')"

    /// An exposure with more possible owners than this is told of by its receiving account alone: the pairs of thousands of
    /// owners and receiving accounts are millions, and say nothing of any of them.
    private static let crowd = 100

    /// The first and the last exposure of each receiving account with so many possible owners.
    private static let crowds = """
        SELECT m.what || ' of one of ' || printf('%,d', p.owners) || ' accounts to ' || q.text || ' (' || certainty || ')', ts,
            m.what, certainty, NULL, q.text, n.text, label || ':' || (delivery & 68719476735)
        FROM (SELECT d.requester, e.owners, e.certainty, d.ts, e.delivery, s.label, x.node,
                row_number() OVER (PARTITION BY d.requester ORDER BY d.ts, s.label, d.id) AS from_first,
                row_number() OVER (PARTITION BY d.requester ORDER BY d.ts DESC, s.label, d.id) AS from_last
            FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                CROSS JOIN source s ON s.id = d.id >> 36 JOIN circumstance x ON x.id = d.circumstance
            WHERE e.is_redisplay = 0 AND e.owners > \(crowd)) p
            JOIN (SELECT 'First exposure' AS what UNION ALL SELECT 'Last exposure') m
                ON iif(m.what = 'First exposure', from_first, from_last) = 1
            LEFT JOIN name q ON q.id = p.requester LEFT JOIN name n ON n.id = p.node
        WHERE from_first = 1 OR from_last = 1
        """

    /// The first and the last exposure of each pair of accounts; of several at one moment the first by source and line.
    private static let pairs = """
        SELECT m.what || ' of ' || o.text || ' to ' || q.text || ' (' || certainty || ', ' || relation || ')', ts, m.what,
            certainty, o.text, q.text, n.text, label || ':' || (delivery & 68719476735)
        FROM (SELECT c.owner, d.requester, c.relation, d.ts, c.delivery, s.label, x.node,
                iif(e.owners = 1, e.certainty, 'possible') AS certainty,
                row_number() OVER (PARTITION BY c.owner, d.requester ORDER BY d.ts, s.label, d.id) AS from_first,
                row_number() OVER (PARTITION BY c.owner, d.requester ORDER BY d.ts DESC, s.label, d.id) AS from_last
            FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                CROSS JOIN source s ON s.id = d.id >> 36 JOIN circumstance x ON x.id = d.circumstance
            WHERE e.is_redisplay = 0 AND e.owners <= \(crowd)) p
            JOIN (SELECT 'First exposure' AS what UNION ALL SELECT 'Last exposure') m
                ON iif(m.what = 'First exposure', from_first, from_last) = 1
            LEFT JOIN name o ON o.id = p.owner LEFT JOIN name q ON q.id = p.requester LEFT JOIN name n ON n.id = p.node
        WHERE from_first = 1 OR from_last = 1
        """
}
