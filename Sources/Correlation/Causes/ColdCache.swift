internal import Foundation
public import LogRecords

/// A cache that had lost its store when a cause began: hardly any answer came from it, where many did before.
public struct ColdCache: Sendable {
    /// The nodes whose answers were looked at.
    public var nodes: [SymbolID]
    /// When it was cold: microseconds since 1970 UTC.
    public var from: Int64
    public var until: Int64
    /// The part of the answers that were misses, then and otherwise.
    public var misses: Double
    public var missesOtherwise: Double
    /// For how long nothing was delivered right before, where much should have been; microseconds.
    public var silence: Int64
    /// How many keys had just been purged on these nodes, many more than usual.
    public var purges = 0

    /// A purge shows in a cache's answers within this time, microseconds.
    public static let lag: Int64 = 600_000_000
}

/// Hits and misses of some nodes through time.
struct CacheWarmth: Sendable {
    private let nodes: [SymbolID]
    private let slots: DeliverySlots
    /// By group of deliveries: 0 for a hit on these nodes, 1 for a miss, -1 for anything else.
    private let kinds: [Int8]
    /// By slot.
    private var answers: [Int32]
    private var misses: [Int32]

    /// A cache goes cold at most this long before the first exposure that comes of it, microseconds.
    private static let longest: Int64 = 7_200_000_000
    /// Fewer answers tell nothing.
    private static let fewest = 20
    /// None of so many that should have come is seen by chance one time in a thousand.
    private static let fewestMissing = 7.0
    /// How long on either side of a silence answers are counted, microseconds.
    private static let around: Int64 = 10_800_000_000
    /// Where most answers are misses anyway, none of them tells of a cold cache.
    private static let mostMisses = 0.8
    /// The logarithm of the likelihood ratio of two rates of misses against one that must be reached.
    private static let gain = 10.0

    init(_ nodes: Set<SymbolID>, _ slots: DeliverySlots, _ groups: DeliveryGroups) {
        self.nodes = nodes.sorted()
        self.slots = slots
        kinds = groups.all.map { values in
            guard nodes.contains(SymbolID(rawValue: values[Attribute.node.rawValue])),
                let status = CacheStatus(rawValue: UInt8(truncatingIfNeeded: values[Attribute.cache.rawValue]))
            else { return -1 }
            return status == .unknown ? -1 : status.asksOrigin ? 1 : 0
        }
        answers = [Int32](repeating: 0, count: slots.count)
        misses = answers
    }

    mutating func count(_ traits: DeliveryTraits) {
        let kind = kinds[Int(traits.group)]
        guard kind >= 0, traits.slot >= 0 else { return }
        answers[Int(traits.slot)] &+= 1
        misses[Int(traits.slot)] &+= Int32(kind)
    }

    /// The stretch of misses in which a cause began; nil if the cache was as warm as ever.
    ///
    /// Of all stretches that begin shortly before, the one in which misses exceed the halfway mark between their usual rate and
    /// all answers by most.
    func cold(at began: Int64) -> ColdCache? {
        let (all, missed) = (Self.sum(answers[...]), Self.sum(misses[...]))
        guard all > 0 else { return nil }
        let usual = Double(missed) / Double(all)
        guard usual < Self.mostMisses else { return nil }
        let mark = (1 + usual) / 2
        var excess = [0.0]
        for (answers, misses) in zip(answers, misses) {
            excess.append(excess[excess.count - 1] + Double(misses) - mark * Double(answers))
        }
        // By slot: the end behind it that gains most.
        var ends = [Int](repeating: excess.count - 1, count: excess.count)
        for slot in (0..<(excess.count - 1)).reversed() {
            ends[slot] = excess[slot + 1] >= excess[ends[slot + 1]] ? slot + 1 : ends[slot + 1]
        }
        let last = slots.index(of: began)
        let first = min(last, slots.index(of: began &- Self.longest))
        guard let start = (first...last).max(by: { excess[ends[$0]] - excess[$0] < excess[ends[$1]] - excess[$1] }),
            ends[start] > last, excess[ends[start]] > excess[start]
        else { return nil }
        // A miss before a silence is not the silence's doing.
        let silence = silences(in: back(from: start)...last).last
        let begin = (max(start, silence?.upperBound ?? 0)..<ends[start]).first { answers[$0] > 0 } ?? start
        let inside = (answers: Self.sum(answers[begin..<ends[start]]), misses: Self.sum(misses[begin..<ends[start]]))
        let contrast = Contrast(
            deliveries: inside.answers, exposures: inside.misses, allDeliveries: all, allExposures: missed)
        guard inside.answers >= Self.fewest, contrast.isRaised, contrast.gain >= Self.gain else { return nil }
        return ColdCache(
            nodes: nodes, from: slots.beginning(of: begin), until: slots.beginning(of: ends[start]),
            misses: contrast.rateInside, missesOtherwise: contrast.rateOutside,
            silence: silence.map { slots.beginning(of: $0.upperBound) - slots.beginning(of: $0.lowerBound) } ?? 0)
    }

    /// A few answers before a slot: what is first asked for may have been a hit all the same.
    private func back(from slot: Int) -> Int {
        var (slot, passed) = (slot, 0)
        while slot > 0, passed < 3 {
            slot -= 1
            passed += Int(answers[slot])
        }
        return slot
    }

    /// The empty slots that end among some, where several answers should have come in that time, as many as in the hours before
    /// and behind.
    private func silences(in some: ClosedRange<Int>) -> [Range<Int>] {
        let hours = max(1, Int(Self.around / max(1, slots.beginning(of: 1) - slots.beginning(of: 0))))
        var found: [Range<Int>] = []
        var before = [0]
        for count in answers { before.append(before[before.count - 1] + Int(count)) }
        var first = some.lowerBound
        while first > 0, answers[first - 1] == 0 { first -= 1 }
        for slot in first...some.upperBound {
            guard answers[slot] > 0 else { continue }
            let (from, until) = (max(0, first - hours), min(answers.count, slot + hours))
            let usual = Double(before[until] - before[from]) / Double(max(1, until - from - (slot - first)))
            if first > 0, Double(slot - first) * usual >= Self.fewestMissing { found.append(first..<slot) }
            first = slot + 1
        }
        return found
    }

    private static func sum(_ counts: ArraySlice<Int32>) -> Int { counts.reduce(0) { $0 + Int($1) } }
}
