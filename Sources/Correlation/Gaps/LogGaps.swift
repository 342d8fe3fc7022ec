internal import Foundation
public import LogRecords

/// Where a node's log is silent although it should have lines then: by the same hours of other days, or by what other nodes
/// delivered meanwhile.
///
/// A node that sleeps every night has no gap at night. What should have been there is reckoned in lines, and as far as
/// lines come in clusters (a look at a camera is several requests) in as many as leave the minutes empty that other days have
/// empty; silence where twelve of those should be comes by chance once in 160,000 such stretches, and less rarely where amounts vary from
/// day to day more than by chance, which is asked.
public struct LogGaps: Sendable {
    /// A stretch without any line of a node.
    public struct LogGap: Sendable {
        public var node: SymbolID
        /// The time stamps of the last line before and the first after, microseconds.
        public var from: Int64
        public var until: Int64
        /// How many lines should have been there.
        public var expected: Int
        public var basis: Basis
    }
    /// What tells how many lines should have been there.
    public enum Basis: String, Sendable {
        /// The same hours of other days of this node, of working days or weekends as far as there are two.
        case otherDays = "other days"
        /// What other nodes had meanwhile.
        case otherNodes = "other nodes"
        /// Neither is known: the node's own mean rhythm.
        case meanInterval = "mean interval"
    }

    /// A silence is at least this long, microseconds: shorter ones say nothing, and this bounds what must be kept.
    public static let shortest = Activity.minute
    /// And at least this many times the node's mean interval.
    static let factor: Int64 = 10
    /// How many independent lines must be missing.
    static let least = 12.0
    /// The same where nothing is known but the mean rhythm, which knows no nights.
    private let leastByMean: Double
    /// Lines that come together: as many as one look at a camera makes at most, and as many as are taken for one at least,
    /// for where hardly a minute is empty the empty ones tell little.
    private static let cluster = 8.0
    private static let smallCluster = 3.0
    private static let hour: Int64 = 3_600_000_000
    private static let day = 24 * hour
    /// How many days on either side are looked at.
    private static let farthest: Int64 = 14

    /// By node in order of arrival, then by time.
    public private(set) var all: [LogGap] = []
    /// By node and the length of a stretch: how much its amounts vary from day to day beside what chance does.
    private var dispersions: [Stretch: Double] = [:]
    private struct Stretch: Hashable {
        var node: SymbolID
        var length: Int64
    }

    /// The minutes of a node, for sums over a stretch.
    private struct Rhythm {
        let node: SymbolID
        let minutes: [Activity.Minute]
        /// How many lines came before each.
        private let before: [Int64]

        var lines: Int64 { before.last ?? 0 }
        var first: Int64 { minutes.first?.first ?? 0 }
        var last: Int64 { minutes.last?.last ?? 0 }

        init(_ node: SymbolID, _ minutes: [Activity.Minute]) {
            self.node = node
            self.minutes = minutes
            var before: [Int64] = [0]
            for minute in minutes { before.append(before[before.count - 1] + minute.lines) }
            self.before = before
        }

        /// What a stretch should hold by the hour around it: a few minutes alone say too little.
        func usual(_ from: Int64, _ until: Int64) -> Amount {
            let length = until - from
            guard length < LogGaps.hour else { return count(from, until) }
            let middle = from + length / 2
            return count(middle - LogGaps.hour / 2, middle + LogGaps.hour / 2)
                * (Double(length) / Double(LogGaps.hour))
        }

        /// What a stretch holds, as far as whole minutes tell.
        func count(_ from: Int64, _ until: Int64) -> Amount {
            let (low, high) = (from / Activity.minute, until / Activity.minute)
            let begin = minutes.partitionIndex { $0.first / Activity.minute >= low }
            let end = minutes.partitionIndex { $0.first / Activity.minute > high }
            guard begin < end else { return Amount() }
            // The stretch may begin and end within a minute.
            let share = Double(until - from) / Double((high - low + 1) * Activity.minute)
            return Amount(
                lines: Double(before[end] - before[begin]) * share,
                independent: share
                    * Amount.independent(
                        lines: Double(before[end] - before[begin]), in: end - begin, of: Int(high - low + 1)))
        }
    }

    /// What a stretch holds.
    private struct Amount {
        var lines = 0.0
        /// How many of them come independently of each other.
        var independent = 0.0

        /// If a share of the minutes has none, there are as many independent lines as leave so many minutes empty by chance;
        /// if nearly none is empty, a part of the lines at least.
        static func independent(lines: Double, in occupied: Int, of minutes: Int) -> Double {
            let share = min(Double(occupied), Double(minutes) - 0.5) / Double(minutes)
            return min(
                lines / LogGaps.smallCluster, max(lines / LogGaps.cluster, -log(1 - share) * Double(minutes)))
        }

        static func * (amount: Amount, share: Double) -> Amount {
            Amount(lines: amount.lines * share, independent: amount.independent * share)
        }
    }

    /// - Parameter leastByMean: how many lines of the mean rhythm must be missing where neither other days nor other nodes tell;
    ///   a tenth of that does where something else shows that it is no night.
    public init(_ activity: Activity, leastByMean: Double = 100) {
        self.leastByMean = leastByMean
        let rhythms = activity.minutes.map { Rhythm($0.node, $0.minutes) }
        for (place, rhythm) in rhythms.enumerated() where rhythm.lines > 1 {
            let usual = (rhythm.last - rhythm.first) / (rhythm.lines - 1)
            for (before, after) in zip(rhythm.minutes, rhythm.minutes.dropFirst()) {
                let (from, until) = (before.last, after.first)
                guard until - from >= Self.shortest, until - from > Self.factor * usual else { continue }
                if let silence = silence(rhythms, place, from, until, usual: usual) { all.append(silence) }
            }
        }
    }

    private mutating func silence(
        _ rhythms: [Rhythm], _ place: Int, _ from: Int64, _ until: Int64, usual: Int64
    ) -> LogGap? {
        let rhythm = rhythms[place]
        let others = rhythms.indices.filter { $0 != place }.map { rhythms[$0] }
        func found(_ amount: Amount, _ basis: Basis, least: Double) -> LogGap? {
            amount.independent < least
                ? nil
                : LogGap(
                    node: rhythm.node, from: from, until: until, expected: Int(amount.lines.rounded()), basis: basis)
        }
        let days = Self.likeDays(rhythm, from, until)
        if !days.isEmpty {
            let amount = Self.median(days.map { rhythm.usual(from + $0, until + $0) })
            var expected = amount * Self.ebb(others, days, from, until)
            guard expected.independent >= Self.least else { return nil }
            expected.independent *= Self.surprise(dispersion(rhythm, until - from))
            return found(expected, .otherDays, least: Self.least)
        }
        let meanwhile = others.reduce(into: Amount()) { sum, other in
            let now = other.usual(from, until)
            sum.lines += now.lines
            sum.independent += now.independent
        }
        if meanwhile.independent >= Self.least {
            let share = Double(rhythm.lines) / Double(max(others.reduce(0) { $0 + $1.lines }, 1))
            return found(meanwhile * share, .otherNodes, least: Self.least)
        }
        let expected = Double(until - from) / Double(max(usual, 1))
        return found(Amount(lines: expected, independent: expected), .meanInterval, least: leastByMean)
    }

    /// How much the amounts of stretches of about a length vary from day to day, as a multiple of their mean: 1 if lines come
    /// independently of each other, more if somebody's long look at a camera makes a busy hour.
    private mutating func dispersion(_ rhythm: Rhythm, _ length: Int64) -> Double {
        var rounded = LogGaps.shortest
        while rounded * 2 <= length, rounded < Self.day / 2 { rounded *= 2 }
        let stretch = Stretch(node: rhythm.node, length: rounded)
        if let known = dispersions[stretch] { return known }
        // As many stretches as tell it well enough, spread over all the time.
        let count = max(1, (rhythm.last - rhythm.first) / rounded)
        let step = max(1, count / 400)
        var (squares, means, number) = (0.0, 0.0, 0)
        for index in Swift.stride(from: Int64(0), to: count, by: Int64.Stride(step)) {
            let from = rhythm.first + index * rounded
            let days = Self.likeDays(rhythm, from, from + rounded)
            guard days.count > 1 else { continue }
            let amounts = days.map { rhythm.count(from + $0, from + $0 + rounded).independent }
            let mean = amounts.reduce(0, +) / Double(amounts.count)
            squares += amounts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(amounts.count - 1)
            means += mean
            number += 1
        }
        let dispersion = number > 0 && means > 0 ? max(1, squares / means) : 1
        dispersions[stretch] = dispersion
        return dispersion
    }

    /// What part of its logarithm the chance of an empty stretch keeps when amounts vary more than by chance (negative
    /// binomial).
    private static func surprise(_ dispersion: Double) -> Double {
        dispersion < 1.001 ? 1 : log(dispersion) / (dispersion - 1)
    }

    /// By how much the same hours of other days lie off, as far as the node's log reaches over them.
    private static func likeDays(_ rhythm: Rhythm, _ from: Int64, _ until: Int64) -> [Int64] {
        let all = (-farthest...farthest).map { $0 * day }.filter {
            $0 != 0 && from + $0 >= rhythm.first && until + $0 <= rhythm.last
                && (until - from < day || abs($0) >= until - from)
        }
        let alike = all.filter { isWeekend(from + $0) == isWeekend(from) }
        return alike.count > 1 ? alike : all
    }

    /// Saturday or Sunday, UTC; 1 January 1970 was a Thursday.
    private static func isWeekend(_ moment: Int64) -> Bool {
        let weekday = ((moment / day + 4) % 7 + 7) % 7
        return weekday == 0 || weekday == 6
    }

    /// The middle one; of two in the middle the smaller.
    private static func median(_ amounts: [Amount]) -> Amount {
        let sorted = amounts.sorted { ($0.independent, $0.lines) < ($1.independent, $1.lines) }
        return sorted[(sorted.count - 1) / 2]
    }

    /// The share of their usual traffic that the other nodes had around the silence, 1 at most: a holiday is no gap. What
    /// they had meanwhile counts too, unless they were silent as well, for then all logs may be missing.
    private static func ebb(_ others: [Rhythm], _ days: [Int64], _ from: Int64, _ until: Int64) -> Double {
        let beside = max(until - from, hour / 2)
        func share(_ stretches: [(from: Int64, until: Int64)]) -> Double? {
            func sum(_ shift: Int64) -> Double {
                stretches.reduce(0) { sum, stretch in
                    sum
                        + others.reduce(0) { $0 + $1.count(stretch.from + shift, stretch.until + shift).independent }
                }
            }
            let usual = days.map(sum).sorted()[(days.count - 1) / 2]
            return usual < least ? nil : min(1, sum(0) / usual)
        }
        let around = share([(from - beside, from), (until, until + beside)]) ?? 1
        guard let meanwhile = share([(from, until)]), meanwhile > silent else { return around }
        return min(around, meanwhile)
    }

    /// With less than this share of their usual traffic the other nodes are silent, but for the minutes at the edges.
    private static let silent = 0.25
}
