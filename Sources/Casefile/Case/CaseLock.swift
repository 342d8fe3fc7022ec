internal import Foundation
import Synchronization

/// The right to write to a case. One process has it at a time, from before it reads the case's names until it is done: two
/// writers would number sources and names alike.
///
/// A lock of `flock(2)` on the case file, which ends with the process however that ends. Within a process writers share it.
/// Readers are not affected.
final class CaseLock: Sendable {
    private struct File: Hashable {
        var device: dev_t
        var number: ino_t
    }
    private struct Holding {
        var descriptor: Int32
        var holders = 1
    }
    private enum Attempt {
        case held(File)
        case elsewhere
        /// The error number.
        case refused(Int32)
    }

    /// Those of this process.
    private static let held = Mutex<[File: Holding]>([:])
    /// How long a case that somebody else is writing to is waited for, and from look to look; microseconds.
    private static let patience = 2_000_000
    private static let pause: UInt32 = 10_000

    private let file: File

    /// - Throws: `CaseFileError.locked` if another process has the right and keeps it for some seconds, or
    ///   `CaseFileError.cannotUse`.
    init(_ path: String) throws(CaseFileError) {
        for _ in 0...Self.patience / Int(Self.pause) {
            switch Self.attempt(path) {
            case .held(let file):
                self.file = file
                return
            case .elsewhere: usleep(Self.pause)
            case .refused(let number):
                throw .cannotUse(path: path, reason: ProcessLimits.telling(String(cString: strerror(number))))
            }
        }
        throw .locked(path: path)
    }

    deinit {
        Self.held.withLock { held in
            guard var holding = held[file] else { return }
            holding.holders -= 1
            if holding.holders == 0 {
                close(holding.descriptor)
                held[file] = nil
            } else {
                held[file] = holding
            }
        }
    }

    private static func attempt(_ path: String) -> Attempt {
        held.withLock { held in
            var status = stat()
            guard stat(path, &status) == 0 else { return .refused(errno) }
            let file = File(device: status.st_dev, number: status.st_ino)
            // To open it once more and close that would drop the locks that SQLite has on it.
            if held[file] != nil {
                held[file]?.holders += 1
                return .held(file)
            }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return .refused(errno) }
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                if errno == EINTR { continue }
                // A file system without such locks has none to respect.
                if errno != EWOULDBLOCK { break }
                close(descriptor)
                return .elsewhere
            }
            let opened = File(device: status.st_dev, number: status.st_ino)
            held[opened] = Holding(descriptor: descriptor)
            return .held(opened)
        }
    }
}
