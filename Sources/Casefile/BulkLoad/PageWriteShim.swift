import GRDB
internal import GRDBSQLite

/// Opens parcels on their way from SQLite's cache into the case's file (see `PackedPage`).
///
/// Takes the place of the file's `xWrite` (sqlite.org/c3ref/io_methods.html) as long as it lives.
final class PageWriteShim {
    /// Of the parcels that it opens.
    var mark: PackedPage.Mark { hook.pointee.mark }
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let hook: UnsafeMutablePointer<Hook>

    /// SQLite's methods for the file with one replaced, and what that one needs: SQLite hands it the file alone.
    private struct Hook {
        var methods: sqlite3_io_methods
        let original: UnsafePointer<sqlite3_io_methods>
        let mark = PackedPage.Mark(.random(in: 0 ... .max), .random(in: 0 ... .max))
        /// For the page that is written.
        let page = UnsafeMutableRawPointer.allocate(byteCount: PageLoader.pageBytes, alignment: 4096)
        var opened = 0
    }

    /// - Throws: `DatabaseError` if the connection has no file.
    init(_ db: Database) throws {
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &found)
        guard code == SQLITE_OK, let found, let original = found.pointee.pMethods else {
            throw DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "the case's file")
        }
        file = found
        hook = .allocate(capacity: 1)
        hook.initialize(to: Hook(methods: original.pointee, original: original))
        hook.pointee.methods.xWrite = { file, bytes, count, offset in
            guard let file, let bytes, let methods = file.pointee.pMethods else { return SQLITE_IOERR }
            let hook = UnsafeMutableRawPointer(mutating: methods).assumingMemoryBound(to: Hook.self)
            return PageWriteShim.write(file, bytes, count, offset, hook)
        }
        file.pointee.pMethods = UnsafePointer(
            UnsafeMutableRawPointer(hook).assumingMemoryBound(to: sqlite3_io_methods.self))
    }

    deinit {
        file.pointee.pMethods = hook.pointee.original
        hook.pointee.page.deallocate()
        hook.deallocate()
    }

    /// Parcels that have been opened since it was asked last.
    func takeCount() -> Int {
        defer { hook.pointee.opened = 0 }
        return hook.pointee.opened
    }

    private static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ bytes: UnsafeRawPointer, _ count: Int32, _ offset: sqlite3_int64,
        _ hook: UnsafeMutablePointer<Hook>
    ) -> Int32 {
        var bytes = bytes
        if count == PageLoader.pageBytes, let rows = PackedPage.rows(in: bytes, hook.pointee.mark) {
            let page = hook.pointee.page
            page.copyMemory(from: bytes, byteCount: PageLoader.pageBytes)
            PackedPage.makeLeaf(page, cells: rows)
            bytes = UnsafeRawPointer(page)
            hook.pointee.opened += 1
        }
        return hook.pointee.original.pointee.xWrite(file, bytes, count, offset)
    }
}
