/// Where the rate of exposures changes in time, found from the counts alone: for a dump whose rollouts nobody knows,
/// and to check those that are known.
///
/// Each stretch is split where two rates explain the counts best (the largest likelihood ratio of two binomial rates
/// against one), if Fisher's exact test still rejects one rate after the number of places looked at is accounted for
/// (Bonferroni); then each part in turn (binary segmentation, A. J. Scott and M. Knott 1974).
public struct ChangePoints: Sendable {
    /// Deliveries and certain exposures of a short stretch of time.
    public struct Slot: Sendable, Equatable {
        public var deliveries: Int
        public var exposures: Int

        public init(deliveries: Int, exposures: Int) {
            self.deliveries = deliveries
            self.exposures = exposures
        }

        /// Exposures of deliveries; 0 if there is none.
        public var rate: Double { deliveries > 0 ? Double(exposures) / Double(deliveries) : 0 }
    }

    /// A change of the rate.
    public struct Change: Sendable, Equatable {
        /// The first slot of the new rate, and those that it can just as well be with 95% confidence.
        public var slot: Int
        public var likely: ClosedRange<Int>
        public var before: Slot
        public var after: Slot
        public var pValue: Double
    }

    /// What the p-value must be below.
    public static let significance = 0.001

    public private(set) var changes: [Change] = []

    /// - Parameter slots: in order of time; slots without a delivery say nothing and are passed over.
    public init(_ slots: [Slot]) {
        let places = slots.indices.filter { slots[$0].deliveries > 0 }
        let full = places.map { slots[$0] }
        var splits: [Int] = []
        Self.split(full, 0..<full.count, &splits)
        splits.sort()
        // A place found before its neighbours may say nothing between them: the least sure goes until all are sure.
        var judged = Self.judged(full, splits)
        while let worst = judged.indices.max(by: { judged[$0].pValue < judged[$1].pValue }),
            judged[worst].pValue >= Self.significance
        {
            splits.remove(at: worst)
            judged = Self.judged(full, splits)
        }
        changes = judged.map { found in
            Change(
                slot: places[found.at], likely: places[found.likely.lowerBound]...places[found.likely.upperBound],
                before: found.before, after: found.after, pValue: found.pValue)
        }
    }

    /// What there is to say about each place, between its neighbours.
    private static func judged(_ slots: [Slot], _ splits: [Int]) -> [Split] {
        let edges = [0] + splits + [slots.count]
        return splits.enumerated().compactMap { best(slots, edges[$0]..<edges[$0 + 2], fixed: $1) }
    }

    private struct Split {
        var at: Int
        var likely: ClosedRange<Int>
        var before: Slot
        var after: Slot
        var pValue: Double
    }

    private static func split(_ slots: [Slot], _ range: Range<Int>, _ found: inout [Int]) {
        guard let best = best(slots, range, fixed: nil), best.pValue < significance else { return }
        found.append(best.at)
        split(slots, range.lowerBound..<best.at, &found)
        split(slots, best.at..<range.upperBound, &found)
    }

    /// The best place to split a range, or what there is to say about a given one.
    private static func best(_ slots: [Slot], _ range: Range<Int>, fixed: Int?) -> Split? {
        guard range.count > 1 else { return nil }
        let all = sum(slots[range])
        guard all.exposures > 0 else { return nil }
        var gains: [Double] = []
        var before = Slot(deliveries: 0, exposures: 0)
        for index in range.dropLast() {
            before = Slot(
                deliveries: before.deliveries + slots[index].deliveries,
                exposures: before.exposures + slots[index].exposures)
            gains.append(
                Contrast(
                    deliveries: before.deliveries, exposures: before.exposures, allDeliveries: all.deliveries,
                    allExposures: all.exposures
                ).gain)
        }
        guard let most = gains.max(), let first = gains.firstIndex(of: most) else { return nil }
        let at = fixed ?? range.lowerBound + first + 1
        let gain = gains[at - range.lowerBound - 1]
        // Half of the 95% quantile of chi-squared with one degree of freedom (S. S. Wilks 1938).
        let near = gains.indices.filter { gains[$0] >= gain - 1.9207 }
        let (left, right) = (sum(slots[range.lowerBound..<at]), sum(slots[at..<range.upperBound]))
        let p = ExactTests.fisher(left.exposures, of: left.deliveries, right.exposures, of: right.deliveries)
        let low = range.lowerBound + 1 + (near.first ?? first)
        let high = range.lowerBound + 1 + (near.last ?? first)
        return Split(
            at: at, likely: min(low, at)...max(high, at), before: left, after: right,
            pValue: min(1, p * Double(range.count - 1)))
    }

    private static func sum(_ slots: ArraySlice<Slot>) -> Slot {
        slots.reduce(Slot(deliveries: 0, exposures: 0)) {
            Slot(deliveries: $0.deliveries + $1.deliveries, exposures: $0.exposures + $1.exposures)
        }
    }
}
