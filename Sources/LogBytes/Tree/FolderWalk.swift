#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One walk below the roots of a ``LogTree``; remembers what it met, nearly in the order of the names' bytes: a folder's
/// files come before those of the folders in it.
struct FolderWalk {
    private(set) var files: [FoundFile] = []
    private(set) var skipped: [SkippedEntry] = []

    /// Visits a root as the user gave it.
    mutating func visit(root: String) throws(LogBytesError) {
        if root == "-" {
            files.append(FoundFile(path: root, name: "stdin", size: 0, isPipe: true))
            return
        }
        var status = stat()
        guard stat(root, &status) == 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? .noSuchPath(root) : .cannotOpen(path: root, errno: errno)
        }
        if status.st_mode & S_IFMT == S_IFIFO {
            // A shell's `<(…)` is a link to a pipe that has no path.
            files.append(FoundFile(path: root, name: Self.lastComponent(of: root) ?? root, size: 0, isPipe: true))
            return
        }
        // Files are opened without following links, so a root that is a link must be resolved here.
        guard let resolved = realpath(root, nil) else { throw .cannotOpen(path: root, errno: errno) }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let name = Self.lastComponent(of: root) ?? Self.lastComponent(of: path) ?? ""

        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if let refusal = visit(folder: path, name: name) { throw .cannotOpen(path: root, errno: refusal) }
        case S_IFREG:
            let size = UInt64(max(0, status.st_size))
            if let refusal = visit(file: path, name: name, status.st_mode, size) {
                throw .cannotOpen(path: root, errno: refusal)
            }
        default:
            throw .notARegularFile(path: root)
        }
    }

    /// The last component that is a name: none for `/`, `.` and `..`.
    private static func lastComponent(of path: String) -> String? {
        guard let last = path.split(separator: "/").last, last != ".", last != ".." else { return nil }
        return String(last)
    }

    /// Walks everything below a folder; returns the error number if the folder itself cannot be listed.
    private mutating func visit(folder: String, name: String) -> Int32? {
        var pending = [(path: folder, name: name)]
        var isRoot = true
        while let next = pending.popLast() {
            let listing = FolderListing.read(next.path)
            var folders: [(path: String, name: String)] = []
            for entry in listing.entries.sorted(by: { $0.name < $1.name }) {
                let path = next.path == "/" ? "/\(entry.name)" : "\(next.path)/\(entry.name)"
                let name = next.name.isEmpty ? entry.name : "\(next.name)/\(entry.name)"
                if visit(entry, path: path, name: name) { folders.append((path, name)) }
            }
            pending.append(contentsOf: folders.reversed())
            for entry in listing.namesNotUTF8 {
                skipped.append(SkippedEntry(name: "\(next.name)/\(entry)", reason: .nameNotUTF8))
            }
            if let refusal = listing.refusal {
                if isRoot { return refusal }
                skipped.append(SkippedEntry(name: next.name, reason: .unreadable(errno: refusal)))
            }
            isRoot = false
        }
        return nil
    }

    /// Takes note of one entry of a folder; returns whether it is a folder to walk in turn.
    private mutating func visit(_ entry: FolderListing.Entry, path: String, name: String) -> Bool {
        if let refusal = entry.refusal {
            skipped.append(SkippedEntry(name: name, reason: .unreadable(errno: refusal)))
            return false
        }
        switch entry.mode & S_IFMT {
        case S_IFDIR:
            return true
        case S_IFREG:
            if let refusal = visit(file: path, name: name, entry.mode, entry.size) {
                skipped.append(SkippedEntry(name: name, reason: .unreadable(errno: refusal)))
            }
        case S_IFLNK:
            skipped.append(SkippedEntry(name: name, reason: .symbolicLink))
        default:
            skipped.append(SkippedEntry(name: name, reason: .notAFile))
        }
        return false
    }

    /// Takes note of a regular file; returns the error number if it may not be read.
    ///
    /// What an access list or a network mount refuses all the same, its reader meets.
    private mutating func visit(file path: String, name: String, _ mode: mode_t, _ size: UInt64) -> Int32? {
        // What everybody may read need not be asked for.
        let everybody = S_IRUSR | S_IRGRP | S_IROTH
        guard mode & everybody == everybody || access(path, R_OK) == 0 else { return errno }
        files.append(FoundFile(path: path, name: name, size: size))
        return nil
    }
}
