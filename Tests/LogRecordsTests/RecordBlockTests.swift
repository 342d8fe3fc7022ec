import Chance
import Interning
import Testing

@testable import LogRecords

@Suite struct RecordBlockTests {
    /// A value of a member, as a test keeps it beside the block.
    private enum Value: Equatable {
        case text(String)
        case number(Int64)
    }

    /// Records with members of every kind of column: the same in all, small, large, rising, seldom there.
    private func records(_ count: Int, _ chance: inout Chance) -> [[ExchangeField: Value]] {
        let always = ExchangeField.allCases.filter { _ in chance.one(in: 3) }
        let forms = ExchangeField.allCases.map { _ in chance.below(6) }
        return (0..<count).map { row in
            var record: [ExchangeField: Value] = [:]
            for field in always where forms[field.rawValue] != 5 || chance.one(in: 3) {
                let form = forms[field.rawValue]
                let number: Int64
                switch form {
                case 0: number = 7
                case 1: number = Int64(chance.below(300)) - 20
                case 2: number = 1_577_000_000_000_000 + Int64(row) * 40_000 + Int64(chance.below(999))
                case 3: number = Int64(bitPattern: chance.next()) | 1
                default: number = chance.one(in: 2) ? .max : .min + 1
                }
                record[field] = field.isText ? .text("n\(number % 1000)") : .number(number)
            }
            return record
        }
    }

    private func body(_ records: [[ExchangeField: Value]], _ names: StringInterner) -> [UInt8] {
        var table = RecordTable(names)
        for record in records {
            table.begin()
            for field in ExchangeField.allCases {
                switch record[field] {
                case .text(let text): table.add(field, text)
                case .number(let number): table.add(field, number)
                case nil: break
                }
            }
        }
        var dictionary = BlockDictionary()
        return table.body(&dictionary)
    }

    @Test(arguments: 0..<40)
    func `Records come out of a block as they went in, member by member`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let records = records(chance.below(200), &chance)
        let names = StringInterner()
        let block = try RecordBlock(.delivery, count: records.count, body(records, StringInterner()), names)
        for (row, record) in records.enumerated() {
            block.row = row
            for field in ExchangeField.allCases {
                switch record[field] {
                case .text(let text):
                    #expect(block.text(field) == text && names.text(block.name(field)) == text)
                case .number(let number): #expect(block.number(field) == number, "\(field)")
                case nil: #expect(block.number(field) == nil && block.text(field) == nil)
                }
            }
        }
    }

    @Test(arguments: 0..<20)
    func `A body with other bytes is read or refused, and every member of what is read can be asked`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let records = records(1 + chance.below(60), &chance)
        let sound = body(records, StringInterner())
        for _ in 0..<300 {
            var changed = sound
            for _ in 0...chance.below(3) {
                changed[chance.below(changed.count)] = UInt8(truncatingIfNeeded: chance.next())
            }
            if chance.one(in: 4) { changed.removeLast(chance.below(changed.count)) }
            Self.readAll(changed, count: records.count)
        }
    }

    /// Reads a body of any bytes, and all that it has.
    static func readAll(_ body: [UInt8], count: Int) {
        guard let block = try? RecordBlock(.delivery, count: count, body, StringInterner()) else { return }
        for row in 0..<count {
            block.row = row
            for field in ExchangeField.allCases {
                _ = block.number(field)
                if field.isText { _ = (block.text(field), block.name(field)) }
            }
            _ = (try? block.delivery(EventID(rawValue: 0)), try? block.fill(EventID(rawValue: 0)), block.place())
        }
    }

    @Test func `A delivery, a fill and a purge are the same behind a block`() throws {
        let names = StringInterner()
        func name(_ text: String) -> SymbolID { names.intern(text) }
        let delivery = Delivery(
            id: EventID(source: 0, line: 9), time: EventTime(stamp: 50, earliest: 40, latest: 51, begunBy: 44),
            clock: name("c"), node: name("n"), requester: name("r"), camera: name("cam"), key: name("k"),
            frame: name("f"), owner: name("o"), frameCamera: name("fc"), cacheStatus: .stale, cacheWord: name("STALE"),
            status: 206, bytes: 1 << 40, rttMilliseconds: 0, lossBasisPoints: 12, client: name("cl"),
            network: name("w"), kind: name("still"), extra: name("x"), flags: [.aborted, .mayBeRepeat])
        let fill = Fill(
            id: EventID(source: 0, line: 3), time: EventTime(stamp: -7, earliest: -9, latest: -7), clock: name("c"),
            kind: .sent, node: name("n"), key: name("k"), frame: name("f"), camera: name("cam"), owner: name("o"),
            requester: name("r"), validator: name("v"), version: name("1"), ttlSeconds: 30)
        let purge = Purge(id: EventID(source: 0, line: 4), time: EventTime(5), key: name("k"), isExpiry: true)
        var table = RecordTable(names)
        table.add(delivery, from: name("s"))
        table.add(fill, from: name("s"))
        table.add(purge, from: name("s"))
        var dictionary = BlockDictionary()
        let block = try RecordBlock(.delivery, count: 3, table.body(&dictionary), names)
        #expect("\(try block.delivery(delivery.id))" == "\(delivery)")
        block.row = 1
        #expect("\(try block.fill(fill.id))" == "\(fill)")
        block.row = 2
        #expect("\(try block.purge(purge.id))" == "\(purge)")
        #expect(block.text(.source) == "s" && block.number(.line) == 4)
    }

    @Test func `Parts are dealt out in the order of the digests, and each has some`() {
        let digests = (0..<1000).map { NameDigests.of("key-\($0)") }.sorted()
        let parts = digests.map { ExchangePlace.part($0, of: 7) }
        #expect(parts == parts.sorted() && Set(parts) == Set(0..<7))
        #expect(ExchangePlace.part(.max, of: 7) == 6 && ExchangePlace.part(0, of: 1) == 0)
    }
}

extension NameDigests {
    fileprivate static func of(_ text: String) -> UInt64 {
        let names = StringInterner()
        var digests = NameDigests(names)
        return digests.digest(names.intern(text))
    }
}
