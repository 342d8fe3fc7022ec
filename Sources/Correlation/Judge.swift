import LogRecords

/// Decides about one delivery: which frames it may have carried, by the best evidence there is, and whether its
/// requester had a right to them.
public struct Judge: Sendable {
    public let directory: Directory
    var frames: FrameIndex
    let rollouts: RolloutSchedule
    private let clocks: Clocks

    public init(directory: Directory, frames: FrameIndex, rollouts: RolloutSchedule, clocks: Clocks = Clocks()) {
        self.directory = directory
        self.frames = frames
        self.rollouts = rollouts
        self.clocks = clocks
    }

    /// A frame that may have been delivered, before any question of rights.
    private struct Possibility {
        var origin: FrameOrigin
        var fill: EventID?
        var filledAt: Int64?
        var node: NameID
    }

    /// - Returns: nil for a line that carried no frame and showed none again.
    func judge(_ delivery: Delivery, entry: CacheEntry) -> Finding? {
        guard delivery.content != .none else { return nil }
        var finding = Finding(delivery: delivery.id, content: delivery.content, certainty: .unresolved)
        finding.rolloutAtDelivery = rollouts.inForce(on: delivery.node, at: delivery.time.stamp)
        guard delivery.requester.isPresent else {
            finding.cause = .noRequester
            return finding
        }
        guard let (evidence, possibilities) = possibilities(delivery, entry) else {
            finding.cause =
                delivery.key.isPresent || delivery.frame.isPresent || delivery.camera.isPresent ? .noFill : .noKey
            return finding
        }
        guard possibilities.contains(where: { $0.origin.owner.isPresent }) else {
            finding.cause = .noOwner
            return finding
        }
        finding.evidence = evidence
        decide(&finding, delivery, possibilities)
        return finding
    }

    // MARK: The ladder of evidence

    private func possibilities(_ delivery: Delivery, _ entry: CacheEntry) -> (Evidence, [Possibility])? {
        if hasOwnHeaders(delivery) {
            if delivery.owner.isPresent { return (.stated, [stated(delivery)]) }
            let named = frames.entries(delivery.frame)
            if !named.isEmpty {
                return (
                    .frame,
                    named.map { Possibility(origin: $0.origin, fill: $0.fill, filledAt: $0.filledAt, node: $0.node) }
                )
            }
        }
        if delivery.content == .redisplay { return nil }
        if delivery.cacheStatus.asksOrigin {
            let (fetched, isAll) = entry.brought(to: delivery)
            if isAll { return (.origin, fetched.flatMap(possibilities)) }
            if delivery.camera.isPresent {
                let others = fetched + entry.shared(with: delivery)
                // Requests of several nodes may have met above, for a frame that nobody stored.
                let joined = entry.above.isEmpty ? [] : entry.askers.flatMap(requested)
                return (.origin, joined + others.flatMap(possibilities) + requested(delivery))
            }
        }
        // What another request was fetching need not be stored, and then no fill tells of it.
        let joined =
            delivery.cacheStatus.isJoined ? entry.askers.filter(\.cacheStatus.asksOrigin).flatMap(requested) : []
        var found = joined + entry.candidates(for: delivery).flatMap(possibilities)
        if delivery.cacheStatus == .unknown, delivery.camera.isPresent { found += requested(delivery) }
        return found.isEmpty ? nil : (.cache, found)
    }

    /// Whether the line itself names the owner, or a frame that a fill ties to one.
    func namesItsFrame(_ delivery: Delivery) -> Bool {
        hasOwnHeaders(delivery) && (delivery.owner.isPresent || !frames.entries(delivery.frame).isEmpty)
    }

    /// Whether frame and owner on the line are those of the body.
    private func hasOwnHeaders(_ delivery: Delivery) -> Bool {
        !delivery.flags.contains(.replaceableHeaders) || delivery.cacheStatus.bringsBody
            || delivery.content == .redisplay
    }

    /// The line names the owner. Without a camera of the frame it is taken to be the requested one, if that owner ever
    /// had it; otherwise it is another of the owner's cameras, and which one is not known.
    private func stated(_ delivery: Delivery) -> Possibility {
        var camera = delivery.frameCamera
        if !camera.isPresent, directory.mayHaveOwned(delivery.owner, delivery.camera) { camera = delivery.camera }
        let origin = FrameOrigin(owner: delivery.owner, camera: camera)
        let fill = frames.entries(delivery.frame).first { $0.origin.owner == delivery.owner }
        return Possibility(
            origin: origin, fill: fill?.fill, filledAt: fill?.filledAt, node: fill?.node ?? delivery.node)
    }

    private func possibilities(_ fill: Fill) -> [Possibility] {
        fill.origins(directory).map {
            Possibility(origin: $0, fill: fill.id, filledAt: fill.time.stamp, node: fill.node)
        }
    }

    /// The requested camera's frame, fetched by this very request.
    private func requested(_ delivery: Delivery) -> [Possibility] {
        let margin = clocks.marginToDirectory(delivery.clock)
        let owners = directory.owners(
            of: delivery.camera, delivery.time.earliest - margin, delivery.time.latest + margin)
        return (owners.isEmpty ? [.absent] : owners).map {
            Possibility(
                origin: FrameOrigin(owner: $0, camera: delivery.camera), fill: nil, filledAt: delivery.time.stamp,
                node: delivery.node)
        }
    }

    // MARK: Rights

    private func decide(_ finding: inout Finding, _ delivery: Delivery, _ possibilities: [Possibility]) {
        var verdicts: Set<Entitlement> = []
        var candidates: [Candidate] = []
        let margin = clocks.marginToDirectory(delivery.clock)
        // The last one is the likeliest: fills come in order of time.
        for possibility in possibilities.reversed() {
            let right = directory.entitlement(
                of: delivery.requester, to: possibility.origin, delivery.time.earliest - margin,
                delivery.time.latest + margin)
            verdicts.insert(right)
            guard right != .entitled, possibility.origin.owner.isPresent,
                !candidates.contains(where: { $0.origin.owner == possibility.origin.owner })
            else { continue }
            let node = possibility.node.isPresent ? possibility.node : delivery.node
            candidates.append(
                Candidate(
                    origin: possibility.origin, fill: possibility.fill,
                    relation: directory.relation(
                        of: delivery.requester, to: possibility.origin, at: delivery.time.latest),
                    rolloutAtFill: possibility.filledAt.map { rollouts.inForce(on: node, at: $0) } ?? .absent))
        }
        if verdicts == [.entitled] {
            finding.certainty = .clear
            return
        }
        // Whether any of an aborted answer's body reached the client, its line does not say.
        let isSure = verdicts == [.notEntitled] && !delivery.flags.contains(.aborted)
        finding.certainty = isSure ? .certain : .possible
        finding.candidates = candidates
    }
}
