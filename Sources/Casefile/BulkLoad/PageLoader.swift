internal import Foundation
import GRDB
internal import GRDBSQLite

/// Puts rows into a case as fast as SQLite takes them: gathers them as a little database of the same tables in memory,
/// out of which `INSERT … SELECT` copies whole records without looking into them (the transfer optimization in SQLite's
/// insert.c; it asks for tables declared alike).
///
/// That takes a third less time than pulling them out of a virtual table, and what comes behind all rows of its table goes
/// in by the page (see `PackedPage`). The image is lent to SQLite by `sqlite3_deserialize`, in the format of
/// sqlite.org/fileformat2.html.
final class PageLoader {
    /// Of the image, and of every case.
    static let pageBytes = 16_384
    /// A root has room for more children than this.
    private static let mostLeaves = 1024
    /// Twice as much as events ever take, for now and then there are as many names.
    private static let mostPages = 2048
    private let schema: String

    private let db: Database
    private let tables: [Table]
    private let image: UnsafeMutableRawPointer
    private let capacity = (mostPages + 16) * pageBytes
    /// The first page, with the schema, as SQLite made it.
    private let head: [UInt8]
    private var pages: Int
    /// Nil: no page of rows is put in as one.
    private let opener: PageWriteShim?

    /// One table's rows: a leaf being filled, and those that are full.
    private final class Table {
        let name: String
        let root: Int
        let insert: String
        var leaves: [Leaf] = []
        /// The open leaf; 0: none.
        var page = 0
        var top = 0
        var cells = 0
        /// The numbers of the first and the last row that was added, and the last one's length.
        var first = Int64.max
        var last = Int64.min
        var lastBytes = 0
        var areParcels = false
        private var statement: RowStatement?
        /// Of the rows that the case has, the last one's number, and how many bytes they and their places take of the last
        /// page at least.
        private(set) var stored: (last: Int64, bytes: Int)
        /// How many of these are the last row's.
        private var storedLastBytes = 0

        init(name: String, root: Int, _ schema: String, _ db: Database) throws {
            self.name = name
            self.root = root
            insert = "INSERT INTO main.\(name) SELECT * FROM \(schema).\(name)"
            stored = (.min, PageLoader.pageBytes)
            if let last = try lastStored(db) { stored = (last, 0) }
        }

        /// Decides whether its leaves are inserted as parcels: if they belong behind all rows of the case, and none of them
        /// finds room on a page that has rows already.
        func chooseParcels(_ db: Database) throws {
            areParcels = leaves.count > 1 && first > stored.last && stored.bytes >= PackedPage.leastNeighbour
            // Sources may have been removed since.
            if areParcels, try lastStored(db) ?? .min != stored.last { areParcels = false }
        }

        /// Inserts a row of a number and a text.
        func insert(_ id: Int64, _ text: UnsafeRawBufferPointer, _ db: Database) throws {
            let statement = try self.statement ?? RowStatement("INSERT INTO main.\(name) VALUES (?, ?)", db)
            self.statement = statement
            try statement.execute(id, text)
            if id > stored.last { (stored.last, storedLastBytes) = (id, text.count) }
            splitLastPage()
        }

        /// Takes note that the last page may have become two, for a row may have been put before its last.
        func splitLastPage() { stored.bytes = storedLastBytes }

        func lastStored(_ db: Database) throws -> Int64? {
            try Int64.fetchOne(db, sql: "SELECT max(id) FROM main.\(name)")
        }

        /// Whether any row was added.
        var hasRows: Bool { page != 0 || !leaves.isEmpty }

        /// Begins anew once its rows are in the case.
        func empty() {
            if last > stored.last {
                storedLastBytes = lastBytes + 2
                stored = (last, areParcels ? PageLoader.pageBytes - top + 2 * cells : storedLastBytes)
            }
            (leaves, page, first, last) = ([], 0, .max, .min)
        }
    }

    private struct Leaf {
        var page: Int
        var cells: Int
        var last: Int64
    }

    /// An image for some tables of a case, none of which may have an index.
    ///
    /// - Parameter isForLateRows: whether it is for rows that belong before some of the case, which go in one by one. There
    ///   can be one of either kind.
    init(_ db: Database, tables names: [String], isForLateRows: Bool = false) throws {
        self.db = db
        let schema = isForLateRows ? "late_rows" : "rows"
        self.schema = schema
        let (head, roots) = try Self.template(db, names)
        self.head = head
        tables = try zip(names, roots).map { try Table(name: $0, root: $1, schema, db) }
        opener = isForLateRows ? nil : try PageWriteShim(db)
        pages = 1 + names.count
        image = .allocate(byteCount: capacity, alignment: 4096)
        try db.execute(sql: "ATTACH DATABASE ':memory:' AS \(schema)")
    }

    deinit {
        // Nothing of it is in use outside `flush`, which leaves an empty database attached.
        try? db.execute(sql: "DETACH DATABASE \(schema)")
        image.deallocate()
    }

    /// Called before rows are committed, in their transaction.
    var willCommit: () throws -> Void = {}
    /// Rows that were added and not inserted yet.
    private(set) var count = 0

    /// Whether enough is there to be inserted; the names that go with it need room too.
    var isNearlyFull: Bool { pages > Self.usualPages }
    private static let usualPages = 512
    /// How much of it that is.
    static let usualBytes = usualPages * pageBytes

    /// Whether rows belong before some that were added.
    func isLate(_ rows: RowEncoder, in index: Int) -> Bool { rows.firstID.map { $0 <= tables[index].last } ?? false }

    /// Whether `add` surely takes rows without inserting and committing what was added before.
    func hasRoom(for rows: RowEncoder, in index: Int) -> Bool {
        guard let first = rows.cells.first else { return true }
        return hasRoom(for: rows.pageBytes, behind: first.id - 1, in: index)
    }

    /// - Parameters:
    ///   - byteCount: of the rows, with their places.
    ///   - number: what the number of each is larger than.
    ///   - others: how much else there must be room for.
    func hasRoom(for byteCount: Int, behind number: Int64, in index: Int, beside others: Int = 0) -> Bool {
        let table = tables[index]
        // Of each page as much may stay empty as the longest row has.
        let least = Self.pageBytes - RowEncoder.longestText - 96
        return number >= table.last && pages + (byteCount + others) / least < Self.mostPages
            && table.leaves.count + byteCount / least < Self.mostLeaves - 1
    }

    // MARK: Rows

    /// Adds rows to a table, by its place in the list of tables; they must come in order of their numbers within one call.
    ///
    /// - Throws: `DatabaseError` if they had to be inserted and could not be.
    func add(_ rows: RowEncoder, to index: Int) throws {
        let table = tables[index]
        // SQLite reads a tree's rows in order: those of another file that belong before the last ones need an image of
        // their own.
        if let first = rows.cells.first, first.id <= table.last { try flush() }
        try rows.bytes.withUnsafeBytes { bytes in
            var start = 0
            for cell in rows.cells {
                let end = Int(cell.end)
                try add(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), cell.id, to: table)
                start = end
            }
        }
        for (id, text) in rows.long { try text.withUnsafeBytes { try insert(id, $0, into: index) } }
    }

    /// Inserts a row of a number and a text, which has at least one byte, at once, wherever it belongs.
    func insert(_ id: Int64, _ text: UnsafeRawBufferPointer, into index: Int) throws {
        try tables[index].insert(id, text, db)
    }

    /// The number of the last row of a table that the case has.
    func lastStored(in index: Int) -> Int64 { tables[index].stored.last }

    @inline(__always)
    private func add(_ cell: UnsafeRawBufferPointer, _ id: Int64, to table: Table) throws {
        guard id > table.last else {
            throw DatabaseError(
                resultCode: .SQLITE_CONSTRAINT, message: "\(table.name): row \(id) comes twice or too late")
        }
        if table.page == 0 || table.top - cell.count < PackedPage.places + 2 * (table.cells + 1) {
            if table.page != 0 { close(table) }
            if pages == Self.mostPages || table.leaves.count == Self.mostLeaves { try flush() }
            pages += 1
            (table.page, table.top, table.cells) = (pages, Self.pageBytes, 0)
        }
        table.top -= cell.count
        let page = start(of: table.page)
        (page + table.top).copyMemory(from: cell.baseAddress.unsafelyUnwrapped, byteCount: cell.count)
        TreePage.store(UInt16(truncatingIfNeeded: table.top), page, PackedPage.places + 2 * table.cells)
        table.cells += 1
        table.first = min(table.first, id)
        table.last = id
        table.lastBytes = cell.count
        count += 1
    }

    // MARK: Pages (sqlite.org/fileformat2.html, section 1.6)

    private func start(of page: Int) -> UnsafeMutableRawPointer { image + (page - 1) * Self.pageBytes }

    private func close(_ table: Table) {
        table.leaves.append(Leaf(page: table.page, cells: table.cells, last: table.last))
        table.page = 0
    }

    /// Makes a table's leaves and its root: its only leaf, or the page that leads to its leaves.
    ///
    /// - Returns: how many of them are parcels.
    private func finish(_ table: Table) throws -> Int {
        if table.page != 0 { close(table) }
        if opener != nil { try table.chooseParcels(db) }
        for leaf in table.leaves {
            if let opener, table.areParcels {
                PackedPage.wrap(start(of: leaf.page), cells: leaf.cells, last: leaf.last, opener.mark)
            } else {
                PackedPage.makeLeaf(start(of: leaf.page), cells: leaf.cells)
            }
        }
        setRoot(table)
        return table.areParcels ? table.leaves.count : 0
    }

    private func setRoot(_ table: Table) {
        let root = start(of: table.root)
        guard let last = table.leaves.last else {
            return TreePage.setHeader(root, .leaf, cells: 0, top: Self.pageBytes)
        }
        let others = table.leaves.dropLast()
        if others.isEmpty { return root.copyMemory(from: start(of: last.page), byteCount: Self.pageBytes) }
        var top = Self.pageBytes
        for (index, leaf) in others.enumerated() {
            let last = UInt64(bitPattern: leaf.last)
            top -= 4 + Varint.length(last)
            TreePage.store(UInt32(truncatingIfNeeded: leaf.page), root, top)
            Varint.write(last, to: root + top + 4)
            TreePage.store(UInt16(truncatingIfNeeded: top), root, TreePage.interiorPlaces + 2 * index)
        }
        TreePage.setHeader(root, .interior, cells: others.count, top: top)
        TreePage.store(UInt32(truncatingIfNeeded: last.page), root, 8)
    }

    // MARK: Inserting

    /// Inserts what was added, in a transaction that the caller has begun and that ends here; another one begins.
    func flush() throws {
        try insert()
        try willCommit()
        try db.commit()
        try db.beginTransaction(.deferred)
        empty()
    }

    /// Inserts what was added, in a transaction that must end before `empty` is called: what is lent to it is in use.
    func insert() throws {
        guard count > 0 else { return }
        head.withUnsafeBytes { image.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: Self.pageBytes) }
        // The database's size in pages.
        TreePage.store(UInt32(truncatingIfNeeded: pages), image, 28)
        let parcels = try tables.reduce(0) { $0 + (try finish($1)) }
        try lend(image, pages * Self.pageBytes)
        for table in tables where table.hasRows { try db.execute(sql: table.insert) }
        if parcels > 0 { try open(parcels) }
    }

    /// Begins anew once what was added is in the case.
    func empty() {
        for table in tables where table.hasRows { table.empty() }
        pages = 1 + tables.count
        count = 0
    }

    /// Takes note that another image inserts rows that belong before some of the case.
    func allowFor(_ other: PageLoader) {
        for (table, other) in zip(tables, other.tables) where other.hasRows { table.splitLastPage() }
    }

    /// Has the pages of the transaction written, which opens the parcels, and forgets them as they went in.
    private func open(_ parcels: Int) throws {
        let code = sqlite3_db_cacheflush(db.sqliteConnection)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        guard opener?.takeCount() == parcels else {
            throw DatabaseError(
                resultCode: .SQLITE_INTERNAL, message: "pages of rows were not written as they should be")
        }
        sqlite3_db_release_memory(db.sqliteConnection)
    }

    private func lend(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int) throws {
        let code = sqlite3_deserialize(
            db.sqliteConnection, schema, bytes.assumingMemoryBound(to: UInt8.self), Int64(byteCount),
            Int64(byteCount), UInt32(SQLITE_DESERIALIZE_READONLY))
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "image") }
    }

    /// A database with the case's declarations of some tables: its first page, and the root page of each table.
    private static func template(_ db: Database, _ names: [String]) throws -> (head: [UInt8], roots: [Int]) {
        var connection: OpaquePointer?
        guard sqlite3_open(":memory:", &connection) == SQLITE_OK else {
            throw DatabaseError(resultCode: .SQLITE_CANTOPEN)
        }
        defer { sqlite3_close(connection) }
        var statements = ["PRAGMA page_size = \(pageBytes)"]
        for name in names {
            let declared = try String.fetchOne(
                db, sql: "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?", arguments: [name])
            statements.append(declared ?? "")
        }
        for statement in statements {
            let code = sqlite3_exec(connection, statement, nil, nil, nil)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        var byteCount: sqlite3_int64 = 0
        guard let bytes = sqlite3_serialize(connection, "main", &byteCount, 0) else {
            throw DatabaseError(resultCode: .SQLITE_NOMEM)
        }
        defer { sqlite3_free(bytes) }
        // Each table of a new database has the next page as its root.
        guard byteCount == (1 + names.count) * pageBytes else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return (Array(UnsafeBufferPointer(start: bytes, count: pageBytes)), names.indices.map { $0 + 2 })
    }
}
