import Correlation
import LogRecords
import Testing

/// Where no log tells fills, a MISS that names its frame says whose it is: the requested camera's.
@Suite struct NamedMissTests {
    @Test("a hit under another key carries the frame that it names, of the camera whose MISS brought it")
    func elsewhere() {
        var replay = Replay()
        let fetched = replay.delivery(1000, to: 1, .miss, took: 50, key: 1, frame: 1)
        replay.delivery(1500, to: 2, .miss, took: 50, key: 2, frame: 2)
        let stray = replay.delivery(2000, to: 2, .hit, took: 5, key: 2, frame: 1)
        let own = replay.delivery(2500, to: 2, .hit, took: 5, key: 2, frame: 2)
        let again = replay.delivery(2600, to: 1, .hit, took: 5, node: 2, key: 3, frame: 1)
        #expect(replay.certainty(stray) == .certain && replay.owners(stray) == [1])
        #expect([fetched, own, again].map { replay.certainty($0) } == [.clear, .clear, .clear])
    }

    @Test("so does one that a request beside the cache brought")
    func bypassed() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .bypass, took: 50, frame: 1)
        let stray = replay.delivery(2000, to: 2, .hit, took: 5, key: 2, frame: 1)
        #expect(replay.certainty(stray) == .certain && replay.owners(stray) == [1])
    }

    @Test(
        "a frame that two cameras' MISSes name may be either's, on every line that names it or may have been served it")
    func contradicted() {
        var replay = Replay()
        let first = replay.delivery(1000, to: 1, .miss, took: 50, key: 1, frame: 7)
        let second = replay.delivery(2000, to: 2, .miss, took: 50, key: 2, frame: 7)
        let named = replay.delivery(3000, to: 2, .hit, took: 5, key: 2, frame: 7)
        let unnamed = replay.delivery(3500, to: 2, .hit, took: 5, key: 2)
        let third = replay.delivery(4000, to: 3, .hit, took: 5, key: 2, frame: 7)
        #expect(
            [first, second, named, unnamed].map { replay.certainty($0) } == [
                .possible, .possible, .possible, .possible,
            ])
        #expect(replay.owners(first) == [2])
        #expect([second, named, unnamed].map { replay.owners($0) } == [[1], [1], [1]])
        #expect(replay.certainty(third) == .certain && replay.owners(third) == [1, 2])
    }

    @Test("a MISS that names no camera says nothing of whose its frame is, and makes no other surer")
    func withoutCamera() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, camera: .some(nil), key: 1, frame: 1)
        let alone = replay.delivery(2000, to: 2, .hit, took: 5, key: 2, frame: 1)
        replay.delivery(3000, to: 1, .miss, took: 50, key: 1, frame: 2)
        replay.delivery(4000, to: 1, .miss, took: 50, camera: .some(nil), key: 3, frame: 2)
        let stray = replay.delivery(5000, to: 2, .hit, took: 5, key: 2, frame: 2)
        let own = replay.delivery(5500, to: 1, .hit, took: 5, key: 4, frame: 2)
        #expect(replay.certainty(alone) == .unresolved)
        #expect(replay.certainty(stray) == .possible && replay.owners(stray) == [1])
        #expect(replay.certainty(own) != .clear && replay.certainty(own) != .certain)
    }

    @Test("a camera of which no table tells leaves the frame open")
    func unknownCamera() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, camera: 9, key: 1, frame: 1)
        let stray = replay.delivery(2000, to: 2, .hit, took: 5, key: 2, frame: 1)
        #expect(replay.certainty(stray) == .unresolved)
    }

    @Test("a header that may have been merged over another body's adds a frame, and makes none surer")
    func merged() {
        var replay = Replay()
        replay.delivery(1000, to: 1, .miss, took: 50, key: 1, frame: 1)
        replay.delivery(1500, to: 2, .miss, took: 50, key: 2, frame: 2)
        let hit = replay.delivery(2000, to: 2, .hit, took: 5, key: 2, frame: 1, flags: .mergeableHeaders)
        #expect(replay.certainty(hit) == .possible && replay.owners(hit) == [1])
    }

    @Test("a picture that very many cameras' MISSes name is nobody's for certain")
    func crowded() {
        var replay = Replay()
        replay.cameras = Array(1...40)
        for account in Int32(1)...40 {
            replay.delivery(1000 + Int(account) * 100, to: account, .miss, took: 5, key: account, frame: 7)
        }
        let late = replay.delivery(9000, to: 40, .hit, took: 5, key: 40, frame: 7)
        let other = replay.delivery(9500, to: 99, .hit, took: 5, key: 50, frame: 7)
        #expect(replay.certainty(late) == .possible && replay.certainty(other) == .possible)
    }
}
