/// A text of 1 to 32 bytes in four words, and which table numbers it: what most names are, and what compares and hashes
/// without a loop.
struct ShortName: Hashable {
    static let longest = 32

    /// The text's length, and whether it is a frame id; 0: no name.
    private let head: UInt32
    private static let frameBit: UInt32 = 1 << 16
    /// The first 24 bytes, and the last 8, which may overlap them; of less than 8 bytes, all of them in the first word.
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var last: UInt64 = 0

    /// - Returns: nil for a text that is empty or too long.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) {
        let count = bytes.count
        guard count > 0, count <= Self.longest, let start = bytes.baseAddress else { return nil }
        head = isFrame ? UInt32(count) | Self.frameBit : UInt32(count)
        guard count >= 8 else {
            for index in 0..<count { first |= UInt64(bytes[index]) << UInt64(8 * index) }
            first = first.littleEndian
            return
        }
        // The last word overlaps the one before, so that no byte beyond the name is read.
        first = start.loadUnaligned(as: UInt64.self)
        last = start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        if count > 16 {
            second = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            if count > 24 { third = start.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
        }
    }

    var count: Int { Int(head & (Self.frameBit - 1)) }
    var isFrame: Bool { head & Self.frameBit != 0 }

    /// Calls `body` with the text's bytes.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.longest, alignment: 8) { room in
            let count = count
            room.storeBytes(of: first, as: UInt64.self)
            room.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
            room.storeBytes(of: third, toByteOffset: 16, as: UInt64.self)
            if count >= 8 { room.storeBytes(of: last, toByteOffset: count - 8, as: UInt64.self) }
            return body(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(spread) }

    /// Spreads names over the places of a table in memory.
    var spread: UInt64 {
        var hash = (first ^ UInt64(head)) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ second) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ third) &* 0x9e37_79b9_7f4a_7c15
        return (hash ^ (hash >> 32) ^ last) &* 0x9e37_79b9_7f4a_7c15
    }
}
