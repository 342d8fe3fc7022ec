/// Memory for the lines of one member after another: a chunk, and before it the unfinished line of the chunk before.
///
/// A thread that reads many files lends them one and the same.
public final class LineBuffer {
    /// The whole of the memory.
    /// How many bytes are read at once.
    static let chunkBytes = 1 << 20

    let bytes: UnsafeMutableRawBufferPointer

    /// How many bytes are read at a time.
    let chunkBytes: Int

    /// Memory for chunks of `chunkBytes` behind a line that is not too long, with its `\r` and one byte that proves a
    /// longer one.
    init(chunkBytes: Int, maxLineBytes: Int) {
        self.chunkBytes = chunkBytes
        bytes = .allocate(byteCount: maxLineBytes + 2 + chunkBytes, alignment: 16)
    }

    /// Memory for files that are read under these limits.
    public convenience init(limits: Limits) {
        self.init(chunkBytes: Self.chunkBytes, maxLineBytes: limits.maxLineBytes)
    }

    deinit { bytes.deallocate() }
}
