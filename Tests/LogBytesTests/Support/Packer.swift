import CArchive
import CZstd

/// Makes the inputs of the tests, by the libraries' writing side.
enum Packer {
    /// How long the header is that this library puts before a gzip member, with its name if there is one.
    static func gzipHeaderLength(_ member: [UInt8]) -> Int {
        member[3] & 0x08 == 0 ? 10 : (member[10...].firstIndex(of: 0) ?? 9) + 1
    }

    /// One complete stream of a compression; for zstd a frame with a checksum.
    static func compress(_ bytes: [UInt8], as compression: String) -> [UInt8] {
        if compression == "plain" { return bytes }
        if compression == "zstd" { return zstd(bytes) }
        // libarchive's lz4 writer crashes when nothing was written to it.
        if compression == "lz4" && bytes.isEmpty { return emptyLZ4Frame }
        return write(bytes.count) { archive in
            switch compression {
            case "gzip": archive_write_add_filter_gzip(archive)
            case "xz": archive_write_add_filter_xz(archive)
            case "bzip2": archive_write_add_filter_bzip2(archive)
            case "lz4": archive_write_add_filter_lz4(archive)
            default: fatalError("no such compression: \(compression)")
            }
            archive_write_set_format_raw(archive)
        } entries: { archive in
            add(Entry("raw", bytes), to: archive)
        }
    }

    /// What `lz4` makes of an empty file: header, end mark, checksum of nothing.
    private static let emptyLZ4Frame: [UInt8] = [
        0x04, 0x22, 0x4D, 0x18, 0x64, 0x40, 0xA7, 0, 0, 0, 0, 0x05, 0x5D, 0xCC, 0x02,
    ]

    /// An entry of a container.
    struct Entry {
        var name: String
        var bytes: [UInt8]
        var type: UInt32 = 0o100000
        var link: String?
        var hardLink: String?

        init(_ name: String, _ bytes: [UInt8] = []) { (self.name, self.bytes) = (name, bytes) }

        static func folder(_ name: String) -> Entry {
            var entry = Entry(name)
            entry.type = 0o040000
            return entry
        }

        static func symbolicLink(_ name: String, to target: String) -> Entry {
            var entry = Entry(name)
            (entry.type, entry.link) = (0o120000, target)
            return entry
        }

        static func hardLink(_ name: String, to target: String) -> Entry {
            var entry = Entry(name)
            entry.hardLink = target
            return entry
        }
    }

    /// A container of a format: `tar` (ustar), `pax`, `zip` or `7z`.
    static func pack(_ entries: [Entry], as format: String) -> [UInt8] {
        write(entries.reduce(1 << 16) { $0 + $1.bytes.count + 4096 }) { archive in
            switch format {
            case "tar": archive_write_set_format_ustar(archive)
            case "pax": archive_write_set_format_pax(archive)
            case "zip": archive_write_set_format_zip(archive)
            case "7z": archive_write_set_format_7zip(archive)
            default: fatalError("no such format: \(format)")
            }
        } entries: { archive in
            for entry in entries { add(entry, to: archive) }
        }
    }

    /// One zstd frame, with a checksum.
    static func zstd(_ bytes: [UInt8], parameters: [(ZSTD_cParameter, Int32)] = []) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        for (parameter, value) in parameters { ZSTD_CCtx_setParameter(context, parameter, value) }
        return [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            count = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes, bytes.count)
        }
    }

    /// A frame that decoders pass over.
    static func skippableFrame(_ bytes: [UInt8]) -> [UInt8] {
        [0x5A, 0x2A, 0x4D, 0x18] + withUnsafeBytes(of: UInt32(bytes.count).littleEndian, Array.init) + bytes
    }

    private static func add(_ entry: Entry, to archive: OpaquePointer?) {
        let header = archive_entry_new()
        defer { archive_entry_free(header) }
        archive_entry_set_pathname(header, entry.name)
        archive_entry_set_filetype(header, entry.type)
        archive_entry_set_perm(header, 0o644)
        archive_entry_set_size(header, Int64(entry.bytes.count))
        if let link = entry.link { archive_entry_set_symlink(header, link) }
        if let original = entry.hardLink { archive_entry_set_hardlink(header, original) }
        check(archive_write_header(archive, header), archive)
        if !entry.bytes.isEmpty {
            precondition(archive_write_data(archive, entry.bytes, entry.bytes.count) == entry.bytes.count)
        }
    }

    private static func write(
        _ size: Int, format: (OpaquePointer?) -> Void, entries: (OpaquePointer?) -> Void
    ) -> [UInt8] {
        let archive = archive_write_new()
        defer { archive_write_free(archive) }
        format(archive)
        archive_write_set_bytes_in_last_block(archive, 1)
        return [UInt8](unsafeUninitializedCapacity: size * 2 + (1 << 16)) { buffer, count in
            check(archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &count), archive)
            entries(archive)
            check(archive_write_close(archive), archive)
        }
    }

    private static func check(_ status: Int32, _ archive: OpaquePointer?) {
        guard status < ARCHIVE_WARN else { return }
        fatalError(archive_error_string(archive).map { String(cString: $0) } ?? "status \(status)")
    }
}
