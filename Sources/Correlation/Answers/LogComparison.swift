import Foundation
import Interning
import LogRecords

/// Compares the lines of two logs that share an anchor, and says whether they tell of the same answers.
///
/// Lines of one answer end apart by a delay that is nearly the same for all: the clocks' difference and the way between the
/// servers. So the delays of all pairs of lines are searched for the window that most lines of the smaller log have a partner
/// in, and that share is held against coincidence: two accounts' habits, or one that asks again every second. What lines say of
/// their cache must fit, too (`AnswerRule`).
public struct LogComparison {
    /// How a comparison ended.
    public struct Outcome: Sendable {
        public var tie: LogTie?
        /// What would tie the logs if clients did not ask as often as they seem to, so that nothing decides about it.
        public var open: OpenTie?
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
        /// Whether nearly all lines of both logs have partners of their own.
        fileprivate(set) var isComplete = false
        var isSharp: Bool {
            if isComplete { return LogComparison.isNoChance(share, coincidence, asked) }
            // Ids of requests do not meet by chance, however few they are.
            let doubt = anchor == .request ? 0 : LogComparison.doubt(coincidence, asked)
            return asked > 0 && share - coincidence >= max(LogComparison.leastPart, doubt)
        }
    }

    /// What ties two logs that are one answer's unless clients ask again and again.
    public struct OpenTie: Sendable {
        public var tie: LogTie
        /// The share of lines with a partner, and the share with one by chance if they do not.
        public var share: Double
        public var coincidence: Double

        /// The share beyond chance.
        public var excess: Double { coincidence >= 1 ? 0 : (share - coincidence) / (1 - coincidence) }
    }

    /// The share of the smaller log, beyond chance, from which two logs are one answer's.
    public static let leastShare = 0.5
    /// What counts of a log that shares its answers with several others, by one of these.
    static let leastPart = 0.05
    /// The share of the smaller log, and of the other, from which nearly all lines have a partner. Chance leaves some without one,
    /// however often clients ask.
    static let complete = 0.97
    static let completeOther = 0.9
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
    static let spreads: [Int64] = [2000, 20_000, 200_000, 1_100_000, 2_500_000, 6_000_000]
    /// Of one line's partners so many are looked at, the nearest in time.
    static let mostPartners = 128

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

    /// Whether so large a share has a chance below a millionth where each line has that of `coincidence` (H. Chernoff's bound).
    private static func isNoChance(_ share: Double, _ coincidence: Double, _ asked: Int) -> Bool {
        let chance = max(coincidence, 1 / Double(max(asked, 1)))
        guard share > chance, chance < 1 else { return false }
        let miss = share < 1 ? (1 - share) * log((1 - share) / (1 - chance)) : 0
        return Double(asked) * (share * log(share / chance) + miss) >= 14
    }

    /// - Parameter anchors: those that may serve, the narrowest first.
    public func outcome(_ anchors: [Anchor]) -> Outcome {
        var best = Outcome()
        var open: OpenTie?
        for anchor in anchors {
            guard min(first.count, other.count) >= Self.fewest(anchor) else { continue }
            let partners = partners(anchor)
            for bytes in byteRules(anchor) {
                let alike = pairs(anchor, bytes, partners)
                var isWholeTried = false
                for rule in AnswerRule.all(anchor, isOneFormat: isOneFormat) {
                    let pairs = rule == .any ? alike : alike.filter { rule.allows(lines($0)) }
                    // Where lines say nothing of their cache, one rule is as good as another.
                    if pairs.count == alike.count {
                        if isWholeTried { continue }
                        isWholeTried = true
                    }
                    let outcome = compare(anchor, bytes, rule, pairs, alike, partners)
                    if outcome.tie != nil, outcome.excess >= Self.leastShare { return outcome }
                    if open == nil { open = outcome.open }
                    if outcome.excess > best.excess || best.asked == 0 { best = outcome }
                }
            }
        }
        best.open = open
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
    struct Pair {
        var delay: Int64
        var first: Int32
        var other: Int32
    }

    private func compare(
        _ anchor: Anchor, _ bytes: ClosedRange<Int64>?, _ rule: AnswerRule, _ pairs: [Pair], _ alike: [Pair],
        _ partners: Partners
    ) -> Outcome {
        var outcome = Outcome()
        outcome.anchor = anchor
        outcome.asked = first.count
        let windows = windows(pairs, anchor, rule, partners)
        guard let window = Window.best(windows, by: \.coincidence) else { return outcome }
        // Where nearly all lines have a partner, those whose partner lies further apart have one, too.
        let widest = window.isComplete ? windows.filter(\.isComplete).max { $0.share < $1.share } : nil
        judge(&outcome, window, bytes, rule, pairs, alike, reach: widest)
        guard outcome.tie == nil || outcome.excess < Self.leastShare,
            var open = Window.best(windows, by: \.elsewhere)
        else { return outcome }
        var other = Outcome()
        (other.anchor, other.asked) = (anchor, first.count)
        (open.coincidence, open.isComplete) = (open.elsewhere, false)
        judge(&other, open, bytes, rule, pairs, alike)
        if let tie = other.tie, other.excess >= Self.leastShare {
            outcome.open = OpenTie(tie: tie, share: other.share, coincidence: other.coincidence)
        }
        return outcome
    }

    /// Says how many lines have a partner in a window, and what ties the logs if these are enough.
    private func judge(
        _ outcome: inout Outcome, _ window: Window, _ bytes: ClosedRange<Int64>?, _ rule: AnswerRule, _ pairs: [Pair],
        _ alike: [Pair], reach: Window? = nil
    ) {
        (outcome.share, outcome.coincidence, outcome.isComplete) = (window.share, window.coincidence, window.isComplete)
        var matched = pairs.filter { window.delay.contains($0.delay) }
        var range = bytes
        if let bytes, bytes.lowerBound < 0 {
            // A header's length is nearly the same each time.
            let more = matched.map { other[Int($0.other)].delivery.bytes - first[Int($0.first)].delivery.bytes }
                .sorted()
            guard let middle = more.isEmpty ? nil : more[more.count / 2] else { return }
            let narrow = (middle - Self.headerSpread)...(middle + Self.headerSpread)
            matched = matched.filter {
                Self.bytes(first[Int($0.first)].delivery, other[Int($0.other)].delivery, within: narrow)
            }
            range = narrow
        }
        let denials = denials(matched, anchor: outcome.anchor, &outcome)
        if outcome.contradictions.isEmpty, !denials.isEmpty {
            matched = matched.filter { contradictions($0).isDisjoint(with: denials) }
        }
        let single = self.matched(matched)
        outcome.found = (single.map { Int($0.first) }, single.map { Int($0.other) }.sorted())
        outcome.share = Double(outcome.found.first.count) / Double(first.count)
        outcome.isByTimeAlone =
            outcome.anchor != .request && areNodesApart(matched) && (range == nil || !doBytesTell(matched))
        if !rule.fits(matched.map(lines), notOf: unpartnered(matched, alike, window).map(lines)) {
            outcome.contradictions.insert(.verdict)
        }
        guard outcome.isSharp, !outcome.isByTimeAlone, outcome.contradictions.isEmpty else { return }
        var tie = LogTie(
            first: first[0].log, other: other[0].log, anchor: outcome.anchor,
            delay: tolerance(matched, outcome.anchor, window, reach), moreBytes: range,
            agreements: [], places: .apart, rule: rule == .chained ? .chained : .any, denials: denials)
        learn(&tie, matched)
        if rule == .chained, tie.places == .same, doVerdictsTell { tie.places = .apart }
        outcome.tie = tie
    }

    /// The deliveries of a pair.
    private func lines(_ pair: Pair) -> (Delivery, Delivery) {
        (first[Int(pair.first)].delivery, other[Int(pair.other)].delivery)
    }

    /// Whether lines of both logs say how their cache answered.
    private var doVerdictsTell: Bool {
        [first, other].allSatisfy { log in log.count { $0.delivery.cacheStatus != .unknown } * 2 > log.count }
    }

    /// The pairs in a window of lines that have a partner there which is alike, but none by the rule.
    private func unpartnered(_ matched: [Pair], _ alike: [Pair], _ window: Window) -> [Pair] {
        let found = Set(matched.map(\.first))
        var seen: Set<Int32> = []
        return alike.filter {
            window.delay.contains($0.delay) && !found.contains($0.first) && seen.insert($0.first).inserted
        }
    }

    /// How far delays of lines of one answer may be apart: as far as they are, and half of that to each side, for not all lines were
    /// asked.
    ///
    /// - Parameter reach: the window in which the most lines have a partner, if nearly all have one.
    private func tolerance(
        _ matched: [Pair], _ anchor: Anchor, _ window: Window, _ reach: Window?
    ) -> ClosedRange<Int64> {
        if anchor == .request || reach != nil {
            let reach = (reach ?? window).delay
            let half = (reach.upperBound - reach.lowerBound) / 2
            return
                (min(reach.lowerBound, window.delay.lowerBound) - half)...(max(
                    reach.upperBound, window.delay.upperBound) + half)
        }
        let delays = withoutRivals(matched, anchor).map(\.delay)
        let (low, high) = (delays.min() ?? window.delay.lowerBound, delays.max() ?? window.delay.upperBound)
        let margin = max(Self.spreads[0], (high - low) / 2)
        return (low - margin)...(high + margin)
    }

    private func contradictions(_ pair: Pair) -> Contradictions {
        Contradictions(first[Int(pair.first)], other[Int(pair.other)])
    }

    /// What parts lines of these logs. If most pairs are parted, the outcome says by what.
    private func denials(_ matched: [Pair], anchor: Anchor, _ outcome: inout Outcome) -> Contradictions {
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
