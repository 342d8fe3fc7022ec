public import GRDB
public import LogRecords

/// Which lines of a case tell of an answer that counts by another line, and what they add to that.
///
/// It is found anew by each correlation and stored with what that finds.
public struct SameAnswers {
    /// Lines that do not count.
    public private(set) var setAside = EventSet()
    /// Lines that count, with what others add to them.
    private(set) var changed = EventSet()
    private(set) var completed: [EventID: (delivery: Delivery, circumstance: Int32)] = [:]
    /// Lines that count for others too.
    private var counted = EventSet()

    private let db: Database
    private let insert: RowStatement
    private let circumstances: DeliveryContextTable

    /// Empties the tables of an earlier run.
    public init(_ db: Database) throws {
        self.db = db
        try Self.clear(db)
        insert = try RowStatement("INSERT INTO same_answer VALUES (?, ?)", db)
        circumstances = try DeliveryContextTable(db)
    }

    /// Forgets what an earlier run has found.
    public static func clear(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM same_answer; DELETE FROM shared_source; DELETE FROM log_pair")
    }

    /// Whether every line counts as it stands.
    public var isEmpty: Bool { setAside.isEmpty && changed.isEmpty }

    /// Adds an answer that several lines tell of.
    ///
    /// - Parameters:
    ///   - line: the one that counts, with what the others add.
    ///   - isCompleted: whether they add anything.
    public mutating func add(_ line: Delivery, isCompleted: Bool, others: [EventID]) throws {
        for other in others {
            setAside.insert(other)
            completed[other] = nil
            try insert.execute([other.rawValue.databaseValue, line.id.rawValue.databaseValue])
        }
        counted.insert(line.id)
        if isCompleted { change(line) }
    }

    /// Adds lines that say nothing but what the one says that counts.
    public mutating func add(_ others: [EventID], countedBy line: EventID) throws {
        for other in others {
            setAside.insert(other)
            try insert.execute([other.rawValue.databaseValue, line.rawValue.databaseValue])
        }
        counted.insert(line)
    }

    /// Notes that a line may tell of an answer that counts by another, so that it makes nothing certain.
    ///
    /// - Returns: whether it was not known to.
    @discardableResult
    public mutating func doubt(_ line: Delivery) -> Bool {
        var line = completed[line.id]?.delivery ?? line
        guard !setAside.contains(line.id), line.flags.insert(.mayBeRepeat).inserted else { return false }
        change(line)
        return true
    }

    private mutating func change(_ line: Delivery) {
        changed.insert(line.id)
        completed[line.id] = (line, circumstances.number(DeliveryContext(line)))
    }

    /// A line with what others add to it so far; nil if it tells of an answer that counts by another line.
    public func asCounted(_ line: Delivery) -> Delivery? {
        setAside.contains(line.id) ? nil : completed[line.id]?.delivery ?? line
    }

    /// Notes in which logs the lines of sources count that do not count themselves.
    ///
    /// - Parameter others: by source, the logs' names.
    public func note(_ others: [Int64: String]) throws {
        let insert = try RowStatement("INSERT INTO shared_source VALUES (?, ?, ?)", db)
        for (source, count) in setAside.countBySource.sorted(by: { $0.key < $1.key }) where count > 0 {
            try insert.execute([
                source.databaseValue, count.databaseValue, (others[source] ?? "another log").databaseValue,
            ])
        }
    }

    /// Notes how two logs compare.
    ///
    /// - Parameters:
    ///   - share: of the lines asked, those that have a partner.
    ///   - byChance: those that have one at other times.
    ///   - isSame: whether they tell of the same answers.
    public func note(
        logs: [String], asked: Int, share: Double, byChance: Double, isSame: Bool
    ) throws {
        try db.execute(
            sql: "INSERT INTO log_pair (log, other, asked, share, by_chance, is_same) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [logs.first ?? "", logs.last ?? "", asked, share, byChance, isSame])
    }

    /// In which logs the answers of a source count that do not count by its own lines, a sentence's end; by source.
    public static func notes(_ db: Database) throws -> [Int64: String] {
        let sources = try Int64.fetchAll(db, sql: "SELECT source FROM shared_source")
        return try Dictionary(
            uniqueKeysWithValues: sources.map { source in
                (source, try String.fetchOne(db, sql: "SELECT \(Views.sharedAnswers("\(source)"))") ?? "")
            })
    }

    /// Stores the circumstances that no line has by itself, and makes the table that `EventReader.deliveryTable` reads.
    ///
    /// - Returns: all circumstances.
    func store() throws -> [(Int64, DeliveryContext)] {
        try circumstances.store(db)
        try db.execute(
            sql: """
                DROP TABLE IF EXISTS temp.completed_delivery;
                CREATE TEMP TABLE completed_delivery AS SELECT * FROM delivery LIMIT 0;
                CREATE UNIQUE INDEX temp.completed_by_id ON completed_delivery(id)
                """)
        // What others add cannot be of these columns, and what the correlation reads does not have them all.
        let kept: Set = ["ts", "bytes", "rtt_ms", "loss_bp"]
        let columns = EventTable.delivery.columns.map(\.name.description)
        let values = columns.enumerated().map { kept.contains($1) ? $1 : "?\($0 + 2)" }.joined(separator: ", ")
        let copy = try RowStatement(
            "INSERT INTO temp.completed_delivery SELECT id, \(values) FROM delivery WHERE id = ?1", db)
        for (id, (line, circumstance)) in completed.sorted(by: { $0.key < $1.key }) {
            let row = RowValues(DeliveryRow(line, circumstance: Int64(circumstance)))
            try copy.execute([id.rawValue.databaseValue] + row.values)
        }
        return try DeliveryContextTable.all(db)
    }

    /// The deliveries as they count, in SQL.
    static let table = """
        (SELECT * FROM delivery o WHERE NOT EXISTS (SELECT 1 FROM same_answer a WHERE a.delivery = o.id)
            AND NOT EXISTS (SELECT 1 FROM temp.completed_delivery c WHERE c.id = o.id)
        UNION ALL SELECT * FROM temp.completed_delivery)
        """

    /// Fills that a line tells which does not count, where the line that counts tells one too.
    func toldTwice(_ fills: SpillFile<Fill>) throws -> EventSet {
        var (told, aside) = (EventSet(), [EventID]())
        try fills.eachBlock { block in
            for fill in block {
                if counted.contains(fill.id) { told.insert(fill.id) }
                if setAside.contains(fill.id) { aside.append(fill.id) }
            }
        }
        var twice = EventSet()
        let find = try db.cachedStatement(sql: "SELECT counted FROM same_answer WHERE delivery = ?")
        for id in aside {
            if let other = try Int64.fetchOne(find, arguments: [id.rawValue]), told.contains(EventID(rawValue: other)) {
                twice.insert(id)
            }
        }
        return twice
    }
}
