import Interning
import LogRecords

/// Decides about one delivery: which frames it may have carried, by the best evidence there is, and whether its
/// requester had a right to them.
public struct Judge: Sendable {
    public let directory: Directory
    public var frames: FrameIndex
    /// When lines could not be used that may have told fills.
    public var unreadFills = UnreadFills()
    let rollouts: RolloutSchedule
    let rules: ServingRules
    /// The deliveries that count.
    public let window: TimeWindow
    private let clocks: Clocks

    public init(
        directory: Directory, frames: FrameIndex, rollouts: RolloutSchedule, clocks: Clocks = Clocks(),
        rules: ServingRules = ServingRules(), window: TimeWindow = .all
    ) {
        self.directory = directory
        self.frames = frames
        self.rollouts = rollouts
        self.clocks = clocks
        self.rules = rules
        self.window = window
    }

    /// A frame that may have been delivered, before any question of rights.
    private struct Possibility {
        var origin: FrameOrigin
        var fill: EventID?
        var filledAt: Int64?
        var node: SymbolID
    }

    /// All that a delivery may have carried.
    private struct Carried {
        var evidence: Evidence
        /// The frame, or the first part of the body, is one of these.
        var frames: [Possibility]
        /// Further parts of the body may be of these.
        var parts: [Possibility] = []
        /// Whether it may also have been a frame of which no line tells.
        var mayBeUnknown = false
    }

    /// - Returns: nil for a line that carried no frame and showed none again, or does not count.
    func judge(_ delivery: Delivery, entry: CacheEntry) -> Finding? {
        guard delivery.content != .none, window.contains(delivery.time.stamp) else { return nil }
        var finding = Finding(delivery: delivery.id, content: delivery.content, certainty: .unresolved)
        finding.rolloutAtDelivery = rollouts.inForce(on: delivery.node, at: delivery.time.stamp)
        guard delivery.requester.isPresent else {
            finding.cause = .noRequester
            return finding
        }
        guard let carried = carried(delivery, entry) else {
            finding.cause =
                delivery.key.isPresent || delivery.frame.isPresent || delivery.camera.isPresent ? .noFill : .noKey
            return finding
        }
        guard carried.frames.contains(where: { $0.origin.owner.isPresent }) else {
            finding.cause = carried.mayBeUnknown ? .frameUnknown : .noOwner
            return finding
        }
        finding.evidence = carried.evidence
        decide(&finding, delivery, carried)
        return finding
    }

    // MARK: The ladder of evidence

    private func carried(_ delivery: Delivery, _ entry: CacheEntry) -> Carried? {
        if hasOwnHeaders(delivery) {
            if delivery.flags.contains(.mergeableHeaders), entry.mayWearForeignHeaders(delivery) {
                return servedUnderForeignHeaders(delivery, entry)
            }
            if delivery.owner.isPresent {
                return Carried(evidence: .stated, frames: [stated(delivery)], parts: parts(of: delivery, entry))
            }
            let named = frames.isWitness(delivery) ? [] : frames.entries(delivery.frame)
            if !named.isEmpty {
                if mayWearMergedHeaders(delivery) { return served(delivery, entry, orOf: named) }
                return Carried(
                    evidence: .frame,
                    frames: named.flatMap { possibilities($0) }, parts: parts(of: delivery, entry),
                    mayBeUnknown: areOthersPossible(delivery.frame))
            }
        }
        if delivery.content == .redisplay { return nil }
        return delivery.cacheStatus.asksOrigin
            ? withOthers(of: delivery, fetched(delivery, entry)) : served(delivery, entry)
    }

    /// Whether a frame that requests tell may be of an owner that none of them names.
    private func areOthersPossible(_ frame: SymbolID) -> Bool {
        frames.isToldByRequests && (rules.mayBeAnsweredAbove || frames.isCrowded(frame))
    }

    /// Whether a line names the frame of a header that may have been merged over those of the body, where no log tells of
    /// revalidations.
    private func mayWearMergedHeaders(_ delivery: Delivery) -> Bool {
        frames.isToldByRequests && delivery.content == .frame && delivery.flags.contains(.mergeableHeaders)
            && !delivery.cacheStatus.bringsBody
    }

    /// What the cache may have served from its store, or the frame that the line names.
    private func served(_ delivery: Delivery, _ entry: CacheEntry, orOf named: [FrameIndex.Entry]) -> Carried {
        let named = named.flatMap { possibilities($0) }
        guard var carried = served(delivery, entry) else {
            return Carried(evidence: .frame, frames: named, mayBeUnknown: true)
        }
        carried.frames += named
        return carried
    }

    /// What an answer brought whose line names a frame that other requests' lines name, too, for other cameras.
    private func withOthers(of delivery: Delivery, _ fetched: Carried?) -> Carried? {
        guard var carried = fetched, frames.isWitness(delivery), hasOwnHeaders(delivery) else { return fetched }
        let known = Set(carried.frames.map(\.origin))
        let others = frames.entries(delivery.frame).flatMap { possibilities($0) }.filter { !known.contains($0.origin) }
        if others.isEmpty { return carried }
        carried.evidence = .frame
        carried.frames = others + carried.frames
        if frames.isCrowded(delivery.frame) { carried.mayBeUnknown = true }
        return carried
    }

    /// What a request that asked the origin may have been given.
    private func fetched(_ delivery: Delivery, _ entry: CacheEntry) -> Carried? {
        let (fetched, isAll) = entry.brought(to: delivery)
        if isAll {
            return Carried(
                evidence: .origin, frames: fetched.flatMap { possibilities($0) }, mayBeUnknown: rules.mayBeAnsweredAbove
            )
        }
        let others = fetched + entry.shared(with: delivery)
        // Requests of several nodes may have met above, for a frame that nobody stored.
        let joined = entry.above.isEmpty ? [] : entry.askers.flatMap { requested($0) }
        let all = joined + others.flatMap { possibilities($0) }
        // The origin answered, but for which camera the line does not say.
        guard delivery.camera.isPresent else {
            return Carried(evidence: .origin, frames: all, mayBeUnknown: true)
        }
        return Carried(
            evidence: .origin, frames: all + requested(delivery),
            mayBeUnknown: rules.mayBeAnsweredAbove || others.contains(where: \.isPresumed))
    }

    /// What the cache may have served from its store.
    private func served(_ delivery: Delivery, _ entry: CacheEntry) -> Carried? {
        // What another request was fetching need not be stored, and then no fill tells of it.
        let joined =
            delivery.cacheStatus.isJoined ? entry.askers.filter(\.cacheStatus.asksOrigin).flatMap { requested($0) } : []
        let fills = entry.candidates(for: delivery)
        var found = joined + fills.flatMap { possibilities($0) }
        // Without a verdict and without a fill nothing says where the body came from.
        guard !found.isEmpty else { return nil }
        var mayBeUnknown =
            rules.isStoreUnknown || fills.contains { $0.isPresumed || frames.isCrowded($0.frame) }
        // It was given what was fetched meanwhile, and not what had been stored before.
        if joined.isEmpty, entry.lacksFetch(of: delivery) { mayBeUnknown = true }
        if namesAnother(delivery, than: fills) { mayBeUnknown = true }
        if mayHaveBeenRefilled(delivery, entry, since: fills) { mayBeUnknown = true }
        if rules.areCachesUntold, !delivery.node.isPresent, !entry.isFilled(inLogOf: delivery, fills) {
            mayBeUnknown = true
        }
        if delivery.cacheStatus == .unknown {
            if delivery.camera.isPresent { found += requested(delivery) } else { mayBeUnknown = true }
        }
        return Carried(evidence: .cache, frames: found, mayBeUnknown: mayBeUnknown)
    }

    /// Whether a fill that no line tells may have replaced what is known to have stood there: one whose line could not be used,
    /// or, where lines of fills are lost, what was fetched when the entry was found stale.
    private func mayHaveBeenRefilled(_ delivery: Delivery, _ entry: CacheEntry, since fills: [Fill]) -> Bool {
        if !unreadFills.isEmpty, let first = fills.map(\.time.earliest).min(),
            unreadFills.mayConcern(delivery.node, from: first, until: delivery.time.latest)
        {
            return true
        }
        return rules.areFillsLost && entry.wasFoundStale(before: delivery, since: fills)
    }

    /// Whether a line names a frame that no fill names, and all that can have stood there has a name.
    private func namesAnother(_ delivery: Delivery, than fills: [Fill]) -> Bool {
        frames.areLinesAlike && namesUnknownFrame(delivery)
            && fills.allSatisfy { $0.frame.isPresent && $0.frame != delivery.frame }
    }

    /// Whether a line names the frame of its body, and no fill knows it.
    func namesUnknownFrame(_ delivery: Delivery) -> Bool {
        delivery.frame.isPresent && delivery.content == .frame && hasOwnHeaders(delivery)
            && !frames.holds(delivery.frame)
    }

    /// What an answer from the store carried whose headers a revalidation may have put over those of the body: the frame that
    /// they name, or one that can have stood there.
    private func servedUnderForeignHeaders(_ delivery: Delivery, _ entry: CacheEntry) -> Carried? {
        var found = entry.everStored(until: delivery).flatMap { possibilities($0) }
        if delivery.owner.isPresent {
            found.append(stated(delivery))
        } else {
            found += frames.entries(delivery.frame).flatMap { possibilities($0) }
        }
        return found.isEmpty ? nil : Carried(evidence: .cache, frames: found)
    }

    /// The frames that further parts of a body may be of, whose headers are the first part's.
    private func parts(of delivery: Delivery, _ entry: CacheEntry) -> [Possibility] {
        guard rules.areBodiesInParts, delivery.content == .frame else { return [] }
        return entry.everStored(until: delivery).flatMap { possibilities($0) }
    }

    /// Whether the line itself names the owner, or a frame that a fill ties to one.
    func namesItsFrame(_ delivery: Delivery) -> Bool {
        hasOwnHeaders(delivery)
            && (delivery.owner.isPresent || frames.holds(delivery.frame) && !frames.isWitness(delivery))
    }

    /// Whether a line asked the origin for a frame that another camera's request brought, too.
    func namesFrameOfSeveral(_ delivery: Delivery) -> Bool {
        frames.isWitness(delivery) && hasOwnHeaders(delivery) && frames.entries(delivery.frame).count > 1
    }

    /// Whether frame and owner on the line are those of the body.
    private func hasOwnHeaders(_ delivery: Delivery) -> Bool {
        !delivery.flags.contains(.replaceableHeaders) || delivery.cacheStatus.bringsBody
            || delivery.content == .redisplay
    }

    /// The line names the owner. Without a camera of the frame it is the one that a cache's or an origin's log names for the frame, or is
    /// taken to be the requested one, if that owner ever had it; otherwise it is another of the owner's cameras, and which one is
    /// not known.
    private func stated(_ delivery: Delivery) -> Possibility {
        let entries = frames.entries(delivery.frame)
        let fill = entries.first { $0.origin.owner == delivery.owner }
        var camera = delivery.frameCamera
        if !camera.isPresent, let told = fill?.origin, !frames.isToldByRequests,
            entries.allSatisfy({ $0.origin.owner != told.owner || $0.origin.camera == told.camera })
        {
            camera = told.camera
        }
        if !camera.isPresent, directory.mayHaveOwned(delivery.owner, delivery.camera) { camera = delivery.camera }
        let origin = FrameOrigin(owner: delivery.owner, camera: camera)
        return Possibility(
            origin: origin, fill: fill?.fill, filledAt: fill?.filledAt, node: fill?.node ?? delivery.node)
    }

    private func possibilities(_ fill: Fill) -> [Possibility] {
        let own = fill.origins(directory, margin: clocks.marginToDirectory(fill.clock)).map {
            Possibility(origin: $0, fill: fill.id, filledAt: fill.time.stamp, node: fill.node)
        }
        guard frames.isToldByRequests, fill.frame.isPresent else { return own }
        // Another camera's request brought a frame of the same name.
        let named = frames.entries(fill.frame)
        if named.count < 2 { return own }
        let known = Set(own.map(\.origin))
        return named.flatMap { possibilities($0) }.filter { !known.contains($0.origin) } + own
    }

    /// What a fill says of a frame that a line names; of a camera that was sold, the margin of the clocks may reach to another
    /// owner.
    private func possibilities(_ entry: FrameIndex.Entry) -> [Possibility] {
        let (origin, at) = (entry.origin, entry.filledAt)
        var owners = [origin.owner]
        if directory.wasSold(origin.camera) {
            let margin = max(clocks.marginToDirectory(entry.node), clocks.skew)
            let near = directory.owners(of: origin.camera, at - margin, at + margin)
            // Else the fill itself says whose it was.
            if near.contains(origin.owner) { owners = near }
        }
        return owners.map {
            Possibility(
                origin: FrameOrigin(owner: $0, camera: origin.camera), fill: entry.fill, filledAt: at, node: entry.node)
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

    private func decide(_ finding: inout Finding, _ delivery: Delivery, _ carried: Carried) {
        var verdicts: Set<Entitlement> = []
        var partVerdicts: Set<Entitlement> = []
        var candidates = OwnerList()
        // The last one is the likeliest: fills come in order of time.
        for possibility in carried.frames.reversed() {
            let right = right(of: delivery, to: possibility)
            verdicts.insert(right)
            add(possibility, right, delivery, to: &candidates)
        }
        for possibility in carried.parts.reversed() {
            let right = right(of: delivery, to: possibility)
            partVerdicts.insert(right)
            add(possibility, right, delivery, to: &candidates)
        }
        let isInDoubt = isInDoubt(delivery)
        guard verdicts.union(partVerdicts) != [.entitled] else {
            if carried.mayBeUnknown {
                finding.cause = .frameUnknown
            } else if isInDoubt {
                finding.cause = .requesterInDoubt
            } else {
                finding.certainty = .clear
            }
            return
        }
        // Whether any of an aborted answer's body reached the client, its line does not say.
        let isSure =
            verdicts == [.notEntitled] && !carried.mayBeUnknown && !isInDoubt && !delivery.flags.contains(.aborted)
            && !rules.doubts.concern(delivery.requester, candidates.candidates)
            && !(rules.mayCountTwice && delivery.flags.contains(.mayBeRepeat))
        finding.candidates = candidates.candidates
        let unnamed = (carried.frames + carried.parts).filter { !$0.origin.owner.isPresent }
        // Nothing but unknown frames beside those that the requester had a right to.
        if finding.candidates.isEmpty, !unnamed.contains(where: { $0.origin.camera.isPresent }) {
            finding.cause = carried.mayBeUnknown ? .frameUnknown : .noOwner
            return
        }
        finding.certainty = isSure ? .certain : .possible
        finding.mayBeOfUnnamed = carried.mayBeUnknown || !unnamed.isEmpty
    }

    /// Owners who may be exposed, each once, the likeliest first.
    private struct OwnerList {
        private(set) var candidates: [Candidate] = []
        /// Those of many; of few, to go through them is quicker.
        private var owners: Set<SymbolID> = []
        private static let few = 16

        func contains(_ owner: SymbolID) -> Bool {
            candidates.count < Self.few
                ? candidates.contains { $0.origin.owner == owner } : owners.contains(owner)
        }

        mutating func append(_ candidate: Candidate) {
            candidates.append(candidate)
            if candidates.count == Self.few {
                owners = Set(candidates.map(\.origin.owner))
            } else if candidates.count > Self.few {
                owners.insert(candidate.origin.owner)
            }
        }
    }

    /// Whether it is not known for sure who received a delivery.
    func isInDoubt(_ delivery: Delivery) -> Bool {
        delivery.flags.contains(.requesterInDoubt) || rules.doubts.concern(delivery)
    }

    private func right(of delivery: Delivery, to possibility: Possibility) -> Entitlement {
        let margin = clocks.marginToDirectory(delivery.clock)
        return directory.entitlement(
            of: delivery.requester, to: possibility.origin, delivery.time.earliest - margin,
            delivery.time.latest + margin)
    }

    /// Adds an owner who may be exposed, each once.
    private func add(
        _ possibility: Possibility, _ right: Entitlement, _ delivery: Delivery, to candidates: inout OwnerList
    ) {
        guard right != .entitled, possibility.origin.owner.isPresent,
            !candidates.contains(possibility.origin.owner)
        else { return }
        let node = possibility.node.isPresent ? possibility.node : delivery.node
        candidates.append(
            Candidate(
                origin: possibility.origin, fill: possibility.fill,
                relation: directory.relation(of: delivery.requester, to: possibility.origin, at: delivery.time.latest),
                rolloutAtFill: possibility.filledAt.map { rollouts.inForce(on: node, at: $0) } ?? .absent))
    }
}
