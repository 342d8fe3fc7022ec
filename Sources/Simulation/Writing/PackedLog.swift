internal import CZstd
internal import Foundation

/// A log file that is compressed while it is written: one zstd frame with its checksum, made on the caller's thread
/// alone, so that equal lines give equal bytes.
final class PackedLog {
    private let file: FileHandle
    private let context: OpaquePointer
    private var lines = LineBytes()
    private var packed = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())

    private static let bufferBytes = 1 << 20

    /// - Parameters:
    ///   - path: A file that is there, and empty.
    ///   - level: zstd's compression level, 1 to 19.
    init(path: String, level: Int) throws {
        guard let context = ZSTD_createCCtx() else { throw PackingError(reason: "no memory for a context") }
        self.context = context
        file = try FileHandle(forWritingTo: URL(filePath: path))
        _ = try Packing.checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        _ = try Packing.checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Adds what the closure adds.
    ///
    /// - Returns: How many bytes that is before compression.
    func add(_ body: (inout LineBytes) -> Void) throws -> Int {
        let count = lines.bytes.count
        body(&lines)
        let added = lines.bytes.count - count
        if lines.bytes.count >= Self.bufferBytes { try pack(ZSTD_e_continue) }
        return added
    }

    /// Ends the frame and closes the file.
    func close() throws {
        try pack(ZSTD_e_end)
        try file.close()
    }

    private func pack(_ directive: ZSTD_EndDirective) throws {
        try lines.bytes.withUnsafeBytes { bytes in
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var left = 0
            repeat {
                let count = try packed.withUnsafeMutableBytes { space in
                    var output = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                    left = try Packing.checked(ZSTD_compressStream2(context, &output, &input, directive))
                    return output.pos
                }
                try file.write(contentsOf: packed[..<count])
            } while input.pos < input.size || (directive == ZSTD_e_end && left > 0)
        }
        lines.removeAll()
    }
}
