import LogRecords

/// How many lines have a partner at some delay, and how many would have one by chance.
extension LogComparison {
    /// The other log's lines by what both logs share, in order of time.
    typealias Partners = [UInt64: [Int32]]

    func partners(_ anchor: Anchor) -> Partners {
        var partners: Partners = [:]
        for (index, line) in other.enumerated() {
            if let value = anchor.value(line) { partners[value, default: []].append(Int32(index)) }
        }
        return partners
    }

    /// All pairs of lines that share the anchor and are alike, in order of their delays.
    func pairs(_ anchor: Anchor, _ bytes: ClosedRange<Int64>?, _ byAnchor: Partners) -> [Pair] {
        var pairs: [Pair] = []
        for (index, line) in first.enumerated() {
            guard let value = anchor.value(line), let partners = byAnchor[value] else { continue }
            // Ids decide whatever the clocks say.
            let reach = anchor == .request ? .max / 4 : Self.reach
            let from = partners.partitionIndex { other[Int($0)].ended >= line.ended - reach }
            let until = partners.partitionIndex { other[Int($0)].ended > line.ended + reach }
            var range = from..<max(from, until)
            if range.count > Self.mostPartners {
                let nearest = partners.partitionIndex { other[Int($0)].ended >= line.ended }
                range = max(from, nearest - Self.mostPartners / 2)..<min(until, nearest + Self.mostPartners / 2)
            }
            for partner in partners[range] {
                let (a, b) = (line.delivery, other[Int(partner)].delivery)
                guard Self.areAlike(a, b, anchor), bytes.map({ Self.bytes(a, b, within: $0) }) ?? true else { continue }
                pairs.append(
                    Pair(delay: other[Int(partner)].ended - line.ended, first: Int32(index), other: partner))
            }
        }
        return pairs.sorted { ($0.delay, $0.first, $0.other) < ($1.delay, $1.first, $1.other) }
    }

    struct Window {
        var delay: ClosedRange<Int64>
        /// The share of lines with a partner in it.
        var share: Double
        /// The share with one in windows elsewhere.
        var elsewhere: Double
        /// The share with one by chance.
        var coincidence: Double
        /// Whether nearly all lines of both logs have partners of their own, as near as stamps can tell.
        var isComplete: Bool

        /// The narrowest of those with nearly the largest share beyond chance.
        static func best(_ windows: [Window], by chance: KeyPath<Window, Double>) -> Window? {
            func excess(_ window: Window) -> Double {
                let chance = window[keyPath: chance]
                return chance >= 1 ? 0 : (window.share - chance) / (1 - chance)
            }
            let best = windows.map(excess).max() ?? 0
            return windows.first { excess($0) >= 0.98 * best }
        }
    }

    /// Of each width the window that has partners for the most lines.
    func windows(_ pairs: [Pair], _ anchor: Anchor, _ rule: AnswerRule, _ partners: Partners) -> [Window] {
        var windows: [Window] = []
        // What stamps leave open says nothing.
        let resolution = [first, other].compactMap(AnswerLine.resolution).max() ?? 1
        let sharpest = max(Self.passage, resolution / 10 * 11)
        for spread in Self.spreads where spread >= resolution {
            guard let start = fullest(pairs, spread) else { return [] }
            let found = count(pairs, start...(start + spread))
            let share = Double(found) / Double(first.count)
            guard share >= Self.leastPart, let elsewhere = elsewhere(pairs, start, spread, anchor) else { continue }
            let hasCore = windows.contains {
                ($0.delay.upperBound - $0.delay.lowerBound + resolution) * 5 <= spread + resolution
                    && $0.share >= Self.core * share
            }
            let isComplete =
                anchor != .request && (spread <= sharpest || hasCore) && share >= Self.complete
                && Double(found) >= Self.completeOther * Double(other.count)
            var chance = elsewhere
            if anchor != .request {
                chance = max(chance, beside(pairs, start, spread))
                if !isComplete { chance = max(chance, again(pairs, start, spread, anchor, rule, partners)) }
            }
            windows.append(
                Window(
                    delay: start...(start + spread), share: share, elsewhere: elsewhere, coincidence: chance,
                    isComplete: isComplete))
        }
        return windows
    }

    /// How far apart answers end that pass two servers, nearly always, microseconds.
    private static let passage: Int64 = 200_000
    /// The part of them that lies in a fifth of the time or less where some take longer: of answers that meet by chance a fifth to a third
    /// does.
    private static let core = 0.6

    /// The share of lines that have a partner in windows elsewhere, of those lines alone for which the other log reaches that far.
    /// Nil if it is too short for so wide a window to tell; ids of requests do not meet by chance.
    private func elsewhere(_ pairs: [Pair], _ start: Int64, _ spread: Int64, _ anchor: Anchor) -> Double? {
        var (asked, found) = (0, 0)
        // At distances that are no multiple of each other, for clients ask again in regular intervals.
        for step in [1, 2, 3, 5, 7, 11] as [Int64] {
            for sign in [1, -1] as [Int64] {
                let from = start + sign * (step * (2 * spread + 370_000) + step * step * 91_000)
                let lines = reaching(from...(from + spread))
                if lines.isEmpty { continue }
                asked += lines.count
                found += count(pairs, from...(from + spread), of: lines)
            }
        }
        if asked >= Self.fewest(anchor), asked * 4 >= first.count { return Double(found) / Double(asked) }
        return anchor == .request ? 0 : nil
    }

    /// The share of lines that have a partner in the windows just before and after, the larger of the two: where accounts look at
    /// one still again and again, and it changes after some seconds, that is the neighbourhood in which chance has partners.
    private func beside(_ pairs: [Pair], _ start: Int64, _ spread: Int64) -> Double {
        [start - spread - 1, start + spread + 1].map { from in
            let lines = reaching(from...(from + spread))
            guard lines.count * 4 >= first.count, !lines.isEmpty else { return 0 }
            return Double(count(pairs, from...(from + spread), of: lines)) / Double(lines.count)
        }.max() ?? 0
    }

    /// The share of lines that have several lines to be the partner within twice the window to each side: where an account asks as
    /// often as that, there is always one within the window.
    ///
    /// Whether these are alike in length is not asked, for each log may have one answer of each length and not be of the same ones;
    /// unless one server says how long each took, by which its answers are told.
    private func again(
        _ pairs: [Pair], _ start: Int64, _ spread: Int64, _ anchor: Anchor, _ rule: AnswerRule, _ partners: Partners
    ) -> Double {
        let around = (start - 3 * spread / 2)...(start + 5 * spread / 2)
        if rule == .oneServer, doDurationsTell {
            let from = pairs.partitionIndex { $0.delay >= around.lowerBound }
            let until = pairs.partitionIndex { $0.delay > around.upperBound }
            var counts: [Int32: Int] = [:]
            for pair in pairs[from..<max(from, until)] { counts[pair.first, default: 0] += 1 }
            return Double(counts.values.count { $0 > 1 }) / Double(first.count)
        }
        let several = first.count { line in
            guard let value = anchor.value(line), let all = partners[value] else { return false }
            let from = all.partitionIndex { other[Int($0)].ended - line.ended >= around.lowerBound }
            return from + 1 < all.count && other[Int(all[from + 1])].ended - line.ended <= around.upperBound
        }
        return Double(several) / Double(first.count)
    }

    /// Whether lines of both logs say how long answers took.
    private var doDurationsTell: Bool {
        [first, other].allSatisfy { log in log.count { $0.delivery.microseconds != nil } * 2 > log.count }
    }

    /// The lines for which the other log reaches as far as a window does.
    private func reaching(_ window: ClosedRange<Int64>) -> Range<Int> {
        guard let earliest = other.first?.ended, let latest = other.last?.ended else { return 0..<0 }
        let low = first.partitionIndex { $0.ended >= earliest - window.lowerBound }
        let high = first.partitionIndex { $0.ended > latest - window.upperBound }
        return low..<max(low, high)
    }

    /// Where a window of that width begins that has partners for the most lines.
    private func fullest(_ pairs: [Pair], _ spread: Int64) -> Int64? {
        var inside = [Int32](repeating: 0, count: first.count)
        var (lines, most, start, low) = (0, 0, Int64?.none, 0)
        for high in pairs.indices {
            inside[Int(pairs[high].first)] += 1
            if inside[Int(pairs[high].first)] == 1 { lines += 1 }
            while pairs[high].delay - pairs[low].delay > spread {
                inside[Int(pairs[low].first)] -= 1
                if inside[Int(pairs[low].first)] == 0 { lines -= 1 }
                low += 1
            }
            if lines > most { (most, start) = (lines, pairs[low].delay) }
        }
        return start
    }

    /// How many lines have a partner of their own in a window.
    ///
    /// - Parameter lines: which are asked; nil: all.
    private func count(_ pairs: [Pair], _ window: ClosedRange<Int64>, of lines: Range<Int>? = nil) -> Int {
        let from = pairs.partitionIndex { $0.delay >= window.lowerBound }
        let until = pairs.partitionIndex { $0.delay > window.upperBound }
        guard from < until else { return 0 }
        return matched(pairs[from..<until].filter { lines?.contains(Int($0.first)) ?? true }).count
    }

    /// Of some pairs so many that no line is in two of them: each line of the first log, in order of time, has the earliest partner
    /// that is left, so that as many as can be have one.
    func matched(_ pairs: [Pair]) -> [Pair] {
        var isTaken = [Bool](repeating: false, count: other.count)
        var last: Int32?
        return pairs.sorted { ($0.first, $0.other) < ($1.first, $1.other) }.filter { pair in
            guard pair.first != last, !isTaken[Int(pair.other)] else { return false }
            (last, isTaken[Int(pair.other)]) = (pair.first, true)
            return true
        }
    }
}
