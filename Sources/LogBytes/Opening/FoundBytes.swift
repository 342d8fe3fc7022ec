import Crypto
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file as found, counted and hashed as they pass.
///
/// Owns the file descriptor.
final class FoundBytes: ByteSource {
    /// How many bytes have been handed out; any thread may ask.
    var position: UInt64 { handedOut.load(ordering: .relaxed) }

    private let handedOut = Atomic<UInt64>(0)
    private let path: String
    private let descriptor: Int32
    private let maxReadBytes: Int
    /// When it was opened; a pipe has none.
    let size: UInt64?
    private var hash = SHA256()
    private var failure: Damage?
    private var isAtEnd = false

    /// Opens a regular file; a last component that is a symbolic link is refused.
    ///
    /// - Parameter maxReadBytes: How many bytes one `read(2)` asks for at most.
    init(path: String, maxReadBytes: Int) throws(LogBytesError) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer; on a regular file it changes nothing.
        let descriptor = openQuietly(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .noSuchPath(path) : .cannotOpen(path: path, errno: errno)
        }
        self.path = path
        self.descriptor = descriptor
        self.maxReadBytes = maxReadBytes
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw status.st_mode & S_IFMT == S_IFDIR ? .isAFolder(path: path) : .notARegularFile(path: path)
        }
        size = UInt64(max(0, status.st_size))
        #if os(Linux)
            // What one read takes whole is read ahead anyway.
            if status.st_size > maxReadBytes { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        #endif
    }

    /// Opens a FIFO, waiting for its writer, or the standard input (`-`).
    init(pipe path: String, maxReadBytes: Int) throws(LogBytesError) {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .noSuchPath(path) : .cannotOpen(path: path, errno: errno)
        }
        self.path = path
        self.descriptor = descriptor
        self.maxReadBytes = maxReadBytes
        size = nil
    }

    deinit { close(descriptor) }

    /// A second descriptor of the same file, for a format that must be read back and forth; nil if there is another file
    /// of that name now. The caller closes it.
    func openAgain() -> Int32? {
        let again = openQuietly(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard again >= 0 else { return nil }
        var (first, second) = (stat(), stat())
        guard fstat(descriptor, &first) == 0, fstat(again, &second) == 0, first.st_dev == second.st_dev,
            first.st_ino == second.st_ino
        else {
            close(again)
            return nil
        }
        return again
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        if let failure { throw failure }
        if isAtEnd { return 0 }
        while true {
            let count = readBytes(descriptor, buffer.baseAddress, min(buffer.count, maxReadBytes))
            if count == 0, let size, position < size {
                let message = "the file had \(size) bytes when it was opened, and ends here now"
                throw fail(message)
            }
            if count >= 0 {
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                handedOut.add(UInt64(count), ordering: .relaxed)
                isAtEnd = count == 0
                return count
            }
            if errno == EINTR { continue }
            throw fail(systemMessage(errno))
        }
    }

    private func fail(_ message: String) -> Damage {
        let damage = Damage(kind: .unreadable, offset: position, message: message)
        failure = damage
        return damage
    }

    func fileOffset(unread: Int) -> UInt64 { position - UInt64(unread) }

    /// The SHA-256 of the bytes handed out so far, in lowercase hexadecimal.
    var sha256: String {
        String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { text in
            for (index, byte) in hash.finalize().enumerated() {
                for (place, digit) in [byte >> 4, byte & 15].enumerated() {
                    text[2 * index + place] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                }
            }
            return 2 * SHA256.byteCount
        }
    }
}

/// `read(2)`, which a method named `read` hides.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

/// `open(2)` that leaves the file's access time as it is, where that is allowed: evidence is not to be changed by reading it.
private func openQuietly(_ path: String, _ flags: Int32) -> Int32 {
    #if os(Linux)
        // Only an owner or the superuser may ask for it.
        let descriptor = open(path, flags | noAccessTime)
        if descriptor >= 0 || errno != EPERM { return descriptor }
    #endif
    return open(path, flags)
}

#if os(Linux)
    /// `O_NOATIME` of fcntl.h, which is hidden from Swift.
    private let noAccessTime: Int32 = 0o1_000_000
#endif

extension ByteSource {
    /// Reads what is left and forgets it; returns the damage that ended it.
    func drain(through buffer: UnsafeMutableRawBufferPointer) -> Damage? {
        do {
            while try read(into: buffer) > 0 {}
            return nil
        } catch {
            return error
        }
    }
}
