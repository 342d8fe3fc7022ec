import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// Whether a cache had lost its store when a cause began.
@Suite struct ColdCacheTests {
    private let names = StringInterner()
    private static let minute: Int64 = 60_000_000

    /// A day of answers of one node, two a minute but for `silent`, of which one in three is a miss, and nearly all of those in
    /// `cold`.
    private func warmth(cold: Range<Int64>?, silent: Range<Int64>?) -> CacheWarmth {
        var chance = Chance(seed: 4)
        var slots = DeliverySlots(0...(1440 * Self.minute))
        var notes = CauseNotes(Directory(), RolloutSchedule(), names)
        var traits: [DeliveryTraits] = []
        for half in Int64(0)..<2880 {
            let minute = half / 2
            if silent?.contains(minute) == true { continue }
            let isMiss = cold?.contains(minute) == true ? !chance.one(in: 20) : chance.one(in: 3)
            var delivery = Delivery(id: EventID(rawValue: half), time: EventTime(half * Self.minute / 2))
            delivery.node = names.intern("n")
            delivery.cacheStatus = isMiss ? .miss : .hit
            delivery.status = 200
            let group = notes.group(of: delivery, notes.listing(of: .absent), circumstance: isMiss ? 1 : 0)
            traits.append(notes.add(delivery, group: group, slot: slots.add(delivery)))
        }
        var warmth = CacheWarmth([names.intern("n")], slots, notes.groups)
        for one in traits { warmth.count(one) }
        return warmth
    }

    @Test("a stretch of misses is found with its ends, and the silence before it")
    func cold() throws {
        let found = try #require(warmth(cold: 600..<680, silent: 585..<600).cold(at: 603 * Self.minute))
        #expect(abs(found.from - 600 * Self.minute) <= 2 * Self.minute)
        #expect(abs(found.until - 680 * Self.minute) <= 4 * Self.minute)
        #expect(found.misses > 0.85 && (0.28...0.39).contains(found.missesOtherwise))
        #expect(abs(found.silence - 15 * Self.minute) <= 2 * Self.minute)
    }

    @Test(
        "without a silence there is none; a cause that began before, long after or with no change is no matter of the cache"
    )
    func warm() {
        #expect(warmth(cold: 600..<680, silent: nil).cold(at: 603 * Self.minute)?.silence == 0)
        #expect(warmth(cold: nil, silent: nil).cold(at: 603 * Self.minute) == nil)
        #expect(warmth(cold: 600..<680, silent: nil).cold(at: 500 * Self.minute) == nil)
        #expect(warmth(cold: 600..<680, silent: nil).cold(at: 900 * Self.minute) == nil)
        for moment in [Int64.min, .max, 0] { _ = warmth(cold: nil, silent: nil).cold(at: moment) }
    }
}
