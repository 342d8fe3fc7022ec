public import Interning

/// Which line an event was read from: the source's number in the case and the line's number in the source.
///
/// The two share one integer, source above line, so that events in order of `EventID` are in order of reading and a
/// source's events are one contiguous range.
public struct EventID: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Lines per source at most: 2^36, some ten terabytes of text.
    public static let lineBits: Int64 = 36
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(source: Int64, line: Int64) { rawValue = source << Self.lineBits | line }

    public var source: Int64 { rawValue >> Self.lineBits }
    public var line: Int64 { rawValue & (1 << Self.lineBits - 1) }

    /// The raw values of all events of a source.
    public static func range(of source: Int64) -> ClosedRange<Int64> {
        source << lineBits...(source + 1) << lineBits - 1
    }

    public static func < (a: EventID, b: EventID) -> Bool { a.rawValue < b.rawValue }
}

/// When an event happened, as far as its line tells: microseconds since 1970-01-01 UTC.
///
/// A record stands for the closed interval [`earliest`, `latest`]. The digits of the time stamp say how much is
/// unknown; a duration reaches back from a stamp that marks the end, or forward from one that marks the start.
public struct EventTime: Hashable, Sendable, BitwiseCopyable {
    /// The time stamp as the line has it.
    public var stamp: Int64
    public var earliest: Int64
    public var latest: Int64
    /// The latest moment at which the event can have begun; `latest` if the line has no duration.
    public var begunBy: Int64

    public init(stamp: Int64, earliest: Int64, latest: Int64, begunBy: Int64? = nil) {
        self.stamp = stamp
        self.earliest = earliest
        self.latest = latest
        self.begunBy = begunBy ?? latest
    }

    /// An event known to the microsecond and without duration.
    public init(_ stamp: Int64) { self.init(stamp: stamp, earliest: stamp, latest: stamp) }
}

/// A response that a relay, edge or cache gave to a requester.
public struct Delivery: Sendable, BitwiseCopyable {
    /// What the line says beside its fields.
    public struct Flags: OptionSet, Sendable, Hashable, BitwiseCopyable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The server saw the client or the transfer end early.
        public static let aborted = Flags(rawValue: 1)
        /// The frame and owner on the line are reply headers that a revalidation may have replaced without the body.
        public static let replaceableHeaders = Flags(rawValue: 2)
        /// The request carried If-None-Match, or the log cannot tell that it did not.
        public static let conditional = Flags(rawValue: 4)
        /// This cache forwards the client's own validator when it revalidates.
        public static let forwardsValidator = Flags(rawValue: 8)
        /// A revalidation that names another frame than the stored one puts its headers over the stored ones, and the line
        /// names them (seen with Varnish 7.1 and 7.7, Vinyl 9.0 and Traffic Server 9.2).
        public static let mergeableHeaders = Flags(rawValue: 64)
        /// The stamp is the end of the answer and the line has no duration: it began at some moment before.
        public static let startUnknown = Flags(rawValue: 16)
        /// Who received it is in doubt: two sources of the requester on the line contradict each other, or the line may
        /// have been cut while it was written.
        public static let requesterInDoubt = Flags(rawValue: 32)
        /// A line just before tells of the same request, as far as the two say: both may be of one answer.
        public static let mayBeRepeat = Flags(rawValue: 128)
    }

    public var id: EventID
    public var time: EventTime
    /// Whose clock made the time stamp.
    public var clock: SymbolID
    public var node: SymbolID
    public var requester: SymbolID
    /// The camera that was asked for.
    public var camera: SymbolID
    public var key: SymbolID
    /// The frame id that the line names.
    public var frame: SymbolID
    /// The frame owner that the line names.
    public var owner: SymbolID
    /// The camera of the frame that the line names.
    public var frameCamera: SymbolID
    public var cacheStatus: CacheStatus
    /// The server's own word for `cacheStatus`.
    public var cacheWord: SymbolID
    /// HTTP status; 0 if the line has none.
    public var status: Int32
    /// Bytes sent; -1 if the line does not say.
    public var bytes: Int64
    /// Round-trip time in milliseconds; -1 if the line does not say.
    public var rttMilliseconds: Int32
    /// Packet loss in hundredths of a percent; -1 if the line does not say.
    public var lossBasisPoints: Int32
    public var client: SymbolID
    public var network: SymbolID
    /// thumbnail, still, clip or stream, where the log tells.
    public var kind: SymbolID
    /// What the profile maps beyond these, all in one name: see `ExtraFields`.
    public var extra: SymbolID
    public var flags: Flags

    public init(
        id: EventID, time: EventTime, clock: SymbolID = .absent, node: SymbolID = .absent,
        requester: SymbolID = .absent,
        camera: SymbolID = .absent, key: SymbolID = .absent, frame: SymbolID = .absent, owner: SymbolID = .absent,
        frameCamera: SymbolID = .absent, cacheStatus: CacheStatus = .unknown, cacheWord: SymbolID = .absent,
        status: Int32 = 0, bytes: Int64 = -1, rttMilliseconds: Int32 = -1, lossBasisPoints: Int32 = -1,
        client: SymbolID = .absent, network: SymbolID = .absent, kind: SymbolID = .absent,
        extra: SymbolID = .absent, flags: Flags = []
    ) {
        self.id = id
        self.time = time
        self.clock = clock
        self.node = node
        self.requester = requester
        self.camera = camera
        self.key = key
        self.frame = frame
        self.owner = owner
        self.frameCamera = frameCamera
        self.cacheStatus = cacheStatus
        self.cacheWord = cacheWord
        self.status = status
        self.bytes = bytes
        self.rttMilliseconds = rttMilliseconds
        self.lossBasisPoints = lossBasisPoints
        self.client = client
        self.network = network
        self.kind = kind
        self.extra = extra
        self.flags = flags
    }

    /// What the answer carried, by HTTP's rules (RFC 9110: 200 and 206 carry content, 304 tells the client to show
    /// what it has, section 9.3.2: an answer to HEAD has none) and by what the server says reached the client. An error
    /// carries no frame, stored or not.
    @inlinable public var content: Content {
        switch status {
        case 304: return .redisplay
        case 0, 200, 206: return bytes == 0 ? .none : .frame
        default: return .none
        }
    }

    /// What an answer carried.
    public enum Content: UInt8, Sendable {
        case frame = 0
        case redisplay = 1
        case none = 2
    }
}

/// A frame on its way into a cache, or the origin's word about one that is there.
public struct Fill: Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        /// The cache itself says that it stored the frame.
        case stored = 0
        /// The origin sent the frame to the cache; whether it was stored is the cache's affair (`no-store` rules,
        /// nginx `proxy_no_cache`, Squid `store_miss`).
        case sent = 1
        /// The origin confirmed the stored frame (304): nothing was stored.
        case revalidated = 2
    }

    public var id: EventID
    public var time: EventTime
    public var clock: SymbolID
    public var kind: Kind
    /// Whether no line tells of it: a request asked the origin, and what it brought may be another frame than the camera
    /// that was asked for. Never stored in a case.
    public var isPresumed = false
    /// Absent: the log does not say which node asked.
    public var node: SymbolID
    public var key: SymbolID
    public var frame: SymbolID
    public var camera: SymbolID
    /// The stated owner; absent: the camera's owner at fill time.
    public var owner: SymbolID
    /// The account whose request caused the fill.
    public var requester: SymbolID
    /// The frame id in the If-None-Match that came with the request for it: the entry that the cache then had, if this
    /// cache asks with its own validator.
    public var validator: SymbolID
    /// The cache's version where the line has it.
    public var version: SymbolID
    /// How long the entry may be served, seconds; -1 if the line does not say.
    public var ttlSeconds: Int32

    /// What an answer that its cache fetched leaves in that cache.
    init(of answer: Delivery) {
        self.init(
            id: answer.id, time: answer.time, clock: answer.clock, node: answer.node, key: answer.key,
            frame: answer.frame, camera: answer.camera, owner: answer.owner, requester: answer.requester)
    }

    public init(
        id: EventID, time: EventTime, clock: SymbolID = .absent, kind: Kind = .stored, node: SymbolID = .absent,
        key: SymbolID = .absent, frame: SymbolID = .absent, camera: SymbolID = .absent, owner: SymbolID = .absent,
        requester: SymbolID = .absent, validator: SymbolID = .absent, version: SymbolID = .absent,
        ttlSeconds: Int32 = -1
    ) {
        self.id = id
        self.time = time
        self.clock = clock
        self.kind = kind
        self.node = node
        self.key = key
        self.frame = frame
        self.camera = camera
        self.owner = owner
        self.requester = requester
        self.validator = validator
        self.version = version
        self.ttlSeconds = ttlSeconds
    }
}

/// The end of a cache entry: an explicit purge or an expiry that the cache logged.
public struct Purge: Sendable, BitwiseCopyable {
    public var id: EventID
    public var time: EventTime
    public var clock: SymbolID
    public var node: SymbolID
    public var key: SymbolID
    /// Whether the entry ended by its age and not by order.
    public var isExpiry: Bool

    public init(
        id: EventID, time: EventTime, clock: SymbolID = .absent, node: SymbolID = .absent, key: SymbolID = .absent,
        isExpiry: Bool = false
    ) {
        self.id = id
        self.time = time
        self.clock = clock
        self.node = node
        self.key = key
        self.isExpiry = isExpiry
    }
}

/// A change of the cache's software or configuration, as a node logged it.
public struct Rollout: Sendable {
    public var id: EventID
    public var time: EventTime
    /// Absent: every node.
    public var node: SymbolID
    public var name: SymbolID
    /// What is said of it; absent: nothing.
    public var note: SymbolID

    public init(
        id: EventID, time: EventTime, node: SymbolID = .absent, name: SymbolID = .absent, note: SymbolID = .absent
    ) {
        self.id = id
        self.time = time
        self.node = node
        self.name = name
        self.note = note
    }
}
