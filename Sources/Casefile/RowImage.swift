internal import Foundation
import GRDB
internal import GRDBSQLite

/// Puts rows into a case as fast as SQLite takes them: gathers them as a little database of the same tables in memory,
/// out of which `INSERT … SELECT` copies whole records without looking into them (the transfer optimization in SQLite's
/// insert.c; it asks for tables declared alike).
///
/// That takes a third less time than pulling them out of a virtual table; the case itself is written by SQLite alone. The
/// image is lent to SQLite by `sqlite3_deserialize`, in the format of sqlite.org/fileformat2.html.
final class RowImage {
    /// Of the image, and of every case.
    static let pageBytes = 16_384
    /// A root has room for more children than this.
    private static let mostPages = 1024
    private static let schema = "rows"

    private let db: Database
    private let tables: [Table]
    private let image: UnsafeMutableRawPointer
    private let capacity = (mostPages + 16) * pageBytes
    /// The first page, with the schema, as SQLite made it.
    private let head: [UInt8]
    private var pages: Int

    /// One table's rows: a leaf being filled, and those that are full.
    private final class Table {
        let name: String
        let root: Int
        let insert: String
        var leaves: [(page: Int, last: Int64)] = []
        /// The open leaf; 0: none.
        var page = 0
        var top = 0
        var cells = 0
        var last = Int64.min

        init(name: String, root: Int) {
            self.name = name
            self.root = root
            insert = "INSERT INTO main.\(name) SELECT * FROM \(RowImage.schema).\(name)"
        }
    }

    /// An image for some tables of a case, none of which may have an index.
    init(_ db: Database, tables names: [String]) throws {
        self.db = db
        let (head, roots) = try Self.template(db, names)
        self.head = head
        tables = zip(names, roots).map { Table(name: $0, root: $1) }
        pages = 1 + names.count
        image = .allocate(byteCount: capacity, alignment: 4096)
        try db.execute(sql: "ATTACH DATABASE ':memory:' AS \(Self.schema)")
    }

    deinit {
        // Nothing of it is in use outside `flush`, which leaves an empty database attached.
        try? db.execute(sql: "DETACH DATABASE \(Self.schema)")
        image.deallocate()
    }

    /// Called before rows are committed, in their transaction.
    var willCommit: () throws -> Void = {}
    /// Rows that were added and not inserted yet.
    private(set) var count = 0

    /// Whether enough is there to be inserted; the names that go with it need room too.
    var isNearlyFull: Bool { pages > Self.mostPages / 2 }

    /// Whether `add` surely takes rows without inserting and committing what was added before.
    func hasRoom(for rows: RowCells, in index: Int) -> Bool {
        guard let first = rows.cells.first else { return true }
        // Of each page as much may stay empty as the longest row has.
        let least = Self.pageBytes - RowCells.longestText - 64
        return first.id > tables[index].last
            && pages + (rows.bytes.count + 2 * rows.cells.count) / least < Self.mostPages
    }

    // MARK: Rows

    /// Adds rows to a table, by its place in the list of tables; they must come in order of their numbers within one call.
    ///
    /// - Throws: `DatabaseError` if they had to be inserted and could not be.
    func add(_ rows: RowCells, to index: Int) throws {
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
        for (id, text) in rows.long {
            try db.execute(
                sql: "INSERT INTO main.\(table.name) VALUES (?, ?)",
                arguments: [id, String(decoding: text, as: UTF8.self)])
        }
    }

    @inline(__always)
    private func add(_ cell: UnsafeRawBufferPointer, _ id: Int64, to table: Table) throws {
        if table.page == 0 || table.top - cell.count < 10 + 2 * table.cells {
            if table.page != 0 { close(table) }
            if pages == Self.mostPages { try flush() }
            pages += 1
            (table.page, table.top, table.cells) = (pages, Self.pageBytes, 0)
        }
        table.top -= cell.count
        let page = start(of: table.page)
        (page + table.top).copyMemory(from: cell.baseAddress.unsafelyUnwrapped, byteCount: cell.count)
        store(UInt16(truncatingIfNeeded: table.top), page, 8 + 2 * table.cells)
        table.cells += 1
        table.last = id
        count += 1
    }

    // MARK: Pages (sqlite.org/fileformat2.html, section 1.6)

    private func start(of page: Int) -> UnsafeMutableRawPointer { image + (page - 1) * Self.pageBytes }

    private func store<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ value: Integer, _ page: UnsafeMutableRawPointer, _ offset: Int
    ) {
        page.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
    }

    /// A page's own header: its kind, no free blocks, its cells and where their content begins.
    private func header(_ page: UnsafeMutableRawPointer, kind: UInt8, cells: Int, top: Int) {
        store(kind, page, 0)
        store(UInt16(0), page, 1)
        store(UInt16(truncatingIfNeeded: cells), page, 3)
        store(UInt16(truncatingIfNeeded: top), page, 5)
        store(UInt8(0), page, 7)
    }

    private func close(_ table: Table) {
        header(start(of: table.page), kind: 0x0d, cells: table.cells, top: table.top)
        table.leaves.append((table.page, table.last))
        table.page = 0
    }

    /// Makes a table's root: its only leaf, or the page that leads to its leaves.
    private func finish(_ table: Table) {
        if table.page != 0 { close(table) }
        let root = start(of: table.root)
        guard let last = table.leaves.popLast() else {
            return header(root, kind: 0x0d, cells: 0, top: Self.pageBytes)
        }
        if table.leaves.isEmpty {
            return root.copyMemory(from: start(of: last.page), byteCount: Self.pageBytes)
        }
        var top = Self.pageBytes
        for (index, leaf) in table.leaves.enumerated() {
            let last = UInt64(bitPattern: leaf.last)
            top -= 4 + Varint.length(last)
            store(UInt32(truncatingIfNeeded: leaf.page), root, top)
            Varint.write(last, to: root + top + 4)
            store(UInt16(truncatingIfNeeded: top), root, 12 + 2 * index)
        }
        header(root, kind: 0x05, cells: table.leaves.count, top: top)
        store(UInt32(truncatingIfNeeded: last.page), root, 8)
    }

    // MARK: Inserting

    /// Inserts what was added, in a transaction that the caller has begun and that ends here; another one begins.
    func flush() throws {
        guard count > 0 else {
            try willCommit()
            try db.commit()
            return try db.beginTransaction(.deferred)
        }
        let filled = tables.filter { $0.page != 0 || !$0.leaves.isEmpty }
        head.withUnsafeBytes { image.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: Self.pageBytes) }
        // The database's size in pages.
        store(UInt32(truncatingIfNeeded: pages), image, 28)
        tables.forEach(finish)
        try lend(image, pages * Self.pageBytes)
        for table in filled { try db.execute(sql: table.insert) }
        try willCommit()
        // What is lent must not be in use any more when the image is filled anew.
        try db.commit()
        try db.beginTransaction(.deferred)
        for table in tables { (table.leaves, table.page, table.last) = ([], 0, .min) }
        pages = 1 + tables.count
        count = 0
    }

    private func lend(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int) throws {
        let code = sqlite3_deserialize(
            db.sqliteConnection, Self.schema, bytes.assumingMemoryBound(to: UInt8.self), Int64(byteCount),
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
