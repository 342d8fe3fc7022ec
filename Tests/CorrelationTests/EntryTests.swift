import Correlation
import Interning
import LogRecords
import Testing

/// What the logs show about an entry: which fills can have stood under a key when.
@Suite struct EntryTests {
    private static let node = SymbolID(rawValue: Replay.node + 1)

    @Test("a request that finds nothing fresh says nothing of hits that began before it")
    func longHit() {
        var replay = Replay()
        replay.fill(60, of: 1, frame: 1, kind: .sent, node: nil, for: 1, ttl: 5)
        replay.delivery(100, to: 1, .miss, took: 100)
        replay.fill(2060, of: 2, frame: 2, kind: .sent, node: nil, for: 2, ttl: 5)
        replay.delivery(2100, to: 2, .miss, took: 100)
        // Under way since before the second request.
        let long = replay.delivery(3000, to: 1, .hit, took: 2000)
        let late = replay.delivery(3500, to: 1, .hit)
        #expect(replay.certainty(long) == .possible)
        #expect(replay.certainty(late) == .certain)
    }

    @Test("where the log calls a stale answer a hit too, a hit may be on a frame that was not fresh before")
    func staleHit() {
        var replay = Replay()
        replay.fill(60, of: 1, frame: 1, kind: .sent, node: nil, for: 1, ttl: 5)
        replay.delivery(100, to: 1, .miss, took: 100)
        replay.fill(2060, of: 2, frame: 2, kind: .sent, node: nil, for: 2, ttl: 5)
        replay.delivery(2100, to: 2, .miss, took: 100)
        let (one, two) = (replay.delivery(3500, to: 1, .hit), replay.delivery(3600, to: 2, .hit))
        #expect(replay.certainty(one) == .certain)
        #expect(replay.certainty(two) == .clear)
        replay.rules.areHitsFresh = false
        #expect(replay.certainty(one) == .possible)
        #expect(replay.certainty(two) == .possible)
    }

    @Test("a fetch without a fill in the cache's own log may have stored any frame")
    func lostFill() {
        var replay = Replay()
        replay.fill(100, of: 1)
        replay.delivery(200, to: 1, .miss, took: 150)
        replay.delivery(60_200, to: 2, .miss, took: 150)
        let (second, first) = (replay.delivery(61_000, to: 2, .hit), replay.delivery(62_000, to: 1, .hit))
        #expect(replay.certainty(second) == .possible)
        #expect(replay.certainty(first) == .possible)
        #expect(replay.owners(first) == [2])
    }

    @Test(
        "a key of one camera whose fills are fewer than its fetches is followed, for another frame may stand under it")
    func lostFillOfOneCamera() {
        var replay = Replay()
        replay.fill(100, of: 1)
        replay.delivery(200, to: 1, .miss, took: 150)
        replay.delivery(60_200, to: 1, .miss, took: 150)
        let hit = replay.delivery(61_000, to: 1, .hit)
        #expect(replay.certainty(hit) == .unresolved)
    }

    @Test("a miss beside the refresh that a stale answer set off need not have brought what was filled")
    func refresh() {
        var replay = Replay()
        replay.fill(-60_000, of: 2, ttl: 30)
        replay.delivery(5, to: 2, .stale, took: 5)
        replay.fill(150, of: 2)
        let miss = replay.delivery(300, to: 1, .miss, took: 280)
        #expect(replay.certainty(miss) == .possible)
    }

    @Test("a 304 that answered no validator does not say which frame was stored")
    func byDate() {
        func judged(validator: Int32?) -> (Certainty, Certainty) {
            var replay = Replay()
            replay.fill(198, of: 2, frame: 2, kind: .sent, node: nil, for: 2)
            replay.delivery(199, to: 2, .miss, took: 1)
            replay.fill(8355, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
            replay.delivery(8356, to: 1, .miss, took: 1)
            replay.fill(
                16_497, of: 2, frame: 2, kind: .revalidated, node: nil, for: 2, validator: validator)
            replay.delivery(16_498, to: 2, .revalidated, took: 1)
            let (two, one) = (replay.delivery(20_064, to: 2, .hit), replay.delivery(20_424, to: 1, .hit))
            return (replay.certainty(two), replay.certainty(one))
        }
        // By its validator the second frame was the entry, so the first was never stored.
        #expect(judged(validator: 2) == (.clear, .certain))
        #expect(judged(validator: nil) == (.possible, .possible))
    }

    @Test("a 304 that names another frame than the stored one puts its headers over a foreign body")
    func foreignHeaders() {
        func judged(_ flags: Delivery.Flags, validator: Int32?) -> Certainty {
            var replay = Replay()
            replay.fill(0, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
            replay.fill(1000, of: 2, frame: 2, kind: .revalidated, node: nil, for: 2, validator: validator)
            let own = replay.delivery(2000, to: 2, .hit, frame: 2, owner: 2, flags: flags)
            return replay.certainty(own)
        }
        #expect(judged([], validator: nil) == .clear)
        #expect(judged(.mergeableHeaders, validator: nil) == .possible)
        #expect(judged(.mergeableHeaders, validator: 1) == .possible)
        // It answered the frame's own validator: that frame was stored.
        #expect(judged(.mergeableHeaders, validator: 2) == .clear)
    }

    @Test("a purge on a named node need not have ended the entry of a cache whose log names none")
    func purgeElsewhere() {
        func judged(_ node: Int32?) -> Certainty {
            var replay = Replay()
            replay.purge(-1000, node: 1)
            for (at, account) in [(98, 1), (8098, 2)] as [(Int, Int32)] {
                replay.fill(at, of: account, frame: account, kind: .sent, node: nil, for: account, ttl: 60)
                replay.delivery(at + 2, to: account, .miss, took: 5, node: node)
                if account == 1 { replay.purge(5000, node: 1) }
            }
            let hit = replay.delivery(9000, to: 1, .hit, node: node)
            return replay.certainty(hit)
        }
        #expect(judged(1) == .certain)
        #expect(judged(nil) == .possible)
    }

    @Test("what the origin answered to a request that no log has says nothing of this cache's entry")
    func anotherCachesAnswer() {
        func judged(isAskedFor: Bool) -> (Certainty, Certainty) {
            var replay = Replay()
            replay.fill(98, of: 2, frame: 2, kind: .sent, node: nil, for: 2)
            replay.delivery(100, to: 2, .miss, took: 5, node: nil)
            replay.fill(8098, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
            replay.delivery(8100, to: 1, .miss, took: 5, node: nil)
            // By this validator the second account's frame was the entry of the cache that asked.
            replay.fill(16_497, of: 2, frame: 2, kind: .revalidated, node: nil, for: 2, validator: 2)
            if isAskedFor { replay.delivery(16_498, to: 2, .revalidated, took: 2, node: nil) }
            let (two, one) = (
                replay.delivery(17_000, to: 2, .hit, node: nil), replay.delivery(17_001, to: 1, .hit, node: nil)
            )
            return (replay.certainty(two), replay.certainty(one))
        }
        #expect(judged(isAskedFor: true) == (.clear, .certain))
        #expect(judged(isAskedFor: false) == (.possible, .possible))
    }

    @Test("where one key is several entries no fill replaces another")
    func severalEntries() {
        var replay = Replay()
        replay.fill(0, of: 1)
        replay.fill(1000, of: 2)
        let (one, two) = (replay.delivery(2000, to: 1, .hit), replay.delivery(2001, to: 2, .hit))
        #expect(replay.certainty(one) == .certain)
        #expect(replay.certainty(two) == .clear)
        replay.rules.nodesOfSeveralEntries = [Self.node]
        #expect(replay.certainty(one) == .possible)
        #expect(replay.certainty(two) == .possible)
    }

    // MARK: The key of a cache above

    @Test("a validator of a frame that was sent under another key alone shows that a cache's key is coarser")
    func foreignValidator() {
        func observed(_ flags: Delivery.Flags) -> Observations {
            var replay = Replay()
            replay.fill(0, of: 1, frame: 1, kind: .sent, node: nil, key: 1, for: 1)
            replay.delivery(10, to: 1, .miss, took: 20, key: 1, flags: flags)
            replay.fill(1000, of: 2, frame: 2, kind: .sent, node: nil, key: 2, for: 2)
            replay.delivery(1010, to: 2, .miss, took: 20, key: 2, flags: flags)
            replay.fill(7000, of: 2, frame: 2, kind: .revalidated, node: nil, key: 2, for: 2, validator: 2)
            replay.delivery(7010, to: 2, .revalidated, took: 20, key: 2, flags: flags)
            replay.fill(14_000, of: 2, frame: 3, kind: .sent, node: nil, key: 2, for: 2, validator: 1)
            replay.delivery(14_010, to: 2, .miss, took: 20, key: 2, flags: flags)
            return replay.observations()
        }
        let seen = observed([])
        #expect(seen.validators == 2)
        #expect(seen.foreignValidators == 1)
        #expect(seen.foreignFrames == [SymbolID(rawValue: Replay.frame + 1)])
        // A client's own may be of a frame that it got under another key.
        #expect(observed(.forwardsValidator).foreignValidators == 0)
    }

    @Test("a miss without a line in the origin's log, before that names its key, can be no right key's answer above")
    func fetchBeforeAnyFill() {
        func observed(lineless: Int) -> Int {
            var replay = Replay()
            replay.isOriginDirect = false
            replay.fill(10_000, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
            replay.delivery(10_010, to: 1, .miss, took: 20)
            replay.delivery(lineless, to: 1, .miss, took: 20)
            return replay.observations().fetchesBeforeAnyFill
        }
        #expect(observed(lineless: 2000) == 1)
        #expect(observed(lineless: 18_000) == 0)
    }

    // MARK: One entry or several

    /// Fetches at some moments, and hits between; what the audit makes of them.
    ///
    /// - Parameter round: what happens twenty times over, `every` milliseconds.
    private func audit(_ round: [(Int, CacheStatus)], every: Int, purge: Int? = nil) -> Observations.Node? {
        var replay = Replay()
        for step in 0..<20 {
            if let purge { replay.purge(step * every + purge) }
            for (at, status) in round { add(step * every + at, status, to: &replay) }
        }
        return replay.observations().nodes[Self.node]
    }

    private func add(_ at: Int, _ status: CacheStatus, to replay: inout Replay) {
        if status == .miss { replay.fill(at - 5, of: 1, kind: .sent, node: nil, for: 1) }
        replay.delivery(at, to: 1, status, took: status == .miss ? 10 : 0)
    }

    @Test("a cache that serves frames of five seconds and then fetches behaves as one entry")
    func oneEntry() {
        let seen = audit([(0, .miss), (2000, .hit), (4900, .hit)], every: 6000)
        #expect(seen?.lookups == 20)
        #expect(seen?.missedAfterHit == 0)
    }

    @Test(
        "a request that finds nothing fresh two seconds after a fill, where hits come up to five, shows a second entry")
    func variant() {
        let round: [(Int, CacheStatus)] = [(0, .miss), (1000, .hit), (2000, .miss), (6900, .hit)]
        #expect(audit(round, every: 8000)?.missedAfterHit == 20)
        // Where each entry ends in writing between, it shows nothing.
        #expect(audit(round, every: 8000, purge: 1500)?.missedAfterHit == 0)
    }

    @Test("a cache that refuses to store fetches again at once, and is no second entry")
    func refusing() {
        let round: [(Int, CacheStatus)] = [(0, .miss), (500, .miss), (1000, .miss), (5900, .hit)]
        #expect(audit(round, every: 9000)?.missedAfterHit == 0)
    }
}
