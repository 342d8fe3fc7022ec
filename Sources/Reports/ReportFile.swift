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

    /// Writes a whole file; see ``ReportDraft``.
    ///
    /// - Parameter isLasting: whether it is on the disk when this returns; what is written by the hundred thousand need not
    ///   wait for it.
    /// - Throws: `ReportError.cannotWrite`.
    static func write(_ data: Data, to folder: URL, _ name: String, isLasting: Bool = true) throws(ReportError) {
        try ReportDraft(in: folder, name).finish(data, isLasting: isLasting)
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
