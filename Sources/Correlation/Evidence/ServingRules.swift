public import LogRecords

/// What the evidence may take for granted about the caches of a dump.
///
/// Everything here is an assumption that the dump is asked about (`Ledger`). Where the dump contradicts one, the rule that
/// rests on it is weakened here and every delivery is judged again; a weaker rule only ever adds frames that a delivery may
/// have carried.
public struct ServingRules: Sendable, Equatable {
    /// The nodes on which one logged key may be several entries at once: variants (RFC 9111 section 4.1), several caches whose
    /// logs name no node, or entries that leave without a line.
    public var nodesOfSeveralEntries: Set<SymbolID> = []
    /// Whether the logs that name no node may be several caches', of which each may have stored what only an earlier log of its own
    /// would tell.
    public var areCachesUntold = false
    /// Whether the cache's own key is coarser than the logged one, so that a hit may be on a frame stored under another.
    public var isLoggedKeyTooFine = false
    /// Whether a cache without a log may have answered what these asked the origin for, from under another key than the logged
    /// one.
    public var mayBeAnsweredAbove = false
    /// Whether hits are on fresh frames; not where the log calls a hit too what was served stale (varnishncsa's
    /// `%{Varnish:handling}x` in grace).
    public var areHitsFresh = true
    /// Whether what no other request asked the origin for, such hits did.
    public var doHitsRefresh = false
    /// Whether the times of some logs cannot be compared with the others', so that any frame may have been the entry.
    public var areClocksAstray = false
    /// Whether what was stored is not known from the fills of the logged key.
    var isStoreUnknown: Bool { isLoggedKeyTooFine || areFillsUntold || areClocksAstray }
    /// Whether a body may be put together from parts of several entries (nginx ngx_http_slice_module), its headers being the
    /// first part's.
    public var areBodiesInParts = false
    /// Of whom nothing is certain.
    public var doubts = Doubts()
    /// Whether lines that may be of the same answer as a line just before are so many that chance does not explain them.
    public var mayCountTwice = false

    /// Whether answers that name no key filled under keys that no line tells.
    public var areFillsUntold = false

    public init() {}

    /// Whether nothing is weakened.
    public var areTrusting: Bool { self == ServingRules() }
}
