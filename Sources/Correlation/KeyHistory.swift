import LogRecords

/// What is known of one cache entry, the frame under one key on one node, as time goes on.
///
/// Holds just the fills that can still be a candidate for a delivery to come, and the purges that decide about them.
struct KeyHistory {
    /// A fill and what has been learnt about it.
    struct Entry {
        let fill: Fill
        /// When the frame can have come to stand in the cache.
        let time: EventTime
        /// Whether it surely stored a frame on *this* node: the cache says so itself, or a fresh hit that had no later
        /// word from the origin shows it.
        var isStored: Bool
        /// Whether the fill may have been another node's.
        let isElsewhereToo: Bool
        /// Whether the cache had nothing fresh at a time when this frame would have been.
        var isNeverFresh = false
    }

    /// An origin's word that the stored frame is still good.
    private struct Revalidation {
        let answer: Fill
        /// Whether it surely was this node that asked.
        let isOwn: Bool
    }

    private let clocks: Clocks
    private(set) var entries: [Entry] = []
    private var revalidations: [Revalidation] = []
    private var purges: [Purge] = []

    init(clocks: Clocks) { self.clocks = clocks }

    /// - Parameter isElsewhereToo: the event's log names no node, and it may be another's.
    mutating func add(_ event: KeyEvent, isElsewhereToo: Bool) {
        switch event {
        case .fill(let fill) where fill.kind == .revalidated:
            revalidations.append(Revalidation(answer: fill, isOwn: !isElsewhereToo))
        case .fill(let fill):
            entries.append(
                Entry(
                    fill: fill, time: clocks.arrival(of: fill), isStored: fill.kind == .stored && !isElsewhereToo,
                    isElsewhereToo: isElsewhereToo))
        case .purge(let purge):
            // A purge that may have been another node's ends nothing for sure.
            if !isElsewhereToo { purges.append(purge) }
        case .delivery: break
        }
    }

    /// The fills whose frame may stand under the key at some moment of [`from`, `until`] of clock `clock`.
    ///
    /// That is every fill that is neither surely before nor surely after, and those surely before that no stored fill
    /// surely replaced and no purge surely ended.
    ///
    /// - Parameter isFresh: whether the delivery was a fresh hit.
    func candidates(_ from: Int64, _ until: Int64, clock: NameID, isFresh: Bool) -> [Fill] {
        entries.lazy.filter { entry in
            if isFresh && entry.isNeverFresh { return false }
            if clocks.isSurelyAfter(entry.time, entry.fill.clock, until, clock) { return false }
            guard clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock) else { return true }
            return !isSurelyOver(entry, before: from, clock)
        }.map(\.fill)
    }

    /// Whether a fill overlaps a delivery, as far as their clocks tell.
    func isUnderWay(_ fill: Fill, at delivery: Delivery) -> Bool {
        !clocks.isSurelyBefore(fill.time, fill.clock, delivery.time.earliest, delivery.clock)
    }

    /// The frames that the origin sent for a request of `requester` under way in [`from`, `until`].
    func fetched(by requester: NameID, _ from: Int64, _ until: Int64, clock: NameID) -> [Fill] {
        entries.lazy.map(\.fill).filter { fill in
            fill.requester.isPresent && fill.requester == requester
                && !clocks.isSurelyAfter(fill.time, fill.clock, until, clock)
                && !clocks.isSurelyBefore(fill.time, fill.clock, from, clock)
        }
    }

    /// Whether an entry surely ended before `moment`.
    private func isSurelyOver(_ entry: Entry, before moment: Int64, _ clock: NameID) -> Bool {
        entries.contains { other in
            other.isStored
                && clocks.isSurelyAfter(other.time, other.fill.clock, entry.time.latest, entry.fill.clock)
                && clocks.isSurelyBefore(other.time, other.fill.clock, moment, clock)
        }
            || purges.contains { purge in
                clocks.isSurelyAfter(purge.time, purge.clock, entry.time.latest, entry.fill.clock)
                    && clocks.isSurelyBefore(purge.time, purge.clock, moment, clock)
            }
    }

    /// Takes note of a fresh hit in [`from`, `until`]: if the origin's last word on this key before it was a frame, and
    /// nothing from the origin may have come since, then that frame was stored.
    mutating func confirm(_ from: Int64, _ until: Int64, clock: NameID) {
        guard
            let last = entries.indices.last(where: {
                !clocks.isSurelyAfter(entries[$0].time, entries[$0].fill.clock, until, clock)
            }), !entries[last].isStored, !entries[last].isElsewhereToo
        else { return }
        let entry = entries[last]
        guard clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock) else { return }
        let isLastWord = !revalidations.contains {
            $0.answer.time.latest >= entry.time.earliest
                && !clocks.isSurelyAfter($0.answer.time, $0.answer.clock, until, clock)
        }
        let isUnrivalled = !entries.indices.contains {
            $0 != last && entries[$0].fill.frame != entry.fill.frame
                && !clocks.isSurelyBefore(
                    entries[$0].time, entries[$0].fill.clock, entry.time.earliest, entry.fill.clock)
                && !clocks.isSurelyAfter(entries[$0].time, entries[$0].fill.clock, until, clock)
        }
        if isLastWord && isUnrivalled { entries[last].isStored = true }
    }

    /// Takes note of what the cache said it had when it asked the origin before `moment`, for a cache that asks with the
    /// validator of its own entry.
    ///
    /// The frame in the request's If-None-Match was the entry then, and so was the frame that a 304 names; what had been
    /// sent before and is another frame was not stored, or was replaced. Sources: nginx ngx_http_proxy_module, "If
    /// caching is enabled, the header fields … If-None-Match … from the original request are not passed to the proxied
    /// server"; Varnish vcl_backend_fetch, which makes If-None-Match of the stale object's ETag.
    mutating func narrow(before moment: Int64, clock: NameID) {
        let asking = revalidations.filter(\.isOwn).map(\.answer) + entries.filter { !$0.isElsewhereToo }.map(\.fill)
        for answer in asking {
            let shown =
                answer.validator.isPresent ? answer.validator : answer.kind == .revalidated ? answer.frame : .absent
            guard shown.isPresent, clocks.isSurelyBefore(answer.time, answer.clock, moment, clock) else { continue }
            // The validator was read before the origin was asked: a frame still on its way then is not judged by it.
            let asked = answer.time.earliest - clocks.skew
            guard let named = entries.lastIndex(where: { $0.fill.frame == shown && $0.time.latest < asked }) else {
                continue
            }
            entries[named].isStored = true
            entries.removeAll { $0.time.latest < asked && $0.fill.frame != shown }
        }
    }

    /// Takes note of a request that began in [`from`, `until`] and found nothing fresh: no fresh hit to come can be on a
    /// frame that was sent before, though its time was not over then.
    ///
    /// Either it was not stored, or this cache gives such frames no lifetime; then it can still be revalidated, but is
    /// never fresh. A second is taken off the lifetime, because a cache counts it from the origin's Date, which has no
    /// fractions (RFC 9111 section 4.2.3).
    mutating func foundNothingFresh(_ from: Int64, _ until: Int64, clock: NameID) {
        for index in entries.indices {
            let fill = entries[index].fill
            guard fill.kind == .sent, fill.ttlSeconds > 1,
                clocks.isSurelyBefore(entries[index].time, fill.clock, from, clock)
            else { continue }
            let freshUntil = fill.time.earliest + (Int64(fill.ttlSeconds) - 1) * 1_000_000
            if until + clocks.margin(fill.clock, clock) < freshUntil { entries[index].isNeverFresh = true }
        }
    }

    /// Takes note of the frame that the stored entry's headers named to a delivery served from it, for a cache whose
    /// revalidations replace the headers without the body.
    ///
    /// A body is stored with its own headers, and only a later 304 can put others in their place. So a frame that the
    /// headers name and no 304 has named is the body; and a frame that they do not name, with no 304 since it was sent,
    /// is not the entry.
    mutating func readHeaders(naming frame: NameID, _ from: Int64, _ until: Int64, clock: NameID) {
        let answers = revalidations.map(\.answer).filter { !clocks.isSurelyAfter($0.time, $0.clock, until, clock) }
        let stored = entries.filter { clocks.isSurelyBefore($0.time, $0.fill.clock, from, clock) }
        if !answers.contains(where: { $0.frame == frame }), stored.contains(where: { $0.fill.frame == frame }) {
            entries.removeAll { entry in
                entry.fill.frame != frame && clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock)
            }
            if let last = entries.lastIndex(where: { $0.fill.frame == frame && !$0.isElsewhereToo }) {
                entries[last].isStored = true
            }
            return
        }
        entries.removeAll { entry in
            entry.fill.frame != frame && entry.fill.frame.isPresent
                && clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock)
                && !answers.contains { $0.time.latest + clocks.skew >= entry.fill.time.earliest }
        }
    }

    /// Forgets what can no longer matter: no delivery to come begins before `watermark` of any clock.
    mutating func forget(before watermark: Int64) {
        guard entries.count + purges.count + revalidations.count > 4 else { return }
        let safe = watermark - clocks.skew
        let kept = entries.filter { entry in
            guard entry.time.latest + clocks.skew < safe else { return true }
            return !isSurelyOver(entry, before: safe, .absent)
        }
        entries = kept
        let oldest = entries.map(\.time.earliest).min() ?? .max
        let horizon = min(oldest, safe) - clocks.skew
        purges.removeAll { $0.time.latest < horizon }
        revalidations.removeAll { $0.answer.time.latest < horizon }
    }
}
