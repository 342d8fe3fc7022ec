import GRDB
import LogRecords

/// Before and after: the rate of certain exposures under each rollout.
struct RolloutRates {
    private static let most = 60
    private static let width = 180.0

    private struct Rate {
        let isTotal: Bool
        let node: String?
        let rollout: String?
        let from: Int64?
        let deliveries: Int
        let certain: Int
        let possible: Int
        let rate: Double?
        let low: Double?
        let high: Double?
        let chance: Double?
        let note: String?
    }

    private let rates: [Rate]
    private let count: Int
    private let changes: Section.Table?

    init(_ db: Database, _ names: ShownNames) throws {
        rates = try Row.fetchAll(
            db,
            sql: """
                SELECT r.is_total, r.node, r.rollout, r.from_ts, r.deliveries, r.certain, r.possible, r.rate, r.rate_low,
                    r.rate_high, r.p_value, r.note
                FROM (SELECT r.*, t.note FROM rollout_rate r LEFT JOIN (
                        SELECT name, group_concat(text, '; ') AS note FROM (
                            SELECT DISTINCT q.name, m.text FROM rollout q
                                JOIN source s ON s.id = q.id >> 36 AND s.state IN ('complete', 'damaged')
                                JOIN name m ON m.id = q.note ORDER BY q.name, m.text)
                        GROUP BY name) t ON t.name = r.rollout) r
                    LEFT JOIN name n ON n.id = r.node
                ORDER BY r.is_total DESC, n.text, r.seq LIMIT \(Self.most)
                """
        ).map { row in
            Rate(
                isTotal: try row.decode(atIndex: 0), node: try names.text(row.decode(atIndex: 1)),
                rollout: try names.text(row.decode(atIndex: 2)), from: try row.decode(atIndex: 3),
                deliveries: try row.decode(atIndex: 4),
                certain: try row.decode(atIndex: 5), possible: try row.decode(atIndex: 6),
                rate: try row.decode(atIndex: 7), low: try row.decode(atIndex: 8), high: try row.decode(atIndex: 9),
                chance: try row.decode(atIndex: 10),
                note: (try row.decode(String?.self, atIndex: 11)).map(ShownNames.visible))
        }
        count = try Int.fetchOne(db, sql: "SELECT count(*) FROM rollout_rate") ?? 0
        changes = try Self.changes(db, names)
    }

    func section() -> Section? {
        guard count > 0 || changes != nil else { return nil }
        var tables = count > 0 ? [table] : []
        tables += [changes].compactMap { $0 }
        return Section(
            id: "rollouts", title: "Before and after", short: "Before and after",
            lead:
                "How many of its deliveries were exposures under each rollout, all nodes together and node by node; and where the rate changed, whatever the rollouts say.",
            tables: tables,
            notes: [
                "Rates are of certain exposures, with their 95 % interval (Clopper and Pearson); chance is Fisher's exact test against the rollout before. Accounts are the unit of both: what one account receives again and again is one observation."
            ])
    }

    private var table: Section.Table {
        let ceiling = max(rates.compactMap(\.high).max() ?? 0, 1e-9)
        return Section.Table(
            caption: "Rate of certain exposures by rollout; the scale goes from 0 to \(Wording.percent(ceiling))",
            columns: [
                .init(heading: "rollout"), .init(heading: "node"), .init(heading: "from, UTC"),
                .init(heading: "deliveries", isNumber: true),
                .init(heading: "certain", isNumber: true), .init(heading: "possible", isNumber: true),
                .init(heading: "rate"),
                .init(heading: "rate (interval)", isNumber: true), .init(heading: "chance", isNumber: true),
            ] + (hasNotes ? [.init(heading: "note")] : []),
            rows: rates.map { one in
                let interval = one.low.flatMap { low in
                    one.high.map {
                        "\(Wording.percent(one.rate ?? 0)) (\(Wording.figure(low * 100))–\(Wording.figure($0 * 100)))"
                    }
                }
                let note: [Section.Cell] = hasNotes ? [.text(one.isTotal ? one.note : nil)] : []
                return Section.Row(
                    cells: [
                        .head(one.rollout ?? "before the first"),
                        .text(one.isTotal ? "all nodes" : one.node ?? "without a name"),
                        .text(one.from.map(Wording.moment)), .number(one.deliveries),
                        .number(one.certain),
                        .number(one.possible), .strip(strip(one, ceiling)), .number(interval),
                        .number(one.chance.map(Wording.chance)),
                    ] + note)
            },
            more: count > rates.count ? "\(Wording.number(count - rates.count)) further rows are in rollouts.csv." : nil
        )
    }

    /// Whether the table of rollouts says anything of any.
    private var hasNotes: Bool { rates.contains { $0.note != nil } }

    private func strip(_ one: Rate, _ ceiling: Double) -> String {
        func x(_ value: Double) -> Double { 4 + (Self.width - 8) * value / ceiling }
        var drawing = Drawing(width: Self.width, height: 22)
        drawing.add("line", ["class": "grid", "x1": "4", "x2": .init(Self.width - 4), "y1": "11", "y2": "11"])
        if let rate = one.rate, let low = one.low, let high = one.high {
            drawing.add(
                "line", ["class": "interval", "x1": .init(x(low)), "x2": .init(x(high)), "y1": "11", "y2": "11"])
            drawing.add("circle", ["class": "point", "cx": .init(x(rate)), "cy": "11", "r": "4.5"])
        }
        return drawing.svg("strip", nil)
    }

    private static func changes(_ db: Database, _ names: ShownNames) throws -> Section.Table? {
        let most = 30
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT c.node, c.from_ts, c.until_ts, c.before_certain, c.before_deliveries, c.after_certain, c.after_deliveries,
                    c.before_rate, c.after_rate, c.p_value, c.kind, c.end_ts, c.is_total
                FROM change_point c LEFT JOIN name n ON n.id = c.node ORDER BY c.from_ts, c.is_total, n.text LIMIT \(most + 1)
                """)
        guard !rows.isEmpty else { return nil }
        return Section.Table(
            caption: "Changes of the rate, found from the counts alone",
            columns: [
                .init(heading: "node"), .init(heading: "change"), .init(heading: "between, UTC"),
                .init(heading: "and, UTC"), .init(heading: "rate before", isNumber: true),
                .init(heading: "rate after", isNumber: true),
                .init(heading: "chance", isNumber: true),
            ],
            rows: try rows.prefix(most).map { row in
                func rate(_ rate: Double, _ certain: Int, _ deliveries: Int) -> String {
                    "\(Wording.percent(rate)) (\(Wording.number(certain)) of \(Wording.number(deliveries)))"
                }
                let end = try row.decode(Int64?.self, atIndex: 11)
                return Section.Row(cells: [
                    .head(
                        try row.decode(Bool.self, atIndex: 12)
                            ? "all nodes" : names.text(row.decode(atIndex: 0)) ?? "without a name"),
                    .text(end.map { "burst until \(Wording.moment($0))" } ?? "step"),
                    .text(Wording.moment(try row.decode(atIndex: 1))),
                    .text(Wording.moment(try row.decode(atIndex: 2))),
                    .number(rate(try row.decode(atIndex: 7), try row.decode(atIndex: 3), try row.decode(atIndex: 4))),
                    .number(rate(try row.decode(atIndex: 8), try row.decode(atIndex: 5), try row.decode(atIndex: 6))),
                    .number(Wording.chance(try row.decode(atIndex: 9))),
                ])
            },
            more: rows.count > most ? "More are in change_points.csv." : nil)
    }
}
