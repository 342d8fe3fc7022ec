public import GRDB
import LogRecords

/// Puts records into a case, in batches, as fast as SQLite takes them (see `PageLoader`), and into a run's trace.
///
/// Lives inside one `CaseFile.writeInSteps`, whose transactions it ends and begins.
public final class EventWriter {
    private let db: Database
    private let caseFile: CaseFile
    private let image: PageLoader
    /// For rows that belong before some of the case: apart from them all others go in by the page.
    private let late: PageLoader
    private let trace: EventSpool?
    /// What several readers sent, whose sources take turns: SQLite wants rows in order, so they are put in order first.
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    /// Of each source that waits, its last row in each table.
    private var lastWaiting: [Int64: [Int64]] = [:]
    private var isMixed = false

    private struct Waiting {
        var source: Int64
        /// By table.
        var cells: [RowEncoder]
    }
    /// Called before rows are committed, in their transaction.
    public var willCommit: () throws -> Void {
        get { image.willCommit }
        set { image.willCommit = newValue }
    }
    /// What encoders number deliveries' circumstances by.
    public let circumstances: DeliveryContextTable

    /// - Parameter trace: gets every event that is written.
    public init(_ db: Database, _ caseFile: CaseFile, trace: EventSpool? = nil) throws {
        self.db = db
        self.caseFile = caseFile
        self.trace = trace
        circumstances = try DeliveryContextTable(db)
        image = try PageLoader(db, tables: EventRows.tables)
        late = try PageLoader(db, tables: EventRows.tables, isForLateRows: true)
    }

    /// Takes a batch's rows; they are in the case after `flush`.
    ///
    /// - Returns: whether there are enough of them for a `flush` to be worth it.
    public func write(_ rows: EventRows) throws -> Bool {
        try trace?.add(rows)
        let bytes = rows.cells.reduce(0) { $0 + $1.pageBytes }
        if !isMixed,
            rows.cells.indices.contains(where: { place(of: rows.cells[$0], $0).isLate(rows.cells[$0], in: $0) })
        {
            try flush()
            isMixed = true
        }
        guard isMixed, let first = rows.cells.compactMap(\.firstID).first else {
            // What is committed must have its names, so the image is never left to make room by itself.
            let hasRoom = rows.cells.indices.allSatisfy {
                place(of: rows.cells[$0], $0).hasRoom(for: rows.cells[$0], in: $0)
            }
            if !hasRoom { try flush() }
            try add(rows.cells)
            return image.isNearlyFull || late.isNearlyFull
        }
        // All that waits goes in by one commit, for with it the sources count that are read to their end. So batches of one
        // source that overlap cannot wait together.
        let source = EventID(rawValue: first).source
        let overlaps = lastWaiting[source].map { last in
            zip(rows.cells, last).contains { cells, last in cells.firstID.map { $0 <= last } ?? false }
        }
        if overlaps == true || waitingBytes + bytes > PageLoader.usualBytes { try flush() }
        waiting.append(Waiting(source: source, cells: rows.cells))
        waitingBytes += bytes
        let last = lastWaiting[source] ?? rows.cells.map { _ in .min }
        lastWaiting[source] = zip(rows.cells, last).map { cells, last in cells.cells.last?.id ?? last }
        return waitingBytes > PageLoader.usualBytes
    }

    private func add(_ cells: [RowEncoder]) throws {
        for (table, cells) in cells.enumerated() where cells.count > 0 {
            try place(of: cells, table).add(cells, to: table)
        }
    }

    /// Where rows of a table are gathered.
    private func place(of cells: RowEncoder, _ table: Int) -> PageLoader {
        guard let first = cells.firstID, first <= image.lastStored(in: table) else { return image }
        return late
    }

    /// Inserts what was written, and every name, frame id and circumstance that is not stored yet, and commits; another
    /// transaction begins.
    public func flush() throws {
        try add(caseFile.names, caseFile.nameSeals, to: EventRows.name)
        try add(caseFile.frames, caseFile.frameSeals, to: EventRows.frame)
        try caseFile.checkNames()
        try circumstances.store(db)
        // Those of one source come in order.
        for place in waiting.indices.sorted(by: { (waiting[$0].source, $0) < (waiting[$1].source, $1) }) {
            try add(waiting[place].cells)
        }
        (waiting, waitingBytes, lastWaiting) = ([], 0, [:])
        try late.insert()
        image.allowFor(late)
        try image.flush()
        late.empty()
    }

    private func add(_ names: StringInterner, _ seals: NameSeals, to table: Int) throws {
        let fresh = names.takeFresh()
        guard fresh.count > 0 else { return }
        // Shards do not grow quite alike, so a few numbers belong before names that the case has.
        let last = image.lastStored(in: table)
        let hasRoom = image.hasRoom(
            for: fresh.byteCount + fresh.count * RowEncoder.mostBytesBesideText, behind: last, in: table,
            beside: waitingBytes)
        var cells = RowEncoder()
        try fresh.each { id, text in
            if hasRoom, id.rawValue > last {
                cells.add(Int64(id.rawValue), text)
            } else {
                try image.insert(Int64(id.rawValue), text, into: table)
            }
            seals.add(id.rawValue, text)
        }
        try image.add(cells, to: table)
        try seals.store(db)
    }
}

extension CaseFile {
    /// Stores the few names that something else than reading logs has added, in the caller's transaction.
    public func storeNames(_ db: Database) throws {
        for (table, seals) in [(names, nameSeals), (frames, frameSeals)] {
            let insert = try RowStatement("INSERT INTO \(seals.table.name) VALUES (?, ?)", db)
            try table.takeFresh().each { id, text in
                try insert.execute(Int64(id.rawValue), text)
                seals.add(id.rawValue, text)
            }
            try seals.store(db)
        }
    }
}
