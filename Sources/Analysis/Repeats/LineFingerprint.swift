/// A fingerprint of lines in order (Karp and Rabin, "Efficient randomized pattern-matching algorithms", 1987): that of a run in
/// the middle follows from those up to its beginning and up to its end, so runs of any length are compared at once.
struct LineFingerprint: Hashable {
    private(set) var value: UInt64 = 0

    /// A prime (Mersenne's 61st).
    private static let prime: UInt64 = 1 << 61 - 1
    private static let base: UInt64 = 0x0a3b_195d_27f4_a7c5

    /// - Parameter word: as `LineDigests` has it; only the line's digest matters.
    @inline(__always)
    mutating func append(_ word: UInt32) {
        value = Self.reduced(Self.product(value, Self.base) &+ UInt64(word >> 1) &+ 1)
    }

    /// That of the last lines alone.
    ///
    /// - Parameters:
    ///   - start: that of the lines before them.
    ///   - count: how many they are.
    func removing(_ start: LineFingerprint, before count: Int64) -> LineFingerprint {
        var (power, factor, rest) = (UInt64(1), Self.base, count)
        while rest > 0 {
            if rest & 1 == 1 { power = Self.product(power, factor) }
            factor = Self.product(factor, factor)
            rest >>= 1
        }
        var result = LineFingerprint()
        result.value = Self.reduced(value &+ Self.prime &- Self.product(start.value, power))
        return result
    }

    @inline(__always)
    private static func product(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (high, low) = one.multipliedFullWidth(by: other)
        return reduced((low & prime) &+ (low >> 61 | high << 3))
    }

    @inline(__always)
    private static func reduced(_ value: UInt64) -> UInt64 { value >= prime ? value &- prime : value }
}
