import CArchive

/// The decoded bytes of the entry that an ``ArchiveStream`` stands at; holes of sparse entries are zeros.
final class EntryBytes: ByteSource {
    private let stream: ArchiveStream
    /// Whether libarchive can no longer go on to the entry after this one.
    private(set) var isFatal = false

    private var block = UnsafeRawBufferPointer(start: nil, count: 0)
    private var blockOffset: UInt64 = 0
    private var position: UInt64 = 0
    private var damage: Damage?
    private var isFinished = false

    /// The bytes of the stream's current entry; valid until the next header is read.
    init(_ stream: ArchiveStream) { self.stream = stream }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        while block.isEmpty && !isFinished && damage == nil { nextBlock() }
        if block.isEmpty {
            if let damage { throw damage }
            return 0
        }
        if position < blockOffset {
            let zeros = Int(min(UInt64(buffer.count), blockOffset - position))
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<zeros]).initializeMemory(as: UInt8.self, repeating: 0)
            position += UInt64(zeros)
            return zeros
        }
        let count = min(buffer.count, block.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<count]))
        block = UnsafeRawBufferPointer(rebasing: block[count...])
        position += UInt64(count)
        blockOffset = position
        return count
    }

    func fileOffset(unread: Int) -> UInt64 { stream.fileOffset }

    private func nextBlock() {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        let status = archive_read_data_block(stream.handle, &start, &count, &offset)
        switch status {
        case ARCHIVE_OK:
            block = UnsafeRawBufferPointer(start: start, count: count)
            blockOffset = UInt64(max(0, offset))
        case ARCHIVE_EOF:
            isFinished = true
        case ARCHIVE_WARN:
            // A wrong checksum is found at an entry's end, and comes together with its last block.
            block = UnsafeRawBufferPointer(start: start, count: count)
            blockOffset = UInt64(max(0, offset))
            damage = stream.damage(status)
        default:
            isFatal = status != ARCHIVE_FAILED
            damage = stream.damage(status)
        }
    }
}
