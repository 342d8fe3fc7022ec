/// Whether things that happened on a node came all at once: counts by short stretches of time, which add up over any split.
public struct Bursts: Sendable, Equatable {
    /// Of a stretch, microseconds: what is watched is asked for every few seconds.
    private static let length: Int64 = 2_000_000
    /// So many stretches are kept; more happen in no burst.
    private static let most = 4096
    /// How many of a stretch are a burst, and how many times the mean.
    private static let (fewest, factor) = (5, 4.0)

    private var counts: [Int64: Int] = [:]
    private var first = Int64.max
    private var last = Int64.min

    public init() {}

    /// Takes note of the time that is looked at.
    mutating func see(_ first: Int64, _ last: Int64) {
        (self.first, self.last) = (min(self.first, first), max(self.last, last))
    }

    mutating func add(_ moment: Int64) {
        let stretch = moment / Self.length
        if counts[stretch] != nil || counts.count < Self.most { counts[stretch, default: 0] += 1 }
    }

    static func += (a: inout Bursts, b: Bursts) {
        a.see(b.first, b.last)
        for (stretch, count) in b.counts where a.counts[stretch] != nil || a.counts.count < most {
            a.counts[stretch, default: 0] += count
        }
    }

    /// When the bursts began, microseconds, if most of what happened came in some; of stretches next to each other the first.
    public var beginnings: [Int64] {
        guard first < last else { return [] }
        let all = counts.values.reduce(0, +)
        let mean = Double(all) / Double(max(1, (last - first) / Self.length))
        let crowded = counts.filter { $0.value >= Self.fewest && Double($0.value) >= Self.factor * mean }
        guard crowded.values.reduce(0, +) * 2 > all else { return [] }
        return crowded.keys.filter { crowded[$0 - 1] == nil }.sorted().map { $0 * Self.length }
    }
}
