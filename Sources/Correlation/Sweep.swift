public import LogRecords

/// Something that happened under a cache key.
public enum KeyEvent: Sendable {
    case fill(Fill)
    case purge(Purge)
    case delivery(Delivery)

    public var key: NameID {
        switch self {
        case .fill(let fill): fill.key
        case .purge(let purge): purge.key
        case .delivery(let delivery): delivery.key
        }
    }

    public var time: EventTime {
        switch self {
        case .fill(let fill): fill.time
        case .purge(let purge): purge.time
        case .delivery(let delivery): delivery.time
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
        if histories.isEmpty { histories[.absent] = KeyHistory(clocks: clocks) }
        for node in histories.keys { histories[node]?.add(event, isElsewhereToo: hasManyNodes) }
    }

    private func newHistory() -> KeyHistory {
        var history = KeyHistory(clocks: clocks)
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
            let entry = entry(for: delivery)
            if let survey, !judge.needsHistory(delivery, survey) { continue }
            if let finding = judge.judge(delivery, entry: entry) { try emit(delivery, finding) }
        }
        guard settled > 0 else { return }
        waiting.removeFirst(settled)
        let oldest = min(waiting.first?.time.earliest ?? watermark, watermark)
        guard oldest < .max else { return }
        for node in histories.keys { histories[node]?.forget(before: oldest) }
        let oldestFill = min(unplaced.first?.time.earliest ?? watermark, watermark)
        asking.removeAll { $0.time.latest + 2 * clocks.skew < oldestFill }
    }

    /// The cache entry that a delivery may have been served from. A delivery of an unnamed node may be any node's.
    private mutating func entry(for delivery: Delivery) -> CacheEntry {
        let node = delivery.node
        if !node.isPresent, histories.count > 1 || histories[.absent] == nil, !histories.isEmpty {
            return CacheEntry(histories: histories.sorted { $0.key < $1.key }.map(\.value))
        }
        var history = histories.removeValue(forKey: node) ?? newHistory()
        if !delivery.flags.contains(.forwardsValidator) {
            history.narrow(before: delivery.time.earliest, clock: delivery.clock)
        }
        if delivery.cacheStatus.foundNothingFresh {
            history.foundNothingFresh(delivery.time.earliest, delivery.time.begunBy, clock: delivery.clock)
        }
        let isServedAsStored =
            delivery.cacheStatus == .hit
            || delivery.cacheStatus == .revalidated && !delivery.flags.contains(.conditional)
        if delivery.flags.contains(.replaceableHeaders), delivery.frame.isPresent, delivery.content == .frame,
            isServedAsStored
        {
            history.readHeaders(
                naming: delivery.frame, delivery.time.earliest, delivery.time.latest, clock: delivery.clock)
        }
        if delivery.cacheStatus == .hit {
            history.confirm(delivery.time.earliest, delivery.time.latest, clock: delivery.clock)
        }
        histories[node] = history
        return CacheEntry(histories: [history])
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
        case .collapsed:
            // What it or another request fetched meanwhile, and not the entry that there was before.
            let own = fetched(for: delivery)
            if !own.isEmpty { return own }
            let all = candidates(time.earliest, time.latest, delivery)
            let meanwhile = all.filter { histories[0].isUnderWay($0, at: delivery) }
            return meanwhile.isEmpty ? all : meanwhile
        default: return candidates(time.earliest, time.latest, delivery)
        }
    }

    private func candidates(_ from: Int64, _ until: Int64, _ delivery: Delivery) -> [Fill] {
        histories.flatMap {
            $0.candidates(from, until, clock: delivery.clock, isFresh: delivery.cacheStatus == .hit)
        }
    }

    func fetched(for delivery: Delivery) -> [Fill] {
        histories.flatMap {
            $0.fetched(by: delivery.requester, delivery.time.earliest, delivery.time.latest, clock: delivery.clock)
        }
    }
}
