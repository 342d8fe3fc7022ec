import Casefile
import Correlation
import LogRecords

/// What a run learns from all fills, purges and deliveries of a case, beside the judgements.
struct EventSurvey {
    private(set) var directory: Directory
    let rollouts: RolloutSchedule
    private(set) var frames = FrameIndex()
    private(set) var clocks = Clocks()
    private(set) var collisions: KeyCollisions
    private(set) var notes: CauseNotes
    private(set) var activity = Activity()
    /// How many deliveries there are of each circumstance, by its number.
    private(set) var tally: [Int] = []
    private(set) var paths: AccountPaths
    /// By the number of a group that the notes made.
    private var pathOfGroup: [Int32] = []
    var slots: DeliverySlots
    private var ties = ClockTies()
    private var tied: [ClockOffset] = []

    /// Reads what a case says about its accounts, cameras and rollouts, and all fills and purges.
    ///
    /// - Parameters:
    ///   - keys: gets all fills and purges.
    ///   - skew: the stated bound; nil: offsets are estimated.
    init(_ reader: EventReader, _ keys: inout KeySurvey, _ names: NameTable, skew: Int64?) throws {
        directory = Directory(cameras: try reader.cameras(), grants: try reader.grants())
        rollouts = RolloutSchedule(try reader.rollouts())
        collisions = KeyCollisions(directory)
        notes = CauseNotes(directory, rollouts, names)
        paths = AccountPaths(directory, rollouts)
        slots = DeliverySlots(try reader.span())
        if try reader.hasOriginLog() { try reader.sampleDeliveries { ties.add($0) } }
        try reader.eachFill { fill in
            ties.add(fill)
            if reader.namesFrames { frames.add(fill, directory, tieBreak: reader.tieBreak(fill.id)) }
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

    /// Takes note of deliveries, their times corrected.
    ///
    /// - Returns: what the study of causes wants to know of those that carried a frame.
    mutating func add(_ deliveries: [Delivery], _ circumstances: [Int32]) -> [DeliveryTraits] {
        var noted: [DeliveryTraits] = []
        noted.reserveCapacity(deliveries.count)
        for bundle in deliveries.indices.bundles {
            notes.warm(keys: deliveries[bundle].map(\.key), cameras: deliveries[bundle].map(\.camera))
            paths.warm(deliveries[bundle].map(\.requester))
            for index in bundle { add(deliveries[index], circumstance: Int(circumstances[index]), &noted) }
        }
        return noted
    }

    private mutating func add(_ delivery: Delivery, circumstance: Int, _ noted: inout [DeliveryTraits]) {
        if circumstance >= tally.count {
            tally.append(contentsOf: repeatElement(0, count: circumstance + 1 - tally.count))
        }
        tally[circumstance] += 1
        activity.add(delivery)
        ties.see(delivery.clock)
        guard delivery.content != .none else { return }
        let group = notes.group(of: delivery)
        if Int(group) == pathOfGroup.count { pathOfGroup.append(paths.number(of: notes.path(ofGroup: group))) }
        paths.add(delivery, on: pathOfGroup[Int(group)])
        guard delivery.content == .frame else { return }
        slots.add(delivery)
        noted.append(notes.add(delivery, group: group))
    }

    // MARK: Clocks, once every event was seen

    /// Of each clock of the case; the sample may have missed one, which then is tied to none.
    var offsets: [ClockOffset] {
        tied + ties.seen.filter { clock in !tied.contains { $0.clock == clock } }.map { .assumed($0) }
    }

    /// The largest difference that two clocks of the case may have, microseconds.
    var skew: Int64 { clocks.widest(among: ties.seen) }
}
