import Casefile
import Correlation
import LogRecords

/// What a run learns from all fills, purges and deliveries of a case, beside the judgements.
struct EventSurvey {
    let directory: Directory
    let rollouts: RolloutSchedule
    private(set) var frames = FrameIndex()
    /// Which keys a sweep must follow.
    var keys = KeySurvey(clocks: Clocks())
    private(set) var clocks = Clocks()
    private(set) var collisions: KeyCollisions
    private(set) var notes: CauseNotes
    private(set) var activity = Activity()
    /// How many deliveries there are of each circumstance, by its number.
    private(set) var tally: [Int] = []
    private(set) var paths: AccountPaths
    var slots: DeliverySlots
    private var ties = ClockTies()
    private var tied: [ClockOffset] = []

    /// Reads what a case says about its accounts, cameras and rollouts, and all fills and purges.
    ///
    /// - Parameter skew: the stated bound; nil: offsets are estimated.
    init(_ reader: EventReader, skew: Int64?) throws {
        directory = Directory(cameras: try reader.cameras(), grants: try reader.grants())
        rollouts = RolloutSchedule(try reader.rollouts())
        collisions = KeyCollisions(directory)
        notes = CauseNotes(rollouts)
        paths = AccountPaths(directory, rollouts)
        slots = DeliverySlots(try reader.span())
        if try reader.hasOriginLog() { try reader.sampleDeliveries { ties.add($0) } }
        try reader.eachFill { fill in
            ties.add(fill)
            frames.add(fill, directory, tieBreak: reader.tieBreak(fill.id))
            keys.add(fill, directory)
            notes.add(fill)
            collisions.notice(fill)
        }
        tied = ties.offsets()
        clocks = skew.map { Clocks(skew: $0) } ?? Clocks(offsets: tied)
        keys.clocks = clocks
        collisions.clocks = clocks
        try reader.eachPurge { purge in
            keys.add(purge)
            ties.see(purge.clock)
            collisions.add(purge)
        }
        if collisions.isAny { try reader.eachFill { collisions.add($0, tieBreak: reader.tieBreak($0.id)) } }
    }

    /// Takes note of a delivery, its time corrected.
    mutating func add(_ delivery: Delivery, _ circumstance: Int) {
        if circumstance >= tally.count {
            tally.append(contentsOf: repeatElement(0, count: circumstance + 1 - tally.count))
        }
        tally[circumstance] += 1
        activity.add(delivery)
        ties.see(delivery.clock)
        paths.add(delivery)
        guard delivery.content == .frame else { return }
        notes.add(delivery)
        slots.add(delivery)
    }

    // MARK: Clocks, once every event was seen

    /// Of each clock of the case; the sample may have missed one, which then is tied to none.
    var offsets: [ClockOffset] {
        tied + ties.seen.filter { clock in !tied.contains { $0.clock == clock } }.map { .assumed($0) }
    }

    /// The largest difference that two clocks of the case may have, microseconds.
    var skew: Int64 { clocks.widest(among: ties.seen) }
}
