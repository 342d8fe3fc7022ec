import Interning
import LogRecords

/// What a delivery shows about the entry of its node.
extension Sweep {
    /// Takes note of what a delivery shows about the entry of its node.
    mutating func learn(from delivery: Delivery) {
        if isOfAnyNode(delivery) || !delivery.node.isPresent && namesNodes, isUntold(.absent) {
            learnFill(fromAnyNode: delivery)
        }
        guard !isOfAnyNode(delivery) else { return }
        let time = delivery.time
        var history = histories.removeValue(forKey: delivery.node) ?? newHistory(of: delivery.node)
        defer { histories[delivery.node] = history }
        let status = delivery.cacheStatus
        if delivery.node.isPresent || !namesNodes, isUntold(delivery.node) { learnFill(from: delivery, &history) }
        let asksWithOwnValidator = !delivery.flags.contains(.forwardsValidator)
        if asksWithOwnValidator {
            history.readValidators { answer in isOfRequestAside(answer, on: delivery.node) }
        } else {
            history.forwardsValidators = true
        }
        if status.asksOrigin, delivery.content == .frame, delivery.requester.isPresent,
            !delivery.flags.contains(.aborted)
        {
            history.bound(byFetchOf: delivery)
            observations.noteFetch(isInParts: history.hasSeveralAnswers(to: delivery, askers: asking))
            if survey?.isFillLogged(of: delivery) == true, !history.hasAnswer(to: delivery) {
                history.addLostFill(of: delivery, as: survey?.tellsSent == true ? .sent : .stored)
                lostFills += 1
                if let survey, survey.tellsSent, !isKeyFilled, status == .miss, time.stamp >= survey.middle {
                    observations.noteFetchBeforeAnyFill()
                }
            }
        }
        if judge.rules.areCachesUntold, status.asksOrigin, !delivery.node.isPresent, history.hasAnswer(to: delivery) {
            history.noteFetch(of: delivery)
        }
        if status != .hit {
            history.freshness.mayBeRenewed(until: time.latest + Clocks.transit, clock: delivery.clock)
        }
        if status.foundNothingFresh {
            if delivery.endsEntry {
                history.freshness.foundNothingFresh(
                    time, clock: delivery.clock, isMiss: status == .miss, clocks)
            }
            history.foundNothingFresh(
                .init(
                    earliest: time.earliest, begunBy: time.begunBy, endedBy: time.latest, clock: delivery.clock,
                    endsEntry: delivery.endsEntry))
            if !status.asksOrigin {
                history.mayBeRenewedUntil = .init(at: time.latest + Clocks.transit, clock: delivery.clock)
            }
        }
        if delivery.namesStoredHeaders { history.readHeaders(of: delivery) }
        if status == .hit, delivery.isOfStoredFrame {
            if history.areHitsFresh { history.freshness.hit(time, clock: delivery.clock, clocks) }
            history.confirm(
                time.earliest, time.latest, clock: delivery.clock,
                since: history.lastLookup(before: time.earliest, clock: delivery.clock, isEnd: true))
        }
    }

    /// Whether no log tells what a node fills, neither its own nor an origin's, so that the lines of its answers have to.
    func isUntold(_ node: SymbolID) -> Bool {
        guard let survey, !survey.tellsSent else { return false }
        if fillingNodes.isEmpty { return true }
        return node.isPresent && !fillingNodes.contains(node) && !fillingNodes.contains(.absent)
    }

    /// The same of a line that names no node, where others do: it may have filled any node's entry.
    private mutating func learnFill(fromAnyNode delivery: Delivery) {
        guard
            var fill = EntryTimeline.fill(
                toldBy: delivery, refreshedWithin: Self.longestRefresh,
                hasFills: histories.values.contains { !$0.entries.isEmpty })
        else { return }
        fill.isPresumed = true
        addEverywhere(.fill(fill), isElsewhereToo: true)
        observations.noteFill(toldBy: .absent)
    }

    /// Takes note of what an answer's line tells of a fill that no other log tells.
    private mutating func learnFill(from delivery: Delivery, _ history: inout EntryTimeline) {
        guard delivery.cacheStatus == .hit else {
            if var fill = EntryTimeline.fill(
                toldBy: delivery, refreshedWithin: Self.longestRefresh, hasFills: !history.entries.isEmpty)
            {
                // A cache above may have answered from its store.
                if !shields.isEmpty { fill.isPresumed = true }
                history.add(told: fill)
                observations.noteFill(toldBy: delivery.node)
            }
            return
        }
        guard delivery.content == .frame, delivery.time.stamp >= survey?.middle ?? .min, !judge.namesItsFrame(delivery)
        else { return }
        let isFirst = history.entries.isEmpty && lastKeyWithoutFill != key
        if isFirst { lastKeyWithoutFill = key }
        observations.noteHit(hasFill: !history.entries.isEmpty, isFirstOfKey: isFirst)
    }

    /// Whether an answer of the origin may be to a request that stood aside from a node's cache.
    private func isOfRequestAside(_ answer: Fill, on node: SymbolID) -> Bool {
        asking.contains {
            $0.cacheStatus == .bypass && $0.node == node
                && (!answer.requester.isPresent || answer.requester == $0.requester)
                && !clocks.isSurelyBefore(answer.time, answer.clock, $0.time.earliest, $0.clock)
                && !clocks.isSurelyAfter(answer.time, answer.clock, $0.time.latest, $0.clock)
        }
    }
}

extension Delivery {
    /// By when a request that asked the origin has been heard there. The refresh after a stale answer is asked for at its
    /// beginning, but some caches write the line before they hear of it (Varnish, and its grace).
    var askedBy: Int64 { cacheStatus == .stale ? time.latest + Clocks.transit : time.latest }

    /// Whether no fresh entry stood where this request found none, or what it brought has taken the entry's place.
    ///
    /// A client that demands a fetch, or that has an old validator, is a miss while a fresh entry stands (Squid 7.7, `TCP_MISS`
    /// of `no-cache`; Apache httpd 2.4.71, If-None-Match with another tag). If it brought nothing, because the origin failed
    /// or the client left, both caches go on serving that entry as fresh.
    var endsEntry: Bool { cacheStatus != .miss || content != .none && !flags.contains(.aborted) }

    /// Whether a hit was on a frame, and not on an error that the cache had stored (Squid `negative_ttl`, logged as
    /// TCP_NEGATIVE_HIT; nginx `proxy_cache_valid 404 1m`). A HEAD is answered from the frame that a GET stored, and one
    /// that finds nothing may store it (nginx `proxy_cache_convert_head`, Varnish's fetch with GET): it carries no frame,
    /// but shows what is there like any other.
    var isOfStoredFrame: Bool { [0, 200, 206, 304].contains(status) }
}
