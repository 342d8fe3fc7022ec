import Chance
import Correlation
import LogRecords
import Testing

/// Deliveries and exposures under each rollout, against a count line by line.
@Suite struct RolloutRateTests {
    private struct Line {
        var delivery: Delivery
        var rollout: String
        var isCertain: Bool?
    }

    @Test("each delivery counts under the rollout of its node at its time, alone and with all nodes", arguments: 0..<10)
    func everyDelivery(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed))
        let names = NameTable()
        // v2 reaches n0 first; v3 everywhere at once.
        let starts = [("v1", "", 20), ("v2", "n0", 40), ("v2", "n1", 55), ("v3", "", 80)]
        let rollouts = RolloutSchedule(
            starts.map { name, node, second in
                Rollout(
                    id: EventID(source: 1, line: Int64(second)), time: EventTime(Int64(second) * 1_000_000),
                    node: node.isEmpty ? .absent : names.intern(node), name: names.intern(name))
            })
        let lines = (0..<400).map { line -> Line in
            let (node, second) = ("n\(chance.below(2))", chance.below(100))
            let delivery = Delivery(
                id: EventID(source: 2, line: Int64(line)), time: EventTime(Int64(second) * 1_000_000),
                node: names.intern(node), requester: names.intern("acct"), status: 200)
            let rollout = starts.last { $0.2 <= second && ($0.1.isEmpty || $0.1 == node) }?.0 ?? ""
            return Line(
                delivery: delivery, rollout: rollout, isCertain: chance.below(5) == 0 ? chance.below(3) > 0 : nil)
        }
        let notes = DeliveryNotes(lines.map(\.delivery), Directory(cameras: []), rollouts, names)
        var rates = ExposureRates(notes.paths, notes.slots, rollouts, names) { note in
            for line in lines where line.isCertain == true { note(line.delivery.requester) }
        }
        for line in lines {
            if let isCertain = line.isCertain {
                rates.add(exposure: line.delivery, under: names.intern(line.rollout), isCertain: isCertain)
            }
        }
        #expect(rates.byRollout.map { $0.map { names.text($0.rollout) } } == [["", "v1", "v2", "v3"]].repeated(3))
        for group in rates.byRollout {
            for (place, rate) in group.enumerated() {
                let own = lines.filter {
                    $0.rollout == names.text(rate.rollout) && (rate.node == nil || $0.delivery.node == rate.node)
                }
                #expect(rate.count.deliveries == own.count)
                #expect(rate.count.certain == own.count { $0.isCertain == true })
                #expect(rate.count.possible == own.count { $0.isCertain == false })
                let first = starts.filter {
                    $0.0 == names.text(rate.rollout)
                        && ($0.1.isEmpty || rate.node == nil || names.text(rate.node!) == $0.1)
                }.map { Int64($0.2) * 1_000_000 }.min()
                #expect(rate.from == first)
                #expect(rate.until == (place + 1 < group.count ? group[place + 1].from : nil))
                #expect(rate.before?.certain == (place > 0 ? group[place - 1].count.certain : nil))
                #expect((rate.pValue == nil) == (place == 0))
            }
        }
    }

    @Test("a rollout that is taken back ends then, and what came back counts as what it was")
    func takenBack() {
        let names = NameTable()
        let second: Int64 = 1_000_000
        let rollouts = RolloutSchedule(
            [("v1", 0), ("v2", 10), ("v1", 20)].map { name, at in
                Rollout(
                    id: EventID(source: 1, line: at), time: EventTime(at * second), node: .absent,
                    name: names.intern(name))
            })
        let deliveries = (Int64(0)..<30).map { at in
            Delivery(
                id: EventID(source: 2, line: at), time: EventTime(at * second), node: names.intern("n"),
                requester: names.intern("acct"), status: 200)
        }
        let notes = DeliveryNotes(deliveries, Directory(cameras: []), rollouts, names)
        let rates = ExposureRates(notes.paths, notes.slots, rollouts, names) { _ in }
        for group in rates.byRollout {
            #expect(group.map { names.text($0.rollout) } == ["v1", "v2"])
            #expect(group.map(\.from) == [0, 10 * second])
            #expect(group.map(\.until) == [10 * second, 20 * second])
            #expect(group.map(\.count.deliveries) == [20, 10])
        }
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
