/// What a cache's verdict on a request says about where the body came from.
///
/// Every server has words of its own; `init(word:)` knows those of nginx, Varnish, Squid, Apache Traffic Server,
/// CloudFront, Cloudflare and Fastly as their manuals list them, and a profile may map further ones.
public enum CacheStatus: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The line says nothing about a cache: the body may have come from it or not.
    case unknown = 0
    /// A stored frame, found fresh.
    case hit = 1
    /// A stored frame served past its time, as it stood when the request *began* (nginx STALE and UPDATING, Varnish
    /// grace): a background refresh that the same request started is not what this client received.
    case stale = 2
    /// A frame that this very request fetched from the origin.
    case miss = 3
    /// A stored frame whose origin confirmed it (HTTP 304 to the cache): the body is the old one.
    case revalidated = 4
    /// A request that joined another request's fetch, and received what that or a fetch of its own brought (Squid
    /// `CF_MISS` and `CF_REFRESH_MODIFIED`).
    case collapsed = 5
    /// The cache stood aside, or the client made it ask: fetched from the origin, whatever was stored.
    case bypass = 6
    /// A request that received what another request was fetching, stored or not, and fetched nothing itself (Squid
    /// `CF_HIT`, Traffic Server's read-while-writer, Fastly HIT-WAIT).
    case shared = 7

    /// Whether this request itself asked the origin for a body.
    public var asksOrigin: Bool { self == .miss || self == .bypass }

    /// Whether the cache looked for an entry and found none that was fresh.
    public var foundNothingFresh: Bool { self == .miss || self == .stale || self == .revalidated }

    /// Whether the body came from the origin just then, with the headers that it was sent under.
    public var bringsBody: Bool { asksOrigin || self == .collapsed || self == .shared }

    /// Whether the body is what another request was fetching.
    public var isJoined: Bool { self == .collapsed || self == .shared }

    /// The meaning of a server's word, or nil if it is not a known one. Case does not matter; Squid's suffixes
    /// (`_ABORTED`, `_TIMEDOUT`) and a `/`-part behind the word (Varnish `hit/fresh`) are not looked at.
    ///
    /// Also of the texts that caches write into an X-Cache field or Apache into `cache-status`: see `CachePhrase`.
    public init?(word: some StringProtocol) {
        var upper = word.uppercased()
        for suffix in ["_ABORTED", "_TIMEDOUT"] where upper.hasSuffix(suffix) { upper.removeLast(suffix.count) }
        guard let known = Self.words[upper] ?? CachePhrase.status(upper) else { return nil }
        self = known
    }

    /// The meaning of what a log says of the cache, a word or a Cache-Status field; nil if it is none that is known.
    package init?(logged text: String) {
        guard let known = CacheStatus(word: text) ?? CacheStatusField(text)?.status else { return nil }
        self = known
    }

    /// The meaning of a single word in capitals.
    static func of(word: some StringProtocol) -> CacheStatus? { words[String(word)] }

    /// Whether Squid or Traffic Server says by its word that the client did not receive the whole answer (Squid wiki,
    /// SquidLogs; Traffic Server, Cache Result Codes).
    ///
    /// `TCP_REFRESH_FAIL_OLD_ABORTED` speaks of the refresh: Squid 6.13 and 7.7 write it for a client that received all of the
    /// stale body.
    static func saysAborted(_ word: String) -> Bool {
        let word = word.uppercased()
        if word.hasSuffix("REFRESH_FAIL_OLD_ABORTED") { return false }
        return word.hasSuffix("_ABORTED") || word.hasSuffix("_TIMEDOUT") || word.hasPrefix("ERR_CLIENT_ABORT")
            || word.hasPrefix("ERR_CLIENT_READ_ERROR")
    }

    /// Whether a text is a verdict that is known, one word or more.
    static func isKnown(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.count <= 16, let word = packed(bytes), usualWords.contains(word) || packedWords.contains(word) {
            return true
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return bytes.count <= 256 && CacheStatus(logged: text) != nil
    }

    /// The bytes of a short word in capitals, as one number.
    private static func packed(_ bytes: UnsafeRawBufferPointer) -> UInt128? {
        var number: UInt128 = 1
        for byte in bytes {
            // Its highest bits would run over.
            guard byte < 0x80 else { return nil }
            number = number << 7 | UInt128(byte &- 0x61 < 26 ? byte & 0xdf : byte)
        }
        return number
    }

    /// Those that nginx writes, looked at first.
    private static let usualWords = ["HIT", "MISS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "BYPASS"].compactMap
    {
        Array($0.utf8).withUnsafeBytes { packed($0) }
    }

    private static let packedWords = Set(
        words.keys.filter { $0.utf8.count <= 16 }.compactMap { word in Array(word.utf8).withUnsafeBytes { packed($0) } }
    )

    private static let words: [String: CacheStatus] = {
        let byStatus: [CacheStatus: String] = [
            .hit: """
            HIT TCP_HIT TCP_MEM_HIT MEM_HIT TCP_IMS_HIT TCP_INM_HIT TCP_OFFLINE_HIT TCP_NEGATIVE_HIT TCP_REDIRECT_HIT \
            IMS_HIT INM_HIT HIT/FRESH HIT-CLUSTER UDP_HIT TCP_CACHE_HIT TCP_CF_INM_HIT \
            TCP_CF_IMS_HIT
            """,
            .stale: """
            STALE UPDATING HIT/GRACE HIT-STALE TCP_REF_FAIL_HIT TCP_REFRESH_FAIL_HIT TCP_REFRESH_FAIL_OLD REFRESH_FAIL_OLD \
            TCP_HIT_STALE
            """,
            .miss: """
            MISS EXPIRED TCP_MISS TCP_REFRESH_MISS TCP_REFRESH_MODIFIED REFRESH_MODIFIED TCP_SWAPFAIL_MISS \
            TCP_SWAPFAIL TCP_EXPIRED_MISS TCP_ASYNC_MISS TCP_REFRESH_FAIL_ERR MISS/MISS MISS-CLUSTER MISS-WAIT HITMISS \
            FETCH
            """,
            .revalidated: """
            REVALIDATED TCP_REFRESH_UNMODIFIED REFRESH_UNMODIFIED TCP_REFRESH_HIT REFRESH_HIT REFRESHHIT \
            REVALIDATE \
            TCP_EXPIRED_HIT TCP_CF_REFRESH_UNMODIFIED TCP_CF_REFRESH_HIT TCP_CF_REFRESH_FAIL_OLD
            """,
            .collapsed: """
            TCP_CF_MISS TCP_CF_REFRESH_MODIFIED TCP_CF_REFRESH TCP_CF_REFRESH_MISS CF_MISS
            """,
            .shared: "TCP_CF_HIT CF_HIT HIT-WAIT",
            .bypass: """
            TCP_CLIENT_REFRESH TCP_CLIENT_REFRESH_MISS TCP_IMS_MISS BYPASS PASS PIPE DYNAMIC TCP_TUNNEL TCP_BYPASS PASS/ MISS/PASS PASS/PASS TCP_REFRESH TCP_TUNNEL_MISS NONE/BYPASS \
            HITPASS CONFIG_NOCACHE UNCACHEABLE
            """,
        ]
        var words: [String: CacheStatus] = [:]
        for (status, list) in byStatus {
            for word in list.split(whereSeparator: { $0 == " " || $0 == "\n" }) { words[String(word)] = status }
        }
        return words
    }()
}
