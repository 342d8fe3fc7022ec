internal import CBytes

/// Memory for a line's marks, a bit for each of its bytes, that grows with the longest line.
///
/// What changes stands in memory of its own, so that asking for room counts as no change of who holds it.
struct MarkRoom {
    private struct State {
        var words: UnsafeMutablePointer<UInt64>
        /// How long a line there is room for.
        var longest: Int
    }

    private let state: UnsafeMutablePointer<State>
    private let kinds: Int

    /// - Parameter kinds: of marks that a line has.
    init(kinds: Int) {
        self.kinds = kinds
        state = .allocate(capacity: 1)
        let longest = 4096
        state.initialize(to: State(words: .allocate(capacity: kinds * longest / 64), longest: longest))
    }

    /// Marks of several kinds one behind the other.
    @inline(__always)
    var words: UnsafeMutablePointer<UInt64> { state.pointee.words }

    func deallocate() {
        words.deallocate()
        state.deallocate()
    }

    /// Has room for a line; what was marked on another one is lost.
    @inline(__always)
    func make(for count: Int) {
        if count > state.pointee.longest { grow(to: count) }
    }

    private func grow(to count: Int) {
        let longest = (max(2 * state.pointee.longest, count) + 63) / 64 * 64
        words.deallocate()
        state.pointee = State(words: .allocate(capacity: kinds * longest / 64), longest: longest)
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

    /// Whether a part of it is printable ASCII without blanks, quotes and backslashes.
    @inline(__always)
    func isWord(_ range: Range<Int>) -> Bool {
        isPlain(range) && next_mark(blanks, range.lowerBound, count) >= range.upperBound
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
