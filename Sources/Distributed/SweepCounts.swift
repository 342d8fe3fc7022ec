import Analysis
import Correlation
import LogRecords

extension SweepDesk {
    /// Writes what was counted of all groups.
    func writeCounts() throws {
        try write("deliveries", taken)
        try write("deliveries_clear", stream.clearedCount)
        try write("shown_again", shownAgain)
        try write("fetches_without_fill", stream.lostFills)
        for one in collisions.all { try write(one) }
        try traits.slots.eachCount { node, slot, deliveries in
            try output.record(.slot) {
                $0.add(.node, node)
                $0.add(.slot, slot)
                $0.add(.count, deliveries)
            }
        }
        try paths.paths.eachPath { path, deliveries in
            try output.record(.path) {
                $0.add(path)
                $0.add(.count, deliveries)
            }
        }
        try paths.paths.eachReach { account, path, reason, frames in
            try output.record(.reach) {
                $0.add(.account, account)
                $0.add(path)
                $0.add(.flags, reason.rawValue)
                $0.add(.count, frames)
            }
        }
        try write(paths.activity, of: "deliveries")
        try write(fillActivity, of: "fills")
        for (number, one) in paths.tally.enumerated() where one.deliveries > 0 {
            try write(circumstanceExamples[number], one)
        }
        for one in paths.traffic.stretches where one.deliveries + one.others > 0 {
            try output.record(.traffic) {
                $0.add(.time, one.from)
                $0.add(.deliveries, one.deliveries)
                $0.add(.others, one.others)
            }
        }
    }

    private func write(_ what: String, _ count: Int) throws {
        guard count > 0 else { return }
        try output.record(.count) {
            $0.add(.name, what)
            $0.add(.count, count)
        }
    }

    private func write(_ collision: KeyCollisions.Collision) throws {
        try output.record(.collision) {
            $0.add(.node, collision.place.node)
            $0.add(.key, collision.place.key)
            $0.add(.owners, collision.owners)
            $0.add(.cameras, collision.cameras)
            $0.add(.fills, collision.fills)
            $0.add(.first, collision.first)
            $0.add(.last, collision.last)
            $0.add(.time, collision.since)
            $0.add(.fillSource, tags[Int(collision.sinceFill.source)])
            $0.add(.fillLine, collision.sinceFill.line)
            $0.add(.version, collision.version)
        }
    }

    private func write(_ activity: Activity, of log: String) throws {
        try activity.eachMinute { node, first, last, lines in
            try output.record(.minute) {
                $0.add(.log, log)
                $0.add(.node, node)
                $0.add(.first, first)
                $0.add(.last, last)
                $0.add(.count, lines)
            }
        }
        for (node, lines) in activity.lines {
            try output.record(.minute) {
                $0.add(.log, log)
                $0.add(.node, node)
                $0.add(.lines, lines)
            }
        }
    }

    private func write(_ delivery: Delivery, _ one: PathSurvey.Tally) throws {
        try output.record(.tally) {
            $0.add(.clock, delivery.clock)
            $0.add(.node, delivery.node)
            $0.add(.client, delivery.client)
            $0.add(.network, delivery.network)
            $0.add(.kind, delivery.kind)
            $0.add(.extra, delivery.extra)
            $0.add(.cacheWord, delivery.cacheWord)
            $0.add(.status, delivery.status)
            $0.add(.cacheStatus, delivery.cacheStatus.rawValue)
            $0.add(.content, delivery.content == .none ? "none" : nil)
            $0.add(.flags, delivery.flags.rawValue)
            $0.add(.count, one.deliveries)
            $0.add(.first, one.first)
            $0.add(.last, one.last)
        }
    }
}

extension RecordTable {
    fileprivate mutating func add(_ path: AccountPaths.Path) {
        for (field, name) in zip(ExchangeField.ofPath, path.names) { add(field, name) }
    }

    /// Adds how many deliveries have some traits; one of the deliveries stands for their attributes.
    mutating func add(_ one: DeliveryTraits, _ deliveries: Int, _ example: Delivery, _ notes: CauseNotes) {
        add(.client, example.client)
        add(.network, example.network)
        add(.camera, example.camera)
        add(.node, example.node)
        add(.cacheStatus, example.cacheStatus.rawValue)
        add(.kind, example.kind)
        add(.extra, example.extra)
        add(.key, example.key)
        add(.time, example.time.stamp)
        add(.rolloutAtFill, notes.rolloutAtFill(ofGroup: one.group))
        if one.roundTrip >= 0 { add(.rttMs, one.roundTrip) }
        if one.loss >= 0 { add(.lossBp, one.loss) }
        add(.count, deliveries)
    }
}

extension ExchangeField {
    /// In the order of `AccountPaths.Path.names`.
    static let ofPath: [ExchangeField] = [.client, .model, .node, .kind, .network, .rolloutAtDelivery]
}
