/// What happens in a hard case, and what may be named as its cause.
struct HardScript {
    private let kind: HardCase
    private let seed: UInt64
    private var chance: SplitMix64
    private(set) var truth = HardTruth()
    private(set) var rollouts: [Rollout]

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
        case .clustered: cluster(&traffic)
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
        }
        // A few that nothing explains, as in any dump.
        traffic.expose(0.0003) { !$0.isExposure }
    }

    // MARK: No cause

    private mutating func cluster(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        for _ in 0..<[3, 8, 20][Int(seed % 3)] {
            let from = HardTraffic.moment(Double(chance.below(70)) / 100)
            traffic.poll(
                by: chance.below(traffic.accounts.count), times: chance.within(30...200), from: from,
                until: from + .hours(chance.within(10...28)))
        }
        truth.sentence = "Some accounts ask again and again; nothing is common to them."
    }

    private mutating func askAgain(_ traffic: inout HardTraffic) {
        _ = addRollout(at: 0.4, "log format")
        let number = chance.below(traffic.accounts.count)
        let from = HardTraffic.moment(Double(chance.within(5...45)) / 100)
        traffic.poll(by: number, times: chance.within(400...900), from: from, until: from + .days(2))
        truth.account = Account(number: number + 1).name
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
