/// Rows of one table as SQLite keeps them in a leaf of a table's tree: length, row number and record, each a cell
/// (sqlite.org/fileformat2.html, sections 1.6 and 2.1).
///
/// Made by the reading threads, so that the one that writes has only to put them in place.
struct RowEncoder: Sendable {
    /// Stands for SQL's NULL; no value of an event can be it.
    static let null = Int64.min
    /// A longer text does not go into a cell.
    static let longestText = 4000

    /// What a row of a number and a text takes of a page beside its text, at most.
    static let mostBytesBesideText = 24

    /// Cell after cell.
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [Cell] = []
    /// Rows whose text makes them too long for a page.
    private(set) var long: [(id: Int64, text: [UInt8])] = []

    struct Cell: Sendable {
        var id: Int64
        /// Where it ends in `bytes`.
        var end: Int32
    }

    var count: Int { cells.count + long.count }
    var firstID: Int64? { cells.first?.id ?? long.first?.id }
    /// What they take of pages.
    var pageBytes: Int { bytes.count + 2 * cells.count }

    mutating func reserve(_ rows: Int) {
        bytes.reserveCapacity(bytes.count + rows * 80)
        cells.reserveCapacity(cells.count + rows)
    }

    /// Adds a row; `fill` sets its columns behind the row number, in the order of the table. Columns at the end that have
    /// their default may be left out: a record may have fewer columns than its table.
    @inline(__always)
    mutating func add(_ id: Int64, _ fill: (inout Record) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Record.room, alignment: 8) { room in
            guard let base = room.baseAddress else { return }
            var record = Record(base)
            fill(&record)
            let cell = record.finish(id)
            bytes.append(atMost: cell.count) { place in
                place.copyMemory(from: cell.baseAddress.unsafelyUnwrapped, byteCount: cell.count)
                return cell.count
            }
            cells.append(Cell(id: id, end: Int32(truncatingIfNeeded: bytes.count)))
        }
    }

    /// Adds a row of a number and a text.
    mutating func add(_ id: Int64, _ text: UnsafeRawBufferPointer) {
        guard text.count <= Self.longestText else { return long.append((id, Array(text))) }
        // A text's type is 13 plus twice its length.
        let type = UInt64(13 + 2 * text.count)
        let headerBytes = 2 + Varint.length(type)
        bytes.append(atMost: 32 + text.count) { base in
            var next = Varint.write(UInt64(headerBytes + text.count), to: base)
            next = Varint.write(UInt64(bitPattern: id), to: next)
            next.storeBytes(of: UInt8(truncatingIfNeeded: headerBytes), as: UInt8.self)
            next.storeBytes(of: 0, toByteOffset: 1, as: UInt8.self)
            next = Varint.write(type, to: next + 2)
            if let start = text.baseAddress { next.copyMemory(from: start, byteCount: text.count) }
            return next - base + text.count
        }
        cells.append(Cell(id: id, end: Int32(truncatingIfNeeded: bytes.count)))
    }

    /// A record being made: its header and its body grow in two places, and are joined at the end.
    struct Record {
        /// The memory that a record of integers needs: for what stands before it, its header, and its body.
        fileprivate static let room = 512
        private static let headerPlace = 32
        private static let bodyPlace = 160

        private let base: UnsafeMutableRawPointer
        /// Whether it has none of the columns that few rows have.
        var endsEarly = false
        private var header: UnsafeMutableRawPointer
        private var body: UnsafeMutableRawPointer

        @inline(__always)
        fileprivate init(_ base: UnsafeMutableRawPointer) {
            self.base = base
            // The header's length comes first, then the row number's type, which is NULL.
            header = base + Self.headerPlace + 2
            body = base + Self.bodyPlace
            base.storeBytes(of: 0, toByteOffset: Self.headerPlace + 1, as: UInt8.self)
        }

        /// Sets the next column: the narrowest of SQLite's integers that holds the value.
        @inline(__always)
        mutating func set(_ value: Int64) {
            if value == 0 || value == 1 {
                header.storeBytes(of: UInt8(truncatingIfNeeded: 8 + value), as: UInt8.self)
                header += 1
                return
            }
            if value == RowEncoder.null {
                header.storeBytes(of: 0, as: UInt8.self)
                header += 1
                return
            }
            // Its bits and one for the sign.
            let bits = 65 - (value < 0 ? ~value : value).leadingZeroBitCount
            let (type, width): (UInt8, Int) =
                switch bits {
                case ...8: (1, 1)
                case ...16: (2, 2)
                case ...24: (3, 3)
                case ...32: (4, 4)
                case ...48: (5, 6)
                default: (6, 8)
                }
            header.storeBytes(of: type, as: UInt8.self)
            header += 1
            // The value's low bytes, highest first; what is stored beyond them is written over or left behind.
            body.storeBytes(of: (value << Int64(64 - 8 * width)).bigEndian, as: Int64.self)
            body += width
        }

        /// The whole cell, valid as long as the record's memory.
        @inline(__always)
        fileprivate mutating func finish(_ id: Int64) -> UnsafeRawBufferPointer {
            let (headerStart, bodyStart) = (base + Self.headerPlace, base + Self.bodyPlace)
            let (headerBytes, bodyBytes) = (header - headerStart, body - bodyStart)
            headerStart.storeBytes(of: UInt8(truncatingIfNeeded: headerBytes), as: UInt8.self)
            header.copyMemory(from: bodyStart, byteCount: bodyBytes)
            let payload = UInt64(headerBytes + bodyBytes)
            let number = UInt64(bitPattern: id)
            let start = headerStart - Varint.length(payload) - Varint.length(number)
            Varint.write(number, to: Varint.write(payload, to: start))
            return UnsafeRawBufferPointer(start: start, count: header + bodyBytes - start)
        }
    }
}

/// SQLite's variable-length integers (sqlite.org/fileformat2.html, section 1.6), of at most 56 bits, as every row number
/// and length of a case has.
enum Varint {
    @inline(__always)
    static func length(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

    /// - Returns: the place behind it.
    @inline(__always) @discardableResult
    static func write(_ value: UInt64, to place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let length = length(value)
        var rest = value
        var mark: UInt8 = 0
        for index in stride(from: length - 1, through: 0, by: -1) {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) & 0x7f | mark, toByteOffset: index, as: UInt8.self)
            rest >>= 7
            mark = 0x80
        }
        return place + length
    }
}
