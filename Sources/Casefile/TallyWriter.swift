public import GRDB
public import LogRecords

/// Counts the deliveries of each circumstance, so that a query about rates need not read every delivery again.
public struct TallyWriter {
    private let db: Database
    private var circumstances: CircumstanceNumbers
    /// By the circumstance's number.
    private var counts: [Int] = []

    public init(_ db: Database) throws {
        self.db = db
        circumstances = try CircumstanceNumbers(db)
    }

    /// Counts a delivery that the case has; in any order.
    public mutating func add(_ delivery: Delivery) throws {
        let number = Int(try circumstances.number(Circumstance(delivery)))
        if number >= counts.count { counts.append(contentsOf: repeatElement(0, count: number + 1 - counts.count)) }
        counts[number] += 1
    }

    /// Stores what was counted.
    public func store() throws {
        let insert = try db.makeStatement(sql: "INSERT INTO tally VALUES (?, ?)")
        for (number, count) in counts.enumerated() where count > 0 {
            try insert.execute(arguments: [number, count])
        }
    }
}
