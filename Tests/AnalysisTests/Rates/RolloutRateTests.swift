import Chance
import Correlation
import Interning
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
        let names = StringInterner()
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
        let names = StringInterner()
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

    @Test("a change that no node has accounts enough to tell shows on all of them together, and not twice")
    func together() {
        let names = StringInterner()
        var deliveries: [Delivery] = []
        // Of 12 accounts on each of six nodes six receive stray frames in the second half.
        for second in Int64(0)..<2000 {
            for node in 0..<6 {
                deliveries.append(
                    Delivery(
                        id: EventID(source: 1, line: Int64(deliveries.count)), time: EventTime(second * 1_000_000),
                        node: names.intern("n\(node)"), requester: names.intern("a\(node)-\(second % 12)"), status: 200)
                )
            }
        }
        let strays = deliveries.filter { delivery in
            let second = delivery.time.stamp / 1_000_000
            return second >= 1000 && second % 12 < 6
        }
        func changes(_ exposures: [Delivery]) -> [ExposureRates.Change] {
            let rollouts = RolloutSchedule()
            let notes = DeliveryNotes(deliveries, Directory(), rollouts, names)
            var rates = ExposureRates(notes.paths, notes.slots, rollouts, names) { note in
                for delivery in exposures { note(delivery.requester) }
            }
            for delivery in exposures { rates.add(exposure: delivery, under: .absent, isCertain: true) }
            return rates.changes
        }
        let found = changes(strays)
        #expect(found.map(\.node) == [nil])
        #expect(found.allSatisfy { $0.from <= 1_000_000_000 && $0.until >= 1_000_000_000 })
        // In a twentieth of the time twelve accounts on one node are enough, and all nodes say nothing more.
        let many = changes(deliveries.filter { $0.node == names.intern("n1") && $0.time.stamp >= 1_900_000_000 })
        #expect(many.map(\.node) == [names.intern("n1")])
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
