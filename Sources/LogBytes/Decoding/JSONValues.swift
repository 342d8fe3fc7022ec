/// Turns JSON values that are no line each into lines: the objects of an array (`[{…},{…}]`), also of one that is all that an
/// object has (`{"records":[{…},{…}]}`, as Azure's diagnostic settings send them to an event hub), and objects that are
/// written over several lines. A line's number is then the object's.
///
/// Only what stands between tokens changes: line breaks and the blanks behind them are left out, and so are the array's
/// brackets and commas. What is no object at the outermost level is passed on line by line, as it is.
final class JSONValues: ByteSource {
    /// How many bytes must be seen to tell.
    static let headBytes = 64

    private let upstream: any ByteSource
    private let input: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    private var state = State.between
    private var depth = 0
    private var isEscaped = false
    /// Whether objects hold an array of records each.
    private let areWrapped: Bool
    /// Whether the array of one has begun.
    private var isInside = false

    private enum State {
        /// Outside every object.
        case between
        /// In an object that holds records, before its array.
        case opening
        /// Inside an object, and there inside a string, or behind a line break.
        case object, string, indentation
        /// In a line that is no object.
        case other
        /// Behind an object, whose line is to be ended.
        case ended
    }

    /// Whether a text's first bytes are those of an array of objects, or of an object over several lines.
    static func begins(_ head: [UInt8]) -> Bool {
        var rest = head[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        rest = rest.drop(while: isBlank)
        if rest.first == UInt8(ascii: "[") { return rest.dropFirst().drop(while: isBlank).first == UInt8(ascii: "{") }
        guard rest.first == UInt8(ascii: "{") else { return false }
        let behind = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
        return behind.first == 0x0a || holdsRecords(head)
    }

    /// Whether a text's first bytes are those of an object with an array of records.
    private static func holdsRecords(_ head: [UInt8]) -> Bool {
        var rest = head[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        for text in ["{", "\"records\"", ":", "[", "{"] {
            rest = rest.drop(while: isBlank)
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
        }
        return true
    }

    /// - Parameter head: the text's first bytes.
    init(_ upstream: any ByteSource, head: [UInt8], chunkBytes: Int) {
        self.upstream = upstream
        areWrapped = Self.holdsRecords(head)
        input = .allocate(byteCount: max(1, min(chunkBytes, 1 << 16)), alignment: 16)
    }

    deinit { input.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        var count = 0
        while count == 0 {
            if unread.isEmpty {
                // What ends an object is written with the next byte, or at the end.
                if state != .ended {
                    let more = try upstream.read(into: input)
                    guard more > 0 else { return 0 }
                    unread = 0..<more
                }
            }
            count = convert(into: buffer)
        }
        return count
    }

    func fileOffset(unread count: Int) -> UInt64 { upstream.fileOffset(unread: unread.count) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    /// Writes what comes of the unread bytes, as far as there is room.
    private func convert(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while count < buffer.count {
            if state == .ended {
                buffer[count] = 0x0a
                count += 1
                state = .between
                continue
            }
            guard let place = unread.first else { break }
            let byte = input[place]
            unread = (place + 1)..<unread.upperBound
            if keeps(byte) {
                buffer[count] = byte
                count += 1
            }
        }
        return count
    }

    /// Goes on by a byte; returns whether it belongs to a line.
    private func keeps(_ byte: UInt8) -> Bool {
        switch state {
        case .between: return begin(byte)
        case .opening:
            if byte == UInt8(ascii: "[") { (state, isInside) = (.between, true) }
            return false
        case .other:
            if byte == 0x0a { state = .between }
            return true
        case .string:
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                state = .object
            } else if byte == 0x0a {
                // No string goes over a line's end: the object is broken, and the next one may be whole.
                state = .between
            }
            return true
        case .indentation:
            if byte == 0x20 || byte == 0x09 { return false }
            state = .object
            return inside(byte)
        case .object, .ended: return inside(byte)
        }
    }

    private func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{") where areWrapped && !isInside:
            state = .opening
            return false
        case UInt8(ascii: "{"):
            (state, depth) = (.object, 1)
            return true
        case UInt8(ascii: "]") where areWrapped, UInt8(ascii: "}") where areWrapped:
            isInside = false
            return false
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), 0xEF, 0xBB, 0xBF, 0: return false
        default:
            guard !Self.isBlank(byte) else { return false }
            state = .other
            return true
        }
    }

    private func inside(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""): state = .string
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth <= 0 { state = .ended }
        case 0x0a, 0x0d:
            state = .indentation
            return false
        default: break
        }
        return true
    }
}
