import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A report's file on disk.
enum ReportFile {
    /// Makes a folder, and those above it, if they are not there.
    ///
    /// - Throws: `ReportError.cannotWrite`.
    static func makeFolder(_ folder: URL) throws(ReportError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .cannotWrite(path: folder.path, reason: error.localizedDescription)
        }
    }

    /// Writes to a temporary beside the file, brings it to the disk and renames it, so that the file is there whole or not
    /// at all; readable by its owner alone from the first moment, for it names people.
    ///
    /// - Parameter isLasting: whether it is on the disk when this returns; what is written by the hundred thousand need not
    ///   wait for it.
    /// - Throws: `ReportError.cannotWrite`.
    static func write(_ data: Data, to folder: URL, _ name: String, isLasting: Bool = true) throws(ReportError) {
        let path = folder.appending(path: name).path
        let draft = path + ".new"
        func failure() -> ReportError {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            return .cannotWrite(path: path, reason: reason)
        }
        // What an interrupted run has left there is taken away, not written into: it may be a link to something else.
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let isWritten = data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard isWritten, !isLasting || fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure() }
    }

    /// Brings the names of the files to the disk.
    static func settle(_ folder: URL) throws(ReportError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .cannotWrite(path: folder.path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        // Some file systems cannot, and have nothing to bring.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw .cannotWrite(path: folder.path, reason: String(cString: strerror(errno)))
        }
    }
}

/// `write(2)`, which a method named `write` hides.
private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
