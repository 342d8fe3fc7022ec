import Interning
import LogRecords

/// Compares the lines of two logs that share an anchor, and says whether they tell of the same answers.
///
/// Lines of one answer end apart by a delay that is nearly the same for all: the clocks' difference and the way between the
/// servers. So the delays of all pairs of lines are searched for the window that most lines of the smaller log have a partner
/// in, and that share is held against the one in windows elsewhere, which is coincidence: two accounts' habits, or one that
/// asks again every second.
public struct LogComparison {
    /// How a comparison ended.
    public struct Outcome: Sendable {
        public var tie: LogTie?
        /// The lines of the smaller log that were asked.
        public var asked = 0
        /// The share of them with a partner, and the share that has one by chance.
        public var share = 0.0
        public var coincidence = 0.0
        /// Whether nothing but time ties the lines of two nodes.
        public var isByTimeAlone = false
        /// What most lines say otherwise than their partners, so that these are other answers.
        public var contradictions: Contradictions = []
        /// Which lines have a partner, by their place in each list.
        public var found: (first: [Int], other: [Int]) = ([], [])

        /// The share beyond chance.
        public var excess: Double { coincidence >= 1 ? 0 : (share - coincidence) / (1 - coincidence) }
        /// What the lines share.
        public var anchor = Anchor.request
        var isSharp: Bool {
            // Ids of requests do not meet by chance, however few they are.
            let doubt = anchor == .request ? 0 : LogComparison.doubt(coincidence, asked)
            return asked > 0 && share - coincidence >= max(LogComparison.leastPart, doubt)
        }
    }

    /// The share of the smaller log, beyond chance, from which two logs are one answer's.
    public static let leastShare = 0.5
    /// What counts of a log that shares its answers with several others, by one of these.
    static let leastPart = 0.05
    /// With fewer lines nothing can be said.
    public static let fewestLines = 8
    /// Nor with fewer that name requests.
    public static let fewestRequests = 3

    /// How many lines are compared at least.
    public static func fewest(_ anchor: Anchor) -> Int { anchor == .request ? fewestRequests : fewestLines }
    /// How far clocks may be apart to be looked at, microseconds.
    public static let reach: Int64 = 600_000_000
    /// How far delays may spread, microseconds: what is written at one moment, by the millisecond; a way through a network; stamps of
    /// whole seconds; a slow client's answer.
    private static let spreads: [Int64] = [2000, 20_000, 200_000, 1_100_000, 2_500_000, 6_000_000]
    /// Of one line's partners so many are looked at, the nearest in time.
    private static let mostPartners = 128

    let first: [AnswerLine]
    let other: [AnswerLine]
    private let isOneFormat: Bool

    /// - Parameters:
    ///   - first: lines of one log, in order of their ends, drawn by the same anchors as the others.
    ///   - other: lines of another log, likewise.
    ///   - isOneFormat: whether one profile reads both.
    public init(_ first: [AnswerLine], _ other: [AnswerLine], isOneFormat: Bool = false) {
        (self.first, self.other, self.isOneFormat) = (first, other, isOneFormat)
    }

    /// What the difference of two shares must exceed not to be chance, however many windows are tried.
    private static func doubt(_ coincidence: Double, _ asked: Int) -> Double {
        let chance = max(coincidence, 1 / Double(asked))
        return 6 * (chance * (1 - min(chance, 1)) / Double(asked)).squareRoot()
    }

    /// - Parameter anchors: those that may serve, the narrowest first.
    public func outcome(_ anchors: [Anchor]) -> Outcome {
        var best = Outcome()
        for anchor in anchors {
            for bytes in byteRules(anchor) {
                let outcome = compare(anchor, bytes)
                if outcome.tie != nil, outcome.excess >= Self.leastShare { return outcome }
                if outcome.excess > best.excess || best.asked == 0 { best = outcome }
            }
        }
        return best
    }

    // MARK: What is alike

    /// Whether what both lines say of an answer is the same.
    static func areAlike(_ a: Delivery, _ b: Delivery, _ anchor: Anchor) -> Bool {
        (a.status == b.status || a.status == 0 || b.status == 0)
            && (a.content == .redisplay) == (b.content == .redisplay)
            && LogTie.agree(a.kind, b.kind) != false
            && (anchor == .request || LogTie.agree(a.requester, b.requester) != false)
            // What a node had itself it did not ask another for; behind a stale answer it did, in the same request's name.
            && !(LogTie.agree(a.node, b.node) == false
                && (anchor == .request
                    ? a.isServedUnasked && b.isServedUnasked : a.isFromOwnStore && b.isFromOwnStore))
    }

    static func bytes(_ a: Delivery, _ b: Delivery, within range: ClosedRange<Int64>) -> Bool {
        a.bytes < 0 || b.bytes < 0 || range.contains(b.bytes - a.bytes)
    }

    /// How bytes may be compared: as they are; or, where one log counts the header too, by what it counts more.
    private func byteRules(_ anchor: Anchor) -> [ClosedRange<Int64>?] {
        func tell(_ lines: [AnswerLine]) -> Bool { lines.count { $0.delivery.bytes >= 0 } * 2 > lines.count }
        guard tell(first), tell(other) else { return [nil] }
        return [0...0, -Self.mostHeader...Self.mostHeader]
    }

    /// Bytes of a response's header at most, and how much it varies from answer to answer.
    static let mostHeader: Int64 = 8192
    static let headerSpread: Int64 = 256

    // MARK: Delays

    /// A pair of lines and by how much the other ends later.
    private struct Pair {
        var delay: Int64
        var first: Int32
        var other: Int32
    }

    private func compare(_ anchor: Anchor, _ bytes: ClosedRange<Int64>?) -> Outcome {
        var outcome = Outcome()
        outcome.anchor = anchor
        guard min(first.count, other.count) >= Self.fewest(anchor) else { return outcome }
        let pairs = pairs(anchor, bytes)
        outcome.asked = first.count
        guard let window = widestAgreement(pairs, anchor) else { return outcome }
        (outcome.share, outcome.coincidence) = (window.share, window.coincidence)
        var matched = pairs.filter { window.delay.contains($0.delay) }
        var range = bytes
        if let bytes, bytes.lowerBound < 0 {
            // A header's length is nearly the same each time.
            let more = matched.map { other[Int($0.other)].delivery.bytes - first[Int($0.first)].delivery.bytes }
                .sorted()
            guard let middle = more.isEmpty ? nil : more[more.count / 2] else { return outcome }
            let narrow = (middle - Self.headerSpread)...(middle + Self.headerSpread)
            matched = matched.filter {
                Self.bytes(first[Int($0.first)].delivery, other[Int($0.other)].delivery, within: narrow)
            }
            range = narrow
        }
        let denials = denials(matched, anchor, &outcome)
        if outcome.contradictions.isEmpty, !denials.isEmpty {
            matched = matched.filter { contradictions($0).isDisjoint(with: denials) }
        }
        outcome.found = (Set(matched.map { Int($0.first) }).sorted(), Set(matched.map { Int($0.other) }).sorted())
        outcome.share = Double(outcome.found.first.count) / Double(first.count)
        outcome.isByTimeAlone =
            anchor != .request && areNodesApart(matched) && (range == nil || !doBytesTell(matched))
        guard outcome.isSharp, !outcome.isByTimeAlone, outcome.contradictions.isEmpty else { return outcome }
        let half = (window.delay.upperBound - window.delay.lowerBound) / 2
        var tie = LogTie(
            first: first[0].log, other: other[0].log, anchor: anchor,
            delay: (window.delay.lowerBound - half)...(window.delay.upperBound + half), moreBytes: range,
            agreements: [], places: .apart, denials: denials)
        learn(&tie, matched)
        outcome.tie = tie
        return outcome
    }

    private func contradictions(_ pair: Pair) -> Contradictions {
        Contradictions(first[Int(pair.first)], other[Int(pair.other)])
    }

    /// What parts lines of these logs. If most pairs are parted, the outcome says by what.
    private func denials(_ matched: [Pair], _ anchor: Anchor, _ outcome: inout Outcome) -> Contradictions {
        // Lines of one request are one answer's; what else must agree then is learned.
        if anchor == .request { return [] }
        let alone = withoutRivals(matched, anchor)
        let denials = Contradictions.binding(
            alone.map { (first[Int($0.first)], other[Int($0.other)]) }, isOneFormat: isOneFormat)
        var (parted, by) = (0, Contradictions())
        for pair in alone {
            let found = contradictions(pair).intersection(denials)
            if found.isEmpty { continue }
            parted += 1
            by.formUnion(found)
        }
        if parted * 2 > alone.count { outcome.contradictions = by }
        return denials
    }

    /// All pairs of lines that share the anchor and are alike, in order of their delays.
    private func pairs(_ anchor: Anchor, _ bytes: ClosedRange<Int64>?) -> [Pair] {
        var byAnchor: [UInt64: [Int32]] = [:]
        for (index, line) in other.enumerated() {
            if let value = anchor.value(line) { byAnchor[value, default: []].append(Int32(index)) }
        }
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

    private struct Window {
        var delay: ClosedRange<Int64>
        var share: Double
        var coincidence: Double
        var excess: Double { coincidence >= 1 ? 0 : (share - coincidence) / (1 - coincidence) }
    }

    /// The narrowest window of those with nearly the largest share beyond chance.
    private func widestAgreement(_ pairs: [Pair], _ anchor: Anchor) -> Window? {
        var windows: [Window] = []
        for spread in Self.spreads {
            guard let start = fullest(pairs, spread) else { return nil }
            let share = Double(count(pairs, start...(start + spread))) / Double(first.count)
            guard let coincidence = coincidence(pairs, start, spread, anchor) else { continue }
            windows.append(Window(delay: start...(start + spread), share: share, coincidence: coincidence))
        }
        let best = windows.map(\.excess).max() ?? 0
        return windows.first { $0.excess >= 0.98 * best }
    }

    /// The share of lines that have a partner by chance: in windows elsewhere, of those lines alone for which the other log reaches
    /// that far. Nil if it is too short for so wide a window to tell; ids of requests do not meet by chance.
    private func coincidence(_ pairs: [Pair], _ start: Int64, _ spread: Int64, _ anchor: Anchor) -> Double? {
        guard let earliest = other.first?.ended, let latest = other.last?.ended else { return nil }
        var (asked, found) = (0, 0)
        // At distances that are no multiple of each other, for clients ask again in regular intervals.
        for step in [1, 2, 3, 5, 7, 11] as [Int64] {
            for sign in [1, -1] as [Int64] {
                let from = start + sign * (step * (2 * spread + 370_000) + step * step * 91_000)
                let low = first.partitionIndex { $0.ended >= earliest - from }
                let high = first.partitionIndex { $0.ended > latest - from - spread }
                guard low < high else { continue }
                asked += high - low
                found += count(pairs, from...(from + spread), of: low..<high)
            }
        }
        if asked >= Self.fewest(anchor), asked * 4 >= first.count { return Double(found) / Double(asked) }
        return anchor == .request ? 0 : nil
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

    /// How many lines have a partner in a window.
    ///
    /// - Parameter lines: which are asked; nil: all.
    private func count(_ pairs: [Pair], _ window: ClosedRange<Int64>, of lines: Range<Int>? = nil) -> Int {
        let from = pairs.partitionIndex { $0.delay >= window.lowerBound }
        let until = pairs.partitionIndex { $0.delay > window.upperBound }
        guard from < until else { return 0 }
        return Set(pairs[from..<until].lazy.map(\.first).filter { lines?.contains(Int($0)) ?? true }).count
    }

    // MARK: What lines of one answer have in common

    /// The share of pairs that must agree for all to have to.
    private static let agreement = 0.95

    /// Whether answers differ in their length, so that the same length says something.
    private func doBytesTell(_ pairs: [Pair]) -> Bool {
        var counts: [Int64: Int] = [:]
        for pair in pairs { counts[first[Int(pair.first)].delivery.bytes, default: 0] += 1 }
        return (counts.values.max() ?? 0) * 2 <= pairs.count
    }

    private func areNodesApart(_ pairs: [Pair]) -> Bool {
        pairs.contains { LogTie.agree(first[Int($0.first)].delivery.node, other[Int($0.other)].delivery.node) == false }
    }

    private func learn(_ tie: inout LogTie, _ pairs: [Pair]) {
        let matched = withoutRivals(pairs, tie.anchor).map {
            (first[Int($0.first)].delivery, other[Int($0.other)].delivery)
        }
        func agree(_ name: (Delivery) -> SymbolID) -> Bool {
            let answers = matched.compactMap { LogTie.agree(name($0), name($1)) }
            return answers.count >= Self.fewest(tie.anchor)
                && Double(answers.count { $0 }) >= Self.agreement * Double(answers.count)
        }
        if tie.anchor == .request, agree(\.requester) { tie.agreements.insert(.requester) }
        if agree(\.camera) { tie.agreements.insert(.camera) }
        if agree(\.key) { tie.agreements.insert(.key) }
        tie.haveKeys = matched.contains { $0.key.isPresent && $1.key.isPresent }
        if agree(\.frame) { tie.agreements.insert(.frame) }
        tie.places = places(matched, areApart: areNodesApart(pairs))
        let together = matched.count { a, b in
            max(a.time.stamp, b.time.stamp) <= min(a.time.latest, b.time.latest)
        }
        tie.isOneClock = Double(together) >= 0.99 * Double(matched.count)
    }

    /// The pairs whose lines have no other partner; all if these are few.
    private func withoutRivals(_ pairs: [Pair], _ anchor: Anchor) -> [Pair] {
        var (firsts, others): ([Int32: Int], [Int32: Int]) = ([:], [:])
        for pair in pairs {
            firsts[pair.first, default: 0] += 1
            others[pair.other, default: 0] += 1
        }
        let alone = pairs.filter { firsts[$0.first] == 1 && others[$0.other] == 1 }
        return alone.count >= Self.fewest(anchor) ? alone : pairs
    }

    private func places(_ matched: [(Delivery, Delivery)], areApart: Bool) -> LogTie.Places {
        // Of the lines that say whether the frame came from the store, the share that says so.
        func stored(_ deliveries: [Delivery]) -> Double? {
            let telling = deliveries.filter { $0.cacheStatus != .unknown }
            guard telling.count >= Self.fewestLines else { return nil }
            return Double(telling.count(where: \.isServedUnasked)) / Double(telling.count)
        }
        /// Whether hits of a log have no line in the other.
        func isOuter(_ all: [AnswerLine], _ matched: [Delivery]) -> Bool {
            guard let usual = stored(all.map(\.delivery)), let here = stored(matched) else { return false }
            return usual > 0.02 && here < 0.2 * usual
        }
        if isOuter(first, matched.map(\.0)) { return .firstIsOuter }
        if isOuter(other, matched.map(\.1)) { return .otherIsOuter }
        if areApart { return .apart }
        let telling = matched.filter { $0.cacheStatus != .unknown && $1.cacheStatus != .unknown }
        let agreeing = telling.count { $0.cacheStatus == $1.cacheStatus }
        // One server's lines for one answer end at one moment, as far as stamps tell.
        let isAtOnce = tie(isAtOnce: matched)
        return isAtOnce && Double(agreeing) >= Self.agreement * Double(telling.count) ? .same : .apart
    }

    /// Whether the stamps of nearly all pairs are one moment's, as far as their digits go.
    private func tie(isAtOnce matched: [(Delivery, Delivery)]) -> Bool {
        let together = matched.count { a, b in
            abs(a.time.latest - b.time.latest) <= 1_000_000
        }
        return Double(together) >= Self.agreement * Double(matched.count)
    }
}
