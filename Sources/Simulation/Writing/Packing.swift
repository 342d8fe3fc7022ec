internal import CZstd

/// How a log file's bytes lie on the disk.
enum Packing: Sendable {
    case plain
    /// Zstandard frames one after the other, cut at any byte.
    case zstd(frames: Int)

    /// - Parameter level: zstd's compression level, 1 to 19.
    func pack(_ bytes: [UInt8], level: Int) throws(PackingError) -> [UInt8] {
        switch self {
        case .plain: return bytes
        case .zstd(let frames):
            var packed: [UInt8] = []
            for frame in 0..<frames {
                let piece = bytes[(bytes.count * frame / frames)..<(bytes.count * (frame + 1) / frames)]
                packed += try Self.zstdFrame(Array(piece), level: level)
            }
            return packed
        }
    }

    /// One frame with its checksum, made on this thread alone, so that equal bytes give equal frames.
    private static func zstdFrame(_ bytes: [UInt8], level: Int) throws(PackingError) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { throw PackingError(reason: "no memory for a context") }
        defer { ZSTD_freeCCtx(context) }
        _ = try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        _ = try checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = try checked(ZSTD_compress2(context, &packed, packed.count, bytes, bytes.count))
        packed.removeLast(packed.count - count)
        return packed
    }

    /// zstd's result, unless it is an error.
    static func checked(_ result: Int) throws(PackingError) -> Int {
        guard ZSTD_isError(result) == 0 else { throw PackingError(reason: String(cString: ZSTD_getErrorName(result))) }
        return result
    }
}

/// zstd would not compress.
struct PackingError: Error, CustomStringConvertible {
    let reason: String

    var description: String { "zstd could not compress: \(reason)." }
}
