import CArchive

/// A single bzip2 or lz4 stream through libarchive's filters.
///
/// libarchive decodes into blocks of 64 KiB and gives nothing of a block in which it meets damage, so the last 64 KiB
/// before a damage can be missing.
final class FilterDecoder: ByteSource {
    private let stream: ArchiveStream
    private let compression: Compression
    private lazy var bytes = EntryBytes(stream)
    private var state = State.unopened

    private enum State {
        case unopened, reading, finished
        case damaged(Damage)
    }

    /// Decodes a source that begins with the compression's mark.
    ///
    /// - Precondition: The compression is bzip2 or lz4.
    init(_ compression: Compression, from source: any ByteSource, chunkBytes: Int) {
        stream = ArchiveStream(from: source, chunkBytes: chunkBytes)
        self.compression = compression
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        if case .unopened = state { state = open() }
        if case .reading = state {
            do throws(Damage) {
                let count = try bytes.read(into: buffer)
                if count > 0 { return count }
                state = end()
            } catch {
                state = .damaged(error)
            }
        }
        if case .damaged(let damage) = state { throw damage }
        return 0
    }

    func fileOffset(unread: Int) -> UInt64 { stream.fileOffset }

    private func open() -> State {
        switch compression {
        case .bzip2: archive_read_support_filter_bzip2(stream.handle)
        default: archive_read_support_filter_lz4(stream.handle)
        }
        archive_read_support_format_raw(stream.handle)
        archive_read_support_format_empty(stream.handle)
        let opened = stream.open()
        guard opened == ARCHIVE_OK else { return .damaged(stream.damage(opened)) }
        // Without enough bytes to recognise its filter, libarchive would take the stream for plain data.
        guard archive_filter_code(stream.handle, 0) != ARCHIVE_FILTER_NONE else {
            return .damaged(stream.truncation("the file ends inside a stream's header"))
        }
        // A stream that fails at its first byte opens as an empty one; only the error number tells.
        guard archive_errno(stream.handle) == 0 else { return .damaged(stream.damage(ARCHIVE_FATAL)) }

        var entry: OpaquePointer?
        let header = archive_read_next_header(stream.handle, &entry)
        switch header {
        case ARCHIVE_OK, ARCHIVE_WARN: return .reading
        case ARCHIVE_EOF: return end()
        default: return .damaged(stream.damage(header))
        }
    }

    /// The state after the last decoded byte: libarchive ignores what follows a stream, which must not go unseen.
    private func end() -> State {
        let offset = stream.fileOffset
        if stream.unused > 0 || stream.hasMoreInput() {
            return .damaged(
                Damage(
                    kind: .trailingData, offset: offset,
                    message: "other data follows a complete \(compression.rawValue) stream"))
        }
        if let damage = stream.sourceDamage { return .damaged(damage) }
        return .finished
    }
}
