/// Some of the ASCII characters, as bits: whether a byte is one of them costs no look into memory.
struct ByteSet: Sendable, ExpressibleByUnicodeScalarLiteral {
    private let low: UInt64
    private let high: UInt64

    @inline(__always)
    private init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

    /// The characters from one to another, both ASCII.
    @inline(__always)
    private init(_ first: Unicode.Scalar, to last: Unicode.Scalar) {
        let (first, last) = (UInt64(first.value), UInt64(last.value))
        self.init(low: Self.bits(first, last, from: 0), high: Self.bits(first, last, from: 64))
    }

    @inline(__always)
    init(unicodeScalarLiteral character: Unicode.Scalar) { self.init(character, to: character) }

    /// Those of 64 characters from `start` on that stand between two, as bits.
    @inline(__always)
    private static func bits(_ first: UInt64, _ last: UInt64, from start: UInt64) -> UInt64 {
        let (first, last) = (max(first, start), min(last, start + 63))
        return first > last ? 0 : (~0 >> (63 - (last - first))) << (first - start)
    }

    // Computed, so that the compiler works them out: a stored one is asked for by way of a lock that made it.
    static var digits: ByteSet { @inline(__always) get { ByteSet("0", to: "9") } }
    static var letters: ByteSet { @inline(__always) get { ByteSet("A", to: "Z") + ByteSet("a", to: "z") } }
    static var hexDigits: ByteSet { @inline(__always) get { digits + ByteSet("A", to: "F") + ByteSet("a", to: "f") } }

    @inline(__always)
    static func + (a: ByteSet, b: ByteSet) -> ByteSet { ByteSet(low: a.low | b.low, high: a.high | b.high) }

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
