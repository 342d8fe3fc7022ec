import Foundation
import GRDB
import Interning
import LogRecords
import Testing

@testable import Casefile

/// Everything that follows from the declaration of an event table, tested column by column. A new column is tested as soon as
/// it is declared.
struct EventTableTests {
    /// Gives every column a value of its own.
    private struct Filling: ColumnVisitor {
        var next: Int64 = 1

        mutating func visit(_ column: EventColumn, _ value: inout Int64) {
            next += 1
            // A code may have few values.
            value = column.isCode ? 1 : next
        }

        mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
            next += 1
            symbol = SymbolID(rawValue: Int32(next))
        }
    }

    /// What a record has in its columns.
    private struct Listing: ColumnVisitor {
        var values: [String: Int64] = [:]

        mutating func visit(_ column: EventColumn, _ value: inout Int64) { values[column.name.description] = value }
        mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
            values[column.name.description] = Int64(symbol.rawValue)
        }
    }

    private func filled<Record: EventRecord>(_: Record.Type, id: Int64) -> Record {
        var (filling, record) = (Filling(), Record(reading: EventID(rawValue: id)))
        record.visitColumns(&filling)
        return record
    }

    private func values(_ record: some EventRecord) -> [String: Int64] {
        var (listing, record) = (Listing(), record)
        record.visitColumns(&listing)
        return listing.values
    }

    private func scratch<T>(_ body: (CaseFile) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tables-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(CaseFile(writingTo: folder.appendingPathComponent("case").path))
    }

    private func check<Record: EventRecord>(_: Record.Type, _ db: Database) throws {
        let (full, blank) = (filled(Record.self, id: 7), Record(reading: EventID(rawValue: 8)))
        let insert = try RecordInsert<Record>(db)
        for record in [full, blank] { try insert.execute(record) }
        let row = EventRow(try db.makeStatement(sql: "SELECT * FROM \(Record.table) ORDER BY id"))
        for record in [full, blank] {
            #expect(try row.step())
            #expect(values(row.record(Record.self)) == values(record), "\(Record.table)")
        }
        // By name, not by position.
        let stored = try #require(try Row.fetchOne(db, sql: "SELECT * FROM \(Record.table) ORDER BY id"))
        for (column, value) in values(full) { #expect(stored[column] == value, "\(Record.table).\(column)") }
        // A row that was encoded hashes as the one that is read again.
        var (cells, hash) = (RowEncoder(), RowHash())
        cells.add(full)
        cells.add(blank, endsEarly: EventTable(Record.self).firstRare < EventTable(Record.self).width)
        hash.add(cells)
        let table = try #require(SealedTable.events.first { $0.name == Record.table })
        #expect(try table.hashes(db)[0]?.sha256 == hash.sha256, "\(Record.table)")
    }

    @Test func everyColumnOfARecordIsReadAsItWasWritten() throws {
        try scratch { caseFile in
            try caseFile.write { db in
                try check(DeliveryRow.self, db)
                try check(Fill.self, db)
                try check(Purge.self, db)
                try check(Rollout.self, db)
                // Blank ones have no names, which these tables ask for.
                for table in ["account", "camera", "granted"] {
                    #expect(SealedTable.events.map(\.name).contains(table))
                }
            }
        }
    }

    @Test func whatDeliveriesHaveInCommonKeepsEveryColumn() {
        var (filling, delivery) = (Filling(), Delivery(reading: EventID(rawValue: 1)))
        delivery.visitContext(&filling)
        let again = DeliveryContext(delivery).example
        #expect(values(DeliveryContextRow(again, number: 1)) == values(DeliveryContextRow(delivery, number: 1)))
        #expect(DeliveryContext(again) == DeliveryContext(delivery))
        let blank = Delivery(reading: EventID(rawValue: 1))
        #expect(
            values(DeliveryContextRow(DeliveryContext(blank).example, number: 1))
                == values(DeliveryContextRow(blank, number: 1)))
    }

    @Test func contextsAreEqualOnlyIfEveryColumnIs() {
        var (filling, delivery) = (Filling(), Delivery(reading: EventID(rawValue: 1)))
        delivery.visitContext(&filling)
        struct Change: ColumnVisitor {
            var column: String
            mutating func visit(_ column: EventColumn, _ value: inout Int64) {
                if column.name.description == self.column { value += 1 }
            }
            mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
                if column.name.description == self.column { symbol = .absent }
            }
        }
        // 'content' follows from the others.
        for column in EventTable.circumstance.columns where column.name.description != "content" {
            var (change, other) = (Change(column: column.name.description), delivery)
            other.visitContext(&change)
            #expect(DeliveryContext(other) != DeliveryContext(delivery), "\(column.name)")
        }
    }

    @Test func theSpoolKeepsEveryColumnButTheBytes() throws {
        var delivery = filled(DeliveryRow.self, id: 7).delivery
        var filling = Filling()
        delivery.visitContext(&filling)
        let spool = EventSpool(folder: FileManager.default.temporaryDirectory.path)
        try spool.add(delivery, circumstance: 1)
        var found: [Delivery] = []
        try spool.eachDelivery([nil, DeliveryContext(delivery)]) { line, _ in found.append(line) }
        var expected = values(DeliveryRow(delivery, circumstance: 1))
        expected["bytes"] = delivery.content == .none ? 0 : EventColumn.null
        #expect(found.map { values(DeliveryRow($0, circumstance: 1)) } == [expected])
    }

    @Test func theViewsShowEveryColumn() throws {
        // Those that a view has under another name, or not at all.
        let others: Set = ["ts", "loss_bp", "is_expiry", "clock", "flags", "early", "late", "begun", "circumstance"]
        try scratch { caseFile in
            try caseFile.read { db in
                for (view, tables) in [
                    ("deliveries", [EventTable.delivery, .circumstance]), ("fills", [.fill]), ("purges", [.purge]),
                ] {
                    let columns = Set(try db.columns(in: view).map(\.name))
                    for column in tables.flatMap(\.columns).map(\.name.description) {
                        #expect(columns.contains(column) || others.contains(column), "\(view).\(column)")
                    }
                }
            }
        }
    }

    @Test func theManualListsTheColumnsAsTheyAreDeclared() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let manual = try String(contentsOf: root.appendingPathComponent("Docs/Tables.md"), encoding: .utf8)
        for table in EventTable.all + [.circumstance, .reject] {
            #expect(manual.contains(table.manual), "Docs/Tables.md should have:\n\(table.manual)")
        }
    }
}

extension EventColumn {
    /// Whether it may have few values.
    fileprivate var isCode: Bool { if case .impossible = absence { kind == .integer } else { false } }
}

extension EventTable {
    /// As the manual has it.
    fileprivate var manual: String {
        let first = hasID ? "| `id` | integer | no | \(idMeaning) |\n" : ""
        let lines = columns.enumerated().map { index, column in
            let absent =
                switch column.absence {
                case .impossible: "no"
                case .null: "NULL"
                case .zero: "0"
                }
            let type = column.reference.map { "`\($0)`" } ?? (column.kind == .text ? "text" : "integer")
            let rare = index >= commonCount && commonCount > 0 ? " Few rows have it." : ""
            return "| `\(column.name)` | \(type) | \(absent) | \(column.meaning)\(rare) |\n"
        }
        let head = "| column | holds | absent | meaning |\n| --- | --- | --- | --- |\n"
        return "## `\(name)`\n\n\(head)\(first)\(lines.joined())"
    }

    private var idMeaning: String {
        name == "circumstance"
            ? "The number that deliveries have." : "The source's number times 2^36, plus the line's number."
    }
}
