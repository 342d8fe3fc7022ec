import LogRecords

/// What is known of one cache entry, the frame under one key on one node, as time goes on.
///
/// Holds just the fills that can still be a candidate for a delivery to come, and the purges that decide about them.
struct KeyHistory {
    /// A fill and what has been learnt about it.
    struct Entry {
        let fill: Fill
        /// Whether it surely stored a frame on *this* node: the cache says so itself, or a fresh hit that had no later
        /// word from the origin shows it.
        var isStored: Bool
    }

    private let clocks: Clocks
    private(set) var entries: [Entry] = []
    private var revalidations: [Fill] = []
    private var purges: [Purge] = []

    init(clocks: Clocks) { self.clocks = clocks }

    /// - Parameter isElsewhereToo: the event's log names no node, and it may be another's.
    mutating func add(_ event: KeyEvent, isElsewhereToo: Bool) {
        switch event {
        case .fill(let fill) where fill.kind == .revalidated: revalidations.append(fill)
        case .fill(let fill):
            entries.append(Entry(fill: fill, isStored: fill.kind == .stored && !isElsewhereToo))
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
    func candidates(_ from: Int64, _ until: Int64, clock: NameID) -> [Fill] {
        entries.lazy.map(\.fill).filter { fill in
            if clocks.isSurelyAfter(fill.time, fill.clock, until, clock) { return false }
            guard clocks.isSurelyBefore(fill.time, fill.clock, from, clock) else { return true }
            return !isSurelyOver(fill, before: from, clock)
        }
    }

    /// The frames that the origin sent for a request of `requester` under way in [`from`, `until`].
    func fetched(by requester: NameID, _ from: Int64, _ until: Int64, clock: NameID) -> [Fill] {
        entries.lazy.map(\.fill).filter { fill in
            fill.requester.isPresent && fill.requester == requester
                && !clocks.isSurelyAfter(fill.time, fill.clock, until, clock)
                && !clocks.isSurelyBefore(fill.time, fill.clock, from, clock)
        }
    }

    /// Whether the entry that `fill` made surely ended before `moment`.
    private func isSurelyOver(_ fill: Fill, before moment: Int64, _ clock: NameID) -> Bool {
        entries.contains { other in
            other.isStored && clocks.isSurelyAfter(other.fill.time, other.fill.clock, fill.time.latest, fill.clock)
                && clocks.isSurelyBefore(other.fill.time, other.fill.clock, moment, clock)
        }
            || purges.contains { purge in
                clocks.isSurelyAfter(purge.time, purge.clock, fill.time.latest, fill.clock)
                    && clocks.isSurelyBefore(purge.time, purge.clock, moment, clock)
            }
    }

    /// Takes note of a fresh hit in [`from`, `until`]: if the origin's last word on this key before it was a frame, and
    /// nothing from the origin may have come since, then that frame was stored.
    mutating func confirm(_ from: Int64, _ until: Int64, clock: NameID) {
        guard
            let last = entries.indices.last(where: {
                !clocks.isSurelyAfter(entries[$0].fill.time, entries[$0].fill.clock, until, clock)
            }), !entries[last].isStored
        else { return }
        let fill = entries[last].fill
        guard clocks.isSurelyBefore(fill.time, fill.clock, from, clock) else { return }
        let isLastWord = !revalidations.contains {
            $0.time.latest >= fill.time.earliest && !clocks.isSurelyAfter($0.time, $0.clock, until, clock)
        }
        let isUnrivalled = !entries.indices.contains {
            $0 != last && entries[$0].fill.frame != fill.frame
                && !clocks.isSurelyBefore(entries[$0].fill.time, entries[$0].fill.clock, fill.time.earliest, fill.clock)
                && !clocks.isSurelyAfter(entries[$0].fill.time, entries[$0].fill.clock, until, clock)
        }
        if isLastWord && isUnrivalled { entries[last].isStored = true }
    }

    /// Forgets what can no longer matter: no delivery to come begins before `watermark` of any clock.
    mutating func forget(before watermark: Int64) {
        guard entries.count + purges.count + revalidations.count > 4 else { return }
        let safe = watermark - clocks.skew
        let kept = entries.filter { entry in
            guard entry.fill.time.latest + clocks.skew < safe else { return true }
            return !isSurelyOver(entry.fill, before: safe, .absent)
        }
        entries = kept
        let oldest = entries.map(\.fill.time.earliest).min() ?? .max
        let horizon = min(oldest, safe) - clocks.skew
        purges.removeAll { $0.time.latest < horizon }
        revalidations.removeAll { $0.time.latest < horizon }
    }
}
