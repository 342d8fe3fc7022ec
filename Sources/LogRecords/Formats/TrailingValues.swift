/// The values behind a line's known part, told by their types: what operators add to a stock format, each in an order of
/// their own.
enum TrailingValues {
    /// A value that may be there.
    struct Option: Sendable {
        /// -1: nobody wants it.
        var field: Int
        var type: FieldType
    }

    /// How many values may trail.
    private static let most = 16

    /// Calls `found` with each value's field and place.
    ///
    /// - Parameter start: where the first value's blank stands.
    /// - Returns: nil if all that is left of the line fits, else the offset of what does not.
    static func match(
        _ options: [Option], _ line: UnsafeRawBufferPointer, from start: Int,
        found: (_ name: Int, _ range: Range<Int>) -> Void
    ) -> Int? {
        var offset = start
        var taken: UInt64 = 0
        var longest: Range<Int>?
        for _ in 0..<most {
            let blank = offset
            while offset < line.count, line[offset] == 0x20 { offset += 1 }
            if offset == line.count { return nil }
            guard offset > blank, let (value, end) = value(line, from: offset) else { return offset }
            let bytes = UnsafeRawBufferPointer(rebasing: line[value])
            offset = end
            // Which of the values it is does not matter if it says nothing.
            if bytes.isEmpty || bytes.count == 1 && bytes[0] == UInt8(ascii: "-") { continue }
            // What several upstreams took, or answered, is not what the request did.
            if isList(bytes), options.contains(where: { isListOf($0.type, bytes) }) { continue }
            guard
                let index = options.indices.first(where: {
                    isOf(options[$0].type, bytes) && mayTake($0, taken, options)
                })
            else { return value.lowerBound }
            taken |= 1 << UInt64(index)
            if options[index].type == .seconds {
                // A request takes at least as long as its part that an upstream took.
                if let known = longest, !isLonger(value, than: known, line) { continue }
                longest = value
            }
            if options[index].field >= 0 { found(options[index].field, value) }
        }
        return offset == line.count ? nil : offset
    }

    private static func mayTake(_ index: Int, _ taken: UInt64, _ options: [Option]) -> Bool {
        taken & (1 << UInt64(index)) == 0 || options[index].type == .seconds || options[index].field < 0
    }

    /// Digits with three behind the point.
    private static func isLonger(_ a: Range<Int>, than b: Range<Int>, _ line: UnsafeRawBufferPointer) -> Bool {
        a.count == b.count ? line[b].lexicographicallyPrecedes(line[a]) : a.count > b.count
    }

    private static func isList(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.contains { $0 == UInt8(ascii: ",") || $0 == 0x20 }
    }

    /// Whether it is more than one value of upstreams, with `, ` or ` : ` between them (ngx_http_upstream_module).
    private static func isListOf(_ type: FieldType, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard type == .seconds || type == .status else { return false }
        return bytes.split { $0 == UInt8(ascii: ",") || $0 == 0x20 }.allSatisfy { piece in
            piece.elementsEqual(":".utf8) || type.value(of: UnsafeRawBufferPointer(rebasing: piece)) == 0..<piece.count
        }
    }

    private static func isOf(_ type: FieldType, _ bytes: UnsafeRawBufferPointer) -> Bool {
        // Any word could be something else.
        if type == .verdict { return CacheStatus.isKnown(bytes) }
        return type.value(of: bytes) == 0..<bytes.count
    }

    /// The next value, without the quotes around it, and where it ends.
    private static func value(_ line: UnsafeRawBufferPointer, from start: Int) -> (value: Range<Int>, end: Int)? {
        if line[start] == UInt8(ascii: "\"") {
            var end = start + 1
            while end < line.count, line[end] != UInt8(ascii: "\"") { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
            guard end < line.count, end + 1 == line.count || line[end + 1] == 0x20 else { return nil }
            return ((start + 1)..<end, end + 1)
        }
        var end = start
        while let blank = Bytes.index(of: 0x20, in: line, from: end) {
            guard FieldType.list.goesOn(line, from: start, at: blank) else { return (start..<blank, blank) }
            end = blank + 1
        }
        return (start..<line.count, line.count)
    }
}
