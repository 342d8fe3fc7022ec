public import GRDB
public import LogRecords

/// Counts the deliveries of each circumstance, from each full hour or rollout until the next, so that a query about
/// rates need not read every delivery again.
public struct TallyWriter {
    private static let hour: Int64 = 3_600_000_000

    private let db: Database
    private var circumstances: CircumstanceNumbers
    /// The moments of rollouts, microseconds, rising.
    private let rollouts: [Int64]
    /// By the beginning of the span, then by the circumstance's number.
    private var counts: [Int64: [Int64]] = [:]
    /// The span met last: deliveries come mostly in order of time.
    private var span = Int64.min..<Int64.min
    private var current: [Int64] = []

    /// - Parameter rollouts: the moments at which any rollout began, microseconds since 1970 UTC.
    public init(_ db: Database, rollouts: [Int64]) throws {
        self.db = db
        self.rollouts = Set(rollouts).sorted()
        circumstances = try CircumstanceNumbers(db)
    }

    /// Counts a delivery that the case has; in any order.
    public mutating func add(_ delivery: Delivery) throws {
        let number = Int(try circumstances.number(Circumstance(delivery)))
        let stamp = delivery.time.stamp
        if !span.contains(stamp) { enter(stamp) }
        if number >= current.count { current.append(contentsOf: repeatElement(0, count: number + 1 - current.count)) }
        current[number] += 1
    }

    private mutating func enter(_ stamp: Int64) {
        leave()
        let (quotient, remainder) = stamp.quotientAndRemainder(dividingBy: Self.hour)
        var begin = (remainder < 0 ? quotient - 1 : quotient) * Self.hour
        var end = begin + Self.hour
        for moment in rollouts {
            if moment <= stamp { begin = max(begin, moment) } else { end = min(end, moment) }
        }
        span = begin..<end
        current = counts.removeValue(forKey: begin) ?? []
    }

    private mutating func leave() {
        if !span.isEmpty { counts[span.lowerBound] = current }
    }

    /// Stores what was counted.
    public mutating func store() throws {
        leave()
        let insert = try db.makeStatement(sql: "INSERT INTO tally VALUES (?, ?, ?)")
        for (from, numbers) in counts.sorted(by: { $0.key < $1.key }) {
            for (number, count) in numbers.enumerated() where count > 0 {
                try insert.execute(arguments: [from, number, count])
            }
        }
    }
}
