import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A report's file while it is written: a temporary beside it, brought to the disk and renamed at the end, so that the file
/// is there whole or not at all; readable by its owner alone from the first moment, for it names people.
final class AtomicFile {
    let path: String
    private let descriptor: Int32
    private var isFinished = false
    /// The temporary.
    var draft: String { path + ".new" }

    /// How many bytes are kept before they are written; a table has a row for each exposure.
    private static let much = 1 << 20

    /// - Throws: `ReportError.cannotWrite`.
    init(in folder: URL, _ name: String) throws(ReportError) {
        path = folder.appending(path: name).path
        let draft = path + ".new"
        // What an interrupted run has left there is taken away, not written into: it may be a link to something else.
        unlink(draft)
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unlink(draft) }
    }

    /// Takes what is to be written, once it has become much, and leaves none of it.
    ///
    /// - Throws: `ReportError.cannotWrite`.
    func take(_ bytes: inout [UInt8]) throws(ReportError) {
        guard bytes.count >= Self.much else { return }
        try write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes the rest and gives the file its name.
    ///
    /// - Parameter isLasting: whether it is on the disk when this returns.
    /// - Throws: `ReportError.cannotWrite`.
    func finish(_ rest: some ContiguousBytes, isLasting: Bool = true) throws(ReportError) {
        try write(rest)
        guard !isLasting || fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure() }
        isFinished = true
    }

    private func write(_ bytes: some ContiguousBytes) throws(ReportError) {
        let isWritten = bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard isWritten else { throw failure() }
    }

    private func failure() -> ReportError {
        let limit = errno == EFBIG ? " (ulimit -f)" : errno == EMFILE ? " (ulimit -n)" : ""
        return .cannotWrite(path: path, reason: String(cString: strerror(errno)) + limit)
    }
}

/// `write(2)`, which a method named `write` hides.
private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
