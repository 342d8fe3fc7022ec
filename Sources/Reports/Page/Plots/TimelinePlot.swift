import Foundation
import GRDB

/// Exposures and deliveries over time, with rollouts, suspensions and silences marked: as drawn where no script runs, and
/// what the script draws it from at any zoom (see ``Times``).
struct TimelinePlot {
    private static let left = 62.0
    private static let right = 18.0
    private static let width = 1080.0
    private static let barHeight = 190.0
    private static let deliveryHeight = 56.0
    /// How many marks have a line of their own at most.
    private static let flagLines = 6

    private let stretches: Stretches
    let marks: [Mark]
    let silences: [(from: Int64, until: Int64, words: String)]
    private let silenceCount: Int

    struct Mark {
        let stamp: Int64
        let label: String
        let kind: String
        /// Its name, if it is a rollout.
        var rollout: String?
    }

    init(_ stretches: Stretches, _ db: Database, _ names: ShownNames) throws {
        self.stretches = stretches
        let scale = stretches.scale
        var marks: [Mark] = []
        // A rollout that reaches many nodes is marked once, where it begins.
        var seen: Set<String> = []
        let rollouts = try RolloutMark.all(db, names)
        let nodes = Dictionary(grouping: rollouts, by: \.name).mapValues { Set($0.map(\.node)) }
        for one in rollouts where seen.insert(one.name).inserted {
            let label = "rollout \(one.name)" + (nodes[one.name]?.count == 1 ? one.place : "")
            if one.stamp <= scale.until {
                marks.append(
                    Mark(
                        stamp: max(one.stamp, scale.from),
                        label: one.stamp < scale.from ? "← \(label), \(Wording.day(one.stamp))" : label,
                        kind: "rollout", rollout: one.name))
            }
        }
        for one in try Suspension.all(db, names) {
            marks.append(Mark(stamp: one.from, label: "\(one.client) suspended", kind: "suspension"))
        }
        self.marks = marks.sorted { ($0.stamp, $0.label) < ($1.stamp, $1.label) }
        silences = try Row.fetchAll(
            db,
            sql: """
                SELECT s.from_ts, s.until_ts, s.node, s.log FROM silence s LEFT JOIN name n ON n.id = s.node
                ORDER BY s.until_ts - s.from_ts DESC, n.text, s.log, s.from_ts LIMIT 200
                """
        ).map { row in
            let node = try names.text(row.decode(atIndex: 2)).map { " of \($0)" } ?? ""
            let (from, until) = (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1))
            return (
                from, until,
                "no \(try row.decode(String.self, atIndex: 3))\(node) for \(Wording.duration(until - from)) from \(Wording.time(from))"
            )
        }
        silenceCount = try Int.fetchOne(db, sql: "SELECT count(*) FROM silence") ?? 0
    }

    func section(_ summary: Summary) -> Section {
        let sum = stretches.exposures.reduce(0) { $0 + $1.sum }
        let peak = stretches.exposures.indices.max { stretches.exposures[$0].sum < stretches.exposures[$1].sum } ?? 0
        let lead =
            sum == 0
            ? "Deliveries over the time of the logs; there is no exposure among them."
            : "Exposures per \(stretches.lengthInWords) by certainty, above all deliveries in the same time. The most in one stretch: "
                + "\(Wording.number(stretches.exposures[peak].sum)), \(stretches.words(peak..<(peak + 1)))."
        var key = [
            Section.Swatch(swatch: "certain", meaning: "certain"),
            Section.Swatch(swatch: "possible", meaning: "possible"),
            Section.Swatch(swatch: "deliveries", meaning: "deliveries"),
        ]
        if !silences.isEmpty { key.append(Section.Swatch(swatch: "silence", meaning: "a node's log is silent")) }
        return Section(
            id: "timeline", title: "When", short: "When", lead: lead,
            figures: [
                Section.Figure(
                    name: "timeline", caption: "Exposures per \(stretches.lengthInWords), UTC", picture: picture(lead),
                    key: key,
                    isZoomable: true, words: words)
            ],
            notes: silenceCount > silences.count
                ? [
                    "The \(silences.count) longest of \(Wording.number(silenceCount)) silences are drawn; query coverage-gaps has them all."
                ] : [])
    }

    /// The stretches with exposures; of many, the ones with the most.
    private var words: Section.Table {
        let most = 200
        let found = stretches.exposures.indices.filter { stretches.exposures[$0].sum > 0 }
        let shown = found.sorted {
            (stretches.exposures[$1].sum, $0) < (stretches.exposures[$0].sum, $1)
        }.prefix(most).sorted()
        return Section.Table(
            caption: "Exposures per \(stretches.lengthInWords)",
            columns: [
                .init(heading: "time"), .init(heading: "certain", isNumber: true),
                .init(heading: "possible", isNumber: true),
                .init(heading: "deliveries", isNumber: true),
            ],
            rows: shown.map { index in
                Section.Row(cells: [
                    .head(stretches.words(index..<(index + 1))), .number(stretches.exposures[index].certain),
                    .number(stretches.exposures[index].possible), .number(stretches.deliveries[index]),
                ])
            },
            more: found.count > most
                ? "\(Wording.number(found.count - most)) further stretches with fewer exposures; query exposures-per-hour has them all."
                : nil)
    }

    /// Where each part of the picture lies, from above, in its units.
    private struct Layout {
        /// By mark, the line of its flag.
        let flagLines: [Int]
        /// Where the flags end.
        let top: Double
        /// The feet of the exposures' bars.
        let barBase: Double
        let deliveryBase: Double

        init(_ flagLines: [Int]) {
            self.flagLines = flagLines
            top = 22.0 * Double(max(1, (flagLines.max() ?? 0) + 1)) + 6
            barBase = top + TimelinePlot.barHeight
            deliveryBase = barBase + 14 + TimelinePlot.deliveryHeight
        }

        func flag(_ mark: Int) -> Double { 16 + 22 * Double(flagLines[mark]) }
        func x(_ share: Double) -> Double {
            TimelinePlot.left + share * (TimelinePlot.width - TimelinePlot.left - TimelinePlot.right)
        }
    }

    private func picture(_ description: String) -> String {
        let layout = Layout(flagLines())
        var drawing = Drawing(width: Self.width, height: layout.deliveryBase + 40)
        let most = max(1, stretches.exposures.map(\.sum).max() ?? 1)
        let step = Self.roundStep(Double(most) / 4)
        let ceiling = (Double(most) / step).rounded(.up) * step
        drawLevels(upTo: ceiling, step, layout, &drawing)
        for silence in silences {
            place(
                &drawing, stretches.scale.place(silence.from), stretches.scale.place(silence.until), "silence",
                layout.deliveryBase + 3, 5, tip: silence.words, least: 1)
        }
        drawBars(ceiling, layout, &drawing)
        drawMarks(layout, &drawing)
        for tick in stretches.scale.ticks {
            drawing.add(
                "text",
                [
                    "class": "tick time", "x": .init(layout.x(stretches.scale.place(tick.stamp))),
                    "y": .init(layout.deliveryBase + 26), "text-anchor": "middle",
                ], tick.label)
        }
        return drawing.svg(
            "timeline static",
            "Timeline. " + description + " "
                + marks.map { "\($0.label), \(Wording.time($0.stamp))" }.joined(separator: "; "))
    }

    /// The scale of the exposures' bars, and what the lower bars are.
    private func drawLevels(upTo ceiling: Double, _ step: Double, _ layout: Layout, _ drawing: inout Drawing) {
        for level in stride(from: 0, through: ceiling, by: step) {
            let y = layout.barBase - level / ceiling * Self.barHeight
            drawing.add(
                "line",
                [
                    "class": "grid", "x1": .init(Self.left), "x2": .init(Self.width - Self.right), "y1": .init(y),
                    "y2": .init(y),
                ])
            drawing.add(
                "text", ["class": "tick", "x": .init(Self.left - 8), "y": .init(y + 4), "text-anchor": "end"],
                Wording.number(Int(level)))
        }
        drawing.add(
            "text",
            [
                "class": "tick", "x": .init(Self.left - 8), "y": .init(layout.barBase + 24), "text-anchor": "end",
            ], "deliv.")
    }

    /// Each stretch's exposures, and its deliveries below.
    private func drawBars(_ ceiling: Double, _ layout: Layout, _ drawing: inout Drawing) {
        let mostDeliveries = Double(max(1, stretches.deliveries.max() ?? 1))
        let (barBase, deliveryBase) = (layout.barBase, layout.deliveryBase)
        for index in 0..<stretches.count {
            let (a, b) = (Double(index) / Double(stretches.count), Double(index + 1) / Double(stretches.count))
            let (count, deliveries) = (stretches.exposures[index], stretches.deliveries[index])
            let tip =
                "\(stretches.words(index..<(index + 1))): \(Wording.number(count.certain)) certain, \(Wording.number(count.possible)) possible, "
                + "\(Wording.count(deliveries, "delivery", "deliveries"))"
            if deliveries > 0 {
                let height = max(1, Double(deliveries) / mostDeliveries * Self.deliveryHeight)
                place(&drawing, a, b, "deliveries", deliveryBase - height, height)
            }
            let certain = Double(count.certain) / ceiling * Self.barHeight
            let possible = Double(count.possible) / ceiling * Self.barHeight
            if count.certain > 0 { place(&drawing, a, b, "certain", barBase - certain, certain) }
            if count.possible > 0 { place(&drawing, a, b, "possible", barBase - certain - possible, possible) }
            // The pointer meets the whole height of the stretch.
            if count.sum > 0 || deliveries > 0 {
                place(&drawing, a, b, "hit", layout.top, deliveryBase - layout.top, tip: tip)
            }
        }
    }

    /// Rollouts and suspensions: first all lines, so that no line crosses a flag's words.
    private func drawMarks(_ layout: Layout, _ drawing: inout Drawing) {
        let scale = stretches.scale
        for (index, mark) in marks.enumerated() {
            let x = layout.x(scale.place(mark.stamp))
            drawing.add(
                "line",
                [
                    "class": "mark \(mark.kind)", "x1": .init(x), "x2": .init(x),
                    "y1": .init(layout.flag(index) - 10), "y2": .init(layout.deliveryBase),
                ])
        }
        for (index, mark) in marks.enumerated() {
            let place = scale.place(mark.stamp)
            let turned = place > 0.7
            drawing.add(
                "text",
                [
                    "class": "flag \(mark.kind)", "x": .init(layout.x(place) + (turned ? -5 : 5)),
                    "y": .init(layout.flag(index)), "text-anchor": turned ? "end" : "start",
                    "data-tip": .init("\(mark.label): \(Wording.time(mark.stamp))"),
                ], Self.short(mark.label))
        }
    }

    /// Adds something that takes time, between two shares of the line.
    private func place(
        _ drawing: inout Drawing, _ a: Double, _ b: Double, _ name: String, _ y: Double, _ height: Double,
        tip: String? = nil,
        least: Double = 0.6
    ) {
        let plot = Self.width - Self.left - Self.right
        let (from, until) = (max(0, a), min(1, b))
        guard until >= from else { return }
        let width = max(least, (until - from) * plot - ((until - from) * plot > 3 ? 1 : 0))
        drawing.add(
            "rect",
            [
                "class": .init(name), "x": .init(Self.left + from * plot), "y": .init(y), "width": .init(width),
                "height": .init(height),
                "data-tip": tip.map { .init($0) },
            ])
    }

    private static func short(_ label: String) -> String { Wording.short(label, 44) }

    /// 1, 2 or 5 times a power of ten, at least 1.
    private static func roundStep(_ least: Double) -> Double {
        guard least > 1 else { return 1 }
        let power = pow(10, log10(least).rounded(.down))
        return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= least } ?? 10 * power
    }

    /// On which line each mark's label stands, so that none covers another.
    private func flagLines() -> [Int] {
        var ends: [[ClosedRange<Double>]] = []
        return marks.map { mark in
            let place = stretches.scale.place(mark.stamp) * (Self.width - Self.left - Self.right)
            let width = Double(Self.short(mark.label).count) * 6.8 + 14
            let range = stretches.scale.place(mark.stamp) > 0.7 ? (place - width)...place : place...(place + width)
            for line in 0..<Self.flagLines {
                if line == ends.count { ends.append([]) }
                if !ends[line].contains(where: { $0.overlaps(range) }) {
                    ends[line].append(range)
                    return line
                }
            }
            return Self.flagLines - 1
        }
    }
}
