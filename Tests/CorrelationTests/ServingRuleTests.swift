import Correlation
import Interning
import LogRecords
import Testing

/// What each kind of answer can have carried, where the origin's log tells what it sent and for whom.
@Suite struct ServingRuleTests {
    /// What the origin sent to an account, of its camera: the fetch takes 20 ms, the origin 5 of them.
    @discardableResult
    private func fetch(
        _ at: Int, by account: Int32, _ frame: Int32, _ status: CacheStatus, asks validator: Int32? = nil,
        _ replay: inout Replay
    ) -> EventID {
        replay.fill(at - 10, of: account, frame: frame, kind: .sent, node: nil, for: account, validator: validator)
        return replay.delivery(at, to: account, status, took: 20)
    }

    @Test("what the cache asks with later shows that a frame between was never stored")
    func laterValidator() {
        var replay = Replay()
        fetch(20, by: 1, 1, .miss, &replay)
        let stale = fetch(6020, by: 2, 2, .stale, asks: 1, &replay)
        let updating = replay.delivery(6500, to: 2, .stale)
        let own = fetch(7520, by: 1, 3, .stale, asks: 1, &replay)
        #expect([stale, updating, own].map { replay.certainty($0) } == [.certain, .certain, .clear])
    }

    @Test(
        "a fresh hit right after a stale answer is on what its refresh brought, unless the origin renewed the old one")
    func freshAfterStale() {
        /// - Parameter tells: whether the log has 304s at all.
        func judged(tells: Bool, isRenewed: Bool) -> [Certainty] {
            var replay = Replay()
            fetch(20, by: 1, 1, .miss, &replay)
            if tells {
                replay.fill(3000, of: 1, frame: 9, kind: .revalidated, node: nil, key: 2, for: 1, validator: 9)
            }
            let stale: EventID
            if isRenewed {
                replay.fill(6010, of: 1, frame: 1, kind: .revalidated, node: nil, for: 1, validator: 1)
                stale = replay.delivery(6020, to: 2, .stale, took: 20)
            } else {
                stale = fetch(6020, by: 2, 2, .stale, asks: 1, &replay)
            }
            let (one, two) = (replay.delivery(6200, to: 1, .hit), replay.delivery(6210, to: 2, .hit))
            return [stale, one, two].map { replay.certainty($0) }
        }
        #expect(judged(tells: true, isRenewed: false) == [.certain, .certain, .clear])
        #expect(judged(tells: false, isRenewed: false) == [.certain, .possible, .possible])
        #expect(judged(tells: true, isRenewed: true) == [.certain, .clear, .certain])
    }

    @Test("a frame fetched by a request that stood aside may be stored or not, for what was there was still fresh")
    func bypass() {
        var replay = Replay()
        fetch(20, by: 1, 1, .miss, &replay)
        let aside = fetch(2020, by: 2, 2, .bypass, &replay)
        let hit = replay.delivery(3000, to: 2, .hit)
        #expect([aside, hit].map { replay.certainty($0) } == [.clear, .possible])
    }

    @Test("the validator of a request that stood aside is its client's, and says nothing of the entry")
    func clientsValidator() {
        var replay = Replay()
        fetch(20, by: 1, 1, .miss, &replay)
        fetch(6020, by: 2, 2, .miss, &replay)
        fetch(7020, by: 1, 3, .bypass, asks: 1, &replay)
        let (one, two) = (replay.delivery(7500, to: 1, .hit), replay.delivery(7510, to: 2, .hit))
        // The second account's frame stands there, or what was fetched aside.
        #expect([one, two].map { replay.certainty($0) } == [.possible, .possible])
    }

    @Test("a collapsed hit carries the frame on its way, also if that is not to be stored")
    func collapsedHit() {
        var replay = Replay()
        fetch(20, by: 1, 1, .miss, &replay)
        replay.fill(1015, of: 2, frame: 2, kind: .sent, node: nil, for: 2)
        replay.delivery(1020, to: 2, .miss, took: 20)
        let joined = replay.delivery(1021, to: 1, .collapsed, took: 15)
        let own = fetch(2020, by: 1, 1, .miss, &replay)
        #expect([joined, own].map { replay.certainty($0) } == [.certain, .clear])
    }

    @Test("where a key has several entries, a shared answer is of the frame on its way or of a stored variant")
    func sharedVariant() {
        func judged(holdsSeveral: Bool) -> [Certainty] {
            var replay = Replay()
            if holdsSeveral { replay.rules.nodesOfSeveralEntries = [SymbolID(rawValue: Replay.node + 1)] }
            fetch(20, by: 1, 1, .miss, &replay)
            fetch(1020, by: 2, 2, .miss, &replay)
            let (one, two) = (
                replay.delivery(1021, to: 1, .shared, took: 15), replay.delivery(1022, to: 2, .shared, took: 15)
            )
            return [one, two].map { replay.certainty($0) }
        }
        #expect(judged(holdsSeveral: false) == [.certain, .clear])
        #expect(judged(holdsSeveral: true) == [.possible, .possible])
    }

    @Test(
        "where a key has several entries, what another request of the account fetched need not be what one that joined was given"
    )
    func joinedBesideOwn() {
        func judged(holdsSeveral: Bool) -> Certainty {
            var replay = Replay()
            if holdsSeveral { replay.rules.nodesOfSeveralEntries = [SymbolID(rawValue: Replay.node + 1)] }
            fetch(20, by: 1, 1, .miss, &replay)
            fetch(1020, by: 2, 2, .miss, &replay)
            let joined = replay.delivery(1021, to: 1, .collapsed, took: 15)
            replay.fill(1016, of: 1, frame: 3, kind: .sent, node: nil, for: 1)
            replay.delivery(1022, to: 1, .miss, took: 12)
            return replay.certainty(joined)
        }
        // Of one entry there is one fetch at a time.
        #expect(judged(holdsSeveral: false) == .clear)
        #expect(judged(holdsSeveral: true) == .possible)
    }

    @Test("a fetch without a line of the origin's leaves open what follows")
    func lostLine() {
        func judged(isLost: Bool) -> [Certainty] {
            var replay = Replay()
            fetch(20, by: 1, 1, .miss, &replay)
            if isLost {
                replay.delivery(9020, to: 2, .miss, took: 20)
            } else {
                fetch(9020, by: 2, 2, .miss, asks: 1, &replay)
            }
            let (one, two) = (replay.delivery(9500, to: 1, .hit), replay.delivery(9600, to: 2, .hit))
            return [one, two].map { replay.certainty($0) }
        }
        #expect(judged(isLost: false) == [.certain, .clear])
        let lost = judged(isLost: true)
        #expect(lost.allSatisfy { $0 == .possible || $0 == .unresolved })
    }

    // MARK: Answers that carry no frame, a part of one, or maybe one

    /// The certainty of an answer from the cache to a stranger, after the owner's frame was stored, and of a whole hit behind it.
    private func answered(
        _ account: Int32 = 2, http: Int32 = 200, bytes: Int64 = 9000, flags: Delivery.Flags = []
    ) -> [Certainty] {
        var replay = Replay()
        fetch(20, by: 1, 1, .miss, &replay)
        let answer = replay.delivery(1000, to: account, .hit, http: http, bytes: bytes, flags: flags)
        let whole = replay.delivery(2000, to: 2, .hit)
        return [answer, whole].map { replay.certainty($0) }
    }

    @Test(
        "an error from the cache and an answer to HEAD are no deliveries",
        arguments: [(404, 150), (502, 150), (200, 0)])
    func none(_ http: Int, _ bytes: Int) {
        #expect(answered(http: Int32(http), bytes: Int64(bytes)) == [.clear, .certain])
    }

    @Test("a part of a frame is a delivery of it, and a range that is not there none")
    func range() {
        #expect(answered(http: 206, bytes: 100) == [.certain, .certain])
        #expect(answered(http: 416, bytes: 190) == [.clear, .certain])
    }

    @Test("an aborted answer may have carried something or nothing")
    func aborted() {
        #expect(answered(flags: .aborted) == [.possible, .certain])
        #expect(answered(1, flags: .aborted) == [.clear, .certain])
    }

    // MARK: Caches above

    /// Account 1's frame stood above before the edge's, and account 2's miss is answered two seconds later.
    private func tiered(
        shield: Bool = true, stores camera: Int32?, also other: CacheStatus? = nil, node: Int32 = 1
    ) -> [Certainty] {
        var replay = Replay()
        if shield { replay.fill(1390, of: 1, frame: 1, node: 9) }
        replay.fill(1400, of: 1, frame: 1)
        replay.delivery(1500, to: 1, .miss, took: 200)
        if let camera { replay.fill(3400, of: camera, frame: camera) }
        let miss = replay.delivery(3500, to: 2, .miss, took: 200, node: node)
        if let other { replay.delivery(3500, to: 1, other, took: 200) }
        let hit = replay.delivery(5500, to: 2, .hit, node: node)
        return camera == nil ? [replay.certainty(miss)] : [replay.certainty(miss), replay.certainty(hit)]
    }

    @Test("a miss brought what the node stored meanwhile, be it another camera's frame from above")
    func ownFill() {
        #expect(tiered(stores: 1) == [.certain, .certain])
        #expect(tiered(stores: 2) == [.clear, .clear])
    }

    @Test("where another request of the node found nothing fresh meanwhile, the fill may be that one's")
    func twoAskers() { #expect(tiered(stores: 1, also: .bypass).first == .possible) }

    @Test("a miss after which nothing was stored may have been given what stands above")
    func nothingStored() {
        #expect(tiered(stores: nil, node: 2) == [.possible])
        // Without a tier above it can only have been fetched from the origin.
        #expect(tiered(shield: false, stores: nil, node: 2) == [.clear])
    }

    @Test("where the origin has no line of many a miss, any frame sent under the key may have answered")
    func unanswered() {
        var replay = Replay()
        replay.isOriginDirect = false
        replay.fill(1400, of: 1, frame: 1, kind: .sent, node: nil, for: 1)
        replay.delivery(1500, to: 1, .miss, took: 200)
        let misses = (3..<9).map { replay.delivery($0 * 1000 + 500, to: 2, .miss, took: 200, node: 2) }
        #expect(misses.allSatisfy { replay.certainty($0) == .possible })
    }

    // MARK: A cache that refuses to store

    @Test("no certain exposure is false and none is missed while a cache refuses to store")
    func refusing() {
        var (certain, exposed) = (0, 0)
        for seed in 0..<200 as Range<UInt64> {
            let cloud = ForgettingTests.Cloud(seed: seed, isTold: false, refuses: true)
            let found = cloud.replay.findings(byLedger: true)
            for delivery in cloud.replay.deliveries {
                let certainty = found[delivery.id]?.certainty ?? .clear
                let isExposed = cloud.exposed.contains(delivery.id)
                if certainty == .certain { #expect(isExposed, "seed \(seed), line \(delivery.id.line)") }
                if isExposed { #expect(certainty != .clear, "seed \(seed), line \(delivery.id.line)") }
                certain += certainty == .certain ? 1 : 0
                exposed += isExposed ? 1 : 0
            }
        }
        // Bounds that are true because they are wide would say nothing.
        #expect(exposed > 1000 && certain * 10 >= exposed * 7, "\(certain) of \(exposed)")
    }
}
