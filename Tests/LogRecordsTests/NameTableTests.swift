import Foundation
import Testing

@testable import LogRecords

@Suite struct NameTableTests {
    @Test("many names keep their numbers through every growth of the table")
    func many() {
        let table = NameTable()
        let texts = (0..<60_000).map { "name-\($0 % 50_000)-\(String(repeating: "x", count: $0 % 50_000 % 37))" }
        let ids = texts.map { table.intern($0) }
        #expect(table.count == 50_000)
        #expect(Set(ids).count == 50_000)
        #expect(zip(ids, texts).allSatisfy { table.text($0) == $1 })
        #expect(texts.map { table.intern($0) } == ids)
    }

    @Test("nothing is the absent name, and the absent name is nothing")
    func absent() {
        let table = NameTable()
        #expect(table.intern("") == .absent)
        #expect(table.text(.absent) == "")
        #expect(table.count == 0)
        #expect(table.intern("x").isPresent)
    }

    @Test("threads that meet the same names agree on their numbers")
    func threads() async {
        let table = NameTable()
        let found = await withTaskGroup(of: [NameID].self) { group in
            for thread in 0..<8 {
                group.addTask {
                    let order = (0..<5000).map { ($0 &* 7919 &+ thread &* 613) % 5000 }
                    let ids = order.map { (number: $0, id: table.intern("account-\($0)")) }
                    return ids.sorted { $0.number < $1.number }.map(\.id)
                }
            }
            return await group.reduce(into: [[NameID]]()) { $0.append($1) }
        }
        #expect(found.count == 8)
        #expect(found.allSatisfy { $0 == found[0] })
        #expect(table.count == 5000)
        #expect(found[0].enumerated().allSatisfy { table.text($1) == "account-\($0)" })
    }

    /// Every name as it would be stored, in order of its number, as a case gives them back.
    private func drained(_ table: NameTable) -> [(id: NameID, text: String)] {
        var names: [(NameID, String)] = []
        table.drain { names.append(($0, String(decoding: $1, as: UTF8.self))) }
        return names.sorted { $0.0 < $1.0 }
    }

    @Test("a table put together again has the same numbers, and goes on with new ones")
    func restored() {
        let first = NameTable()
        let ids = (0..<3000).map { first.intern("Büro-\($0)") }
        let stored = drained(first)
        #expect(stored.count == 3000)
        #expect(drained(first).isEmpty, "a name is handed out once")
        let second = NameTable()
        #expect(stored.allSatisfy { second.restore($0.id, $0.text) })
        second.markStored()
        #expect((0..<3000).map { second.intern("Büro-\($0)") } == ids)
        #expect(drained(second).isEmpty, "what was restored is stored already")
        let fresh = second.intern("new")
        #expect(!ids.contains(fresh))
        #expect(drained(second).map(\.text) == ["new"])
    }

    @Test("a number that cannot be a name's is refused, for then the case is damaged")
    func damaged() {
        let first = NameTable()
        for number in 0..<100 { _ = first.intern("n\(number)") }
        let stored = drained(first)
        let gap = NameTable()
        #expect(stored.dropFirst().contains { !gap.restore($0.id, $0.text) }, "a name is missing")
        let swapped = NameTable()
        #expect(
            !swapped.restore(stored[0].id, "another text that belongs elsewhere") || !swapped.restore(stored[0].id, "x")
        )
        let twice = NameTable()
        #expect(twice.restore(stored[0].id, stored[0].text))
        #expect(!twice.restore(stored[0].id, stored[0].text))
    }
}
