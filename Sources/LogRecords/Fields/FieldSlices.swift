import Interning

/// Where the values of one line's fields lie, by field number; filled by a scanner, read by the record builder, and
/// used again for the next line.
///
/// Invariant: a present slice lies inside the line that was scanned last.
final class FieldSlices {
    /// How a value's special characters are written.
    enum Escape: UInt8 {
        case none
        /// JSON string escapes (RFC 8259 section 7).
        case json
        /// `\xHH`, `\"`, `\\`: nginx `escape=default`, varnishncsa, Squid.
        case backslash
        /// A quote is doubled (RFC 4180).
        case doubledQuotes
        /// An array of JSON with several elements: they are a list, with a comma and a blank between them.
        case jsonList
    }

    struct Slice {
        var start: Int32 = 0
        var count: Int32 = -1
        var escape: Escape = .none
        var isPlain = false
        var isPresent: Bool { count >= 0 }
    }

    private let slices: UnsafeMutableBufferPointer<Slice>
    /// Where another record begins on the line; -1 if it holds one alone.
    var rest = -1

    init(count: Int) {
        slices = .allocate(capacity: count)
        slices.initialize(repeating: Slice())
    }

    deinit { slices.deallocate() }

    func clear() {
        rest = -1
        for index in slices.indices { slices[index].count = -1 }
    }

    /// - Parameter isPlain: whether the value is known to be printable ASCII without quotes and backslashes.
    @inline(__always)
    func set(_ field: Int, start: Int, end: Int, escape: Escape = .none, isPlain: Bool = false) {
        slices[field] = Slice(
            start: Int32(truncatingIfNeeded: start), count: Int32(truncatingIfNeeded: end - start), escape: escape,
            isPlain: isPlain)
    }

    /// Takes over what other slices of the same fields say.
    func copy(_ other: FieldSlices) {
        for index in slices.indices { slices[index] = other.slices[index] }
    }

    /// Whether the line has the field.
    func has(_ field: Int) -> Bool { slices[field].isPresent }

    /// Whether it has any of them.
    var hasAny: Bool { slices.contains { $0.isPresent } }

    /// Says that the line does not have the field after all.
    func remove(_ field: Int) { slices[field].count = -1 }

    /// Removes those that are as long as what a server leaves of what it cuts.
    func removeCut(_ cuts: [(field: Int, at: Int)]) {
        for cut in cuts where slices[cut.field].count >= cut.at { slices[cut.field].count = -1 }
    }

    /// Removes those that end where the line ends.
    func removeThose(endingAt end: Int) {
        for index in slices.indices
        where slices[index].isPresent && Int(slices[index].start + slices[index].count) == end {
            slices[index].count = -1
        }
    }

    /// Removes those that start there, but for some fields.
    func removeThose(startingAt start: Int, except kept: Set<Int>) {
        for index in slices.indices
        where slices[index].isPresent && Int(slices[index].start) == start && !kept.contains(index) {
            slices[index].count = -1
        }
    }

    /// The raw bytes of a field, or nil if the line does not have it.
    func bytes(_ field: Int, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        values(in: line)[field]
    }

    /// Where a field's raw bytes stand in the line, or nil if the line does not have it.
    func place(_ field: Int) -> Range<Int>? {
        let slice = slices[field]
        return slice.isPresent ? Int(slice.start)..<Int(slice.start + slice.count) : nil
    }

    func escape(_ field: Int) -> Escape { slices[field].escape }

    /// What the fields hold, whose slices lie in `line`; for as long as that and these live.
    func values(in line: UnsafeRawBufferPointer) -> FieldValues {
        FieldValues(bytes: line, slices: UnsafeBufferPointer(slices))
    }
}

/// The values of one line's fields, by field number. Holds nothing of its own, so that to hand it on costs nothing.
struct FieldValues {
    /// The line.
    let bytes: UnsafeRawBufferPointer
    fileprivate let slices: UnsafeBufferPointer<FieldSlices.Slice>

    /// The raw bytes of a field, or nil if the line does not have it.
    subscript(field: Int) -> UnsafeRawBufferPointer? {
        let slice = slices[field]
        guard slice.isPresent else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[Int(slice.start)..<Int(slice.start + slice.count)])
    }

    func has(_ field: Int) -> Bool { slices[field].isPresent }

    func escape(_ field: Int) -> FieldSlices.Escape { slices[field].escape }

    func isPlain(_ field: Int) -> Bool { slices[field].isPlain }
}

/// Why a scanner could not read a line, and at which byte of it.
struct ScanFailure: Error {
    var reason: RejectReason
    var offset: Int
}

extension FieldSlices.Escape {
    /// The byte without which a value holds no escape; nil where nothing is one.
    var mark: UInt8? {
        switch self {
        case .none: nil
        case .json, .backslash: UInt8(ascii: "\\")
        case .doubledQuotes: UInt8(ascii: "\"")
        case .jsonList: UInt8(ascii: ",")
        }
    }

    /// The value with its escapes undone, appended to `result`. An escape that is not one stays as it is written.
    func decode(_ bytes: UnsafeRawBufferPointer, into result: inout [UInt8]) {
        guard let mark else { return result.append(contentsOf: bytes) }
        if self == .jsonList { return Self.decodeList(bytes, into: &result) }
        var index = 0
        while let next = Bytes.index(of: mark, in: bytes, from: index) {
            result.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<next]))
            index = decodeEscape(bytes, at: next, into: &result)
        }
        if index < bytes.count { result.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index...])) }
    }

    /// The elements of an array but null, with a comma and a blank between them.
    private static func decodeList(_ bytes: UnsafeRawBufferPointer, into result: inout [UInt8]) {
        let blanks: [UInt8] = [0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ",")]
        var isFirst = true
        var index = 1
        while index < bytes.count - 1 {
            if blanks.contains(bytes[index]) {
                index += 1
                continue
            }
            let isText = bytes[index] == UInt8(ascii: "\"")
            let start = isText ? index + 1 : index
            var end = start
            while end < bytes.count - 1, isText ? bytes[end] != UInt8(ascii: "\"") : !blanks.contains(bytes[end]) {
                end += isText && bytes[end] == UInt8(ascii: "\\") ? 2 : 1
            }
            end = min(end, bytes.count - 1)
            index = isText ? end + 1 : end
            let element = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if !isText, element.elementsEqual("null".utf8) { continue }
            if !isFirst { result += [UInt8(ascii: ","), 0x20] }
            isFirst = false
            Self.json.decode(element, into: &result)
        }
    }

    /// Undoes the escape whose mark stands at `index`; returns the index behind it.
    private func decodeEscape(_ bytes: UnsafeRawBufferPointer, at index: Int, into result: inout [UInt8]) -> Int {
        guard index + 1 < bytes.count else {
            result.append(bytes[index])
            return index + 1
        }
        let next = bytes[index + 1]
        switch self {
        case .json: return decodeJSON(bytes, at: index, into: &result)
        case .backslash where next | 0x20 == UInt8(ascii: "x"):
            guard index + 3 < bytes.count, let high = hexValue(bytes[index + 2]), let low = hexValue(bytes[index + 3])
            else { break }
            result.append(high << 4 | low)
            return index + 4
        case .backslash where next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\"),
            .doubledQuotes where next == bytes[index]:
            result.append(next)
            return index + 2
        default: break
        }
        result.append(bytes[index])
        return index + 1
    }

    /// Undoes the JSON escape at `index`; returns the index behind it.
    private func decodeJSON(_ bytes: UnsafeRawBufferPointer, at index: Int, into result: inout [UInt8]) -> Int {
        switch bytes[index + 1] {
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "x"):
            // No JSON, but nginx's (see `JSONScanner`).
            guard index + 3 < bytes.count, let high = hexValue(bytes[index + 2]), let low = hexValue(bytes[index + 3])
            else {
                result.append(bytes[index])
                return index + 1
            }
            result.append(high << 4 | low)
            return index + 4
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(bytes, at: index + 2) else {
                result.append(bytes[index])
                return index + 1
            }
            if (0xd800..<0xdc00).contains(unit), index + 7 < bytes.count, bytes[index + 6] == UInt8(ascii: "\\"),
                bytes[index + 7] == UInt8(ascii: "u"), let low = codeUnit(bytes, at: index + 8),
                (0xdc00..<0xe000).contains(low)
            {
                append(Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)), to: &result)
                return index + 12
            }
            append(Unicode.Scalar(unit), to: &result)
            return index + 6
        default: result.append(bytes[index + 1])
        }
        return index + 2
    }

    private func codeUnit(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<(index + 4)] {
            guard let digit = hexValue(byte) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private func append(_ scalar: Unicode.Scalar?, to result: inout [UInt8]) {
        result.append(contentsOf: String(Character(scalar ?? "\u{fffd}")).utf8)
    }
}

func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
