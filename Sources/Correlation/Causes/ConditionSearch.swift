/// Finds the conjunctions of up to four terms that explain the exposures of a cube.
///
/// Accounts are the unit: each receiving account counts once, whatever number of exposures it has (`ReceiverWeights`). A
/// conjunction counts if it holds for enough of them (`Cube.support`), if they are significantly more frequent inside
/// than outside, and if each of its terms is needed: without it, they are significantly less frequent in what is added (*productive* in the words of Webb, Discovering significant patterns, Machine Learning 68, 2007). So
/// what merely goes along with a cause, an hour or a node where its requests happen to be, is not added to it.
/// Significance is at 5 % for all conjunctions together, which bounds the share of false discoveries too (Bonferroni, as in Bay and Pazzani, Detecting group differences:
/// mining contrast sets, DMKD 5, 2001). The search is complete: it leaves out only what lacks support, and a part of
/// such a conjunction lacks it too if the whole does not.
struct ConditionSearch {
    static let longest = 4

    private let cube: Cube
    private let terms: [(axis: Int, term: Term, codes: UInt32)]
    private let all: CaseCount
    let tried: Int

    /// A conjunction by the numbers of its terms, in order.
    private typealias Chosen = [Int]
    /// Every conjunction with support.
    private var counts: [Chosen: CaseCount] = [:]

    /// - Parameter excluded: terms that are known to be no cause.
    init(_ cube: Cube, without excluded: Set<Term>) {
        self.cube = cube
        terms = cube.axes.enumerated().flatMap { axis, item in
            item.terms.filter { !excluded.contains($0.term) }.map { (axis, $0.term, $0.codes) }
        }
        all = cube.cells.reduce(into: CaseCount()) { $0 += $1.count }
        tried = Self.conjunctions(cube.axes.map(\.terms.count))
    }

    /// How many conjunctions of up to four terms there are, with at most one term of each attribute.
    static func conjunctions(_ termsByAxis: [Int]) -> Int {
        var byLength = [1] + [Int](repeating: 0, count: longest)
        for count in termsByAxis {
            for length in stride(from: longest, to: 0, by: -1) { byLength[length] += byLength[length - 1] * count }
        }
        return byLength.dropFirst().reduce(0, +)
    }

    // MARK: Counting

    /// - Returns: the conditions in order, with the cells that each holds for, and for each term of the first its exposures.
    mutating func run() -> (ranked: [Condition], extents: [CellSet], exposuresByTerm: [Term: Int]) {
        extend([], cube.cells.indices.map { Int32($0) })
        let productive = counts.keys.filter(isProductive).sorted(by: Self.isBefore)
        let ranking = ConditionRanking(
            productive.map { chosen in
                ConditionRanking.Entry(
                    chosen: chosen, count: counts[chosen] ?? CaseCount(), contrast: contrast(chosen),
                    isOfRequests: isOfRequests(chosen),
                    extent: CellSet(cube.cells.count) { holds(chosen, for: cube.cells[$0]) })
            }, cube, tried: tried)
        let ranked = ranking.ranked.map { item in
            var condition = Condition(item.entry.chosen.map { terms[$0].term }, item.entry.count, of: all, tried: tried)
            condition.sameAs = item.twins.map { $0.map { terms[$0].term } }
            return condition
        }
        let byTerm = ranking.ranked.first?.entry.chosen.map { (terms[$0].term, counts[[$0]]?.exposures ?? 0) } ?? []
        return (ranked, ranking.ranked.map(\.entry.extent), Dictionary(uniqueKeysWithValues: byTerm))
    }

    /// Counts every conjunction that begins with `chosen` and has support; `cells` are those that `chosen` holds for.
    private mutating func extend(_ chosen: Chosen, _ cells: [Int32]) {
        var number = chosen.last.map { $0 + 1 } ?? 0
        if let last = chosen.last { while number < terms.count, terms[number].axis == terms[last].axis { number += 1 } }
        var byCode = [CaseCount](repeating: CaseCount(), count: 32)
        var countedAxis = -1
        while number < terms.count {
            defer { number += 1 }
            let (axis, _, codes) = terms[number]
            if axis != countedAxis {
                countedAxis = axis
                for code in 0..<32 { byCode[code] = CaseCount() }
                for cell in cells {
                    let cell = cube.cells[Int(cell)]
                    byCode[cell.code(axis)] += cell.count
                }
            }
            var count = CaseCount()
            for code in 0..<32 where codes >> UInt32(code) & 1 == 1 { count += byCode[code] }
            guard count.weight >= cube.support else { continue }
            let longer = chosen + [number]
            counts[longer] = count
            guard longer.count < Self.longest else { continue }
            extend(longer, cells.filter { codes >> UInt32(cube.cells[Int($0)].code(axis)) & 1 == 1 })
        }
    }

    // MARK: Judging

    private func contrast(_ chosen: Chosen) -> Contrast {
        Contrast(counts[chosen] ?? CaseCount(), ofEverything: all)
    }

    private func isProductive(_ chosen: Chosen) -> Bool {
        let whole = contrast(chosen)
        guard whole.isRaised else { return false }
        let parts = chosen.indices.compactMap { index -> Contrast? in
            guard chosen.count > 1 else { return nil }
            var shorter = chosen
            shorter.remove(at: index)
            return Contrast(counts[chosen] ?? CaseCount(), of: counts[shorter] ?? CaseCount())
        }
        return parts.allSatisfy(\.isRaised) && ([whole] + parts).allSatisfy { $0.isSignificant(tried: tried) }
    }

    private func isOfRequests(_ chosen: Chosen) -> Bool { chosen.allSatisfy { !terms[$0].term.attribute.isMechanism } }

    private func holds(_ chosen: Chosen, for cell: Cube.Cell) -> Bool {
        cell.count.deliveries > 0 && chosen.allSatisfy { terms[$0].codes >> UInt32(cell.code(terms[$0].axis)) & 1 == 1 }
    }

    /// Shorter conjunctions first, then those of earlier attributes, then by value.
    private static func isBefore(_ a: Chosen, _ b: Chosen) -> Bool {
        a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
    }
}
