/// A file as found, read once from its first byte to its last: hashed, unwrapped and split into lines on the way.
///
/// Memory stays bounded whatever the file's size: some buffers of 1 MiB, the longest line allowed, and the window that
/// the compression asks for. Any thread may use it, one at a time.
public final class LogFile {
    /// The path it was opened by.
    public let path: String

    /// How many bytes of the file as found have been read so far, for showing progress from inside a closure.
    public var bytesRead: UInt64 { found.position }

    private let found: FoundBytes
    private let limits: Limits
    private let chunkBytes: Int
    private let lineBuffer: LineBuffer
    private var wasRead = false

    /// Opens a regular file.
    ///
    /// - Throws: ``LogBytesError`` if there is none, if it may not be read, or if its path ends in a symbolic link
    ///   (``LogTree/find(_:)`` gives paths that do not).
    public convenience init(path: String, limits: Limits = Limits()) throws(LogBytesError) {
        try self.init(path: path, limits: limits, chunkBytes: LineBuffer.chunkBytes)
    }

    /// Opens what a walk has found: a regular file, or a pipe, whose bytes then come from whoever writes to it.
    ///
    /// - Parameter buffer: for lines under these limits, not in use by another file; nil: one is made.
    public convenience init(_ file: FoundFile, limits: Limits = Limits(), through buffer: LineBuffer? = nil)
        throws(LogBytesError)
    {
        try self.init(
            path: file.path, isPipe: file.isPipe, limits: limits, chunkBytes: LineBuffer.chunkBytes, through: buffer)
    }

    /// Opens a file with buffers of a given size, which must not change what is read.
    init(
        path: String, isPipe: Bool = false, limits: Limits, chunkBytes: Int, through buffer: LineBuffer? = nil
    ) throws(LogBytesError) {
        precondition(chunkBytes > 0, "chunkBytes must be positive")
        found =
            try isPipe
            ? FoundBytes(pipe: path, maxReadBytes: chunkBytes) : FoundBytes(path: path, maxReadBytes: chunkBytes)
        self.path = path
        self.limits = limits
        self.chunkBytes = chunkBytes
        lineBuffer = buffer ?? LineBuffer(chunkBytes: chunkBytes, maxLineBytes: limits.maxLineBytes)
    }

    /// Lends the file itself, or each file in its container, and then reads what is left so that the hash is complete.
    ///
    /// A member that cannot be decoded at all (encrypted, a container in a container in a container) is not lent, but has its
    /// outcome. Lines that the closure leaves unread are passed over.
    ///
    /// - Precondition: This is the first call; a file is read once.
    /// - Throws: What the closure throws; the file's outcome is lost then.
    public func forEachMember(_ body: (_ member: inout LogMember) throws -> Void) rethrows -> FileOutcome {
        precondition(!wasRead, "a LogFile is read once")
        wasRead = true

        let unwrapping = Unwrapping(found: found, limits: limits, chunkBytes: chunkBytes)
        var pass = MemberPass(unwrapping: unwrapping, lineBuffer: lineBuffer)
        try pass.read(unwrapping.unwrap(found), body)

        let failure = found.drain(through: lineBuffer.bytes)
        return FileOutcome(
            size: found.position, sha256: found.sha256, members: pass.members, skipped: pass.skipped,
            damage: pass.damage ?? (pass.members.contains { $0.damage == failure } ? nil : failure))
    }
}
