import CArchive

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A libarchive reader that is fed from a ``ByteSource``, or reads back and forth in a file's descriptor.
///
/// Owns the C handle, and the descriptor. Used for containers (``ContainerReader``).
final class ArchiveStream {
    /// libarchive's reader.
    let handle: OpaquePointer

    /// What ended the source early; libarchive sees that as the end of its input.
    private(set) var sourceDamage: Damage?

    /// Whether libarchive asked for bytes beyond the end of the source.
    private(set) var reachedEnd = false

    /// How many zero bytes the source ended with, as far as it has been lent.
    private(set) var trailingZeros: UInt64 = 0

    private var input: EncodedInput
    private let descriptor: Int32?

    /// A reader of a file that must be read back and forth; takes over the descriptor.
    init(seekingIn descriptor: Int32) {
        guard let handle = archive_read_new() else { preconditionFailure("out of memory for an archive reader") }
        self.handle = handle
        self.descriptor = descriptor
        input = EncodedInput(from: NoBytes(), byteCount: 1)
    }

    /// A reader before a source, with no format or filter enabled yet.
    init(from source: any ByteSource, chunkBytes: Int) {
        guard let handle = archive_read_new() else { preconditionFailure("out of memory for an archive reader") }
        self.handle = handle
        descriptor = nil
        input = EncodedInput(from: source, byteCount: chunkBytes)
    }

    deinit {
        archive_read_free(handle)
        if let descriptor { close(descriptor) }
    }

    /// Begins to read, once formats and filters are enabled; returns libarchive's status.
    func open() -> Int32 {
        if let descriptor { return archive_read_open_fd(handle, descriptor, 1 << 16) }
        return archive_read_open(
            handle, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, context, block in
                guard let context, let block else { return Int(ARCHIVE_FATAL) }
                return Unmanaged<ArchiveStream>.fromOpaque(context).takeUnretainedValue().lend(&block.pointee)
            }, nil)
    }

    /// How many bytes libarchive holds but has not used; 0 when it gave up before its first entry.
    var unused: Int {
        let used = archive_filter_bytes(handle, -1)
        return used < 0 ? 0 : Int(input.taken) - Int(used)
    }

    /// The byte of the file as found at which libarchive has arrived.
    var fileOffset: UInt64 {
        descriptor == nil ? input.fileOffset(unread: unused) : UInt64(max(0, archive_filter_bytes(handle, -1)))
    }

    /// Takes one further byte or more from the source; `false` if it had ended.
    func hasMoreInput() -> Bool {
        var block: UnsafeRawPointer?
        return lend(&block) > 0
    }

    /// The damage that a status other than `ARCHIVE_OK` means.
    func damage(_ status: Int32) -> Damage {
        if let sourceDamage { return sourceDamage }
        let words = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
        if status == ARCHIVE_FATAL && reachedEnd { return truncation("libarchive: \(words)") }
        let kind: Damage.Kind = status == ARCHIVE_FAILED ? .unsupported : .corrupt
        return Damage(kind: kind, offset: fileOffset, message: "libarchive: \(words)")
    }

    /// The damage of a source that has ended too early.
    func truncation(_ message: String) -> Damage {
        Damage(kind: .truncated, offset: input.fileOffset(unread: 0), message: message)
    }

    private func lend(_ block: inout UnsafeRawPointer?) -> Int {
        input.use(input.unread.count)
        do throws(Damage) {
            guard try input.refill() else {
                reachedEnd = true
                return 0
            }
        } catch {
            sourceDamage = error
            reachedEnd = true
            return 0
        }
        let bytes = input.unread
        let zeros = bytes.reversed().prefix { $0 == 0 }.count
        trailingZeros = zeros == bytes.count ? trailingZeros + UInt64(zeros) : UInt64(zeros)
        block = bytes.baseAddress
        return bytes.count
    }
}

/// The source of a reader that has another way to its bytes.
private final class NoBytes: ByteSource {
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int { 0 }
    func fileOffset(unread: Int) -> UInt64 { 0 }
}
