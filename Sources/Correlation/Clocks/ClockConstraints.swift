public import Interning
public import LogRecords

/// Ties clocks to each other by requests that both sides have logged.
///
/// A cache's request reaches the origin after the client's reached the cache, and the origin begins its answer before
/// the client has all of it. So the beginning of a fill lies within the delivery whose request caused it, and with the
/// two on different clocks that bounds the difference of the clocks from both sides: no likelihood in it. The true
/// offset lies in every such interval; where a few contradict the rest (a line was lost, so that a fill is taken for
/// another request's), the offset that most of them allow is taken (K. Marzullo and S. Owicki, Maintaining the Time in
/// a Distributed System, 1983; RFC 5905 section 11.2.1 selects truechimers so).
public struct ClockConstraints: Sendable {
    /// How fast two clocks may drift apart: the frequency tolerance of RFC 5905 section 7.1 (PHI), 15 ppm.
    static let drift = 15e-6
    /// No two clocks are farther apart than this, microseconds; farther off fills are not looked at.
    static let farthest: Int64 = 300_000_000
    /// A cause that has more fills than this within `farthest` ties nothing.
    private static let mostFills = 256

    /// What a fetch and its fill have in common: the key and the account, or the key and the frame.
    struct Cause: Hashable {
        var key: SymbolID
        var name: SymbolID
        var isFrame: Bool
    }
    struct Fetch {
        var time: EventTime
        var clock: SymbolID
        var frame: SymbolID
        var cause: Cause
    }
    struct Beginning {
        var earliest: Int64
        var latest: Int64
        var clock: SymbolID
        var frame: SymbolID
    }

    /// All clocks of the dump.
    private var clocks: Set<SymbolID> = []
    private var lastClock: SymbolID?
    private(set) var fetches: [Fetch] = []
    private(set) var fills: [Cause: [Beginning]] = [:]
    /// Whether an origin's log names an account whose request it answered.
    public private(set) var namesAskers = false

    public init() {}

    /// The clocks of the dump, as far as they have been seen, in order of their numbers.
    public var seen: [SymbolID] { clocks.sorted() }

    /// Takes note that a clock is the dump's.
    public mutating func see(_ clock: SymbolID) {
        guard clock != lastClock else { return }
        lastClock = clock
        clocks.insert(clock)
    }

    /// Takes note of a delivery, if it can tie its clock. All deliveries come before the first fill.
    public mutating func add(_ delivery: Delivery) {
        see(delivery.clock)
        guard Self.mayTie(delivery) else { return }
        for (name, isFrame) in [(delivery.requester, false), (delivery.frame, true)] where name.isPresent {
            let cause = Cause(key: delivery.key, name: name, isFrame: isFrame)
            fetches.append(Fetch(time: delivery.time, clock: delivery.clock, frame: delivery.frame, cause: cause))
            fills[cause] = []
        }
    }

    /// Whether a delivery can tie its clock, if its log names what the origin's does.
    public static func mayTie(_ delivery: Delivery) -> Bool {
        delivery.content == .frame && delivery.key.isPresent && !delivery.flags.contains(.aborted)
            && delivery.cacheStatus == .miss
    }

    /// Takes note of a fill that another clock than the cache's has logged.
    public mutating func add(_ fill: Fill) {
        see(fill.clock)
        guard !fetches.isEmpty, fill.kind == .sent, fill.key.isPresent else { return }
        if fill.requester.isPresent { namesAskers = true }
        // A line that names the account ties by it alone: another account may have been sent the same frame.
        let name = fill.requester.isPresent ? fill.requester : fill.frame
        guard name.isPresent else { return }
        let cause = Cause(key: fill.key, name: name, isFrame: !fill.requester.isPresent)
        guard let place = fills.index(forKey: cause) else { return }
        fills.values[place].append(
            Beginning(earliest: fill.time.earliest, latest: fill.time.begunBy, clock: fill.clock, frame: fill.frame))
    }

    // MARK: Offsets

    /// The offsets of the clocks seen, in order of their numbers, from one reference: the clock of most fills that may
    /// be a delivery's, of equals the first. A clock that nothing ties is assumed to agree.
    public func offsets() -> [ClockOffset] {
        let sorted = fills.filter { !$0.value.isEmpty }.mapValues { all in
            all.sorted { ($0.earliest, $0.clock) < ($1.earliest, $1.clock) }
        }
        var counts: [SymbolID: Int] = [:]
        for beginnings in fills.values { for fill in beginnings { counts[fill.clock, default: 0] += 1 } }
        let reference = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? (seen.count == 1 ? seen[0] : nil)
        var samples: [SymbolID: [ClockSample]] = [:]
        for fetch in fetches where fetch.clock != reference {
            guard let reference, let all = sorted[fetch.cause], let sample = Self.sample(fetch, all, reference) else {
                continue
            }
            samples[fetch.clock, default: []].append(sample)
        }
        return seen.map { clock in
            let zero = ClockOffset.Knot(at: 0, offset: 0)
            if clock == reference { return ClockOffset(clock: clock, basis: .reference, bound: 0, knots: [zero]) }
            let all = samples[clock] ?? []
            guard let fit = ClockFit(all) else { return .assumed(clock, rejected: all.count) }
            return ClockOffset(
                clock: clock, basis: fit.basis, samples: fit.used, rejected: fit.rejected, bound: fit.bound,
                knots: fit.knots)
        }
    }

    // MARK: Requests that the origin did not answer

    /// Whether the origin answered every request that fetched a frame, as far as its log tells: all but one in two hundred
    /// have a line there. If not, something between answered them, a cache of a higher tier, or many lines are missing.
    public func isOriginDirect(_ clocks: Clocks) -> Bool {
        var (fetched, unanswered) = (0, 0)
        for fetch in fetches where !fetch.cause.isFrame {
            let time = clocks.corrected(fetch.time, fetch.clock)
            fetched += 1
            let isAnswered = (fills[fetch.cause] ?? []).contains { fill in
                let margin = clocks.margin(fill.clock, fetch.clock)
                return clocks.corrected(fill.earliest, fill.clock) - margin <= time.latest
                    && clocks.corrected(fill.latest, fill.clock) + margin >= time.earliest
            }
            if !isAnswered { unanswered += 1 }
        }
        return unanswered < 3 || unanswered * 200 <= fetched
    }

    /// The offsets that a fetch allows: one interval for each fill that may be its own.
    private static func sample(_ fetch: Fetch, _ all: [Beginning], _ reference: SymbolID) -> ClockSample? {
        let (time, reach) = (fetch.time, farthest)
        let low = all.partitionIndex { $0.earliest >= time.earliest - reach }
        var intervals: [ClosedRange<Int64>] = []
        for fill in all[low...] {
            if fill.earliest > time.latest + reach { break }
            guard fill.clock == reference else { continue }
            if fill.frame.isPresent, fetch.frame.isPresent, fill.frame != fetch.frame { continue }
            intervals.append(
                (time.earliest - fill.latest)...max(time.latest - fill.earliest, time.earliest - fill.latest))
            if intervals.count > mostFills { return nil }
        }
        return intervals.isEmpty ? nil : ClockSample(at: time.stamp, intervals: intervals)
    }
}

/// What one request says about the difference of two clocks: it lies in one of `intervals`.
struct ClockSample {
    var at: Int64
    var intervals: [ClosedRange<Int64>]
}
