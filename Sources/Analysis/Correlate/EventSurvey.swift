import Casefile
import Correlation
import LogRecords

/// What a run learns from the directory and from all fills and purges of a case before it judges any delivery.
struct EventSurvey {
    let directory: Directory
    let rollouts: RolloutSchedule
    let frames: FrameIndex
    let clocks: Clocks
    private var keys: UncontestedKeys
    /// Knows which keys have several owners, and their purges.
    private let noticed: KeyCollisions
    /// When each node filled.
    let fillActivity: Activity
    private var notes: CauseNotes
    private let ties: ClockConstraints
    private let tied: [ClockOffset]
    /// Clocks that seem to be in another zone than they are read in.
    let zones: [ClockZone]
    /// Whether the origin answered nearly every request that fetched; nil: its log names no requests' accounts.
    var answersFetches: Bool? { ties.namesAskers ? isOriginDirect : nil }
    private let isOriginDirect: Bool
    private(set) var fillCount = 0
    /// The origin's 304s in each log, and those of them that answered no If-None-Match or do not say.
    private(set) var revalidations: [SymbolID: (all: Int, withoutValidator: Int)] = [:]

    /// - Parameters:
    ///   - skew: the stated bound; nil: offsets are estimated.
    ///   - knowsRights: whether it is known who was granted what.
    ///   - areTiersUnnamed: whether a cache and one before it have logged the same answers, and their lines name neither.
    init(
        _ reader: EventReader, _ names: StringInterner, skew: Int64?, knowsRights: Bool, areTiersUnnamed: Bool = false
    ) throws {
        let directory = Directory(
            cameras: try reader.cameras(), grants: try reader.grants(), knowsRights: knowsRights)
        let rollouts = RolloutSchedule(try reader.rollouts())
        var (ties, frames, keys) = (ClockConstraints(), FrameIndex(), UncontestedKeys(clocks: Clocks()))
        var (collisions, notes) = (KeyCollisions(directory), CauseNotes(directory, rollouts, names))
        var fillActivity = Activity()
        var fillCount = 0
        var revalidations: [SymbolID: (all: Int, withoutValidator: Int)] = [:]
        if reader.hasOriginLog { try reader.sampleDeliveries { ties.add($0) } }
        try reader.eachFillBlock { block in
            forkJoin {
                for fill in block {
                    ties.add(fill)
                    if reader.namesFrames {
                        frames.add(
                            fill, directory, tieBreak: reader.tieBreak(fill.id), margin: skew ?? Clocks.defaultSkew)
                    }
                    keys.add(fill, directory)
                }
            } _: {
                fillCount += block.count
                for fill in block {
                    if fill.kind == .revalidated {
                        revalidations[fill.clock, default: (0, 0)].all += 1
                        if !fill.validator.isPresent { revalidations[fill.clock]?.withoutValidator += 1 }
                    }
                    notes.add(fill)
                    fillActivity.add(fill)
                    collisions.notice(fill)
                }
            }
        }
        tied = ties.offsets()
        zones = skew == nil ? ties.zones(tied) : []
        let clocks = skew.map { Clocks(skew: $0) } ?? Clocks(offsets: tied)
        self.clocks = clocks
        keys.clocks = clocks
        isOriginDirect = !areTiersUnnamed && ties.isOriginDirect(Clocks(offsets: tied))
        keys.isOriginDirect = isOriginDirect
        (self.fillCount, self.revalidations) = (fillCount, revalidations)
        collisions.clocks = clocks
        collisions.endNoticing()
        try reader.eachPurge { purge in
            keys.add(purge)
            ties.see(purge.clock)
            collisions.add(purge)
        }
        (self.directory, self.rollouts, self.frames, self.keys) = (directory, rollouts, frames, keys)
        (noticed, self.notes, self.ties, self.fillActivity) = (collisions, notes, ties, fillActivity)
    }

    /// Reads all fills once more for each part of the keys that have several owners; best when little else is in memory.
    func collisions(_ reader: EventReader) throws -> [KeyCollisions.Collision] {
        var all: [KeyCollisions.Collision] = []
        for var part in noticed.parts() {
            try reader.eachFill { part.add($0, tieBreak: reader.tieBreak($0.id)) }
            all += part.all
        }
        return all
    }

    /// Hands the keys on; nothing of them stays here.
    mutating func takeKeys() -> UncontestedKeys {
        defer { keys = UncontestedKeys(clocks: clocks) }
        return keys
    }

    /// What all fills and purges show of the keys, read once more: `takeKeys` leaves nothing.
    func keysAgain(_ reader: EventReader) throws -> UncontestedKeys {
        var keys = UncontestedKeys(clocks: clocks)
        try reader.eachFill { keys.add($0, directory) }
        keys.isOriginDirect = isOriginDirect
        try reader.eachPurge { keys.add($0) }
        return keys
    }

    /// Hands the notes on; nothing of them stays here.
    mutating func takeNotes() -> CauseNotes {
        defer { notes = CauseNotes(Directory(), RolloutSchedule(), StringInterner()) }
        return notes
    }

    // MARK: Clocks, once every event was seen

    /// Of each clock of the case; the sample may have missed one, which then is tied to none.
    ///
    /// - Parameter others: those that only deliveries name.
    func offsets(with others: Set<SymbolID>) -> [ClockOffset] {
        tied + others.union(ties.seen).subtracting(tied.map(\.clock)).sorted().map { .assumed($0) }
    }

    /// The largest difference that two clocks of the case may have, microseconds.
    func skew(with others: Set<SymbolID>) -> Int64 { clocks.widest(among: others.union(ties.seen)) }
}
