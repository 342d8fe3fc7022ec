import Foundation

/// What the search for conditions must find, by trying every conjunction on every row.
///
/// Written from the manual (Docs/Conditions.md) and not from the search: rows of texts, no cube, no pruning, chances from
/// sums of logarithms.
struct ConditionOracle {
    /// A delivery's attributes by label, numbers apart.
    struct Row {
        var texts: [String: String]
        var numbers: [String: Int]
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
    private let terms: [Term]
    private let logs: [Double]
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
        let support = max(2, Int((Double(exposedRows.count) / 20).rounded(.up)))
        var terms: [Term] = []
        for (index, attribute) in Self.order.enumerated() {
            for value in Set(rows.compactMap { $0.texts[attribute] }).sorted() {
                let matching = Rows(rows.indices.filter { rows[$0].texts[attribute] == value }, of: rows.count)
                guard matching.intersection(exposedRows).count >= support else { continue }
                terms.append(Term(attribute: index, text: "\(attribute)=\(value)", rows: matching))
            }
            let numbered = rows.indices.filter { rows[$0].numbers[attribute] != nil }
            func number(_ row: Int) -> Int { rows[row].numbers[attribute] ?? 0 }
            for cut in Self.cuts(numbered.map { (number($0), rows[$0].isExposure) }).sorted() {
                let text = attribute == "loss_pct" ? Self.percent(cut) : "\(cut)"
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
        }
        self.terms = terms
        var entries: [Entry] = []
        for length in 1...4 {
            for chosen in Self.choices(length, terms) {
                tried += 1
                let matching = chosen.reduce(all) { $0.intersection(terms[$1].rows) }
                let hit = matching.intersection(exposedRows)
                if hit.count >= support { entries.append(Entry(terms: chosen, rows: matching, exposed: hit)) }
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

    private static func entropy(_ items: [(Int, Bool)]) -> Double {
        [true, false].map { wanted in
            let share = Double(items.filter { $0.1 == wanted }.count) / Double(items.count)
            return share > 0 ? -share * log2(share) : 0
        }.reduce(0, +)
    }

    private static func cuts(_ items: [(Int, Bool)]) -> [Int] {
        guard Set(items.map(\.1)).count == 2 else { return [] }
        let n = Double(items.count)
        var best: (Double, Int)?
        for cut in Set(items.map(\.0)).sorted().dropFirst() {
            let parts = [items.filter { $0.0 < cut }, items.filter { $0.0 >= cut }]
            let mixed = parts.map { Double($0.count) / n * entropy($0) }.reduce(0, +)
            if mixed < (best?.0 ?? .infinity) - 1e-12 { best = (mixed, cut) }
        }
        guard let (mixed, cut) = best else { return [] }
        let parts = [items.filter { $0.0 < cut }, items.filter { $0.0 >= cut }]
        let classes = parts.map { Double(Set($0.map(\.1)).count) }
        let delta =
            log2(pow(3, 2) - 2)
            - (2 * entropy(items) - classes[0] * entropy(parts[0]) - classes[1] * entropy(parts[1]))
        guard entropy(items) - mixed > log2(n - 1) / n + delta / n else { return [] }
        return [cut] + cuts(parts[0]) + cuts(parts[1])
    }

    // MARK: Judging

    private func logChoose(_ n: Int, _ k: Int) -> Double { logs[n] - logs[k] - logs[n - k] }

    /// Whether exposures are significantly more frequent in `part` than in the rest of `whole`.
    private func isSignificant(_ part: Rows, of whole: Rows) -> Bool {
        let (n, x) = (part.count, part.intersection(exposed).count)
        let (allN, allX) = (whole.count, whole.intersection(exposed).count)
        guard n > 0, n < allN, Double(x) / Double(n) > Double(allX - x) / Double(allN - n) else { return false }
        var chance = 0.0
        for k in x...max(x, min(allX, n)) where n - k <= allN - allX {
            chance += exp(logChoose(allX, k) + logChoose(allN - allX, n - k) - logChoose(allN, n))
        }
        return chance * Double(tried) <= 0.05
    }

    private func isProductive(_ entry: Entry) -> Bool {
        guard isSignificant(entry.rows, of: all) else { return false }
        guard entry.terms.count > 1 else { return true }
        return entry.terms.allSatisfy { left in
            let wider = entry.terms.filter { $0 != left }.reduce(all) { $0.intersection(terms[$1].rows) }
            return isSignificant(entry.rows, of: wider)
        }
    }

    private func isOfRequests(_ entry: Entry) -> Bool {
        entry.terms.allSatisfy { !Self.mechanisms.contains(Self.order[terms[$0].attribute]) }
    }

    private func gain(_ entry: Entry) -> Double {
        func part(_ x: Int, _ n: Int) -> Double {
            x == 0 || x == n
                ? 0
                : Double(x) * log(Double(x) / Double(n)) + Double(n - x) * log(Double(n - x) / Double(n))
        }
        let (n, x) = (entry.rows.count, entry.exposed.count)
        return part(x, n) + part(exposed.count - x, all.count - n) - part(exposed.count, all.count)
    }

    // MARK: Ranking

    private mutating func rank(_ productive: [Entry]) {
        var distinct: [Entry] = []
        for entry in productive {
            let isTwin = distinct.contains { known in
                isOfRequests(known) == isOfRequests(entry) && known.exposed == entry.exposed
                    && !isSignificant(known.rows.intersection(entry.rows), of: known.rows.union(entry.rows))
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
        if let place = sorted.firstIndex(where: isOfRequests), gain(sorted[place]) >= gain(best) / 2 { cause = place }
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
    func intersection(_ other: Rows) -> Rows { combined(other, &) }
    func union(_ other: Rows) -> Rows { combined(other, |) }
    func subtracting(_ other: Rows) -> Rows { combined(other) { $0 & ~$1 } }

    private func combined(_ other: Rows, _ operation: (UInt64, UInt64) -> UInt64) -> Rows {
        var result = self
        for index in words.indices { result.words[index] = operation(words[index], other.words[index]) }
        return result
    }
}
