/// The encoded bytes that a decoder has taken from its source: a fixed buffer, its used and its unread part.
struct EncodedInput: ~Copyable {
    /// How many bytes have been taken from the source.
    private(set) var taken: UInt64 = 0

    private let source: any ByteSource
    private let storage: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    /// An empty buffer of `byteCount` bytes before a source.
    init(from source: any ByteSource, byteCount: Int) {
        self.source = source
        storage = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit { storage.deallocate() }

    /// Whether everything taken from the source has been used.
    var isEmpty: Bool { start == end }

    /// The bytes taken but not used; valid until the next ``refill()``.
    var unread: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[start..<end]) }

    /// The byte of the file as found at which ``unread`` begins.
    var fileOffset: UInt64 { source.fileOffset(unread: end - start) }

    /// The byte of the file as found that lies `count` bytes before the last one taken.
    func fileOffset(unread count: Int) -> UInt64 { source.fileOffset(unread: count) }

    /// Declares the first `count` unread bytes used.
    mutating func use(_ count: Int) {
        precondition(count <= end - start, "a decoder used bytes that it did not have")
        start += count
    }

    /// Takes the next bytes; returns `false` at the end of the source.
    ///
    /// - Precondition: ``isEmpty``; at the end of the source the bytes used last stay as they were.
    mutating func refill() throws(Damage) -> Bool {
        precondition(isEmpty, "a refill would overwrite unread bytes")
        let count = try source.read(into: storage)
        guard count > 0 else { return false }
        (start, end) = (0, count)
        taken += UInt64(count)
        return true
    }
}
