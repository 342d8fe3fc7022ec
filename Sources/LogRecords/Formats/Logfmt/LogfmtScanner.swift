/// Reads `key=value key="a value"` lines; inside quotes a backslash escapes. Of two values of a key the last counts, but a line whose
/// keys nearly all come twice is two records, between which a line feed was lost.
struct LogfmtScanner {
    private let names: [[UInt8]]

    init(fields: [String]) { names = fields.map { Array($0.utf8) } }

    func scan(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) throws(ScanFailure) {
        var offset = 0
        var pairs = 0
        var (wanted, repeated, firstRepeated) = (0, 0, 0)
        while true {
            while offset < line.count, line[offset] == 0x20 || line[offset] == 0x09 { offset += 1 }
            if offset == line.count { break }
            let nameStart = offset
            while offset < line.count, line[offset] != UInt8(ascii: "="), line[offset] != 0x20, line[offset] != 0x09 {
                offset += 1
            }
            let name = UnsafeRawBufferPointer(rebasing: line[nameStart..<offset])
            // A word without `=` is allowed by logfmt (a flag); it carries no value for us.
            guard offset < line.count, line[offset] == UInt8(ascii: "=") else { continue }
            offset += 1
            pairs += 1
            let value = try value(line, from: &offset)
            if let field = names.firstIndex(where: { $0.count == name.count && $0.elementsEqual(name) }) {
                wanted += 1
                if slices.has(field) {
                    if repeated == 0 { firstRepeated = nameStart }
                    repeated += 1
                }
                slices.set(field, start: value.range.lowerBound, end: value.range.upperBound, escape: value.escape)
            }
        }
        // The first value of the second may be a part of the first's last one.
        if repeated >= 2, repeated * 2 >= wanted - 1 {
            throw ScanFailure(reason: .patternMismatch, offset: firstRepeated)
        }
        if pairs == 0 { throw ScanFailure(reason: .patternMismatch, offset: 0) }
    }

    private func value(
        _ line: UnsafeRawBufferPointer, from offset: inout Int
    ) throws(ScanFailure) -> (range: Range<Int>, escape: FieldSlices.Escape) {
        let start = offset
        guard offset < line.count, line[offset] == UInt8(ascii: "\"") else {
            while offset < line.count, line[offset] != 0x20, line[offset] != 0x09 { offset += 1 }
            return (start..<offset, .none)
        }
        offset += 1
        var escape = FieldSlices.Escape.none
        while offset < line.count, line[offset] != UInt8(ascii: "\"") {
            if line[offset] == UInt8(ascii: "\\") {
                escape = .backslash
                offset += 1
            }
            offset += 1
        }
        guard offset < line.count else { throw ScanFailure(reason: .openQuote, offset: start) }
        offset += 1
        return ((start + 1)..<(offset - 1), escape)
    }
}
