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
        let ratio: Double
        let low: Double
        let high: Double
        let chance: Double
        let same: String?
    }

    private let conditions: [Condition]
    private let count: Int

    init(_ db: Database) throws {
        conditions = try Row.fetchAll(
            db,
            sql: """
                SELECT conditions, deliveries, exposures, rate_inside, rate_outside, risk_ratio, risk_ratio_low,
                    risk_ratio_high, p_adjusted, same_as
                FROM condition ORDER BY rank LIMIT \(Self.most)
                """
        ).map { row in
            Condition(
                words: ShownNames.visible(try row.decode(atIndex: 0)), deliveries: try row.decode(atIndex: 1),
                exposures: try row.decode(atIndex: 2), inside: try row.decode(atIndex: 3),
                outside: try row.decode(atIndex: 4),
                ratio: try row.decode(atIndex: 5), low: try row.decode(atIndex: 6), high: try row.decode(atIndex: 7),
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
                lead:
                    "No condition on the deliveries explains the exposures better than chance does, or there are too few of them to tell."
            )
        }
        var notes = [
            "A risk ratio says how many times more frequent exposures are under the conditions than elsewhere; an association in these logs, not a mechanism."
        ]
        if let same = first.same { notes.append("These logs cannot tell the first conditions from: \(same).") }
        if count > conditions.count {
            notes.append("\(Wording.number(count - conditions.count)) further conditions are in conditions.csv.")
        }
        return Section(
            id: "causes", title: "Why", short: "Why",
            lead: "The conditions under which exposures are frequent, the one that explains them best first.",
            tables: [table], notes: notes)
    }

    private var table: Section.Table {
        Section.Table(
            caption:
                "Risk ratio with its 95 % interval, logarithmic scale from \(Wording.figure(scale.low)) to \(Wording.figure(scale.high))",
            columns: [
                .init(heading: "conditions"), .init(heading: "exposures", isNumber: true),
                .init(heading: "deliveries", isNumber: true),
                .init(heading: "rate inside", isNumber: true), .init(heading: "elsewhere", isNumber: true),
                .init(heading: "risk ratio"), .init(heading: "ratio (interval)", isNumber: true),
                .init(heading: "chance", isNumber: true),
            ],
            rows: conditions.map { one in
                Section.Row(cells: [
                    .head(one.words.replacing(" AND ", with: " and ")), .number(one.exposures), .number(one.deliveries),
                    .number(Wording.percent(one.inside)), .number(Wording.percent(one.outside)), .strip(strip(one)),
                    .number("\(Wording.figure(one.ratio)) (\(Wording.figure(one.low))–\(Wording.figure(one.high)))"),
                    .number(Wording.chance(one.chance)),
                ])
            })
    }

    /// Powers of ten around all intervals, and around 1.
    private var scale: (low: Double, high: Double) {
        func exponents(_ values: [Double]) -> [Double] { values.filter { $0 > 0 && $0.isFinite }.map { log10($0) } }
        let low = exponents(conditions.map(\.low)).min() ?? 0
        let high = exponents(conditions.map(\.high)).max() ?? 1
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
        drawing.add(
            "line", ["class": "interval", "x1": .init(x(one.low)), "x2": .init(x(one.high)), "y1": "11", "y2": "11"])
        drawing.add("rect", ["class": "point", "x": .init(x(one.ratio) - 4), "y": "7", "width": "8", "height": "8"])
        return drawing.svg("strip", nil)
    }
}
