/// Sends the residents' requests to the nodes: sessions of a thumbnail, stills and pieces of a stream.
struct XiaomiTraffic {
    private var chance: SplitMix64
    private var sessions = 0

    init(chance: SplitMix64) {
        self.chance = chance
    }

    mutating func plan(_ residents: [Resident], into simulation: inout Simulation) {
        for resident in residents {
            planHub(resident, into: &simulation)
            for _ in 0..<chance.within(2...7) {
                let time = moment(from: XiaomiIncident.start, to: XiaomiIncident.end - .minutes(10))
                let poor = chance.chance(0.15)
                session(resident, .app, resident.appViews, poor: poor, at: time, into: &simulation)
            }
        }
    }

    private mutating func planHub(_ resident: Resident, into simulation: inout Simulation) {
        let (start, update) = (XiaomiIncident.start, XiaomiIncident.updateDay)
        let (suspended, end) = (XiaomiIncident.suspension, XiaomiIncident.end)
        var times: [Instant] = []
        switch resident.role {
        case .viewer, .guest, .relative, .otherHub:
            for _ in 0..<chance.within(0...3) { times.append(moment(from: start, to: update)) }
            // The one session that surely lies inside the scope, then any further ones.
            times.append(moment(from: update + .days(1), to: suspended - .hours(2)))
            let more = resident.poorHub ? chance.within(4...8) : chance.within(0...4)
            for _ in 0..<more { times.append(moment(from: update, to: suspended - .minutes(10))) }
            if chance.chance(0.05) { times.append(moment(from: suspended + .minutes(1), to: end - .minutes(10))) }
        case .earlyHub:
            for _ in 0..<chance.within(2...4) { times.append(moment(from: start, to: update - .minutes(10))) }
        case .lateHub:
            for _ in 0..<chance.within(1...2) {
                times.append(moment(from: suspended + .minutes(1), to: end - .minutes(10)))
            }
        case .host, .appOwner, .otherApp: break
        }
        for time in times {
            let poor = resident.poorHub && chance.chance(0.8)
            session(resident, .nestHub, resident.hubViews, poor: poor, at: time, into: &simulation)
        }
        if !resident.refusedViews.isEmpty {
            let time = moment(from: update, to: suspended)
            session(resident, .nestHub, resident.refusedViews, poor: false, at: time, into: &simulation)
        }
    }

    /// A time between two others, evenings before nights.
    private mutating func moment(from start: Instant, to end: Instant) -> Instant {
        while true {
            let time = chance.instant(from: start, to: end)
            let hour = Int(time.microseconds % .days(1) / .hours(1))
            let liveliness = hour < 5 ? 0.08 : hour < 15 ? 0.35 : 1
            if chance.chance(liveliness) { return time }
        }
    }

    private mutating func session(
        _ resident: Resident, _ client: Client, _ views: [Resident.View], poor: Bool, at start: Instant,
        into simulation: inout Simulation
    ) {
        let usable = views.filter { $0.span.contains(start) }
        guard let first = usable.first else { return }
        let camera = usable.count > 1 && chance.chance(0.3) ? chance.pick(usable).camera : first.camera
        sessions += 1
        var request = Request(
            session: sessions, requester: resident.account, camera: first.camera, client: client,
            network: poor ? .poor : .ok, kind: .thumbnail, duration: 0, fetch: 0, bytes: 0, roundTripMilliseconds: 0,
            lossTenthsPercent: 0, detail: [])
        var time = start
        send(&request, resident.node, &time, into: &simulation)
        if client == .app || camera != first.camera {
            request.camera = camera
            request.conditional = camera == first.camera && chance.chance(0.02)
            send(&request, resident.node, &time, into: &simulation)
            request.conditional = false
        }
        request.kind = .still
        for _ in 0..<chance.within(poor && client == .nestHub ? 1...4 : 0...2) {
            send(&request, resident.node, &time, into: &simulation)
        }
        guard chance.chance(0.3) else { return }
        request.kind = .stream
        request.segment = Int(time.microseconds / .minutes(1) % 100_000)
        for _ in 0..<chance.within(4...9) {
            send(&request, resident.node, &time, into: &simulation)
            request.partial = true
        }
    }

    /// Draws what differs from response to response, sends the request and moves the time on.
    private mutating func send(
        _ request: inout Request, _ node: Int, _ time: inout Instant, into simulation: inout Simulation
    ) {
        let poor = request.network == .poor
        request.duration = .milliseconds(poor ? chance.within(900...5200) : chance.within(120...900))
        request.fetch = request.duration * Int64(chance.within(300...800)) / 1000 + Int64(chance.below(1000))
        request.roundTripMilliseconds = poor ? chance.within(280...1900) : chance.within(8...90)
        request.lossTenthsPercent = poor ? chance.within(30...240) : chance.below(9)
        switch request.kind {
        case .thumbnail: request.bytes = chance.within(6_000...14_000)
        case .still: request.bytes = chance.within(30_000...90_000)
        case .stream: request.bytes = request.partial ? 262_144 : chance.within(400_000...900_000)
        }
        request.detail = [.client, .network, .kind]
        if chance.chance(0.22) { request.detail.insert(.frame) }
        if chance.chance(0.12) { request.detail.insert(.duration) }
        if request.client == .nestHub || chance.chance(0.08) { request.detail.insert(.quality) }
        simulation.add(request, node: node, at: time)
        if chance.chance(0.004) {
            simulation.addPurge(like: request, node: node, at: time + .seconds(chance.within(8...55)))
        }
        time = time + request.duration + .milliseconds(chance.within(2_000...22_000))
    }
}
