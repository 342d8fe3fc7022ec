import Foundation
import GRDB
import LogRecords
import Testing

@testable import Casefile

/// What goes into a case when several readers send it.
@Suite struct EventWriterTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-\(UUID().uuidString)")

    private func newCase() throws -> CaseFile {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try CaseFile(writingTo: folder.appending(path: "case.sqlite").path)
    }

    /// Expects of every commit that it has all deliveries that were written.
    private func expectWhole(_ events: EventWriter, _ db: Database, _ written: @escaping () -> Int) {
        events.willCommit = {
            let stored = try Int.fetchOne(db, sql: "SELECT count(*) FROM delivery")
            #expect(stored == written())
        }
    }

    @Test("batches of a source that overlap do not make a commit without the rest of what was written")
    func overlap() throws {
        let caseFile = try newCase()
        defer { try? FileManager.default.removeItem(at: folder) }
        try caseFile.writeInSteps { db in
            let events = try EventWriter(db, caseFile)
            var encoder = EventEncoder(events.circumstances)
            var written = 0
            expectWhole(events, db) { written }
            func write(_ source: Int64, _ lines: [Int64]) throws {
                var batch = RecordBatch()
                batch.deliveries = lines.map { Delivery(id: EventID(source: source, line: $0), time: EventTime($0)) }
                _ = try events.write(encoder.encode(batch))
                written += lines.count
            }
            try db.beginTransaction(.deferred)
            // The second belongs before the first, and from then on rows wait.
            try write(3, [1, 2])
            try write(2, [1, 2, 5])
            // A record of several lines stands where it began, which may be before what ended earlier.
            try write(2, [4, 6])
            try write(4, [1, 2, 3])
            try write(2, [3, 7])
            try events.flush()
            try db.commit()
            #expect(written == 12)
            let lines = try Int64.fetchAll(
                db, sql: "SELECT id & 0xfffffffff FROM delivery WHERE id >> 36 = 2 ORDER BY id")
            #expect(lines == [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test("of sources that take turns, each commit has all that was written, and all of it arrives in order")
    func turns() throws {
        let caseFile = try newCase()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (parts, lines) = (70, 1500)
        let sources: [Int64] = [5, 3, 9]
        try caseFile.writeInSteps { db in
            let events = try EventWriter(db, caseFile)
            var encoder = EventEncoder(events.circumstances)
            var (written, commits) = (0, 0)
            expectWhole(events, db) {
                commits += 1
                return written
            }
            try db.beginTransaction(.deferred)
            for part in 0..<parts {
                for source in sources {
                    var batch = RecordBatch()
                    for line in 1...lines {
                        let id = EventID(source: source, line: Int64(part * lines + line))
                        var delivery = Delivery(id: id, time: EventTime(id.rawValue << 16))
                        delivery.requester = caseFile.names.intern("account \(line)")
                        delivery.key = caseFile.names.intern("key \(source) \(line)")
                        delivery.bytes = id.line << 20
                        batch.deliveries.append(delivery)
                    }
                    let isEnough = try events.write(encoder.encode(batch))
                    written += lines
                    if isEnough { try events.flush() }
                }
            }
            try events.flush()
            try db.commit()
            // One where the second source's rows came, and then by so many bytes.
            #expect((3..<20).contains(commits))
        }
        try caseFile.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, ts, bytes, (SELECT text FROM name WHERE name.id = key) FROM delivery ORDER BY id")
            #expect(rows.count == parts * lines * sources.count)
            let expected = sources.sorted().flatMap { source in
                (1...(parts * lines)).map { EventID(source: source, line: Int64($0)) }
            }
            for (row, id) in zip(rows, expected) {
                #expect(row[0] == id.rawValue && row[1] == id.rawValue << 16 && row[2] == id.line << 20)
                #expect(row[3] == "key \(id.source) \((id.line - 1) % Int64(lines) + 1)")
            }
            let check = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            #expect(check == ["ok"])
        }
    }
}
