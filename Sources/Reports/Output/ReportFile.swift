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
    /// Makes a folder, and those above it, if they are not there: their owner's alone, for what lies in them names people.
    ///
    /// - Throws: `ReportError.cannotWrite`.
    static func makeFolder(_ folder: URL) throws(ReportError) {
        let path = folder.path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw .cannotWrite(path: path, reason: String(cString: strerror(ENOTDIR))) }
            return
        }
        let parent = folder.deletingLastPathComponent()
        if parent.path != path { try makeFolder(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Writes a whole file; see ``AtomicFile``.
    ///
    /// - Parameter isLasting: whether it is on the disk when this returns; what is written by the hundred thousand need not
    ///   wait for it.
    /// - Throws: `ReportError.cannotWrite`.
    static func write(_ data: Data, to folder: URL, _ name: String, isLasting: Bool = true) throws(ReportError) {
        try AtomicFile(in: folder, name).finish(data, isLasting: isLasting)
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
