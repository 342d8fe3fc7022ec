import Correlation
import Interning
import LogRecords
import Testing

/// Which frames a delivery may have carried: less on the line never makes the answer surer.
@Suite struct JudgeTests {
    @Test("a hit on a stranger's frame is certain, one on the requester's own is clear")
    func plain() {
        var replay = Replay()
        replay.fill(0, of: 1)
        let (own, strange) = (replay.delivery(1000, to: 1, .hit), replay.delivery(1001, to: 2, .hit))
        #expect(replay.certainty(own) == .clear)
        #expect(replay.certainty(strange) == .certain)
        #expect(replay.owners(strange) == [1])
    }

    @Test(
        "a request that asked the origin for a camera that its line does not name is unresolved (RFC 9211 fwd=miss, bypass)",
        arguments: [CacheStatus.miss, .bypass])
    func withoutCamera(_ status: CacheStatus) {
        var replay = Replay()
        replay.fill(0, of: 1)
        let asked = replay.delivery(5000, to: 2, status, camera: .some(nil))
        #expect(replay.certainty(asked) == .unresolved)
        #expect(replay.findings()[asked]?.cause == .frameUnknown)
    }

    @Test("without a verdict and without a fill nothing says what was carried")
    func withoutVerdict() {
        var replay = Replay()
        replay.fill(0, of: 1, key: 2)
        let unknown = replay.delivery(1000, to: 2, .unknown)
        #expect(replay.certainty(unknown) == .unresolved)
        let cached = replay.delivery(1000, to: 2, .unknown, key: 2)
        #expect(replay.certainty(cached) == .possible)
    }

    @Test("where it is not known who was granted what, any account but the owner may have been")
    func withoutGrants() {
        var replay = Replay()
        replay.knowsRights = false
        replay.fill(0, of: 1)
        let (own, other) = (replay.delivery(1000, to: 1, .hit), replay.delivery(1001, to: 2, .hit))
        #expect(replay.certainty(own) == .clear)
        #expect(replay.certainty(other) == .possible)
    }

    @Test("a line that leaves open who received it makes nothing certain and nothing clear")
    func requesterInDoubt() {
        var replay = Replay()
        replay.fill(0, of: 1)
        let own = replay.delivery(1000, to: 1, .hit, flags: .requesterInDoubt)
        let other = replay.delivery(1001, to: 2, .hit, flags: .requesterInDoubt)
        #expect(replay.certainty(own) == .unresolved)
        #expect(replay.certainty(other) == .possible)
    }

    @Test("an account in no table but for its case is no stranger for certain")
    func foldedRequester() {
        var replay = Replay()
        replay.rules.doubts.requesters = [SymbolID(rawValue: 7)]
        replay.fill(0, of: 1)
        let (folded, stranger) = (
            replay.delivery(1000, to: 7, .hit, camera: 1), replay.delivery(1001, to: 8, .hit, camera: 1)
        )
        #expect(replay.certainty(folded) == .possible)
        #expect(replay.certainty(stranger) == .certain)
    }

    @Test("a body of several parts may hold any frame that was stored, besides the one that its headers name")
    func parts() {
        var replay = Replay()
        replay.fill(0, of: 1)
        replay.fill(5000, of: 2)
        let own = replay.delivery(6000, to: 2, .hit, owner: 2)
        let strange = replay.delivery(6001, to: 3, .hit, owner: 2)
        #expect(replay.certainty(own) == .clear)
        replay.rules.areBodiesInParts = true
        #expect(replay.certainty(own) == .possible)
        #expect(replay.owners(own) == [1])
        // Its first part is the stranger's for sure; of whom else a part is, is not known.
        #expect(replay.certainty(strange) == .certain)
        #expect(replay.owners(strange) == [1, 2])
    }

    @Test("what a cache above may have answered from under another key is unknown, whatever the origin's log tells")
    func answeredAbove() {
        var replay = Replay()
        replay.isOriginDirect = false
        replay.fill(90, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
        // Its line may be of the refresh that a stale answer set off above.
        let told = replay.delivery(100, to: 1, .miss, took: 20)
        let untold = replay.delivery(20_000, to: 2, .miss, took: 20, key: 2)
        #expect(replay.certainty(told) == .clear)
        #expect(replay.certainty(untold) == .clear)
        replay.rules.isLoggedKeyTooFine = true
        replay.rules.mayBeAnsweredAbove = true
        #expect(replay.certainty(told) == .unresolved)
        #expect(replay.certainty(untold) == .unresolved)
    }

    @Test("where the logged key is finer than the cache's, a hit may be on a frame stored under another key")
    func tooFine() {
        var replay = Replay()
        replay.fill(0, of: 1)
        let (own, strange) = (replay.delivery(1000, to: 1, .hit), replay.delivery(1001, to: 2, .hit))
        replay.rules.isLoggedKeyTooFine = true
        #expect(replay.certainty(own) == .unresolved)
        #expect(replay.certainty(strange) == .possible)
    }
}
