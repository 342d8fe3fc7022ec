import Interning
import Testing

@testable import LogRecords

/// Names are settled in every column whose role may leave them pending.
struct SettleTests {
    /// Names of which nearly all lines have one of few, so that they have their symbols at once.
    private static let repetitive: Set = ["clock", "node", "version"]

    private struct Numbering: ColumnVisitor {
        var next: Int32 = 0
        mutating func visit(_ column: EventColumn, _ value: inout Int64) {}
        mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
            next += 1
            symbol = SymbolID(rawValue: next)
        }
    }

    private struct Names: ColumnVisitor {
        var found: [(column: String, symbol: Int32)] = []
        mutating func visit(_ column: EventColumn, _ value: inout Int64) {}
        mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
            found.append((column.name.description, symbol.rawValue))
        }
    }

    private func numbered<Record: EventRecord>(_: Record.Type = Record.self) -> Record {
        var (numbering, record) = (Numbering(), Record(reading: EventID(rawValue: 1)))
        record.visitColumns(&numbering)
        return record
    }

    private func check(_ record: some EventRecord) {
        var (names, record) = (Names(), record)
        record.visitColumns(&names)
        #expect(!names.found.isEmpty)
        for (index, name) in names.found.enumerated() where !Self.repetitive.contains(name.column) {
            #expect(name.symbol == Int32(1001 + index), "\(name.column)")
        }
    }

    @Test func everyNameOfARecordIsSettled() throws {
        var batch = RecordBatch()
        batch.deliveries = [numbered(DeliveryRow.self).delivery]
        batch.fills = [numbered()]
        batch.purges = [numbered()]
        batch.rollouts = [numbered()]
        batch.accounts = [numbered()]
        batch.cameras = [numbered()]
        batch.grants = [numbered()]
        batch.settle { SymbolID(rawValue: $0.unsettled.rawValue + 1000) }
        check(DeliveryRow(try #require(batch.deliveries.first), circumstance: 0))
        check(try #require(batch.fills.first))
        check(try #require(batch.purges.first))
        check(try #require(batch.rollouts.first))
        check(try #require(batch.accounts.first))
        check(try #require(batch.cameras.first))
        check(try #require(batch.grants.first))
    }
}
