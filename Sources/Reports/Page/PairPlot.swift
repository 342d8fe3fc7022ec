import Foundation

/// The exposure graph: lines between names for a few accounts, a matrix for more, a matrix of groups for very many.
struct PairPlot {
    /// Up to how many accounts on a side are drawn with their names.
    private static let named = 24
    /// The most rows or columns of a matrix; more accounts than that share them.
    private static let most = 180
    private static let width = 1080.0

    let pairs: Pairs

    func section() -> Section? {
        guard !pairs.pairs.isEmpty else { return nil }
        let (owners, receivers) = (pairs.owners.count, pairs.receivers.count)
        let isNamed = owners <= Self.named && receivers <= Self.named
        let perRow = (owners + Self.most - 1) / Self.most
        let perColumn = (receivers + Self.most - 1) / Self.most
        let lead =
            "\(Wording.count(pairs.pairs.count, "pair")) of an exposed and a receiving account: \(Wording.number(owners)) owners of frames, "
            + "\(Wording.count(receivers, "account")) that received them, in \(Wording.count(pairs.groups, "set")) of accounts without a tie to the others."
        let caption: String
        if isNamed {
            caption = "Left: whose frames; right: who received them; the wider, the more exposures"
        } else if perRow == 1 && perColumn == 1 {
            caption =
                "A row is an exposed account, a column a receiving one; the stronger the colour, the more exposures"
        } else {
            caption =
                "A row is \(Wording.count(perRow, "exposed account")), a column \(Wording.count(perColumn, "receiving account")), neighbours by their ties; "
                + "the stronger the colour, the more exposures"
        }
        let drawn = isNamed ? (picture: lines(lead), key: linesKey) : matrix(lead, perRow, perColumn)
        return Section(
            id: "pairs", title: "Who saw whom", short: "Who saw whom", lead: lead,
            figures: [
                Section.Figure(
                    name: "pairs", caption: caption, picture: drawn.picture, key: drawn.key, words: words)
            ])
    }

    private var words: Section.Table {
        let most = 50
        let shown = pairs.pairs.sorted { ($1.sum, $0.owner, $0.receiver) < ($0.sum, $1.owner, $1.receiver) }.prefix(
            most)
        return Section.Table(
            caption: "Pairs with the most exposures",
            columns: [
                .init(heading: "exposed account"), .init(heading: "receiving account"),
                .init(heading: "certain", isNumber: true),
                .init(heading: "possible", isNumber: true),
            ],
            rows: shown.map { pair in
                Section.Row(cells: [
                    .head(pairs.owners[pair.owner]), .text(pairs.receivers[pair.receiver]), .number(pair.certain),
                    .number(pair.possible),
                ])
            },
            more: pairs.pairs.count > most
                ? "\(Wording.number(pairs.pairs.count - most)) further pairs; query pairs has them all." : nil)
    }

    private func tip(_ pair: Pairs.Pair) -> String {
        "\(Wording.short(pairs.owners[pair.owner], 60)) seen by \(Wording.short(pairs.receivers[pair.receiver], 60)): "
            + "\(Wording.number(pair.certain)) certain, \(Wording.number(pair.possible)) possible"
    }

    private var hasPossibleOnly: Bool { pairs.pairs.contains { $0.certain == 0 } }

    private var linesKey: [Section.Swatch] {
        [Section.Swatch(swatch: "certain", meaning: "a certain exposure among them")]
            + (hasPossibleOnly
                ? [Section.Swatch(swatch: "possible", meaning: "possible ones only: several owners, or not sure")] : [])
    }

    private func lines(_ description: String) -> String {
        let step = 26.0
        let height = Double(max(pairs.owners.count, pairs.receivers.count)) * step + 12
        var drawing = Drawing(width: Self.width, height: height)
        let (left, right) = (360.0, Self.width - 360)
        func y(_ place: Int, of count: Int) -> Double {
            6 + (height - 12) * (Double(place) + 0.5) / Double(count)
        }
        let most = Double(max(1, pairs.pairs.map(\.sum).max() ?? 1))
        for pair in pairs.pairs {
            let (a, b) = (y(pair.owner, of: pairs.owners.count), y(pair.receiver, of: pairs.receivers.count))
            let middle = Drawing.Value((left + right) / 2).text
            drawing.add(
                "path",
                [
                    "class": pair.certain > 0 ? "tie certain" : "tie possible",
                    "d": .init(
                        "M\(Drawing.Value(left).text) \(Drawing.Value(a).text) C\(middle) \(Drawing.Value(a).text) \(middle) \(Drawing.Value(b).text) \(Drawing.Value(right).text) \(Drawing.Value(b).text)"
                    ),
                    "stroke-width": .init(1.5 + 8 * (Double(pair.sum) / most).squareRoot()),
                    "data-tip": .init(tip(pair)),
                ])
        }
        for (place, name) in pairs.owners.enumerated() {
            let y = y(place, of: pairs.owners.count)
            drawing.add("circle", ["class": "end", "cx": .init(left), "cy": .init(y), "r": "4"])
            drawing.add(
                "text", ["class": "label", "x": .init(left - 12), "y": .init(y + 4), "text-anchor": "end"],
                Wording.short(name, 44))
        }
        for (place, name) in pairs.receivers.enumerated() {
            let y = y(place, of: pairs.receivers.count)
            drawing.add("circle", ["class": "end", "cx": .init(right), "cy": .init(y), "r": "4"])
            drawing.add("text", ["class": "label", "x": .init(right + 12), "y": .init(y + 4)], Wording.short(name, 44))
        }
        return drawing.svg("ties", description)
    }

    private struct Cell {
        var certain = 0
        var possible = 0
        var pairs = 0
        /// One of them.
        var pair: Pairs.Pair
        var sum: Int { certain + possible }
    }

    private func matrix(_ description: String, _ perRow: Int, _ perColumn: Int) -> (
        picture: String, key: [Section.Swatch]
    ) {
        var cells: [Int: Cell] = [:]
        let columns = (pairs.receivers.count + perColumn - 1) / perColumn
        let rows = (pairs.owners.count + perRow - 1) / perRow
        for pair in pairs.pairs {
            let place = pair.owner / perRow * columns + pair.receiver / perColumn
            cells[place, default: Cell(pair: pair)].certain += pair.certain
            cells[place]?.possible += pair.possible
            cells[place]?.pairs += 1
        }
        let size = min(14, max(5, 640 / Double(max(rows, columns))))
        let left = (Self.width - Double(columns) * size) / 2
        let top = 24.0
        var drawing = Drawing(width: Self.width, height: top + Double(rows) * size + 12)
        drawing.add("text", ["class": "tick", "x": .init(left), "y": "14"], "receiving accounts →")
        drawing.add(
            "text",
            [
                "class": "tick", "x": "0", "y": "0", "text-anchor": "end",
                "transform": .init(
                    "translate(\(Drawing.Value(left - 10).text) \(Drawing.Value(top).text)) rotate(-90)"),
            ], "← exposed accounts")
        drawing.add(
            "rect",
            [
                "class": "track", "x": .init(left), "y": .init(top), "width": .init(Double(columns) * size),
                "height": .init(Double(rows) * size),
            ])
        let shades = Shades(fullest: cells.values.map(\.sum).max() ?? 1)
        for (place, cell) in cells.sorted(by: { $0.key < $1.key }) {
            let shade = shades.shade(cell.sum)
            let words =
                cell.pairs == 1
                ? tip(cell.pair)
                : "\(Wording.count(cell.pairs, "pair")): \(Wording.number(cell.certain)) certain, \(Wording.number(cell.possible)) possible"
            drawing.add(
                "rect",
                [
                    "class": .init(cell.certain > 0 ? "shade-\(shade)" : "maybe-\(shade)"),
                    "x": .init(left + Double(place % columns) * size), "y": .init(top + Double(place / columns) * size),
                    "width": .init(size - 1), "height": .init(size - 1), "data-tip": .init(words),
                ])
        }
        let maybe = Section.Swatch(swatch: "possible", meaning: "in blue: possible ones only")
        return (drawing.svg("matrix", description), shades.key + (hasPossibleOnly ? [maybe] : []))
    }
}
