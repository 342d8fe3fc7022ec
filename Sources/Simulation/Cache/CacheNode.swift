/// One cache of the cloud: its entries by key, the log of what it did, and what it handed out.
struct CacheNode: Sendable {
    /// How a node behaves, whatever its software.
    struct Habits: Sendable {
        /// The least distance between a change of a key and anything else on that key; 0 lets all things meet.
        var calm: Microseconds = 0
        /// How long an entry may be served past its fresh time.
        var grace: Microseconds = .seconds(20)
        /// Whether a stale delivery has the frame fetched anew in the background.
        var refreshesStale = false
        /// How long a right that has ended is still honoured.
        var revocationLag: Microseconds = 0
        /// The share of the fills whose line names the owner.
        var statedOwners = 0.5
        /// From when on which client gets nothing.
        var suspension: (client: Client, from: Instant)?
    }

    struct Entry: Sendable {
        let frame: Frame
        let lifetime: Int
        let freshUntil: Instant
        let dropped: Instant
    }

    /// What becomes of a request.
    enum Answer {
        case done(Delivery)
        /// The node fetches a frame and stores it later; the delivery carries it, or a stale one meanwhile.
        case fetching(Entry, key: String, Delivery)
        /// Ask again at that time.
        case later(Instant)
    }

    let name: String
    let rollouts: [Rollout]
    let habits: Habits
    private var chance: SplitMix64
    private var entries: [String: Entry] = [:]
    private var pending: [String: Entry] = [:]
    private var lastChange: [String: Instant] = [:]
    private var lastUse: [String: Instant] = [:]
    private(set) var events: [CacheEvent] = []

    /// - Parameter rollouts: All of the cloud's; those of other nodes are left out.
    init(name: String, rollouts: [Rollout], habits: Habits, chance: SplitMix64) {
        self.name = name
        self.rollouts = rollouts.filter { $0.node == nil || $0.node == name }.sorted { $0.from < $1.from }
        self.habits = habits
        self.chance = chance
    }

    /// The rollout in force at a time.
    ///
    /// - Precondition: One began before it.
    func rollout(at time: Instant) -> Rollout {
        guard let rollout = rollouts.last(where: { $0.from <= time }) else {
            preconditionFailure("no rollout on \(name) at \(time.text)")
        }
        return rollout
    }

    /// Answers a request that arrives now.
    mutating func receive(_ request: Request, at now: Instant, world: World, nextFrame: () -> String) -> Answer {
        if let again = lullOfRollout(now, now + request.duration) { return .later(again) }
        let rule = rollout(at: now).rule
        let (key, lifetime) = rule.key(for: request, model: world.model(of: request.camera))
        guard isAllowed(request, at: now, world: world) else {
            return .done(delivery(of: request, at: now, key: key, verdict: nil, status: 403, frame: nil))
        }
        if let again = lullOfKey(key, now, now + request.duration) { return .later(again) }
        lastUse[key] = max(lastUse[key] ?? now, now + request.duration)
        if let entry = entries[key] {
            return serve(entry, to: request, at: now, key: key, world: world, nextFrame: nextFrame)
        }
        if habits.calm == 0, let entry = pending[key], chance.chance(0.6) {
            return .done(wait(for: entry, request, at: now, key: key))
        }
        let entry = fetch(request, at: now, lifetime: lifetime, world: world, id: nextFrame())
        pending[key] = entry
        lastChange[key] = entry.frame.filled
        let delivery = delivery(of: request, at: now, key: key, verdict: .miss, status: 200, frame: entry.frame)
        return .fetching(entry, key: key, delivery)
    }

    /// Stores what was fetched and says when the entry ends.
    mutating func store(_ entry: Entry, key: String) -> Instant {
        if pending[key]?.frame.id == entry.frame.id { pending[key] = nil }
        entries[key] = entry
        let stated = chance.chance(habits.statedOwners)
        log(.fill(entry.frame, lifetime: entry.lifetime, statesOwner: stated), at: entry.frame.filled, key: key)
        return entry.dropped
    }

    /// Ends the entry whose time has come, if it is still the same one.
    mutating func expire(_ id: String, key: String, at now: Instant) {
        guard entries[key]?.frame.id == id else { return }
        entries[key] = nil
        log(.expire, at: now, key: key)
    }

    /// Ends by hand the entry that would answer such a request; without one, or in the midst of its use, nothing
    /// happens.
    mutating func purge(keyOf request: Request, at now: Instant, world: World) {
        let key = rollout(at: now).rule.key(for: request, model: world.model(of: request.camera)).key
        guard entries[key] != nil, habits.calm == 0 || isCalm(key, at: now) else { return }
        entries[key] = nil
        log(.purge, at: now, key: key)
    }

    /// Notes that a rollout comes into force.
    mutating func begin(_ rollout: Rollout) {
        log(.rollout, at: rollout.from, key: "")
    }
}

// MARK: - Answers

extension CacheNode {
    private func isAllowed(_ request: Request, at now: Instant, world: World) -> Bool {
        if let suspension = habits.suspension, request.client == suspension.client, now >= suspension.from {
            return false
        }
        return world.mayAsk(request.requester, for: request.camera, at: now)
            || world.mayAsk(request.requester, for: request.camera, at: now - habits.revocationLag)
    }

    private mutating func serve(
        _ entry: Entry, to request: Request, at now: Instant, key: String, world: World, nextFrame: () -> String
    ) -> Answer {
        let verdict: Verdict = now < entry.freshUntil ? .hit : .stale
        let status = request.conditional ? 304 : request.partial ? 206 : 200
        let delivery = delivery(of: request, at: now, key: key, verdict: verdict, status: status, frame: entry.frame)
        guard verdict == .stale, habits.refreshesStale, pending[key] == nil else { return .done(delivery) }
        let fresh = fetch(request, at: now, lifetime: entry.lifetime, world: world, id: nextFrame())
        pending[key] = fresh
        return .fetching(fresh, key: key, delivery)
    }

    /// A request that waits for another one's fetch and receives that frame.
    private func wait(for entry: Entry, _ request: Request, at now: Instant, key: String) -> Delivery {
        var waiting = request
        let rest = (entry.frame.filled - now) / .milliseconds(1) + 1
        waiting.duration = max(request.duration, rest * .milliseconds(1))
        waiting.detail.insert(.duration)
        return delivery(of: waiting, at: now, key: key, verdict: .hit, status: 200, frame: entry.frame)
    }

    private func fetch(_ request: Request, at now: Instant, lifetime: Int, world: World, id: String) -> Entry {
        let filled = now + request.fetch
        let frame = Frame(
            id: id, camera: request.camera, owner: world.owner(of: request.camera, at: filled), filled: filled,
            rollout: rollout(at: filled).name)
        let freshUntil = filled + .seconds(lifetime)
        return Entry(
            frame: frame, lifetime: lifetime, freshUntil: freshUntil,
            dropped: Self.nextSweep(after: freshUntil + habits.grace))
    }

    /// Entries are dropped by a sweeper that passes every ten seconds.
    private static func nextSweep(after time: Instant) -> Instant {
        time + (.seconds(10) - time.microseconds % .seconds(10))
    }

    private func delivery(
        of request: Request, at start: Instant, key: String, verdict: Verdict?, status: Int, frame: Frame?
    ) -> Delivery {
        Delivery(
            request: request, node: name, start: start, key: key, verdict: verdict, status: status, frame: frame,
            rollout: rollout(at: start + request.duration).name)
    }

    private mutating func log(_ operation: CacheEvent.Operation, at time: Instant, key: String) {
        if !key.isEmpty { lastChange[key] = max(lastChange[key] ?? time, time) }
        let version = rollout(at: time).name
        events.append(CacheEvent(time: time, node: name, key: key, operation: operation, version: version))
    }
}

// MARK: - Distance

extension CacheNode {
    /// When to ask again because a rollout comes into force around [start, end].
    private mutating func lullOfRollout(_ start: Instant, _ end: Instant) -> Instant? {
        guard habits.calm > 0 else { return nil }
        let near = rollouts.first { start < $0.from + habits.calm && end > $0.from - habits.calm }
        return near.map { afterLull($0.from) }
    }

    /// When to ask again because the key changes around [start, end], or because a fill would come too close to an
    /// earlier delivery.
    private mutating func lullOfKey(_ key: String, _ start: Instant, _ end: Instant) -> Instant? {
        guard habits.calm > 0 else { return nil }
        if let change = lastChange[key], start < change + habits.calm { return afterLull(change) }
        if let entry = entries[key] {
            return end > entry.dropped - habits.calm ? afterLull(entry.dropped) : nil
        }
        if let use = lastUse[key], start < use + habits.calm { return afterLull(use) }
        return nil
    }

    private func isCalm(_ key: String, at now: Instant) -> Bool {
        [lastUse[key], lastChange[key]].allSatisfy { $0.map { now >= $0 + habits.calm } ?? true }
    }

    /// A little after the calm that follows a time.
    private mutating func afterLull(_ time: Instant) -> Instant {
        time + habits.calm + Int64(1 + chance.below(900_000))
    }
}
