import CArchive

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The entries of a tar, zip or 7z, one after another, through libarchive, which writes none of them to a disk.
final class ContainerReader {
    /// An entry that is no folder.
    enum Entry {
        /// A log or other file; its bytes are read from ``ContainerReader/entryBytes`` before the next entry.
        case file(name: String, bytes: EntryBytes)
        /// A file whose bytes cannot be had.
        case unreadable(name: String, Damage)
        /// An entry without bytes of its own.
        case skipped(SkippedEntry)
    }

    private let stream: ArchiveStream
    private let kind: Container
    private var isOpen = false
    private var current: EntryBytes?

    /// Reads a tar's or zip's bytes, taking at most `chunkBytes` at a time.
    init(_ kind: Container, from source: any ByteSource, chunkBytes: Int) {
        stream = ArchiveStream(from: source, chunkBytes: chunkBytes)
        self.kind = kind
    }

    /// Reads a 7z, whose directory stands at its end; takes over the descriptor.
    init(sevenZip descriptor: Int32) {
        stream = ArchiveStream(seekingIn: descriptor)
        kind = .sevenZip
    }

    /// The next entry that is no folder; `nil` at the end. What was not read of the entry before is passed over.
    func next() throws(Damage) -> Entry? {
        if current?.isFatal == true { return nil }
        if !isOpen { try open() }
        while true {
            var header: OpaquePointer?
            let status = UTF8Locale.forNames.run { archive_read_next_header(stream.handle, &header) }
            switch status {
            case ARCHIVE_OK, ARCHIVE_WARN:
                if let header, let entry = entry(header) { return entry }
            case ARCHIVE_EOF:
                try checkEnd()
                return nil
            default:
                throw stream.damage(status)
            }
        }
    }

    private func open() throws(Damage) {
        switch kind {
        case .tar:
            archive_read_support_format_tar(stream.handle)
            // Of tars written one after another, every one counts.
            archive_read_set_format_option(stream.handle, "tar", "read_concatenated_archives", "1")
        case .zip:
            archive_read_support_format_zip_streamable(stream.handle)
        case .sevenZip:
            archive_read_support_format_7zip(stream.handle)
        }
        let status = UTF8Locale.forNames.run { stream.open() }
        guard status == ARCHIVE_OK else { throw stream.damage(status) }
        isOpen = true
    }

    private func entry(_ header: OpaquePointer) -> Entry? {
        let name = Self.name(header)
        if let original = archive_entry_hardlink(header) {
            let original = String(cString: original)
            return .skipped(SkippedEntry(name: name, reason: .hardLink(of: original)))
        }
        switch archive_entry_filetype(header) & S_IFMT {
        case S_IFDIR:
            return nil
        case S_IFLNK:
            return .skipped(SkippedEntry(name: name, reason: .symbolicLink))
        case S_IFREG where archive_entry_is_encrypted(header) != 0:
            return .unreadable(
                name: name, Damage(kind: .unsupported, offset: stream.fileOffset, message: "the entry is encrypted"))
        case S_IFREG:
            let bytes = EntryBytes(stream)
            current = bytes
            return .file(name: name, bytes: bytes)
        default:
            return .skipped(SkippedEntry(name: name, reason: .notAFile))
        }
    }

    private static func name(_ header: OpaquePointer) -> String {
        // The bytes as they stand are tried first: the other call converts, and gives nothing for what it cannot.
        let found = archive_entry_pathname(header) ?? archive_entry_pathname_utf8(header)
        return found.map { String(cString: $0) } ?? "(no name)"
    }

    /// Refuses a tar that was cut between two entries, which libarchive takes for a complete one.
    private func checkEnd() throws(Damage) {
        if let damage = stream.sourceDamage { throw damage }
        // POSIX asks for two blocks of zeros; some writers leave one.
        if kind == .tar && stream.trailingZeros < 512 {
            throw stream.truncation("the tar ends without its end-of-archive block")
        }
    }
}
