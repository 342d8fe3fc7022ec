import Correlation
import LogRecords
import Testing

/// An answer that joined a fetch was given what was fetched meanwhile, and not what had been stored before (RFC 9211,
/// section 2: it was forwarded as a miss).
@Suite struct JoinedFetchTests {
    @Test(
        "with no fill under way nothing is known of what it was given", arguments: [CacheStatus.shared, .collapsed])
    func untold(_ status: CacheStatus) {
        var replay = Replay()
        replay.fill(1000, of: 3)
        let stranger = replay.delivery(62_000, to: 2, status, took: 4)
        let owner = replay.delivery(63_000, to: 3, status, took: 4)
        let hit = replay.delivery(64_000, to: 2, .hit, took: 4)
        #expect(replay.certainty(stranger) == .possible)
        #expect(replay.certainty(owner) == .unresolved)
        #expect(replay.certainty(hit) == .certain)
    }

    @Test("a fill that ends while it waits is what it was given", arguments: [CacheStatus.shared, .collapsed])
    func told(_ status: CacheStatus) {
        var replay = Replay()
        replay.fill(1000, of: 1)
        replay.fill(61_999, of: 3)
        let stranger = replay.delivery(62_000, to: 2, status, took: 4)
        #expect(replay.certainty(stranger) == .certain && replay.owners(stranger) == [3])
    }
}

/// A line that names a frame which no fill names is of none of the frames that fills name.
@Suite struct UnknownFrameTests {
    @Test("it makes nothing certain, and nothing clear, where other lines name frames as the fills do")
    func unknown() {
        var replay = Replay()
        replay.fill(1000, of: 3, frame: 1)
        let known = replay.delivery(2000, to: 2, .hit, frame: 1)
        let stranger = replay.delivery(3000, to: 2, .hit, frame: 2)
        let owner = replay.delivery(4000, to: 3, .hit, frame: 2)
        #expect(replay.certainty(known) == .certain)
        #expect(replay.certainty(stranger) == .possible)
        #expect(replay.certainty(owner) == .unresolved)
    }

    @Test("where no line names a frame as the fills do, they speak of different things")
    func otherNames() {
        var replay = Replay()
        replay.fill(1000, of: 3, frame: 1)
        let stranger = replay.delivery(3000, to: 2, .hit, frame: 2)
        let owner = replay.delivery(4000, to: 3, .hit, frame: 3)
        #expect(replay.certainty(stranger) == .certain)
        #expect(replay.certainty(owner) == .clear)
    }

    @Test("in an access log alone a MISS names what it filled, and a hit that names another frame was on another")
    func misses() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, frame: 1)
        let same = replay.delivery(2000, to: 2, .hit, took: 5, frame: 1)
        let other = replay.delivery(3000, to: 1, .hit, took: 5, frame: 2)
        #expect(replay.certainty(same) == .certain)
        #expect(replay.certainty(other) == .unresolved, "it may be anybody's")
    }
}

/// Two logs that name no node and overlap in time may be two caches'.
@Suite struct UntoldCacheTests {
    @Test("what another file's MISS has filled is not all that a hit may have been on")
    func twoFiles() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, node: nil)
        let own = replay.delivery(2000, to: 2, .hit, took: 5, node: nil)
        let other = replay.delivery(3000, to: 2, .hit, took: 5, node: nil)
        replay.change { deliveries, _, _ in
            for index in deliveries.indices where deliveries[index].id == other {
                deliveries[index].id = EventID(source: 2, line: 1)
            }
        }
        let findings = replay.findings(byLedger: true)
        #expect(findings[own]?.certainty == .certain)
        #expect(findings[EventID(source: 2, line: 1)]?.certainty == .possible)
    }
}
