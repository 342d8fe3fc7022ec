/// What chance decides about an incident before the first request: the fault, what looks like it, how the caches behave
/// and which logs there are.
struct IncidentPlan: Sendable {
    /// Which logs tell of the fills.
    enum FillLog: Sendable {
        /// Each node's own cache log: the frame was stored, by the node's clock.
        case stored
        /// The origin's access log: the frame was sent to some node, by the origin's clock.
        case sent
    }
    /// What becomes of a request whose frame is being fetched for another one.
    enum Coalescing: Sendable, CaseIterable {
        case none
        /// It waits and then looks again (nginx `proxy_cache_lock`).
        case waits
        /// It is given what the other one fetches (Squid `collapsed_forwarding`).
        case shares
    }

    static let start = Instant(2022, 3, 7, 4, 5)
    /// How long a frame counts as fresh: what the profile of the origin's log says of it.
    static let sentLifetime = 5

    let fillLog: FillLog
    let hasShield: Bool
    let coalescing: Coalescing
    let lifetime: Microseconds
    /// How long a frame is served past that, while it is fetched anew in the background.
    let grace: Microseconds
    /// Whether the line of a stale answer is written when its refresh has ended (nginx) or at once (Varnish).
    let logsStaleLate: Bool
    /// Whether a cache asks with the validator of what it has.
    let revalidates: Bool
    /// When caches store nothing.
    let refusals: [Span]
    /// The share of the requests for a camera that is not there: the origin's error is stored.
    let errorRate: Double
    /// When traffic flows: one stretch, or a few on different days.
    let stretches: [Span]
    let nodes: [String]
    let clocks: [NodeClock]
    let faults: [Fault]
    let rollouts: [Rollout]
    /// Attributes that come along with the first fault's client: the node, and the kind.
    let favoured: (node: Int, kind: String)?

    static let clients = ["nest-hub", "app-ios", "app-android"]
    static let networks = ["poor", "ok"]
    static let models = ["indoor-1080p", "outdoor-2k", "doorbell"]
    static let kinds = ["thumbnail", "still"]

    /// The nodes that clients reach.
    var edges: Range<Int> { 0..<(hasShield ? nodes.count - 1 : nodes.count) }
    var shield: Int? { hasShield ? nodes.count - 1 : nil }
    var span: Span { Span(from: stretches.first?.from, until: stretches.last?.until) }

    init(_ options: IncidentOptions, chance seed: SplitMix64) {
        var chance = seed
        fillLog = chance.chance(0.5) ? .stored : .sent
        hasShield = chance.chance(0.4)
        coalescing = chance.pick(Coalescing.allCases)
        lifetime = .seconds(fillLog == .sent ? Self.sentLifetime : chance.within(8...40))
        grace = chance.chance(0.7) ? .seconds(chance.within(4...20)) : 0
        logsStaleLate = chance.chance(0.5)
        revalidates = chance.chance(0.6)
        errorRate = chance.chance(0.4) ? 0.01 : 0

        // Eight requests a second.
        let length = Microseconds.seconds(options.requests / 8)
        let days = chance.chance(0.4) ? chance.within(2...4) : 1
        stretches = (0..<days).map { day in
            let from = Self.start + .days(day)
            return Span(from: from, until: from + length / Int64(days))
        }
        let span = Stretches(stretches)
        refusals =
            chance.chance(0.3)
            ? [Span(from: span.moment(0.5), until: span.moment(0.5 + Double(chance.within(5...20)) / 100))] : []

        let edgeNames = (1...chance.within(2...3)).map { "edge-\($0)" }
        nodes = edgeNames + (hasShield ? ["shield-1"] : [])
        let farthest = fillLog == .sent ? 20_000_000 : 24_000
        clocks = nodes.map { [fillLog] _ in
            let offset = Int64(chance.within(-farthest...farthest))
            return NodeClock(offset: offset, drift: fillLog == .sent ? chance.within(-10...10) : 0)
        }

        var faultPlan = FaultPlan(span, edges: edgeNames, chance: chance.split())
        faults = options.isFaulty ? faultPlan.faults() : []
        rollouts = faultPlan.rollouts(faults)
        favoured = chance.chance(0.5) ? (chance.below(edgeNames.count), chance.pick(Self.kinds)) : nil
    }
}

/// Stretches of time one after the other, without what lies between them.
struct Stretches: Sendable {
    let all: [Span]

    init(_ all: [Span]) { self.all = all }

    /// The time at a share of them, from 0 to 1.
    func moment(_ share: Double) -> Instant {
        let place = min(max(share, 0), 0.999_999) * Double(all.count)
        guard let from = all[Int(place)].from, let until = all[Int(place)].until else { return IncidentPlan.start }
        return from + Int64((place - place.rounded(.down)) * Double(until - from))
    }
}
