import CLzma

/// xz (The .xz File Format) through liblzma: streams one after another, zeros between them and at the end ignored, each block
/// with its check verified.
///
/// libarchive reads xz too, but gives nothing of the last 64 KiB before a damage, or before what follows a stream; `xz -dc`
/// gives it all.
///
/// Owns the decoder.
final class XZFormat: StreamFormat {
    private(set) var isInsideStream = false

    /// What a stream may ask for, as in libarchive: more than `xz -9` needs.
    private static let maxMemoryBytes: UInt64 = 1 << 30

    // liblzma keeps a pointer to the state, so that must not move.
    private let stream: UnsafeMutablePointer<lzma_stream>
    private var completeStreams = 0
    private var streamStart: UInt64 = 0

    init() {
        stream = .allocate(capacity: 1)
        // As LZMA_STREAM_INIT.
        stream.initialize(to: lzma_stream())
    }

    deinit {
        lzma_end(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage? {
        if !isInsideStream {
            if completeStreams > 0 { input.use(input.unread.prefix { $0 == 0 }.count) }
            guard let first = input.unread.first else { return nil }
            streamStart = input.fileOffset
            guard first == 0xFD else { return trailingData }
            let status = lzma_stream_decoder(stream, Self.maxMemoryBytes, 0)
            precondition(status == LZMA_OK, "out of memory for an xz decoder")
            isInsideStream = true
        }
        let status = decode(&input, &output)
        switch status {
        case LZMA_OK, LZMA_BUF_ERROR: return nil
        case LZMA_STREAM_END:
            completeStreams += 1
            isInsideStream = false
            return nil
        case LZMA_FORMAT_ERROR where completeStreams > 0: return trailingData
        default: return damage(status, at: input.fileOffset)
        }
    }

    private func decode(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> lzma_ret {
        let unread = input.unread
        let rest = output.rest
        stream.pointee.next_in = unread.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = unread.count
        stream.pointee.next_out = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = rest.count
        let status = lzma_code(stream, LZMA_RUN)
        input.use(unread.count - stream.pointee.avail_in)
        output.count += rest.count - stream.pointee.avail_out
        return status
    }

    private var trailingData: Damage { .trailing(behind: completeStreams, "xz stream", at: streamStart) }

    private func damage(_ status: lzma_ret, at offset: UInt64) -> Damage {
        switch status {
        case LZMA_MEMLIMIT_ERROR:
            Damage(
                kind: .limit, offset: offset,
                message: "xz: a stream asks for more than \(Self.maxMemoryBytes) bytes of memory")
        case LZMA_OPTIONS_ERROR: Damage(kind: .unsupported, offset: offset, message: "xz: unknown options")
        case LZMA_FORMAT_ERROR: Damage(kind: .corrupt, offset: offset, message: "xz: no stream header")
        default: Damage(kind: .corrupt, offset: offset, message: "xz: invalid data (liblzma code \(status.rawValue))")
        }
    }
}
