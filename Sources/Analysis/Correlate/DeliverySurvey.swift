import Correlation
import LogRecords

/// What a run notes of the attributes of deliveries, for their cause to be studied and rates to be reckoned.
struct TraitSurvey {
    var notes: CauseNotes
    private(set) var slots: DeliverySlots
    private var groups = 0
    private let window: TimeWindow

    /// What was found out about a block of deliveries.
    struct Noted {
        /// Of those that carried a frame.
        var traits: [DeliveryTraits] = []
        /// The circumstance of each delivery.
        var circumstances: [Int32] = []
        /// Of each delivery; -1 for one that neither carried a frame nor showed one again.
        var groups: [Int32] = []
        /// What the directory tells of each one's camera.
        var cameras: [Directory.Listing] = []
        /// Of the groups that were not met before, in order.
        var paths: [AccountPaths.Path] = []
    }

    /// - Parameter window: the deliveries that count.
    init(_ notes: CauseNotes, _ slots: DeliverySlots, _ window: TimeWindow = .all) {
        self.notes = notes
        self.window = window
        self.slots = slots
    }

    /// Takes note of deliveries, their times corrected.
    mutating func add(_ deliveries: [Delivery], _ circumstances: [Int32]) -> Noted {
        var noted = Noted(circumstances: circumstances)
        noted.traits.reserveCapacity(deliveries.count)
        noted.groups.reserveCapacity(deliveries.count)
        noted.cameras.reserveCapacity(deliveries.count)
        for bundle in deliveries.indices.bundles {
            notes.warm(keys: deliveries[bundle].map(\.key), cameras: deliveries[bundle].map(\.camera))
            for index in bundle { add(deliveries[index], circumstances[index], &noted) }
        }
        return noted
    }

    private mutating func add(_ delivery: Delivery, _ circumstance: Int32, _ noted: inout Noted) {
        let content = delivery.content
        let camera = notes.listing(of: delivery.camera)
        noted.cameras.append(camera)
        guard content != .none, window.contains(delivery.time.stamp) else { return noted.groups.append(-1) }
        let group = notes.group(of: delivery, camera, circumstance: circumstance)
        if Int(group) == groups {
            groups += 1
            noted.paths.append(notes.path(ofGroup: group))
        }
        noted.groups.append(group)
        guard content == .frame else { return }
        let slot = slots.add(delivery)
        noted.traits.append(notes.add(delivery, group: group, slot: slot))
    }
}

/// What a run notes of the accounts and nodes that deliveries name, and of how many there are.
struct PathSurvey {
    private(set) var traffic = Traffic()
    /// The deliveries of each circumstance, by its number.
    private(set) var tally: [Tally] = []
    private(set) var activity = Activity()
    private(set) var paths: AccountPaths
    private(set) var clocks: Set<SymbolID> = []
    private var lastClock: SymbolID?
    /// By the number of a group.
    private var pathOfGroup: [Int32] = []
    private let window: TimeWindow

    /// How many deliveries there are of a circumstance, and the first and last time stamp, microseconds.
    struct Tally {
        var deliveries = 0
        var first = Int64.max
        var last = Int64.min
    }

    /// - Parameter window: the deliveries that count.
    init(_ paths: AccountPaths, _ window: TimeWindow = .all) { (self.paths, self.window) = (paths, window) }

    /// Takes note of deliveries, their times corrected, of which the attributes were noted before.
    mutating func add(_ deliveries: [Delivery], _ noted: TraitSurvey.Noted) {
        for path in noted.paths { pathOfGroup.append(paths.number(of: path)) }
        for bundle in deliveries.indices.bundles {
            paths.warm(deliveries[bundle].map(\.requester), noted.cameras[bundle])
            for index in bundle {
                let delivery = deliveries[index]
                activity.add(delivery)
                let stamp = delivery.time.stamp
                if window.contains(stamp) {
                    traffic.add(delivery)
                    tally.add(1, of: noted.circumstances[index], first: stamp, last: stamp)
                }
                if delivery.clock != lastClock {
                    lastClock = delivery.clock
                    clocks.insert(delivery.clock)
                }
                let group = noted.groups[index]
                if group >= 0 { paths.add(delivery, noted.cameras[index], on: pathOfGroup[Int(group)]) }
            }
        }
    }
}

extension [PathSurvey.Tally] {
    /// Adds deliveries of a circumstance, by its number.
    mutating func add(_ deliveries: Int, of circumstance: Int32, first: Int64, last: Int64) {
        let number = Int(circumstance)
        if number >= count { append(contentsOf: repeatElement(PathSurvey.Tally(), count: number + 1 - count)) }
        self[number].deliveries += deliveries
        self[number].first = Swift.min(self[number].first, first)
        self[number].last = Swift.max(self[number].last, last)
    }
}
