import CArchive

/// A libarchive reader that is fed from a ``ByteSource`` and never opens a file itself.
///
/// Owns the C handle. Used for single streams (``FilterDecoder``) and for containers (``ContainerReader``).
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
    private var lent = 0

    /// A reader before a source, with no format or filter enabled yet.
    init(from source: any ByteSource, chunkBytes: Int) {
        guard let handle = archive_read_new() else { preconditionFailure("out of memory for an archive reader") }
        self.handle = handle
        input = EncodedInput(from: source, byteCount: chunkBytes)
    }

    deinit { archive_read_free(handle) }

    /// Begins to read, once formats and filters are enabled; returns libarchive's status.
    func open() -> Int32 {
        archive_read_open(
            handle, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, context, block in
                guard let context, let block else { return Int(ARCHIVE_FATAL) }
                return Unmanaged<ArchiveStream>.fromOpaque(context).takeUnretainedValue().lend(&block.pointee)
            }, nil)
    }

    /// How many bytes libarchive holds but has not used; it answers -1 before it has made sense of any.
    var unused: Int { Int(input.taken) - max(0, Int(archive_filter_bytes(handle, -1))) }

    /// The byte of the file as found at which libarchive has arrived.
    var fileOffset: UInt64 { input.fileOffset(unread: max(0, unused)) }

    /// Takes one further byte or more from the source; `false` if it had ended.
    func hasMoreInput() -> Bool {
        var block: UnsafeRawPointer?
        return lend(&block) > 0
    }

    /// The damage that a status other than `ARCHIVE_OK` means.
    func damage(_ status: Int32) -> Damage {
        if let sourceDamage { return sourceDamage }
        let words = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
        let kind: Damage.Kind =
            status == ARCHIVE_FAILED ? .unsupported : status == ARCHIVE_FATAL && reachedEnd ? .truncated : .corrupt
        return Damage(kind: kind, offset: fileOffset, message: "libarchive: \(words)")
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
