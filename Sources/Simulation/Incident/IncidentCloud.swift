/// Runs the caches of an incident: edges, a shield above them or none, the origin. Pure, and the same each time.
struct IncidentCloud {
    private enum Event {
        case ask(IncidentCache.Errand)
        case answer(IncidentCache.Errand, IncidentCache.Answer)
        case expire(node: Int, key: String, frame: String)
        case purge(node: Int, key: String)
    }

    let plan: IncidentPlan
    let world: IncidentWorld
    private(set) var deliveries: [IncidentDelivery] = []
    private(set) var fills: [IncidentFill] = []
    private var caches: [IncidentCache]
    private var chance: SplitMix64
    private var queue = EventQueue<Event>()

    init(_ plan: IncidentPlan, _ world: IncidentWorld, chance: SplitMix64) {
        self.plan = plan
        self.world = world
        self.chance = chance
        caches = plan.nodes.map { _ in IncidentCache() }
    }

    mutating func run(_ requests: [IncidentRequest]) {
        for request in requests {
            let name = plan.nodes[request.node]
            let fault = plan.faults.first { $0.isMet(by: request, on: name, at: request.at) }
            let key = fault?.key(of: request.camera) ?? "snap/\(request.camera.name)/latest"
            queue.add(.ask(.init(node: request.node, request: request, key: key)), at: request.at)
            if plan.fillLog == .stored, chance.chance(0.004) {
                queue.add(.purge(node: request.node, key: key), at: request.at + .milliseconds(chance.within(1...9000)))
            }
        }
        while let (now, event) = queue.next() {
            switch event {
            case .ask(let errand): ask(errand, now)
            case .answer(let errand, let answer): take(answer, for: errand, now)
            case .expire(let node, let key, let frame):
                guard let entry = caches[node].entries[key], entry.frame?.id == frame,
                    entry.freshUntil + plan.grace <= now
                else { continue }
                end(node, key, .expired, now)
            case .purge(let node, let key): if caches[node].entries[key] != nil { end(node, key, .purged, now) }
            }
        }
    }

    private mutating func end(_ node: Int, _ key: String, _ kind: IncidentFill.Kind, _ now: Instant) {
        caches[node].entries[key] = nil
        fills.append(IncidentFill(at: now, node: node, key: key, kind: kind))
    }

    // MARK: Looking into a cache

    private mutating func ask(_ asked: IncidentCache.Errand, _ now: Instant) {
        var errand = asked
        if errand.request.bypasses, errand.below.isEmpty {
            errand.word = "BYPASS"
            return forward(errand, now)
        }
        let entry = caches[errand.node].entries[errand.key]
        guard let entry else { return fetch(errand, "MISS", now) }
        if now < entry.freshUntil {
            return finish(errand, "HIT", .init(frame: entry.frame, freshUntil: entry.freshUntil), now)
        }
        guard now < entry.freshUntil + plan.grace, let frame = entry.frame else {
            errand.validator = entry.frame
            return fetch(errand, "EXPIRED", now)
        }
        let old = IncidentCache.Answer(frame: frame, freshUntil: entry.freshUntil)
        if entry.isUpdating { return finish(errand, "UPDATING", old, now) }
        caches[errand.node].entries[errand.key]?.isUpdating = true
        var refresh = errand
        refresh.word = "STALE"
        refresh.validator = frame
        refresh.below = []
        refresh.given = .init(frame: frame, received: now + errand.request.transfer)
        let isClients = errand.below.isEmpty
        if !isClients || !plan.logsStaleLate { finish(errand, "STALE", old, now) }
        forward(refresh, now)
    }

    private mutating func fetch(_ asked: IncidentCache.Errand, _ word: String, _ now: Instant) {
        var errand = asked
        errand.word = word
        if plan.coalescing != .none, caches[errand.node].fetching[errand.key, default: 0] > 0, !errand.isWaiting {
            errand.isWaiting = true
            caches[errand.node].waiting[errand.key, default: []].append(errand)
        } else {
            caches[errand.node].fetching[errand.key, default: 0] += 1
            forward(errand, now)
        }
    }

    /// Asks the shield, or the origin.
    private mutating func forward(_ errand: IncidentCache.Errand, _ now: Instant) {
        let arrival = now + delay()
        if let shield = plan.shield, errand.node != shield {
            let above = IncidentCache.Errand(
                node: shield, request: errand.request, key: errand.key, below: [errand])
            queue.add(.ask(above), at: arrival)
            return
        }
        let answered = arrival + .milliseconds(1) + Int64(chance.below(30_000))
        let isError = chance.chance(plan.errorRate)
        let frame = world.frame(of: errand.request.camera, at: answered)
        let validator = plan.revalidates ? errand.validator : nil
        let isConfirmed = !isError && frame.id == validator?.id
        let status = isError ? 404 : isConfirmed ? 304 : 200
        fills.append(
            IncidentFill(
                at: answered, node: nil, key: errand.key, frame: frame,
                kind: .sent(
                    status: status, account: errand.request.account, camera: errand.request.camera,
                    validator: validator, received: arrival)))
        let answer = IncidentCache.Answer(
            frame: isError ? nil : frame, freshUntil: answered + plan.lifetime, isConfirmed: isConfirmed)
        queue.add(.answer(errand, answer), at: answered + delay())
    }

    // MARK: What comes back

    private mutating func take(_ answer: IncidentCache.Answer, for errand: IncidentCache.Errand, _ now: Instant) {
        if errand.given != nil { caches[errand.node].entries[errand.key]?.isUpdating = false }
        store(answer, for: errand, now)
        if let given = errand.given {
            if plan.logsStaleLate, isOfClient(errand) { deliver(errand, "STALE", given.frame, given.received, now) }
        } else {
            let isConfirmed = answer.isConfirmed && errand.word != "BYPASS"
            finish(errand, isConfirmed ? "REVALIDATED" : errand.word, answer, now)
        }
        guard errand.given == nil, errand.word != "BYPASS" else { return }
        caches[errand.node].fetching[errand.key, default: 1] -= 1
        for waiter in caches[errand.node].waiting.removeValue(forKey: errand.key) ?? [] {
            if plan.coalescing == .shares {
                finish(waiter, "TCP_CF_HIT", answer, now)
            } else {
                queue.add(.ask(waiter), at: now + 300)
            }
        }
    }

    private func isOfClient(_ errand: IncidentCache.Errand) -> Bool { errand.node != plan.shield }

    private mutating func store(_ answer: IncidentCache.Answer, for errand: IncidentCache.Errand, _ now: Instant) {
        let (node, key) = (errand.node, errand.key)
        if answer.isConfirmed {
            if caches[node].entries[key]?.frame?.id == answer.frame?.id {
                caches[node].entries[key]?.freshUntil = answer.freshUntil
                expireLater(node, key, answer)
            }
            return
        }
        // An error replaces no frame that could still be served in its place.
        if answer.frame == nil, errand.given != nil || errand.word == "BYPASS" { return }
        if plan.refusals.contains(where: { $0.contains(now) }) { return }
        if errand.word == "BYPASS", chance.chance(0.5) { return }
        caches[node].entries[key] = .init(frame: answer.frame, freshUntil: answer.freshUntil)
        if let frame = answer.frame {
            fills.append(IncidentFill(at: now, node: node, key: key, frame: frame, kind: .stored))
            expireLater(node, key, answer)
        }
    }

    private mutating func expireLater(_ node: Int, _ key: String, _ answer: IncidentCache.Answer) {
        guard plan.fillLog == .stored, let frame = answer.frame else { return }
        queue.add(.expire(node: node, key: key, frame: frame.id), at: answer.freshUntil + plan.grace)
    }

    /// Hands an answer down, to the client or to the edge.
    private mutating func finish(
        _ errand: IncidentCache.Errand, _ word: String, _ answer: IncidentCache.Answer, _ now: Instant
    ) {
        guard let edge = errand.below.first else {
            return deliver(errand, word, answer.frame, now + errand.request.transfer, now + errand.request.transfer)
        }
        var handed = answer
        handed.isConfirmed = plan.revalidates && answer.frame != nil && answer.frame?.id == edge.validator?.id
        queue.add(.answer(edge, handed), at: now + delay())
    }

    private mutating func deliver(
        _ errand: IncidentCache.Errand, _ word: String, _ frame: Frame?, _ received: Instant, _ logged: Instant
    ) {
        let status = frame == nil ? 404 : errand.request.isPartial ? 206 : 200
        deliveries.append(
            IncidentDelivery(
                request: errand.request, key: errand.key, word: word, status: status, frame: frame, received: received,
                logged: max(logged, received)))
    }

    /// A hop of the network: mostly short.
    private mutating func delay() -> Microseconds {
        chance.chance(0.05) ? Int64(20_000 + chance.below(100_000)) : Int64(200 + chance.below(3000))
    }
}
