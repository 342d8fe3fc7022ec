/// The definitions of Docs/Correlation.md written down as plainly as they can be: every delivery looks at every fill,
/// every purge, every grant. Shares nothing with the correlation, and is slow.
struct Oracle {
    enum Verdict: Equatable {
        case noDelivery
        case clear
        case unresolved
        /// Certain or possible, and the accounts that may be the owner whom it exposes.
        case exposure(isCertain: Bool, owners: Set<Int>)
    }

    private struct Origin: Hashable {
        var owner: Int?
        var camera: Int?
    }
    private enum Right {
        case yes, no, open
    }

    let world: SmallWorld

    func judge(_ delivery: SmallWorld.Delivery) -> Verdict {
        let isRedisplay = delivery.status == 304
        guard carriesFrame(delivery) || isRedisplay else { return .noDelivery }
        let (origins, mayBeUnknown) = delivery.requester == nil ? ([], false) : origins(delivery, isRedisplay)
        guard let requester = delivery.requester, origins.contains(where: { $0.owner != nil }) else {
            return isRedisplay ? .noDelivery : .unresolved
        }
        let interval = byDirectory(interval(delivery))
        let rights = origins.map { right(requester, $0, interval) }
        if rights.allSatisfy({ $0 == .yes }) {
            return isRedisplay ? .noDelivery : mayBeUnknown ? .unresolved : .clear
        }
        let open = zip(origins, rights).filter { $0.1 != .yes }.map(\.0)
        let owners = Set(open.compactMap(\.owner))
        // Only unknown frames beside those that it was entitled to.
        if owners.isEmpty, open.allSatisfy({ $0.camera == nil }) { return isRedisplay ? .noDelivery : .unresolved }
        return .exposure(isCertain: !mayBeUnknown && rights.allSatisfy { $0 == .no }, owners: owners)
    }

    // MARK: Evidence

    private func carriesFrame(_ delivery: SmallWorld.Delivery) -> Bool {
        [200, 206].contains(delivery.status) && delivery.bytes > 0
    }

    /// What it may have carried, as far as any line tells, and whether it may also have been something of which none does.
    private func origins(_ delivery: SmallWorld.Delivery, _ isRedisplay: Bool) -> ([Origin], mayBeUnknown: Bool) {
        if let owner = delivery.owner {
            // A camera that others are listed for, and this owner never, is not the one whose frame it was.
            let listed = world.ownerships.filter { $0.camera == delivery.camera }.map(\.owner)
            let requested = listed.isEmpty || listed.contains(owner) ? delivery.camera : nil
            // Which of its cameras the frame is of, fills may say that name it.
            let named = world.fills.filter { delivery.frame != nil && $0.frame == delivery.frame }.flatMap(origins)
            let told = Set(named.filter { $0.owner == owner }.map(\.camera))
            let filled = told.count == 1 ? told.first ?? nil : nil
            return ([Origin(owner: owner, camera: delivery.frameCamera ?? filled ?? requested)], false)
        }
        if let frame = delivery.frame {
            let named = world.fills.filter { $0.frame == frame }.flatMap(origins)
            if !named.isEmpty { return (named, false) }
        }
        if isRedisplay { return ([], false) }
        let requested = delivery.camera.map { camera in
            owners(camera, byDirectory(interval(delivery))).map { Origin(owner: $0, camera: camera) }
        }
        if delivery.cache == "MISS" {
            let stored = storedMeanwhile(delivery)
            if stored.count == 1, isOnlyAsker(delivery) { return (stored.flatMap(origins), false) }
            guard let requested else { return (stored.flatMap(origins), true) }
            return (
                stored.contains { $0.camera == delivery.camera } ? requested : requested + stored.flatMap(origins),
                false
            )
        }
        let cached = candidates(delivery)
        if cached.isEmpty { return ([], false) }
        let found = cached.flatMap { origins($0.fill, $0.filled) }
        let isLost =
            cached.contains { $0.mayBeUnknown } || namesAnother(delivery, than: cached)
            || areFillsLost && wasFoundStale(before: delivery, since: cached)
        guard delivery.cache == nil else { return (found, isLost) }
        return (found + (requested ?? []), isLost || requested == nil)
    }

    /// Whether so many fetches have no fill beside them, more than one in two hundred, that others may lack theirs too.
    private var areFillsLost: Bool {
        let fetches = world.deliveries.filter { $0.cache == "MISS" && carriesFrame($0) }
        let lost = fetches.filter { $0.key != nil && $0.requester != nil && storedMeanwhile($0).isEmpty }
        return lost.count * 200 > fetches.count
    }

    /// Whether a request after all that is known to have stood there found nothing fresh: what it set off may have come instead.
    private func wasFoundStale(before delivery: SmallWorld.Delivery, since cached: [Candidate]) -> Bool {
        world.deliveries.contains { other in
            other.key == delivery.key && other.node == delivery.node && ["MISS", "STALE"].contains(other.cache)
                && interval(other).upperBound < interval(delivery).lowerBound
                && cached.allSatisfy { $0.filled.upperBound < interval(other).lowerBound }
        }
    }

    /// Whether its line names a frame that is none of those that can have stood there, as far as names are given alike: some
    /// line names a frame that a fill names.
    private func namesAnother(_ delivery: SmallWorld.Delivery, than cached: [Candidate]) -> Bool {
        guard let frame = delivery.frame else { return false }
        let filled = Set(world.fills.compactMap(\.frame))
        return world.deliveries.contains { $0.frame.map(filled.contains) ?? false }
            && cached.allSatisfy { $0.fill.frame != nil && $0.fill.frame != frame }
    }

    /// A fill, or what stands for one that has no line.
    private struct Candidate {
        var fill: SmallWorld.Fill
        var filled: ClosedRange<Int>
        var isLogged: Bool
        /// Whether it may have been another frame.
        var mayBeUnknown = false
    }

    /// The fills under a delivery's key on its node: those with a line, and one for each request that fetched a frame for an
    /// account while no fill was.
    private func fills(_ delivery: SmallWorld.Delivery) -> [Candidate] {
        let logged = world.fills.filter { $0.key == delivery.key && $0.node == delivery.node }
        let fetches = world.deliveries.filter {
            $0.key == delivery.key && $0.node == delivery.node && $0.cache == "MISS" && carriesFrame($0)
                && $0.requester != nil && storedMeanwhile($0).isEmpty
        }
        return logged.map { Candidate(fill: $0, filled: interval($0), isLogged: true) }
            + fetches.map { fetch in
                Candidate(
                    fill: SmallWorld.Fill(
                        time: fetch.time, resolution: fetch.resolution, node: fetch.node, key: fetch.key ?? 0,
                        frame: fetch.frame,
                        camera: fetch.owner == nil ? fetch.camera : fetch.frameCamera, owner: fetch.owner),
                    filled: interval(fetch), isLogged: false, mayBeUnknown: fetch.owner == nil)
            }
    }

    /// The fills under a delivery's key on its node that may have been while it was under way.
    private func storedMeanwhile(_ delivery: SmallWorld.Delivery) -> [SmallWorld.Fill] {
        world.fills.filter {
            $0.key == delivery.key && $0.node == delivery.node && interval($0).overlaps(interval(delivery))
        }
    }

    /// Whether no other request of the node for the key may have asked the origin meanwhile.
    private func isOnlyAsker(_ delivery: SmallWorld.Delivery) -> Bool {
        let others = world.deliveries.filter {
            $0.key == delivery.key && $0.node == delivery.node && $0.cache != "HIT"
                && (interval($0).overlaps(interval(delivery)) || $0.cache == "STALE" && mayStillRefresh($0, delivery))
        }
        return others.count == 1
    }

    /// Whether what a stale answer set off may go on while a later request is under way: for a minute at most.
    private func mayStillRefresh(_ stale: SmallWorld.Delivery, _ delivery: SmallWorld.Delivery) -> Bool {
        let (before, now) = (interval(stale), interval(delivery))
        return before.lowerBound <= now.upperBound && before.upperBound >= now.lowerBound - 60_000_000
    }

    private func origins(_ fill: SmallWorld.Fill) -> [Origin] { origins(fill, interval(fill)) }

    private func origins(_ fill: SmallWorld.Fill, _ filled: ClosedRange<Int>) -> [Origin] {
        if let owner = fill.owner { return [Origin(owner: owner, camera: fill.camera)] }
        guard let camera = fill.camera else { return [Origin(owner: nil, camera: nil)] }
        return owners(camera, byDirectory(filled)).map { Origin(owner: $0, camera: camera) }
    }

    /// Whoever owned it in the interval; one unknown owner if nobody did.
    private func owners(_ camera: Int, _ interval: ClosedRange<Int>) -> [Int?] {
        let owners = world.ownerships.filter { $0.camera == camera && isLive($0.owned, somewhereIn: interval) }.map(
            \.owner)
        return owners.isEmpty ? [nil] : Set(owners).map { $0 }
    }

    private func candidates(_ delivery: SmallWorld.Delivery) -> [Candidate] {
        guard let key = delivery.key else { return [] }
        let whole = interval(delivery)
        let lookedUp =
            delivery.cache == "STALE" && delivery.duration != nil
            ? whole.lowerBound...(whole.upperBound - (delivery.duration ?? 0) * 1000) : whole
        let fills = fills(delivery)
        let purges = world.purges.filter { $0.key == key && $0.node == delivery.node }
        return fills.filter { fill in
            let filled = fill.filled
            if filled.lowerBound > lookedUp.upperBound { return false }
            guard filled.upperBound < lookedUp.lowerBound else { return true }
            let isReplaced = fills.contains { other in
                other.isLogged && other.filled.lowerBound > filled.upperBound
                    && other.filled.upperBound < lookedUp.lowerBound
            }
            let isPurged = purges.contains { $0.time > filled.upperBound && $0.time < lookedUp.lowerBound }
            return !isReplaced && !isPurged
        }
    }

    // MARK: Time

    private func interval(_ fill: SmallWorld.Fill) -> ClosedRange<Int> {
        let stamp = floor(fill.time, fill.resolution)
        return stamp...(stamp + fill.resolution - 1)
    }

    /// The stamp marks the end; a duration in whole milliseconds reaches back, up to a millisecond further.
    private func interval(_ delivery: SmallWorld.Delivery) -> ClosedRange<Int> {
        let stamp = floor(delivery.time, delivery.resolution)
        let back = delivery.duration.map { $0 * 1000 + 999 } ?? 0
        return (stamp - back)...(stamp + delivery.resolution - 1)
    }

    /// Nothing ties the nodes' clocks to the one by which rights begin and end: 50 ms may lie between them.
    private func byDirectory(_ interval: ClosedRange<Int>) -> ClosedRange<Int> {
        (interval.lowerBound - 50_000)...(interval.upperBound + 50_000)
    }

    private func floor(_ time: Int, _ resolution: Int) -> Int {
        let all = SmallWorld.epoch + time
        return all - all % resolution - SmallWorld.epoch
    }

    private func isLive(_ interval: SmallWorld.Interval, at time: Int) -> Bool {
        (interval.from.map { $0 <= time } ?? true) && (interval.until.map { time < $0 } ?? true)
    }

    private func isLive(_ interval: SmallWorld.Interval, somewhereIn range: ClosedRange<Int>) -> Bool {
        (interval.from.map { $0 <= range.upperBound } ?? true) && (interval.until.map { range.lowerBound < $0 } ?? true)
    }

    // MARK: Rights

    private func right(_ requester: Int, _ origin: Origin, _ interval: ClosedRange<Int>) -> Right {
        guard let owner = origin.owner else { return .open }
        if owner == requester { return .yes }
        let grants = world.grants.filter { $0.owner == owner && $0.grantee == requester }
        guard let camera = origin.camera else {
            return grants.contains { isLive($0.live, somewhereIn: interval) } ? .open : .no
        }
        // A right can only change where a grant begins or ends: look at every such moment, and at both ends.
        let ours = grants.filter { $0.camera == camera }
        let edges = ours.flatMap { [$0.live.from, $0.live.until].compactMap { $0 } }.flatMap { [$0 - 1, $0] }
        let moments = ([interval.lowerBound, interval.upperBound] + edges).filter { interval.contains($0) }
        let live = moments.map { moment in
            guard ours.contains(where: { isLive($0.live, at: moment) }) else { return Right.no }
            let isOutdated = ours.contains { row in
                isLive(row.live, at: moment)
                    && ours.contains { !isLive($0.live, at: moment) && areVersions(row.live, $0.live) }
            }
            return isOutdated ? .open : .yes
        }
        return live.allSatisfy { $0 == .yes } ? .yes : live.contains { $0 != .no } ? .open : .no
    }

    /// Whether two rows that overlap begin together, or one lies in the other: of one right in one file they are versions, and which
    /// is the last is not known.
    private func areVersions(_ one: SmallWorld.Interval, _ other: SmallWorld.Interval) -> Bool {
        let (from, until) = (one.from ?? .min, one.until ?? .max)
        let (start, end) = (other.from ?? .min, other.until ?? .max)
        guard max(from, start) < min(until, end) else { return false }
        return from == start || (from <= start && end <= until) || (start <= from && until <= end)
    }
}
