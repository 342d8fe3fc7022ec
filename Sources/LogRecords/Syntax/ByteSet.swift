/// Some of the ASCII characters, as bits: whether a byte is one of them costs no look into memory.
struct ByteSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ characters: String) { for byte in characters.utf8 { insert(byte) } }

    static let digits = ByteSet("0123456789")
    static let letters = ByteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    static let hexDigits = ByteSet("0123456789abcdefABCDEF")

    private mutating func insert(_ byte: UInt8) {
        if byte < 0x40 { low |= 1 << UInt64(byte) } else if byte < 0x80 { high |= 1 << UInt64(byte - 0x40) }
    }

    static func + (a: ByteSet, b: ByteSet) -> ByteSet {
        var sum = a
        sum.low |= b.low
        sum.high |= b.high
        return sum
    }

    static func + (a: ByteSet, characters: String) -> ByteSet { a + ByteSet(characters) }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && word >> UInt64(byte & 0x3f) & 1 != 0
    }

    @inline(__always)
    func containsAll(of bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if !contains(bytes[index]) { return false }
            index += 1
        }
        return true
    }

    @inline(__always)
    func containsAny(of bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if contains(bytes[index]) { return true }
            index += 1
        }
        return false
    }
}
