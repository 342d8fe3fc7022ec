internal import Foundation
import LogRecords

/// The deliveries of a path through time, and when the exposures on it came among them: whether it was clean for long, and
/// from when on it was not.
///
/// Of the path it knows the node, the hours and the rollout; of what else the cause asks for it takes the share of all
/// deliveries as steady.
struct PathTraffic {
    private struct Exposure {
        var stamp: Int64
        /// How many deliveries came before.
        var position: Int
        var weight: Int64
    }

    private let slots: DeliverySlots
    /// By slot: how many deliveries came before it.
    private var before: [Int]
    private var total = 0
    private var exposures: [Exposure] = []

    /// The part of the path's deliveries that must have been clean: what is less may be a rollout on its way.
    private static let least = 0.02
    /// How much more frequent exposures must be from the onset on.
    private static let ratio = 10.0
    /// The logarithm of the likelihood ratio of two rates against one that must be reached.
    private static let gain = 10.0
    /// The part of a rollout's deliveries within which a burst lies.
    private static let burst = 0.25

    /// - Parameter terms: of the cause.
    init(_ terms: [Term], _ slots: DeliverySlots, _ values: DeliveryValues) {
        self.slots = slots
        var values = values
        let node = terms.first { $0.attribute == .node }?.value
        let hours = terms.first { $0.attribute == .hour }.map(Self.hours)
        let rollout = terms.first { $0.attribute.isRollout }?.value
        var counts = [Int](repeating: 0, count: slots.count)
        var lastNode: (name: SymbolID, isOnPath: Bool)?
        var inForce: [SymbolID: Bool] = [:]
        slots.eachCount { name, slot, deliveries in
            if lastNode?.name != name {
                lastNode = (name, node == nil || values.text(.node, name.rawValue) == node)
            }
            guard lastNode?.isOnPath == true else { return }
            let moment = slots.beginning(of: slot)
            if let hours, !hours.contains(DeliveryValues.hour(moment)) { return }
            if let rollout {
                let current = values.rollout(on: name, at: moment)
                let isIt =
                    inForce[current]
                    ?? (current.isPresent && values.text(.rolloutAtDelivery, current.rawValue) == rollout)
                inForce[current] = isIt
                guard isIt else { return }
            }
            counts[slot] += deliveries
        }
        before = counts
        for slot in counts.indices {
            before[slot] = total
            total += counts[slot]
        }
    }

    private static func hours(_ term: Term) -> Set<Int32> {
        let ends = term.value.split(separator: "-").compactMap { Int32($0) }
        guard let first = ends.first, let last = ends.last else { return [] }
        var hours: Set<Int32> = [first]
        var hour = first
        while hour != last, hours.count < 24 {
            hour = (hour + 1) % 24
            hours.insert(hour)
        }
        return hours
    }

    /// Takes note of an exposure on the path, in any order.
    mutating func add(_ exposure: Delivery, weight: Int64) {
        let stamp = exposure.time.stamp
        exposures.append(Exposure(stamp: stamp, position: before[slots.index(of: stamp)], weight: weight))
    }

    private var inOrder: [Exposure] {
        exposures.sorted { ($0.position, $0.stamp, $0.weight) < ($1.position, $1.stamp, $1.weight) }
    }

    /// The first exposure for good, if the path was clean for long until then; nil if it was not.
    var onset: Int64? { bound(inOrder) }

    /// The last one, if the path was clean for long from then on; nil if it was not.
    var end: Int64? {
        bound(
            inOrder.reversed().map {
                Exposure(stamp: $0.stamp, position: max(0, total - behind($0.stamp)), weight: $0.weight)
            })
    }

    /// The exposure from which on there are many, after few among many deliveries.
    ///
    /// - Parameter exposures: in order of position.
    private func bound(_ exposures: [Exposure]) -> Int64? {
        let all = exposures.reduce(0.0) { $0 + Self.units($1) }
        guard total > 0, all > 0 else { return nil }
        var best: (gain: Double, stamp: Int64)?
        var early = 0.0
        for exposure in exposures {
            let share = Double(exposure.position) / Double(total)
            let (late, rest) = (all - early, 1 - share)
            defer { early += Self.units(exposure) }
            guard share >= Self.least, rest > 0, late * share >= Self.ratio * early * rest else { continue }
            let gain = Self.part(early, of: all, in: share) + Self.part(late, of: all, in: rest)
            if gain >= Self.gain, gain > best?.gain ?? 0 { best = (gain, exposure.stamp) }
        }
        return best?.stamp
    }

    /// Whether hardly anything was delivered on the path from one moment to a later one.
    func isShort(from: Int64, to: Int64) -> Bool {
        Double(before[slots.index(of: to)] - before[slots.index(of: from)]) < Self.least * Double(max(total, 1))
    }

    /// When the exposures happened, and what was to be expected behind the last one; nil if there is none.
    var window: CauseWindow? {
        let sorted = inOrder
        guard let first = sorted.map(\.stamp).min(), let last = sorted.map(\.stamp).max(), let end = sorted.last,
            let begin = sorted.first
        else { return nil }
        let units = sorted.reduce(0.0) { $0 + Self.units($1) }
        // Of the slot that the last one lies in nothing counts as being behind it.
        let after = max(0, total - (behind(end.stamp)))
        let expected = units * Double(after) / Double(max(1, end.position - begin.position))
        return CauseWindow(first: first, last: last, expectedAfter: min(expected, Double(after)))
    }

    /// How many deliveries came until the end of a moment's slot.
    private func behind(_ moment: Int64) -> Int {
        let next = slots.index(of: moment) + 1
        return next < before.count ? before[next] : total
    }

    /// Whether nearly all exposures lie in a short part of the path's deliveries, which went on.
    var isBurst: Bool {
        let sorted = inOrder
        let all = sorted.reduce(0.0) { $0 + Self.units($1) }
        guard let first = Self.first(of: sorted), let last = Self.first(of: sorted.reversed()), total > 0 else {
            return false
        }
        let share = Double(last.position - first.position) / Double(total)
        return share <= Self.burst && all * (1 - share) >= Self.gain
    }

    /// Whether nearly all exposures come behind a part of the path's deliveries that is more than a rollout takes.
    var beginsLate: Bool {
        Self.first(of: inOrder).map { Double($0.position) >= Self.least * Double(max(total, 1)) } ?? false
    }

    /// Of some exposures the first behind a twentieth, by weight.
    private static func first(of exposures: [Exposure]) -> Exposure? {
        let all = exposures.reduce(0.0) { $0 + units($1) }
        var passed = 0.0
        return exposures.first {
            passed += units($0)
            return passed > 0.05 * all
        }
    }

    private static func units(_ exposure: Exposure) -> Double { ReceiverWeights.units(exposure.weight) }

    private static func part(_ some: Double, of all: Double, in share: Double) -> Double {
        some > 0 && share > 0 ? some * log(some / (all * share)) : 0
    }
}
