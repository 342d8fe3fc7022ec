import Foundation

/// The exposure graph: the largest groups of accounts by name, and a matrix where a group has more accounts than can be named.
struct PairPlot {
    /// How many groups are drawn, and how many are listed.
    private static let mostCards = 12
    private static let mostGroups = 50
    /// The most rows or columns of a matrix; more accounts than that share them.
    private static let most = 180
    private static let width = 1080.0

    let pairs: Pairs

    func section() -> Section? {
        guard !pairs.pairs.isEmpty else { return nil }
        let (owners, receivers) = (pairs.owners.count, pairs.receivers.count)
        let cards = pairs.groups.prefix(Self.mostCards).enumerated().map { GroupCard(pairs, $1, rank: $0 + 1) }
        let lead =
            "\(Wording.count(owners, "exposed account")) and \(Wording.count(receivers, "receiving account")), in "
            + "\(Wording.count(pairs.groups.count, "group")) that have nothing to do with each other, the one with the most exposures first."
        return Section(
            id: "pairs", title: "Who saw whom", short: "Who saw whom", lead: lead,
            gallery: Section.Gallery(
                cards: cards.map(\.card),
                rest: pairs.groups.count > cards.count
                    ? "\(Wording.count(pairs.groups.count - cards.count, "smaller group")) \(pairs.groups.count - cards.count == 1 ? "is" : "are") in the table below."
                    : nil),
            figures: cards.contains { !$0.isWhole } ? [matrixFigure(lead)] : [], tables: [groups, words])
    }

    private func matrixFigure(_ lead: String) -> Section.Figure {
        let perRow = (pairs.owners.count + Self.most - 1) / Self.most
        let perColumn = (pairs.receivers.count + Self.most - 1) / Self.most
        let caption =
            perRow == 1 && perColumn == 1
            ? "All of them: a row is an exposed account, a column a receiving one; the stronger the colour, the more exposures"
            : "All of them: a row is \(Wording.count(perRow, "exposed account")), a column \(Wording.count(perColumn, "receiving account")), "
                + "neighbours by their ties; the stronger the colour, the more exposures"
        let drawn = matrix(lead, perRow, perColumn)
        return Section.Figure(name: "pairs", caption: caption, picture: drawn.picture, key: drawn.key)
    }

    private var groups: Section.Table {
        let rows = pairs.groups.prefix(Self.mostGroups).enumerated().map { index, group in
            let names = GroupCard.ranked(pairs, group)
            return Section.Row(cells: [
                .head("\(index + 1)"), .number(group.certain), .number(group.possible), .number(group.owners.count),
                .text(Wording.list(names.owners.map { pairs.owners[$0] }, most: 4)), .number(group.receivers.count),
                .text(Wording.list(names.receivers.map { pairs.receivers[$0] }, most: 4)),
            ])
        }
        return Section.Table(
            caption: "Groups with the most exposures",
            columns: [
                .init(heading: "group"), .init(heading: "certain", isNumber: true),
                .init(heading: "possible", isNumber: true), .init(heading: "exposed", isNumber: true),
                .init(heading: "whose frames"), .init(heading: "receiving", isNumber: true),
                .init(heading: "received by"),
            ], rows: rows,
            more: pairs.groups.count > rows.count
                ? "\(Wording.count(pairs.groups.count - rows.count, "further group")) with fewer exposures; query pairs has every pair."
                : nil)
    }

    private var words: Section.Table {
        let most = 20
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

    private var hasPossibleOnly: Bool { pairs.pairs.contains { $0.certain == 0 } }

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
                ? cell.pair.words(pairs)
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
