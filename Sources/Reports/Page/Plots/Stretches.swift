import GRDB
import LogRecords

/// The dump's time in stretches of equal length: what happened in each.
struct Stretches {
    struct Count {
        var certain = 0
        var possible = 0
        var sum: Int { certain + possible }
    }

    let from: Int64
    /// Microseconds.
    let length: Int64
    /// Deliveries that carried a frame.
    private(set) var deliveries: [Int]
    private(set) var exposures: [Count]
    /// Exposures by node; nil where the log names none.
    private(set) var byNode: [(node: String?, counts: [Count])] = []

    var count: Int { deliveries.count }
    var scale: TimeScale { TimeScale(from, from + Int64(count) * length) }
    func beginning(of index: Int) -> Int64 { from + Int64(index) * length }

    /// `hour`, `10 minutes`
    var lengthInWords: String {
        switch length / 1_000_000 {
        case 1: "second"
        case 60: "minute"
        case 3600: "hour"
        case 86_400: "day"
        case 604_800: "week"
        case let seconds where seconds < 60: "\(seconds) seconds"
        case let seconds where seconds < 3600: "\(seconds / 60) minutes"
        case let seconds where seconds < 86_400: "\(seconds / 3600) hours"
        case let seconds: "\(seconds / 604_800) weeks"
        }
    }

    /// Nil if the case has no delivery.
    init?(_ db: Database, _ names: ShownNames) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT from_ts, until_ts, deliveries FROM traffic ORDER BY from_ts")
        guard let first = rows.first else { return nil }
        from = try first.decode(atIndex: 0)
        length = try first.decode(Int64.self, atIndex: 1) - first.decode(Int64.self, atIndex: 0)
        deliveries = try rows.map { try $0.decode(atIndex: 2) }
        exposures = [Count](repeating: Count(), count: deliveries.count)
        var nodes: [Int64?: [Count]] = [:]
        let found = try Row.fetchCursor(
            db,
            sql: """
                SELECT x.node, min(max((d.ts - ?1) / ?2, 0), ?3 - 1) AS stretch, sum(e.certainty = 'certain'),
                    sum(e.certainty = 'possible')
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery JOIN circumstance x ON x.id = d.circumstance
                WHERE e.is_redisplay = 0 GROUP BY 1, 2
                """, arguments: [from, length, deliveries.count])
        while let row = try found.next() {
            let (node, index) = (try row.decode(Int64?.self, atIndex: 0), try row.decode(Int.self, atIndex: 1))
            let count = Count(certain: try row.decode(atIndex: 2), possible: try row.decode(atIndex: 3))
            exposures[index].certain += count.certain
            exposures[index].possible += count.possible
            nodes[node, default: [Count](repeating: Count(), count: deliveries.count)][index] = count
        }
        byNode = try nodes.map { (node: try names.text($0.key), counts: $0.value) }.sorted { one, other in
            let (mine, theirs) = (one.counts.reduce(0) { $0 + $1.sum }, other.counts.reduce(0) { $0 + $1.sum })
            return (theirs, one.node ?? "") < (mine, other.node ?? "")
        }
    }

    /// `26 Dec 2019, 11:00:00 to 12:00:00 UTC`
    func words(_ indices: Range<Int>) -> String {
        let (start, end) = (beginning(of: indices.lowerBound), beginning(of: indices.upperBound))
        if length >= 86_400_000_000 { return "\(Wording.day(start)) to \(Wording.day(end))" }
        let isOneDay = Wording.day(start) == Wording.day(end - 1)
        return
            "\(Wording.day(start)), \(Wording.clock(start)) to \(isOneDay ? "" : Wording.shortDay(end) + ", ")\(Wording.clock(end)) UTC"
    }
}
