import GRDB
internal import GRDBSQLite

/// Puts rows of integers into a table as fast as SQLite can: one `INSERT … SELECT` pulls many of them out of a virtual
/// table that lends this feed's buffer, which takes half the time of binding and stepping row by row.
///
/// A column may also be text. The virtual table is eponymous-only, so nothing of it is stored in the case
/// (sqlite.org/vtab.html, section 2.1.2).
final class RowFeed {
    /// Stands for SQL's NULL; no value of an event can be it.
    static let null = Int64.min
    /// Rows that one statement inserts: few enough that the buffer stays in the processor's cache.
    private static let capacity = 1024

    private let columns: Int
    /// Row after row; a text is its offset in `texts` << 32 plus its length.
    private let values: UnsafeMutablePointer<Int64>
    private let textColumn: Int32
    private var texts: [UInt8] = []
    private var count = 0
    private var statement: Statement?
    private var handle: OpaquePointer?

    /// - Parameter textColumn: the column that holds texts, if one does.
    init(_ db: Database, into table: String, columns: Int, textColumn: Int? = nil) throws {
        self.columns = columns
        self.textColumn = textColumn.map(Int32.init) ?? -1
        values = .allocate(capacity: columns * Self.capacity)
        values.initialize(repeating: 0, count: columns * Self.capacity)
        let feed = "\(table)_feed"
        let code = sqlite3_create_module_v2(
            db.sqliteConnection, feed, Self.module, Unmanaged.passUnretained(self).toOpaque(), nil)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        let statement = try db.makeStatement(sql: "INSERT INTO \(table) SELECT * FROM \(feed)")
        handle = statement.sqliteStatement
        self.statement = statement
    }

    deinit { values.deallocate() }

    /// Adds a row; `fill` sets its columns, all of them, in the order of the table.
    @inline(__always)
    func add(_ fill: (inout Row) -> Void) throws {
        var row = Row(next: values + count * columns)
        fill(&row)
        count += 1
        if count == Self.capacity { try flush() }
    }

    /// Adds a row of a number and a text.
    func add(_ number: Int64, _ text: UnsafeRawBufferPointer) throws {
        let place = Int64(texts.count) << 32 | Int64(text.count)
        texts.append(contentsOf: text)
        try add {
            $0.set(number)
            $0.set(place)
        }
    }

    /// Inserts what was added.
    func flush() throws {
        guard count > 0 else { return }
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
        }
        count = 0
        texts.removeAll(keepingCapacity: true)
    }

    /// A row being set, column by column.
    struct Row {
        fileprivate var next: UnsafeMutablePointer<Int64>

        @inline(__always)
        mutating func set(_ value: Int64) {
            next.pointee = value
            next += 1
        }
    }

    // MARK: The virtual table

    private struct Table {
        var base = sqlite3_vtab()
        var feed: Unmanaged<RowFeed>
    }

    private struct Cursor {
        var base = sqlite3_vtab_cursor()
        var row: UnsafePointer<Int64>
        var end: UnsafePointer<Int64>
        var columns: Int
        var textColumn: Int32
        var feed: Unmanaged<RowFeed>
    }

    /// Lives as long as the process, as SQLite demands of a module.
    private nonisolated(unsafe) static let module: UnsafePointer<sqlite3_module> = {
        let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        module.initialize(to: sqlite3_module())
        module.pointee.xConnect = { db, context, _, _, table, _ in
            guard let db, let context, let table else { return SQLITE_ERROR }
            let feed = Unmanaged<RowFeed>.fromOpaque(context)
            let columns = (0..<feed.takeUnretainedValue().columns).map { "c\($0)" }.joined(separator: ",")
            let code = sqlite3_declare_vtab(db, "CREATE TABLE feed(\(columns))")
            guard code == SQLITE_OK else { return code }
            let made = UnsafeMutablePointer<Table>.allocate(capacity: 1)
            made.initialize(to: Table(feed: feed))
            table.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
            return SQLITE_OK
        }
        module.pointee.xDisconnect = { table in
            UnsafeMutableRawPointer(table)?.deallocate()
            return SQLITE_OK
        }
        module.pointee.xBestIndex = { _, _ in SQLITE_OK }
        module.pointee.xOpen = { table, cursor in
            guard let table, let cursor else { return SQLITE_ERROR }
            let feed = UnsafeRawPointer(table).assumingMemoryBound(to: Table.self).pointee.feed
            let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
            let lent = feed.takeUnretainedValue()
            made.initialize(
                to: Cursor(
                    row: UnsafePointer(lent.values), end: UnsafePointer(lent.values), columns: lent.columns,
                    textColumn: lent.textColumn, feed: feed))
            cursor.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
            return SQLITE_OK
        }
        module.pointee.xClose = { cursor in
            UnsafeMutableRawPointer(cursor)?.deallocate()
            return SQLITE_OK
        }
        module.pointee.xFilter = { cursor, _, _, _, _ in
            let cursor = RowFeed.cursor(cursor)
            let feed = cursor.pointee.feed.takeUnretainedValue()
            cursor.pointee.row = UnsafePointer(feed.values)
            cursor.pointee.end = UnsafePointer(feed.values) + feed.count * feed.columns
            return SQLITE_OK
        }
        module.pointee.xNext = { cursor in
            let cursor = RowFeed.cursor(cursor)
            cursor.pointee.row += cursor.pointee.columns
            return SQLITE_OK
        }
        module.pointee.xEof = { cursor in
            let cursor = RowFeed.cursor(cursor)
            return cursor.pointee.row == cursor.pointee.end ? 1 : 0
        }
        module.pointee.xColumn = { cursor, result, column in
            let cursor = RowFeed.cursor(cursor)
            let value = cursor.pointee.row[Int(column)]
            if value == RowFeed.null { return SQLITE_OK }
            if column == cursor.pointee.textColumn {
                cursor.pointee.feed.takeUnretainedValue().texts.withUnsafeBytes { texts in
                    let start = texts.baseAddress.map { $0 + Int(value >> 32) }
                    // SQLITE_TRANSIENT: SQLite copies the text before the call returns.
                    sqlite3_result_text(
                        result, start?.assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: value),
                        unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                }
            } else {
                sqlite3_result_int64(result, value)
            }
            return SQLITE_OK
        }
        module.pointee.xRowid = { cursor, id in
            let cursor = RowFeed.cursor(cursor)
            id?.pointee = Int64(cursor.pointee.end - cursor.pointee.row)
            return SQLITE_OK
        }
        return UnsafePointer(module)
    }()

    @inline(__always)
    private static func cursor(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<Cursor> {
        // SQLite gives back what `xOpen` made.
        UnsafeMutableRawPointer(cursor.unsafelyUnwrapped).assumingMemoryBound(to: Cursor.self)
    }
}
