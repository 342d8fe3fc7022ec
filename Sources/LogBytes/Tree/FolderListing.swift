#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names in one folder, without `.` and `..`, in the order of the file system.
struct FolderListing {
    /// A name, and what stands behind it; links are not followed.
    struct Entry {
        let name: String
        /// As `stat(2)` tells it, with the kind of file.
        let mode: mode_t
        /// Bytes.
        let size: UInt64
        /// The error number, if it cannot be told.
        let refusal: Int32?
    }

    private(set) var entries: [Entry] = []

    /// Names whose bytes are no UTF-8, with U+FFFD in place of what could not be read.
    private(set) var namesNotUTF8: [String] = []

    /// The error number that ended the listing before its end.
    private(set) var refusal: Int32?

    /// Lists a folder; `opendir(3)`, `readdir(3)` and `fstatat(2)`.
    static func read(_ path: String) -> FolderListing {
        var listing = FolderListing()
        guard let folder = opendir(path) else {
            listing.refusal = errno
            return listing
        }
        defer { closedir(folder) }
        while true {
            // readdir tells its end from an error by errno alone.
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { listing.refusal = errno }
                return listing
            }
            listing.add(entry, of: folder)
        }
    }

    private mutating func add(_ entry: UnsafeMutablePointer<dirent>, of folder: OpaquePointer) {
        // The name is copied from its place: a copy of the whole record could read beyond a short one.
        guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
        let name = (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: CChar.self)
        guard let text = String(validatingCString: name) else {
            namesNotUTF8.append(String(cString: name))
            return
        }
        if text == "." || text == ".." { return }
        var status = stat()
        // From the folder on, not along the whole path: there may be very many.
        let refusal = fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? nil : errno
        entries.append(
            Entry(name: text, mode: status.st_mode, size: UInt64(max(0, status.st_size)), refusal: refusal))
    }
}
