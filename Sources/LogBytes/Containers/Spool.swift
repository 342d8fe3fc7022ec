#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Puts a stream where it can be read back and forth, which a 7z needs: a file without a name in `TMPDIR` (else `/tmp`) that
/// only this process can open and that is gone when its descriptor is closed.
enum Spool {
    /// Reads the source to its end, or to its damage, which it gives again when it is read again.
    ///
    /// - Returns: a descriptor at the file's beginning, for the caller to close.
    /// - Throws: `Damage` if the file cannot be made or written.
    static func descriptor(
        of source: any ByteSource, through buffer: UnsafeMutableRawBufferPointer
    ) throws(Damage) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/strayframe-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw refusal(source, "\(folder): \(systemMessage(errno))") }
        unlink(name)
        while let count = try? source.read(into: buffer), count > 0 {
            var written = 0
            while written < count {
                let more = write(descriptor, buffer.baseAddress.map { $0 + written }, count - written)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else {
                    let message = systemMessage(errno)
                    close(descriptor)
                    throw refusal(source, "\(folder): \(message)")
                }
                written += more
            }
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    private static func refusal(_ source: any ByteSource, _ message: String) -> Damage {
        Damage(
            kind: .unreadable, offset: source.fileOffset(unread: 0),
            message: "a 7z inside needs a temporary file: \(message); give another folder by TMPDIR")
    }
}
