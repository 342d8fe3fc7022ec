import Foundation

/// What the search for conditions must find, by trying every conjunction on every row.
///
/// Written from the manual (Docs/Correlation.md, *Conditions and the cause*) and not from the search: rows of texts, no cube, no pruning, chances from
/// sums of logarithms.
struct ConditionOracle {
    /// A delivery's attributes by label, numbers apart.
    struct Row {
        var texts: [String: String]
        var numbers: [String: Int]
        var requester: String
        var day: Int64
        var isExposure: Bool
    }
    struct Found: Equatable {
        var text: String
        var deliveries: Int
        var exposures: Int
    }

    static let order = [
        "client", "network", "model", "node", "cache", "rollout_at_fill", "rollout_at_delivery", "kind", "key", "hour",
        "rtt_ms", "loss_pct",
    ]
    static let mechanisms: Set<String> = ["cache", "rollout_at_fill", "key"]

    private struct Term {
        var attribute: Int
        var text: String
        var rows: Rows
    }
    private struct Entry {
        var terms: [Int]
        var rows: Rows
        var exposed: Rows
    }

    private let all: Rows
    private let exposed: Rows
    private var terms: [Term] = []
    private let logs: [Double]
    /// By row: what it is of its requester, whose exposures make one together; 0 for what is none.
    private let weights: [Double]
    /// By row: how many accounts it comes to, if each counts once and every row of one path is alike.
    private let reach: [Double]
    private static let path = ["client", "model", "node", "kind", "network", "rollout_at_delivery"]
    private(set) var tried = 0
    private(set) var ranked: [Found] = []
    /// How many conjunctions have the support.
    private(set) var supported = 0

    init(_ rows: [Row]) {
        let exposedRows = Rows(rows.indices.filter { rows[$0].isExposure }, of: rows.count)
        all = Rows(rows.indices.map { $0 }, of: rows.count)
        exposed = exposedRows
        var logs = [0.0]
        for number in 1...max(rows.count, 1) { logs.append(logs[number - 1] + log(Double(number))) }
        self.logs = logs
        let byRequester = Dictionary(grouping: rows.filter(\.isExposure), by: \.requester)
        weights = rows.map { $0.isExposure ? 1 / Double(byRequester[$0.requester]?.count ?? 1) : 0 }
        let weights = weights
        let paths = rows.map { row in Self.path.map { row.texts[$0] ?? "" } }
        var sums: [[String]: (accounts: Double, rows: Double)] = [:]
        for (_, own) in Dictionary(grouping: rows.indices, by: { rows[$0].requester }) {
            for row in own { sums[paths[row], default: (0, 0)].accounts += 1 / Double(own.count) }
        }
        for path in paths { sums[path]?.rows += 1 }
        reach = paths.map { path in sums[path].map { $0.accounts / $0.rows } ?? 0 }
        func weight(_ some: Rows) -> Double { some.intersection(exposedRows).members.reduce(0) { $0 + weights[$1] } }
        let support = max(2, Double(byRequester.count) / 20) - 1e-6
        var terms: [Term] = []
        for (index, attribute) in Self.order.enumerated() {
            for value in Set(rows.compactMap { $0.texts[attribute] }).sorted() {
                let matching = Rows(rows.indices.filter { rows[$0].texts[attribute] == value }, of: rows.count)
                guard weight(matching) >= support else { continue }
                if attribute == "hour" {
                    let days = Dictionary(grouping: matching.members, by: { rows[$0].day }).mapValues { some in
                        some.reduce(0) { $0 + weights[$1] }
                    }.values.sorted(by: >)
                    guard days.count > 1, days[1] >= 1 - 1e-6, days[1] >= days[0] / 10 - 1e-6 else { continue }
                }
                terms.append(Term(attribute: index, text: "\(attribute)=\(value)", rows: matching))
            }
            let numbered = rows.indices.filter { rows[$0].numbers[attribute] != nil }
            func number(_ row: Int) -> Int { rows[row].numbers[attribute] ?? 0 }
            let cuts = Self.cuts(
                numbered.map { (number($0), rows[$0].isExposure ? weights[$0] : 1, weights[$0]) }
            ).sorted()
            func text(_ cut: Int) -> String { attribute == "loss_pct" ? Self.percent(cut) : "\(cut)" }
            for cut in cuts {
                let text = text(cut)
                terms.append(
                    Term(
                        attribute: index, text: "\(attribute)<\(text)",
                        rows: Rows(numbered.filter { number($0) < cut }, of: rows.count))
                )
                terms.append(
                    Term(
                        attribute: index, text: "\(attribute)>=\(text)",
                        rows: Rows(numbered.filter { number($0) >= cut }, of: rows.count)))
            }
            for low in cuts {
                for high in cuts where high > low {
                    terms.append(
                        Term(
                            attribute: index, text: "\(text(low))<=\(attribute)<\(text(high))",
                            rows: Rows(numbered.filter { (low..<high).contains(number($0)) }, of: rows.count)))
                }
            }
            if attribute == "hour", let run = bestRun(terms.filter { $0.attribute == index }) { terms.append(run) }
        }
        self.terms = terms
        var entries: [Entry] = []
        for length in 1...4 {
            for chosen in Self.choices(length, terms) {
                tried += 1
                let matching = chosen.reduce(all) { $0.intersection(terms[$1].rows) }
                let hit = matching.intersection(exposedRows)
                if weight(hit) >= support { entries.append(Entry(terms: chosen, rows: matching, exposed: hit)) }
            }
        }
        supported = entries.count
        rank(entries.filter(isProductive))
    }

    private static func percent(_ hundredths: Int) -> String {
        var text = String(format: "%.2f", Double(hundredths) / 100)
        while text.hasSuffix("0") { text.removeLast() }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// All choices of terms of different attributes, in order.
    private static func choices(_ length: Int, _ terms: [Term]) -> [[Int]] {
        if length == 0 { return [[]] }
        return choices(length - 1, terms).flatMap { shorter in
            terms.indices.filter { next in
                shorter.last.map { $0 < next && terms[$0].attribute < terms[next].attribute } ?? true
            }.map { shorter + [$0] }
        }
    }

    // MARK: Cuts, by Fayyad and Irani's formula

    /// A number, what its row counts, and what of that is exposed.
    private typealias Item = (value: Int, all: Double, exposed: Double)

    private static func size(_ items: [Item]) -> Double { items.reduce(0) { $0 + $1.all } }

    private static func entropy(_ items: [Item]) -> Double {
        let (all, exposed) = (size(items), items.reduce(0) { $0 + $1.exposed })
        return [exposed, all - exposed].map { part in
            let share = part / all
            return share > 1e-12 && share < 1 - 1e-12 ? -share * log2(share) : 0
        }.reduce(0, +)
    }

    private static func classes(_ items: [Item]) -> Double {
        Double(Set(items.map { $0.exposed > 0 }).count)
    }

    private static func cuts(_ items: [Item]) -> [Int] {
        guard classes(items) == 2 else { return [] }
        let n = size(items)
        var best: (Double, Int)?
        for cut in Set(items.map(\.value)).sorted().dropFirst() {
            let parts = [items.filter { $0.value < cut }, items.filter { $0.value >= cut }]
            let mixed = parts.map { size($0) / n * entropy($0) }.reduce(0, +)
            if mixed < (best?.0 ?? .infinity) - 1e-12 { best = (mixed, cut) }
        }
        guard let (mixed, cut) = best else { return [] }
        let parts = [items.filter { $0.value < cut }, items.filter { $0.value >= cut }]
        let classes = parts.map(Self.classes)
        let delta =
            log2(pow(3, 2) - 2)
            - (2 * entropy(items) - classes[0] * entropy(parts[0]) - classes[1] * entropy(parts[1]))
        guard entropy(items) - mixed > log2(n - 1) / n + delta / n else { return [] }
        return [cut] + cuts(parts[0]) + cuts(parts[1])
    }

    // MARK: Judging

    private func logChoose(_ n: Int, _ k: Int) -> Double { logs[n] - logs[k] - logs[n - k] }

    /// What rows count: those that are no exposure, and receiving accounts.
    private func size(_ rows: Rows) -> (all: Double, exposed: Double) {
        let hit = rows.intersection(exposed).members
        let accounts = hit.reduce(0.0) { $0 + weights[$1] }
        return (Double(rows.count - hit.count) + accounts, accounts)
    }

    /// Whether accounts are reached significantly more often in `part` than in the rest of `whole`: what is a part of an
    /// account counts as none inside and as one outside.
    ///
    /// - Parameters:
    ///   - isOfRequests: requests are counted, and not accounts.
    ///   - isOfEverything: accounts may have been drawn at random.
    private func isSignificant(
        _ part: Rows, of whole: Rows, isOfRequests: Bool = false, isOfEverything: Bool = false
    ) -> Bool {
        func requests(_ rows: Rows) -> (all: Double, exposed: Double) {
            (Double(rows.count), Double(rows.intersection(exposed).count))
        }
        let (inside, all) = isOfRequests ? (requests(part), requests(whole)) : (size(part), size(whole))
        let (outside, others) = (all.all - inside.all, all.exposed - inside.exposed)
        guard inside.all > 1e-9, outside > 1e-9, inside.exposed / inside.all > others / outside * (1 + 1e-9) else {
            return false
        }
        let (x, y) = (Int((inside.exposed + 1e-6).rounded(.down)), Int((others - 1e-6).rounded(.up)))
        let (n, m) = (max(x, Int(inside.all.rounded())), max(y, Int(outside.rounded())))
        var chance = 0.0
        for k in x...max(x, min(x + y, n)) where n - k <= n + m - x - y {
            chance += exp(logChoose(x + y, k) + logChoose(n + m - x - y, n - k) - logChoose(n + m, n))
        }
        if isOfEverything { chance = max(chance, ofAccounts(part, of: whole, x, x + y)) }
        return chance * Double(tried) <= 0.05
    }

    /// The chance that so many of some accounts drawn at random have theirs in `part`, where each has it with the chance that a
    /// delivery of it lies there.
    private func ofAccounts(_ part: Rows, of whole: Rows, _ hits: Int, _ all: Int) -> Double {
        func sum(_ rows: Rows) -> Double { rows.members.reduce(0) { $0 + reach[$1] } }
        let share = min(1, sum(part) / sum(whole))
        if hits == 0 || share > 1 - 1e-12 { return 1 }
        return (hits...all).reduce(0) { sum, k in
            sum + exp(logChoose(all, k) + Double(k) * log(share) + Double(all - k) * log(1 - share))
        }
    }

    /// The run of neighbouring hours that explains most.
    private func bestRun(_ hours: [Term]) -> Term? {
        func number(_ term: Term) -> Int { Int(term.text.suffix(2)) ?? 0 }
        var best: (gain: Double, term: Term)?
        for first in hours {
            var run = first
            var last = number(first)
            for _ in 1..<max(hours.count, 1) {
                guard let next = hours.first(where: { number($0) == (last + 1) % 24 }), next.text != first.text else {
                    break
                }
                last = number(next)
                run.rows = run.rows.union(next.rows)
                run.text = first.text + "-" + next.text.suffix(2)
                let gain = gain(of: run.rows)
                let (inside, whole) = (size(run.rows), size(all))
                let isRaised =
                    whole.all - inside.all > 1e-9
                    && inside.exposed / inside.all
                        > (whole.exposed - inside.exposed) / (whole.all - inside.all) * (1 + 1e-9)
                if isRaised, gain > best?.gain ?? 0 { best = (gain, run) }
            }
        }
        return best?.term
    }

    private func isProductive(_ entry: Entry) -> Bool {
        guard isSignificant(entry.rows, of: all, isOfEverything: true) else { return false }
        guard entry.terms.count > 1 else { return true }
        return entry.terms.allSatisfy { left in
            let wider = entry.terms.filter { $0 != left }.reduce(all) { $0.intersection(terms[$1].rows) }
            return isSignificant(entry.rows, of: wider)
        }
    }

    private func isOfRequests(_ entry: Entry) -> Bool {
        entry.terms.allSatisfy { !Self.mechanisms.contains(Self.order[terms[$0].attribute]) }
    }

    private func gain(_ entry: Entry) -> Double { gain(of: entry.rows) }

    private func gain(of rows: Rows) -> Double {
        func part(_ x: Double, _ n: Double) -> Double {
            x < 1e-9 || x > n - 1e-9 ? 0 : x * log(x / n) + (n - x) * log((n - x) / n)
        }
        let (inside, whole) = (size(rows), size(all))
        return part(inside.exposed, inside.all) + part(whole.exposed - inside.exposed, whole.all - inside.all)
            - part(whole.exposed, whole.all)
    }

    // MARK: Ranking

    private mutating func rank(_ productive: [Entry]) {
        var distinct: [Entry] = []
        for entry in productive {
            let isTwin = distinct.contains { known in
                isOfRequests(known) == isOfRequests(entry) && known.exposed == entry.exposed
                    && !isSignificant(
                        known.rows.intersection(entry.rows), of: known.rows.union(entry.rows), isOfRequests: true)
            }
            if !isTwin { distinct.append(entry) }
        }
        let places = distinct.indices.sorted {
            let (a, b) = (gain(distinct[$0]), gain(distinct[$1]))
            return a != b ? a > b : $0 < $1
        }
        var sorted = places.map { distinct[$0] }
        guard let best = sorted.first else { return }
        var cause = 0
        if let place = sorted.firstIndex(where: isOfRequests), gain(sorted[place]) >= gain(best) * 0.25 {
            cause = place
        }
        var kept = [sorted.remove(at: cause)]
        for entry in sorted where kept.count < 100 {
            let isPart = Set(entry.terms).isSubset(of: kept[0].terms)
            if isPart || kept.allSatisfy({ !isExplained(entry, by: $0) }) { kept.append(entry) }
        }
        ranked = kept.map { entry in
            Found(
                text: entry.terms.map { terms[$0].text }.joined(separator: " AND "), deliveries: entry.rows.count,
                exposures: entry.exposed.count)
        }
    }

    private func isExplained(_ entry: Entry, by other: Entry) -> Bool {
        let (mine, theirs) = (Set(entry.terms), Set(other.terms))
        if mine.isSubset(of: theirs) || mine.isSuperset(of: theirs) { return false }
        return !isSignificant(entry.rows.intersection(other.rows), of: other.rows)
            && !isSignificant(entry.rows.subtracting(other.rows), of: all.subtracting(other.rows))
    }
}

/// Some of the rows, one bit each.
private struct Rows: Equatable {
    private var words: [UInt64]

    init(_ some: [Int], of count: Int) {
        words = [UInt64](repeating: 0, count: count / 64 + 1)
        for row in some { words[row / 64] |= 1 << UInt64(row % 64) }
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    var members: [Int] {
        var members: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                members.append(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return members
    }
    func intersection(_ other: Rows) -> Rows { combined(other, &) }
    func union(_ other: Rows) -> Rows { combined(other, |) }
    func subtracting(_ other: Rows) -> Rows { combined(other) { $0 & ~$1 } }

    private func combined(_ other: Rows, _ operation: (UInt64, UInt64) -> UInt64) -> Rows {
        var result = self
        for index in words.indices { result.words[index] = operation(words[index], other.words[index]) }
        return result
    }
}
