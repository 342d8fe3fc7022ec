/// A text of 1 to 56 bytes in words, and which table numbers it: what nearly all names are, and what compares and hashes
/// without a loop.
///
/// It is one `InlineKeyUnit`, or two for a text of more than 24 bytes.
@frozen @usableFromInline
package struct InlineKey: Hashable, BitwiseCopyable {
    @usableFromInline static var longest: Int { 56 }

    @usableFromInline let head: InlineKeyUnit
    /// Zeros where `head` is all.
    @usableFromInline let tail: InlineKeyUnit

    /// - Returns: nil for a text that is empty or too long.
    @inlinable @inline(__always)
    package init?(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) {
        let count = bytes.count
        guard count > 0, count <= Self.longest, let start = bytes.baseAddress else { return nil }
        head = InlineKeyUnit(bytes, isFrame)
        var tail = InlineKeyUnit()
        if count > InlineKeyUnit.longest {
            if count > 32 { tail.first = start.loadUnaligned(fromByteOffset: 24, as: UInt64.self) }
            if count > 40 { tail.second = start.loadUnaligned(fromByteOffset: 32, as: UInt64.self) }
            if count > 48 { tail.third = start.loadUnaligned(fromByteOffset: 40, as: UInt64.self) }
            // The last word overlaps the one before, so that no byte beyond the name is read.
            tail.fourth = start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        }
        self.tail = tail
    }
}

/// Half a cache line of a `InlineKey`: a text of up to 24 bytes and its number, or a part of a longer one.
@frozen @usableFromInline
package struct InlineKeyUnit: Hashable, BitwiseCopyable {
    @usableFromInline static var longest: Int { 24 }

    /// The first 16 bytes, and the last 8 of the first 24, which may overlap them; of less than 8 bytes, all of them in
    /// the first word. In the second unit of a text, four words of its rest.
    @usableFromInline var first: UInt64 = 0
    @usableFromInline var second: UInt64 = 0
    @usableFromInline var third: UInt64 = 0
    /// Of a first unit: the text's length, whether it is a frame id, and above these 32 bits its number, if it has one.
    /// All zero: no name.
    @usableFromInline var fourth: UInt64 = 0

    @usableFromInline static var frameBit: UInt64 { 1 << 16 }
    @usableFromInline static var kind: UInt64 { (1 << 32) - 1 }

    @inlinable init() {}

    @inlinable @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ isFrame: Bool) {
        let count = bytes.count
        fourth = isFrame ? UInt64(count) | Self.frameBit : UInt64(count)
        guard count >= 8, let start = bytes.baseAddress else {
            for index in 0..<count { first |= UInt64(bytes[index]) << UInt64(8 * index) }
            first = first.littleEndian
            return
        }
        first = start.loadUnaligned(as: UInt64.self)
        if count > 16 { second = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        third = start.loadUnaligned(fromByteOffset: min(count, Self.longest) - 8, as: UInt64.self)
    }

    /// Of the whole text.
    @inlinable var count: Int { Int(fourth & (Self.frameBit - 1)) }
    /// Whether another unit follows.
    @inlinable var isLong: Bool { count > Self.longest }
    @inlinable var isFrame: Bool { fourth & Self.frameBit != 0 }

    var number: SymbolID {
        get { SymbolID(rawValue: Int32(truncatingIfNeeded: fourth >> 32)) }
        set { fourth = fourth & Self.kind | UInt64(UInt32(bitPattern: newValue.rawValue)) << 32 }
    }

    /// Whether two first units are of the same text, as far as they hold it, whatever their numbers.
    @inline(__always)
    func begins(like other: InlineKeyUnit) -> Bool {
        (first ^ other.first) | (second ^ other.second) | (third ^ other.third)
            | (fourth ^ other.fourth) & Self.kind == 0
    }

    @inlinable func mixed(into hash: UInt64) -> UInt64 {
        var hash = (hash ^ first) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ second) &* 0x9e37_79b9_7f4a_7c15
        return (hash ^ (hash >> 32) ^ third) &* 0x9e37_79b9_7f4a_7c15
    }
}

extension UnsafePointer<InlineKeyUnit> {
    /// Calls `body` with the text's bytes, which begins here.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: InlineKey.longest, alignment: 8) { room in
            let (unit, count) = (pointee, pointee.count)
            room.storeBytes(of: unit.first, as: UInt64.self)
            room.storeBytes(of: unit.second, toByteOffset: 8, as: UInt64.self)
            if count >= 8 {
                room.storeBytes(
                    of: unit.third, toByteOffset: Swift.min(count, InlineKeyUnit.longest) - 8, as: UInt64.self)
            }
            if unit.isLong {
                let rest = self[1]
                room.storeBytes(of: rest.first, toByteOffset: 24, as: UInt64.self)
                room.storeBytes(of: rest.second, toByteOffset: 32, as: UInt64.self)
                room.storeBytes(of: rest.third, toByteOffset: 40, as: UInt64.self)
                room.storeBytes(of: rest.fourth, toByteOffset: count - 8, as: UInt64.self)
            }
            return body(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    /// Spreads the texts that begin here over the places of a table in memory.
    @inlinable @inline(__always)
    var spread: UInt64 {
        let hash = pointee.mixed(into: UInt64(truncatingIfNeeded: pointee.count))
        return pointee.isLong ? self[1].mixed(into: hash ^ (hash >> 32) ^ self[1].fourth) : hash
    }
}
