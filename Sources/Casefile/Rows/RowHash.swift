internal import Crypto
internal import Foundation
internal import GRDB
internal import GRDBSQLite
import LogRecords

/// The SHA-256 of rows, one after another.
///
/// A row is hashed as its values in the order of their columns, each behind a byte that tells its kind: 0 NULL; 1 an
/// integer, 2 a real number, each as 8 bytes, the highest first; 3 a text, its length in bytes as such an integer, then
/// its UTF-8; 4 a blob, likewise. Event rows go in as SQLite's own records (see `RowEncoder`).
struct RowHash: Sendable {
    private(set) var rows: Int64 = 0
    private var sha = SHA256()
    private var pending: [UInt8] = []

    /// Adds cells as they are.
    mutating func add(_ cells: RowEncoder) {
        rows += Int64(cells.cells.count)
        cells.bytes.withUnsafeBytes { sha.update(bufferPointer: $0) }
    }

    /// Adds a row of a number and a text.
    mutating func add(_ number: Int64, _ text: UnsafeRawBufferPointer) {
        add(number)
        add(text)
        endRow()
    }

    /// Adds a row of a number and a blob.
    mutating func add(_ number: Int64, blob: UnsafeRawBufferPointer) {
        add(number)
        add(blob: blob)
        endRow()
    }

    mutating func add(_ reject: RejectRow) { add(RowValues(reject).values) }

    /// Adds a row of values as they are stored.
    mutating func add(_ values: [DatabaseValue]) {
        for value in values {
            switch value.storage {
            case .null: pending.append(0)
            case .int64(let number): add(number)
            case .double(let number): add(real: number)
            case .string(var text): text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
            case .blob(let data): data.withUnsafeBytes { add(blob: $0) }
            }
        }
        endRow()
    }

    /// Adds the values of the first columns of a statement's row.
    mutating func add(_ statement: OpaquePointer, columns: Int32) {
        for column in 0..<columns {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_NULL: pending.append(0)
            case SQLITE_INTEGER: add(sqlite3_column_int64(statement, column))
            case SQLITE_FLOAT: add(real: sqlite3_column_double(statement, column))
            case let type:
                // A text that became a blob of the same bytes is equal to no text.
                let bytes = sqlite3_column_blob(statement, column)
                let content = UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column)))
                if type == SQLITE_BLOB { add(blob: content) } else { add(content) }
            }
        }
        endRow()
    }

    /// The hash of all rows so far, in lowercase hexadecimal.
    var sha256: String {
        var sha = sha
        pending.withUnsafeBytes { sha.update(bufferPointer: $0) }
        return sha.finalize().hexadecimal
    }

    private mutating func add(_ number: Int64) { add(mark: 1, UInt64(bitPattern: number)) }

    private mutating func add(real: Double) { add(mark: 2, real.bitPattern) }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        add(mark: 3, UInt64(text.count), text)
    }

    private mutating func add(blob: UnsafeRawBufferPointer) { add(mark: 4, UInt64(blob.count), blob) }

    /// Adds what tells the kind of a value, a number, and the bytes that it counts.
    private mutating func add(mark: UInt8, _ number: UInt64, _ bytes: UnsafeRawBufferPointer? = nil) {
        let count = 9 + (bytes?.count ?? 0)
        pending.append(atMost: count) { place in
            place.storeBytes(of: mark, as: UInt8.self)
            place.storeBytes(of: number.bigEndian, toByteOffset: 1, as: UInt64.self)
            if let start = bytes?.baseAddress { (place + 9).copyMemory(from: start, byteCount: count - 9) }
            return count
        }
    }

    private mutating func endRow() {
        rows += 1
        guard pending.count >= 1 << 15 else { return }
        pending.withUnsafeBytes { sha.update(bufferPointer: $0) }
        pending.removeAll(keepingCapacity: true)
    }
}

extension Sequence<UInt8> {
    /// Two lowercase digits a byte.
    public var hexadecimal: String {
        func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
        let bytes = Array(self)
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }
}
