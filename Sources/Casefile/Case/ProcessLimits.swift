internal import Foundation

/// What the process was started with and may be why it cannot work.
public enum ProcessLimits {
    /// How many files a run may have open at once, whatever the dump.
    public static let neededFiles = 16

    #if canImport(Glibc)
        private static let fileSize = Int32(RLIMIT_FSIZE.rawValue)
        private static let openFiles = Int32(RLIMIT_NOFILE.rawValue)
    #else
        private static let fileSize = RLIMIT_FSIZE
        private static let openFiles = RLIMIT_NOFILE
    #endif

    /// Raises the number of files that may be open, where it is low and may be raised (setrlimit(2)).
    ///
    /// - Returns: how many may be, if they are too few: libraries end the program then, where they cannot say why.
    public static func raiseOpenFiles() -> UInt64? {
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0, UInt64(limit.rlim_cur) < UInt64(neededFiles) else { return nil }
        limit.rlim_cur = min(limit.rlim_max, 1024)
        if UInt64(limit.rlim_cur) >= UInt64(neededFiles), setrlimit(openFiles, &limit) == 0 { return nil }
        return UInt64(limit.rlim_cur)
    }

    /// The reason, with the limit on the size of files if there is one: SQLite does not tell that it met it.
    static func telling(_ reason: String) -> String {
        var limit = rlimit()
        guard getrlimit(fileSize, &limit) == 0, UInt64(limit.rlim_cur) < UInt64(Int64.max) else { return reason }
        return "\(reason); this process may write files of up to \(limit.rlim_cur) bytes (ulimit -f)"
    }
}
