import LogRecords

/// Under which rollouts the frames of each key were filled: what tells, for any delivery, the rollout at its fill.
///
/// Between two rollouts nothing changes, so the first fill of each such stretch is enough to keep.
struct FillRollouts: Sendable {
    private struct First: Sendable {
        var node: NameID
        /// Which stretch between rollouts, from 0 on.
        var stretch: Int32
        var at: Int64
    }

    /// When any rollout began on any node.
    private let bounds: [Int64]
    private var firsts = NameMap<First>()
    /// Further ones of keys that have several.
    private var others: [NameID: [First]] = [:]

    init(_ rollouts: RolloutSchedule) { bounds = rollouts.moments }

    var stretches: Int { bounds.count + 1 }

    /// Takes note of a fill; the order does not matter. With less than two rollouts there is nothing to tell apart.
    mutating func add(_ fill: Fill) {
        guard bounds.count > 1, fill.key.isPresent, fill.kind != .revalidated else { return }
        let moment = fill.time.stamp
        let new = First(node: fill.node, stretch: stretch(moment), at: moment)
        guard let place = firsts.place(of: fill.key) else {
            firsts.append(fill.key, new)
            return
        }
        let first = firsts.values[place]
        if first.node == new.node, first.stretch == new.stretch {
            if moment < first.at { firsts.update(place) { $0.at = moment } }
            return
        }
        var list = others[fill.key] ?? []
        if let known = list.firstIndex(where: { $0.node == new.node && $0.stretch == new.stretch }) {
            guard moment < list[known].at else { return }
            list[known].at = moment
        } else {
            list.append(new)
        }
        others[fill.key] = list
    }

    /// Brings what is known of some keys into the processor's cache (see `NameMap.warm`).
    mutating func warm(_ keys: [NameID]) { firsts.warm(keys) }

    /// A moment in the stretch of the last fill under `node` and `key` by `moment`, or nil if none is known. A fill
    /// that names no node counts for each.
    func lastFill(_ node: NameID, _ key: NameID, by moment: Int64) -> Int64? {
        guard let first = firsts[key] else { return nil }
        func isBefore(_ one: First) -> Bool { (one.node == node || !one.node.isPresent) && one.at <= moment }
        var last = isBefore(first) ? first.at : nil
        if let list = others[key] {
            for one in list where isBefore(one) && one.at > last ?? .min { last = one.at }
        }
        return last
    }

    /// Which stretch between rollouts a moment lies in, from 0 on: between two rollouts of any node nothing changes.
    func stretch(_ moment: Int64) -> Int32 { Int32(bounds.partitionIndex { $0 > moment }) }
}
