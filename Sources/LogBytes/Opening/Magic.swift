/// What the first bytes of a stream say it is.
enum Magic: Equatable {
    case compressed(Compression)
    case container(Container)
    case plain

    /// How many bytes ``init(_:)`` wants to see: up to the end of tar's mark.
    static let byteCount = 263

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
        // An empty zip has nothing but its end record.
        if head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) { return .zip }
        if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) { return .sevenZip }
        return nil
    }

    /// A frame, or a skippable frame, which parallel and seekable writers put first.
    private static func isZstdFrame(_ head: [UInt8]) -> Bool {
        guard head.count >= 4 else { return false }
        return head.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
            || (0x50...0x5F).contains(head[0]) && head[1..<4].elementsEqual([0x2A, 0x4D, 0x18])
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
