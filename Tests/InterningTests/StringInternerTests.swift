import Foundation
import Testing

@testable import Interning

@Suite struct StringInternerTests {
    @Test("many names keep their numbers through every growth of the table")
    func many() {
        let table = StringInterner()
        let texts = (0..<60_000).map { "name-\($0 % 50_000)-\(String(repeating: "x", count: $0 % 50_000 % 37))" }
        let ids = texts.map { table.intern($0) }
        #expect(table.count == 50_000)
        #expect(Set(ids).count == 50_000)
        #expect(zip(ids, texts).allSatisfy { table.text($0) == $1 })
        #expect(texts.map { table.intern($0) } == ids)
    }

    @Test("nothing is the absent name, and the absent name is nothing")
    func absent() {
        let table = StringInterner()
        #expect(table.intern("") == .absent)
        #expect(table.text(.absent) == "")
        #expect(table.count == 0)
        #expect(table.intern("x").isPresent)
    }

    @Test("threads that meet the same names agree on their numbers")
    func threads() async {
        let table = StringInterner()
        let found = await withTaskGroup(of: [SymbolID].self) { group in
            for thread in 0..<8 {
                group.addTask {
                    let order = (0..<5000).map { ($0 &* 7919 &+ thread &* 613) % 5000 }
                    let ids = order.map { (number: $0, id: table.intern("account-\($0)")) }
                    return ids.sorted { $0.number < $1.number }.map(\.id)
                }
            }
            return await group.reduce(into: [[SymbolID]]()) { $0.append($1) }
        }
        #expect(found.count == 8)
        #expect(found.allSatisfy { $0 == found[0] })
        #expect(table.count == 5000)
        #expect(found[0].enumerated().allSatisfy { table.text($1) == "account-\($0)" })
    }

    /// Every name as it would be stored, in order of its number, as a case gives them back.
    private func drained(_ table: StringInterner) -> [(id: SymbolID, text: String)] {
        var names: [(SymbolID, String)] = []
        table.takeFresh().each { names.append(($0, String(decoding: $1, as: UTF8.self))) }
        #expect(zip(names, names.dropFirst()).allSatisfy { $0.0 < $1.0 }, "names come by rising number")
        return names
    }

    /// Whether each name could be put back.
    private func restore(_ names: [(id: SymbolID, text: String)], into table: StringInterner) -> [Bool] {
        names.enumerated().map { table.restore($1.id, $1.text, after: $0) }
    }

    @Test("what is numbered once shards differ much comes behind all that was handed out, and can be put back")
    func levelled() {
        let first = StringInterner()
        var ids: [SymbolID] = []
        var stored: [(id: SymbolID, text: String)] = []
        // So many names that some of 16 shards has far more of them than another.
        let texts = (0..<2).map { round in (0..<200_000).map { "n-\(round)-\($0)" } }
        for texts in texts {
            ids += texts.map { first.intern($0) }
            let fresh = drained(first)
            #expect(fresh.count == 200_000 && fresh.first!.id > stored.last?.id ?? .absent)
            stored += fresh
        }
        #expect(first.count == 400_000 && Set(ids).count == 400_000)
        #expect(ids.map(\.rawValue).max()! > 400_000 + 256, "some numbers are nobody's")
        first.shrink()
        let second = StringInterner()
        #expect(restore(stored, into: second).allSatisfy { $0 })
        for table in [first, second] {
            #expect(table.count == 400_000)
            #expect(zip(ids, texts.joined()).allSatisfy { table.text($0) == $1 && table.intern($1) == $0 })
            #expect(drained(table).isEmpty)
        }
    }

    @Test("a table put together again has the same numbers, and goes on with new ones")
    func restored() {
        let first = StringInterner()
        let ids = (0..<3000).map { first.intern("Büro-\($0)") }
        let stored = drained(first)
        #expect(stored.count == 3000)
        #expect(drained(first).isEmpty, "a name is handed out once")
        let second = StringInterner()
        #expect(restore(stored, into: second).allSatisfy { $0 })
        #expect((0..<3000).map { second.intern("Büro-\($0)") } == ids)
        #expect(drained(second).isEmpty, "what was restored is stored already")
        let fresh = second.intern("new")
        #expect(!ids.contains(fresh))
        #expect(drained(second).map(\.text) == ["new"])
    }

    @Test(
        "names that are not in memory are told apart by their texts, and keep their numbers", arguments: [false, true])
    func movedOut(_ isOften: Bool) throws {
        let table = StringInterner(
            isOften ? .often : .seldom, folder: FileManager.default.temporaryDirectory.path, keeping: 0)
        table.keepUnique()
        // Among them texts whose length takes more than a byte, and one that is longer than a block.
        let texts = (0..<40_000).map { number in
            "f-\(number)" + String(repeating: "ä", count: number % 1000 == 0 ? 200 : number == 77 ? 700_000 : 0)
        }
        var expected: [String: SymbolID] = [:]
        var stored: [SymbolID: String] = [:]
        for (number, text) in texts.enumerated() {
            expected[text] = table.intern(text)
            // One met before, wherever its text is now.
            let earlier = texts[number / 2]
            #expect(table.intern(earlier) == expected[earlier])
            if number % 7000 == 0 { table.takeFresh().each { stored[$0] = String(decoding: $1, as: UTF8.self) } }
        }
        table.takeFresh().each { stored[$0] = String(decoding: $1, as: UTF8.self) }
        #expect(Set(expected.values).count == texts.count && table.count == texts.count)
        #expect(expected.allSatisfy { stored[$1] == $0 })
        for _ in 0..<2 {
            // The slots are made anew from the texts.
            table.shrink()
            #expect(table.isMovedOut)
            #expect(expected.allSatisfy { table.text($1) == $0 })
            #expect(texts.allSatisfy { table.intern($0) == expected[$0] })
        }
        try table.check()
    }

    @Test("where no scratch file can be made, names stay in memory")
    func noFolder() throws {
        let table = StringInterner(.seldom, folder: "/nowhere", keeping: 0)
        table.keepUnique()
        let ids = (0..<10_000).map { table.intern("f-\($0)") }
        _ = table.takeFresh()
        #expect(!table.isMovedOut)
        #expect((0..<10_000).allSatisfy { table.intern("f-\($0)") == ids[$0] })
        try table.check()
    }

    @Test(
        "texts that get a number each time are told by their first ones, in memory or not, until they are kept unique",
        arguments: [nil, 0, 1 << 20], [0, 3000, 20_000, 40_000])
    func doubles(_ keeping: Int?, _ uniqueFrom: Int) throws {
        let table = StringInterner(
            .seldom, folder: keeping == nil ? nil : FileManager.default.temporaryDirectory.path,
            keeping: keeping ?? 0)
        // Some texts once, some often, one on every tenth line.
        let texts = (0..<40_000).map { number in
            number % 10 == 0 ? "-" : "f-\(number % 7 == 0 ? number / 700 : number % 3 == 0 ? number / 2 : number)"
        }
        var ids: [SymbolID] = []
        for (number, text) in texts.enumerated() {
            if number == uniqueFrom { table.keepUnique() }
            // As a reader asks on trial, from the first line on: it numbers nothing, and changes nothing.
            if number % 1000 == 0 { _ = Array(text.utf8).withUnsafeBytes { table.number(of: $0) } }
            ids.append(table.intern(text))
            if number % 9000 == 0 { _ = table.takeFresh() }
        }
        _ = table.takeFresh()
        var first: [String: SymbolID] = [:]
        for (text, id) in zip(texts, ids) where first[text] == nil { first[text] = id }
        #expect(Set(ids[..<uniqueFrom]).count == uniqueFrom && first.count < 30_000)
        for _ in 0..<2 {
            let doubles = table.doubles()
            #expect(doubles.isEmpty == (uniqueFrom == 0))
            #expect(zip(texts, ids).allSatisfy { doubles.first($1) == first[$0] && table.text($1) == $0 })
            #expect(doubles.first(.absent) == .absent && doubles.first(SymbolID(rawValue: .max)).rawValue == .max)
            // It is the same with the slots given back.
            table.shrink()
        }
        table.keepUnique()
        #expect(first.allSatisfy { table.intern($0) == $1 })
        #expect(table.intern("new") == table.intern("new"))
        try table.check()
    }

    @Test("frame ids of a case are put back with all their numbers")
    func restoredDoubles() {
        let (table, second) = (StringInterner(.seldom), StringInterner(.seldom))
        let ids = (0..<5000).map { table.intern("f-\($0 % 1000)") }
        let stored = drained(table)
        #expect(stored.count == 5000)
        #expect(restore(stored, into: second).allSatisfy { $0 })
        #expect(ids.allSatisfy { second.text($0) == table.text($0) })
        let doubles = second.doubles()
        #expect(ids.indices.allSatisfy { doubles.first(ids[$0]) == ids[$0 % 1000] })
    }

    @Test("a frame id and a name of the same text are numbered each in its own table")
    func frames() throws {
        let (names, frames) = (StringInterner(), StringInterner(.seldom))
        frames.keepUnique()
        let cache = ThreadInternCache(names, frames: frames, setBits: 3)
        func request(_ text: String, isFrame: Bool) -> PendingID {
            Array(text.utf8).withUnsafeBytes { cache.request($0, isFrame: isFrame) }
        }
        let texts = (0..<300).map { "x\($0 % 200)" }
        let queue = texts.map { (request($0, isFrame: false), request($0, isFrame: true)) }
        cache.resolve { number in
            for (text, pending) in zip(texts, queue) {
                #expect(names.text(number(pending.0)) == text)
                #expect(frames.text(number(pending.1)) == text)
            }
        }
        #expect(names.count == 200 && frames.count == 200)
    }

    @Test("a number that cannot be a name's is refused, for then the case is damaged")
    func damaged() {
        let first = StringInterner()
        for number in 0..<100 { _ = first.intern("n\(number)") }
        let stored = drained(first)
        let ahead = StringInterner()
        #expect(!ahead.restore(SymbolID(rawValue: 1 + 2 * 16), "n", after: 1), "no shard gets ahead of all names")
        let swapped = StringInterner()
        #expect(
            !swapped.restore(stored[0].id, "another text that belongs elsewhere", after: 0)
                || !swapped.restore(stored[0].id, "x", after: 0)
        )
        let twice = StringInterner()
        #expect(twice.restore(stored[0].id, stored[0].text, after: 0))
        #expect(!twice.restore(stored[0].id, stored[0].text, after: 0))
    }
}
