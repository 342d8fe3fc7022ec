/// A source whose first bytes can be looked at before they are read.
final class Lookahead: ByteSource {
    /// The first bytes: at least as many as were asked for, or all there are.
    let head: [UInt8]
    /// Whether these are all there are.
    let isWhole: Bool

    private let upstream: any ByteSource
    private var replayed = 0

    /// Reads the first `count` bytes of a source; damage met there comes when the bytes before it have been read.
    ///
    /// - Parameter room: how many more it may take, so that a small file is read at once.
    init(_ upstream: any ByteSource, count: Int, room: Int = 0) {
        self.upstream = upstream
        var isWhole = false
        head = [UInt8](unsafeUninitializedCapacity: count + room) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            while filled < count + room, !isWhole {
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                // Every source throws its damage again when it is read again.
                guard let more = try? upstream.read(into: rest) else { return }
                filled += more
                isWhole = more == 0
            }
        }
        self.isWhole = isWhole
    }

    /// Passes over the first bytes, which somebody has read from `head`.
    func passHead() { replayed = head.count }

    /// Passes over some of the first bytes.
    ///
    /// - Precondition: nothing was read; `head` has so many.
    func pass(_ count: Int) { replayed = min(count, head.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        guard replayed < head.count else { return try upstream.read(into: buffer) }
        let count = min(buffer.count, head.count - replayed)
        buffer.copyBytes(from: head[replayed..<replayed + count])
        replayed += count
        return count
    }

    func fileOffset(unread: Int) -> UInt64 {
        upstream.fileOffset(unread: unread + head.count - replayed)
    }
}
