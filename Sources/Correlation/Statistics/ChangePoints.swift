/// Where the rate of exposures changes in time, found from the counts alone: for a dump whose rollouts nobody knows,
/// and to check those that are known.
///
/// Each stretch is split where two rates explain the counts best (the largest likelihood ratio of two binomial rates
/// against one), if Fisher's exact test still rejects one rate after the number of places looked at is accounted for
/// (Bonferroni); then each part in turn (binary segmentation, A. J. Scott and M. Knott 1974). Accounts are the unit, as for
/// causes: three frames that one client polls in a minute change no rate. A rate that is raised for a short while is one
/// burst and not two changes.
public struct ChangePoints: Sendable {
    /// Deliveries and certain exposures of a short stretch of time.
    public struct Slot: Sendable, Equatable {
        public var deliveries: Int
        public var exposures: Int
        /// What the exposures are of their receiving accounts, each of which counts once in all the time.
        public var units: Double

        /// - Parameter units: nil: each exposure is an account of its own.
        public init(deliveries: Int, exposures: Int, units: Double? = nil) {
            self.deliveries = deliveries
            self.exposures = exposures
            self.units = units ?? Double(exposures)
        }

        /// Exposures of deliveries; 0 if there is none.
        public var rate: Double { deliveries > 0 ? Double(exposures) / Double(deliveries) : 0 }

        /// Deliveries that were no exposure, and accounts.
        fileprivate var observations: Double { Double(deliveries - exposures) + units }
        fileprivate var unitRate: Double { observations > 0 ? units / observations : 0 }

        fileprivate static func + (a: Slot, b: Slot) -> Slot {
            Slot(
                deliveries: a.deliveries + b.deliveries, exposures: a.exposures + b.exposures, units: a.units + b.units)
        }
    }

    /// A change of the rate.
    public struct Change: Sendable, Equatable {
        public enum Kind: String, Sendable {
            /// The new rate lasts.
            case step
            /// The rate is raised for a short while and then falls again.
            case burst
        }
        public var kind: Kind
        /// The first slot of the new rate, and those that it can just as well be with 95% confidence.
        public var slot: Int
        public var likely: ClosedRange<Int>
        /// Of a burst: the first slot behind it.
        public var end: Int?
        /// The stretch before, and for a burst the one behind it too.
        public var before: Slot
        public var after: Slot
        public var pValue: Double
    }

    /// A raised rate that falls again within this part of the deliveries is a burst.
    static let burst = 0.05

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
        changes = Self.folded(judged, of: Self.sum(full[...])).map { found in
            Change(
                kind: found.end == nil ? .step : .burst, slot: places[found.at],
                likely: places[found.likely.lowerBound]...places[found.likely.upperBound],
                end: found.end.map { places[$0] }, before: found.before, after: found.after, pValue: found.pValue)
        }
    }

    /// Two changes that raise the rate for a short while are one.
    private static func folded(_ changes: [Split], of all: Slot) -> [Split] {
        var folded: [Split] = []
        var index = 0
        while index < changes.count {
            var change = changes[index]
            if index + 1 < changes.count {
                let next = changes[index + 1]
                let isShort = change.after.observations <= burst * all.observations
                if isShort, change.after.unitRate > change.before.unitRate, change.after.unitRate > next.after.unitRate
                {
                    change.end = next.at
                    change.before = change.before + next.after
                    change.pValue = max(change.pValue, next.pValue)
                    index += 1
                }
            }
            folded.append(change)
            index += 1
        }
        return folded
    }

    /// What there is to say about each place, between its neighbours.
    private static func judged(_ slots: [Slot], _ splits: [Int]) -> [Split] {
        let edges = [0] + splits + [slots.count]
        return splits.enumerated().compactMap { best(slots, edges[$0]..<edges[$0 + 2], fixed: $1) }
    }

    private struct Split {
        var at: Int
        /// Of a burst.
        var end: Int?
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
            before = before + slots[index]
            gains.append(
                Contrast(
                    deliveries: before.observations, exposures: before.units, allDeliveries: all.observations,
                    allExposures: all.units
                ).gain)
        }
        guard let most = gains.max(), let first = gains.firstIndex(of: most) else { return nil }
        let at = fixed ?? range.lowerBound + first + 1
        let gain = gains[at - range.lowerBound - 1]
        // Half of the 95% quantile of chi-squared with one degree of freedom (S. S. Wilks 1938).
        let near = gains.indices.filter { gains[$0] >= gain - 1.9207 }
        let (left, right) = (sum(slots[range.lowerBound..<at]), sum(slots[at..<range.upperBound]))
        let p = chance(left, right)
        let low = range.lowerBound + 1 + (near.first ?? first)
        let high = range.lowerBound + 1 + (near.last ?? first)
        return Split(
            at: at, likely: min(low, at)...max(high, at), before: left, after: right,
            pValue: min(1, p * Double(range.count - 1)))
    }

    /// Fisher's exact test of accounts; parts of one are left out where the rate is greater, and count as one where it is
    /// smaller.
    static func chance(_ left: Slot, _ right: Slot) -> Double {
        let isRaised = right.unitRate > left.unitRate
        func accounts(_ slot: Slot, _ isGreater: Bool) -> Int {
            Int(isGreater ? (slot.units + 1e-6).rounded(.down) : max(0, slot.units - 1e-6).rounded(.up))
        }
        let (a, b) = (accounts(left, !isRaised), accounts(right, isRaised))
        return ExactTests.fisher(
            a, of: max(a, Int(left.observations.rounded())), b, of: max(b, Int(right.observations.rounded())))
    }

    private static func sum(_ slots: ArraySlice<Slot>) -> Slot {
        slots.reduce(Slot(deliveries: 0, exposures: 0)) { $0 + $1 }
    }
}
