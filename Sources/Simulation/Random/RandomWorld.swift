/// A small world in which rights change while frames are on their way.
struct RandomWorld {
    private(set) var world = World()
    private(set) var rollouts: [Rollout] = []
    private let options: RandomOptions
    private var chance: SplitMix64

    static let models = ["indoor-1080p", "outdoor-2k", "doorbell"]

    init(_ options: RandomOptions, chance: SplitMix64) {
        self.options = options
        self.chance = chance
        addCameras()
        addSales()
        addGrants()
        addRollouts()
    }

    private mutating func addCameras() {
        let owners = (0..<options.accounts).map { _ in world.addAccount() }
        for owner in owners {
            for _ in 0..<(chance.chance(0.3) ? 2 : 1) {
                _ = world.addCamera(model: chance.pick(Self.models), owner: owner)
            }
        }
    }

    private mutating func addSales() {
        for camera in world.cameras where chance.chance(0.2) {
            let seller = world.owner(of: camera, at: options.end)
            let time = midway()
            sell(camera, notTo: seller, at: time)
            guard chance.chance(0.2) else { continue }
            let buyer = world.owner(of: camera, at: options.end)
            sell(camera, notTo: buyer, at: chance.instant(from: time + 1, to: options.end))
        }
    }

    private mutating func sell(_ camera: Camera, notTo seller: Account, at time: Instant) {
        let buyers = world.accounts.filter { $0 != seller }
        world.sell(camera, to: chance.pick(buyers), at: time)
    }

    /// Grants of any owner that the camera has had; some are given again after they ended.
    private mutating func addGrants() {
        for camera in world.cameras where chance.chance(0.7) {
            let ownership = chance.pick(world.ownerships[camera.number])
            let grantees = world.accounts.filter { $0 != ownership.owner }
            for _ in 0..<chance.within(1...2) {
                let grantee = chance.pick(grantees)
                let begin = chance.chance(0.4) ? midway() : nil
                let end = chance.chance(0.6) ? chance.instant(from: (begin ?? midway()) + 1, to: options.end) : nil
                world.grant(camera, by: ownership.owner, to: grantee, span: Span(from: begin, until: end))
                guard let end, chance.chance(0.2) else { continue }
                let again = Span(from: chance.instant(from: end, to: options.end))
                world.grant(camera, by: ownership.owner, to: grantee, span: again)
            }
        }
    }

    /// A sound baseline, a fault on some nodes, a fix for all, another fault on one node and its fix.
    private mutating func addRollouts() {
        let length = options.end - RandomOptions.start
        func time(_ share: Int64) -> Instant { RandomOptions.start + length * share / 100 }
        rollouts = [Rollout(name: "v1", node: nil, from: time(-10), note: "baseline", rule: KeyRule())]
        let slots = KeyRule(
            fault: .slots(count: chance.within(3...6), lifetime: 300),
            condition: .init(client: .nestHub, network: chance.chance(0.5) ? .poor : nil))
        for (index, node) in options.nodeNames.enumerated() where index == 0 || chance.chance(0.5) {
            let from = chance.instant(from: time(20), to: time(25))
            rollouts.append(Rollout(name: "v2", node: node, from: from, note: "shared slots", rule: slots))
        }
        rollouts.append(Rollout(name: "v3", node: nil, from: time(45), note: "fix", rule: KeyRule()))
        let neighbour = KeyRule(
            fault: .neighbour(cameras: world.cameras.count), condition: .init(model: chance.pick(Self.models)))
        let node = chance.pick(options.nodeNames)
        rollouts.append(Rollout(name: "v4", node: node, from: time(60), note: "keys off by one", rule: neighbour))
        rollouts.append(Rollout(name: "v5", node: nil, from: time(75), note: "fix", rule: KeyRule()))
    }

    private mutating func midway() -> Instant {
        chance.instant(from: RandomOptions.start + .minutes(5), to: options.end - .minutes(5))
    }
}
