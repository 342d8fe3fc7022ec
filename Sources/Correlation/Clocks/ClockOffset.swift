public import Interning
import LogRecords

/// By how much a clock is ahead of the reference's, as time goes on, and how far that may be wrong.
public struct ClockOffset: Sendable, Equatable {
    /// What an offset rests on.
    public enum Basis: String, Sendable {
        /// It is the clock that the others are measured by.
        case reference
        /// Every tie agrees: what causes comes before what it causes.
        case proved
        /// Some ties contradict the rest and were left out, or what is known is wider than the assumption below.
        case likely
        /// Nothing ties the clock: it is taken to be within `Clocks.defaultSkew` of the reference.
        case assumed
    }

    /// The offset at a time of the clock itself; it changes evenly from one knot to the next.
    public struct Knot: Sendable, Equatable {
        public var at: Int64
        public var offset: Int64

        public init(at: Int64, offset: Int64) {
            self.at = at
            self.offset = offset
        }
    }

    public var clock: SymbolID
    public var basis: Basis
    /// How many requests tie the clock to the reference, and how many more contradict them.
    public var samples = 0
    public var rejected = 0
    /// The largest error that a correction can have, microseconds.
    public var bound: Int64
    /// In order of time; before the first and after the last the offset stays.
    public var knots: [Knot]

    public init(
        clock: SymbolID, basis: Basis, samples: Int = 0, rejected: Int = 0, bound: Int64, knots: [Knot]
    ) {
        self.clock = clock
        self.basis = basis
        self.samples = samples
        self.rejected = rejected
        self.bound = bound
        self.knots = knots
    }

    /// Of a clock that nothing ties.
    ///
    /// - Parameter rejected: how many requests would, if they did not contradict each other.
    public static func assumed(_ clock: SymbolID, rejected: Int = 0) -> ClockOffset {
        ClockOffset(
            clock: clock, basis: .assumed, rejected: rejected, bound: Clocks.defaultSkew,
            knots: [Knot(at: 0, offset: 0)])
    }

    /// The smallest and the largest offset, microseconds: apart if the clock drifts.
    public var range: ClosedRange<Int64> {
        let all = knots.map(\.offset)
        return (all.min() ?? 0)...(all.max() ?? 0)
    }

    /// The offset in force at a time of this clock.
    func offset(at moment: Int64) -> Int64 {
        guard let first = knots.first, let last = knots.last else { return 0 }
        if moment <= first.at || knots.count == 1 { return first.offset }
        if moment >= last.at { return last.offset }
        let next = knots.partitionIndex { $0.at > moment }
        let (before, after) = (knots[next - 1], knots[next])
        let share = Double(moment - before.at) / Double(after.at - before.at)
        return before.offset + Int64((share * Double(after.offset - before.offset)).rounded())
    }
}
