/// Puts the conditions that a search found in order, the cause first, and drops those that tell nothing more.
struct ConditionRanking {
    /// A condition of the search.
    struct Entry {
        /// Its terms by number.
        var chosen: [Int]
        var count: CaseCount
        var contrast: Contrast
        /// Whether no term is about what the cache did.
        var isOfRequests: Bool
        /// The cells that it holds for.
        var extent: CellSet
        var gain: Double = 0
    }
    typealias Ranked = (entry: Entry, twins: [[Int]])

    /// How many conditions are kept.
    static let most = 100
    /// The cause is a condition on requests alone if it explains at least this part of what the best one does.
    static let requestsShare = 0.25

    private(set) var ranked: [Ranked] = []
    private let cells: [Cube.Cell]
    private let exposedCells: CellSet
    private let all: CaseCount
    private let tried: Int

    /// - Parameter entries: shorter ones first, then those of earlier attributes.
    init(_ entries: [Entry], _ cube: Cube, tried: Int) {
        cells = cube.cells
        exposedCells = CellSet(cells.count) { [cells] in cells[$0].count.exposures > 0 }
        all = cells.reduce(into: CaseCount()) { $0 += $1.count }
        self.tried = tried
        var distinct = withoutTwins(entries)
        for index in distinct.indices { distinct[index].entry.gain = distinct[index].entry.contrast.gain }
        // Sorting keeps equals in order: shorter ones first.
        distinct.sort { $0.entry.gain > $1.entry.gain }
        guard let cause = cause(distinct) else { return }
        ranked = [distinct.remove(at: cause)]
        let terms = Set(ranked[0].entry.chosen)
        for item in distinct where ranked.count < Self.most {
            let isPartOfCause = terms.isSuperset(of: item.entry.chosen)
            if isPartOfCause || !ranked.contains(where: { isExplained(item.entry, by: $0.entry) }) {
                ranked.append(item)
            }
        }
    }

    /// What an engineer would call the cause: the conjunction on requests that makes the exposures likeliest, if that
    /// explains at least a quarter as much as the best one that looks into the cache; else that best one.
    private func cause(_ sorted: [Ranked]) -> Int? {
        guard let best = sorted.first else { return nil }
        guard let ofRequests = sorted.firstIndex(where: \.entry.isOfRequests),
            sorted[ofRequests].entry.gain >= Self.requestsShare * best.entry.gain
        else { return 0 }
        return ofRequests
    }

    // MARK: Twins

    /// Of the conjunctions that pick out the same exposures, and other deliveries only as far as chance would have it,
    /// the first: a round trip of 286 ms or more says nothing beside a network called poor. Those on requests are apart
    /// from the others.
    private func withoutTwins(_ all: [Entry]) -> [Ranked] {
        var distinct: [Ranked] = []
        var byExposures: [Int: [Int]] = [:]
        for entry in all {
            if let twin = byExposures[entry.count.exposures]?.first(where: { areTwins(distinct[$0].entry, entry) }) {
                distinct[twin].twins.append(entry.chosen)
            } else {
                byExposures[entry.count.exposures, default: []].append(distinct.count)
                distinct.append((entry, []))
            }
        }
        return distinct
    }

    private func areTwins(_ a: Entry, _ b: Entry) -> Bool {
        guard a.isOfRequests == b.isOfRequests, a.extent.isSame(as: b.extent, within: exposedCells) else {
            return false
        }
        let shared = count(a.extent.intersection(b.extent)).deliveries
        // Both hold for the same accounts: which of them it is, their single requests may tell.
        return !Contrast(
            deliveries: shared, exposures: a.count.exposures,
            allDeliveries: a.count.deliveries + b.count.deliveries - shared, allExposures: a.count.exposures
        ).isSignificant(tried: tried)
    }

    // MARK: Explaining away

    /// Whether another condition takes from one all that it seemed to tell: neither inside nor outside the other is it
    /// significant (as Bay and Pazzani show only what is surprising given what was shown before). A condition neither
    /// explains its parts nor what has more terms.
    private func isExplained(_ entry: Entry, by other: Entry) -> Bool {
        let terms = Set(entry.chosen)
        if terms.isSubset(of: other.chosen) || terms.isSuperset(of: other.chosen) { return false }
        let both = count(entry.extent.intersection(other.extent))
        let inside = Contrast(both, of: other.count)
        let outside = Contrast(entry.count - both, of: all - other.count)
        return !inside.isSignificant(tried: tried) && !outside.isSignificant(tried: tried)
    }

    private func count(_ extent: CellSet) -> CaseCount {
        extent.members.reduce(into: CaseCount()) { $0 += cells[$1].count }
    }
}

/// A set of a cube's cells, by number.
struct CellSet: Sendable {
    private var words: [UInt64]

    init(_ count: Int, _ isIn: (Int) -> Bool) {
        words = [UInt64](repeating: 0, count: count / 64 + 1)
        for cell in 0..<count where isIn(cell) { words[cell / 64] |= 1 << UInt64(cell % 64) }
    }

    func intersection(_ other: CellSet) -> CellSet {
        var result = self
        for index in words.indices { result.words[index] &= other.words[index] }
        return result
    }

    /// Whether both have the same cells of `some`.
    func isSame(as other: CellSet, within some: CellSet) -> Bool {
        words.indices.allSatisfy { (words[$0] ^ other.words[$0]) & some.words[$0] == 0 }
    }

    func contains(_ cell: Int) -> Bool { words[cell / 64] >> UInt64(cell % 64) & 1 == 1 }

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
}
