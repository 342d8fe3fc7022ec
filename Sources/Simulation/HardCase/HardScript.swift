/// What happens in a hard case, and what may be named as its cause.
struct HardScript {
    private let kind: HardCase
    private let seed: UInt64
    private var chance: SplitMix64
    private(set) var truth = HardTruth()
    private(set) var rollouts: [Rollout]
    /// When all keys of all nodes were purged.
    private(set) var purge: Instant?

    private static let hub = HardTraffic.clients[0]

    init(_ kind: HardCase, seed: UInt64, chance: SplitMix64) {
        (self.kind, self.seed, self.chance) = (kind, seed, chance)
        rollouts = [Self.rollout("v1", HardTraffic.start - .days(1), "baseline")]
    }

    private static func rollout(_ name: String, _ from: Instant, _ note: String) -> Rollout {
        Rollout(name: name, node: nil, from: from, note: note, rule: KeyRule())
    }

    private mutating func addRollout(at share: Double, _ note: String) -> Instant {
        let from = HardTraffic.moment(share)
        rollouts.append(Self.rollout("v2", from, note))
        return from
    }

    mutating func run(_ traffic: inout HardTraffic) {
        switch kind {
        case .clean: _ = addRollout(at: 0.4, "log format")
        case .clustered: cluster(&traffic, [[3, 8, 20][Int(seed % 3)]], [30...200])
        case .poller: poll(&traffic)
        case .oneAccount: askAgain(&traffic)
        case .noRollout: beginLate(&traffic)
        case .shortBurst: burst(&traffic)
        case .nightly: recur(&traffic)
        case .roundTripBand: band(&traffic)
        case .versionDecoy, .regionDecoy, .noisyNode: decoy(&traffic)
        case .simpson: simpson(&traffic)
        case .twoFaults: two(&traffic)
        case .badNode: node(&traffic)
        case .badVersion: version(&traffic)
        case .sharedByChance: share(&traffic)
        case .fleet: fleet(&traffic)
        case .unequalClusters: cluster(&traffic, [6, 6], [10...20, 300...600])
        case .busyClient: cluster(&traffic, [20], [30...200])
        case .correlated, .threeTerms, .weak: conjunction(&traffic)
        case .midRollout: midRollout(&traffic)
        case .rolledBack: rollBack(&traffic)
        case .cacheRestart: restart(&traffic)
        case .coldPurge: purge(&traffic)
        }
        // A few that nothing explains, as in any dump.
        traffic.expose(0.0003) { !$0.isExposure }
    }

    // MARK: No cause

    /// - Parameters:
    ///   - sizes: how many accounts each group has.
    ///   - polls: how often each account of a group asks.
    private mutating func cluster(_ traffic: inout HardTraffic, _ sizes: [Int], _ polls: [ClosedRange<Int>]) {
        _ = addRollout(at: 0.4, "log format")
        for (size, times) in zip(sizes, polls) {
            for _ in 0..<size { poll(&traffic, by: chance.below(traffic.accounts.count), times) }
        }
        truth.sentence = "Some accounts ask again and again; nothing is common to them."
    }

    private mutating func poll(_ traffic: inout HardTraffic, by number: Int, _ times: ClosedRange<Int>) {
        let from = HardTraffic.moment(Double(chance.below(70)) / 100)
        traffic.poll(
            by: number, times: chance.within(times), from: from, until: from + .hours(chance.within(10...28)))
    }

    private mutating func share(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        let first = traffic.accounts[chance.below(traffic.accounts.count)]
        let alike = traffic.accounts.indices.filter {
            let other = traffic.accounts[$0]
            return seed % 2 == 0 ? other.client == first.client : other.node == first.node
        }
        for _ in 0..<chance.within(3...5) { poll(&traffic, by: chance.pick(alike), 30...200) }
        truth.sentence = "Some accounts ask again and again; what they share they share by chance."
    }

    private mutating func fleet(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        let household = traffic.makeHousehold(of: 12)
        let from = HardTraffic.moment(Double(chance.within(5...45)) / 100)
        for number in household {
            traffic.poll(by: number, times: chance.within(40...90), from: from, until: from + .days(2))
        }
        truth.accounts = household.map { Account(number: $0 + 1).name }
        truth.sentence = "The accounts of one household received nearly all of them."
    }

    private mutating func askAgain(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        let number = chance.below(traffic.accounts.count)
        let from = HardTraffic.moment(Double(chance.within(5...45)) / 100)
        traffic.poll(by: number, times: chance.within(400...900), from: from, until: from + .days(2))
        truth.accounts = [Account(number: number + 1).name]
        truth.sentence = "One account received nearly all of them."
    }

    private mutating func burst(_ traffic: inout HardTraffic) {
        let rollout = addRollout(at: Double(chance.within(20...50)) / 100, "log format")
        // By day, on any day.
        let day = (HardTraffic.start + .days(chance.within(0...3))).startOfDay
        let from = day + .hours(chance.within(9...20)) + .minutes(chance.within(0...29))
        traffic.expose(0.6) { $0.at >= from && $0.at < from + .minutes(30) }
        truth.began = from.text
        _ = rollout
        truth.sentence = "Half an hour once, on every path."
    }

    // MARK: Causes

    private mutating func poll(_ traffic: inout HardTraffic) {
        let since = addRollout(at: 0.35, "new key rule")
        let isSince = seed % 2 == 0
        traffic.expose(0.5) { $0.client == Self.hub && $0.network == "poor" && (!isSince || $0.at >= since) }
        let web = traffic.accounts.indices.filter { traffic.accounts[$0].client == "web" }
        let from = HardTraffic.moment(Double(chance.within(0...70)) / 100)
        traffic.poll(
            by: chance.pick(web), times: chance.within(1000...3000), from: from, until: from + .days(1), client: "web")
        name("client=nest-hub AND network=poor", isSince ? "v2" : nil)
    }

    private mutating func beginLate(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.2, "new key rule")
        let from = HardTraffic.moment(0.75)
        traffic.expose(0.5) { $0.client == Self.hub && $0.at >= from }
        truth.began = from.text
        name("client=nest-hub", nil)
    }

    private mutating func recur(_ traffic: inout HardTraffic) {
        let since = addRollout(at: 0.3, "new backup")
        traffic.expose(0.6) { $0.at >= since && (2...3).contains($0.at.microseconds % .days(1) / .hours(1)) }
        name("hour=02-03", "v2")
    }

    private mutating func band(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        traffic.expose(0.6) { (250..<400).contains($0.roundTripMilliseconds) }
        truth.causes = ["250<=rtt_ms<400"]
        truth.sentence = "On a round trip of 250 to 400 ms."
    }

    private mutating func decoy(_ traffic: inout HardTraffic) {
        let since = addRollout(at: 0.4, "new key rule")
        if kind == .noisyNode { traffic.expose(0.01) { $0.node == 2 } }
        traffic.expose(0.5) { $0.client == Self.hub && $0.network == "poor" && $0.at >= since }
        name("client=nest-hub AND network=poor", "v2")
    }

    private mutating func simpson(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        traffic.expose(0.45) { $0.network == "poor" && $0.client != "app-ios" }
        traffic.expose(0.3) { $0.network == "poor" && $0.client == "app-ios" }
        name("network=poor", nil)
    }

    private mutating func two(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        traffic.expose(0.5) { $0.client == Self.hub && $0.network == "poor" }
        traffic.expose(0.5) { $0.client == "app-android" && $0.node == 1 }
        truth.causes = ["client=nest-hub AND network=poor", "client=app-android AND node=edge-2"]
        truth.areTwo = true
        truth.sentence = "Two faults at once."
    }

    private mutating func node(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.3, "log format")
        let from = HardTraffic.moment(0.6)
        traffic.expose(0.3) { $0.node == 4 && $0.at >= from }
        truth.began = from.text
        name("node=edge-5", nil)
    }

    private mutating func version(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.7, "log format")
        traffic.expose(0.4) { $0.version == "5.2" }
        truth.causes = ["version=5.2", "client=nest-hub AND version=5.2"]
        truth.sentence = "On version 5.2 of the hub."
    }

    private mutating func conjunction(_ traffic: inout HardTraffic) {
        let since = addRollout(at: 0.4, kind == .weak ? "new key rule" : "log format")
        switch kind {
        case .correlated:
            traffic.expose(0.4) { $0.network == "poor" }
            name("network=poor", nil)
        case .threeTerms:
            traffic.expose(0.5) { $0.client == Self.hub && $0.network == "poor" && $0.node == 1 }
            name("client=nest-hub AND network=poor AND node=edge-2", nil)
        default:
            traffic.expose(0.05) { $0.client == Self.hub && $0.network == "poor" && $0.at >= since }
            name("client=nest-hub AND network=poor", "v2")
        }
    }

    private mutating func midRollout(_ traffic: inout HardTraffic) {
        for node in 0..<traffic.nodes {
            let from = HardTraffic.moment(0.3 + 0.05 * Double(node))
            rollouts.append(
                Rollout(name: "v2", node: HardIncident.node(node), from: from, note: "new key rule", rule: KeyRule()))
        }
        let (from, nodes) = (HardTraffic.moment(0.55), traffic.nodes)
        traffic.expose(0.3) { HardIncident.region($0.node, of: nodes) == "eu" && $0.at >= from }
        truth.began = from.text
        name("region=eu", nil)
    }

    private mutating func rollBack(_ traffic: inout HardTraffic) {
        let moments = [0.25, 0.4, 0.65].map(HardTraffic.moment)
        rollouts += [
            Self.rollout("v2", moments[0], "new key rule"), Self.rollout("v1", moments[1], "taken back"),
            Self.rollout("v2", moments[2], "again"),
        ]
        traffic.expose(0.4) {
            $0.client == Self.hub && ($0.at >= moments[0] && $0.at < moments[1] || $0.at >= moments[2])
        }
        name("client=nest-hub", "v2")
    }

    private mutating func restart(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.2, "log format")
        let node = chance.below(traffic.nodes)
        let from = HardTraffic.moment(Double(chance.within(35...70)) / 100)
        traffic.silence(node, from: from - .minutes(30), until: from)
        traffic.cool([node], from: from, until: from + .hours(3))
        traffic.expose(0.4) { $0.node == node && $0.at >= from }
        (truth.began, truth.cold) = (from.text, "restart")
        name("node=\(HardIncident.node(node))", nil)
    }

    private mutating func purge(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.2, "log format")
        // By day, when there is traffic.
        let day = (HardTraffic.start + .days(chance.within(1...3))).startOfDay
        let from = day + .hours(chance.within(9...17)) + .minutes(chance.below(60))
        traffic.cool(Array(0..<traffic.nodes), from: from, until: from + .hours(2))
        traffic.expose(0.5) { $0.client == Self.hub && $0.at >= from && $0.at < from + .hours(2) }
        (truth.began, truth.cold, purge) = (from.text, "purge", from)
        name("client=nest-hub", nil)
    }

    private mutating func name(_ path: String, _ rollout: String?) {
        // A conjunction names its terms in order: the hour behind the rollout.
        truth.causes = [
            rollout.map {
                path.hasPrefix("hour")
                    ? "rollout_at_delivery=\($0) AND \(path)" : "\(path) AND rollout_at_delivery=\($0)"
            }
                ?? path
        ]
        truth.isSinceRollout = rollout != nil
        truth.sentence = "On \(path)" + (rollout.map { " since rollout \($0)" } ?? "") + "."
    }
}
