import Interning
import LogRecords

/// What is known of one cache entry, the frame under one key on one node, as time goes on.
///
/// Holds just the fills that can still be a candidate for a delivery to come, and the purges that decide about them.
/// What is learnt about a fill never becomes untrue, so a delivery may be judged again when more is known;
/// `StorageInference.swift` has the rules by which it is learnt.
struct EntryTimeline {
    /// A moment of some clock.
    struct Moment {
        var at: Int64
        var clock: SymbolID
    }

    /// A fill and what has been learnt about it.
    struct Entry {
        let fill: Fill
        /// When the frame can have come to stand in the cache.
        var time: EventTime
        /// Whether it surely stored a frame on *this* node: the cache says so itself.
        let isStored: Bool
        /// Whether the fill may have been another node's.
        let isElsewhereToo: Bool
        /// Whether a delivery's line stands for the origin's, which is missing.
        var isLost = false
        /// From when on no fresh hit can be on it: the cache then had nothing fresh, though this frame would have been.
        var notFreshSince: Moment?
        /// Whether it surely was not stored on this node.
        var isRefused = false
        /// From when on another frame is known to have been the entry, though this one had been sent.
        var overSince: Moment?
    }

    /// An origin's word that the stored frame is still good.
    struct Revalidation {
        let answer: Fill
        /// Whether it surely was this node that asked.
        let isOwn: Bool
    }

    /// A request of which the cache says that it found nothing fresh: at some moment of [`earliest`, `begunBy`].
    struct Lookup {
        var earliest: Int64
        var begunBy: Int64
        /// When it had ended. Until then another request may be given the stale frame as if it were fresh (seen with Apache
        /// 2.4.71 and its CacheLock, which logs a plain hit).
        var endedBy: Int64
        var clock: SymbolID
        /// Whether no entry that stood before can be fresh afterwards (see `Delivery.endsEntry`).
        var endsEntry: Bool
    }

    let clocks: Clocks
    /// Whether the fills' log also tells revalidations; where it does not, one may have been.
    let tellsRevalidations: Bool
    /// Whether one logged key may be several entries here, so that no fill surely replaces another.
    let holdsSeveral: Bool
    /// Whether a hit is on a frame that is fresh.
    let areHitsFresh: Bool
    /// In order of `fill.time.earliest`.
    var entries: [Entry] = []
    var revalidations: [Revalidation] = []
    /// Origin's answers whose validators are still to be read.
    var unread: [Revalidation] = []
    /// Requests that found nothing fresh, without those that a later one makes useless.
    var lookups: [Lookup] = []
    /// The last request that may have renewed the entry, for a log that does not tell revalidations.
    var mayBeRenewedUntil: Moment?
    /// How long the entry was found fresh, and whether it was ever missed while it should have been.
    var freshness = FreshnessAudit()
    /// The longest that a fill states, microseconds; 0 if none does.
    private(set) var lifetime: Int64 = 0
    /// By source, of lines that name no node: when the first request was under way that the origin answered, microseconds.
    private var firstFetches: [Int64: Int64] = [:]
    /// Whether the cache asks the origin with its client's validator, so that a 304 may name another frame than the entry.
    var forwardsValidators = false
    private(set) var purges: [Purge] = []
    /// So many entries are too many to wait with, for what may make open deliveries clearer.
    static let most = 512
    /// How large the history has to become until it is worth a look what of it can be forgotten.
    private var worthForgetting = 4

    init(clocks: Clocks, tellsRevalidations: Bool, holdsSeveral: Bool = false, areHitsFresh: Bool = true) {
        self.clocks = clocks
        self.areHitsFresh = areHitsFresh
        self.tellsRevalidations = tellsRevalidations
        self.holdsSeveral = holdsSeveral
    }

    /// - Parameter isElsewhereToo: the event's log names no node, and it may be another's.
    mutating func add(_ event: KeyEvent, isElsewhereToo: Bool) {
        switch event {
        case .fill(let fill):
            lifetime = max(lifetime, Int64(fill.ttlSeconds) * 1_000_000)
            freshness.mayBeRenewed(until: clocks.arrival(of: fill).latest, clock: fill.clock)
            let answer = Revalidation(answer: fill, isOwn: !isElsewhereToo)
            if !isElsewhereToo, fill.validator.isPresent || fill.kind == .revalidated { unread.append(answer) }
            if fill.kind == .revalidated {
                revalidations.append(answer)
            } else {
                insert(
                    Entry(
                        fill: fill, time: clocks.arrival(of: fill), isStored: fill.kind == .stored && !isElsewhereToo,
                        isElsewhereToo: isElsewhereToo))
            }
        case .purge(let purge):
            freshness.restart()
            // A purge that may have been another node's ends nothing for sure.
            if !isElsewhereToo { purges.append(purge) }
        case .delivery: break
        }
    }

    /// Takes note of a request that the origin answered.
    mutating func noteFetch(of delivery: Delivery) {
        let source = delivery.id.source
        firstFetches[source] = min(firstFetches[source] ?? .max, delivery.time.earliest)
    }

    /// Whether a request of a delivery's own log may have filled the entry by then.
    func isFetched(inLogOf delivery: Delivery) -> Bool {
        (firstFetches[delivery.id.source] ?? .max) <= delivery.time.latest
    }

    /// Fills nearly always come in order.
    mutating func insert(_ entry: Entry) {
        var place = entries.endIndex
        while place > 0, entries[place - 1].fill.time.earliest > entry.fill.time.earliest { place -= 1 }
        entries.insert(entry, at: place)
    }

    // MARK: Candidates

    /// The fills whose frame may stand under the key at some moment of [`from`, `until`] of clock `clock`.
    ///
    /// That is every fill that is neither surely before nor surely after, and those surely before that no stored fill
    /// surely replaced and no purge surely ended.
    ///
    /// - Parameter lookup: for a fresh hit, the last request before it that found nothing fresh.
    func candidates(_ from: Int64, _ until: Int64, clock: SymbolID, isFresh: Bool, since lookup: Lookup?) -> [Entry] {
        if holdsSeveral { return entries.filter { !clocks.isSurelyAfter($0.time, $0.fill.clock, until, clock) } }
        let starts = replacements(before: from, clock)
        return entries.filter { entry in
            if entry.isRefused { return false }
            if isFresh, let since = entry.notFreshSince, from - clocks.margin(since.clock, clock) > since.at {
                return false
            }
            if clocks.isSurelyAfter(entry.time, entry.fill.clock, until, clock) { return false }
            guard clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock) else { return true }
            if isFresh, let lookup, !isFreshAgain(entry, since: lookup, until) { return false }
            return !isSurelyOver(entry, before: from, clock, starts)
        }
    }

    /// The fills whose frame may have come to stand under the key by `until` of clock `clock`, whatever came of it.
    func everStored(until: Int64, clock: SymbolID) -> [Entry] {
        entries.filter { !clocks.isSurelyAfter($0.time, $0.fill.clock, until, clock) }
    }

    /// The fills that were on their way while a delivery was, as far as their clocks tell.
    func underWay(at delivery: Delivery) -> [Fill] {
        let time = delivery.time
        return entries.lazy.filter { entry in
            !clocks.isSurelyBefore(entry.time, entry.fill.clock, time.earliest, delivery.clock)
                && !clocks.isSurelyAfter(entry.time, entry.fill.clock, time.latest, delivery.clock)
        }.map(\.fill)
    }

    /// The frames that this very node says it stored while a delivery was under way.
    func storedMeanwhile(_ delivery: Delivery) -> [Fill] {
        entries.lazy.filter(\.isStored).map(\.fill).filter { fill in
            !clocks.isSurelyBefore(fill.time, fill.clock, delivery.time.earliest, delivery.clock)
                && !clocks.isSurelyAfter(fill.time, fill.clock, delivery.time.latest, delivery.clock)
        }
    }

    /// The frames that the origin sent for a request of `requester` under way in [`from`, `until`].
    func fetched(by requester: SymbolID, _ from: Int64, _ until: Int64, clock: SymbolID) -> [Fill] {
        entries.lazy.map(\.fill).filter { fill in
            fill.requester.isPresent && fill.requester == requester
                && !clocks.isSurelyAfter(fill.time, fill.clock, until, clock)
                && !clocks.isSurelyBefore(fill.time, fill.clock, from, clock)
        }
    }

    /// Of the fills that surely stored a frame and surely ended before `moment`: when the last of each clock began.
    private func replacements(before moment: Int64, _ clock: SymbolID) -> [Moment] {
        var starts: [Moment] = []
        for entry in entries where entry.isStored {
            guard clocks.isSurelyBefore(entry.time, entry.fill.clock, moment, clock) else { continue }
            if let place = starts.firstIndex(where: { $0.clock == entry.fill.clock }) {
                starts[place].at = max(starts[place].at, entry.time.earliest)
            } else {
                starts.append(Moment(at: entry.time.earliest, clock: entry.fill.clock))
            }
        }
        return starts
    }

    /// Whether an entry surely ended before `moment`.
    ///
    /// - Parameter starts: the `replacements` before that moment.
    private func isSurelyOver(_ entry: Entry, before moment: Int64, _ clock: SymbolID, _ starts: [Moment]) -> Bool {
        if let over = entry.overSince, moment - clocks.margin(over.clock, clock) > over.at { return true }
        return starts.contains { $0.at - clocks.margin($0.clock, entry.fill.clock) > entry.time.latest }
            || purges.contains { purge in
                clocks.isSurelyAfter(purge.time, purge.clock, entry.time.latest, entry.fill.clock)
                    && clocks.isSurelyBefore(purge.time, purge.clock, moment, clock)
            }
    }

    private var size: Int { entries.count + purges.count + revalidations.count + lookups.count }

    /// Forgets what can no longer matter: no delivery to come begins before `watermark` of any clock.
    mutating func forget(before watermark: Int64) {
        guard size > worthForgetting else { return }
        defer { worthForgetting = size > Self.most ? size + Self.most / 2 : min(max(4, 2 * size), Self.most) }
        let safe = watermark - clocks.skew
        if holdsSeveral { return forgetRepeats(before: safe) }
        let starts = replacements(before: safe, .absent)
        let kept = entries.filter { entry in
            guard entry.time.latest + clocks.skew < safe else { return true }
            return !entry.isRefused && !isSurelyOver(entry, before: safe, .absent, starts)
        }
        entries = kept
        if entries.count > 8 { thin(before: safe) }
        let oldest = entries.map(\.time.earliest).min() ?? .max
        let horizon = min(oldest, safe) - clocks.skew
        purges.removeAll { $0.time.latest < horizon }
        revalidations.removeAll { $0.answer.time.latest < horizon }
        unread.removeAll { $0.answer.time.latest < horizon }
        forgetLookups(before: safe)
    }

    /// Of the requests that surely ended, keeps the last, and the last that ended the entry.
    private mutating func forgetLookups(before safe: Int64) {
        guard lookups.count > 1, let last = lookups.lastIndex(where: { $0.endedBy < safe }) else { return }
        let lastEnd = lookups.lastIndex { $0.endedBy < safe && $0.endsEntry }
        var index = -1
        lookups.removeAll {
            index += 1
            return $0.endedBy < safe && index != last && index != lastEnd
        }
    }

    /// Of what lasts for ever, keeps the first fill of each camera and owner.
    private mutating func forgetRepeats(before safe: Int64) {
        var kept: Set<FrameOrigin> = []
        entries.removeAll { entry in
            guard entry.time.latest + clocks.skew < safe else { return false }
            return !kept.insert(FrameOrigin(owner: entry.fill.owner, camera: entry.fill.camera)).inserted
        }
        purges.removeAll()
        revalidations.removeAll { $0.answer.time.latest < safe - clocks.skew }
        unread.removeAll { $0.answer.time.latest < safe - clocks.skew }
        lookups.removeAll()
    }

    /// Of several fills: the place of the one that began last, and of the one that may have come last, which need not be the
    /// same where it is not known when one began.
    private struct LastOnes {
        private var begun: Int
        private var come: Int
        private var latest: Int64

        init(_ index: Int, _ entry: Entry) { (begun, come, latest) = (index, index, entry.time.latest) }

        /// Adds one that did not begin before the others.
        mutating func add(_ index: Int, _ entry: Entry) {
            begun = index
            if entry.time.latest >= latest { (come, latest) = (index, entry.time.latest) }
        }

        func contains(_ index: Int) -> Bool { index == begun || index == come }
    }

    /// Drops all but the first and the last of several fills of one frame: for deliveries to come those between tell
    /// nothing that these do not.
    private mutating func thin(before watermark: Int64) {
        guard purges.isEmpty else { return }
        // What is read later may still concern the time shortly before.
        let settled = watermark - 4 * Clocks.transit - clocks.skew
        var first: [SymbolID: Entry] = [:]
        var last: [SymbolID: LastOnes] = [:]
        for (index, entry) in entries.enumerated() where entry.fill.kind == .sent && entry.fill.frame.isPresent {
            last[entry.fill.frame, default: LastOnes(index, entry)].add(index, entry)
            if first[entry.fill.frame] == nil, entry.notFreshSince == nil, entry.overSince == nil, !entry.isElsewhereToo
            {
                first[entry.fill.frame] = entry
            }
        }
        let spare = entries.indices.filter { index in
            let fill = entries[index].fill
            guard fill.kind == .sent, fill.time.latest < settled, last[fill.frame]?.contains(index) != true,
                let kept = first[fill.frame]?.fill, kept.id != fill.id
            else { return false }
            return kept.time.latest <= fill.time.earliest && fill.owner == kept.owner && fill.camera == kept.camera
                && fill.clock == kept.clock
        }
        for index in spare.reversed() { entries.remove(at: index) }
        thinTold(before: settled)
    }

    /// The same of those without a frame's name that only the answers' own lines tell of: the first and the last of a camera
    /// and owner stay.
    private mutating func thinTold(before settled: Int64) {
        /// What is alike to deliveries to come.
        struct Told: Hashable {
            var origin: FrameOrigin
            var isPresumed: Bool
        }
        func told(_ entry: Entry) -> Told? {
            let fill = entry.fill
            guard entry.isLost, fill.kind == .sent, !fill.frame.isPresent, fill.time.latest < settled else {
                return nil
            }
            return Told(origin: FrameOrigin(owner: fill.owner, camera: fill.camera), isPresumed: fill.isPresumed)
        }
        var last: [Told: LastOnes] = [:]
        for (index, entry) in entries.enumerated() {
            if let told = told(entry) { last[told, default: LastOnes(index, entry)].add(index, entry) }
        }
        var seen: Set<Told> = []
        var index = -1
        entries.removeAll { entry in
            index += 1
            guard let told = told(entry), !seen.insert(told).inserted else { return false }
            return last[told]?.contains(index) != true
        }
    }
}
