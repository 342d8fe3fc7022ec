import CDeflate

/// The decoded bytes of a gzip file (RFC 1952) that is small and one whole member, decoded at once through libdeflate: in
/// half the time that zlib takes, which must be ready for more. Everything else, and every damage, is `GzipFormat`'s.
///
/// Owns the decoded bytes.
final class SmallGzip: ByteSource {
    /// What is larger would be costly to hold, and may be a bomb.
    private static let mostBytes = 1 << 20
    /// The header, one empty block, and the trailer.
    private static let leastEncodedBytes = 20
    /// libdeflate leaves a header's own checksum (FHCRC) unverified, and ignores the flags that RFC 1952 reserves.
    private static let flagsToRefuse: UInt8 = 0b1110_0010

    private let encoded: Lookahead
    private let decoded: UnsafeMutableRawBufferPointer
    private var taken = 0

    /// - Returns: nil if the source is anything else; nothing of it is read then.
    init?(_ encoded: Lookahead) {
        let file = encoded.head
        guard encoded.isWhole, file.count >= Self.leastEncodedBytes, file[3] & Self.flagsToRefuse == 0 else {
            return nil
        }
        // ISIZE, the trailer's second half: the last member's size.
        let byteCount = file.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard (1...Self.mostBytes).contains(byteCount) else { return nil }
        self.encoded = encoded
        decoded = .allocate(byteCount: byteCount, alignment: 16)
        guard Self.decode(file, into: decoded) else { return nil }
        encoded.passHead()
    }

    deinit { decoded.deallocate() }

    /// Whether a member that fills the buffer, and whose checksums hold, is all of the file.
    private static func decode(_ file: [UInt8], into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let decompressor = libdeflate_alloc_decompressor() else { return false }
        defer { libdeflate_free_decompressor(decompressor) }
        var used = 0
        let result = libdeflate_gzip_decompress_ex(
            decompressor, file, file.count, buffer.baseAddress, buffer.count, &used, nil)
        return result == LIBDEFLATE_SUCCESS && used == file.count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let rest = decoded[taken...].prefix(buffer.count)
        buffer.copyBytes(from: rest)
        taken += rest.count
        return rest.count
    }

    func fileOffset(unread: Int) -> UInt64 { encoded.fileOffset(unread: 0) }
}
