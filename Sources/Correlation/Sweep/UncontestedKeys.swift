public import LogRecords

/// Which cache keys only ever held one camera's frames of one owner, so that no history is needed to say whose frame a
/// delivery carried.
///
/// Nearly every key of a healthy cloud is of that kind. The survey only ever *clears* deliveries: whatever it cannot
/// clear is left to the sweep, so it saves time and decides nothing by itself.
public struct UncontestedKeys: Sendable {
    /// There may be many millions.
    private struct Key {
        var origin: FrameOrigin
        /// The earliest that a frame can have been filled.
        var since: Int64
        /// Deliveries cleared so far.
        var cleared: UInt32 = 0
        /// Fills less the requests of their node that must have caused one: below zero, a fill has no line.
        var spareFills: Int32 = 1
        /// Where its fills are from, in `stations`.
        var station: UInt16
        /// Whether the sweep must follow this key.
        var isContested: Bool
        /// Whether a request for its camera may have fetched another frame: a fill says whose request caused it, or fills
        /// of several frames' origins are known, or may be because the camera was sold.
        var isShared: Bool

        /// Whether the sweep must follow this key, or a fill under it has no line.
        var isFollowed: Bool { isContested || spareFills < 0 }
    }
    /// The node of a fill, and the clock of its line.
    private struct Station: Hashable {
        var node: SymbolID
        var clock: SymbolID
    }

    /// Known only once all fills are surveyed, for they tell the clocks' offsets.
    public var clocks: Clocks {
        didSet { isPlain = !clocks.isTied }
    }
    /// Whether times compare as they are, with one skew: asked for every delivery.
    private var isPlain = true
    private var keys = NameMap<Key>()
    private var stations: [Station] = []
    private var stationNumbers: [Station: UInt16] = [:]
    private var lastStation: UInt16 = 0
    /// Whether any fill's line is an origin's word that the stored frame is still good.
    public private(set) var tellsRevalidations = false
    /// Whether any fill's line is an origin's.
    public private(set) var tellsSent = false
    /// Whether a delivery's line names a frame that a fill names.
    public internal(set) var areLinesAlike = false
    /// Whether nothing stands between the caches and the origin whose log tells what it sent.
    public var isOriginDirect = true
    /// The nodes whose own logs tell fills.
    public private(set) var fillingNodes: Set<SymbolID> = []
    private var lastFillingNode: SymbolID?
    /// Fresh hits in the later half of the dump that were looked up by their key, and those whose key no fill names.
    public private(set) var hits = 0
    public private(set) var hitsWithoutFill = 0
    /// Some of those keys: no more than it takes to tell them from a few that were filled before the logs begin.
    public private(set) var keysWithoutFill: Set<SymbolID> = []
    private static let fewKeys = 16
    /// Answers MISS that name no key, on nodes whose fills no log tells: each may have filled under any.
    public private(set) var fillsWithoutKey = 0
    /// The middle of the dump's time, microseconds: before it a hit may be on what was stored before the logs begin.
    public var middle = Int64.min
    /// Misses in the later half of the dump whose key no fill names.
    public private(set) var missesWithoutFill = 0
    /// Requests that asked the origin, by key, where no fill is known under that key.
    private var unanswered = NameMap<Int>()

    public init(clocks: Clocks) { self.clocks = clocks }

    /// A survey of some keys of a dump, which is told what the fills of all others show.
    ///
    /// - Parameter fillingNodes: the nodes whose own logs tell fills.
    public init(
        clocks: Clocks, tellsSent: Bool, tellsRevalidations: Bool, isOriginDirect: Bool, fillingNodes: Set<SymbolID>
    ) {
        self.clocks = clocks
        self.tellsSent = tellsSent
        self.tellsRevalidations = tellsRevalidations
        self.isOriginDirect = isOriginDirect
        self.fillingNodes = fillingNodes
        isPlain = !clocks.isTied
    }

    /// Takes note of a fill; the order does not matter.
    public mutating func add(_ fill: Fill, _ directory: Directory) {
        if fill.kind == .revalidated { tellsRevalidations = true }
        if fill.kind == .sent { tellsSent = true }
        if fill.kind == .stored, fill.node != lastFillingNode {
            lastFillingNode = fill.node
            fillingNodes.insert(fill.node)
        }
        guard fill.key.isPresent else { return }
        let origin = fill.soleOrigin(directory)
        let station = station(of: fill)
        guard let place = keys.place(of: fill.key) else {
            // A frame that was only sent may not have been stored, and one whose asker is known may be told apart.
            let isPlain =
                origin?.owner.isPresent == true && fill.kind == .stored && !directory.wasSold(fill.camera)
                && fill.node.isPresent && station != nil && !fill.requester.isPresent
            keys.append(
                fill.key,
                Key(
                    origin: origin ?? .unknown, since: fill.time.earliest, station: station ?? 0, isContested: !isPlain,
                    isShared: fill.requester.isPresent || origin == nil || directory.wasSold(fill.camera)))
            return
        }
        let known = keys.values[place]
        if !known.isShared, fill.requester.isPresent || origin != known.origin {
            keys.update(place) { $0.isShared = true }
        }
        guard !known.isContested else { return }
        let isAlike =
            origin == known.origin && fill.kind == .stored && station == known.station && !fill.requester.isPresent
        keys.update(place) {
            $0.since = min($0.since, fill.time.earliest)
            $0.isContested = !isAlike
            $0.spareFills += 1
        }
    }

    /// The number of where a fill is from; nil: no number is left, and the sweep follows what was filled there.
    private mutating func station(of fill: Fill) -> UInt16? {
        let station = Station(node: fill.node, clock: fill.clock)
        if Int(lastStation) < stations.count, stations[Int(lastStation)] == station { return lastStation }
        guard let number = stationNumbers[station] ?? UInt16(exactly: stations.count) else { return nil }
        if Int(number) == stations.count {
            stations.append(station)
            stationNumbers[station] = number
        }
        lastStation = number
        return number
    }

    /// Brings what is known of some keys into the processor's cache (see `NameMap.warm`).
    public mutating func warm(_ names: [SymbolID]) { keys.warm(names) }

    /// Takes note of a purge: an entry may be gone for a while.
    public mutating func add(_ purge: Purge) { contest(purge.key) }

    /// Whether the sweep must follow this key, as far as it is known now. A key that neither fills nor purges name, and whose
    /// deliveries all speak for themselves, is not followed.
    func isFollowed(_ key: SymbolID) -> Bool { keys[key]?.isFollowed == true }

    /// Whether what a request for `camera` fetched may have been another frame than that camera's, as far as the fills
    /// under its key tell: they say whose requests caused them, or they are other cameras' too. Settled once all fills
    /// are surveyed.
    func tellsFetched(_ key: SymbolID, _ camera: SymbolID) -> Bool {
        guard let known = keys[key] else { return false }
        return known.isShared || known.origin.camera.isPresent && known.origin.camera != camera
    }

    /// Ends the survey, once all deliveries are screened: of the keys that no sweep follows nothing is known afterwards, for
    /// that takes most of the memory.
    ///
    /// - Returns: the keys that the sweep must follow.
    public mutating func keepContested() -> SymbolSet {
        var contested: [(name: SymbolID, key: Key)] = []
        keys.each { name, key in
            guard key.isFollowed else { return }
            var key = key
            key.isContested = true
            contested.append((name, key))
        }
        keys = NameMap()
        for (name, key) in contested { keys.append(name, key) }
        return SymbolSet(contested.lazy.map(\.name))
    }

    /// How many deliveries were cleared under keys that no sweep follows.
    public var clearedCount: Int {
        (0..<keys.count).reduce(0) { $0 + (keys.values[$1].isFollowed ? 0 : Int(keys.values[$1].cleared)) }
    }

    /// How many requests asked the origin, by keys that no sweep follows, without a line of it in the origin's log.
    public var lostFills: Int {
        var lost = 0
        unanswered.each { key, count in if keys[key] == nil { lost += count } }
        return lost
    }

    /// Takes note of a delivery that is judged without its key's history.
    mutating func pass(_ delivery: Delivery) {
        if !delivery.key.isPresent, delivery.cacheStatus == .miss, delivery.content != .none, !tellsSent,
            !fillingNodes.contains(delivery.node), !fillingNodes.contains(.absent)
        {
            fillsWithoutKey += 1
        }
        guard tellsSent, delivery.cacheStatus.asksOrigin, delivery.key.isPresent, delivery.content == .frame,
            !delivery.flags.contains(.aborted), keys.place(of: delivery.key) == nil
        else { return noteFill(by: delivery) }
        if delivery.cacheStatus == .miss, delivery.time.stamp >= middle { missesWithoutFill += 1 }
        let place = unanswered.place(of: delivery.key) ?? unanswered.append(delivery.key, 0)
        unanswered.update(place) { $0 += 1 }
    }

    /// Takes note of a request that must have caused a fill on its node, whose own log tells fills.
    private mutating func noteFill(by delivery: Delivery) {
        guard delivery.cacheStatus == .miss, delivery.content == .frame, !delivery.flags.contains(.aborted),
            let place = keys.place(of: delivery.key)
        else { return }
        let key = keys.values[place]
        if key.isContested || stations[Int(key.station)].node != delivery.node { return }
        keys.update(place) { $0.spareFills -= 1 }
    }

    mutating func contest(_ key: SymbolID) {
        if let place = keys.place(of: key) {
            keys.update(place) { $0.isContested = true }
        } else {
            keys.append(key, Key(origin: .unknown, since: .max, station: 0, isContested: true, isShared: false))
        }
    }

    mutating func screen(_ delivery: Delivery, by judge: Judge) -> Judge.Screening { judge.screen(delivery, &self) }

    private mutating func noteHit(_ key: SymbolID, hasFill: Bool) {
        hits += 1
        if hasFill { return }
        hitsWithoutFill += 1
        if keysWithoutFill.count < Self.fewKeys { keysWithoutFill.insert(key) }
    }

    /// Clears a delivery that the cache served, if every frame it can have carried is one that its requester was
    /// entitled to; otherwise the key becomes contested.
    mutating func clear(_ delivery: Delivery, _ judge: Judge) {
        let directory = judge.directory
        let isLateHit = delivery.cacheStatus == .hit && delivery.time.stamp >= middle
        guard let place = keys.place(of: delivery.key) else {
            if isLateHit { noteHit(delivery.key, hasFill: false) }
            return contest(delivery.key)
        }
        let key = keys.values[place]
        // Only a fill has a time.
        if isLateHit { noteHit(delivery.key, hasFill: key.since < .max) }
        if key.isContested { return }
        if judge.rules.isStoreUnknown || judge.isInDoubt(delivery) { return contest(delivery.key) }
        // What it was given is not what stood there before.
        if delivery.cacheStatus.isJoined { return contest(delivery.key) }
        if judge.rules.areCachesUntold, !delivery.node.isPresent { return contest(delivery.key) }
        if delivery.cacheStatus.asksOrigin, delivery.camera != key.origin.camera { return contest(delivery.key) }
        let until = delivery.cacheStatus == .stale ? delivery.time.begunBy : delivery.time.latest
        let (node, clock) = (stations[Int(key.station)].node, stations[Int(key.station)].clock)
        let isServedFromIt =
            node == delivery.node
            && (isPlain && clock == delivery.clock
                ? key.since : clocks.corrected(key.since, clock) - clocks.margin(clock, delivery.clock)) <= until
        let margin = clocks.marginToDirectory(delivery.clock)
        let isEntitled =
            isServedFromIt
            && directory.entitlement(
                of: delivery.requester, to: key.origin, delivery.time.earliest - margin, delivery.time.latest + margin)
                == .entitled
        let isClear = isEntitled && !delivery.flags.contains(.aborted)
        let counts: UInt32 = judge.window.contains(delivery.time.stamp) ? 1 : 0
        keys.update(place) { if isClear { $0.cleared += counts } else { $0.isContested = true } }
    }
}

extension Judge {
    /// Judges all deliveries that `screen` can say something of by themselves.
    public func screen(_ deliveries: [Delivery], _ survey: inout UncontestedKeys) -> [Finding] {
        var findings: [Finding] = []
        for bundle in deliveries.indices.bundles {
            survey.warm(deliveries[bundle].map(\.key))
            for delivery in deliveries[bundle] {
                if case .judged(let finding) = screen(delivery, &survey), let finding { findings.append(finding) }
            }
        }
        return findings
    }

    /// What can be said of a delivery without its key's history.
    public enum Screening: Sendable {
        /// All that there is to say; nil for a line that carried no frame and showed none again.
        case judged(Finding?)
        /// Clear, as long as its key stays uncontested; the survey counts it.
        case surveyed
    }

    /// Judges a delivery whose evidence stands on its own line, or whose key the survey can clear.
    public func screen(_ delivery: Delivery, _ survey: inout UncontestedKeys) -> Screening {
        switch bestWitness(of: delivery, survey) {
        case .ownLine:
            if delivery.frame.isPresent, frames.holds(delivery.frame) { survey.areLinesAlike = true }
            survey.pass(delivery)
            return .judged(judge(delivery, entry: CacheEntry(histories: [])))
        case .lineAndKey: survey.contest(delivery.key)
        // What its line names is none of what is known to have stood there.
        case .key where namesUnknownFrame(delivery) && !frames.isEmpty: survey.contest(delivery.key)
        case .key: survey.clear(delivery, self)
        }
        return .surveyed
    }

    /// Whether what was stored under its key decides about a delivery.
    func needsHistory(_ delivery: Delivery, _ survey: UncontestedKeys) -> Bool {
        bestWitness(of: delivery, survey) != .ownLine
    }

    /// What tells which frame a delivery carried.
    private enum Witness {
        case ownLine
        /// Its line names a frame, and what was stored under the key may be another. That is not for the keys to clear.
        case lineAndKey
        case key
    }

    private func bestWitness(of delivery: Delivery, _ survey: UncontestedKeys) -> Witness {
        guard delivery.content == .frame, delivery.requester.isPresent, delivery.key.isPresent else { return .ownLine }
        if namesItsFrame(delivery) {
            let maySayOtherwise =
                rules.areBodiesInParts
                || delivery.flags.contains(.mergeableHeaders) && !delivery.cacheStatus.bringsBody
                    && survey.tellsRevalidations
            return maySayOtherwise ? .lineAndKey : .ownLine
        }
        // This must not change while deliveries are screened, or one would be judged twice or never.
        if delivery.cacheStatus.asksOrigin, delivery.camera.isPresent {
            return survey.tellsFetched(delivery.key, delivery.camera) ? .key : .ownLine
        }
        return .key
    }
}
