import LogRecords

/// Under which rollouts the frames of each key were filled: what tells, for any delivery, the rollout at its fill.
///
/// Between two rollouts nothing changes, so the first fill of each such stretch is enough to keep.
struct FillRollouts: Sendable {
    /// Which stretch it lies in is not kept, for there may be many millions.
    private struct First: Sendable {
        var at: Int64
        var node: SymbolID
        /// Where the key's next one stands in `more`; -1: there is none.
        var next: Int32 = -1
    }

    /// When any rollout began on any node.
    private let bounds: [Int64]
    /// By key: one of its firsts.
    private var firsts = NameMap<First>()
    private var more = MappedArray<First>()
    private var touched = 0

    init(_ rollouts: RolloutSchedule) { bounds = rollouts.moments }

    var stretches: Int { bounds.count + 1 }

    /// Takes note of a fill; the order does not matter. With less than two rollouts there is nothing to tell apart.
    mutating func add(_ fill: Fill) {
        guard bounds.count > 1, fill.key.isPresent, fill.kind != .revalidated else { return }
        let moment = fill.time.stamp
        let stretch = stretch(moment)
        func isAlike(_ first: First) -> Bool { first.node == fill.node && self.stretch(first.at) == stretch }
        var new = First(at: moment, node: fill.node)
        guard let place = firsts.place(of: fill.key) else {
            firsts.append(fill.key, new)
            return
        }
        let first = firsts.values[place]
        if isAlike(first) {
            if moment < first.at { firsts.update(place) { $0.at = moment } }
            return
        }
        var next = first.next
        while next >= 0 {
            if isAlike(more[Int(next)]) {
                more.update(Int(next)) { $0.at = min($0.at, moment) }
                return
            }
            next = more[Int(next)].next
        }
        new.next = first.next
        firsts.update(place) { $0.next = Int32(more.count) }
        more.append(new)
    }

    /// The fills of a key that are kept: the first of each node in each stretch.
    func firstFills(of key: SymbolID) -> [(node: SymbolID, at: Int64)] {
        guard let place = firsts.place(of: key) else { return [] }
        var one = firsts.values[place]
        var all = [(one.node, one.at)]
        while one.next >= 0 {
            one = more[Int(one.next)]
            all.append((one.node, one.at))
        }
        return all
    }

    /// Brings what is known of some keys into the processor's cache (see `NameMap.warm`).
    mutating func warm(_ keys: [SymbolID]) {
        firsts.warm(keys)
        if more.count == 0 { return }
        var sum = 0
        for key in keys {
            guard let next = firsts[key]?.next, next >= 0 else { continue }
            sum &+= Int(truncatingIfNeeded: more[Int(next)].at)
        }
        touched &+= sum
    }

    /// A moment in the stretch of the last fill under `node` and `key` by `moment`, or nil if none is known. A fill
    /// that names no node counts for each.
    func lastFill(_ node: SymbolID, _ key: SymbolID, by moment: Int64) -> Int64? {
        guard let place = firsts.place(of: key) else { return nil }
        var one = firsts.values[place]
        var last: Int64?
        while true {
            if one.node == node || !one.node.isPresent, one.at <= moment, one.at > last ?? .min { last = one.at }
            if one.next < 0 { return last }
            one = more[Int(one.next)]
        }
    }

    /// Which stretch between rollouts a moment lies in, from 0 on: between two rollouts of any node nothing changes.
    func stretch(_ moment: Int64) -> Int32 { Int32(bounds.partitionIndex { $0 > moment }) }
}
