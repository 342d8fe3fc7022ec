import Foundation
import GRDB
import Interning
import LogRecords
import Testing

@testable import Casefile

@Suite struct SpillFileTests {
    private let folder = FileManager.default.temporaryDirectory.path

    @Test("rows come back in order, few from memory and many from a file", arguments: [0, 1, 1000, 700_000, 1_500_001])
    func order(_ count: Int) throws {
        let trace = SpillFile<Int64>(folder: folder)
        var added = 0
        while added < count {
            let next = min(added + 4097, count)
            try trace.append((added..<next).map(Int64.init))
            added = next
        }
        #expect(trace.count == count)
        // Twice: it is read as often as need be.
        for _ in 0..<2 {
            var expected: Int64 = 0
            try trace.eachBlock { block in
                #expect(block.first == expected && block.last == expected + Int64(block.count) - 1)
                expected += Int64(block.count)
            }
            #expect(expected == Int64(count))
        }
    }

    @Test("no file is left behind, and a folder that takes none is named")
    func files() throws {
        let own = folder + "/strayframe-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: own) }
        let trace = SpillFile<Int64>(folder: own)
        try trace.append([Int64](repeating: 7, count: 1_000_000))
        #expect(try FileManager.default.contentsOfDirectory(atPath: own).isEmpty)
        let nowhere = SpillFile<Int64>(folder: own + "/nowhere")
        let error = #expect(throws: ScratchError.self) { try nowhere.append([Int64](repeating: 7, count: 1_000_000)) }
        #expect(error?.description.contains(own + "/nowhere") == true)
    }

    @Test("a delivery comes out of the trace as it went in, with and without what few logs have")
    func deliveries() throws {
        let plain = Delivery(
            id: EventID(source: 3, line: 9), time: EventTime(1_577_318_401_433_325), clock: SymbolID(rawValue: 4),
            node: SymbolID(rawValue: 4), requester: SymbolID(rawValue: 5), camera: SymbolID(rawValue: 6),
            key: SymbolID(rawValue: 7), cacheStatus: .hit, cacheWord: SymbolID(rawValue: 8), status: 200, bytes: 512,
            rttMilliseconds: 33, lossBasisPoints: 120, client: SymbolID(rawValue: 9), flags: .conditional)
        var rich = plain
        rich.id = EventID(source: 3, line: 10)
        rich.time = EventTime(stamp: 2000, earliest: 1000, latest: 2999, begunBy: 1500)
        (rich.frame, rich.owner, rich.frameCamera) = (
            SymbolID(rawValue: 11), SymbolID(rawValue: 12), SymbolID(rawValue: 13)
        )
        var empty = plain
        (empty.id, empty.bytes) = (EventID(source: 3, line: 11), 0)
        let all = [plain, rich, empty, plain, rich]
        let circumstances = [nil, DeliveryContext(plain), DeliveryContext(empty)]
        let trace = EventSpool(folder: folder)
        for delivery in all {
            try trace.add(delivery, circumstance: DeliveryContext(delivery) == DeliveryContext(plain) ? 1 : 2)
        }
        #expect(trace.namesFrames)
        var found: [Delivery] = []
        try trace.eachDelivery(circumstances) { delivery, _ in found.append(delivery) }
        #expect(found.count == all.count)
        for (delivery, expected) in zip(found, all) {
            var expected = expected
            // Of the bytes it keeps whether there were any.
            expected.bytes = expected.bytes == 0 ? 0 : -1
            #expect(String(describing: delivery) == String(describing: expected))
        }
    }

    @Test("a delivery whose circumstance the case does not have is an error, and not passed over", arguments: [1, 2])
    func missingCircumstance(_ known: Int) throws {
        let trace = EventSpool(folder: folder)
        let delivery = Delivery(id: EventID(source: 1, line: 1), time: EventTime(0), status: 200)
        try trace.add(delivery, circumstance: 1)
        #expect(throws: DatabaseError.self) {
            try trace.eachDelivery([DeliveryContext?](repeating: nil, count: known)) { _, _ in }
        }
    }
}
