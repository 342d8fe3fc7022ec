import CZstd

/// Zstandard (RFC 8878) through libzstd: frames one after another, skippable frames, windows as large as the limits allow.
///
/// Owns the decompression context.
final class ZstdFormat: StreamFormat {
    private(set) var isInsideStream = false

    private let context: OpaquePointer
    private let maxWindowBytes: Int
    private var completeFrames = 0
    private var frameStart: UInt64 = 0

    /// - Parameter maxWindowBytes: how much memory a frame may ask for.
    init(maxWindowBytes: Int) {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory for a zstd context") }
        self.context = context
        self.maxWindowBytes = maxWindowBytes
        let bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax)
        let asked = Int32(Int.bitWidth - 1 - maxWindowBytes.leadingZeroBitCount)
        ZSTD_DCtx_setParameter(
            context, ZSTD_d_windowLogMax, min(max(asked, bounds.lowerBound), bounds.upperBound))
    }

    deinit { ZSTD_freeDCtx(context) }

    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage? {
        if !isInsideStream {
            frameStart = input.fileOffset
            guard let first = input.unread.first, Self.canBeginFrame(first) else { return trailingData }
        }
        let unread = input.unread
        var source = ZSTD_inBuffer(src: unread.baseAddress, size: unread.count, pos: 0)
        var destination = ZSTD_outBuffer(dst: output.buffer.baseAddress, size: output.buffer.count, pos: output.count)
        let hint = ZSTD_decompressStream(context, &destination, &source)
        input.use(source.pos)
        output.count = destination.pos

        if ZSTD_isError(hint) != 0 { return damage(hint, at: input.fileOffset) }
        isInsideStream = hint != 0
        if !isInsideStream { completeFrames += 1 }
        return nil
    }

    /// The first byte of the frame's mark, or of a skippable frame's.
    private static func canBeginFrame(_ byte: UInt8) -> Bool { byte == 0x28 || (0x50...0x5F).contains(byte) }

    private var trailingData: Damage { .trailing(behind: completeFrames, "zstd frame", at: frameStart) }

    private func damage(_ result: Int, at offset: UInt64) -> Damage {
        let message = "zstd: " + String(cString: ZSTD_getErrorName(result))
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_prefix_unknown where completeFrames > 0:
            return trailingData
        case ZSTD_error_frameParameter_windowTooLarge:
            let bound = "a frame asks for a window of more than \(maxWindowBytes) bytes"
            return Damage(kind: .limit, offset: offset, message: "\(message): \(bound)")
        case ZSTD_error_dictionary_wrong, ZSTD_error_memory_allocation, ZSTD_error_version_unsupported,
            ZSTD_error_frameParameter_unsupported:
            return Damage(kind: .unsupported, offset: offset, message: message)
        default:
            return Damage(kind: .corrupt, offset: offset, message: message)
        }
    }
}
