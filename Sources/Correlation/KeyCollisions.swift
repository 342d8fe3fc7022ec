public import LogRecords

/// The cache keys under which frames of several owners were filled: exposures waiting to happen, seen from the fills
/// alone.
///
/// Fills are read twice: first to `notice` which keys have several owners, then to `add` what was filled under those.
/// The origin's 304 fills nothing and is not counted.
public struct KeyCollisions: Sendable {
    /// A key of a node.
    public struct Place: Hashable, Sendable {
        public var node: NameID
        public var key: NameID
    }

    /// What was filled under one key of one node.
    public struct Collision: Sendable {
        public var place: Place
        public var owners = 0
        public var cameras = 0
        public var fills = 0
        /// Time stamps of the first and last fill, microseconds.
        public var first: Int64
        public var last: Int64
        /// The first fill that makes the owners several.
        public var since: Int64
        public var sinceFill: EventID
        /// The version that its line states.
        public var version: NameID
    }

    private struct Owned: Sendable {
        var owner: NameID
        var stamp: Int64
        var tieBreak: Int64
        var id: EventID
        var version: NameID
    }
    private struct Filled: Sendable {
        var cameras: Set<NameID> = []
        var fills = 0
        var first = Int64.max
        var last = Int64.min
        /// Of each owner the first fill.
        var owners: [NameID: Owned] = [:]

        mutating func add(_ fill: Fill, _ origins: [FrameOrigin], _ tieBreak: Int64) {
            let stamp = fill.time.stamp
            fills += 1
            first = min(first, stamp)
            last = max(last, stamp)
            for origin in origins {
                if origin.camera.isPresent { cameras.insert(origin.camera) }
                guard origin.owner.isPresent else { continue }
                if let known = owners[origin.owner], (known.stamp, known.tieBreak) <= (stamp, tieBreak) { continue }
                owners[origin.owner] = Owned(
                    owner: origin.owner, stamp: stamp, tieBreak: tieBreak, id: fill.id, version: fill.version)
            }
        }
    }

    /// By key: its owner, or absent once there are several.
    private var owner = NameMap<NameID>()
    private var filled: [Place: Filled] = [:]
    private let directory: Directory

    public init(_ directory: Directory) { self.directory = directory }

    /// Takes note of a fill's owner, in any order.
    public mutating func notice(_ fill: Fill) {
        guard fill.key.isPresent, fill.kind != .revalidated else { return }
        for origin in fill.origins(directory) where origin.owner.isPresent {
            if let place = owner.place(of: fill.key) {
                if owner.values[place] != origin.owner { owner.update(place) { $0 = .absent } }
            } else {
                owner.append(fill.key, origin.owner)
            }
        }
    }

    /// Whether any key has several owners, on one node or on several.
    public var isAny: Bool { owner.values.contains(.absent) }

    /// Takes note of a fill, after all were noticed, in any order.
    ///
    /// - Parameter tieBreak: orders fills of one moment.
    public mutating func add(_ fill: Fill, tieBreak: Int64) {
        guard fill.key.isPresent, fill.kind != .revalidated, owner[fill.key] == .absent else { return }
        let origins = fill.origins(directory)
        filled[Place(node: fill.node, key: fill.key), default: Filled()].add(fill, origins, tieBreak)
    }

    /// The collisions, in no order that means anything.
    public var all: [Collision] {
        filled.compactMap { place, filled in
            // The second owner's first fill; of owners' first fills at one moment the tie-break decides.
            let firsts = filled.owners.values.sorted { ($0.stamp, $0.tieBreak) < ($1.stamp, $1.tieBreak) }
            guard firsts.count > 1 else { return nil }
            return Collision(
                place: place, owners: firsts.count, cameras: filled.cameras.count, fills: filled.fills,
                first: filled.first, last: filled.last, since: firsts[1].stamp, sinceFill: firsts[1].id,
                version: firsts[1].version)
        }
    }
}
