import CZlib

/// gzip (RFC 1952) through zlib: members one after another, each with its checksum verified, zeros at the end ignored.
///
/// libarchive reads gzip too, but up to its version 3.7 it leaves the checksum unverified.
///
/// Owns the inflate state.
final class GzipFormat: StreamFormat {
    private(set) var isInsideStream = false

    // zlib keeps a pointer to the state it was initialised with, so the state must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var completeMembers = 0
    private var memberStart: UInt64 = 0

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, 16 for a gzip header.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "out of memory for an inflate state")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage? {
        if !isInsideStream {
            if completeMembers > 0 { input.use(input.unread.prefix { $0 == 0 }.count) }
            guard let first = input.unread.first else { return nil }
            memberStart = input.fileOffset
            guard first == 0x1F else { return trailingData }
            isInsideStream = true
        }
        switch inflate(&input, &output) {
        case Z_OK, Z_BUF_ERROR:
            return nil
        case Z_STREAM_END:
            completeMembers += 1
            isInsideStream = false
            inflateReset(stream)
            return nil
        default:
            // The second byte of the mark is missing: this never was a member.
            if completeMembers > 0 && stream.pointee.total_in <= 2 { return trailingData }
            let words = stream.pointee.msg.map { String(cString: $0) } ?? "invalid deflate data"
            return Damage(kind: .corrupt, offset: input.fileOffset, message: "gzip: \(words)")
        }
    }

    private func inflate(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Int32 {
        let unread = input.unread
        let rest = output.rest
        let available = UInt32(clamping: unread.count)
        let room = UInt32(clamping: rest.count)
        // zlib declares its input mutable without writing to it.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: unread.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = available
        stream.pointee.next_out = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        input.use(Int(available - stream.pointee.avail_in))
        output.count += Int(room - stream.pointee.avail_out)
        return status
    }

    private var trailingData: Damage { .trailing(behind: completeMembers, "gzip member", at: memberStart) }
}
