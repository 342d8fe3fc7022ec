import GRDB
import LogRecords

/// What the incident left alone, as far as these logs tell.
enum Untouched {
    static func sentences(_ summary: Summary, _ db: Database, _ names: ShownNames) throws -> [String] {
        var sentences: [String] = []
        let clear =
            try String.fetchOne(db, sql: "SELECT value FROM correlation WHERE what = 'deliveries_clear'")
            .flatMap { Int($0) } ?? 0
        sentences.append(
            "\(Wording.number(clear)) of \(Wording.count(summary.deliveries, "delivery", "deliveries")) "
                + "(\(Wording.percent(clear, of: summary.deliveries))) carried a frame that the account had a right to."
        )
        let owners =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(DISTINCT c.owner) FROM camera c JOIN source s ON s.id = c.id >> 36
                    WHERE s.state IN ('complete', 'damaged')
                    """) ?? 0
        let exposed = summary.exposedAccountsCertain + summary.exposedAccountsPossible
        if owners >= exposed, owners > 0 {
            sentences.append(
                "\(Wording.number(owners - exposed)) of \(Wording.count(owners, "account")) with a camera "
                    + "(\(Wording.percent(owners - exposed, of: owners))) had no frame seen by an account without a right to it"
                    + Self.unless(summary))
        }
        guard exposed > 0 else { return sentences }
        for (column, noun) in [
            ("client", "client"), ("network", "network"), ("kind", "kind of frame"), ("node", "node"),
        ] {
            let clean = try cleanValues(column, db, names)
            guard !clean.isEmpty else { continue }
            let deliveries = clean.reduce(0) { $0 + $1.deliveries }
            let list = Wording.list(clean.map(\.name))
            sentences.append(
                "No exposure with \(noun) \(list): none of \(Wording.count(deliveries, "delivery", "deliveries")).")
        }
        let models = try cleanModels(db, names)
        if !models.isEmpty, summary.deliveriesUnresolved + summary.exposuresUnnamedOwner == 0 {
            sentences.append("No frame of a camera of model \(Wording.list(models)).")
        }
        return sentences
    }

    /// Where else a frame of theirs may have been.
    private static func unless(_ summary: Summary) -> String {
        let places = [
            (summary.deliveriesUnresolved, "among the unresolved deliveries"),
            (summary.exposuresUnnamedOwner, "among the possible exposures whose owner no line names"),
        ].filter { $0.0 > 0 }.map(\.1)
        return places.isEmpty ? "." : ", unless \(places.joined(separator: " or "))."
    }

    /// The values of an attribute of which every delivery is clear, the most frequent first.
    private static func cleanValues(_ column: String, _ db: Database, _ names: ShownNames) throws -> [(
        name: String, deliveries: Int
    )] {
        try Row.fetchAll(
            db,
            sql: """
                WITH all_values AS (
                    SELECT x.\(column) AS value, sum(t.deliveries) AS deliveries FROM tally t
                        JOIN circumstance x ON x.id = t.circumstance
                    WHERE x.content = 0 AND x.\(column) IS NOT NULL GROUP BY x.\(column)
                ), touched AS (
                    SELECT x.\(column) AS value FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                        JOIN circumstance x ON x.id = d.circumstance WHERE x.\(column) IS NOT NULL
                    UNION SELECT x.\(column) FROM unresolved u CROSS JOIN delivery d ON d.id = u.delivery
                        JOIN circumstance x ON x.id = d.circumstance WHERE x.\(column) IS NOT NULL)
                SELECT a.value, a.deliveries FROM all_values a JOIN name n ON n.id = a.value
                WHERE a.value NOT IN (SELECT value FROM touched) ORDER BY a.deliveries DESC, n.text
                """
        ).map { (try names.text($0.decode(atIndex: 0)) ?? "", try $0.decode(atIndex: 1)) }
    }

    /// The models of which no camera's frame may have been exposed, in order of name.
    private static func cleanModels(_ db: Database, _ names: ShownNames) throws -> [String] {
        try Row.fetchAll(
            db,
            sql: """
                WITH touched AS (SELECT DISTINCT c.model
                    FROM (SELECT DISTINCT camera FROM candidate) k CROSS JOIN camera c ON c.camera = k.camera)
                SELECT DISTINCT c.model, n.text FROM camera c JOIN source s ON s.id = c.id >> 36 JOIN name n ON n.id = c.model
                WHERE s.state IN ('complete', 'damaged') AND c.model NOT IN (SELECT model FROM touched WHERE model IS NOT NULL)
                ORDER BY n.text
                """
        ).compactMap { try names.text($0.decode(atIndex: 0)) }
    }
}
