import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// What there may be many of, against ways that are too slow for many: clocks, owners of a camera, nodes.
@Suite struct ManyTests {
    @Test("the widest margin among clocks is that of the worst pair", arguments: 1...60)
    func widest(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let tied = (0..<chance.below(4)).map { index in
            ClockOffset(
                clock: SymbolID(rawValue: Int32(index + 1)), basis: .proved, bound: Int64(chance.below(90_000)),
                knots: [.init(at: 0, offset: Int64(chance.below(1000)))])
        }
        let clocks = tied.isEmpty ? Clocks(skew: 70_000) : Clocks(offsets: tied)
        let asked = Set((1...6).map { SymbolID(rawValue: Int32($0)) }.filter { _ in chance.one(in: 2) })
        let pairs = asked.flatMap { one in asked.map { clocks.margin(one, $0) } }
        #expect(clocks.widest(among: asked) == pairs.max() ?? 0)
    }

    private static func camera(_ line: Int, _ owner: Int, _ from: Int64?, _ until: Int64?) -> CameraRecord {
        CameraRecord(
            id: EventID(source: 1, line: Int64(line)), camera: SymbolID(rawValue: 9),
            owner: SymbolID(rawValue: Int32(owner)),
            owned: Validity(from: from, until: until))
    }

    @Test("of many owners at once each stretch is one dispute, and two rows stand for it")
    func stretches() {
        // Owner 1 all the time; 2 and 3 for a while, at once; then nobody else; then 4.
        let disputes = Directory(cameras: [
            Self.camera(2, 1, nil, nil), Self.camera(3, 2, 10, 20), Self.camera(4, 3, 15, 30),
            Self.camera(5, 4, 40, nil),
        ]).disputes
        #expect(disputes.map(\.kind) == [.twoOwners, .twoOwners])
        #expect(disputes.map(\.time) == [Validity(from: 10, until: 30), Validity(from: 40)])
        #expect(disputes.map { $0.rows.map(\.line) } == [[2, 3], [2, 5]])
        #expect(disputes.map { $0.claims.map(\.row.line) } == [[2, 3, 4], [2, 5]])
        // One after the other is none, and neither is an owner who is listed twice.
        #expect(Directory(cameras: [Self.camera(2, 1, nil, 10), Self.camera(3, 2, 10, nil)]).disputes.isEmpty)
        #expect(Directory(cameras: [Self.camera(2, 1, nil, 10), Self.camera(3, 1, 5, nil)]).disputes.isEmpty)
        // Twenty thousand at once have two hundred million pairs.
        let many = (0..<20_000).map { Self.camera($0 + 2, $0 + 1, nil, nil) }
        #expect(Directory(cameras: many).disputes.count == 1)
    }

    @Test("a camera of many owners is asked as one of few is", arguments: 1...30)
    func crowd(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let rows = (0..<(17 + chance.below(30))).map { line in
            let from: Int64? = chance.one(in: 6) ? nil : Int64(chance.below(40))
            return Self.camera(line + 2, 1 + chance.below(12), from, from.map { $0 + 1 + Int64(chance.below(10)) })
        }
        let directory = Directory(cameras: rows)
        let camera = SymbolID(rawValue: 9)
        for moment in Int64(0)..<45 {
            let owners = rows.filter { $0.owned.meets(moment, moment) }.map(\.owner)
            let found = directory.owners(of: camera, moment, moment)
            #expect(Set(found) == Set(owners) && Set(found).count == found.count)
        }
        for requester in (1...13).map({ SymbolID(rawValue: Int32($0)) }) {
            for owner in (1...12).map({ SymbolID(rawValue: Int32($0)) }) where owner != requester {
                let own = rows.first { $0.owner == requester }
                let begun = rows.filter { $0.owner == owner }.map { $0.owned.from ?? .min }.min()
                let expected: Relation =
                    own == nil
                    ? .stranger : (begun ?? .max) < (own?.owned.from ?? .min) ? .nextOwner : .formerOwner
                let origin = FrameOrigin(owner: owner, camera: camera)
                #expect(directory.relation(of: requester, to: origin, at: 5) == expected)
            }
        }
    }

    @Test(
        "deliveries and exposures are counted by node and slot, however many nodes there are", arguments: [1, 3, 500])
    func slots(nodes: Int) {
        var chance = Chance(seed: UInt64(nodes))
        let span: ClosedRange<Int64> = 1000...(1000 + 300_000_000)
        var slots = DeliverySlots(span)
        var expected: [SymbolID: [Int: ChangePoints.Slot]] = [:]
        for line in 0..<4000 {
            let stamp = span.lowerBound + Int64(chance.below(300_000_001))
            let node = SymbolID(rawValue: Int32(chance.below(nodes) + 1))
            let delivery = Delivery(id: EventID(source: 1, line: Int64(line)), time: EventTime(stamp), node: node)
            // Slots of a tenth of a second, the shortest there are.
            let slot = Int((stamp - span.lowerBound) / 100_000)
            slots.add(delivery)
            expected[node, default: [:]][slot, default: .init(deliveries: 0, exposures: 0)].deliveries += 1
            guard chance.one(in: 5) else { continue }
            slots.add(exposure: delivery, weight: ReceiverWeights.whole)
            expected[node]?[slot]?.exposures += 1
            expected[node]?[slot]?.units += 1
        }
        for (node, counts) in expected {
            let found = slots.slots(of: node)
            #expect(found.count == 3001)
            for (slot, one) in found.enumerated() {
                #expect(one == counts[slot] ?? .init(deliveries: 0, exposures: 0))
            }
        }
        var seen: [SymbolID: [Int: Int]] = [:]
        slots.eachCount { seen[$0, default: [:]][$1] = $2 }
        #expect(seen == expected.mapValues { $0.mapValues(\.deliveries) })
    }
}
