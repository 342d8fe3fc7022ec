import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// The chance that the search goes by, against what drawing the accounts anew gives: accounts that poll stray frames, each on a
/// path of its own, drawn at random from very unequal ones.
@Suite struct AccountPermutationTests {
    /// How the accounts that poll are drawn.
    enum Draw: CaseIterable {
        /// Each alike.
        case byAccount
        /// By how much each asks for.
        case byDelivery
    }

    private struct Cloud {
        let names = StringInterner()
        var deliveries: [Delivery] = []
        /// By account: the numbers of its own deliveries.
        var own: [[Int]] = []
        /// Numbers of deliveries, of which the first are own ones and the others stray.
        var strays: [Int] = []
        /// The number of own deliveries.
        var sound = 0
        var pollers = 0
        private var chance: Chance

        static let values = ["client": ["app", "hub", "web"], "node": ["n0", "n1", "n2"], "network": ["ok", "poor"]]

        init(_ draw: Draw, seed: UInt64) {
            chance = Chance(seed: seed)
            let accounts = 150 + chance.below(350)
            // One client asks for up to thirty times as much as another.
            let appetite = (0..<3).map { _ in 1 + chance.below(30) }
            for account in 0..<accounts {
                let client = chance.below(3)
                let node = chance.below(3)
                let count = 1 + chance.below(appetite[client]) * (chance.one(in: 4) ? 5 : 1)
                own.append(Array(deliveries.count..<(deliveries.count + count)))
                for _ in 0..<count {
                    let own = chance.below(10) < 8
                    add(account, own ? client : chance.below(3), own ? node : chance.below(3), chance.below(3) / 2)
                }
            }
            sound = deliveries.count
            pollers = [3, 8, 20][chance.below(3)]
            for account in drawn(draw) {
                let path = deliveries[own[account][chance.below(own[account].count)]]
                for _ in 0..<(5 + chance.below(100)) {
                    var poll = path
                    poll.id = EventID(source: 1, line: Int64(deliveries.count))
                    strays.append(deliveries.count)
                    deliveries.append(poll)
                }
            }
        }

        private mutating func add(_ account: Int, _ client: Int, _ node: Int, _ network: Int) {
            deliveries.append(
                Delivery(
                    id: EventID(source: 1, line: Int64(deliveries.count)),
                    time: EventTime(Int64(chance.below(1_000_000)) * 1000), node: names.intern("n\(node)"),
                    requester: names.intern("a\(account)"), cacheStatus: .hit, status: 200,
                    client: names.intern(["app", "hub", "web"][client]), network: names.intern(["ok", "poor"][network]))
            )
        }

        mutating func drawn(_ draw: Draw) -> Set<Int> {
            var accounts: Set<Int> = []
            while accounts.count < pollers {
                switch draw {
                case .byAccount: accounts.insert(chance.below(own.count))
                case .byDelivery:
                    let delivery = chance.below(sound)
                    accounts.insert(own.partitionIndex { $0[0] > delivery } - 1)
                }
            }
            return accounts
        }

        func text(_ attribute: Attribute, _ delivery: Delivery) -> String {
            names.text(
                attribute == .client ? delivery.client : attribute == .node ? delivery.node : delivery.network)
        }

        /// How many of some accounts drawn anew have their path inside, in each of some draws.
        mutating func draws(_ draw: Draw, _ attribute: Attribute, _ value: String, _ count: Int) -> [Int] {
            let isInside = deliveries[..<sound].map { text(attribute, $0) == value }
            return (0..<count).map { _ in
                drawn(draw).count { account in isInside[own[account][chance.below(own[account].count)]] }
            }
        }
    }

    /// The chance of each value with support, as the search has it.
    private func chances(_ cloud: Cloud) -> [(attribute: Attribute, value: String, chance: Double)] {
        let noted = DeliveryNotes(cloud.deliveries, Directory(), RolloutSchedule(), cloud.names)
        func eachOne(_ show: (Delivery, SymbolID) -> Void) {
            for place in cloud.strays { show(cloud.deliveries[place], .absent) }
        }
        var study = CauseStudy(
            noted.notes, Households(), accounts: noted.paths.accountsByDelivery, .min ... .max, eachExposure: eachOne)
        study.count(noted.traits)
        eachOne { study.mark($0, rolloutAtFill: $1) }
        let cube = study.gathered
        let all = cube.cells.reduce(into: CaseCount()) { $0 += $1.count }
        return cube.axes.enumerated().flatMap { axis, item in
            item.terms.filter { [.client, .node, .network].contains($0.term.attribute) }.map { term, codes in
                let inside = cube.cells.filter { codes >> UInt32($0.code(axis)) & 1 == 1 }
                    .reduce(into: CaseCount()) { $0 += $1.count }
                return (term.attribute, term.value, Contrast(inside, ofEverything: all).chance)
            }
        }
    }

    @Test("no chance is smaller than a third of what drawing accounts anew gives", arguments: Draw.allCases)
    func draws(_ draw: Draw) {
        let most = 2000
        var (asked, small) = (0, 0)
        for seed in 0..<60 {
            var cloud = Cloud(draw, seed: UInt64(seed))
            for (attribute, value, chance) in chances(cloud) {
                let observed = Set(
                    cloud.strays.map { cloud.deliveries[$0] }.filter { cloud.text(attribute, $0) == value }
                        .map(\.requester)
                ).count
                let inside = cloud.draws(draw, attribute, value, most).count { $0 >= observed }
                let drawn = Double(1 + inside) / Double(1 + most)
                asked += 1
                if chance <= 0.05 { small += 1 }
                // Fewer draws than five tell nothing of how rare it is.
                guard inside >= 5 else { continue }
                #expect(chance >= drawn / 3, "\(draw) \(seed) \(attribute)=\(value): \(chance), drawn \(drawn)")
            }
        }
        // Of what chance alone brings one in twenty is below a twentieth; three standard deviations more are allowed.
        let expected = 0.05 * Double(asked)
        #expect(Double(small) <= expected + 3 * (expected * 0.95).squareRoot(), "\(small) of \(asked)")
        #expect(asked > 300)
    }

    @Test("accounts that ask for much are no more of the accounts than others, and no fewer")
    func reach() {
        let names = StringInterner()
        // One hub asks 90 times, nine apps once each, and one of them twice on two paths.
        var deliveries: [Delivery] = []
        func add(_ account: String, _ client: String, _ times: Int) {
            for _ in 0..<times {
                deliveries.append(
                    Delivery(
                        id: EventID(source: 1, line: Int64(deliveries.count)), time: EventTime(Int64(deliveries.count)),
                        requester: names.intern(account), cacheStatus: .hit, status: 200, client: names.intern(client)))
            }
        }
        add("h", "hub", 90)
        for number in 0..<8 { add("a\(number)", "app", 1) }
        add("a8", "app", 1)
        add("a8", "hub", 1)
        let paths = DeliveryNotes(deliveries, Directory(), RolloutSchedule(), names).paths
        let shares = Dictionary(
            uniqueKeysWithValues: paths.accountsByDelivery.map {
                (names.text($0.key.client), Double($0.value) / Double(ReceiverWeights.whole))
            })
        // The hub's path has 1.5 accounts on 91 deliveries, the app's 8.5 on 9.
        #expect(abs((shares["hub"] ?? 0) - 1.5 / 91) < 1e-8)
        #expect(abs((shares["app"] ?? 0) - 8.5 / 9) < 1e-8)
    }
}
