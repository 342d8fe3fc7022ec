public import GRDB
import LogRecords

/// Puts records into a case, in batches, as fast as SQLite takes them (see `RowImage`), and into a run's trace.
///
/// Lives inside one `CaseFile.writeInSteps`, whose transactions it ends and begins.
public final class EventWriter {
    private let db: Database
    private let names: NameTable
    private let nameSeals: NameSeals
    private let image: RowImage
    private let trace: EventTrace?
    /// Called before rows are committed, in their transaction.
    public var willCommit: () throws -> Void {
        get { image.willCommit }
        set { image.willCommit = newValue }
    }
    /// What encoders number deliveries' circumstances by.
    public let circumstances: CircumstanceTable

    /// - Parameter trace: gets every event that is written.
    public init(_ db: Database, _ caseFile: CaseFile, trace: EventTrace? = nil) throws {
        self.db = db
        names = caseFile.names
        nameSeals = caseFile.nameSeals
        self.trace = trace
        circumstances = try CircumstanceTable(db)
        image = try RowImage(db, tables: EventRows.tables)
    }

    /// Takes a batch's rows; they are in the case after `flush`.
    ///
    /// - Returns: whether there are enough of them for a `flush` to be worth it.
    public func write(_ rows: EventRows) throws -> Bool {
        // What is committed must have its names, so the image is never left to make room by itself.
        let tables = rows.cells.indices.lazy
        if !tables.allSatisfy({ image.hasRoom(for: rows.cells[$0], in: $0) }) { try flush() }
        for (table, cells) in rows.cells.enumerated() where cells.count > 0 { try image.add(cells, to: table) }
        try trace?.add(rows)
        return image.isNearlyFull
    }

    /// Inserts what was written, and every name and circumstance that is not stored yet, and commits; another
    /// transaction begins.
    public func flush() throws {
        var fresh: [(id: Int32, place: Range<Int>)] = []
        var texts: [UInt8] = []
        names.drain { id, text in
            fresh.append((id.rawValue, texts.count..<(texts.count + text.count)))
            texts.append(contentsOf: text)
        }
        fresh.sort { $0.id < $1.id }
        var cells = RowCells()
        texts.withUnsafeBytes { bytes in
            for (id, place) in fresh {
                let text = UnsafeRawBufferPointer(rebasing: bytes[place])
                cells.add(Int64(id), text)
                nameSeals.add(id, text)
            }
        }
        if cells.count > 0 {
            if image.hasRoom(for: cells, in: EventRows.name) {
                try image.add(cells, to: EventRows.name)
            } else {
                let insert = try db.cachedStatement(sql: CaseFile.insertName)
                for (id, place) in fresh {
                    try insert.execute(arguments: [id, String(decoding: texts[place], as: UTF8.self)])
                }
            }
            try nameSeals.store(db)
        }
        try circumstances.store(db)
        try image.flush()
    }
}

extension CaseFile {
    fileprivate static let insertName = "INSERT INTO name VALUES (?, ?)"

    /// Stores the few names that something else than reading logs has added, in the caller's transaction.
    public func storeNames(_ db: Database) throws {
        let insert = try db.cachedStatement(sql: Self.insertName)
        try names.drain { id, text in
            try insert.execute(arguments: [id.rawValue, String(decoding: text, as: UTF8.self)])
            nameSeals.add(id.rawValue, text)
        }
        try nameSeals.store(db)
    }
}
