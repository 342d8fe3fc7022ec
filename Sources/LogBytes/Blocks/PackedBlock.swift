import CDeflate
import CZstd

/// What stands beside the body of a block of records, so that a block can be moved and put in its place without being opened.
public struct BlockHeader: Hashable, Sendable {
    /// The format that this version of strayframe writes, and the only one that it reads.
    public static let version = "strayframe-block-1"

    /// Of which type its records are.
    public var type: String
    /// Which of the parts of a job its records belong to; -1: they are for all of it.
    public var part: Int
    /// How many records it has.
    public var rows: Int
    /// The first and the last place of its records in the order in which they are judged: digests of what they lie together by.
    public var first: UInt64
    public var last: UInt64

    public init(type: String, part: Int, rows: Int, first: UInt64 = 0, last: UInt64 = 0) {
        (self.type, self.part, self.rows, self.first, self.last) = (type, part, rows, first, last)
    }

    /// As it stands in a line, without the version.
    fileprivate var text: String {
        "\(type)\t\(part)\t\(rows)\t\(Self.hex(first))\t\(Self.hex(last))"
    }

    /// Sixteen digits, so that texts are in the order of the numbers.
    fileprivate static func hex(_ number: UInt64, digits count: Int = 16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}

/// What is wrong with a block.
public struct BlockProblem: Error, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}

/// Writes blocks as lines of text, so that whatever moves lines moves them: version, type, part, rows, first and last place,
/// CRC-32 and body, parted by tabs. The body is zstd in base64; the checksum is of the header's fields and of the zstd frame.
///
/// Owns the compression context.
public final class BlockPacker {
    private let context: OpaquePointer
    private var packed: [UInt8] = []
    private static let level: Int32 = 3

    public init() {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory for a zstd context") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Appends a block's line to `lines`.
    public func pack(_ header: BlockHeader, _ body: [UInt8], into lines: inout [UInt8]) {
        let bound = ZSTD_compressBound(body.count)
        if packed.count < bound { packed = [UInt8](repeating: 0, count: bound) }
        let size = packed.withUnsafeMutableBytes { packed in
            body.withUnsafeBytes {
                ZSTD_compress2(context, packed.baseAddress, packed.count, $0.baseAddress, $0.count)
            }
        }
        precondition(ZSTD_isError(size) == 0, "there is room for what zstd writes at most")
        let text = header.text
        packed.withUnsafeBytes { packed in
            let frame = UnsafeRawBufferPointer(rebasing: packed[..<size])
            let sum = BlockHeader.hex(UInt64(BlockUnpacker.checksum(text, frame)), digits: 8)
            lines.append(contentsOf: "\(BlockHeader.version)\t\(text)\t\(sum)\t".utf8)
            Base64.append(frame, to: &lines)
        }
        lines.append(UInt8(ascii: "\n"))
    }
}

/// Reads the lines that `BlockPacker` writes. Whatever stands in a line, it is read or refused.
///
/// Owns the decompression context.
public final class BlockUnpacker {
    private let context: OpaquePointer
    private var frame: [UInt8] = []
    /// No body is larger than this.
    public static let mostBytes = 64 << 20

    public init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory for a zstd context") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// The header of a block's line, and where its checksum and its body begin.
    private struct Split {
        var header: BlockHeader
        var sum: UInt64
        var body: Int
    }

    /// Reads what stands beside a block's body.
    public func header(_ line: RawSpan) throws(BlockProblem) -> BlockHeader { try split(line).header }

    /// Reads a block into `body`.
    public func unpack(_ line: RawSpan, into body: inout [UInt8]) throws(BlockProblem) -> BlockHeader {
        let split = try split(line)
        let isBase64 = line.withUnsafeBytes { line in
            Base64.read(UnsafeRawBufferPointer(rebasing: line[split.body...]), into: &frame)
        }
        guard isBase64 else { throw BlockProblem("the block's body is not base64; was the file cut or changed?") }
        let sum = frame.withUnsafeBytes { Self.checksum(split.header.text, $0) }
        guard UInt64(sum) == split.sum else {
            throw BlockProblem("the block's checksum does not fit; was the file cut or changed?")
        }
        try open(into: &body)
        return split.header
    }

    /// Decompresses the frame.
    private func open(into body: inout [UInt8]) throws(BlockProblem) {
        let size = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // Two of the largest numbers stand for sizes that the frame does not tell.
        guard size <= UInt64(Self.mostBytes) else { throw BlockProblem("the block's body is not zstd, or too large") }
        body = [UInt8](repeating: 0, count: Int(size))
        let result = body.withUnsafeMutableBytes { body in
            frame.withUnsafeBytes {
                ZSTD_decompressDCtx(context, body.baseAddress, body.count, $0.baseAddress, $0.count)
            }
        }
        guard ZSTD_isError(result) == 0, result == body.count else {
            throw BlockProblem("the block's body is damaged (zstd: \(String(cString: ZSTD_getErrorName(result))))")
        }
    }

    private func split(_ line: RawSpan) throws(BlockProblem) -> Split {
        let (fields, body) = line.withUnsafeBytes { Self.fields($0) }
        guard let version = fields.first, version.hasPrefix("strayframe-block-") else {
            throw BlockProblem("no block of records; is this the output of strayframe?")
        }
        guard version == BlockHeader.version else {
            throw BlockProblem(
                "a block of the format \(version.prefix(32)); use one version of strayframe for all stages")
        }
        guard fields.count == 7, let part = Int(fields[2]), let rows = Int(fields[3]), rows >= 0,
            let first = UInt64(fields[4], radix: 16), let last = UInt64(fields[5], radix: 16),
            let sum = UInt64(fields[6], radix: 16)
        else { throw BlockProblem("the block's header is damaged") }
        let header = BlockHeader(type: fields[1], part: part, rows: rows, first: first, last: last)
        return Split(header: header, sum: sum, body: body)
    }

    /// The seven fields before the body, or those that there are, and where the body begins.
    private static func fields(_ line: UnsafeRawBufferPointer) -> ([String], Int) {
        var fields: [String] = []
        var start = 0
        // No header is longer.
        for place in 0..<min(line.count, 256) where line[place] == UInt8(ascii: "\t") {
            fields.append(String(decoding: line[start..<place], as: UTF8.self))
            start = place + 1
            if fields.count == 7 { break }
        }
        if fields.isEmpty { fields = [String(decoding: line.prefix(64), as: UTF8.self)] }
        return (fields, start)
    }

    /// CRC-32 (ISO 3309, as in gzip) of a header's text and the frame behind it.
    fileprivate static func checksum(_ header: String, _ frame: UnsafeRawBufferPointer) -> UInt32 {
        var header = header
        let sum = header.withUTF8 { libdeflate_crc32(0, $0.baseAddress, $0.count) }
        return libdeflate_crc32(sum, frame.baseAddress, frame.count)
    }
}

/// RFC 4648 section 4.
private enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// By letter: its six bits; 255 for what is none.
    private static let bits: [UInt8] = {
        var bits = [UInt8](repeating: 255, count: 256)
        for (number, letter) in letters.enumerated() { bits[Int(letter)] = UInt8(number) }
        return bits
    }()

    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        let start = text.count
        text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4))
        letters.withUnsafeBufferPointer { letters in
            text.withUnsafeMutableBufferPointer { text in
                var (from, to) = (0, start)
                while from < bytes.count {
                    let left = bytes.count - from
                    var word = UInt32(bytes[from]) << 16
                    if left > 1 { word |= UInt32(bytes[from + 1]) << 8 }
                    if left > 2 { word |= UInt32(bytes[from + 2]) }
                    text[to] = letters[Int(word >> 18)]
                    text[to + 1] = letters[Int(word >> 12 & 63)]
                    if left > 1 { text[to + 2] = letters[Int(word >> 6 & 63)] }
                    if left > 2 { text[to + 3] = letters[Int(word & 63)] }
                    (from, to) = (from + 3, to + 4)
                }
            }
        }
    }

    /// - Returns: false if the text is none that `append` writes.
    static func read(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        let size = end / 4 * 3 + max(0, end % 4 - 1)
        guard end % 4 != 1 else { return false }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: repeatElement(0, count: size))
        var seen: UInt8 = 0
        bits.withUnsafeBufferPointer { bits in
            bytes.withUnsafeMutableBufferPointer { bytes in
                var (from, to) = (0, 0)
                while from + 4 <= end {
                    let (a, b) = (bits[Int(text[from])], bits[Int(text[from + 1])])
                    let (c, d) = (bits[Int(text[from + 2])], bits[Int(text[from + 3])])
                    seen |= a | b | c | d
                    bytes[to] = a << 2 | b >> 4 & 3
                    bytes[to + 1] = b << 4 | c >> 2 & 15
                    bytes[to + 2] = c << 6 | d & 63
                    (from, to) = (from + 4, to + 3)
                }
                var left: UInt32 = 0
                for place in from..<end {
                    let six = bits[Int(text[place])]
                    seen |= six
                    left |= UInt32(six & 63) << UInt32(18 - 6 * (place - from))
                }
                if to < size { bytes[to] = UInt8(truncatingIfNeeded: left >> 16) }
                if to + 1 < size { bytes[to + 1] = UInt8(truncatingIfNeeded: left >> 8) }
            }
        }
        return seen < 64
    }
}
