import CZlib

/// Passes on the bytes of xz streams that stand one behind the other, and ends where something else follows: libarchive gives
/// nothing of the last block before it, which `xz -dc` does give.
///
/// A stream's end is told by its footer (The .xz File Format, section 2.1.2): a CRC32, the size of the index, flags as in the
/// stream's header, and `YZ`.
final class XZStreams: ByteSource {
    private static let footerBytes = 12
    private static let mark: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]

    private let upstream: any ByteSource
    /// The last bytes that were passed on, among which a footer may have begun.
    private var tail: [UInt8] = []
    /// Whether a stream, or the padding behind one, ended with the last byte that was passed on.
    private var isBehindStream = false
    /// How many bytes were read and are no stream's.
    private var left = 0

    init(_ upstream: any ByteSource) { self.upstream = upstream }

    /// Whether something else than a stream follows the last one.
    private(set) var hasTrailingData = false

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        while !hasTrailingData {
            let count = try upstream.read(into: buffer)
            guard count > 0 else { return 0 }
            let used = streams(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            tail = Array((tail + buffer[..<used].suffix(Self.footerBytes)).suffix(Self.footerBytes))
            // Of padding alone nothing is left.
            if used > 0 { return used }
        }
        return 0
    }

    func fileOffset(unread: Int) -> UInt64 { upstream.fileOffset(unread: unread + left) }

    /// How many bytes belong to streams, once the padding between them is taken out: it may be cut by what follows it.
    private func streams(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = buffer.count
        var start = 0
        left = 0
        while true {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if isBehindStream {
                let rest = bytes[start...].drop { $0 == 0 }
                guard zip(rest, Self.mark).allSatisfy({ $0 == $1 }) else {
                    (hasTrailingData, left) = (true, rest.count)
                    return start
                }
                if rest.isEmpty { return start }
                isBehindStream = false
                UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: rest))
                count = start + rest.count
                continue
            }
            guard let end = endOfFooter(bytes, from: start) else { return count }
            (start, isBehindStream) = (end, true)
        }
    }

    /// Where the first footer ends in these bytes.
    private func endOfFooter(_ bytes: UnsafeRawBufferPointer, from first: Int) -> Int? {
        var start = first
        while let place = bytes.place(of: 0x5A, from: start) {
            start = place + 1
            if isFooter(at: start, bytes) { return start }
        }
        return nil
    }

    /// Whether a footer ends there.
    private func isFooter(at end: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard end > 0, bytes[end - 1] == 0x5A, end >= 2 ? bytes[end - 2] == 0x59 : tail.last == 0x59 else {
            return false
        }
        let inside = bytes[..<end].suffix(Self.footerBytes)
        let footer = Array(tail.suffix(Self.footerBytes - inside.count)) + inside
        guard footer.count == Self.footerBytes, footer[8] == 0 else { return false }
        let sum = footer[..<4].reversed().reduce(0) { $0 << 8 | UInt($1) }
        return footer[4..<10].withUnsafeBytes { bytes in
            crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, 6) == sum
        }
    }
}
