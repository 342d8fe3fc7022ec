import Chance
import Interning
import LogRecords
import Testing

@testable import Distributed

@Suite struct PartRecordsTests {
    /// Blocks of deliveries, fills, purges and frames under few keys, so that many records are of one moment.
    private func bodies(_ chance: inout Chance) -> [(ExchangeType, Int, [UInt8])] {
        let names = StringInterner()
        var dictionary = BlockDictionary()
        let source = names.intern("source")
        var line: Int64 = 0
        return (0..<12).map { number in
            let type = [ExchangeType.delivery, .fill, .sent, .purge, .frame][number % 5]
            var table = RecordTable(names)
            for _ in 0..<60 {
                line += 1
                let key = chance.one(in: 5) ? SymbolID.absent : names.intern("key-\(chance.below(9))")
                let frame = names.intern("key-\(chance.below(9))")
                let (id, time) = (EventID(source: 0, line: line), EventTime(Int64(chance.below(30))))
                switch type {
                case .delivery: table.add(Delivery(id: id, time: time, key: key, frame: frame), from: source)
                case .fill, .sent: table.add(Fill(id: id, time: time, key: key, frame: frame), from: source)
                case .purge: table.add(Purge(id: id, time: time, key: key), from: source)
                default:
                    table.begin()
                    table.add(.key, key)
                    table.add(.frame, frame)
                    table.add(.source, source)
                    table.add(.line, line)
                }
            }
            return (type, table.count, table.body(&dictionary))
        }
    }

    /// What is handed out: by group and moment, the records of each moment as a set.
    private func order(_ bodies: [(ExchangeType, Int, [UInt8])], keeping most: Int) throws -> [String] {
        let names = StringInterner()
        var part = PartRecords(names, keeping: most)
        for (type, count, body) in bodies { try part.take(try RecordBlock(type, count: count, body, names)) }
        var moments: [(what: String, lines: [String])] = []
        func table() -> StringInterner { StringInterner() }
        try part.each(by: table) { turned in
            let (isKeyless, text) = turned.block.groupText()
            let what = "\(isKeyless) \(text) \(turned.turn) \(turned.earliest)"
            if turned.isFirst || moments.last?.what != what { moments.append((what, [])) }
            let number = turned.block.number(.line) ?? 0
            moments[moments.count - 1].lines.append("\(turned.block.type) \(number)")
            if turned.isFirst { moments[moments.count - 1].lines.append("first") }
        }
        return moments.map { "\($0.what): \($0.lines.filter { $0 != "first" }.sorted())" }
    }

    @Test(arguments: 0..<10)
    func `However few records have room in memory, they come in the same order`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let bodies = bodies(&chance)
        let expected = try order(bodies, keeping: .max)
        // Groups come once each, what is told ahead first.
        let groups = expected.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        let changes = groups.indices.dropFirst().count { groups[$0] != groups[$0 - 1] }
        #expect(changes + 1 == Set(groups).count)
        for most in [40, 100, 333] { #expect(try order(bodies, keeping: most) == expected, "\(most) in memory") }
    }

    @Test func `A part that comes again is refused, for it would be judged twice`() throws {
        var order = PartOrder()
        #expect(try !order.isNew(3))
        #expect(try !order.isNew(3))
        #expect(try order.isNew(1))
        #expect(throws: ExchangeProblem.self) { try order.isNew(3) }
    }
}
