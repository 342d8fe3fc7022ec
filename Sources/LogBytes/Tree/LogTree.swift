#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file of the dump, not opened yet.
public struct FoundFile: Hashable, Sendable {
    /// The path to open it by.
    public let path: String

    /// The name for display: the path below the root, led by the root folder's own last component.
    ///
    /// Root `dump/inferred` and `relay.log.zst` below it make `inferred/relay.log.zst`; a root that is a file is its
    /// own last component. Two roots of the same last component can make equal names.
    public let name: String

    /// Its size in bytes when it was found; 0 for a pipe.
    public let size: UInt64

    /// Whether it is a FIFO or the standard input: it can be read once, and never again.
    public let isPipe: Bool

    init(path: String, name: String, size: UInt64, isPipe: Bool = false) {
        self.path = path
        self.name = name
        self.size = size
        self.isPipe = isPipe
    }
}

/// Everything below some roots: what can be read, and what was left out.
public struct LogTree: Hashable, Sendable {
    /// The regular files that can be opened, in the order of their names' bytes.
    public let files: [FoundFile]

    /// The sizes of all files together; a pipe's is 0.
    public var byteCount: UInt64 { files.reduce(0) { $0 + $1.size } }

    /// Everything else but folders, each with its reason, in the order of their names' bytes.
    public let skipped: [SkippedEntry]

    /// Looks for files at and below the roots.
    ///
    /// A root may be a FIFO, or `-` for the standard input; below a root a FIFO is skipped, for nobody may ever write to it.
    /// Hidden files are included. A symbolic link is followed if it is a root itself, and skipped below one. A file
    /// below two roots is found twice.
    ///
    /// - Throws: ``LogBytesError`` if a root does not exist, cannot be opened, or is neither file nor folder.
    public static func find(_ roots: [String]) throws(LogBytesError) -> LogTree {
        var walk = FolderWalk()
        for root in roots {
            try walk.visit(root: root)
        }
        return LogTree(
            files: walk.files.sorted(by: FoundFile.byName),
            skipped: walk.skipped.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }
}

extension FoundFile {
    /// Compares by bytes, so that no collation or normalisation of a platform decides.
    fileprivate static func byName(_ one: FoundFile, _ other: FoundFile) -> Bool {
        let order = bytes(of: one.name, beside: other.name)
        return order == 0 ? bytes(of: one.path, beside: other.path) < 0 : order < 0
    }

    private static func bytes(of one: String, beside other: String) -> Int32 {
        // A String's bytes end with a zero, before every byte of a name.
        strcmp(one, other)
    }
}
