import Chance
import Testing

@testable import Interning

@Suite struct ThreadInternCacheTests {
    @Test("names found again are numbered as the table numbers them, however many fall into one place")
    func names() {
        let (table, frames) = (StringInterner(), StringInterner(.seldom))
        frames.keepUnique()
        let cache = ThreadInternCache(table, frames: frames, setBits: 3)
        var random = Chance(seed: 5)
        for _ in 0..<40_000 {
            let name = Self.name(&random)
            let isFrame = Bool.random(using: &random)
            let found = Array(name.utf8).withUnsafeBytes { cache.intern($0, isFrame: isFrame) }
            #expect(found == (isFrame ? frames : table).intern(name))
            #expect((isFrame ? frames : table).text(found) == name)
        }
    }

    /// Few letters, so that names differ in their length or in one byte; some take one unit, some two, some none.
    private static func name(_ random: inout some RandomNumberGenerator) -> String {
        var letters = [UInt8](repeating: UInt8(ascii: "a"), count: Int.random(in: 0..<64, using: &random))
        if let place = letters.indices.randomElement(using: &random), Bool.random(using: &random) {
            letters[place] += 1
        }
        return String(decoding: letters, as: UTF8.self)
    }

    @Test("what is in the queue is looked up under its name, wherever a bundle of look-ups ends", arguments: 0..<4)
    func queue(seed: UInt64) {
        let (table, frames) = (StringInterner(), StringInterner(.seldom))
        let cache = ThreadInternCache(table, frames: frames, setBits: 4)
        var random = Chance(seed: seed)
        for _ in 0..<40 {
            var asked: [(name: String, isFrame: Bool, pending: PendingID)] = []
            while !cache.isNearlyFull {
                let (name, isFrame) = (Self.name(&random), Bool.random(using: &random))
                let pending = Array(name.utf8).withUnsafeBytes { cache.request($0, isFrame: isFrame) }
                asked.append((name, isFrame, pending))
            }
            cache.resolve { number in
                for one in asked { #expect((one.isFrame ? frames : table).text(number(one.pending)) == one.name) }
            }
        }
    }

    @Test("the rest of a long name is not taken for a short one, whatever its bytes")
    func disguise() {
        let table = StringInterner()
        // All names fall into one place.
        let cache = ThreadInternCache(table, setBits: 0)
        // As a short name lies there: its first bytes, none, none, and its length.
        let long =
            [UInt8](repeating: 0x78, count: 24) + Array("abc".utf8) + [0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
            + [3, 0, 0, 0, 1, 0, 0, 0]
        let first = long.withUnsafeBytes { cache.intern($0) }
        let second = Array("abc".utf8).withUnsafeBytes { cache.intern($0) }
        #expect(table.text(second) == "abc")
        #expect(first != second)
        #expect(long.withUnsafeBytes { cache.intern($0) } == first)
    }
}
