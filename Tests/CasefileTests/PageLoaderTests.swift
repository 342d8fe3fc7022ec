import Chance
import Foundation
import GRDB
import Testing

@testable import Casefile

/// Rows that go into a table as an image of pages, beside the same rows bound one by one.
@Suite struct PageLoaderTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-\(UUID().uuidString)")

    /// A database of two tables declared alike, and one of texts.
    private func withDatabase(_ body: (Database) throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA page_size = \(PageLoader.pageBytes)") }
        let queue = try DatabaseQueue(path: folder.appending(path: "rows.sqlite").path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            for name in ["event", "bound"] {
                try db.execute(
                    sql:
                        "CREATE TABLE \(name) (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER NOT NULL, c INTEGER NOT NULL DEFAULT 0, d INTEGER) STRICT"
                )
            }
            try db.execute(sql: "CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
            try db.beginTransaction(.deferred)
            try body(db)
            try db.commit()
            #expect(try String.fetchAll(db, sql: "PRAGMA main.integrity_check") == ["ok"])
        }
        try queue.close()
        // As another process sees it.
        let again = try DatabaseQueue(path: folder.appending(path: "rows.sqlite").path)
        #expect(try again.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        try again.close()
        let file = try Data(contentsOf: folder.appending(path: "rows.sqlite"))
        #expect(file.range(of: Data("a name that strays".utf8)) == nil)
    }

    /// Integers of every width, and those on either side of a width's end.
    private static func edge(_ random: inout Chance) -> Int64 {
        let shift = Int64.random(in: 0..<63, using: &random)
        let value = (Int64(1) << shift) + Int64.random(in: -1...1, using: &random)
        return Bool.random(using: &random) ? value : -value
    }

    private func insert(_ rows: [(Int64, Int64?, Int64, Int64, Int64?)], _ db: Database) throws {
        let statement = try db.makeStatement(sql: "INSERT INTO bound VALUES (?, ?, ?, ?, ?)")
        for row in rows { try statement.execute(arguments: [row.0, row.1, row.2, row.3, row.4]) }
    }

    private func cells(_ rows: [(Int64, Int64?, Int64, Int64, Int64?)]) -> RowEncoder {
        var cells = RowEncoder()
        for (id, a, b, c, d) in rows {
            cells.add(id) {
                $0.set(a ?? RowEncoder.null)
                $0.set(b)
                if c == 0, d == nil { return }
                $0.set(c)
                $0.set(d ?? RowEncoder.null)
            }
        }
        return cells
    }

    private func expectAlike(_ db: Database, count: Int) throws {
        #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM event") == count)
        for (one, other) in [("event", "bound"), ("bound", "event")] {
            #expect(
                try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT * FROM \(one) EXCEPT SELECT * FROM \(other))")
                    == 0)
        }
    }

    @Test(
        "every integer comes back as it went in, in rows that end early and in rows that do not",
        arguments: [1, 40, 60_000])
    func integers(_ count: Int) throws {
        var random = Chance(seed: UInt64(count))
        var id: Int64 = 0
        let rows = (0..<count).map { _ in
            // Numbers with gaps, up to the largest that a case has.
            id += Int64.random(in: 1...(1 << 40), using: &random)
            let isShort = Bool.random(using: &random)
            return (
                id, Bool.random(using: &random) ? nil : Self.edge(&random), Self.edge(&random),
                isShort ? 0 : Self.edge(&random), isShort || Bool.random(using: &random) ? nil : Self.edge(&random)
            )
        }
        try withDatabase { db in
            try insert(rows, db)
            let image = try PageLoader(db, tables: ["name", "event"])
            try image.add(cells(rows), to: 1)
            try image.flush()
            try expectAlike(db, count: count)
        }
    }

    @Test("rows of two sources that take turns, and more than one image holds, are all there in order")
    func turns() throws {
        func rows(_ source: Int64, _ part: Int64) -> [(Int64, Int64?, Int64, Int64, Int64?)] {
            (0..<5000).map { (source << 36 | part * 5000 + $0, $0, source, part, nil) }
        }
        try withDatabase { db in
            let image = try PageLoader(db, tables: ["name", "event"])
            var count = 0
            for part in 0..<40 as Range<Int64> {
                for source in [7, 3] as [Int64] {
                    try insert(rows(source, part), db)
                    try image.add(cells(rows(source, part)), to: 1)
                    count += 5000
                }
            }
            try image.flush()
            try expectAlike(db, count: count)
        }
    }

    @Test("pages of rows go in behind what is there, whatever that is, and can be read at once")
    func pages() throws {
        try withDatabase { db in
            let image = try PageLoader(db, tables: ["name", "event"])
            var next: Int64 = 1
            // Nothing yet, one short row, less than a page, many pages, and a last page of one row.
            for count in [1, 3, 20_000, 1, 5000, 300, 40_000] {
                let rows = (next..<(next + Int64(count))).map { ($0, $0, $0 % 7, Int64(0), Int64?.none) }
                next += Int64(count)
                try insert(rows, db)
                var names = RowEncoder()
                for row in rows {
                    "\(row.0)".utf8CString.withUnsafeBytes { names.add(row.0, .init(rebasing: $0.dropLast())) }
                }
                try image.add(names, to: 0)
                try image.add(cells(rows), to: 1)
                try image.flush()
                try expectAlike(db, count: Int(next) - 1)
                #expect(
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM name WHERE text = CAST(id AS TEXT)") == Int(next)
                        - 1)
            }
        }
    }

    @Test("rows that were deleted are nowhere in the file, also not beside rows that came later")
    func deleted() throws {
        try withDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON")
            let image = try PageLoader(db, tables: ["name", "event"])
            var names = RowEncoder()
            for id in 1...5000 as ClosedRange<Int64> {
                "a name that strays".utf8CString.withUnsafeBytes { names.add(id, .init(rebasing: $0.dropLast())) }
            }
            try image.add(names, to: 0)
            try image.flush()
            try db.execute(sql: "DELETE FROM name")
            let rows = (1...2500).map { (Int64($0), Int64?.none, Int64(1), Int64(0), Int64?.none) }
            try insert(rows, db)
            try image.add(cells(rows), to: 1)
            try image.flush()
            try expectAlike(db, count: 2500)
        }
    }

    @Test("rows for which there is room are never committed before all of them are there")
    func room() throws {
        var random = Chance(seed: 1)
        try withDatabase { db in
            let image = try PageLoader(db, tables: ["name", "event"])
            var commits = 0
            image.willCommit = { commits += 1 }
            var id: Int64 = 0
            var full = 0
            for _ in 0..<400 {
                var cells = RowEncoder()
                for _ in 0..<Int.random(in: 1...300, using: &random) {
                    id += 1
                    var text = String(repeating: "x", count: Int.random(in: 0...4000, using: &random))
                    text.withUTF8 { cells.add(id, UnsafeRawBufferPointer($0)) }
                }
                let before = commits
                if image.hasRoom(for: cells, in: 0) {
                    try image.add(cells, to: 0)
                    #expect(commits == before)
                } else {
                    try image.flush()
                    full += 1
                    #expect(image.hasRoom(for: cells, in: 0))
                    try image.add(cells, to: 0)
                    #expect(commits == before + 1)
                }
                #expect(!image.hasRoom(for: cells, in: 0))
            }
            #expect(full > 3)
        }
    }

    @Test("texts come back, also empty, foreign and very long ones")
    func texts() throws {
        let lengths = [0, 1, 56, 57, 127, 128, 4000, 4001, 16_384, 1 << 20]
        let texts = lengths.map { String(repeating: "é", count: $0 / 2) + ($0 % 2 == 1 ? "x" : "") }
        try withDatabase { db in
            let image = try PageLoader(db, tables: ["name", "event"])
            var cells = RowEncoder()
            for (index, text) in texts.enumerated() {
                var copy = text
                copy.withUTF8 { cells.add(Int64(index + 1), UnsafeRawBufferPointer($0)) }
            }
            try image.add(cells, to: 0)
            try image.flush()
            #expect(try String.fetchAll(db, sql: "SELECT text FROM name ORDER BY id") == texts)
        }
    }

    @Test("a row number that is taken is an error, not a row lost or replaced")
    func taken() throws {
        try withDatabase { db in
            let image = try PageLoader(db, tables: ["name", "event"])
            try image.add(cells([(5, 1, 2, 3, 4)]), to: 1)
            try image.flush()
            try image.add(cells([(5, 9, 9, 9, 9)]), to: 1)
            #expect(throws: DatabaseError.self) { try image.add(cells([(9, 1, 1, 1, 1), (9, 2, 2, 2, 2)]), to: 1) }
            #expect(throws: DatabaseError.self) { try image.flush() }
            #expect(try Int.fetchAll(db, sql: "SELECT a FROM event") == [1])
        }
    }
}
