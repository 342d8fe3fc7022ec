import LogRecords

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
    func mayBeOne(_ a: Delivery, _ b: Delivery, moved: Int64) -> Bool {
        delay.contains(moved) && LogComparison.areAlike(a, b, anchor)
            && (moreBytes.map { LogComparison.bytes(a, b, within: $0) } ?? true)
            && (!agreements.contains(.camera) || Self.agree(a.camera, b.camera) != false)
            && (!agreements.contains(.key) || Self.agree(a.key, b.key) != false)
            && (!agreements.contains(.frame) || Self.agree(a.frame, b.frame) != false)
            // What a server had itself it did not ask another for.
            && !(places == .firstIsOuter && a.isFromOwnStore) && !(places == .otherIsOuter && b.isFromOwnStore)
    }

    /// Whether two names are the same; nil if one is missing.
    static func agree(_ one: NameID, _ other: NameID) -> Bool? {
        one.isPresent && other.isPresent ? one == other : nil
    }
}

extension Delivery {
    /// Whether the cache gave a stored frame without asking anybody first.
    var isFromOwnStore: Bool { cacheStatus == .hit || cacheStatus == .stale || cacheStatus == .shared }
}
