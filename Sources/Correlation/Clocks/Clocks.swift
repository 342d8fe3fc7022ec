public import Interning
public import LogRecords

/// How far the clocks of two records may be apart, and by how much each is corrected.
///
/// Records of one clock compare as they are; between different clocks every comparison is widened by what remains
/// unknown after the correction.
public struct Clocks: Sendable {
    /// The bound for two clocks that nothing else is known about, where the user states none: what hosts under NTP
    /// keep on one network, with a margin (RFC 5905 section 1: "a few tens of milliseconds" over the public Internet).
    public static let defaultSkew: Int64 = 50_000

    /// The largest difference that two clocks may have after correction, microseconds.
    public private(set) var skew: Int64
    /// What two clocks may differ by that no offset is known of.
    private let assumed: Int64
    private var offsets = FewNamesMap<ClockOffset>()

    public init(skew: Int64 = Clocks.defaultSkew) {
        self.skew = skew
        assumed = skew
    }

    /// - Parameter offsets: of each clock that could be tied to the reference; the others may be `defaultSkew` away
    ///   from it and from each other.
    public init(offsets: [ClockOffset]) {
        self.init()
        let tied = offsets.filter { $0.basis != .assumed }
        guard !tied.isEmpty else { return }
        for offset in tied { _ = self.offsets.place(of: offset.clock, orAdd: offset) }
        let bounds = tied.map(\.bound).sorted()
        let widest = bounds.suffix(2).reduce(0, +)
        skew = max(assumed + (bounds.last ?? 0), widest)
    }

    /// How long after an origin has sent a frame it may still not stand in the cache: the network between them, and the
    /// cache's own delays (an nginx worker was seen to take 55 ms under load). Microseconds.
    static let transit: Int64 = 250_000

    // MARK: Correction

    /// Whether any clock is tied to another.
    var isTied: Bool { !offsets.values.isEmpty }

    /// Whether any time is corrected.
    public var isCorrecting: Bool { offsets.values.contains { $0.range != 0...0 } }

    /// By how much a correction can move two events against each other, microseconds.
    public var reach: Int64 {
        let ranges = offsets.values.map(\.range)
        return max(ranges.map(\.upperBound).max() ?? 0, 0) - min(ranges.map(\.lowerBound).min() ?? 0, 0)
    }

    /// The times on the reference's clock. The time stamp stays as the line has it.
    public func corrected(_ time: EventTime, _ clock: SymbolID) -> EventTime {
        guard let offset = offsets[clock]?.offset(at: time.stamp), offset != 0 else { return time }
        return EventTime(
            stamp: time.stamp, earliest: time.earliest - offset, latest: time.latest - offset,
            begunBy: time.begunBy - offset)
    }

    /// The times on their own clock, of times that were corrected.
    public func uncorrected(_ time: EventTime, _ clock: SymbolID) -> EventTime {
        guard let offset = offsets[clock]?.offset(at: time.stamp), offset != 0 else { return time }
        return EventTime(
            stamp: time.stamp, earliest: time.earliest + offset, latest: time.latest + offset,
            begunBy: time.begunBy + offset)
    }

    func corrected(_ moment: Int64, _ clock: SymbolID) -> Int64 {
        offsets.values.isEmpty ? moment : moment - (offsets[clock]?.offset(at: moment) ?? 0)
    }

    // MARK: Comparison

    /// When a fill's frame, or the word that the stored one is still good, can have come to stand in the cache.
    func arrival(of fill: Fill) -> EventTime {
        var time = fill.time
        if fill.kind != .stored { time.latest += Self.transit }
        return time
    }

    func margin(_ a: SymbolID, _ b: SymbolID) -> Int64 {
        if a == b { return 0 }
        if offsets.values.isEmpty { return skew }
        guard let boundA = offsets[a]?.bound else { return assumed + (offsets[b]?.bound ?? 0) }
        guard let boundB = offsets[b]?.bound else { return assumed + boundA }
        return boundA + boundB
    }

    /// How far a clock may be from the one by which rights begin and end, which nothing ties.
    func marginToDirectory(_ clock: SymbolID) -> Int64 { offsets.values.isEmpty ? skew : margin(clock, .absent) }

    /// The largest difference that two of these clocks may have after correction, microseconds: that of the two that are known
    /// least well, so that many clocks need not be held against each other.
    ///
    /// - Parameter clocks: each once.
    public func widest(among clocks: Set<SymbolID>) -> Int64 {
        guard clocks.count > 1 else { return 0 }
        if offsets.values.isEmpty { return skew }
        let bounds = clocks.compactMap { offsets[$0]?.bound }.sorted()
        let amongTied = bounds.count > 1 ? bounds.suffix(2).reduce(0, +) : 0
        return bounds.count < clocks.count ? max(amongTied, assumed + (bounds.last ?? 0)) : amongTied
    }

    /// Whether `a` surely ended before `moment` of clock `clock`.
    public func isSurelyBefore(_ a: EventTime, _ clockA: SymbolID, _ moment: Int64, _ clock: SymbolID) -> Bool {
        a.latest + margin(clockA, clock) < moment
    }

    /// Whether `a` surely began after `moment` of clock `clock`.
    public func isSurelyAfter(_ a: EventTime, _ clockA: SymbolID, _ moment: Int64, _ clock: SymbolID) -> Bool {
        a.earliest - margin(clockA, clock) > moment
    }
}
