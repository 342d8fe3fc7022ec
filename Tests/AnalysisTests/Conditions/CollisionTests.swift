import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// Keys that several owners' cameras filled between two purges, against every pair of fills.
@Suite struct CollisionTests {
    private let names = StringInterner()

    private struct World {
        var fills: [Fill] = []
        var purges: [Purge] = []
        var owners: [EventID: String] = [:]
    }

    private func world(seed: Int) -> (World, Directory) {
        var chance = Chance(seed: UInt64(seed))
        let cameras = (0..<5).map {
            CameraRecord(
                id: EventID(source: 1, line: Int64($0)), camera: names.intern("cam-\($0)"),
                owner: names.intern("acct-\($0 / 2)"), owned: Validity(from: nil, until: nil), model: .absent)
        }
        func time() -> EventTime {
            // Sometimes a line stands for a stretch, so that its order is not sure.
            let (stamp, width) = (Int64(chance.below(400)), Int64(chance.below(3) == 0 ? chance.below(40) : 0))
            return EventTime(stamp: stamp, earliest: stamp - width, latest: stamp, begunBy: stamp)
        }
        func place() -> (node: SymbolID, key: SymbolID) {
            (chance.below(8) == 0 ? .absent : names.intern("n\(chance.below(2))"), names.intern("k\(chance.below(6))"))
        }
        var world = World()
        for line in 0..<(10 + chance.below(30)) {
            let (place, camera) = (place(), chance.below(5))
            let kind: Fill.Kind = chance.below(10) == 0 ? .revalidated : .stored
            let fill = Fill(
                id: EventID(source: 2, line: Int64(line)), time: time(), clock: names.intern("c"), kind: kind,
                node: place.node, key: place.key, camera: names.intern("cam-\(camera)"))
            world.fills.append(fill)
            world.owners[fill.id] = "acct-\(camera / 2)"
        }
        for line in 0..<chance.below(40) {
            let place = place()
            world.purges.append(
                Purge(
                    id: EventID(source: 3, line: Int64(line)), time: time(), clock: names.intern("c"),
                    node: place.node, key: place.key, isExpiry: chance.below(5) == 0))
        }
        return (world, Directory(cameras: cameras))
    }

    @Test("a key collides where no purge surely lies between the fills of two owners, and nowhere else")
    func everyPair() {
        var (collided, parted, largest) = (0, 0, 0)
        for seed in 0..<300 {
            let (world, directory) = world(seed: seed)
            var collisions = KeyCollisions(directory)
            for fill in world.fills { collisions.notice(fill) }
            for purge in world.purges { collisions.add(purge) }
            let parts = collisions.parts(atOnce: 1).map { part in
                var part = part
                for fill in world.fills { part.add(fill, tieBreak: fill.id.line) }
                return part.all.map { "\($0)" }
            }
            for fill in world.fills { collisions.add(fill, tieBreak: fill.id.line) }
            #expect(parts.joined().sorted() == collisions.all.map { "\($0)" }.sorted(), "seed \(seed)")
            largest = max(largest, parts.count { !$0.isEmpty })
            let stored = world.fills.filter { $0.kind == .stored }
            var expected: Set<KeyCollisions.Place> = []
            for a in stored {
                for b in stored
                where a.key == b.key && a.node == b.node && world.owners[a.id] != world.owners[b.id] {
                    let (first, second) = a.time.latest < b.time.earliest ? (a, b) : (b, a)
                    let isParted = world.purges.contains {
                        !$0.isExpiry && $0.key == a.key && $0.node == a.node
                            && first.time.latest < $0.time.earliest && $0.time.latest < second.time.earliest
                    }
                    if isParted { parted += 1 } else { expected.insert(.init(node: a.node, key: a.key)) }
                }
            }
            #expect(Set(collisions.all.map(\.place)) == expected, "seed \(seed)")
            #expect(collisions.all.count == expected.count)
            for one in collisions.all {
                let under = stored.filter { $0.key == one.place.key && $0.node == one.place.node }
                #expect(one.fills <= under.count && one.owners <= Set(under.map { world.owners[$0.id] }).count)
                #expect(one.first <= one.since && one.since <= one.last && one.owners > 1)
                #expect(under.contains { $0.id == one.sinceFill && $0.time.stamp == one.since })
            }
            collided += expected.count
        }
        #expect(collided > 300 && parted > 300 && largest > 1, "\(collided) \(parted) \(largest)")
    }

    @Test("what was filled before a purge is not counted with what collides after it")
    func counts() throws {
        let directory = Directory(
            cameras: (0..<3).map {
                CameraRecord(
                    id: EventID(source: 1, line: Int64($0)), camera: names.intern("cam-\($0)"),
                    owner: names.intern("acct-\($0)"), owned: Validity(from: nil, until: nil), model: .absent)
            })
        var collisions = KeyCollisions(directory)
        let fills = [(0, 10), (0, 20), (1, 40), (2, 50), (1, 60)].enumerated().map { line, one in
            Fill(
                id: EventID(source: 2, line: Int64(line)), time: EventTime(Int64(one.1)), node: names.intern("n"),
                key: names.intern("k"), camera: names.intern("cam-\(one.0)"))
        }
        for fill in fills { collisions.notice(fill) }
        collisions.add(
            Purge(
                id: EventID(source: 3, line: 1), time: EventTime(30), node: names.intern("n"), key: names.intern("k"),
                isExpiry: false))
        for fill in fills { collisions.add(fill, tieBreak: fill.id.line) }
        let one = try #require(collisions.all.first)
        #expect(one.owners == 2 && one.cameras == 2 && one.fills == 3)
        #expect(one.first == 40 && one.since == 50 && one.last == 60 && one.sinceFill == fills[3].id)
    }
}
