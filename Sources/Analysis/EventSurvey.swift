import Casefile
import Correlation
import LogRecords

/// What a run learns from the directory and from all fills and purges of a case before it judges any delivery.
struct EventSurvey {
    let directory: Directory
    let rollouts: RolloutSchedule
    let frames: FrameIndex
    let clocks: Clocks
    private var keys: KeySurvey
    /// Knows which keys have several owners, and their purges.
    private let noticed: KeyCollisions
    /// When each node filled.
    let fillActivity: Activity
    private var notes: CauseNotes
    private let ties: ClockTies
    private let tied: [ClockOffset]

    /// - Parameter skew: the stated bound; nil: offsets are estimated.
    init(_ reader: EventReader, _ names: NameTable, skew: Int64?) throws {
        let directory = Directory(cameras: try reader.cameras(), grants: try reader.grants())
        let rollouts = RolloutSchedule(try reader.rollouts())
        var (ties, frames, keys) = (ClockTies(), FrameIndex(), KeySurvey(clocks: Clocks()))
        var (collisions, notes) = (KeyCollisions(directory), CauseNotes(directory, rollouts, names))
        var fillActivity = Activity()
        if reader.hasOriginLog { try reader.sampleDeliveries { ties.add($0) } }
        try reader.eachFillBlock { block in
            together {
                for fill in block {
                    ties.add(fill)
                    if reader.namesFrames { frames.add(fill, directory, tieBreak: reader.tieBreak(fill.id)) }
                    keys.add(fill, directory)
                }
            } _: {
                for fill in block {
                    notes.add(fill)
                    fillActivity.add(fill)
                    collisions.notice(fill)
                }
            }
        }
        tied = ties.offsets()
        let clocks = skew.map { Clocks(skew: $0) } ?? Clocks(offsets: tied)
        self.clocks = clocks
        keys.clocks = clocks
        keys.isOriginDirect = ties.isOriginDirect(Clocks(offsets: tied))
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
    mutating func takeKeys() -> KeySurvey {
        defer { keys = KeySurvey(clocks: clocks) }
        return keys
    }

    /// Hands the notes on; nothing of them stays here.
    mutating func takeNotes() -> CauseNotes {
        defer { notes = CauseNotes(Directory(), RolloutSchedule(), NameTable()) }
        return notes
    }

    // MARK: Clocks, once every event was seen

    /// Of each clock of the case; the sample may have missed one, which then is tied to none.
    ///
    /// - Parameter others: those that only deliveries name.
    func offsets(with others: Set<NameID>) -> [ClockOffset] {
        tied
            + others.union(ties.seen).sorted().filter { clock in !tied.contains { $0.clock == clock } }.map {
                .assumed($0)
            }
    }

    /// The largest difference that two clocks of the case may have, microseconds.
    func skew(with others: Set<NameID>) -> Int64 { clocks.widest(among: others.union(ties.seen).sorted()) }
}
