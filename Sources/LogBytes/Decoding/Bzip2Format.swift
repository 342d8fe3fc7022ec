import CBzip2

/// bzip2 through libbz2: streams one after another, each block with its checksum verified.
///
/// libarchive reads bzip2 too, but gives nothing of the last 64 KiB before a damage; `bzip2 -dc` gives it all.
///
/// Owns the decoder.
final class Bzip2Format: StreamFormat {
    private(set) var isInsideStream = false

    // libbz2 keeps a pointer to the state, so that must not move.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var completeStreams = 0
    private var streamStart: UInt64 = 0

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        // Of one that was never begun it says so, and does nothing.
        BZ2_bzDecompressEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage? {
        if !isInsideStream {
            guard let first = input.unread.first else { return nil }
            streamStart = input.fileOffset
            guard first == UInt8(ascii: "B") else { return trailingData }
            let status = BZ2_bzDecompressInit(stream, 0, 0)
            precondition(status == BZ_OK, "out of memory for a bzip2 decoder")
            isInsideStream = true
        }
        let status = decode(&input, &output)
        switch status {
        case BZ_OK: return nil
        case BZ_STREAM_END:
            BZ2_bzDecompressEnd(stream)
            completeStreams += 1
            isInsideStream = false
            return nil
        case BZ_DATA_ERROR_MAGIC where completeStreams > 0: return trailingData
        case BZ_DATA_ERROR_MAGIC:
            return Damage(kind: .corrupt, offset: input.fileOffset, message: "bzip2: no stream header")
        default:
            return Damage(
                kind: .corrupt, offset: input.fileOffset, message: "bzip2: invalid data (libbz2 code \(status))")
        }
    }

    private func decode(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Int32 {
        let unread = input.unread
        let rest = output.rest
        let available = UInt32(clamping: unread.count)
        let room = UInt32(clamping: rest.count)
        // libbz2 declares its input mutable without writing to it.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: unread.baseAddress?.assumingMemoryBound(to: CChar.self))
        stream.pointee.avail_in = available
        stream.pointee.next_out = rest.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = room
        let status = BZ2_bzDecompress(stream)
        input.use(Int(available - stream.pointee.avail_in))
        output.count += Int(room - stream.pointee.avail_out)
        return status
    }

    private var trailingData: Damage { .trailing(behind: completeStreams, "bzip2 stream", at: streamStart) }
}
