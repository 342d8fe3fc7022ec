public import GRDB
public import Interning
public import LogRecords

/// Reads events back out of a case, for the correlation.
///
/// Events of equal times come in order of their sources' digests and lines, so that what is computed from them does
/// not depend on the order in which files were read.
public struct EventReader {
    let db: Database
    private var trace: EventSpool
    /// Which lines tell of one answer, if any do.
    private var answers: SameAnswers?
    let doubles: AliasMap
    private let ranks: SourceRanks
    /// By number; no delivery has 0.
    public private(set) var circumstances: [DeliveryContext?]

    /// - Parameters:
    ///   - trace: of the case's events, if a run that wrote them all has one; else they are read once, held against their
    ///     seals, and traced.
    ///   - doubles: the frame ids that have several numbers; what is read has their first ones.
    /// - Throws: `CaseFileError.edited` if something else than this program has changed an event that counts.
    public init(
        _ db: Database, of caseFile: CaseFile, trace: EventSpool? = nil, doubles: AliasMap = AliasMap()
    ) throws {
        self.db = db
        self.doubles = doubles
        circumstances = Self.byNumber(try DeliveryContextTable.all(db))
        ranks = SourceRanks(
            try Int64.fetchAll(
                db, sql: "SELECT id FROM source WHERE state IN ('complete', 'damaged') ORDER BY label, id"))
        if let trace {
            self.trace = trace
        } else {
            self.trace = EventSpool(folder: caseFile.folder)
            if let first = try fillTrace().first { throw CaseFileError.edited(path: caseFile.path, what: first) }
        }
    }

    private static func byNumber(_ listed: [(Int64, DeliveryContext)]) -> [DeliveryContext?] {
        var circumstances = [DeliveryContext?](repeating: nil, count: Int(listed.last?.0 ?? 0) + 1)
        for (number, circumstance) in listed { circumstances[Int(number)] = circumstance }
        return circumstances
    }

    /// Reads each answer once from now on, by the line that counts.
    ///
    /// - Parameter folder: where scratch files are made if there is much to keep.
    public mutating func merge(_ answers: SameAnswers, folder: String) throws {
        if answers.isEmpty { return }
        circumstances = Self.byNumber(try answers.store())
        trace = try trace.merging(answers, circumstances, folder: folder)
        self.answers = answers
    }

    /// A line with what others add to it; nil if it tells of an answer that counts by another line.
    func asCounted(_ line: Delivery) -> Delivery? {
        guard let answers else { return line }
        if answers.setAside.contains(line.id) { return nil }
        return answers.completed[line.id]?.delivery ?? line
    }

    /// A number by which to order events of equal times.
    public func tieBreak(_ id: EventID) -> Int64 { (ranks[id] ?? 0) << EventID.lineBits | id.line }

    private static let counted = "source s ON s.id = e.id >> 36 AND s.state IN ('complete', 'damaged')"
    private static let tieBreak = "s.label, e.id"

    // MARK: Directory

    public func cameras() throws -> [CameraRecord] { try collect(\.id) { try trace.eachCamera($0) } }

    public func grants() throws -> [GrantRecord] {
        try collect(\.id) { body in
            try each("SELECT * FROM granted") { try body($0.record()) }
        }
    }

    /// In order of time, then of the rollout's name.
    public func rollouts() throws -> [Rollout] {
        var all: [Rollout] = []
        try each(
            """
            SELECT e.* FROM rollout e JOIN \(Self.counted) JOIN name n ON n.id = e.name
            ORDER BY e.ts, n.text, \(Self.tieBreak)
            """
        ) { all.append($0.record()) }
        return all
    }

    // MARK: Events in order of reading

    /// How many deliveries there are, of sources that do not count too.
    public var deliveryCount: Int { trace.deliveryCount }

    /// Whether any delivery names a frame.
    public var namesFrames: Bool { trace.namesFrames }

    /// Whether any fill is told by an origin's log, and not by the cache itself.
    public var hasOriginLog: Bool { trace.tellsSent }

    public func eachFill(_ body: (Fill) throws -> Void) throws {
        try eachFillBlock { for fill in $0 { try body(fill) } }
    }

    /// Calls `body` with all fills, some thousand at a time.
    public func eachFillBlock(_ body: ([Fill]) throws -> Void) throws {
        try trace.eachFillBlock { block in
            // Nearly always they all count.
            let all = block.allSatisfy { ranks.contains($0.id) } ? block : block.filter { ranks.contains($0.id) }
            try body(doubles.isEmpty ? all : all.map { doubles.unified($0) })
        }
    }

    public func eachPurge(_ body: (Purge) throws -> Void) throws {
        try trace.eachPurge { if ranks.contains($0.id) { try body($0) } }
    }

    /// Calls `body` with all deliveries, some thousand at a time, and the number of each one's circumstance.
    public func eachDeliveryBlock(_ body: ([Delivery], _ circumstances: [Int32]) throws -> Void) throws {
        // To call a function for each costs as much as to unpack it.
        let areUnified = doubles.isEmpty
        var (block, numbers): ([Delivery], [Int32]) = ([], [])
        block.reserveCapacity(Self.blockSize)
        numbers.reserveCapacity(Self.blockSize)
        try trace.eachDelivery(circumstances) { delivery, number in
            guard ranks.contains(delivery.id) else { return }
            block.append(areUnified ? delivery : doubles.unified(delivery))
            numbers.append(number)
            if block.count == Self.blockSize {
                try body(block, numbers)
                block.removeAll(keepingCapacity: true)
                numbers.removeAll(keepingCapacity: true)
            }
        }
        if !block.isEmpty { try body(block, numbers) }
    }

    /// Calls `body` with each delivery of some requesters, cameras or keys, and its node, until it returns false.
    public func eachBrief(
        _ wanted: (requesters: SymbolSet, cameras: SymbolSet, keys: SymbolSet),
        _ body: (EventSpool.Brief, _ node: SymbolID) -> Bool
    ) throws {
        let examples = circumstances.map { $0?.example }
        try trace.eachBrief(wanted) { brief in
            let number = Int(brief.circumstance)
            guard ranks.contains(brief.id), number < examples.count, let shared = examples[number],
                shared.content != .none
            else { return true }
            return body(brief, shared.node)
        }
    }

    /// Calls `body` with each delivery under some keys that carried a frame.
    public func eachDelivery(under keys: SymbolSet, _ body: (Delivery) throws -> Void) throws {
        try trace.eachDelivery(circumstances, under: keys) { delivery, _ in
            if ranks.contains(delivery.id), delivery.content == .frame { try body(delivery) }
        }
    }

    /// Deliveries by their lines, with all that their rows hold.
    public func deliveries(_ ids: [EventID]) throws -> [Delivery] {
        let statement = try db.makeStatement(sql: "SELECT * FROM delivery WHERE id = ?")
        var all: [Delivery] = []
        for id in ids {
            try statement.setArguments([id.rawValue])
            let row = EventRow(statement)
            while try row.step() { all.append(doubles.unified(try row.delivery(circumstances))) }
        }
        return all
    }

    /// Calls `body` with each delivery of some sources, with all that its row holds.
    public func eachDelivery(of sources: [Int64], _ body: (Delivery) throws -> Void) throws {
        for source in sources {
            let bounds = [EventID(source: source, line: 0), EventID(source: source + 1, line: 0)]
            try each("SELECT * FROM delivery WHERE id >= ? AND id < ?", bounds.map(\.rawValue)) {
                try body(doubles.unified(try $0.delivery(circumstances)))
            }
        }
    }

    /// Small enough that a block is still in the processor's cache when it is used, and that its memory serves the next
    /// one again.
    private static let blockSize = 1024

    /// - Returns: what does not fit the seals; the other event tables, which are read later, are looked at as well.
    private func fillTrace() throws -> [String] {
        try SealedTable.events.flatMap { table in
            let take: (EventRow) throws -> Void =
                switch table.name {
                case Fill.table: { try trace.add($0.record(Fill.self)) }
                case Purge.table: { try trace.add($0.record(Purge.self)) }
                case DeliveryRow.table:
                    {
                        let row = try $0.counted(circumstances)
                        try trace.add(row.delivery, circumstance: Int32(row.circumstance))
                    }
                case CameraRecord.table: { try trace.add($0.record(CameraRecord.self)) }
                default: { _ in }
                }
            return try Seals.problems(
                table, db, named: SourceRow.displayName(of:_:), of: ranks.contains(source:), each: take)
        }
    }

    // MARK: Events by key

    /// Every fill, purge and delivery under some keys; nil if they are too many for memory.
    public func fewEvents(under keys: SymbolSet) throws -> KeyedEvents? {
        var few = KeyedEvents()
        try eachFill { if keys.contains($0.key) { few.add(.fill($0), tieBreak: tieBreak($0.id)) } }
        try eachPurge { if keys.contains($0.key) { few.add(.purge($0), tieBreak: tieBreak($0.id)) } }
        try trace.eachDelivery(circumstances, under: keys) { delivery, _ in
            if ranks.contains(delivery.id) {
                few.add(.delivery(doubles.unified(delivery)), tieBreak: tieBreak(delivery.id))
            }
        }
        return few.areTooMany ? nil : few
    }

    /// Calls `body` for every fill, purge and delivery under some keys, key by key, under each key in order of
    /// `time.earliest`. SQLite sorts them, outside memory if need be.
    public func eachSorted(under keys: SymbolSet, _ body: (KeyEvent) throws -> Void) throws {
        let filter = try KeyFilter(db, keys)
        func cursor(_ table: EventTable) throws -> OrderedRows {
            let name = table.name == DeliveryRow.table && answers != nil ? SameAnswers.table : table.name
            return try OrderedRows(
                db.makeStatement(
                    sql: """
                        SELECT e.* FROM \(name) e JOIN \(Self.counted)
                        WHERE \(filter.name)(e.key)
                        ORDER BY e.key, e.ts - e.early, \(Self.tieBreak)
                        """), of: table)
        }
        var fills = try cursor(.fill)
        var purges = try cursor(.purge)
        var deliveries = try cursor(.delivery)
        while true {
            // At one moment what changes an entry comes before what reads it; the sweep's intervals decide the rest.
            let place = min(fills.place, purges.place, deliveries.place)
            if place == .end { break }
            if fills.place == place {
                try body(.fill(doubles.unified(fills.row.record(Fill.self))))
                try fills.advance()
            } else if purges.place == place {
                try body(.purge(purges.row.record()))
                try purges.advance()
            } else {
                try body(.delivery(doubles.unified(deliveries.row.delivery(circumstances))))
                try deliveries.advance()
            }
        }
    }

    /// Calls `body` for each row of a statement.
    func each(_ sql: String, _ numbers: [Int64] = [], _ body: (EventRow) throws -> Void) throws {
        let statement = try db.makeStatement(sql: sql)
        try statement.setArguments(StatementArguments(numbers))
        let row = EventRow(statement)
        while try row.step() { try body(row) }
    }

    /// Of what `each` passes on, that of sources which count, in order of their labels and lines.
    private func collect<T>(_ id: @escaping (T) -> EventID, _ each: ((T) throws -> Void) throws -> Void) throws -> [T] {
        var all: [T] = []
        try each { if ranks.contains(id($0)) { all.append($0) } }
        return all.inOrder { tieBreak(id($0)) }
    }
}

/// A statement's rows in order of key and time, and the place of the row ahead.
private struct OrderedRows {
    struct Place: Comparable {
        var key: Int32
        var earliest: Int64
        static let end = Place(key: .max, earliest: .max)
        static func < (a: Place, b: Place) -> Bool { (a.key, a.earliest) < (b.key, b.earliest) }
    }

    let row: EventRow
    private let columns: (key: Int32, stamp: Int32, early: Int32)
    private(set) var place = Place.end

    /// - Parameter table: with whose columns the rows begin.
    init(_ statement: Statement, of table: EventTable) throws {
        func position(_ column: String) -> Int32 { Int32(table.position(of: column)) }
        row = EventRow(statement)
        columns = (position("key"), position("ts"), position("early"))
        try advance()
    }

    mutating func advance() throws {
        guard try row.step() else {
            place = .end
            return
        }
        place = Place(
            key: row.name(columns.key).rawValue, earliest: row.integer(columns.stamp) - row.integer(columns.early))
    }
}

/// The place of each source in the order of labels, for those whose events count.
private struct SourceRanks {
    /// By the source's number: its place, plus one; 0 for one that does not count.
    private var places = MappedArray<Int64>()
    /// No event is of a source with another number.
    private static let numbers = 0..<EventID(rawValue: .max).source

    /// - Parameter sources: in that order.
    init(_ sources: [Int64]) {
        places.extend(to: Int(sources.filter(Self.numbers.contains).max() ?? -1) + 1)
        for (place, source) in sources.enumerated() where Self.numbers.contains(source) {
            places[Int(source)] = Int64(place + 1)
        }
    }

    /// The place of an event's source; nil if it does not count.
    subscript(id: EventID) -> Int64? {
        contains(source: id.source) ? places[Int(id.source)] - 1 : nil
    }

    func contains(_ id: EventID) -> Bool { contains(source: id.source) }

    func contains(source: Int64) -> Bool { 0..<Int64(places.count) ~= source && places[Int(source)] > 0 }
}
