import LogRecords

/// What a delivery may have been served from: the histories of its key on the nodes that it may have come from, and on
/// what stands above them.
struct CacheEntry {
    let histories: [EntryTimeline]
    /// The histories on caches of a higher tier that have logs of their own.
    var above: [EntryTimeline] = []
    /// The first frame of each origin sent under the key, where something without a log stands between this cache and
    /// the origin: any of them may still be there.
    var sent: [Fill] = []
    /// Other requests that found nothing fresh while this one was under way: of the node, or of any below what stands
    /// above it.
    var askers: [Delivery] = []

    /// All frames that may ever have come to stand under the key by the end of a delivery.
    func everStored(until delivery: Delivery) -> [Fill] {
        histories.flatMap { $0.everStored(until: delivery.time.latest, clock: delivery.clock).map(\.fill) }
    }

    /// Whether a revalidation may have put the headers that a delivery's line names over those of another body.
    func mayWearForeignHeaders(_ delivery: Delivery) -> Bool {
        !delivery.cacheStatus.bringsBody && delivery.content == .frame
            && histories.contains { $0.mayWearForeignHeaders(delivery) }
    }

    func candidates(for delivery: Delivery) -> [Fill] {
        let time = delivery.time
        switch delivery.cacheStatus {
        case .stale:
            // A stale answer is given at once; what its refresh brings comes later, though a log line written at the
            // refresh's end spans both (nginx ngx_http_proxy_module, proxy_cache_background_update).
            let refreshes = Set(fetched(for: delivery).map(\.id))
            return sent(before: delivery)
                + candidates(time.earliest, time.begunBy, delivery).filter { !refreshes.contains($0.id) }
        case .collapsed, .shared:
            // What it or another request fetched meanwhile, and not the entry that there was before.
            let own = delivery.cacheStatus == .shared ? [] : fetched(for: delivery)
            let holdsSeveral = histories.contains(where: \.holdsSeveral)
            // Of one entry there is one fetch at a time; of several another request of the account may have fetched another one.
            if !own.isEmpty, sent.isEmpty, !holdsSeveral { return own }
            let all = candidates(time.earliest, time.latest, delivery)
            // What was fetched is shared while it is on its way, also if it is not to be stored.
            let meanwhile = histories.flatMap { $0.underWay(at: delivery) }
            if meanwhile.isEmpty { return fromAbove(delivery) + all }
            // Beside a variant on its way another one may be stored and answer under the same word (Traffic Server 9.2,
            // TCP_CF_HIT with HIT_RWW).
            return fromAbove(delivery) + (holdsSeveral ? all : []) + meanwhile
        default: return sent(before: delivery) + candidates(time.earliest, time.latest, delivery)
        }
    }

    /// Whether an answer that joined a fetch was given what nothing tells of: no fill of the key was under way with it.
    func lacksFetch(of delivery: Delivery) -> Bool {
        guard delivery.cacheStatus.isJoined else { return false }
        if delivery.cacheStatus == .collapsed, !fetched(for: delivery).isEmpty { return false }
        return histories.allSatisfy { $0.underWay(at: delivery).isEmpty }
    }

    private func candidates(_ from: Int64, _ until: Int64, _ delivery: Delivery) -> [Fill] {
        histories.flatMap { history in
            let isFresh = delivery.cacheStatus == .hit && history.areHitsFresh
            return history.candidates(
                from, until, clock: delivery.clock, isFresh: isFresh,
                since: isFresh ? history.lastLookup(before: from, clock: delivery.clock, isEnd: true) : nil
            ).filter {
                !delivery.namesStoredHeaders || history.holdsSeveral || !history.isContradicted($0, by: delivery)
            }.map(\.fill)
        }
    }

    /// Whether a request surely between all of `fills` and a delivery found nothing fresh: what it set off may have replaced
    /// them.
    func wasFoundStale(before delivery: Delivery, since fills: [Fill]) -> Bool {
        histories.contains { history in
            let lookup = history.lastLookup(before: delivery.time.earliest, clock: delivery.clock, isEnd: false)
            guard let lookup else { return false }
            return fills.allSatisfy {
                history.clocks.isSurelyBefore($0.time, $0.clock, lookup.earliest, lookup.clock)
            }
        }
    }

    /// Whether a request of a delivery's own log, where nothing tells whether each log is a cache's, may have filled the entry by then.
    func isFilled(inLogOf delivery: Delivery, _ fills: [Fill]) -> Bool {
        fills.contains { $0.id.source == delivery.id.source } || histories.contains { $0.isFetched(inLogOf: delivery) }
    }

    // MARK: What a request fetched

    /// The frames that a request which asked the origin may have been given, and whether they are all; if not, it may also
    /// have been the requested camera's.
    ///
    /// The origin's log says whose request it answered. A cache's own log says what was stored meanwhile: the requested
    /// camera's frame, or another one if a cache of a higher tier answered from its store, which the lower one logs as a
    /// miss all the same (CloudFront's Origin Shield and Cloudflare's Tiered Cache are such tiers).
    func brought(to delivery: Delivery) -> (fills: [Fill], isAll: Bool) {
        let own = fetched(for: delivery)
        if !own.isEmpty { return sent.isEmpty ? (own, true) : (sent(before: delivery) + own, false) }
        let stored = histories.flatMap { $0.storedMeanwhile(delivery) }
        if stored.isEmpty { return (fromAbove(delivery), false) }
        // What a request brings that stands aside need not be stored.
        if stored.count == 1, delivery.cacheStatus == .miss, !askers.contains(where: { $0.node == delivery.node }),
            !histories.contains(where: \.holdsSeveral)
        {
            return (stored, true)
        }
        let isOfRequested = delivery.camera.isPresent && stored.contains { $0.camera == delivery.camera }
        return above.isEmpty && isOfRequested ? ([], false) : (fromAbove(delivery) + stored, false)
    }

    /// What a cache of a higher tier may have answered with.
    private func fromAbove(_ delivery: Delivery) -> [Fill] {
        let time = delivery.time
        return sent(before: delivery)
            + above.flatMap {
                $0.candidates(time.earliest, time.latest, clock: delivery.clock, isFresh: false, since: nil).map(\.fill)
            }
    }

    private func sent(before delivery: Delivery) -> [Fill] {
        guard let clocks = histories.first?.clocks else { return [] }
        return sent.filter { !clocks.isSurelyAfter($0.time, $0.clock, delivery.time.latest, delivery.clock) }
    }

    /// What other accounts' requests were fetching while a request was under way that asked the origin, but of which the
    /// origin's log has no line: it may have been given that (Traffic Server logs a request that reads while another
    /// writes as a miss too).
    func shared(with delivery: Delivery) -> [Fill] {
        histories.flatMap { $0.underWay(at: delivery) }.filter { $0.id != delivery.id && $0.requester.isPresent }
    }

    func fetched(for delivery: Delivery) -> [Fill] {
        histories.flatMap {
            $0.fetched(by: delivery.requester, delivery.time.earliest, delivery.time.latest, clock: delivery.clock)
        }
    }
}

extension Delivery {
    /// Whether the line names the headers of the stored entry that it was served from, as they were then.
    var namesStoredHeaders: Bool {
        flags.contains(.replaceableHeaders) && frame.isPresent && content == .frame
            && (cacheStatus == .hit || cacheStatus == .revalidated && !flags.contains(.conditional))
    }
}
