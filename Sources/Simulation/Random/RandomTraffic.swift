/// Requests by those who have, had or will have a right, some by strangers, and some at the instant of a fill.
struct RandomTraffic {
    private let options: RandomOptions
    private var chance: SplitMix64

    init(_ options: RandomOptions, chance: SplitMix64) {
        self.options = options
        self.chance = chance
    }

    mutating func plan(into simulation: inout Simulation) {
        var left = options.deliveries
        while left > 0 {
            let node = chance.below(options.nodes)
            let time = chance.instant(from: RandomOptions.start, to: options.end - .minutes(5))
            let request = request(session: left, at: time, world: simulation.world)
            simulation.add(request, node: node, at: time)
            left -= 1
            let fill = time + request.fetch
            if left > 0, chance.chance(options.tieRate) {
                var twin = request
                twin.session = left
                twin.requester = requester(of: twin.camera, at: fill, world: simulation.world)
                if chance.chance(0.7) {
                    twin.duration = 0
                    twin.fetch = 0
                }
                draw(detailOf: &twin)
                simulation.add(twin, node: node, at: fill, afterFills: chance.chance(0.5))
                left -= 1
            }
            if chance.chance(0.03) {
                let tied = chance.chance(options.tieRate * 4)
                simulation.addPurge(
                    like: request, node: node, at: tied ? fill : time + .seconds(chance.within(1...200)))
            }
        }
    }

    private mutating func request(session: Int, at time: Instant, world: World) -> Request {
        // The lower a camera's number the more often it is asked for.
        let camera = Camera(number: chance.below(chance.below(world.cameras.count) + 1))
        let poor = chance.chance(0.4)
        let duration = poor ? chance.within(100...4000) : chance.within(3...300)
        var request = Request(
            session: session, requester: requester(of: camera, at: time, world: world), camera: camera,
            client: chance.pick(Client.allCases), network: poor ? .poor : .ok, kind: chance.pick(Kind.allCases),
            duration: .milliseconds(duration), fetch: Int64(chance.within(1...(duration * 1000 - 1))),
            bytes: chance.within(5_000...200_000),
            roundTripMilliseconds: poor ? chance.within(250...1500) : chance.within(8...90),
            lossTenthsPercent: poor ? chance.within(20...200) : chance.below(9),
            partial: chance.chance(0.1), conditional: chance.chance(0.04), detail: [])
        draw(detailOf: &request)
        return request
    }

    /// Mostly the owner of the day; else anybody who has, had or will have a right; seldom a stranger.
    private mutating func requester(of camera: Camera, at time: Instant, world: World) -> Account {
        if chance.chance(0.03) { return chance.pick(world.accounts) }
        if chance.chance(0.5) { return world.owner(of: camera, at: time) }
        return chance.pick(world.ownerships[camera.number].map(\.owner) + world.grants(of: camera).map(\.grantee))
    }

    /// Decides which optional fields the line has. A response that took time always says how long.
    private mutating func draw(detailOf request: inout Request) {
        request.detail = request.duration > 0 ? [.duration] : []
        let shares: [(Detail, Double)] = [
            (.frame, 0.15), (.owner, 0.05), (.frameCamera, 0.05), (.quality, 0.5), (.client, 0.8), (.network, 0.6),
            (.kind, 0.6),
        ]
        for (detail, share) in shares where chance.chance(share) { request.detail.insert(detail) }
        let frame: Detail = [.frame, .owner, .frameCamera]
        switch options.evidence {
        case .mixed: break
        case .stated: request.detail.formUnion(frame)
        case .frame: request.detail = request.detail.subtracting(frame).union(.frame)
        case .cache: request.detail.subtract(frame)
        }
    }
}
