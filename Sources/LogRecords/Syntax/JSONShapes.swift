internal import CBytes

/// Reads lines that are built as earlier ones were: the same members in the same order, so that only the values need to
/// be searched for their ends.
///
/// A program writes its log lines by one format, so nearly every line matches. What does not is left to `JSONScanner`,
/// which then teaches the new shape; a line that matches has the very fields that the scanner would find.
final class JSONShapes {
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
        /// -1: a value that nobody wants.
        var field: Int
        var kind: Kind
    }

    private final class Shape {
        let between: [UInt8]
        let parts: [Part]
        /// The bytes behind the last value begin here in `between`.
        let end: Int

        init(_ between: [UInt8], _ parts: [Part], end: Int) {
            self.between = between
            self.parts = parts
            self.end = end
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
            parts.append(
                Part(
                    start: between.count, count: member.value.lowerBound - reached, field: member.field,
                    kind: member.kind))
            between.append(contentsOf: line[reached..<member.value.lowerBound])
            reached = member.value.upperBound
        }
        let end = between.count
        between.append(contentsOf: line[reached...])
        shapes.insert(Shape(between, parts, end: end), at: 0)
        likeliest = shapes[0]
        if shapes.count > Self.most { shapes.removeLast() }
    }

    // MARK: Matching

    /// - Returns: false if the line has none of the known shapes; `slices` are empty then.
    func match(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) -> Bool {
        if let likeliest, Self.match(line, likeliest, into: slices) {
            if misses != 0 { misses = 0 }
            return true
        }
        return matchAny(line, into: slices)
    }

    private func matchAny(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) -> Bool {
        for index in shapes.indices {
            // Another shape need not have the fields that were found before this one failed.
            slices.clear()
            guard Self.match(line, shapes[index], into: slices) else { continue }
            misses = 0
            if index > 0 { shapes.swapAt(0, index) }
            likeliest = shapes[0]
            return true
        }
        slices.clear()
        return false
    }

    private static func match(
        _ line: UnsafeRawBufferPointer, _ shape: Shape, into slices: FieldSlices
    ) -> Bool {
        shape.between.withUnsafeBytes { between in
            shape.parts.withUnsafeBufferPointer { parts in
                var offset = 0
                for part in parts {
                    guard stands(between, part.start, part.count, line, offset) else { return false }
                    offset += part.count
                    let start = offset
                    if part.kind == .string {
                        var isPlain = true
                        guard let end = endOfString(line, offset, &isPlain) else { return false }
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
        }
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

    /// Where the string's closing quote stands; nil if it has none, or an escape or control character before it.
    @inline(__always)
    private static func endOfString(_ line: UnsafeRawBufferPointer, _ from: Int, _ isPlain: inout Bool) -> Int? {
        guard let base = line.baseAddress else { return nil }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var offset = from
        #if arch(x86_64)
            while offset + 16 <= line.count {
                let marks = json_string_marks(base + offset)
                let (stops, foreign) = (marks & 0xffff, marks >> 16)
                if stops == 0 {
                    if foreign != 0 { isPlain = false }
                    offset += 16
                    continue
                }
                let place = stops.trailingZeroBitCount
                if foreign & ((1 << UInt32(place)) - 1) != 0 { isPlain = false }
                offset += place
                return base.load(fromByteOffset: offset, as: UInt8.self) == 0x22 ? offset : nil
            }
        #endif
        while offset + 8 <= line.count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5c)
            // The lowest byte that is marked is marked rightly; the ones above it need not be.
            let stops =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            let foreign = word & highs
            if stops == 0 {
                if foreign != 0 { isPlain = false }
                offset += 8
                continue
            }
            let place = stops.trailingZeroBitCount
            if foreign & ((1 << UInt64(place)) - 1) != 0 { isPlain = false }
            offset += place >> 3
            return base.load(fromByteOffset: offset, as: UInt8.self) == 0x22 ? offset : nil
        }
        while offset < line.count {
            let byte = base.load(fromByteOffset: offset, as: UInt8.self)
            if byte == 0x22 { return offset }
            if byte == 0x5c || byte < 0x20 { return nil }
            if byte >= 0x80 { isPlain = false }
            offset += 1
        }
        return nil
    }

    /// Where a number ends; nil if none stands here, or one with an exponent.
    @inline(__always)
    private static func endOfNumber(_ line: UnsafeRawBufferPointer, _ from: Int) -> Int? {
        guard let base = line.baseAddress else { return nil }
        var offset = from
        @inline(__always) func digits() -> Int {
            let start = offset
            while offset < line.count, base.load(fromByteOffset: offset, as: UInt8.self) &- 48 < 10 { offset += 1 }
            return offset - start
        }
        if offset < line.count, line[offset] == UInt8(ascii: "-") { offset += 1 }
        let first = offset
        let whole = digits()
        guard whole > 0, whole == 1 || line[first] != UInt8(ascii: "0") else { return nil }
        if offset < line.count, line[offset] == UInt8(ascii: ".") {
            offset += 1
            guard digits() > 0 else { return nil }
        }
        return offset
    }
}
