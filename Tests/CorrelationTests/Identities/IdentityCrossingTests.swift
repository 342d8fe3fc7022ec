import Chance
import Correlation
import Interning
import LogRecords
import Testing

/// Which accounts are seen with the session, address or device of another that had been shown their frames.
@Suite struct IdentityCrossingTests {
    private typealias Trait = IdentityCrossings.Trait

    private struct Visit {
        var account: SymbolID
        var trait: IdentityCrossings.Trait
        var time: EventTime
    }

    private struct Stray {
        var receiver: SymbolID
        var owner: SymbolID
        var earliest: Int64
    }

    private func name(_ number: Int) -> SymbolID { SymbolID(rawValue: Int32(number)) }
    private let alice = SymbolID(rawValue: 1)
    private let bob = SymbolID(rawValue: 2)
    private let carol = SymbolID(rawValue: 3)
    private let alices = IdentityCrossings.Trait(.address, digest: 71)
    private let bobs = IdentityCrossings.Trait(.address, digest: 72)

    private func visit(_ account: SymbolID, _ trait: IdentityCrossings.Trait, _ second: Int64) -> Visit {
        Visit(account: account, trait: trait, time: EventTime(second * 1_000_000))
    }

    private func crossings(_ visits: [Visit], _ strays: [Stray]) -> [IdentityCrossings.Crossing] {
        var crossings = IdentityCrossings()
        for stray in strays { crossings.addStray(to: stray.receiver, of: stray.owner, at: stray.earliest) }
        for visit in visits where crossings.isReceiver(visit.account) { crossings.watch(visit.trait) }
        for visit in visits { crossings.add(visit.account, with: visit.trait, visit.time) }
        return crossings.crossings
    }

    private var bobSawAlice: [Stray] { [Stray(receiver: bob, owner: alice, earliest: 50_000_000)] }

    @Test("alice's requests from bob's address, after bob was shown her room, may be bob's")
    func address() {
        let visits = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(bob, bobs, 50), visit(alice, bobs, 60)]
        let found = crossings(visits, bobSawAlice)
        #expect(
            found == [
                IdentityCrossings.Crossing(
                    account: alice, other: bob, trait: bobs, since: 60_000_000, strayed: 50_000_000)
            ])
        #expect(found[0].concerns(alice, latest: 60_000_000))
        #expect(!found[0].concerns(alice, latest: 59_999_999))
        #expect(!found[0].concerns(bob, latest: 70_000_000), "what is asked for in bob's name from there is bob's")
    }

    @Test("not if she had been there before, if nothing had strayed by then, or if it strayed the other way")
    func noCrossing() {
        let before = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 3), visit(alice, bobs, 60)]
        #expect(crossings(before, bobSawAlice).isEmpty)
        let sooner = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 49)]
        #expect(crossings(sooner, bobSawAlice).isEmpty)
        let visits = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 60)]
        #expect(crossings(visits, [Stray(receiver: alice, owner: bob, earliest: 50_000_000)]).isEmpty)
        #expect(crossings(visits, []).isEmpty)
    }

    @Test("not where all requests come from one balancer, or very many accounts do")
    func balancers() {
        let later = (10..<18).map { visit(name($0), bobs, 61 + Int64($0)) }
        #expect(crossings([visit(bob, bobs, 2), visit(alice, bobs, 60)] + later, bobSawAlice).isEmpty)
        #expect(
            crossings([visit(bob, bobs, 2), visit(alice, bobs, 60)] + later.dropLast(2), bobSawAlice).count == 1,
            "that alice was not seen before makes nothing surer")
        let others = (10..<18).map { visit(name($0), bobs, Int64($0)) }
        let visits = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 60)]
        #expect(crossings(visits + others.dropLast(), bobSawAlice).count == 1)
        #expect(crossings(visits + others, bobSawAlice).isEmpty)
        #expect(crossings(visits + (10..<90).map { visit(name($0), bobs, 61 + Int64($0)) }, bobSawAlice).count == 1)
    }

    @Test("a session of alice's that bob uses afterwards leaves both in doubt")
    func session() {
        let session = IdentityCrossings.Trait(.session, digest: 7)
        let found = crossings(
            [visit(alice, session, 1), visit(bob, session, 60), visit(alice, session, 61)], bobSawAlice)
        #expect(
            found == [
                IdentityCrossings.Crossing(
                    account: alice, other: bob, trait: session, since: 60_000_000, strayed: 50_000_000)
            ])
        #expect(found[0].concerns(alice, latest: 61_000_000) && found[0].concerns(bob, latest: 60_000_000))
        #expect(!found[0].concerns(alice, latest: 1_000_000) && !found[0].concerns(carol, latest: 70_000_000))
        #expect(
            crossings([visit(bob, session, 1), visit(alice, session, 60)], bobSawAlice).isEmpty, "bob's own session")
    }

    @Test("whose session it was shows later, too, where the log begins after it")
    func sessionLater() {
        let session = IdentityCrossings.Trait(.session, digest: 7)
        let found = crossings([visit(bob, session, 60), visit(alice, session, 70)], bobSawAlice)
        #expect(
            found == [
                IdentityCrossings.Crossing(
                    account: alice, other: bob, trait: session, since: 60_000_000, strayed: 50_000_000)
            ])
    }

    @Test("a device that alice brings along is hers; one that was seen nowhere else is not known to be")
    func devices() {
        func found(_ seen: [(SymbolID, IdentityCrossings.Trait, UInt64, Int64)]) -> Int {
            var crossings = IdentityCrossings()
            crossings.addStray(to: bob, of: alice, at: 50_000_000)
            for (account, trait, _, _) in seen where crossings.isReceiver(account) { crossings.watch(trait) }
            for (account, trait, device, second) in seen {
                crossings.add(account, with: trait, device: device, EventTime(second * 1_000_000))
            }
            return crossings.crossings.count
        }
        let home = [(alice, alices, UInt64(5), Int64(1)), (bob, bobs, 6, 2)]
        #expect(found(home + [(alice, bobs, 5, 60)]) == 0, "a visit")
        #expect(found(home + [(alice, bobs, 0, 60)]) == 1)
        #expect(found(home + [(alice, bobs, 9, 60)]) == 1)
        #expect(found([(alice, alices, 0, 1), (bob, bobs, 6, 2), (alice, bobs, 5, 60)]) == 1)
    }

    @Test("what was shown may have been anybody's, if the account was at home elsewhere")
    func unknownFrame() {
        func found(_ visits: [Visit]) -> [IdentityCrossings.Crossing] {
            var crossings = IdentityCrossings()
            crossings.addUnknownStray(to: bob, at: 50_000_000)
            for visit in visits where crossings.isReceiver(visit.account) { crossings.watch(visit.trait) }
            for visit in visits { crossings.add(visit.account, with: visit.trait, visit.time) }
            return crossings.crossings
        }
        let crossed = [visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 60)]
        #expect(
            found(crossed) == [
                IdentityCrossings.Crossing(
                    account: alice, other: bob, trait: bobs, since: 60_000_000, strayed: 50_000_000)
            ])
        #expect(found([visit(alice, alices, 1), visit(bob, bobs, 2), visit(alice, bobs, 49)]).isEmpty)
        #expect(found([visit(bob, bobs, 2), visit(alice, bobs, 60)]).isEmpty)
    }

    /// The definition, quantifier by quantifier, over every pair of lines.
    private func truth(_ visits: [Visit], _ strays: [Stray]) -> Set<String> {
        var found: Set<String> = []
        func latestStart(_ account: SymbolID, _ trait: IdentityCrossings.Trait) -> Int64? {
            visits.filter { $0.account == account && $0.trait == trait }.map(\.time.latest).min()
        }
        func may(_ account: SymbolID, at trait: IdentityCrossings.Trait, by moment: Int64) -> Bool {
            visits.contains { $0.account == account && $0.trait == trait && $0.time.earliest <= moment }
        }
        for stray in strays where stray.receiver != stray.owner {
            for trait in Set(visits.map(\.trait)) {
                let isSession = trait.kind == .session
                let (guest, host) = isSession ? (stray.receiver, stray.owner) : (stray.owner, stray.receiver)
                guard let came = latestStart(guest, trait), may(host, at: trait, by: isSession ? .max : came),
                    stray.earliest <= came
                else {
                    continue
                }
                let accounts = Set(visits.map(\.account)).filter { $0 != guest && may($0, at: trait, by: came) }
                let wasElsewhere = visits.contains {
                    $0.account == guest && $0.trait.kind == trait.kind && $0.trait != trait && $0.time.earliest <= came
                }
                let everybody = Set(visits.filter { $0.trait == trait }.map(\.account))
                guard accounts.count <= 8, isSession || wasElsewhere || everybody.count <= 8 else { continue }
                found.insert("\(stray.owner.rawValue) \(stray.receiver.rawValue) \(trait.kind) \(trait.digest)")
            }
        }
        return found
    }

    @Test("random histories, in any order of lines, against the definition", arguments: 0..<40)
    func random(_ part: Int) {
        for seed in (part * 50)..<(part * 50 + 50) {
            var chance = Chance(seed: UInt64(seed))
            let (accounts, places) = (2 + chance.below(11), 1 + chance.below(5))
            let kinds: [LineTag.Kind] = [.address, .device, .session]
            let visits = (0..<(5 + chance.below(60))).map { _ in
                let moment = Int64(chance.below(100))
                return Visit(
                    account: name(1 + chance.below(accounts)),
                    trait: IdentityCrossings.Trait(kinds[chance.below(3)], digest: UInt64(1 + chance.below(places))),
                    time: EventTime(
                        stamp: moment, earliest: moment - Int64(chance.below(4)),
                        latest: moment + Int64(chance.below(4))))
            }
            let strays = (0..<chance.below(8)).map { _ in
                Stray(
                    receiver: name(1 + chance.below(accounts)), owner: name(1 + chance.below(accounts)),
                    earliest: Int64(chance.below(100)))
            }
            let found = crossings(visits.shuffled(using: &chance), strays)
            let texts = found.map { "\($0.account.rawValue) \($0.other.rawValue) \($0.trait.kind) \($0.trait.digest)" }
            #expect(Set(texts) == truth(visits, strays), "seed \(seed)")
            #expect(Set(texts).count == texts.count, "seed \(seed)")
        }
    }
}
