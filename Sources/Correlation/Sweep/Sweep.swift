public import LogRecords

/// Follows the cache's entries through time and says of every delivery which frames it may have carried.
///
/// Events come key by key, and under one key in order of `time.earliest`; events of equal times in an order that does
/// not depend on how the dump was read, for it decides which of two equal candidates is named first. What is kept is
/// one key's history, so memory does not grow with the dump. Pure: no file, no SQL.
public struct Sweep {
    var judge: Judge
    let clocks: Clocks
    var survey: UncontestedKeys?
    /// Whether the dump's deliveries come from several nodes, so that a fill whose log names none may be another's.
    private let hasManyNodes: Bool
    /// Whether a delivery names its node, so that a fill whose log names none has to be put on one.
    let namesNodes: Bool
    /// Whether a delivery names none.
    private let hasUnnamedNode: Bool
    /// The nodes whose own logs tell fills; absent: a cache's log that names no node does.
    let fillingNodes: Set<SymbolID>
    /// Nodes that fill and deliver nothing: caches above the others.
    let shields: Set<SymbolID>

    var key = SymbolID.absent
    var histories: [SymbolID: EntryTimeline] = [:]
    /// Fills and purges whose logs name no node and that any node may have had, for nodes that appear later.
    private var everywhere: [(event: KeyEvent, isElsewhereToo: Bool)] = []
    /// Fills whose log names no node, until all requests that can have caused them are known.
    private var unplaced: [Fill] = []
    /// Requests that may have asked the origin, as long as a fill to be placed may be theirs.
    var asking: [Delivery] = []
    private var lastHits = LastHits()
    /// Requests that were answered with a stale frame, and whose refresh in the background may still be on its way.
    var refreshing: [Delivery] = []
    /// How long such a refresh may take, microseconds: no line tells its end.
    static let longestRefresh: Int64 = 60_000_000
    /// The first frame of each origin that was sent under the key, where something stands between cache and origin.
    private var sent: [Fill] = []
    /// Whether any fill's line names the key so far.
    var isKeyFilled = false
    /// Whether an origin sent anything under the key, and whether any delivery names it.
    private var (isKeySent, isKeyNamed) = (false, false)
    private var validators = ValidatorAudit()
    /// Deliveries that a fill to come may still concern, in order of arrival.
    private var waiting: [Delivery] = []
    /// From how many of them what they show has been learnt.
    private var learnt = 0
    /// Deliveries of which it is not yet clear what they carried, in order of arrival.
    private var open: [OpenDelivery] = []
    /// Requests that asked the origin, under the keys seen, without a line of it in the origin's log.
    public internal(set) var lostFills = 0
    /// What the keys seen tell of the assumptions that every rule rests on.
    public internal(set) var observations = Observations()
    private static let mostOpen = 512
    /// The last key with a hit that nothing was told to be filled under.
    var lastKeyWithoutFill: SymbolID?

    /// - Parameters:
    ///   - deliveringNodes: the nodes of all deliveries.
    ///   - survey: what was judged already by `Judge.screen`, if that came before; those deliveries are followed here
    ///     but not emitted again.
    public init(judge: Judge, clocks: Clocks, deliveringNodes: [SymbolID], survey: UncontestedKeys? = nil) {
        hasManyNodes = deliveringNodes.count > 1
        namesNodes = deliveringNodes.contains { $0.isPresent }
        hasUnnamedNode = deliveringNodes.contains(.absent)
        fillingNodes = survey?.fillingNodes ?? []
        shields = fillingNodes.subtracting(deliveringNodes)
        self.judge = judge
        self.survey = survey
        self.clocks = clocks
    }

    /// Takes the next event, and emits what is known of deliveries that no later event can concern.
    public mutating func add(_ event: KeyEvent, emit: (Delivery, Finding) throws -> Void) rethrows {
        if event.key != key {
            try finish(emit: emit)
            key = event.key
        }
        try settle(before: event.time.earliest, emit: emit)
        if case .fill(let fill) = event, fill.kind == .sent, survey?.isOriginDirect == false { note(sent: fill) }
        if case .fill(let fill) = event {
            isKeyFilled = true
            if fill.kind != .stored {
                isKeySent = true
                validators.add(fill)
            }
        }
        switch event {
        case .fill(let fill) where !fill.node.isPresent && (namesNodes || fill.requester.isPresent):
            unplaced.append(fill)
        case .fill(let fill): add(event, to: fill.node, isElsewhereToo: false)
        case .purge(let purge) where purge.node.isPresent: add(event, to: purge.node, isElsewhereToo: false)
        case .purge: addEverywhere(event, isElsewhereToo: hasManyNodes)
        case .delivery(let delivery):
            isKeyNamed = true
            waiting.append(delivery)
            if delivery.cacheStatus != .hit { asking.append(delivery) } else { lastHits.add(delivery) }
            if delivery.cacheStatus == .stale {
                refreshing.append(delivery)
                refreshing.removeAll { $0.time.latest + Self.longestRefresh < delivery.time.earliest - clocks.skew }
            }
        }
    }

    /// Emits what is left of the last key.
    public mutating func finish(emit: (Delivery, Finding) throws -> Void) rethrows {
        try settle(before: .max, emit: emit)
        // A client's validator may be of a frame that it got under another key.
        if !histories.values.contains(where: \.forwardsValidators) {
            observations.add(validators)
        }
        if isKeySent { observations.noteOriginKey(isNamed: isKeyNamed) }
        (isKeyFilled, isKeySent, isKeyNamed, validators) = (false, false, false, ValidatorAudit())
        for (node, history) in histories {
            observations.add(history.freshness.outcome(lifetime: history.lifetime), of: node)
        }
        histories.removeAll(keepingCapacity: true)
        refreshing.removeAll(keepingCapacity: true)
        lastHits = LastHits()
        everywhere.removeAll(keepingCapacity: true)
        asking.removeAll(keepingCapacity: true)
        sent.removeAll(keepingCapacity: true)
    }

    /// Judges a delivery whose evidence stands on its own line, or lets the survey look at its key.
    mutating func screen(_ delivery: Delivery) -> Judge.Screening {
        survey?.screen(delivery, by: judge) ?? .surveyed
    }

    // MARK: Where a fill belongs

    private mutating func add(_ event: KeyEvent, to node: SymbolID, isElsewhereToo: Bool) {
        var history = histories.removeValue(forKey: node) ?? newHistory(of: node)
        history.add(event, isElsewhereToo: isElsewhereToo)
        histories[node] = history
    }

    mutating func addEverywhere(_ event: KeyEvent, isElsewhereToo: Bool) {
        everywhere.append((event, isElsewhereToo))
        // A log that names no node need not be that of a node which another log names.
        if histories.isEmpty || hasUnnamedNode && histories[.absent] == nil {
            histories[.absent] = emptyHistory(of: .absent)
        }
        eachHistory { $0.add(event, isElsewhereToo: isElsewhereToo) }
    }

    /// Changes all histories in place: a loop over their keys would hold them, so that the first change copied all.
    private mutating func eachHistory(_ change: (inout EntryTimeline) -> Void) {
        var index = histories.values.startIndex
        while index != histories.values.endIndex {
            change(&histories.values[index])
            histories.values.formIndex(after: &index)
        }
    }

    private func emptyHistory(of node: SymbolID) -> EntryTimeline {
        EntryTimeline(
            clocks: clocks, tellsRevalidations: survey?.tellsRevalidations ?? true,
            holdsSeveral: judge.rules.nodesOfSeveralEntries.contains(node) || judge.rules.areBodiesInParts,
            areHitsFresh: judge.rules.areHitsFresh)
    }

    func newHistory(of node: SymbolID) -> EntryTimeline {
        var history = emptyHistory(of: node)
        for (event, isElsewhereToo) in everywhere { history.add(event, isElsewhereToo: isElsewhereToo) }
        return history
    }

    /// Puts a fill whose log names no node on the nodes whose requests could have caused it: those that were asking the
    /// origin at that time, for the account that the fill names if it names one. If no request is on record (a
    /// background refresh), it may be any node's.
    private mutating func place(_ fill: Fill) {
        var nodes = Set(
            asking.lazy.filter { [clocks] in
                (!fill.requester.isPresent || $0.requester == fill.requester)
                    && !clocks.isSurelyAfter(fill.time, fill.clock, $0.askedBy, $0.clock)
                    && !clocks.isSurelyBefore(fill.time, fill.clock, $0.time.earliest, $0.clock)
            }.map(\.node))
        if fill.requester.isPresent {
            let refreshing = nodes.isEmpty ? lastHits.nodes(thatMayHaveRefreshed: fill, clocks) : []
            observations.noteAnswer(isAskedFor: !nodes.isEmpty, isBesideHit: !refreshing.isEmpty)
            if nodes.isEmpty, judge.rules.doHitsRefresh { nodes = refreshing }
        }
        if nodes.isEmpty, fill.requester.isPresent {
            // Of a request that no log has: another node's, perhaps.
            addEverywhere(.fill(fill), isElsewhereToo: true)
        } else if nodes.isEmpty || nodes.contains(.absent) {
            addEverywhere(.fill(fill), isElsewhereToo: hasManyNodes)
        } else {
            for node in nodes { add(.fill(fill), to: node, isElsewhereToo: nodes.count > 1) }
        }
    }

    // MARK: Deliveries

    /// Judges the waiting deliveries that end, skew included, before `watermark`.
    private mutating func settle(before watermark: Int64, emit: (Delivery, Finding) throws -> Void) rethrows {
        let horizon = watermark == .max ? .max : watermark - clocks.skew
        while let fill = unplaced.first, fill.time.latest < horizon { place(unplaced.removeFirst()) }
        while learnt < waiting.count {
            let delivery = waiting[learnt]
            guard delivery.time.latest < horizon,
                unplaced.allSatisfy({ [clocks] in
                    clocks.isSurelyAfter($0.time, $0.clock, delivery.time.latest, delivery.clock)
                })
            else { break }
            learnt += 1
            learn(from: delivery)
        }
        var settled = 0
        while settled < learnt, !mayYetFill(waiting[settled]) {
            let delivery = waiting[settled]
            settled += 1
            if let survey, !judge.needsHistory(delivery, survey) { continue }
            let askers = askers(during: delivery)
            guard let finding = judge.judge(delivery, entry: entry(for: delivery, askers)) else { continue }
            if mayBecomeClearer(finding) {
                open.append(OpenDelivery(delivery: delivery, askers: askers))
            } else {
                try emit(delivery, finding)
            }
        }
        if watermark == .max { try close(open.count, emit: emit) }
        guard settled > 0 else { return }
        waiting.removeFirst(settled)
        learnt -= settled
        let oldest = min(
            waiting.first?.time.earliest ?? watermark, open.first?.delivery.time.earliest ?? watermark, watermark)
        guard oldest < .max else { return }
        eachHistory { $0.forget(before: oldest) }
        let oldestFill = min(
            unplaced.first?.time.earliest ?? watermark, waiting.first?.time.earliest ?? watermark, watermark)
        asking.removeAll { $0.askedBy + 2 * clocks.skew < oldestFill }
        try closeOld(emit: emit)
    }

    /// Whether a request that is still under way may turn out to have filled, without a line, what a delivery carried.
    private func mayYetFill(_ delivery: Delivery) -> Bool {
        for index in learnt..<waiting.count {
            let other = waiting[index]
            if other.node == delivery.node,
                other.cacheStatus.asksOrigin && isFillLogged(of: other)
                    || other.cacheStatus != .hit && isUntold(other.node),
                !clocks.isSurelyAfter(other.time, other.clock, delivery.time.latest, delivery.clock)
            {
                return true
            }
        }
        return false
    }

    // MARK: Deliveries left open

    private struct OpenDelivery {
        var delivery: Delivery
        /// As they were known when it was judged first.
        var askers: [Delivery]
    }

    /// Whether what is to come may show which of several frames it was.
    private func mayBecomeClearer(_ finding: Finding) -> Bool {
        finding.evidence == .cache && finding.isExposure
            && (finding.certainty == .possible || finding.candidates.count > 1)
    }

    /// Judges for good what has been open for long, so that neither the open deliveries nor the fills kept for them grow
    /// without a bound.
    private mutating func closeOld(emit: (Delivery, Finding) throws -> Void) rethrows {
        let isCrowded = histories.values.contains { $0.entries.count > EntryTimeline.most }
        let count = isCrowded ? open.count : open.count - Self.mostOpen
        if count > 0 { try close(count, emit: emit) }
    }

    private mutating func close(_ count: Int, emit: (Delivery, Finding) throws -> Void) rethrows {
        for one in open.prefix(count) {
            let entry = entry(for: one.delivery, one.askers)
            if let finding = judge.judge(one.delivery, entry: entry) { try emit(one.delivery, finding) }
        }
        open.removeFirst(count)
    }

    // MARK: Where a delivery may come from

    /// Whether a delivery's line names no node though the key is known on named ones: it may be any node's.
    func isOfAnyNode(_ delivery: Delivery) -> Bool {
        !delivery.node.isPresent && !histories.isEmpty && (histories.count > 1 || histories[.absent] == nil)
    }

    /// The cache entry that a delivery may have been served from.
    private func entry(for delivery: Delivery, _ askers: [Delivery]) -> CacheEntry {
        let above =
            shields.isEmpty
            ? [] : histories.filter { [shields] in shields.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
        if isOfAnyNode(delivery) {
            return CacheEntry(histories: histories.sorted { $0.key < $1.key }.map(\.value), sent: sent, askers: askers)
        }
        // No default by a closure: it would copy all that this keeps.
        let own: EntryTimeline
        if let known = histories[delivery.node] { own = known } else { own = newHistory(of: delivery.node) }
        return CacheEntry(histories: [own], above: above, sent: sent, askers: askers)
    }

    /// The other requests that found nothing fresh while a delivery was under way: the node's, or any that meet above.
    private func askers(during delivery: Delivery) -> [Delivery] {
        // An origin's log tells what was fetched, stored or not.
        guard survey?.tellsSent != true, delivery.cacheStatus.asksOrigin || delivery.cacheStatus.isJoined else {
            return []
        }
        let refreshes = refreshing.filter {
            $0.node == delivery.node && $0.time.earliest <= delivery.time.latest
                && $0.time.latest >= delivery.time.earliest - Self.longestRefresh
        }
        let meetAbove = !shields.isEmpty
        return refreshes
            + asking.filter {
                (meetAbove || $0.node == delivery.node) && $0.id != delivery.id && $0.cacheStatus != .stale
                    && $0.time.earliest <= delivery.time.latest
                    && $0.time.latest >= delivery.time.earliest
            }
    }

    private mutating func note(sent fill: Fill) {
        if !sent.contains(where: { $0.camera == fill.camera && $0.owner == fill.owner }) { sent.append(fill) }
    }
}
