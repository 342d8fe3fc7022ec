import GRDB
import Interning
import LogRecords
import Synchronization

/// Seals the names of a case, or its frame ids, as they are stored: each shard of `StringInterner` on its own, for in it they
/// come in order.
final class NameSeals: Sendable {
    let table: SealedTable
    private let hashes = Mutex([RowHash](repeating: RowHash(), count: StringInterner.shardCount))

    init(_ table: SealedTable) { self.table = table }

    /// Takes names that are being stored, or that were read back, by rising number.
    func add(_ id: Int32, _ text: UnsafeRawBufferPointer) {
        hashes.withLock { $0[Int(id - 1) % StringInterner.shardCount].add(Int64(id), text) }
    }

    /// Stores the seals of all names that were taken.
    func store(_ db: Database) throws {
        for (shard, hash) in hashes.withLock({ $0 }).enumerated() where hash.rows > 0 {
            try Seal(table, Int64(shard), hash).store(db)
        }
    }

    /// Whether the names that were read back are those that the seals speak of.
    func fit(_ db: Database) throws -> Bool {
        var expected: [Int64: String] = [:]
        for row in try Row.fetchAll(
            db, sql: "SELECT part, sha256 FROM seal WHERE tab = ?", arguments: [table.name])
        {
            expected[try row.decode(atIndex: 0)] = try row.decode(atIndex: 1)
        }
        return hashes.withLock { hashes in
            hashes.enumerated().allSatisfy { shard, hash in
                expected[Int64(shard)] == (hash.rows > 0 ? hash.sha256 : nil)
            }
        }
    }
}
