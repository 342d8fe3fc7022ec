import Foundation
import GRDB
import LogRecords
import Testing

@testable import Casefile

/// What goes into a case when several readers send it.
@Suite struct EventWriterTests {
    @Test("of sources that take turns, each commit has all that was written, and all of it arrives in order")
    func turns() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let caseFile = try CaseFile(writingTo: folder.appending(path: "case.sqlite").path)
        let (parts, lines) = (70, 1500)
        let sources: [Int64] = [5, 3, 9]
        try caseFile.writeInSteps { db in
            let events = try EventWriter(db, caseFile)
            var encoder = EventEncoder(events.circumstances)
            var (written, commits) = (0, 0)
            events.willCommit = {
                commits += 1
                let stored = try Int.fetchOne(db, sql: "SELECT count(*) FROM delivery")
                #expect(stored == written)
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
