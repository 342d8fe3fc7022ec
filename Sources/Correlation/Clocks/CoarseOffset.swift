/// Where about the offset of a clock lies, before it is fitted closely: what most requests of an hour agree on, and near
/// that for the hours before and after.
///
/// Requests of which the origin's log has no line, because a cache of a higher tier answered them, agree on offsets by
/// chance, and accounts that ask again every few seconds make such chances many; so the look must be sharp. An hour is
/// short enough for that: a clock drifts by less than a twentieth of a second in it.
struct CoarseOffset {
    private struct Hour {
        var from: Int64
        var region: ClosedRange<Int64>
    }

    /// How many requests agree.
    private(set) var count = 0
    /// Whether another offset has as many requests for it.
    private(set) var isOneOfSeveral = false
    private var hours: [Hour] = []

    private static let hour: Int64 = 3_600_000_000
    /// How far requests of an hour may be apart and still agree, microseconds: for the drift.
    private static let sharp: Int64 = 25_000
    /// The same for a clock that is set within the hour, and how far from the hour's offset the fit may go.
    private static let coarse: Int64 = 500_000
    /// Where less than half of the requests agree: the part of them that must, and how many for each that agrees on any
    /// other offset.
    private static let fewestShare = 5
    private static let leadOverNext = 1.5

    /// - Parameter samples: in order of time.
    /// - Returns: nil if the requests agree on nothing.
    init?(_ samples: [ClockSample]) {
        var parts: [ArraySlice<ClockSample>] = []
        var start = samples.startIndex
        while start < samples.endIndex {
            let end = samples[start...].firstIndex { $0.at >= samples[start].at + Self.hour } ?? samples.endIndex
            parts.append(samples[start..<end])
            start = end
        }
        guard let most = parts.max(by: { $0.count < $1.count }), let first = most.first,
            let anchor = Self.agreement(most, Self.sharp) ?? Self.agreement(most, Self.coarse)
        else { return nil }
        isOneOfSeveral = anchor.isOneOfSeveral
        for part in parts {
            guard let from = part.first?.at else { continue }
            let reach = Self.coarse + Int64(Double(abs(from - first.at) + Self.hour) * ClockConstraints.drift)
            let allowed = anchor.region.widened(by: reach)
            let fitting = part.map { $0.intervals.filter { $0.overlaps(allowed) } }
            guard let best = ClockSample.mostAllowed(fitting, widenedBy: Self.sharp) else { continue }
            count += best.count
            let hull = best.regions[0].lowerBound...best.regions[best.regions.count - 1].upperBound
            hours.append(Hour(from: from, region: hull.widened(by: Self.coarse)))
        }
        guard !hours.isEmpty else { return nil }
    }

    /// Where the offset lies at a time of the samples.
    func region(at moment: Int64) -> ClosedRange<Int64> {
        hours[max(hours.partitionIndex { $0.from > moment } - 1, 0)].region
    }

    /// What most requests agree on, or far more than on anything else.
    private static func agreement(
        _ samples: ArraySlice<ClockSample>, _ slack: Int64
    ) -> (region: ClosedRange<Int64>, isOneOfSeveral: Bool)? {
        guard let best = ClockSample.mostAllowed(samples.map(\.intervals), widenedBy: slack),
            let region = best.regions.min(by: { distance($0) < distance($1) })
        else { return nil }
        if best.count * 2 <= samples.count {
            let near = region.widened(by: coarse)
            let elsewhere = samples.map { $0.intervals.filter { !$0.overlaps(near) } }
            let next = ClockSample.mostAllowed(elsewhere, widenedBy: slack)?.count ?? 0
            guard best.count >= 10, best.count * fewestShare >= samples.count,
                Double(best.count) >= leadOverNext * Double(next)
            else { return nil }
        }
        return (region, best.regions.count > 1)
    }

    private static func distance(_ region: ClosedRange<Int64>) -> Int64 {
        region.contains(0) ? 0 : min(abs(region.lowerBound), abs(region.upperBound))
    }
}

extension ClosedRange<Int64> {
    fileprivate func widened(by reach: Int64) -> ClosedRange<Int64> { (lowerBound - reach)...(upperBound + reach) }
}

extension ClockSample {
    /// Where the most samples agree, and how many do: each counts once wherever one of its intervals, widened, lies.
    static func mostAllowed(_ samples: [[ClosedRange<Int64>]], widenedBy slack: Int64) -> (
        count: Int, regions: [ClosedRange<Int64>]
    )? {
        var edges: [(at: Int64, isEnd: Bool)] = []
        for intervals in samples {
            var open: ClosedRange<Int64>?
            for interval in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                let wide = (interval.lowerBound - slack)...(interval.upperBound + slack)
                if let known = open, known.upperBound >= wide.lowerBound {
                    open = known.lowerBound...max(known.upperBound, wide.upperBound)
                } else {
                    if let known = open { edges += [(known.lowerBound, false), (known.upperBound, true)] }
                    open = wide
                }
            }
            if let known = open { edges += [(known.lowerBound, false), (known.upperBound, true)] }
        }
        edges.sort { ($0.at, $0.isEnd ? 1 : 0) < ($1.at, $1.isEnd ? 1 : 0) }
        var (count, most) = (0, 0)
        var regions: [ClosedRange<Int64>] = []
        for (index, edge) in edges.enumerated() {
            guard !edge.isEnd else {
                count -= 1
                continue
            }
            count += 1
            // A region of the most agreement ends at the next edge, which is an end.
            if count > most { (most, regions) = (count, []) }
            if count == most { regions.append(edge.at...edges[index + 1].at) }
        }
        return most > 0 ? (most, regions) : nil
    }
}
