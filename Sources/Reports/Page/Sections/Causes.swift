import Foundation
import GRDB

/// Why: the conditions that explain the exposures, as a forest plot of risk ratios.
struct Causes {
    private static let most = 12
    private static let width = 220.0

    private struct Condition {
        let words: String
        let deliveries: Int
        let exposures: Int
        let inside: Double
        let outside: Double
        let outsideAtMost: Double?
        let receivers: Int
        /// Nil if no exposure is elsewhere.
        let ratio: (middle: Double, low: Double, high: Double)?
        let chance: Double
        let same: String?
    }

    private let conditions: [Condition]
    private let count: Int
    private let fixes: Section.Table?
    private let keys: Section.Table?
    private let remedies: Section.Table?

    init(_ db: Database, _ names: ShownNames) throws {
        fixes = try Self.fixes(db, names)
        keys = try Self.keys(db, names)
        remedies = try Self.remedies(db)
        conditions = try Row.fetchAll(
            db,
            sql: """
                SELECT conditions, deliveries, exposures, rate_inside, rate_outside, risk_ratio, risk_ratio_low,
                    risk_ratio_high, p_adjusted, same_as, rate_outside_at_most, receivers
                FROM condition ORDER BY rank LIMIT \(Self.most)
                """
        ).map { row in
            var ratio: (Double, Double, Double)?
            if let middle = try row.decode(Double?.self, atIndex: 5),
                let low = try row.decode(Double?.self, atIndex: 6),
                let high = try row.decode(Double?.self, atIndex: 7)
            {
                ratio = (middle, low, high)
            }
            return Condition(
                words: ShownNames.visible(try row.decode(atIndex: 0)), deliveries: try row.decode(atIndex: 1),
                exposures: try row.decode(atIndex: 2), inside: try row.decode(atIndex: 3),
                outside: try row.decode(atIndex: 4),
                outsideAtMost: try row.decode(atIndex: 10), receivers: try row.decode(atIndex: 11), ratio: ratio,
                chance: try row.decode(atIndex: 8),
                same: (try row.decode(String?.self, atIndex: 9)).map(ShownNames.visible))
        }
        count = try Int.fetchOne(db, sql: "SELECT count(*) FROM condition") ?? 0
    }

    func section(_ summary: Summary) -> Section? {
        guard summary.exposuresCertain + summary.exposuresPossible > 0 else { return nil }
        guard let first = conditions.first else {
            return Section(
                id: "causes", title: "Why", short: "Why",
                lead: [summary.oneReceiver, summary.burst].compactMap { $0.map { ShownNames.visible($0) + " " } }
                    .joined()
                    + "No condition on the deliveries explains the exposures better than chance does, or there are too few of them to tell.",
                tables: [keys, remedies].compactMap { $0 },
                notes: [summary.keyChange].compactMap { $0.map(ShownNames.visible) })
        }
        var notes = [summary.secondCause, summary.keyChange, summary.oneReceiver].compactMap {
            $0.map(ShownNames.visible)
        }
        notes += [
            "A risk ratio says how many times more often accounts are reached under the conditions than elsewhere, each receiving account counted once; an association in these logs, not a mechanism. Where no exposure is elsewhere there is no ratio, but a bound on that rate."
        ]
        if let same = first.same { notes.append("These logs cannot tell the first conditions from: \(same).") }
        if count > conditions.count {
            notes.append("\(Wording.number(count - conditions.count)) further conditions are in conditions.csv.")
        }
        return Section(
            id: "causes", title: "Why", short: "Why",
            lead: "The conditions under which exposures are frequent, the one that explains them best first.",
            tables: [table] + [fixes, keys, remedies].compactMap { $0 }, notes: notes)
    }

    /// What came of later rollouts.
    private static func fixes(_ db: Database, _ names: ShownNames) throws -> Section.Table? {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT rollout, from_ts, deliveries, exposures, receivers, receivers_low, receivers_high, expected FROM fix
                ORDER BY place LIMIT 30
                """)
        guard !rows.isEmpty else { return nil }
        return Section.Table(
            caption:
                "Is it fixed? The rollouts after the cause's, on its path: accounts reached, each counted once in all",
            columns: [
                .init(heading: "rollout"), .init(heading: "from, UTC"), .init(heading: "deliveries", isNumber: true),
                .init(heading: "exposures", isNumber: true), .init(heading: "accounts (interval)", isNumber: true),
                .init(heading: "expected without a fix", isNumber: true),
            ],
            rows: try rows.map { row in
                let (low, high) = (try row.decode(Double.self, atIndex: 5), try row.decode(Double.self, atIndex: 6))
                return Section.Row(cells: [
                    .head(try names.text(row.decode(atIndex: 0)) ?? ""),
                    .text(Wording.moment(try row.decode(atIndex: 1))),
                    .number(try row.decode(Int.self, atIndex: 2)), .number(try row.decode(Int.self, atIndex: 3)),
                    .number(
                        "\(Wording.figure(try row.decode(atIndex: 4))) (\(Wording.figure(low))–\(Wording.figure(high)))"
                    ),
                    .number(Wording.figure(try row.decode(atIndex: 7))),
                ])
            })
    }

    /// What keys hold, those of exposures first.
    private static func keys(_ db: Database, _ names: ShownNames) throws -> Section.Table? {
        let most = 12
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT node, rollout, shape, holds, deliveries, exposures, exposed_keys, cameras FROM key_change
                ORDER BY place LIMIT \(most + 1)
                """)
        guard !rows.isEmpty else { return nil }
        return Section.Table(
            caption: "What cache keys hold of the request; those under which frames strayed first",
            columns: [
                .init(heading: "rollout"), .init(heading: "node"), .init(heading: "key"), .init(heading: "holds"),
                .init(heading: "deliveries", isNumber: true), .init(heading: "exposures", isNumber: true),
                .init(heading: "keys of them", isNumber: true), .init(heading: "cameras", isNumber: true),
            ],
            rows: try rows.prefix(most).map { row in
                let holds = try row.decode(String?.self, atIndex: 3) ?? ""
                return Section.Row(cells: [
                    .head(try names.text(row.decode(atIndex: 1)) ?? "before the first"),
                    .text(try names.text(row.decode(atIndex: 0)) ?? "without a name"),
                    .text(ShownNames.visible(try row.decode(atIndex: 2))),
                    .text(holds.isEmpty ? "nothing" : ShownNames.visible(holds)),
                    .number(try row.decode(Int.self, atIndex: 4)), .number(try row.decode(Int.self, atIndex: 5)),
                    .number(try row.decode(Int.self, atIndex: 6)), .number(try row.decode(Int.self, atIndex: 7)),
                ])
            },
            more: rows.count > most ? "More are in key_changes.csv." : nil)
    }

    /// What could be added to the keys.
    private static func remedies(_ db: Database) throws -> Section.Table? {
        let rows = try Row.fetchAll(
            db, sql: "SELECT attribute, separated, exposures, hit_rate, hit_rate_with FROM key_remedy ORDER BY place")
        guard !rows.isEmpty else { return nil }
        return Section.Table(
            caption:
                "What one attribute more in those keys would separate, and the hit rate then, replayed from the logs",
            columns: [
                .init(heading: "attribute"), .init(heading: "exposures separated", isNumber: true),
                .init(heading: "of", isNumber: true), .init(heading: "hit rate", isNumber: true),
                .init(heading: "with it", isNumber: true),
            ],
            rows: try rows.map { row in
                Section.Row(cells: [
                    .head(try row.decode(atIndex: 0)), .number(try row.decode(Int.self, atIndex: 1)),
                    .number(try row.decode(Int.self, atIndex: 2)),
                    .number(try row.decode(Double?.self, atIndex: 3).map(Wording.percent)),
                    .number(try row.decode(Double?.self, atIndex: 4).map(Wording.percent)),
                ])
            })
    }

    private var table: Section.Table {
        Section.Table(
            caption:
                "Risk ratio with its 95 % interval, logarithmic scale from \(Wording.figure(scale.low)) to \(Wording.figure(scale.high))",
            columns: [
                .init(heading: "conditions"), .init(heading: "exposures", isNumber: true),
                .init(heading: "accounts", isNumber: true),
                .init(heading: "deliveries", isNumber: true),
                .init(heading: "rate inside", isNumber: true), .init(heading: "elsewhere", isNumber: true),
                .init(heading: "risk ratio"), .init(heading: "ratio (interval)", isNumber: true),
                .init(heading: "chance", isNumber: true),
            ],
            rows: conditions.map { one in
                Section.Row(cells: [
                    .head(one.words.replacing(" AND ", with: " and ")), .number(one.exposures), .number(one.receivers),
                    .number(one.deliveries), .number(Wording.percent(one.inside)),
                    .number(
                        one.outsideAtMost.map { "none (≤ \(Wording.percent($0)))" } ?? Wording.percent(one.outside)),
                    .strip(strip(one)),
                    .number(
                        one.ratio.map {
                            "\(Wording.figure($0.middle)) (\(Wording.figure($0.low))–\(Wording.figure($0.high)))"
                        } ?? "–"),
                    .number(Wording.chance(one.chance)),
                ])
            })
    }

    /// Powers of ten around all intervals, and around 1.
    private var scale: (low: Double, high: Double) {
        func exponents(_ values: [Double]) -> [Double] { values.filter { $0 > 0 && $0.isFinite }.map { log10($0) } }
        let low = exponents(conditions.compactMap(\.ratio?.low)).min() ?? 0
        let high = exponents(conditions.compactMap(\.ratio?.high)).max() ?? 1
        return (pow(10, min(0, low.rounded(.down))), pow(10, max(1, high.rounded(.up))))
    }

    private func strip(_ one: Condition) -> String {
        let (low, high) = (log10(scale.low), log10(scale.high))
        func x(_ value: Double) -> Double {
            4 + (Self.width - 8) * min(1, max(0, ((value > 0 ? log10(value) : low) - low) / (high - low)))
        }
        var drawing = Drawing(width: Self.width, height: 22)
        for exponent in Int(low)...Int(high) {
            let place = 4 + (Self.width - 8) * (Double(exponent) - low) / (high - low)
            drawing.add(
                "line",
                [
                    "class": exponent == 0 ? "one" : "grid", "x1": .init(place), "x2": .init(place), "y1": "0",
                    "y2": "22",
                ])
        }
        if let (middle, low, high) = one.ratio {
            drawing.add(
                "line", ["class": "interval", "x1": .init(x(low)), "x2": .init(x(high)), "y1": "11", "y2": "11"])
            drawing.add("rect", ["class": "point", "x": .init(x(middle) - 4), "y": "7", "width": "8", "height": "8"])
        }
        return drawing.svg("strip", nil)
    }
}
