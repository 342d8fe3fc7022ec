import Correlation
import LogRecords
import Testing

/// Where neither a cache's own log nor an origin's tells fills, the lines of the answers do: a MISS is one.
@Suite struct MissTests {
    @Test("a hit carries the frame that a MISS under its key brought")
    func hit() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50)
        let stray = replay.delivery(2000, to: 2, .hit, took: 5)
        let own = replay.delivery(2500, to: 1, .hit, took: 5)
        #expect(replay.certainty(stray) == .certain && replay.owners(stray) == [1])
        #expect(replay.certainty(own) == .clear)
    }

    @Test("a MISS that names the frame's owner, or its camera, is a fill of that one")
    func stated() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, owner: 3)
        let stray = replay.delivery(2000, to: 1, .hit, took: 5)
        #expect(replay.certainty(stray) == .certain && replay.owners(stray) == [3])
    }

    @Test("the last of several MISSes decides where the cache found nothing fresh in between")
    func replaced() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50)
        replay.delivery(9000, to: 2, .miss, took: 50)
        let hit = replay.delivery(10_000, to: 2, .hit, took: 5)
        #expect(replay.certainty(hit) == .clear)
    }

    @Test("without a MISS before it, or with one that names no camera, a hit's frame is not known")
    func unknown() {
        var replay = Replay()
        let early = replay.delivery(500, to: 2, .hit, took: 5)
        replay.delivery(1000, to: 1, .miss, took: 50, camera: .some(nil))
        let late = replay.delivery(2000, to: 2, .hit, took: 5)
        #expect(replay.certainty(early) == .unresolved && replay.certainty(late) == .unresolved)
    }

    @Test("what only may have filled makes no hit certain, and none clear")
    func doubts() {
        for (status, flags) in [
            (CacheStatus.miss, Delivery.Flags.aborted), (.bypass, []), (.collapsed, []), (.stale, []),
        ] {
            var replay = Replay()
            replay.delivery(1000, to: 1, status, took: 50, flags: flags)
            let stray = replay.delivery(2000, to: 2, .hit, took: 5)
            let own = replay.delivery(2500, to: 1, .hit, took: 5)
            #expect(replay.certainty(stray) == .possible, "\(status)")
            #expect(replay.certainty(own) == .unresolved, "\(status)")
        }
    }

    @Test("a MISS that answered HEAD may have filled; one that answered an error did not")
    func empty() {
        for (status, certainty) in [(Int32(200), Certainty.possible), (404, .unresolved)] {
            var replay = Replay()
            let miss = replay.delivery(1000, to: 1, .miss, took: 50)
            replay.change { deliveries, _, _ in
                for index in deliveries.indices where deliveries[index].id == miss {
                    (deliveries[index].bytes, deliveries[index].status) = (0, status)
                }
            }
            let stray = replay.delivery(2000, to: 2, .hit, took: 5)
            #expect(replay.certainty(stray) == certainty, "\(status)")
        }
    }

    @Test("an answer without a verdict may have been a MISS too")
    func noVerdict() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50)
        replay.delivery(7000, to: 2, .unknown, took: 50)
        let hit = replay.delivery(8000, to: 2, .hit, took: 5)
        #expect(replay.certainty(hit) == .possible)
    }

    @Test("a MISS is a fill on the nodes alone whose fills no log tells")
    func covered() {
        var replay = Replay()
        // Node 1 has a log of its own, in which the fill of this key is missing.
        replay.fill(100, of: 3, key: 2)
        for node in [Int32(1), 2] { replay.delivery(1000, to: 1, .miss, took: 50, node: node) }
        let (told, untold) = (
            replay.delivery(2000, to: 2, .hit, took: 5, node: 1), replay.delivery(2000, to: 2, .hit, took: 5, node: 2)
        )
        #expect(replay.certainty(told) == .possible && replay.certainty(untold) == .certain)
        // An origin's log covers all nodes.
        replay.fill(100, of: 3, kind: .sent, node: nil, key: 2)
        #expect(replay.certainty(untold) == .possible)
    }

    @Test("hits under keys of which no MISS is known speak against the logged key")
    func keys() {
        var replay = Replay()
        for key in Int32(1)...3 { replay.delivery(1000, to: 1, .miss, took: 50, key: key) }
        for key in Int32(1)...20 { replay.delivery(2000, to: 2, .hit, took: 5, key: key) }
        let seen = replay.observations()
        #expect(seen.fillsToldByAnswers == 3 && seen.hits == 20)
        #expect(seen.hitsWithoutFill == 17 && seen.keysWithoutFill == 17)
        var figures = Ledger.Figures()
        (figures.observations, figures.deliveries) = (seen, 23)
        let ledger = Ledger(figures)
        #expect(ledger.rules.isLoggedKeyTooFine)
        #expect(ledger.entries.first { $0.assumption == .loggedKeyNotFiner }?.status == .contradicted)
        #expect(ledger.entries.first { $0.assumption == .missesAreFills }?.status == .untestable)
    }

    @Test("a MISS that names no key may have filled under any; more than one in two hundred makes nothing certain")
    func withoutKey() {
        var figures = Ledger.Figures()
        var replay = Replay()
        for at in 1...200 { replay.delivery(at * 10_000, to: 1, .miss, took: 50) }
        (figures.observations, figures.deliveries) = (replay.observations(), 200)
        for (count, isUntold) in [(0, false), (1, false), (2, true)] {
            figures.fillsWithoutKey = count
            let ledger = Ledger(figures)
            #expect(ledger.rules.areFillsUntold == isUntold)
            let status = ledger.entries.first { $0.assumption == .missesAreFills }?.status
            #expect(status == (isUntold ? .contradicted : .untestable))
        }
        var few = Replay()
        few.rules.areFillsUntold = true
        few.delivery(1000, to: 1, .miss, took: 50)
        let stray = few.delivery(2000, to: 2, .hit, took: 5)
        let own = few.delivery(2500, to: 1, .hit, took: 5)
        #expect(few.certainty(stray) == .possible && few.certainty(own) == .unresolved)
    }
}
