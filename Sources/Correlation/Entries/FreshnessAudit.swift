import Interning
import LogRecords

/// Asks one key of one node whether it behaves as one entry: whether the cache ever found nothing fresh at an age at which it
/// found the entry fresh at another time.
///
/// The age of a hit counts from the end of whatever may have renewed the entry last, so that it is no less than that; the age
/// of a request that found nothing fresh counts from the beginning of the last such, so that it is no more. A cache with one entry under the key cannot serve a frame as
/// fresh, then have nothing fresh, and later serve an older one as fresh; one that keeps an entry for each variant (RFC 9111
/// section 4.1), several caches whose logs name no node, and a cache whose entries leave without a line all do.
struct FreshnessAudit {
    /// An age at which nothing fresh was found, and whether the entry had been found fresh before, at a lesser age.
    private struct Miss {
        var age: Int64
        var wasHit: Bool
        /// When, microseconds.
        var at: Int64
    }
    /// What a key's history says.
    struct Outcome {
        /// Requests that found nothing fresh, of which the age is known.
        var lookups = 0
        /// Those at an age at which it should have been fresh, after a fresh hit on the same entry.
        var missedAfterHit = 0
        /// The same without the hit, for what was fetched before need not have been stored, without the slack for whole seconds,
        /// and by the stated lifetime too: all that logs of a few lines can show.
        var missedAtAll = 0
        /// Fresh hits of which the age is known.
        var hits = 0
        /// The first and the last request that found nothing fresh.
        var first = Int64.max
        var latest = Int64.min
        /// When those were that were missed after a hit, microseconds.
        var moments: [Int64] = []
        /// Frames that the cache's own words show to have been sent and not stored.
        var refusals = 0
    }
    /// By how much the ages at which one cache finds its entries stale differ, microseconds: it counts whole seconds, from a
    /// Date without fractions (RFC 9111 section 4.2.3; nginx was seen to serve frames of 5 s for 5.0 to 5.7 s).
    private static let slack: Int64 = 1_000_000

    private var last: (time: EventTime, clock: SymbolID)?
    /// The last moment at which the entry may have been renewed.
    private var renewal: EntryTimeline.Moment?
    private var wasHit = false
    private var wasMiss = false
    private var longestHit: Int64 = -1
    private var misses: [Miss] = []
    private var lookups = 0
    /// From the first of them to the last; the other way round if there is none.
    private var first = Int64.max
    private var latest = Int64.min
    private var hits = 0
    var refusals = 0
    /// Ages that are looked at in the end: the shortest of a key.
    private static let most = 64

    /// Takes note of a fill, a revalidation, or a request that may have led to one: the entry may be renewed until `moment`.
    mutating func mayBeRenewed(until moment: Int64, clock: SymbolID) {
        if let renewal, renewal.at >= moment { return }
        renewal = .init(at: moment, clock: clock)
    }

    /// Takes note of a fresh hit.
    mutating func hit(_ time: EventTime, clock: SymbolID, _ clocks: Clocks) {
        guard let renewal else { return }
        let age = time.earliest - renewal.at - clocks.margin(renewal.clock, clock)
        guard age > 0 else { return }
        hits += 1
        longestHit = max(longestHit, age)
        if let last, time.earliest - clocks.margin(last.clock, clock) > last.time.latest { wasHit = true }
    }

    /// Takes note of a request that found nothing fresh.
    ///
    /// - Parameter isMiss: whether it fetched what then should stand in the cache; a stale answer leaves that to its refresh.
    mutating func foundNothingFresh(_ time: EventTime, clock: SymbolID, isMiss: Bool, _ clocks: Clocks) {
        let wasMiss = wasMiss
        defer { (last, wasHit, self.wasMiss) = ((time, clock), false, isMiss) }
        lookups += 1
        (first, latest) = (min(first, time.latest), max(latest, time.latest))
        guard let last else { return }
        let isFetchedAgain =
            wasMiss && isMiss
            && time.earliest - clocks.margin(last.clock, clock) > last.time.latest + Clocks.transit
        guard wasHit || isFetchedAgain else { return }
        let age = time.begunBy - last.time.earliest + clocks.margin(last.clock, clock)
        misses.append(Miss(age: age, wasHit: wasHit, at: time.latest))
        if misses.count > 2 * Self.most {
            misses.sort { $0.age < $1.age }
            misses.removeLast(misses.count - Self.most)
        }
    }

    /// Takes note that the entry may have ended in writing: no age counts across that.
    mutating func restart() { (last, wasHit, renewal) = (nil, false, nil) }

    /// What came of it, at the key's end.
    ///
    /// - Parameter lifetime: that a fill of the key states, microseconds; 0 if none does.
    func outcome(lifetime: Int64) -> Outcome {
        var outcome = Outcome(lookups: lookups, hits: hits, first: first, latest: latest, refusals: refusals)
        for miss in misses {
            if miss.wasHit, miss.age < longestHit - Self.slack {
                outcome.missedAfterHit += 1
                outcome.moments.append(miss.at)
            }
            if hits > 0, miss.age < max(longestHit, lifetime - Self.slack) { outcome.missedAtAll += 1 }
        }
        return outcome
    }
}
