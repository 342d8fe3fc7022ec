import LogRecords

/// Tells whether two logs would tell of the same answers if one of their clocks were set by whole quarters of an hour, as one is
/// that shows another time zone.
///
/// Without requests' ids it is no proof, for clients ask again at such intervals; so it is asked of lines with the same length alone, but for a header's,
/// and only where lengths tell answers apart.
public struct ClockShift: Sendable {
    /// By how much the other log's clock is ahead, microseconds.
    public var offset: Int64
    /// How many lines of the smaller log were asked, and the share of them that has a partner then.
    public var asked: Int
    public var share: Double
    /// The share of them that has one at most at other times.
    public var coincidence: Double
    /// The pairs' logs, to match them all.
    public var tie: LogTie

    /// Zones are apart by so many quarters of an hour at most (UTC-12 and UTC+14).
    static let mostQuarters: Int64 = 26 * 4
    private static let quarter: Int64 = 900_000_000
    /// How far an answer's ends may be apart beside that.
    private static let spread: Int64 = 8_000_000
    /// Of one line's partners so many are looked at.
    private static let mostPartners = 256

    /// How far apart logs may be written to be asked, microseconds.
    public static let reach = mostQuarters * quarter + spread

    /// - Parameters:
    ///   - first: lines of the smaller log.
    ///   - other: lines of the other.
    ///   - anchor: what lines of one answer have in common.
    public init?(_ first: [AnswerLine], _ other: [AnswerLine], _ anchor: Anchor) {
        guard min(first.count, other.count) >= LogComparison.fewestLines, Self.doBytesTell(first) else { return nil }
        var partners: [UInt64: [Int32]] = [:]
        for (index, line) in other.enumerated() where line.delivery.bytes > 0 {
            if let value = anchor.value(line) { partners[value, default: []].append(Int32(index)) }
        }
        // By whole quarters, and by half a quarter more, where nothing but chance has partners.
        var (shifted, between): ([Int64: [Match]], [Int64: [Match]]) = ([:], [:])
        for (index, line) in first.enumerated() where line.delivery.bytes > 0 {
            guard let value = anchor.value(line), let found = partners[value] else { continue }
            for place in found.prefix(Self.mostPartners) {
                let partner = other[Int(place)]
                let delay = partner.ended - line.ended
                guard abs(delay) <= Self.reach else { continue }
                let quarters = Int64((Double(delay) / Double(Self.quarter)).rounded())
                let rest = abs(delay - quarters * Self.quarter)
                let isShifted = rest <= Self.spread
                guard isShifted || rest >= Self.quarter / 2 - Self.spread else { continue }
                let more = partner.delivery.bytes - line.delivery.bytes
                guard abs(more) <= LogComparison.mostHeader,
                    LogComparison.areAlike(line.delivery, partner.delivery, anchor)
                else { continue }
                let match = Match(line: Int32(index), more: more)
                if isShifted {
                    shifted[quarters, default: []].append(match)
                } else {
                    between[quarters, default: []].append(match)
                }
            }
        }
        let found = shifted.filter { $0.key != 0 }.map { ($0.key, Self.lines($0.value)) }
        guard
            let best = found.max(by: {
                ($0.1.count, -abs($0.0), $0.0) < ($1.1.count, -abs($1.0), $1.0)
            })
        else { return nil }
        asked = first.count
        share = Double(best.1.count) / Double(asked)
        coincidence = Double(between.values.map { Self.lines($0).count }.max() ?? 0) / Double(asked)
        guard coincidence < 1, (share - coincidence) / (1 - coincidence) >= LogComparison.leastShare else { return nil }
        offset = best.0 * Self.quarter
        tie = LogTie(
            first: first[0].log, other: other[0].log, anchor: anchor,
            delay: (offset - Self.spread)...(offset + Self.spread), moreBytes: nil, agreements: [], places: .apart)
    }

    /// A line that has a partner, and by how many bytes that says more.
    private struct Match {
        var line: Int32
        var more: Int64
    }

    /// How many lines have a partner that says about as much more as the partners of most, as where one log counts headers.
    private static func lines(_ matches: [Match]) -> Set<Int32> {
        let more = matches.map(\.more).sorted()
        guard let middle = more.isEmpty ? nil : more[more.count / 2] else { return [] }
        return Set(matches.filter { abs($0.more - middle) <= LogComparison.headerSpread }.map(\.line))
    }

    /// Whether answers differ in their length.
    private static func doBytesTell(_ lines: [AnswerLine]) -> Bool {
        var counts: [Int64: Int] = [:]
        for line in lines where line.delivery.bytes > 0 { counts[line.delivery.bytes, default: 0] += 1 }
        return (counts.values.max() ?? lines.count) * 2 <= lines.count
    }
}
