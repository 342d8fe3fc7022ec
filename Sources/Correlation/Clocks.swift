import LogRecords

/// How far the clocks of two records may be apart.
///
/// Records of one clock compare as they are; between different clocks every comparison is widened by the skew.
public struct Clocks: Sendable {
    /// The bound for two clocks that nothing else is known about, where the user states none: what hosts under NTP
    /// keep on one network, with a margin (RFC 5905 section 1: "a few tens of milliseconds" over the public Internet).
    public static let defaultSkew: Int64 = 50_000

    /// Microseconds.
    public var skew: Int64

    public init(skew: Int64 = Clocks.defaultSkew) { self.skew = skew }

    /// How long after an origin has sent a frame it may still not stand in the cache: the network between them, and the
    /// cache's own delays (an nginx worker was seen to take 55 ms under load). Microseconds.
    static let transit: Int64 = 250_000

    /// When a fill's frame, or the word that the stored one is still good, can have come to stand in the cache.
    func arrival(of fill: Fill) -> EventTime {
        var time = fill.time
        if fill.kind != .stored { time.latest += Self.transit }
        return time
    }

    func margin(_ a: NameID, _ b: NameID) -> Int64 { a == b ? 0 : skew }

    /// Whether `a` surely ended before `moment` of clock `clock`.
    func isSurelyBefore(_ a: EventTime, _ clockA: NameID, _ moment: Int64, _ clock: NameID) -> Bool {
        a.latest + margin(clockA, clock) < moment
    }

    /// Whether `a` surely began after `moment` of clock `clock`.
    func isSurelyAfter(_ a: EventTime, _ clockA: NameID, _ moment: Int64, _ clock: NameID) -> Bool {
        a.earliest - margin(clockA, clock) > moment
    }
}
