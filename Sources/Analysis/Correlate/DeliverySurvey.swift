package import Correlation
package import Interning
package import LogRecords

/// What a run notes of the attributes of deliveries, for their cause to be studied and rates to be reckoned.
package struct TraitSurvey {
    package var notes: CauseNotes
    package private(set) var slots: DeliverySlots
    private var groups = 0
    private let window: TimeWindow

    /// What was found out about a block of deliveries.
    package struct Noted {
        /// Of those that carried a frame.
        package var traits: [DeliveryTraits] = []
        /// The circumstance of each delivery.
        package var circumstances: [Int32] = []
        /// Of each delivery; -1 for one that neither carried a frame nor showed one again.
        package var groups: [Int32] = []
        /// What the directory tells of each one's camera.
        package var cameras: [Directory.Listing] = []
        /// Of the groups that were not met before, in order.
        package var paths: [AccountPaths.Path] = []
    }

    /// - Parameter window: the deliveries that count.
    package init(_ notes: CauseNotes, _ slots: DeliverySlots, _ window: TimeWindow = .all) {
        self.notes = notes
        self.window = window
        self.slots = slots
    }

    /// Takes note of deliveries, their times corrected.
    package mutating func add(_ deliveries: [Delivery], _ circumstances: [Int32]) -> Noted {
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
package struct PathSurvey {
    package private(set) var traffic = Traffic()
    /// The deliveries of each circumstance, by its number.
    package private(set) var tally: [Tally] = []
    package private(set) var activity = Activity()
    package private(set) var paths: AccountPaths
    package private(set) var clocks: Set<SymbolID> = []
    private var lastClock: SymbolID?
    /// By the number of a group.
    private var pathOfGroup: [Int32] = []
    private let window: TimeWindow

    /// How many deliveries there are of a circumstance, and the first and last time stamp, microseconds.
    package struct Tally {
        package var deliveries = 0
        package var first = Int64.max
        package var last = Int64.min
    }

    /// - Parameter window: the deliveries that count.
    package init(_ paths: AccountPaths, _ window: TimeWindow = .all) { (self.paths, self.window) = (paths, window) }

    /// Takes note of deliveries, their times corrected, of which the attributes were noted before.
    package mutating func add(_ deliveries: [Delivery], _ noted: TraitSurvey.Noted) {
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
    package mutating func add(_ deliveries: Int, of circumstance: Int32, first: Int64, last: Int64) {
        let number = Int(circumstance)
        if number >= count { append(contentsOf: repeatElement(PathSurvey.Tally(), count: number + 1 - count)) }
        self[number].deliveries += deliveries
        self[number].first = Swift.min(self[number].first, first)
        self[number].last = Swift.max(self[number].last, last)
    }
}
