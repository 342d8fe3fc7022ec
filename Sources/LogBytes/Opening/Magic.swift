/// What the first bytes of a stream say it is.
enum Magic: Equatable {
    case compressed(Compression)
    case container(Container)
    case plain

    /// How many bytes ``init(_:)`` wants to see: tar's first header.
    static let byteCount = 512

    /// Recognises a format by bytes that no text log begins with; names play no part.
    ///
    /// Sources: RFC 8878 (zstd), RFC 1952 (gzip), the xz, bzip2 and LZ4 frame format descriptions, POSIX ustar,
    /// PKWARE's APPNOTE (zip) and 7zFormat.txt.
    init(_ head: [UInt8]) {
        self =
            Self.compression(head).map(Magic.compressed)
            ?? Self.container(head).map(Magic.container)
            ?? .plain
    }

    private static func compression(_ head: [UInt8]) -> Compression? {
        if isZstdFrame(head) { return .zstd }
        if head.starts(with: [0x1F, 0x8B]) && (head.count == 2 || head[2] == 8) { return .gzip }
        if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return .xz }
        if head.starts(with: [0x04, 0x22, 0x4D, 0x18]) || head.starts(with: [0x02, 0x21, 0x4C, 0x18]) { return .lz4 }
        if isBzip2(head) { return .bzip2 }
        return nil
    }

    private static func container(_ head: [UInt8]) -> Container? {
        if head.count >= 262 && head[257..<262].elementsEqual("ustar".utf8) { return .tar }
        if isOldTar(head) { return .tar }
        // An empty zip has nothing but its end record.
        if head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) { return .zip }
        if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) { return .sevenZip }
        return nil
    }

    /// A header of Unix V7's tar, which has no mark: a name, and in octal digits the sum of its bytes, with blanks where the
    /// sum itself stands (tar(5)).
    private static func isOldTar(_ head: [UInt8]) -> Bool {
        guard head.count >= 512, head[0] > 0x20 else { return false }
        let digits = head[148..<156].drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard digits.count >= 3, let sum = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return false }
        let found = head.prefix(512).enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 0x20 : Int($1.element)) }
        return sum == found
    }

    /// A frame, or a skippable frame, which parallel and seekable writers put first. LZ4 has skippable frames too, with the
    /// same mark: what follows them tells.
    private static func isZstdFrame(_ head: [UInt8]) -> Bool {
        guard head.count >= 4 else { return false }
        return head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || skippableBytes(head) != nil
    }

    /// How many bytes a skippable frame has that stands first (RFC 8878 section 3.1.2); nil if none does.
    static func skippableBytes(_ head: [UInt8]) -> Int? {
        guard head.count >= 4, (0x50...0x5F).contains(head[0]), head[1..<4].elementsEqual([0x2A, 0x4D, 0x18]) else {
            return nil
        }
        guard head.count >= 8 else { return 8 }
        return 8 + head[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// `BZh`, the block size, then the mark of a block or of the end, as far as the file goes.
    private static func isBzip2(_ head: [UInt8]) -> Bool {
        guard head.count >= 4, head.starts(with: "BZh".utf8), (0x31...0x39).contains(head[3]) else { return false }
        let mark = head.dropFirst(4).prefix(6)
        let block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
        let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        return block.starts(with: mark) || end.starts(with: mark)
    }
}
