import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// Who is inside a scope and its neighbours, against a filter over every delivery; and where a scope comes from.
@Suite struct ScopeTests {
    private struct Line {
        var delivery: Delivery
        /// The line's values as a scope's attributes.
        var values: [String: String]
        var owners: Set<String>
        var requester: String
        var exposure: Bool?
    }

    @Test("the accounts of a scope and of each neighbour are those that a look at every delivery finds")
    func everyDelivery() throws {
        for seed in 0..<12 {
            var chance = Chance(seed: UInt64(seed))
            let names = StringInterner()
            // cam-N is owned by acct-N at first, by acct-(N+8) from second 50 on.
            let cameras = (0..<8).flatMap { number in
                [(number, nil, 50), (number + 8, 50, nil)].map { (owner: Int, from: Int64?, until: Int64?) in
                    CameraRecord(
                        id: EventID(source: 1, line: Int64(owner)), camera: names.intern("cam-\(number)"),
                        owner: names.intern("acct-\(owner)"),
                        owned: Validity(from: from.map { $0 * 1_000_000 }, until: until.map { $0 * 1_000_000 }),
                        model: names.intern("m\(number % 2)"))
                }
            }
            let rollouts = [("v1", 20), ("v2", 70)].map { name, second in
                Rollout(
                    id: EventID(source: 2, line: Int64(second)), time: EventTime(Int64(second) * 1_000_000),
                    name: names.intern(name))
            }
            let lines = (0..<250).map { line -> Line in
                let second = chance.below(100)
                let (camera, who) = (chance.below(9), chance.below(25))
                let values = [
                    "client": "c\(chance.below(2))", "node": "n\(chance.below(3))", "kind": "k\(chance.below(2))",
                    "network": chance.below(3) == 0 ? "poor" : "ok", "model": camera < 8 ? "m\(camera % 2)" : "",
                    "rollout": second < 20 ? "" : second < 70 ? "v1" : "v2",
                ]
                let status = Int32([200, 200, 206, 304, 403][chance.below(5)])
                let delivery = Delivery(
                    id: EventID(source: 3, line: Int64(line)), time: EventTime(Int64(second) * 1_000_000),
                    node: names.intern(values["node"]!), requester: who == 24 ? .absent : names.intern("acct-\(who)"),
                    camera: names.intern("cam-\(camera)"), status: status, bytes: 5,
                    client: names.intern(values["client"]!), network: names.intern(values["network"]!),
                    kind: names.intern(values["kind"]!))
                let owners: Set<String> = camera < 8 ? ["acct-\(second < 50 ? camera : camera + 8)"] : []
                let exposure = status < 300 && chance.below(8) == 0 ? chance.below(2) == 0 : nil as Bool?
                return Line(
                    delivery: delivery, values: values, owners: owners, requester: who == 24 ? "" : "acct-\(who)",
                    exposure: exposure)
            }
            let text = [
                "client=c1", "model=m0 AND rollout=v1", "client=c0 AND node=n1 AND kind=k0", "client=c1 AND kind=k1",
                "client=c9 AND model=m1", "rollout=v2 AND client=c0 AND model=m1 AND node=n2 AND kind=k1",
            ][seed % 6]
            let notes = DeliveryNotes(
                lines.map(\.delivery), Directory(cameras: cameras), RolloutSchedule(rollouts), names)
            var affected = AffectedAccounts(try Scope(text), cause: nil, notes.paths, names)
            for line in lines {
                if let isCertain = line.exposure { affected.add(exposure: line.delivery, isCertain: isCertain) }
            }
            let neighbours = affected.neighbours
            let attributes = Set(try Scope(text).terms.map(\.attribute.rawValue))
            #expect(neighbours.count == 1 << attributes.count)
            #expect(Set(neighbours.map(\.terms)).count == neighbours.count)
            #expect(neighbours[0].terms == text || attributes.count < 2)
            for neighbour in neighbours {
                let demands = neighbour.terms.isEmpty ? [] : try Scope(neighbour.terms).terms
                let inside = lines.filter { line in
                    line.delivery.status != 403
                        && demands.allSatisfy { line.values[$0.attribute.rawValue] == $0.value }
                }
                let requesters = Set(inside.map(\.requester)).subtracting([""])
                let owners = Set(inside.flatMap(\.owners))
                #expect(neighbour.requesters == requesters.count, "\(seed) \(neighbour.terms)")
                #expect(neighbour.cameraOwners == owners.count, "\(seed) \(neighbour.terms)")
                #expect(neighbour.accounts == requesters.union(owners).count)
                #expect(neighbour.deliveries == inside.filter { $0.delivery.status != 304 }.count)
                #expect(neighbour.exposuresCertain == inside.filter { $0.exposure == true }.count)
                #expect(neighbour.exposuresPossible == inside.filter { $0.exposure == false }.count)
                guard neighbour.change == "scope" else { continue }
                for (account, reason) in affected.reasons {
                    let name = names.text(account)
                    #expect(reason.contains(.requester) == requesters.contains(name))
                    #expect(reason.contains(.cameraOwner) == owners.contains(name))
                }
                #expect(affected.reasons.count == neighbour.accounts)
            }
        }
    }

    private func conditions(_ terms: [Term], holding: [Int], of exposures: Int) -> Conditions {
        let weight = Int64(exposures) * ReceiverWeights.whole
        let inside = CaseCount(deliveries: 1000, exposures: exposures, weight: weight)
        let all = CaseCount(deliveries: 100_000, exposures: exposures, weight: weight)
        var condition = Condition(terms, inside, of: all, tried: 10)
        condition.receivers = exposures
        return Conditions(
            basis: .certainToStrangers, ranked: terms.isEmpty ? [] : [condition],
            exposures: exposures, deliveries: 100_000, tried: 10,
            exposuresByTerm: Dictionary(uniqueKeysWithValues: zip(terms, holding)))
    }

    @Test("a scope is inferred from the path of the cause alone, and only as far as nearly all exposures lie on it")
    func inferred() throws {
        let terms = [
            Term(.client, .equal, "hub"), Term(.network, .equal, "poor"), Term(.rolloutAtDelivery, .equal, "v2"),
            Term(.hour, .equal, "20"),
        ]
        let all = ChosenScope(stated: nil, conditions(terms, holding: [100, 100, 100, 100], of: 100))
        #expect(all.scope?.description == "client=hub AND rollout=v2")
        #expect(all.basis.contains("inferred from the cause"))
        let residue = ChosenScope(stated: nil, conditions(terms, holding: [95, 100, 94, 100], of: 100))
        #expect(residue.scope?.description == "client=hub")
        #expect(residue.basis.contains("without rollout_at_delivery=v2"))
        let stated = ChosenScope(stated: try Scope("node=n"), conditions(terms, holding: [9, 9, 9, 9], of: 9))
        #expect(stated.scope?.description == "node=n")
    }

    @Test(
        "what a scope says of itself is read as the same scope, whatever bytes are in it",
        arguments: [
            ("client=nb AND rollout=b AND\u{1f}rollout=v1 AND model=v2", ["nb", "b AND\u{1f}rollout=v1", "v2"]),
            ("client=sand or water", ["sand or water"]), ("client=\"a", ["\"a"]), ("client=AND b", ["AND b"]),
            ("node=\u{1f}", ["\u{1f}"]),
            ("kind = still  and  model= a=b ", ["still", "a=b"]),
            ("client= \u{301}x AND node=y", [" \u{301}x", "y"]),
        ])
    func readAgain(text: String, values: [String]) throws {
        let scope = try Scope(text)
        #expect(scope.terms.map(\.value) == values)
        #expect(try Scope(scope.description) == scope)
    }

    @Test(
        "what would mean something else elsewhere is refused, and said why",
        arguments: [
            ("client=a OR client=b", "AND alone"), ("client=a or model", "AND alone"),
            ("client=a || node=b", "AND alone"),
            ("client='a'", "quotes"), ("client=\"a b\"", "quotes"), ("client=a AND", "no term follows"),
            ("client=a AND ", "both of its sides"), ("client=a AND  AND node=b", "AND"),
            ("client=a AND client=b", "second time"), ("client=a AND node=x AND client=a", "second time"),
        ])
    func misunderstood(text: String, why: String) {
        #expect { try Scope(text) } throws: { "\($0)".contains(why) }
    }

    @Test("a sign that a combining mark changes is none")
    func combined() { #expect(throws: ScopeProblem.self) { try Scope("client=\u{301}") } }

    @Test("no scope is inferred without exposures, without a significant condition, or from what the cache did")
    func notInferred() {
        let none = ChosenScope(stated: nil, nil)
        #expect(none.scope == nil && none.basis.contains("no exposure"))
        let random = ChosenScope(stated: nil, conditions([], holding: [], of: 5))
        #expect(random.scope == nil && random.basis.contains("no condition"))
        let key = [Term(.cache, .equal, "hit"), Term(.key, .equal, "slot/{n}")]
        let cache = ChosenScope(stated: nil, conditions(key, holding: [9, 9], of: 9))
        #expect(cache.scope == nil && cache.basis.contains("names no path"))
    }

    @Test("the cause reads as a sentence")
    func sentence() {
        let terms = [
            Term(.client, .equal, "hub"), Term(.network, .equal, "poor"), Term(.model, .equal, "X"),
            Term(.rolloutAtDelivery, .equal, "v2"),
        ]
        #expect(
            conditions(terms, holding: [9, 9, 9, 9], of: 9).sentence({ _ in "v9" })
                == "Frames strayed on deliveries with client hub, network poor and model X, since rollout v2 and while it was "
                + "in force: all 9 certain exposures to strangers, received by 9 accounts, are among those 1000 deliveries, "
                + "0.9 % of them; of the 99000 others, none is (at most 0.004 %)."
        )
        #expect(
            conditions(
                [Term(.roundTrip, .between, Term.band("250", "400")), Term(.hour, .equal, "23-01")], holding: [9, 9],
                of: 9
            ).sentence({ _ in "v9" })?.contains(
                "a round trip of 250 to less than 400 ms and a time from 23:00 to 02:00 UTC") == true)
        var late = conditions([Term(.client, .equal, "hub")], holding: [9], of: 9)
        late.began = 1_646_885_100_000_000
        #expect(
            late.sentence({ _ in "v9" })?.contains("with client hub, from 2022-03-10T04:05:00.000000Z on: all 9")
                == true)
        #expect(
            conditions([Term(.roundTrip, .atLeast, "280")], holding: [9], of: 9).sentence({ _ in "v9" })?.hasPrefix(
                "Frames strayed on deliveries with a round trip of 280 ms or more: all 9 ") == true)
        #expect(conditions([], holding: [], of: 9).sentence({ _ in "v9" }) == nil)
    }
}
