/// Rows of one table as SQLite keeps them in a leaf of a table's tree: length, row number and record, each a cell
/// (sqlite.org/fileformat2.html, sections 1.6 and 2.1).
///
/// Made by the reading threads, so that the one that writes has only to put them in place.
struct RowCells: Sendable {
    /// Stands for SQL's NULL; no value of an event can be it.
    static let null = Int64.min
    /// No cell of integers is longer.
    private static let widest = 256

    /// Cell after cell.
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [Cell] = []
    /// Rows whose text makes them too long for a page.
    private(set) var long: [(id: Int64, text: [UInt8])] = []
    /// A longer text does not go into a cell.
    static let longestText = 4000

    struct Cell: Sendable {
        var id: Int64
        /// Where it ends in `bytes`.
        var end: Int32
    }

    var count: Int { cells.count + long.count }

    mutating func reserve(_ rows: Int) {
        bytes.reserveCapacity(bytes.count + rows * 80)
        cells.reserveCapacity(cells.count + rows)
    }

    /// Adds a row; `fill` sets its columns behind the row number, in the order of the table. Columns at the end that have
    /// their default may be left out: a record may have fewer columns than its table.
    @inline(__always)
    mutating func add(_ id: Int64, _ fill: (inout Record) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 2 * Self.widest, alignment: 8) { room in
            guard let base = room.baseAddress else { return }
            // The header's length, the row number's place, which is NULL, and then a type for each column.
            var record = Record(header: base + 2, body: base + Self.widest)
            base.storeBytes(of: 0, toByteOffset: 1, as: UInt8.self)
            fill(&record)
            let headerBytes = record.header - base
            base.storeBytes(of: UInt8(truncatingIfNeeded: headerBytes), as: UInt8.self)
            let bodyBytes = record.body - (base + Self.widest)
            append(varint: UInt64(headerBytes + bodyBytes))
            append(varint: UInt64(bitPattern: id))
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: base, count: headerBytes))
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: base + Self.widest, count: bodyBytes))
            cells.append(Cell(id: id, end: Int32(truncatingIfNeeded: bytes.count)))
        }
    }

    /// Adds a row of a number and a text.
    mutating func add(_ id: Int64, _ text: UnsafeRawBufferPointer) {
        guard text.count <= Self.longestText else { return long.append((id, Array(text))) }
        // A text's type is 13 plus twice its length.
        let type = UInt64(13 + 2 * text.count)
        let headerBytes = 2 + Self.length(ofVarint: type)
        append(varint: UInt64(headerBytes + text.count))
        append(varint: UInt64(bitPattern: id))
        bytes.append(UInt8(truncatingIfNeeded: headerBytes))
        bytes.append(0)
        append(varint: type)
        bytes.append(contentsOf: text)
        cells.append(Cell(id: id, end: Int32(truncatingIfNeeded: bytes.count)))
    }

    /// A record being made: its header and its body grow beside each other.
    struct Record {
        fileprivate var header: UnsafeMutableRawPointer
        fileprivate var body: UnsafeMutableRawPointer

        /// Sets the next column: the narrowest of SQLite's integers that holds the value.
        @inline(__always)
        mutating func set(_ value: Int64) {
            let (type, width): (UInt8, Int)
            let magnitude = value < 0 ? ~value : value
            switch magnitude {
            case 0 where value >= 0: (type, width) = (8, 0)
            case 1 where value >= 0: (type, width) = (9, 0)
            case ...0x7f: (type, width) = (1, 1)
            case ...0x7fff: (type, width) = (2, 2)
            case ...0x7f_ffff: (type, width) = (3, 3)
            case ...0x7fff_ffff: (type, width) = (4, 4)
            case ...0x7fff_ffff_ffff: (type, width) = (5, 6)
            default: (type, width) = value == RowCells.null ? (0, 0) : (6, 8)
            }
            header.storeBytes(of: type, as: UInt8.self)
            header += 1
            // The value's low bytes, highest first; what is stored beyond them is written over or left behind.
            let shifted = value << Int64(64 - 8 * max(width, 1))
            body.storeBytes(of: shifted.bigEndian, as: Int64.self)
            body += width
        }
    }

    // MARK: Variable-length integers (sqlite.org/fileformat2.html, section 1.6)

    @inline(__always)
    private mutating func append(varint value: UInt64) {
        if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
        for index in stride(from: Self.length(ofVarint: value) - 1, through: 0, by: -1) {
            let part = UInt8(truncatingIfNeeded: value >> UInt64(7 * index)) & 0x7f
            bytes.append(index == 0 ? part : part | 0x80)
        }
    }

    /// - Precondition: `value` has at most 56 bits, as every row number and length here has.
    static func length(ofVarint value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}
