internal import CBytes

/// Memory for a line's marks, a bit for each of its bytes, that grows with the longest line.
struct MarkRoom {
    /// Marks of several kinds one behind the other.
    private(set) var words: UnsafeMutablePointer<UInt64>
    private let kinds: Int
    /// How long a line there is room for.
    private var longest = 4096

    /// - Parameter kinds: of marks that a line has.
    init(kinds: Int) {
        self.kinds = kinds
        words = .allocate(capacity: kinds * longest / 64)
    }

    func deallocate() { words.deallocate() }

    /// Has room for a line; what was marked on another one is lost.
    @inline(__always)
    mutating func make(for count: Int) {
        if count > longest { grow(to: count) }
    }

    private mutating func grow(to count: Int) {
        longest = (max(2 * longest, count) + 63) / 64 * 64
        words.deallocate()
        words = .allocate(capacity: kinds * longest / 64)
    }
}

/// Where the quotes and blanks of a line stand, and what else does: found in one pass for all that is looked for on it.
struct LineMarks {
    /// A bit for each byte.
    private let quotes: UnsafeMutablePointer<UInt64>
    private let blanks: UnsafeMutablePointer<UInt64>
    private let count: Int
    private let found: UInt32

    /// - Parameter room: for two words for every 64 bytes of the line or part of them; in use as long as the marks are.
    init(_ line: UnsafeRawBufferPointer, in room: UnsafeMutablePointer<UInt64>) {
        let (quotes, blanks) = (room, room + (line.count + 63) / 64)
        found =
            line.baseAddress.map { start in
                mark_quotes_and_blanks(start.assumingMemoryBound(to: UInt8.self), line.count, quotes, blanks)
            } ?? 0
        (self.quotes, self.blanks, count) = (quotes, blanks, line.count)
    }

    /// Whether a backslash or a control character stands on it.
    var hasEscapes: Bool { found & UInt32(LINE_HAS_ESCAPES) != 0 }

    /// Whether a part of it is printable ASCII without quotes and backslashes.
    @inline(__always)
    func isPlain(_ range: Range<Int>) -> Bool {
        found == 0 && next_mark(quotes, range.lowerBound, count) >= range.upperBound
    }

    /// The first place of a byte from `start` on; nil if there is none.
    @inline(__always)
    func place(of byte: UInt8, in line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let place: Int
        switch byte {
        case UInt8(ascii: "\""): place = next_mark(quotes, start, count)
        case 0x20: place = next_mark(blanks, start, count)
        default: return Bytes.index(of: byte, in: line, from: start)
        }
        return place < count ? place : nil
    }
}
