import Chance
import Correlation
import Interning
import LogRecords
import Testing

/// Clocks that would agree with the others if they were off by some quarters of an hour.
@Suite struct ClockZoneTests {
    private static let (cache, origin) = (SymbolID(rawValue: 900), SymbolID(rawValue: 901))

    /// Fetches of twenty accounts in two hours, and the origin's lines of them.
    ///
    /// - Parameter offset: by how many seconds the cache's clock is ahead.
    private func zones(ahead offset: Int64, fetches: Int = 60) -> [ClockZone] {
        var chance = Chance(seed: 7)
        var ties = ClockConstraints()
        var fills: [Fill] = []
        for step in 0..<fetches {
            let at = Int64(step) * 120_000_000 + Int64(chance.below(100_000_000))
            let (account, line) = (SymbolID(rawValue: Int32(1 + chance.below(20))), Int64(step + 1))
            let end = at + offset * 1_000_000
            ties.add(
                Delivery(
                    id: EventID(source: 1, line: line),
                    time: EventTime(stamp: end, earliest: end - 40_000, latest: end, begunBy: end - 40_000),
                    clock: Self.cache, requester: account, key: account, cacheStatus: .miss, status: 200, bytes: 9000))
            fills.append(
                Fill(
                    id: EventID(source: 2, line: line), time: EventTime(at - 20_000), clock: Self.origin, kind: .sent,
                    key: account, frame: SymbolID(rawValue: 500 + Int32(step)), requester: account))
        }
        for fill in fills { ties.add(fill) }
        return ties.zones(ties.offsets())
    }

    @Test(
        "a clock in another zone is told with its seconds",
        arguments: [3600, -3600, 19_800, -20_700, 50_400] as [Int64])
    func found(_ seconds: Int64) {
        #expect(zones(ahead: seconds) == [ClockZone(clock: Self.cache, seconds: Int(seconds))])
    }

    @Test("a clock that is tied, off by what no zone is, or on record too seldom, is in no other zone")
    func notFound() {
        for seconds in [0, 2, 400, 3000, -7000] as [Int64] { #expect(zones(ahead: seconds) == [], "\(seconds)") }
        #expect(zones(ahead: 3600, fetches: 4) == [])
    }
}
