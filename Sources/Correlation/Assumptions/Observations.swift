public import Interning
import LogRecords

/// What a pass over the events of a dump tells of the assumptions that the evidence rests on: counts alone, which add up over
/// any split of the keys.
public struct Observations: Sendable {
    /// How a node's keys behaved.
    public struct Node: Sendable, Equatable {
        /// Requests that found nothing fresh.
        public var lookups = 0
        /// Those that found nothing fresh at an age at which the entry should have been, after a fresh hit on it.
        public var missedAfterHit = 0
        /// The same, with or without that hit, as far as logs of a few lines can show it.
        public var missedAtAll = 0
        /// Fresh hits of which the age is known.
        public var hits = 0
        /// When those were that were missed after a hit.
        public var missed = Bursts()
        /// Frames that were sent and, by the cache's own words, not stored.
        public var refusals = 0

        mutating func add(_ outcome: FreshnessAudit.Outcome) {
            lookups += outcome.lookups
            missedAfterHit += outcome.missedAfterHit
            missedAtAll += outcome.missedAtAll
            hits += outcome.hits
            refusals += outcome.refusals
            missed.see(outcome.first, outcome.latest)
            for moment in outcome.moments { missed.add(moment) }
        }

        static func += (a: inout Node, b: Node) {
            a.lookups += b.lookups
            a.missedAfterHit += b.missedAfterHit
            a.missedAtAll += b.missedAtAll
            a.hits += b.hits
            a.missed += b.missed
            a.refusals += b.refusals
        }
    }

    public private(set) var nodes: [SymbolID: Node] = [:]
    /// Requests that fetched from the origin.
    public private(set) var fetches = 0
    /// Those of them with several answers of the origin.
    public private(set) var fetchesInParts = 0
    /// Fills that only the lines of answers tell, and the nodes whose fills no other log tells.
    public private(set) var fillsToldByAnswers = 0
    public private(set) var nodesToldByAnswers: Set<SymbolID> = []
    /// On these nodes: fresh hits in the later half of the dump that were looked up by their key, those under a key of which no
    /// answer tells a fill, and how many keys that are.
    public private(set) var hits = 0
    public private(set) var hitsWithoutFill = 0
    public private(set) var keysWithoutFill = 0
    /// Misses of the later half of the dump without a line in the origin's log, under keys that it had not named by then: no
    /// cache above that goes by the logged key can have answered them.
    public private(set) var fetchesBeforeAnyFill = 0
    /// Answers of the origin that name an account, and those that no request in the logs can have asked for.
    public private(set) var answers = 0
    public private(set) var answersUnasked = 0
    /// Those of them beside a hit of that account, which may have been on a stale frame and set off the refresh.
    public private(set) var answersBesideHits = 0
    /// Keys under which the origin sent something, and those that no delivery names.
    public private(set) var originKeys = 0
    public private(set) var originKeysUnnamed = 0
    /// Requests to the origin with a validator, and those whose frame had not been sent under their key.
    public private(set) var validators = 0
    public private(set) var foreignValidators = 0
    /// Some of those frames: they may have been stored before the logs begin, if no line tells of them under another key.
    public private(set) var foreignFrames: Set<SymbolID> = []
    private static let fewFrames = 64

    public init() {}

    mutating func add(_ outcome: FreshnessAudit.Outcome, of node: SymbolID) {
        guard outcome.lookups > 0 || outcome.refusals > 0 else { return }
        nodes[node, default: Node()].add(outcome)
    }

    mutating func noteFetch(isInParts: Bool) {
        fetches += 1
        if isInParts { fetchesInParts += 1 }
    }

    mutating func noteFill(toldBy node: SymbolID) {
        fillsToldByAnswers += 1
        nodesToldByAnswers.insert(node)
    }

    mutating func noteHit(hasFill: Bool, isFirstOfKey: Bool) {
        hits += 1
        if !hasFill { hitsWithoutFill += 1 }
        if isFirstOfKey { keysWithoutFill += 1 }
    }

    mutating func noteAnswer(isAskedFor: Bool, isBesideHit: Bool) {
        answers += 1
        if isAskedFor { return }
        answersUnasked += 1
        if isBesideHit { answersBesideHits += 1 }
    }

    mutating func noteOriginKey(isNamed: Bool) {
        originKeys += 1
        if !isNamed { originKeysUnnamed += 1 }
    }

    mutating func noteFetchBeforeAnyFill() { fetchesBeforeAnyFill += 1 }

    mutating func add(_ audit: ValidatorAudit) {
        validators += audit.validators
        foreignValidators += audit.foreign.count
        add(foreign: audit.foreign)
    }

    private mutating func add(foreign: some Sequence<SymbolID>) {
        for frame in foreign where foreignFrames.count < Self.fewFrames { foreignFrames.insert(frame) }
    }

    /// Adds what another pass saw under other keys.
    public mutating func add(_ other: Observations) {
        for (node, seen) in other.nodes { nodes[node, default: Node()] += seen }
        fetches += other.fetches
        fetchesInParts += other.fetchesInParts
        fillsToldByAnswers += other.fillsToldByAnswers
        nodesToldByAnswers.formUnion(other.nodesToldByAnswers)
        hits += other.hits
        hitsWithoutFill += other.hitsWithoutFill
        keysWithoutFill += other.keysWithoutFill
        answers += other.answers
        answersUnasked += other.answersUnasked
        answersBesideHits += other.answersBesideHits
        originKeys += other.originKeys
        originKeysUnnamed += other.originKeysUnnamed
        fetchesBeforeAnyFill += other.fetchesBeforeAnyFill
        validators += other.validators
        foreignValidators += other.foreignValidators
        add(foreign: other.foreignFrames.sorted())
    }
}
