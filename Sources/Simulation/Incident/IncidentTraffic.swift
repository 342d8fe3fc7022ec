/// The requests of an incident: short looks at a camera by those who may see it, each a few requests long.
struct IncidentTraffic {
    private let plan: IncidentPlan
    private let world: World
    private var chance: SplitMix64

    init(_ plan: IncidentPlan, _ world: World, chance: SplitMix64) {
        self.plan = plan
        self.world = world
        self.chance = chance
    }

    mutating func requests(_ count: Int) -> [IncidentRequest] {
        let span = Stretches(plan.stretches)
        var requests: [IncidentRequest] = []
        while requests.count < count {
            var time = span.moment(Double(chance.below(1_000_000)) / 1_000_000)
            let look = look(at: time)
            for _ in 0..<chance.within(1...4) {
                guard world.mayAsk(look.account, for: look.camera, at: time) else { break }
                requests.append(one(of: look, at: time))
                time = time + .milliseconds(chance.within(200...4000))
            }
        }
        return requests.sorted { $0.at < $1.at }
    }

    private mutating func look(at time: Instant) -> IncidentRequest {
        let camera = chance.pick(world.cameras)
        let grantees = world.grants(of: camera).map(\.grantee)
        let owner = world.owner(of: camera, at: time)
        let account = grantees.isEmpty || chance.chance(0.6) ? owner : chance.pick(grantees)
        let first = plan.faults.first
        let client = chance.chance(0.5) ? first?.client ?? IncidentPlan.clients[0] : chance.pick(IncidentPlan.clients)
        var (node, kind) = (chance.below(plan.edges.count), chance.pick(IncidentPlan.kinds))
        if let name = first?.node, let faulty = plan.nodes.firstIndex(of: name), chance.chance(0.3) { node = faulty }
        if let favoured = plan.favoured, client == first?.client ?? IncidentPlan.clients[0] {
            if chance.chance(0.6) { node = favoured.node }
            if chance.chance(0.7) { kind = favoured.kind }
        }
        return IncidentRequest(
            account: account, camera: camera, model: world.model(of: camera), client: client,
            network: IncidentPlan.networks[chance.chance(0.55) ? 0 : 1], kind: kind, node: node, at: time, transfer: 0,
            roundTripMilliseconds: 0)
    }

    /// A request of a look; a poor network is slow, and sometimes a good one is too.
    private mutating func one(of look: IncidentRequest, at time: Instant) -> IncidentRequest {
        var request = look
        let isSlow = chance.chance(request.network == "poor" ? 0.9 : 0.05)
        request.at = time
        request.transfer = isSlow ? .milliseconds(chance.within(80...2500)) : Int64(chance.within(300...60_000))
        request.roundTripMilliseconds = isSlow ? chance.within(150...1200) : chance.within(8...200)
        request.isPartial = chance.chance(0.05)
        request.bypasses = chance.chance(0.02)
        return request
    }
}
