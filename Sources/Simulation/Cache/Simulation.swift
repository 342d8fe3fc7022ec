/// Runs a cloud's caches through time: events in, what the nodes did and handed out back. Pure, and the same each time.
struct Simulation {
    private enum Event {
        case request(Request)
        case store(CacheNode.Entry, key: String)
        case expire(frame: String, key: String)
        case purge(Request)
        case rollout(Rollout)
    }

    let world: World
    private(set) var nodes: [CacheNode]
    private(set) var deliveries: [Delivery] = []
    private var queue = EventQueue<(node: Int, event: Event)>()
    private var frames: UInt64 = 0

    /// - Parameter span: Rollouts that begin in it are noted by their nodes; earlier ones are in force from its start.
    init(world: World, nodes: [CacheNode], span: Span) {
        self.world = world
        self.nodes = nodes
        for (index, node) in nodes.enumerated() {
            for rollout in node.rollouts where span.contains(rollout.from) {
                queue.add((index, .rollout(rollout)), at: rollout.from)
            }
        }
    }

    /// - Parameter afterFills: Whether the request comes after the fills and purges of the same microsecond.
    mutating func add(_ request: Request, node: Int, at time: Instant, afterFills: Bool = true) {
        queue.add((node, .request(request)), at: time, rank: afterFills ? 2 : 0)
    }

    /// Purges the entry that would answer such a request, if there is one.
    mutating func addPurge(like request: Request, node: Int, at time: Instant) {
        queue.add((node, .purge(request)), at: time)
    }

    /// Lets everything happen.
    mutating func run() {
        while let (now, (index, event)) = queue.next() {
            switch event {
            case .request(let request): answer(request, node: index, at: now)
            case .store(let entry, let key):
                let end = nodes[index].store(entry, key: key)
                queue.add((index, .expire(frame: entry.frame.id, key: key)), at: end)
            case .expire(let frame, let key): nodes[index].expire(frame, key: key, at: now)
            case .purge(let request): nodes[index].purge(keyOf: request, at: now, world: world)
            case .rollout(let rollout): nodes[index].begin(rollout)
            }
        }
    }

    private mutating func answer(_ request: Request, node index: Int, at now: Instant) {
        var frame = frames
        let answer = nodes[index].receive(request, at: now, world: world) {
            frame += 1
            return Self.frameID(frame)
        }
        frames = frame
        switch answer {
        case .done(let delivery): deliveries.append(delivery)
        case .later(let time): queue.add((index, .request(request)), at: time)
        case .fetching(let entry, let key, let delivery):
            deliveries.append(delivery)
            queue.add((index, .store(entry, key: key)), at: entry.frame.filled)
        }
    }

    /// The n-th frame's id: an odd multiplier spreads the numbers over 40 bits without a repetition.
    private static func frameID(_ number: UInt64) -> String {
        let spread = (number &* 0x9E_3779_B97F &+ 0x51_ED27_0B1D) & 0xFF_FFFF_FFFF
        let digits = String(spread, radix: 16)
        return "f-" + String(repeating: "0", count: 10 - digits.count) + digits
    }
}
