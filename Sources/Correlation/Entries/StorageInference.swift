import Interning
import LogRecords

/// What the logs show about an entry beside its fills. Each rule says what was or was not stored; a fact about a fill
/// holds for ever, so it may be learnt after a delivery that it concerns.
extension EntryTimeline {
    // MARK: Which frame was the entry

    /// Takes note that the entry was `frame` at some moment of [`from`, `until`].
    ///
    /// What had come before and is another frame is over from then on, and already since the last fill of that frame:
    /// whether that stored it anew or not, nothing else can have been the entry after it. And what was sent between
    /// that fill and the moment was not stored at all: it would have replaced the frame, which could only have come
    /// back by another fill.
    mutating func note(_ frame: SymbolID, from: Int64, until: Int64, clock: SymbolID) {
        // Of several entries none ends another.
        if holdsSeveral { return }
        let named = entries.indices.filter { index in
            let entry = entries[index]
            return (entry.fill.frame == frame || !entry.fill.frame.isPresent) && !entry.isRefused
                && !clocks.isSurelyAfter(entry.time, entry.fill.clock, until, clock)
        }
        // Without its fill the frame may have come at any time; a fill that names none may have been this one's.
        guard named.contains(where: { entries[$0].fill.frame == frame }) else { return }
        let arrivals = named.map { Moment(at: entries[$0].time.latest, clock: entries[$0].fill.clock) }
        let hasCome = named.allSatisfy {
            clocks.isSurelyBefore(entries[$0].time, entries[$0].fill.clock, from, clock)
        }
        let hasOneClock = arrivals.allSatisfy { $0.clock == arrivals[0].clock }
        let since =
            hasCome && hasOneClock
            ? Moment(at: arrivals.map(\.at).max() ?? until, clock: arrivals[0].clock) : Moment(at: until, clock: clock)
        for index in entries.indices where entries[index].fill.frame != frame {
            let entry = entries[index]
            guard clocks.isSurelyBefore(entry.time, entry.fill.clock, from, clock) else { continue }
            guard entry.fill.frame.isPresent else {
                end(index, since: Moment(at: until, clock: clock))
                continue
            }
            end(index, since: since)
            if entry.fill.kind == .sent,
                arrivals.allSatisfy({ clocks.isSurelyAfter(entry.time, entry.fill.clock, $0.at, $0.clock) })
            {
                entries[index].isRefused = true
                freshness.refusals += 1
            }
        }
    }

    private mutating func end(_ index: Int, since moment: Moment) {
        if let known = entries[index].overSince, known.clock != moment.clock || known.at <= moment.at { return }
        entries[index].overSince = moment
    }

    /// Reads what the cache said it had when it asked the origin, for a cache that asks with the validator of its own
    /// entry: the frame in the request's If-None-Match. A 304 to If-Modified-Since alone names the frame that was asked for,
    /// which need not be the stored one (seen with nginx 1.22 to 1.30 and `proxy_cache_revalidate`).
    ///
    /// Sources: nginx ngx_http_proxy_module, "If caching is enabled, the header fields … If-None-Match … from the
    /// original request are not passed to the proxied server"; Varnish vcl_backend_fetch, which makes If-None-Match of
    /// the stale object's ETag.
    ///
    /// - Parameter mayBeClients: whether an answer may be to a request that stood aside from the cache: such a one goes on with
    ///   the client's own validator (seen with `return (pass)` of Varnish 7.1.1).
    mutating func readValidators(butIf mayBeClients: (Fill) -> Bool) {
        for asked in unread {
            let answer = asked.answer
            let shown = answer.validator
            guard shown.isPresent, !mayBeClients(answer) else { continue }
            // The validator was read before the request was sent: what came while it was on its way is not judged by it.
            note(
                shown, from: answer.time.earliest - Clocks.transit, until: answer.time.latest, clock: answer.clock)
        }
        unread.removeAll(keepingCapacity: true)
    }

    /// Takes note of the frame that the stored entry's headers named to a delivery served from it, for a cache whose
    /// revalidations replace the headers without the body.
    mutating func readHeaders(of delivery: Delivery) {
        let time = delivery.time
        if isBody(delivery.frame, time.latest, clock: delivery.clock) {
            note(delivery.frame, from: time.earliest, until: time.latest, clock: delivery.clock)
        }
        for index in entries.indices where isContradicted(entries[index], by: delivery) {
            end(index, since: Moment(at: time.latest, clock: delivery.clock))
        }
    }

    /// Whether the headers that a delivery was served with show that an entry was not the one that it was served from.
    ///
    /// A body is stored with its own headers, and only a later 304 can put others in their place. So a frame that the
    /// headers name and no 304 has named is the body; and a frame that they do not name, with no 304 for the named one
    /// since it was sent, is not the entry.
    func isContradicted(_ entry: Entry, by delivery: Delivery) -> Bool {
        let (time, frame) = (delivery.time, delivery.frame)
        guard entry.fill.frame != frame, entry.fill.frame.isPresent,
            clocks.isSurelyBefore(entry.time, entry.fill.clock, time.earliest, delivery.clock)
        else { return false }
        return !revalidations.contains {
            $0.answer.frame == frame
                && !clocks.isSurelyAfter($0.answer.time, $0.answer.clock, time.latest, delivery.clock)
                && !clocks.isSurelyBefore(
                    clocks.arrival(of: $0.answer), $0.answer.clock, entry.fill.time.earliest, entry.fill.clock)
        }
    }

    /// Whether a 304 for the frame that a delivery's headers name may have found another one stored: it answered another
    /// validator than that frame's, or none that is known, and no other log's line of the same answer says that it did not.
    func mayWearForeignHeaders(_ delivery: Delivery) -> Bool {
        let named = revalidations.map(\.answer).filter { $0.frame == delivery.frame && $0.frame.isPresent }
        func isConfirmed(_ answer: Fill) -> Bool {
            named.contains { other in
                other.validator == other.frame
                    && !clocks.isSurelyAfter(other.time, other.clock, answer.time.latest + Clocks.transit, answer.clock)
                    && !clocks.isSurelyBefore(
                        clocks.arrival(of: other), other.clock, answer.time.earliest, answer.clock)
            }
        }
        return named.contains { answer in
            !clocks.isSurelyAfter(answer.time, answer.clock, delivery.time.latest, delivery.clock)
                && answer.validator != answer.frame && !isConfirmed(answer)
        }
    }

    /// Whether a frame that headers name is surely the body's: no 304 has named it.
    private func isBody(_ frame: SymbolID, _ until: Int64, clock: SymbolID) -> Bool {
        !revalidations.contains {
            $0.answer.frame == frame && !clocks.isSurelyAfter($0.answer.time, $0.answer.clock, until, clock)
        }
    }

    /// Takes note of a fresh hit: if one frame alone can have stood under the key then, it was stored.
    ///
    /// A cache serves as fresh only what it has (RFC 9111 section 4).
    mutating func confirm(_ from: Int64, _ until: Int64, clock: SymbolID, since lookup: Lookup?) {
        let found = candidates(
            from, until, clock: clock, isFresh: areHitsFresh, since: areHitsFresh ? lookup : nil)
        guard let frame = found.first?.fill.frame, frame.isPresent, found.allSatisfy({ $0.fill.frame == frame }) else {
            return
        }
        note(frame, from: from, until: until, clock: clock)
    }

    // MARK: When a frame came to be stored

    /// Takes note of a request that fetched from the origin: what was sent for it has come to stand in the cache by the
    /// end of its answer, if it was stored at all, for the answer passed through the cache.
    mutating func bound(byFetchOf delivery: Delivery) {
        let time = delivery.time
        let own = entries.indices.filter { index in
            let fill = entries[index].fill
            return fill.kind == .sent && fill.requester == delivery.requester
                && !clocks.isSurelyAfter(fill.time, fill.clock, time.latest, delivery.clock)
                && !clocks.isSurelyBefore(fill.time, fill.clock, time.earliest, delivery.clock)
        }
        // Of two fetches of one account at one time it is not known which was whose.
        guard own.count == 1, let index = own.first else { return }
        let fill = entries[index].fill
        let margin = clocks.margin(fill.clock, delivery.clock)
        guard fill.time.earliest >= time.earliest - margin, fill.time.latest <= time.latest + margin else { return }
        entries[index].time.latest = min(entries[index].time.latest, time.latest + margin)
    }

    /// Whether the origin's log has an answer that may have been the one to a request that asked it. One that stood
    /// aside from the cache may have read what another request was writing (Traffic Server, `TCP_IMS_MISS`).
    func hasAnswer(to delivery: Delivery) -> Bool {
        entries.contains { !$0.isLost && mayAnswer($0.fill, delivery) }
            || revalidations.contains { mayAnswer($0.answer, delivery) }
    }

    /// Whether one log has more answers of the origin to a request than requests of its account were under way: the body was
    /// put together from several.
    func hasSeveralAnswers(to delivery: Delivery, askers: [Delivery]) -> Bool {
        guard delivery.cacheStatus == .miss else { return false }
        let all = fetched(
            by: delivery.requester, delivery.time.earliest, delivery.time.latest, clock: delivery.clock
        ).filter { $0.kind == .sent && !$0.isPresumed }
        // The origin's own log and the cache's log of its fetches may both be there.
        let answers = all.map { fill in all.count { $0.clock == fill.clock } }.max() ?? 0
        guard answers > 1 else { return false }
        let requests = askers.count {
            $0.requester == delivery.requester && $0.time.earliest <= delivery.time.latest
                && $0.askedBy >= delivery.time.earliest
        }
        return answers > max(1, requests)
    }

    private func mayAnswer(_ fill: Fill, _ delivery: Delivery) -> Bool {
        (!fill.requester.isPresent || fill.requester == delivery.requester || delivery.cacheStatus == .bypass)
            && !clocks.isSurelyBefore(fill.time, fill.clock, delivery.time.earliest, delivery.clock)
            && !clocks.isSurelyAfter(fill.time, fill.clock, delivery.time.latest, delivery.clock)
    }

    /// Takes note of a request that asked the origin and of whose fill no log has a line: what it fetched may have been
    /// stored all the same. It may have been of the requested camera, or what another was fetching.
    ///
    /// - Parameter kind: what the log would have told.
    mutating func addLostFill(of delivery: Delivery, as kind: Fill.Kind) {
        var fill = Fill(
            id: delivery.id, time: delivery.time, clock: delivery.clock, kind: kind, node: delivery.node,
            key: delivery.key, frame: delivery.frame, camera: delivery.camera)
        if delivery.owner.isPresent {
            // The line that fetched it says whose it was.
            (fill.owner, fill.camera) = (delivery.owner, delivery.frameCamera)
        } else {
            fill.isPresumed = true
        }
        var entry = Entry(fill: fill, time: clocks.arrival(of: fill), isStored: false, isElsewhereToo: false)
        entry.isLost = true
        insert(entry)
    }

    /// Takes note of an answer whose own line is all that tells of a fill: a MISS brought the frame that its line names, else
    /// the requested camera's.
    ///
    /// That it was stored no such line says, so it counts as sent, as if it stood in an origin's log. What only may have filled
    /// may have brought any frame: an answer that went to a client that left, or to HEAD (nginx `proxy_cache_convert_head`; Apache
    /// stores neither); one that stood aside from the cache; the refresh behind a stale answer; one whose verdict is not known.
    ///
    /// - Parameters:
    ///   - longest: how long such a refresh may take, microseconds.
    ///   - hasFills: whether other fills of the key are known; where none is, there may be no cache at all.
    /// - Returns: nil if it tells of no fill.
    static func fill(toldBy delivery: Delivery, refreshedWithin longest: Int64, hasFills: Bool) -> Fill? {
        // An error that was stored is no frame.
        guard [0, 200, 206, 304].contains(delivery.status) else { return nil }
        var fill = Fill(
            id: delivery.id, time: delivery.time, clock: delivery.clock, kind: .sent, node: delivery.node,
            key: delivery.key, camera: delivery.camera)
        fill.isPresumed = true
        switch delivery.cacheStatus {
        case .miss where delivery.content == .frame && !delivery.flags.contains(.aborted):
            fill.frame = delivery.frame
            if delivery.owner.isPresent {
                (fill.owner, fill.camera) = (delivery.owner, delivery.frameCamera)
            } else if delivery.frameCamera.isPresent {
                fill.camera = delivery.frameCamera
            }
            fill.isPresumed = !fill.owner.isPresent && !fill.camera.isPresent
        case .miss, .bypass, .collapsed: break
        case .stale: fill.time.latest += longest
        case .unknown:
            guard hasFills else { return nil }
            fill.camera = .absent
        case .hit, .revalidated, .shared: return nil
        }
        return fill
    }

    mutating func add(told fill: Fill) {
        var entry = Entry(fill: fill, time: clocks.arrival(of: fill), isStored: false, isElsewhereToo: false)
        entry.isLost = true
        insert(entry)
    }

    // MARK: Freshness

    /// Takes note of a request that found nothing fresh at some moment of [`earliest`, `begunBy`].
    ///
    /// No fresh hit that begins afterwards can be on a frame that was sent before, though its time was not over then: it
    /// was not stored, has gone since, or this cache gives such frames no lifetime; then it can still be revalidated, but is
    /// not fresh. It says nothing of hits that began earlier. A second is taken off the lifetime, because a cache counts it
    /// from the origin's Date, which has no fractions (RFC 9111 section 4.2.3).
    mutating func foundNothingFresh(_ lookup: Lookup) {
        if holdsSeveral { return }
        lookups.append(lookup)
        guard lookup.endsEntry else { return }
        for index in entries.indices {
            let fill = entries[index].fill
            guard fill.kind == .sent, fill.ttlSeconds > 1, entries[index].notFreshSince == nil,
                clocks.isSurelyBefore(entries[index].time, fill.clock, lookup.earliest, lookup.clock)
            else { continue }
            let freshUntil = fill.time.earliest + (Int64(fill.ttlSeconds) - 1) * 1_000_000
            if lookup.begunBy + clocks.margin(fill.clock, lookup.clock) < freshUntil {
                entries[index].notFreshSince = Moment(at: lookup.endedBy, clock: lookup.clock)
            }
        }
    }

    /// The last request surely before `moment` that found nothing fresh.
    ///
    /// - Parameter isEnd: whether only of those after which no earlier entry is fresh.
    func lastLookup(before moment: Int64, clock: SymbolID, isEnd: Bool) -> Lookup? {
        lookups.lazy.filter { [clocks] in
            (!isEnd || $0.endsEntry) && $0.endedBy + clocks.margin($0.clock, clock) < moment
        }.max { $0.earliest < $1.earliest }
    }

    /// Whether an entry that stood under the key may be fresh after `lookup` found nothing fresh: it came since then,
    /// or the origin has confirmed it since then.
    ///
    /// Holds for frames whose fills an origin's log tells, which tells the confirmations too (RFC 9111 section 4.3.4:
    /// a 304 freshens the stored response). Where that log has none, any stale answer may have led to one.
    func isFreshAgain(_ entry: Entry, since lookup: Lookup, _ until: Int64) -> Bool {
        guard entry.fill.kind == .sent,
            clocks.isSurelyBefore(entry.time, entry.fill.clock, lookup.earliest, lookup.clock)
        else { return true }
        if !tellsRevalidations {
            guard let renewed = mayBeRenewedUntil else { return false }
            return renewed.at + clocks.margin(renewed.clock, lookup.clock) >= lookup.earliest
        }
        return revalidations.contains { revalidation in
            let answer = revalidation.answer
            return (forwardsValidators || !answer.validator.isPresent || answer.frame == entry.fill.frame)
                && !clocks.isSurelyBefore(clocks.arrival(of: answer), answer.clock, lookup.earliest, lookup.clock)
                && !clocks.isSurelyAfter(answer.time, answer.clock, until, lookup.clock)
        }
    }
}
