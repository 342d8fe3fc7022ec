internal import CBytes

/// Reads lines that are built as earlier ones were: the same members in the same order, so that only the values need to
/// be searched for their ends.
///
/// A program writes its log lines by one format, so nearly every line matches. What does not is left to `JSONScanner`,
/// which then teaches the new shape; a line that matches has the very fields that the scanner would find.
final class JSONLayoutCache {
    enum Kind: UInt8 {
        case string
        case number
        /// What no shape can hold: nested, escaped, null.
        case other
    }

    /// What stands between two values, and the value behind it.
    private struct Part {
        /// Where the bytes before the value stand in `between`.
        var start: Int
        var count: Int
        /// Their first eight and their last eight, if they are 8 to 16.
        var first: UInt64 = 0
        var last: UInt64 = 0
        /// -1: a value that nobody wants.
        var field: Int
        var kind: Kind
    }

    /// In memory of its own, which is looked at for every line.
    private struct Shape {
        let between: UnsafeRawBufferPointer
        let parts: UnsafeBufferPointer<Part>
        /// The bytes behind the last value begin here in `between`.
        let end: Int

        init(_ bytes: [UInt8], _ parts: [Part], end: Int) {
            let between = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
            between.copyBytes(from: bytes)
            self.between = UnsafeRawBufferPointer(between)
            let all = UnsafeMutableBufferPointer<Part>.allocate(capacity: parts.count)
            _ = all.initialize(from: parts)
            self.parts = UnsafeBufferPointer(all)
            self.end = end
        }

        func deallocate() {
            between.deallocate()
            parts.deallocate()
        }
    }

    /// The one that matched last comes first.
    private var shapes: [Shape] = []
    private var likeliest: Shape?
    private static let most = 4
    /// Lines scanned in vain since the last match: a log without shapes is not searched for them for ever.
    private var misses = 0
    private static let patience = 256

    private var noted: [(field: Int, value: Range<Int>, kind: Kind)] = []

    /// Where quotes stand on the line that is matched, a bit for each of its bytes.
    private let quotes = MarkRoom(kinds: 1)

    deinit {
        quotes.deallocate()
        for shape in shapes { shape.deallocate() }
    }

    // MARK: Learning

    func begin() { noted.removeAll(keepingCapacity: true) }

    func note(_ field: Int, _ value: Range<Int>, _ kind: Kind) { noted.append((field, value, kind)) }

    /// Keeps the shape of a line whose members were noted in order.
    func learn(_ line: UnsafeRawBufferPointer) {
        misses += 1
        guard misses < Self.patience, !noted.isEmpty else { return }
        var (between, parts): ([UInt8], [Part]) = ([], [])
        var reached = 0
        for member in noted {
            guard member.kind != .other else { return }
            let count = member.value.lowerBound - reached
            var part = Part(start: between.count, count: count, field: member.field, kind: member.kind)
            if 8...16 ~= count {
                part.first = line.loadUnaligned(fromByteOffset: reached, as: UInt64.self)
                part.last = line.loadUnaligned(fromByteOffset: reached + count - 8, as: UInt64.self)
            }
            parts.append(part)
            between.append(contentsOf: line[reached..<member.value.lowerBound])
            reached = member.value.upperBound
        }
        let end = between.count
        between.append(contentsOf: line[reached...])
        shapes.insert(Shape(between, parts, end: end), at: 0)
        likeliest = shapes[0]
        if shapes.count > Self.most { shapes.removeLast().deallocate() }
    }

    // MARK: Matching

    /// - Returns: false if the line has none of the known shapes; `slices` are empty then.
    func match(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) -> Bool {
        guard let likeliest, let bytes = line.baseAddress else { return false }
        quotes.make(for: line.count)
        let found = mark_quotes(bytes.assumingMemoryBound(to: UInt8.self), line.count, quotes.words)
        // An escape may hide where a string ends, and a control character is wrong in one.
        if found & UInt32(LINE_HAS_ESCAPES) != 0 { return false }
        let isPlain = found & UInt32(LINE_HAS_FOREIGN) == 0
        if Self.match(line, quotes.words, isPlain, likeliest, into: slices) {
            if misses != 0 { misses = 0 }
            return true
        }
        return matchAny(line, isPlain, into: slices)
    }

    private func matchAny(_ line: UnsafeRawBufferPointer, _ isPlain: Bool, into slices: FieldSlices) -> Bool {
        for index in shapes.indices {
            // Another shape need not have the fields that were found before this one failed.
            slices.clear()
            guard Self.match(line, quotes.words, isPlain, shapes[index], into: slices) else { continue }
            misses = 0
            if index > 0 { shapes.swapAt(0, index) }
            likeliest = shapes[0]
            return true
        }
        slices.clear()
        return false
    }

    private static func match(
        _ line: UnsafeRawBufferPointer, _ quotes: UnsafePointer<UInt64>, _ isPlain: Bool, _ shape: Shape,
        into slices: FieldSlices
    ) -> Bool {
        let between = shape.between
        var offset = 0
        for part in shape.parts {
            guard stands(between, part, line, offset) else { return false }
            offset += part.count
            let start = offset
            if part.kind == .string {
                guard let end = nextQuote(line.count, quotes, offset) else { return false }
                offset = end
                if part.field >= 0 { slices.set(part.field, start: start, end: end, isPlain: isPlain) }
            } else {
                guard let end = endOfNumber(line, offset) else { return false }
                offset = end
                if part.field >= 0 { slices.set(part.field, start: start, end: end) }
            }
        }
        let rest = between.count - shape.end
        return line.count - offset == rest && stands(between, shape.end, rest, line, offset)
    }

    /// Whether what comes before a part's value stands in the line at `offset`.
    @inline(__always)
    private static func stands(
        _ between: UnsafeRawBufferPointer, _ part: Part, _ line: UnsafeRawBufferPointer, _ offset: Int
    ) -> Bool {
        // Nearly all are names of members with their quotes.
        guard part.count >= 8, part.count <= 16, offset &+ part.count <= line.count, let base = line.baseAddress
        else { return stands(between, part.start, part.count, line, offset) }
        let first = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let last = base.loadUnaligned(fromByteOffset: offset &+ part.count &- 8, as: UInt64.self)
        return (first ^ part.first) | (last ^ part.last) == 0
    }

    /// Whether `count` bytes of `between` from `start` on stand in the line at `offset`.
    @inline(__always)
    private static func stands(
        _ between: UnsafeRawBufferPointer, _ start: Int, _ count: Int, _ line: UnsafeRawBufferPointer, _ offset: Int
    ) -> Bool {
        guard offset + count <= line.count, let a = between.baseAddress, let b = line.baseAddress else {
            return count == 0
        }
        let (known, found) = (a + start, b + offset)
        var index = 0
        while index + 8 <= count {
            if known.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                != found.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            {
                return false
            }
            index += 8
        }
        if index == count { return true }
        if count >= 8 {
            return known.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
                == found.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        }
        while index < count {
            if known.load(fromByteOffset: index, as: UInt8.self) != found.load(fromByteOffset: index, as: UInt8.self) {
                return false
            }
            index += 1
        }
        return true
    }

    /// Where the next quote stands, from `offset` on, of a line of so many bytes.
    @inline(__always)
    private static func nextQuote(_ count: Int, _ quotes: UnsafePointer<UInt64>, _ offset: Int) -> Int? {
        guard offset < count else { return nil }
        var place = offset >> 6
        var marks = quotes[place] & ~0 << UInt64(offset & 63)
        while marks == 0 {
            place += 1
            guard place << 6 < count else { return nil }
            marks = quotes[place]
        }
        return place << 6 + marks.trailingZeroBitCount
    }

    /// Where a number ends; nil if none stands here, or one with an exponent.
    @inline(__always)
    private static func endOfNumber(_ line: UnsafeRawBufferPointer, _ from: Int) -> Int? {
        guard let base = line.baseAddress else { return nil }
        var offset = from
        if offset < line.count, base.load(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: "-") { offset += 1 }
        let first = offset
        offset = endOfDigits(base, line.count, offset)
        let whole = offset - first
        guard whole > 0, whole == 1 || base.load(fromByteOffset: first, as: UInt8.self) != UInt8(ascii: "0") else {
            return nil
        }
        if offset < line.count, base.load(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: ".") {
            let point = offset
            offset = endOfDigits(base, line.count, point + 1)
            guard offset > point + 1 else { return nil }
        }
        return offset
    }

    @inline(__always)
    private static func endOfDigits(_ base: UnsafeRawPointer, _ count: Int, _ from: Int) -> Int {
        var offset = from
        while offset + 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let values = word ^ 0x3030_3030_3030_3030
            // A high bit stands where a byte is none of 0 to 9.
            let others = ((values & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7676_7676_7676_7676 | values) & 0x8080_8080_8080_8080
            if others != 0 { return offset + others.trailingZeroBitCount >> 3 }
            offset += 8
        }
        while offset < count, base.load(fromByteOffset: offset, as: UInt8.self) &- 48 < 10 { offset += 1 }
        return offset
    }
}
