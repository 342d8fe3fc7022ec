import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Bytes that a run keeps outside memory, in a file without a name, which is gone when this is, or when the process ends
/// in whatever way. There is no file until something is kept.
public final class TempFile: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var end = 0
    }
    private let state = Mutex(State())
    private let folder: String

    /// - Parameter folder: where the file is made.
    public init(folder: String) { self.folder = folder }

    deinit { state.withLock { if $0.descriptor >= 0 { _ = close($0.descriptor) } } }

    /// Whether anything is kept.
    public var isEmpty: Bool { state.withLock { $0.end == 0 } }

    /// Writes bytes behind the last.
    ///
    /// - Returns: where they begin.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(ScratchError) -> Int {
        try state.withLock { state throws(ScratchError) in
            if state.descriptor < 0 { state.descriptor = try Self.unnamedFile(in: folder) }
            var done = 0
            while done < bytes.count {
                let place = off_t(state.end + done)
                let written = pwrite(state.descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, place)
                if written < 0, errno == EINTR { continue }
                if written < 0 { throw ScratchError(folder: folder, errno: errno) }
                done += written
            }
            defer { state.end += done }
            return state.end
        }
    }

    /// Fills a buffer with the bytes from a place on.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) throws(ScratchError) {
        let descriptor = state.withLock { $0.descriptor }
        var filled = 0
        while filled < buffer.count {
            let rest = buffer.count - filled
            let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, rest, off_t(place + filled))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw ScratchError(folder: folder, errno: got < 0 ? errno : EIO) }
            filled += got
        }
    }

    private static func unnamedFile(in folder: String) throws(ScratchError) -> Int32 {
        var path = Array("\(folder)/.strayframe-trace-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw ScratchError(folder: folder, errno: errno) }
        unlink(path)
        return descriptor
    }
}

/// The scratch file of a run cannot be made, written or read.
public struct ScratchError: Error, Sendable, CustomStringConvertible {
    var folder: String
    var errno: Int32

    public var description: String {
        "\(folder): cannot keep the run's scratch file beside the case: \(String(cString: strerror(errno))); make room there or put the case elsewhere"
    }
}
