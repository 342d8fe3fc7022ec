public import LogRecords

/// The cache keys under which frames of several owners were filled between two purges: exposures waiting to happen, seen
/// from the fills alone.
///
/// Fills are read more than once: first to `notice` which keys have several owners; then, when the purges are known, to
/// `add` what was filled under those, or under some of them at a time. The origin's 304 fills nothing and is not counted.
/// An expiry parts nothing: it ends an entry, and the next one comes under the same key.
public struct KeyCollisions: Sendable {
    /// A key of a node.
    public struct Place: Hashable, Sendable {
        public var node: SymbolID
        public var key: SymbolID

        public init(node: SymbolID, key: SymbolID) {
            self.node = node
            self.key = key
        }
    }

    /// What was filled under one key of one node, where several owners' frames were.
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
        public var version: SymbolID

        public init(
            place: Place, owners: Int, cameras: Int, fills: Int, first: Int64, last: Int64, since: Int64,
            sinceFill: EventID, version: SymbolID
        ) {
            self.place = place
            self.owners = owners
            self.cameras = cameras
            self.fills = fills
            self.first = first
            self.last = last
            self.since = since
            self.sinceFill = sinceFill
            self.version = version
        }
    }

    /// Known only once all fills are noticed.
    public var clocks = Clocks()
    /// By key: its first owner's number; 0 while none is known.
    private var owner = NameNumbers()
    /// The keys that have several owners.
    private var shared = SymbolSet()
    private var histories: [Place: History] = [:]
    /// Which of how many parts of the keys are taken.
    private var part = (number: 0, count: 1)
    private let directory: Directory

    public init(_ directory: Directory) { self.directory = directory }

    /// Takes note of a fill's owner, in any order.
    public mutating func notice(_ fill: Fill) {
        guard fill.key.isPresent, fill.kind != .revalidated else { return }
        let origin = fill.soleOrigin(directory)
        // Of several owners none is the key's own; of an unknown one nothing is known.
        let sole = origin?.owner ?? .absent
        if origin != nil, !sole.isPresent { return }
        let known = owner[fill.key]
        if known == 0, sole.isPresent {
            owner[fill.key] = sole.rawValue
        } else if known != sole.rawValue || !sole.isPresent {
            shared.insert(fill.key)
        }
    }

    /// Gives back what only noticing takes, four bytes a name, once all fills are noticed.
    public mutating func endNoticing() { owner = NameNumbers() }

    /// Takes note of a purge, after all fills were noticed, in any order. One that may have been another node's parts
    /// nothing for sure.
    public mutating func add(_ purge: Purge) {
        guard !purge.isExpiry, shared.contains(purge.key) else { return }
        histories[Place(node: purge.node, key: purge.key), default: History()].add(
            .init(time: clocks.corrected(purge.time, purge.clock), clock: purge.clock))
    }

    /// Keys with several owners of which all is kept at once; what was filled under one takes 700 bytes, or more.
    public static let keysAtOnce = 200_000

    /// Parts of the keys, made one by one, after all purges: the collisions of them all are those of the whole.
    ///
    /// - Parameter atOnce: about how many keys with several owners a part has at most.
    public func parts(atOnce: Int = keysAtOnce) -> some Sequence<KeyCollisions> {
        let count = (shared.count + atOnce - 1) / atOnce
        return (0..<count).lazy.map { number in
            var some = self
            some.part = (number, count)
            some.histories = histories.filter { some.includes($0.key.key) }
            return some
        }
    }

    private func includes(_ key: SymbolID) -> Bool {
        guard shared.contains(key) else { return false }
        // Names of keys come in turns with others, so their numbers alone would not make parts of one size.
        let mixed = UInt64(UInt32(bitPattern: key.rawValue) &* 0x9E37_79B1)
        return (mixed * UInt64(part.count)) >> 32 == UInt64(part.number)
    }

    /// Takes note of a fill, after all purges, in any order.
    ///
    /// - Parameter tieBreak: orders fills of one moment.
    public mutating func add(_ fill: Fill, tieBreak: Int64) {
        guard fill.kind != .revalidated, includes(fill.key) else { return }
        let origins = fill.origins(directory, margin: 0)
        histories[Place(node: fill.node, key: fill.key), default: History()].add(fill, origins, tieBreak, clocks)
    }

    /// The collisions, in no order that means anything.
    public var all: [Collision] {
        histories.compactMap { place, history in
            let colliding = history.stretches.filter { $0.owners.count > 1 }
            guard let since = colliding.compactMap(\.second).min(by: { $0.isBefore($1) }) else { return nil }
            let whole = colliding.dropFirst().reduce(into: colliding[0]) { $0.add($1) }
            return Collision(
                place: place, owners: whole.owners.count, cameras: whole.cameras.count, fills: whole.fills,
                first: whole.first, last: whole.last, since: since.stamp, sinceFill: since.id, version: since.version)
        }
    }
}

extension KeyCollisions {
    /// The first fill of an owner's frame.
    fileprivate struct First: Sendable {
        var stamp: Int64
        var tieBreak: Int64
        var id: EventID
        var version: SymbolID

        func isBefore(_ other: First) -> Bool { (stamp, tieBreak) < (other.stamp, other.tieBreak) }
    }

    /// What was filled under a key of a node between two purges.
    fileprivate struct Filled: Sendable {
        var cameras: Set<SymbolID> = []
        var fills = 0
        var first = Int64.max
        var last = Int64.min
        var owners: [SymbolID: First] = [:]

        /// The second owner's first fill; of owners' first fills at one moment the tie-break decides.
        var second: First? { owners.values.sorted { $0.isBefore($1) }.dropFirst().first }

        mutating func add(_ fill: Fill, _ origins: [FrameOrigin], _ tieBreak: Int64) {
            let stamp = fill.time.stamp
            var one = Filled(fills: 1, first: stamp, last: stamp)
            for origin in origins {
                if origin.camera.isPresent { one.cameras.insert(origin.camera) }
                guard origin.owner.isPresent else { continue }
                one.owners[origin.owner] = First(
                    stamp: stamp, tieBreak: tieBreak, id: fill.id, version: fill.version)
            }
            add(one)
        }

        mutating func add(_ other: Filled) {
            cameras.formUnion(other.cameras)
            fills += other.fills
            first = min(first, other.first)
            last = max(last, other.last)
            owners.merge(other.owners) { $1.isBefore($0) ? $1 : $0 }
        }
    }

    /// The fills under a key of a node, parted by its purges.
    fileprivate struct History: Sendable {
        struct Cut: Sendable {
            var time: EventTime
            var clock: SymbolID
        }

        private var purges: [Cut] = []
        /// By how many purges surely came before.
        private var filled: [Int: Filled] = [:]
        /// The purges that part nothing for sure, for a fill may have come on either side of them.
        private var unsure: Set<Int> = []

        /// One that holds another within its interval parts nothing that the other does not, and goes. Those that stay
        /// come and end in the same order, so that counting them tells what lies between two fills.
        mutating func add(_ purge: Cut) {
            func holds(_ a: Cut, _ b: Cut) -> Bool {
                a.clock == b.clock && a.time.earliest <= b.time.earliest && a.time.latest >= b.time.latest
            }
            if purges.contains(where: { holds(purge, $0) }) { return }
            purges.removeAll { holds($0, purge) }
            purges.append(purge)
        }

        mutating func add(_ fill: Fill, _ origins: [FrameOrigin], _ tieBreak: Int64, _ clocks: Clocks) {
            var corrected = fill
            corrected.time = clocks.corrected(fill.time, fill.clock)
            let time = clocks.arrival(of: corrected)
            let before = purges.count { clocks.isSurelyAfter(time, fill.clock, $0.time.latest, $0.clock) }
            let notAfter = purges.count { !clocks.isSurelyBefore(time, fill.clock, $0.time.earliest, $0.clock) }
            filled[before, default: Filled()].add(fill, origins, tieBreak)
            unsure.formUnion(before..<max(before, notAfter))
        }

        /// What was filled between two purges that surely part it from the rest, in order of time.
        var stretches: [Filled] {
            var stretches: [Filled] = []
            for number in 0...purges.count {
                let next = filled[number] ?? Filled()
                if number > 0, unsure.contains(number - 1) {
                    stretches[stretches.count - 1].add(next)
                } else {
                    stretches.append(next)
                }
            }
            return stretches
        }
    }
}
