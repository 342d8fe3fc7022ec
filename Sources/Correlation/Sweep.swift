public import LogRecords

extension KeyEvent {
    /// The event with its times on the reference's clock.
    public func corrected(by clocks: Clocks) -> KeyEvent {
        switch self {
        case .fill(var fill):
            fill.time = clocks.corrected(fill.time, fill.clock)
            return .fill(fill)
        case .purge(var purge):
            purge.time = clocks.corrected(purge.time, purge.clock)
            return .purge(purge)
        case .delivery(var delivery):
            delivery.time = clocks.corrected(delivery.time, delivery.clock)
            return .delivery(delivery)
        }
    }
}

/// Follows the cache's entries through time and says of every delivery which frames it may have carried.
///
/// Events come key by key, and under one key in order of `time.earliest`; events of equal times in an order that does
/// not depend on how the dump was read, for it decides which of two equal candidates is named first. What is kept is
/// one key's history, so memory does not grow with the dump. Pure: no file, no SQL.
public struct Sweep {
    private let judge: Judge
    private let clocks: Clocks
    private let survey: KeySurvey?
    /// Whether the dump's deliveries come from several nodes, so that a fill whose log names none may be another's.
    private let hasManyNodes: Bool

    private var key = NameID.absent
    private var histories: [NameID: KeyHistory] = [:]
    /// Fills and purges whose logs name no node and that any node may have had, for nodes that appear later.
    private var everywhere: [KeyEvent] = []
    /// Fills whose log names no node, until all requests that can have caused them are known.
    private var unplaced: [Fill] = []
    /// Requests that may have asked the origin, as long as a fill to be placed may be theirs.
    private var asking: [Delivery] = []
    /// Deliveries that a fill to come may still concern, in order of arrival.
    private var waiting: [Delivery] = []
    /// Deliveries of which it is not yet clear what they carried, in order of arrival.
    private var open: [Delivery] = []
    /// Requests that asked the origin, under the keys seen, without a line of it in the origin's log.
    public private(set) var lostFills = 0
    private static let mostOpen = 512
    private static let mostEntries = 512

    /// - Parameter survey: what was judged already by `Judge.screen`, if that came before; those deliveries are
    ///   followed here but not emitted again.
    public init(judge: Judge, clocks: Clocks, hasManyNodes: Bool, survey: KeySurvey? = nil) {
        self.judge = judge
        self.survey = survey
        self.clocks = clocks
        self.hasManyNodes = hasManyNodes
    }

    /// Takes the next event, and emits what is known of deliveries that no later event can concern.
    public mutating func add(_ event: KeyEvent, emit: (Delivery, Finding) throws -> Void) rethrows {
        if event.key != key {
            try finish(emit: emit)
            key = event.key
        }
        try settle(before: event.time.earliest, emit: emit)
        switch event {
        case .fill(let fill) where !fill.node.isPresent && hasManyNodes: unplaced.append(fill)
        case .fill(let fill): add(event, to: fill.node, isElsewhereToo: false)
        case .purge(let purge) where purge.node.isPresent: add(event, to: purge.node, isElsewhereToo: false)
        case .purge: addEverywhere(event)
        case .delivery(let delivery):
            waiting.append(delivery)
            if hasManyNodes, delivery.cacheStatus != .hit { asking.append(delivery) }
        }
    }

    /// Emits what is left of the last key.
    public mutating func finish(emit: (Delivery, Finding) throws -> Void) rethrows {
        try settle(before: .max, emit: emit)
        histories.removeAll(keepingCapacity: true)
        everywhere.removeAll(keepingCapacity: true)
        asking.removeAll(keepingCapacity: true)
    }

    // MARK: Where a fill belongs

    private mutating func add(_ event: KeyEvent, to node: NameID, isElsewhereToo: Bool) {
        var history = histories.removeValue(forKey: node) ?? newHistory()
        history.add(event, isElsewhereToo: isElsewhereToo)
        histories[node] = history
    }

    private mutating func addEverywhere(_ event: KeyEvent) {
        everywhere.append(event)
        if histories.isEmpty {
            histories[.absent] = KeyHistory(clocks: clocks, tellsRevalidations: survey?.tellsRevalidations ?? true)
        }
        for node in histories.keys { histories[node]?.add(event, isElsewhereToo: hasManyNodes) }
    }

    private func newHistory() -> KeyHistory {
        var history = KeyHistory(clocks: clocks, tellsRevalidations: survey?.tellsRevalidations ?? true)
        for event in everywhere { history.add(event, isElsewhereToo: hasManyNodes) }
        return history
    }

    /// Puts a fill whose log names no node on the nodes whose requests could have caused it: those that were asking the
    /// origin at that time, for the account that the fill names if it names one. If no request is on record (a
    /// background refresh), it may be any node's.
    private mutating func place(_ fill: Fill) {
        let nodes = Set(
            asking.lazy.filter { [clocks] in
                (!fill.requester.isPresent || $0.requester == fill.requester)
                    && !clocks.isSurelyAfter(fill.time, fill.clock, $0.time.latest, $0.clock)
                    && !clocks.isSurelyBefore(fill.time, fill.clock, $0.time.earliest, $0.clock)
            }.map(\.node))
        if nodes.isEmpty || nodes.contains(.absent) {
            addEverywhere(.fill(fill))
        } else {
            for node in nodes { add(.fill(fill), to: node, isElsewhereToo: nodes.count > 1) }
        }
    }

    // MARK: Deliveries

    /// Judges the waiting deliveries that end, skew included, before `watermark`.
    private mutating func settle(before watermark: Int64, emit: (Delivery, Finding) throws -> Void) rethrows {
        let horizon = watermark == .max ? .max : watermark - clocks.skew
        while let fill = unplaced.first, fill.time.latest < horizon { place(unplaced.removeFirst()) }
        var settled = 0
        while settled < waiting.count {
            let delivery = waiting[settled]
            guard delivery.time.latest < horizon,
                unplaced.allSatisfy({ clocks.isSurelyAfter($0.time, $0.clock, delivery.time.latest, delivery.clock) })
            else { break }
            settled += 1
            learn(from: delivery)
            if let survey, !judge.needsHistory(delivery, survey) { continue }
            guard let finding = judge.judge(delivery, entry: entry(for: delivery)) else { continue }
            if mayBecomeClearer(finding) { open.append(delivery) } else { try emit(delivery, finding) }
        }
        if watermark == .max { try close(open.count, emit: emit) }
        guard settled > 0 else { return }
        waiting.removeFirst(settled)
        try closeOld(emit: emit)
        let oldest = min(waiting.first?.time.earliest ?? watermark, open.first?.time.earliest ?? watermark, watermark)
        guard oldest < .max else { return }
        for node in histories.keys { histories[node]?.forget(before: oldest) }
        let oldestFill = min(unplaced.first?.time.earliest ?? watermark, watermark)
        asking.removeAll { $0.time.latest + 2 * clocks.skew < oldestFill }
    }

    // MARK: Deliveries left open

    /// Whether what is to come may show which of several frames it was.
    private func mayBecomeClearer(_ finding: Finding) -> Bool {
        finding.evidence == .cache && finding.isExposure
            && (finding.certainty == .possible || finding.candidates.count > 1)
    }

    /// Judges for good what has been open for long, so that neither the open deliveries nor the fills kept for them grow
    /// without a bound.
    private mutating func closeOld(emit: (Delivery, Finding) throws -> Void) rethrows {
        let isCrowded = histories.values.contains { $0.entries.count > Self.mostEntries }
        let count = isCrowded ? open.count : open.count - Self.mostOpen
        if count > 0 { try close(count, emit: emit) }
    }

    private mutating func close(_ count: Int, emit: (Delivery, Finding) throws -> Void) rethrows {
        for delivery in open.prefix(count) {
            if let finding = judge.judge(delivery, entry: entry(for: delivery)) { try emit(delivery, finding) }
        }
        open.removeFirst(count)
    }

    // MARK: What a delivery shows

    /// Takes note of what a delivery shows about the entry of its node.
    private mutating func learn(from delivery: Delivery) {
        guard !isOfAnyNode(delivery) else { return }
        let time = delivery.time
        var history = histories.removeValue(forKey: delivery.node) ?? newHistory()
        defer { histories[delivery.node] = history }
        let status = delivery.cacheStatus
        let asksWithOwnValidator = !delivery.flags.contains(.forwardsValidator)
        if asksWithOwnValidator { history.readValidators() } else { history.forwardsValidators = true }
        if status.asksOrigin, delivery.content == .frame, delivery.requester.isPresent,
            !delivery.flags.contains(.aborted)
        {
            history.bound(byFetchOf: delivery)
            if survey?.tellsSent == true, !history.hasAnswer(to: delivery) {
                history.addLostFill(of: delivery)
                lostFills += 1
            }
        }
        if status.foundNothingFresh {
            history.foundNothingFresh(
                .init(earliest: time.earliest, begunBy: time.begunBy, clock: delivery.clock))
            if !status.asksOrigin {
                history.mayBeRenewedUntil = .init(at: time.latest + Clocks.transit, clock: delivery.clock)
            }
        }
        if delivery.namesStoredHeaders { history.readHeaders(of: delivery) }
        if status == .hit {
            history.confirm(
                time.earliest, time.latest, clock: delivery.clock,
                since: history.lastLookup(before: time.earliest, clock: delivery.clock))
        }
    }

    /// Whether a delivery's line names no node though the key is known on named ones: it may be any node's.
    private func isOfAnyNode(_ delivery: Delivery) -> Bool {
        !delivery.node.isPresent && !histories.isEmpty && (histories.count > 1 || histories[.absent] == nil)
    }

    /// The cache entry that a delivery may have been served from.
    private func entry(for delivery: Delivery) -> CacheEntry {
        if isOfAnyNode(delivery) {
            return CacheEntry(histories: histories.sorted { $0.key < $1.key }.map(\.value))
        }
        return CacheEntry(histories: [histories[delivery.node, default: newHistory()]])
    }
}

/// The histories of one key on the nodes that a delivery may have come from.
struct CacheEntry {
    let histories: [KeyHistory]

    func candidates(for delivery: Delivery) -> [Fill] {
        let time = delivery.time
        switch delivery.cacheStatus {
        case .stale:
            // A stale answer is given at once; what its refresh brings comes later, though a log line written at the
            // refresh's end spans both (nginx ngx_http_proxy_module, proxy_cache_background_update).
            let refreshes = Set(fetched(for: delivery).map(\.id))
            return candidates(time.earliest, time.begunBy, delivery).filter { !refreshes.contains($0.id) }
        case .collapsed, .shared:
            // What it or another request fetched meanwhile, and not the entry that there was before.
            let own = delivery.cacheStatus == .shared ? [] : fetched(for: delivery)
            if !own.isEmpty { return own }
            let all = candidates(time.earliest, time.latest, delivery)
            // What was fetched is shared while it is on its way, also if it is not to be stored.
            let meanwhile = histories.flatMap { $0.underWay(at: delivery) }
            return meanwhile.isEmpty ? all : meanwhile
        default: return candidates(time.earliest, time.latest, delivery)
        }
    }

    private func candidates(_ from: Int64, _ until: Int64, _ delivery: Delivery) -> [Fill] {
        let isFresh = delivery.cacheStatus == .hit
        return histories.flatMap { history in
            history.candidates(
                from, until, clock: delivery.clock, isFresh: isFresh,
                since: isFresh ? history.lastLookup(before: from, clock: delivery.clock) : nil
            ).filter { !delivery.namesStoredHeaders || !history.isContradicted($0, by: delivery) }.map(\.fill)
        }
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
    fileprivate var namesStoredHeaders: Bool {
        flags.contains(.replaceableHeaders) && frame.isPresent && content == .frame
            && (cacheStatus == .hit || cacheStatus == .revalidated && !flags.contains(.conditional))
    }
}
