import Interning
public import LogRecords

/// Two logs that tell of the same answers, and what their lines for one answer have in common.
public struct LogTie: Sendable, Equatable {
    /// The numbers of the logs; the first is the smaller.
    public var first: Int32
    public var other: Int32
    public var anchor: Anchor
    /// By how much the other log's lines end later than the first's, microseconds.
    public var delay: ClosedRange<Int64>
    /// By how many bytes the other log says more; nil if the two cannot be compared.
    public var moreBytes: ClosedRange<Int64>?
    /// What lines of one answer say alike wherever both say it.
    public var agreements: Agreements
    /// Where the answer passed both.
    public var places: Places
    /// How what lines of one answer say of their cache must fit.
    public var rule = AnswerRule.any
    /// What lines of one answer must not say differently.
    public var denials: Contradictions = []
    /// Whether both name keys.
    var haveKeys = false
    /// Whether one clock stamped both.
    var isOneClock = false

    public struct Agreements: OptionSet, Sendable, Equatable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let camera = Agreements(rawValue: 1)
        public static let key = Agreements(rawValue: 2)
        public static let frame = Agreements(rawValue: 4)
        public static let requester = Agreements(rawValue: 8)
    }

    public enum Places: Sendable, Equatable {
        /// One server wrote both.
        case same
        /// The first's server stands before the other's, and asks it for what it does not have.
        case firstIsOuter
        case otherIsOuter
        /// Two servers, and which one stands before the other is not known.
        case apart
    }

    /// By what lines are matched once the logs are known to be one answer's: lines of one server have their partners even where one
    /// names no camera or key.
    var matching: Anchor { places == .same && anchor.namesAccount && anchor != .request ? .account : anchor }

    /// Whether two lines, the first log's and the other's, may tell of one answer.
    ///
    /// - Parameter isAlone: whether each is the only line of its log with what both share.
    func mayBeOne(_ a: Delivery, _ b: Delivery, moved: Int64, isAlone: Bool) -> Bool {
        delay.contains(moved) && LogComparison.areAlike(a, b, anchor) && rule.allows((a, b))
            && (moreBytes.map { LogComparison.bytes(a, b, within: $0) || isAlone && isCutOff(a, b) } ?? true)
            && (!agreements.contains(.requester) || Self.agree(a.requester, b.requester) != false
                || isAlone && isSameBody(a, b))
            && (!agreements.contains(.camera) || Self.agree(a.camera, b.camera) != false)
            && (!agreements.contains(.key) || Self.agree(a.key, b.key) != false)
            && (!agreements.contains(.frame) || Self.agree(a.frame, b.frame) != false)
            // What a server had itself it did not ask another for.
            && !(places == .firstIsOuter && a.isServedUnasked) && !(places == .otherIsOuter && b.isServedUnasked)
    }

    /// Whether two lines of one server say the same of an answer, wherever both say it: its verdict, how long it took to the
    /// millisecond, and what the client was.
    static func sayTheSame(_ a: Delivery, _ b: Delivery) -> Bool {
        (a.cacheStatus == b.cacheStatus || a.cacheStatus == .unknown || b.cacheStatus == .unknown)
            && agree(a.client, b.client) != false && agree(a.network, b.network) != false
            && agree(a.frame, b.frame) != false && takeAsLong(a, b)
    }

    private static func takeAsLong(_ a: Delivery, _ b: Delivery) -> Bool {
        guard let one = a.microseconds, let other = b.microseconds else { return true }
        return abs(one - other) <= 1500
    }

    /// Whether one server saw less of an answer pass than the other because the client left.
    private func isCutOff(_ a: Delivery, _ b: Delivery) -> Bool {
        anchor == .request && (a.flags.contains(.aborted) || b.flags.contains(.aborted))
    }

    /// Whether two lines with one request's id that contradict each other about who was answered tell of one answer all the same:
    /// clients may send what id they like, but not what length the answer has.
    private func isSameBody(_ a: Delivery, _ b: Delivery) -> Bool {
        guard anchor == .request, let moreBytes else { return false }
        return a.bytes >= 0 && b.bytes >= 0 && LogComparison.bytes(a, b, within: moreBytes)
    }

    /// Whether two names are the same; nil if one is missing.
    static func agree(_ one: SymbolID, _ other: SymbolID) -> Bool? {
        one.isPresent && other.isPresent ? one == other : nil
    }
}

extension Delivery {
    /// How long the answer took; nil if the line does not say.
    var microseconds: Int64? {
        flags.contains(.startUnknown) || time.begunBy == time.latest && time.earliest == time.stamp
            ? nil : time.latest - time.begunBy
    }

    /// Whether the cache gave a stored frame and asked nobody, as it does for a newer one behind a stale answer.
    var isServedUnasked: Bool { cacheStatus == .hit || cacheStatus == .shared }

    /// Whether the cache gave a stored frame without asking anybody first.
    public var isFromOwnStore: Bool { cacheStatus == .hit || cacheStatus == .stale || cacheStatus == .shared }
}
