import Foundation

/// The exposures over time in a strip for the first screen, with the rollouts and suspensions that matter most.
///
/// Places along it are shares of its width, so that its words are as large on a telephone as on a desk.
struct Sparkline {
    /// How many marks there is room for.
    private static let mostMarks = 4
    private static let mostBins = 180
    private static let barHeight = 40.0
    private static let line = 17.0

    let svg: String
    let caption: String
    /// What is marked in the timeline and not here.
    let more: String?

    /// Nil if there is no exposure.
    init?(_ stretches: Stretches, _ marks: [TimelinePlot.Mark], _ window: Window) {
        guard stretches.exposures.contains(where: { $0.sum > 0 }) else { return nil }
        let scale = stretches.scale
        let perBin = (stretches.count + Self.mostBins - 1) / Self.mostBins
        let bins = stride(from: 0, to: stretches.count, by: perBin).map { start in
            stretches.exposures[start..<min(start + perBin, stretches.count)].reduce(Stretches.Count()) {
                Stretches.Count(certain: $0.certain + $1.certain, possible: $0.possible + $1.possible)
            }
        }
        let shown = Self.chosen(marks, window)
        let base = Double(shown.count) * Self.line + 4 + Self.barHeight
        var drawing = Drawing(width: 0, height: base + 22)
        Self.draw(bins, each: perBin, of: stretches.count, base, &drawing)
        drawing.add(
            "line", ["class": "axis", "x1": "0", "x2": "100%", "y1": .init(base + 0.5), "y2": .init(base + 0.5)])
        Self.draw(shown, scale, base, &drawing)
        drawing.add("text", ["class": "tick", "x": "0", "y": .init(base + 16)], Wording.day(scale.from))
        drawing.add(
            "text", ["class": "tick", "x": "100%", "y": .init(base + 16), "text-anchor": "end"],
            Wording.day(scale.until))
        let words = shown.map { "\($0.label), \(Wording.time($0.stamp))" }.joined(separator: "; ")
        caption = "Exposures from \(Wording.day(scale.from)) to \(Wording.day(scale.until)), UTC"
        svg = drawing.fluid("spark", caption + (words.isEmpty ? "" : ". Marked: " + words))
        let others = marks.count - shown.count
        more = others > 0 ? "\(Wording.count(others, "further mark")) below." : nil
    }

    /// - Parameter place: 0 at the left end, 1 at the right.
    private static func share(_ place: Double) -> Drawing.Value {
        .init("\(Drawing.Value(min(1, max(0, place)) * 100).text)%")
    }

    /// - Parameters:
    ///   - width: how many stretches a bin has.
    ///   - count: how many the strip has.
    private static func draw(
        _ bins: [Stretches.Count], each width: Int, of count: Int, _ base: Double, _ drawing: inout Drawing
    ) {
        let most = bins.map(\.sum).max() ?? 1
        for (index, bin) in bins.enumerated() where bin.sum > 0 {
            let (a, b) = (Double(index * width) / Double(count), Double((index + 1) * width) / Double(count))
            var y = base
            for (name, count) in [("certain", bin.certain), ("possible", bin.possible)] where count > 0 {
                let height = max(1.5, Double(count) / Double(most) * Self.barHeight)
                y -= height
                drawing.add(
                    "rect",
                    [
                        "class": .init(name), "x": share(a), "y": .init(y), "width": share(b - a),
                        "height": .init(height),
                    ])
            }
        }
    }

    private static func draw(
        _ marks: [TimelinePlot.Mark], _ scale: TimeScale, _ base: Double, _ drawing: inout Drawing
    ) {
        for (index, mark) in marks.enumerated() {
            let place = share(scale.place(mark.stamp))
            drawing.add(
                "line",
                [
                    "class": "mark \(mark.kind)", "x1": place, "x2": place,
                    "y1": .init(Double(index) * Self.line + 2), "y2": .init(base),
                ])
        }
        for (index, mark) in marks.enumerated() {
            let place = scale.place(mark.stamp)
            let turned = place > 0.5
            drawing.add(
                "text",
                [
                    "class": "flag", "x": share(place), "dx": turned ? "-5" : "5",
                    "y": .init(Double(index) * Self.line + 13), "text-anchor": turned ? "end" : "start",
                    "data-tip": .init("\(mark.label): \(Wording.time(mark.stamp))"),
                ], Wording.short(mark.label, 0.35..<0.65 ~= place ? 27 : 36))
        }
    }

    /// The rollout that began it, then those nearest to the exposures; in order of time.
    private static func chosen(_ marks: [TimelinePlot.Mark], _ window: Window) -> [TimelinePlot.Mark] {
        func distance(_ mark: TimelinePlot.Mark) -> Int64 {
            guard let first = window.first, let last = window.last else { return 0 }
            if let name = window.rollout, mark.rollout == ShownNames.visible(name) { return -1 }
            return mark.stamp < first ? first - mark.stamp : mark.stamp > last ? mark.stamp - last : 0
        }
        let nearest = marks.enumerated().sorted {
            (distance($0.element), $0.offset) < (distance($1.element), $1.offset)
        }
        return nearest.prefix(mostMarks).sorted { $0.offset < $1.offset }.map(\.element)
    }
}
