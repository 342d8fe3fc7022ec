import Foundation
import Testing

@testable import Simulation

@Suite("The seed decides everything")
struct DeterminismTests {
    private func xiaomi(_ seed: UInt64) throws -> [String: Data] {
        try WrittenDump.temporary {
            try XiaomiFixture(seed: seed, affected: 40).write(to: $0)
        } then: {
            try $0.contents()
        }
    }

    private func random(_ seed: UInt64) throws -> [String: Data] {
        try WrittenDump.temporary {
            try RandomDump(RandomOptions(seed: seed, deliveries: 600, broken: 5)).write(to: $0)
        } then: {
            try $0.contents()
        }
    }

    @Test("The same seed gives the same bytes")
    func sameSeed() throws {
        #expect(try xiaomi(7) == xiaomi(7))
        #expect(try random(7) == random(7))
    }

    @Test("Another seed gives other bytes")
    func otherSeed() throws {
        #expect(try xiaomi(7) != xiaomi(8))
        #expect(try random(7) != random(8))
    }

    @Test("The generator gives SplitMix64's published numbers")
    func splitMix64() {
        var chance = SplitMix64(seed: 1_234_567)
        #expect(chance.next() == 6_457_827_717_110_365_317)
        #expect(chance.next() == 3_203_168_211_198_807_973)
    }

    @Test(
        "A time is written in RFC 3339 with microseconds",
        arguments: [
            (Instant(2019, 12, 26, 3, 12, 40), "2019-12-26T03:12:40.000000Z"),
            (Instant(2020, 2, 29, 23, 59, 59) + 999_999, "2020-02-29T23:59:59.999999Z"),
            (Instant(1970, 1, 1) + 1, "1970-01-01T00:00:00.000001Z"),
        ])
    func times(time: Instant, text: String) {
        #expect(time.text == text)
    }
}
