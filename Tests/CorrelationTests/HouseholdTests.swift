import Interning
import LogRecords
import Testing

@testable import Correlation

/// Which receiving accounts count as one.
@Suite struct HouseholdTests {
    private let names = StringInterner()

    private func exposure(_ account: String, _ extra: String = "") -> Delivery {
        var delivery = Delivery(id: EventID(rawValue: 1), time: EventTime(0))
        delivery.requester = names.intern(account)
        if !extra.isEmpty { delivery.extra = names.intern(extra) }
        return delivery
    }

    /// - Parameter requesters: how many accounts there are; most of them receive no stray frame.
    private func households(
        _ grants: [(String, String)], _ exposures: [(Delivery, [UInt64])], requesters: Int = 10_000
    ) -> Households {
        let records = grants.enumerated().map { number, grant in
            GrantRecord(
                id: EventID(source: 1, line: Int64(number)), owner: names.intern(grant.0), camera: names.intern("c"),
                grantee: names.intern(grant.1), live: Validity(from: 0, until: 1))
        }
        let notes = CauseNotes(Directory(grants: records), RolloutSchedule(), names)
        return Households(notes, requesters: requesters) { show in
            for (delivery, digests) in exposures { show(delivery, digests) }
        }
    }

    private func weights(_ households: Households, _ receivers: [String]) -> [Double] {
        var weights = ReceiverWeights(households)
        for receiver in receivers { weights.add(names.intern(receiver)) }
        return receivers.map { ReceiverWeights.units(weights.share(of: names.intern($0)).weight) }
    }

    @Test("accounts that share rights count once, also by way of one that received nothing")
    func grants() {
        let all = ["a", "b", "c", "d"]
        let found = households([("home", "a"), ("home", "b"), ("c", "other")], all.map { (exposure($0), []) })
        #expect(found[names.intern("a")] != nil)
        #expect(found[names.intern("a")] == found[names.intern("b")])
        #expect(found[names.intern("c")] == nil && found[names.intern("d")] == nil)
        let third = ReceiverWeights.units(ReceiverWeights.whole / 3)
        let expected: [Double] = [third, third, third, 0.5, 0.5, 1]
        #expect(weights(found, ["a", "b", "b", "c", "c", "d"]) == expected)
    }

    @Test("accounts behind one session or device count once")
    func devices() {
        let found = households(
            [],
            [
                (exposure("a"), [7]), (exposure("b"), [8, 7]), (exposure("c", "site=x\u{1f}device=tv"), []),
                (exposure("d", "device=tv"), []), (exposure("e", "site=x"), []),
            ])
        let heads = ["a", "b", "c", "d"].map { found[names.intern($0)] }
        #expect(heads.allSatisfy { $0 != nil })
        #expect(heads[0] == heads[1])
        #expect(heads[2] == heads[3])
        #expect(found[names.intern("e")] == nil)
    }

    @Test("what ties more accounts than a home has ties none: a support desk, the model of a device")
    func crowds() {
        let many = (0..<40).map { "a\($0)" }
        let desk = households(many.map { ($0, "desk") }, many.map { (exposure($0), []) })
        let model = households([], many.map { (exposure($0), [9]) })
        #expect(many.allSatisfy { desk[names.intern($0)] == nil && model[names.intern($0)] == nil })
        // A chain of homes that share rights with one neighbour each.
        let pairs: [(String, String)] = (1..<many.count).map { (many[$0 - 1], many[$0]) }
        let chain = households(pairs, many.map { (exposure($0), []) })
        #expect(many.allSatisfy { chain[names.intern($0)] == nil })
    }

    @Test("where so many accounts are reached that a household's may all be by chance, each counts")
    func common() {
        // A fifth of all: that three are is seen eight times in a thousand, that five are three times in ten thousand.
        let others = (0..<15).map { (exposure("o\($0)"), [UInt64]()) }
        func tied(_ count: Int) -> Bool {
            let members = (0..<count).map { "m\($0)" }
            let found = households(
                members.dropFirst().map { ("m0", $0) }, members.map { (exposure($0), []) } + others,
                requesters: 5 * (count + 15))
            return found[names.intern("m0")] != nil
        }
        #expect(!tied(3))
        #expect(tied(5))
    }

    @Test("of the accounts with nearly all exposures a household is named as one")
    func foremost() throws {
        let found = households([("a", "b")], ["a", "b", "z"].map { (exposure($0), []) })
        var weights = ReceiverWeights(found)
        for receiver in ["z"] + Array(repeating: "a", count: 20) + Array(repeating: "b", count: 30) {
            weights.add(names.intern(receiver))
        }
        let most = try #require(weights.foremost { $0 < $1 })
        #expect(names.text(most.account) == "b" && most.accounts == 2 && most.exposures == 50)
    }
}
