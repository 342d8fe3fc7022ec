import Foundation

/// Where and when: exposures of each node in each stretch of time.
struct HeatMap {
    private static let most = 40
    private static let columns = 96
    private static let left = 190.0
    private static let width = 1080.0
    private static let row = 22.0

    let stretches: Stretches

    func section() -> Section? {
        let nodes = stretches.byNode
        guard !nodes.isEmpty else { return nil }
        let lead = "Exposures of \(Wording.count(nodes.count, "node")) over time, certain and possible together."
        return Section(
            id: "nodes", title: "Where", short: "Where", lead: lead,
            figures: [
                Section.Figure(
                    name: "nodes", caption: "Exposures by node and time", picture: picture(lead), key: shades.key,
                    words: words)
            ],
            notes: nodes.count > Self.most
                ? ["The \(Self.most) nodes with the most exposures are drawn, of \(Wording.number(nodes.count))."] : [])
    }

    /// The nodes that are drawn, each with its exposures of every stretch.
    var drawn: ArraySlice<(node: String?, counts: [Stretches.Count])> { stretches.byNode.prefix(Self.most) }

    /// How many stretches one column of cells stands for.
    private var width: Int { (stretches.count + Self.columns - 1) / Self.columns }

    private var cells: [[Int]] {
        drawn.map { node in
            stride(from: 0, to: stretches.count, by: width).map { start in
                node.counts[start..<min(start + width, stretches.count)].reduce(0) { $0 + $1.sum }
            }
        }
    }

    private var shades: Shades { Shades(fullest: cells.joined().max() ?? 1) }

    private var words: Section.Table {
        Section.Table(
            caption: "Exposures by node",
            columns: [
                .init(heading: "node"), .init(heading: "certain", isNumber: true),
                .init(heading: "possible", isNumber: true),
                .init(heading: "first in"), .init(heading: "last in"),
            ],
            rows: drawn.map { node, counts in
                let places = counts.indices.filter { counts[$0].sum > 0 }
                return Section.Row(cells: [
                    .head(node ?? "without a name"), .number(counts.reduce(0) { $0 + $1.certain }),
                    .number(counts.reduce(0) { $0 + $1.possible }),
                    .text(places.first.map { stretches.words($0..<($0 + 1)) }),
                    .text(places.last.map { stretches.words($0..<($0 + 1)) }),
                ])
            })
    }

    private func picture(_ description: String) -> String {
        let (cells, shades) = (self.cells, self.shades)
        let plot = Self.width - Self.left - 18
        let step = plot / Double(max(1, cells.first?.count ?? 1))
        var drawing = Drawing(width: Self.width, height: Double(cells.count) * Self.row + 34)
        for (index, line) in cells.enumerated() {
            let y = Double(index) * Self.row + 4
            let name = stretches.byNode[index].node ?? "without a name"
            drawing.add(
                "text", ["class": "label", "x": .init(Self.left - 10), "y": .init(y + 14), "text-anchor": "end"],
                Wording.short(name, 26))
            drawing.add(
                "rect",
                [
                    "class": "track", "x": .init(Self.left), "y": .init(y), "width": .init(plot),
                    "height": .init(Self.row - 3),
                ])
            for (column, count) in line.enumerated() where count > 0 {
                let start = column * width
                drawing.add(
                    "rect",
                    [
                        "class": "shade-\(shades.shade(count))", "x": .init(Self.left + Double(column) * step),
                        "y": .init(y),
                        "width": .init(max(1, step - 1)), "height": .init(Self.row - 3),
                        "data-tip":
                            "\(name), \(stretches.words(start..<min(start + width, stretches.count))): \(Wording.count(count, "exposure"))",
                    ])
            }
        }
        let scale = stretches.scale
        // The last column may be cut short.
        let share = Double(stretches.count) / Double(width * max(1, cells.first?.count ?? 1))
        for tick in scale.ticks {
            drawing.add(
                "text",
                [
                    "class": "tick", "x": .init(Self.left + scale.place(tick.stamp) * plot * share),
                    "y": .init(Double(cells.count) * Self.row + 24), "text-anchor": "middle",
                ], tick.label)
        }
        return drawing.svg("heat static", description)
    }
}

/// Which of five shades a cell has: equal steps of the logarithm up to the fullest cell.
struct Shades {
    private static let count = 5
    private let fullest: Int

    init(fullest: Int) { self.fullest = max(1, fullest) }

    /// 1 to 5.
    func shade(_ count: Int) -> Int {
        fullest == 1 ? Self.count : 1 + Int(log(Double(count)) / log(Double(fullest)) * (Double(Self.count) - 0.001))
    }

    var key: [Section.Swatch] {
        var bounds: [Int: ClosedRange<Int>] = [:]
        for count in 1...fullest {
            let known = bounds[shade(count)] ?? count...count
            bounds[shade(count)] = known.lowerBound...count
        }
        return bounds.sorted { $0.key < $1.key }.map { shade, range in
            let (low, high) = (Wording.number(range.lowerBound), Wording.number(range.upperBound))
            return Section.Swatch(swatch: "shade-\(shade)", meaning: low == high ? low : "\(low) to \(high)")
        }
    }
}
