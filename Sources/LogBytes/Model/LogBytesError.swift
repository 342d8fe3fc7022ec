#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a path could not be looked at or opened at all.
///
/// Damage inside a file is no error: it is a ``Damage`` value beside the lines that could be read.
public enum LogBytesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing has this path.
    case noSuchPath(String)
    /// The operating system refused to open the file or folder; `errno` says why.
    case cannotOpen(path: String, errno: Int32)
    /// The path leads to a socket, FIFO or device.
    case notARegularFile(path: String)
    /// The path leads to a folder where a file was expected.
    case isAFolder(path: String)

    public var description: String {
        switch self {
        case .noSuchPath(let path):
            "\(path): no such file or folder. Check the spelling and that the volume is mounted."
        case .cannotOpen(let path, let errno):
            "\(path): cannot be opened: \(systemMessage(errno)). "
                + (errno == EMFILE
                    ? "Raise the number of files that a process may open (ulimit -n) and run again."
                    : "Check the permissions of the file and its folders.")
        case .notARegularFile(let path):
            "\(path): not a regular file. Save its contents to a file and give that instead."
        case .isAFolder(let path):
            "\(path): is a folder, and one file is wanted. Give a file that lies in it; 'strayframe analyze \(path) --dry-run' lists them."
        }
    }
}
