import Foundation

/// A group of accounts in a small picture: names on both sides, a line for each pair, the wider, the more exposures.
struct GroupCard {
    /// How many accounts on a side are named.
    private static let most = 8
    private static let width = 372.0
    private static let (left, right) = (142.0, 230.0)
    private static let step = 22.0

    let card: Section.Card
    /// Whether every account of the group is in it.
    let isWhole: Bool

    /// The owners and receivers of a group, those with the most exposures first.
    static func ranked(_ pairs: Pairs, _ group: Pairs.Group) -> (owners: [Int], receivers: [Int]) {
        var (owners, receivers): ([Int: Int], [Int: Int]) = ([:], [:])
        for pair in pairs.pairs[group.pairs] {
            owners[pair.owner, default: 0] += pair.sum
            receivers[pair.receiver, default: 0] += pair.sum
        }
        func order(_ places: Range<Int>, _ sums: [Int: Int]) -> [Int] {
            places.sorted { (sums[$1] ?? 0, $0) < (sums[$0] ?? 0, $1) }
        }
        return (order(group.owners, owners), order(group.receivers, receivers))
    }

    init(_ pairs: Pairs, _ group: Pairs.Group, rank: Int) {
        let ranked = Self.ranked(pairs, group)
        let owners = ranked.owners.prefix(Self.most).sorted()
        let receivers = ranked.receivers.prefix(Self.most).sorted()
        isWhole = owners.count == group.owners.count && receivers.count == group.receivers.count
        func title(_ places: [Int], _ names: [String]) -> String {
            guard let first = places.first else { return "" }
            let others = places.count - 1
            return Wording.short(names[first], 40)
                + (others > 0 ? " and \(Wording.count(others, "other"))" : "")
        }
        let (seen, by) = (title(ranked.owners, pairs.owners), title(ranked.receivers, pairs.receivers))
        let words =
            group.possible == 0
            ? Wording.count(group.certain, "exposure")
            : "\(Wording.count(group.certain + group.possible, "exposure")), \(Wording.number(group.certain)) certain"
        card = Section.Card(
            title: "\(rank). \(seen)", subtitle: "seen by \(by)", words: words,
            picture: Self.picture(pairs, group, owners, receivers, "\(seen), seen by \(by): \(words)"),
            left: isWhole
                ? nil
                : "Drawn: \(owners.count) of \(Wording.count(group.owners.count, "exposed account")), "
                    + "\(receivers.count) of \(Wording.count(group.receivers.count, "receiving account")), those with the most exposures."
        )
    }

    private static func picture(
        _ pairs: Pairs, _ group: Pairs.Group, _ owners: [Int], _ receivers: [Int], _ description: String
    ) -> String {
        let height = Double(max(owners.count, receivers.count)) * step + 4
        var drawing = Drawing(width: width, height: height)
        func places(_ accounts: [Int]) -> [Int: Double] {
            Dictionary(
                uniqueKeysWithValues: accounts.enumerated().map { index, account in
                    (account, 2 + (height - 4) * (Double(index) + 0.5) / Double(accounts.count))
                })
        }
        let (lefts, rights) = (places(owners), places(receivers))
        let drawn = pairs.pairs[group.pairs].filter { lefts[$0.owner] != nil && rights[$0.receiver] != nil }
        let most = Double(max(1, drawn.map(\.sum).max() ?? 1))
        for pair in drawn {
            guard let a = lefts[pair.owner], let b = rights[pair.receiver] else { continue }
            let (from, until, middle) = (
                Drawing.Value(left + 6).text, Drawing.Value(right - 6).text, Drawing.Value((left + right) / 2).text
            )
            let (start, end) = (Drawing.Value(a).text, Drawing.Value(b).text)
            drawing.add(
                "path",
                [
                    "class": pair.certain > 0 ? "tie certain" : "tie possible",
                    "d": .init("M\(from) \(start) C\(middle) \(start) \(middle) \(end) \(until) \(end)"),
                    "stroke-width": .init(1.5 + 5 * (Double(pair.sum) / most).squareRoot()),
                    "data-tip": .init(pair.words(pairs)),
                ])
        }
        for (accounts, names, ys, x, anchor) in [
            (owners, pairs.owners, lefts, left, "end"), (receivers, pairs.receivers, rights, right, "start"),
        ] {
            for account in accounts {
                guard let y = ys[account] else { continue }
                let turn = anchor == "end" ? -1.0 : 1.0
                drawing.add("circle", ["class": "end", "cx": .init(x), "cy": .init(y), "r": "3"])
                drawing.add(
                    "text",
                    [
                        "class": "label", "x": .init(x + turn * 8), "y": .init(y + 4), "text-anchor": .init(anchor),
                        "data-tip": .init(Wording.short(names[account], 60)),
                    ], Wording.short(names[account], 19))
            }
        }
        return drawing.svg("group", description)
    }
}

extension Pairs.Pair {
    /// `acct-1 seen by acct-2: 3 certain, 0 possible`
    func words(_ pairs: Pairs) -> String {
        "\(Wording.short(pairs.owners[owner], 60)) seen by \(Wording.short(pairs.receivers[receiver], 60)): "
            + "\(Wording.number(certain)) certain, \(Wording.number(possible)) possible"
    }
}
