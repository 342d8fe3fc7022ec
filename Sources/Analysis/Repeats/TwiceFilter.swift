/// Tells which of very many numbers may come more than once, in a few bits for each: it is asked in a second pass.
///
/// It takes none that comes twice for one that does not; of those that come once it takes a few for more.
struct TwiceFilter {
    private var once: [UInt64]
    private var twice: [UInt64]
    private let shift: UInt64
    private let factor: UInt64

    /// Odd, as any that filters are told apart by.
    static let firstFactor: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// The bits of each half: 8 a number, from 2 KiB to 64 MiB.
    private static let bits: ClosedRange<UInt64> = 14...29

    /// - Parameters:
    ///   - count: about how many numbers will be added.
    ///   - factor: odd; filters of different ones err about different numbers.
    init(count: Int, factor: UInt64 = firstFactor) {
        let wanted = UInt64(67 - UInt64(max(count, 1)).leadingZeroBitCount)
        let bits = min(max(wanted, Self.bits.lowerBound), Self.bits.upperBound)
        once = [UInt64](repeating: 0, count: 1 << Int(bits - 6))
        twice = once
        (shift, self.factor) = (64 - bits, factor)
    }

    /// With fewer numbers it is not worth looking for those that may come twice first.
    private static let fewest = 1 << 18

    /// A filter of many numbers; nil of so few that all of them may as well be kept.
    ///
    /// - Parameter each: calls what it is given with each number.
    static func ofMany(
        _ count: Int, factor: UInt64 = firstFactor, _ each: ((UInt64) -> Void) throws -> Void
    ) rethrows -> TwiceFilter? {
        if count < fewest { return nil }
        var filter = TwiceFilter(count: count, factor: factor)
        try each { filter.add($0) }
        return filter
    }

    @inline(__always)
    private func slot(_ number: UInt64) -> Int { Int(truncatingIfNeeded: (number &* factor) >> shift) }

    @inline(__always)
    mutating func add(_ number: UInt64) {
        let slot = slot(number)
        let bit = UInt64(1) << UInt64(slot & 63)
        if once[slot >> 6] & bit == 0 { once[slot >> 6] |= bit } else { twice[slot >> 6] |= bit }
    }

    @inline(__always)
    func mayHoldTwice(_ number: UInt64) -> Bool {
        let slot = slot(number)
        return twice[slot >> 6] >> UInt64(slot & 63) & 1 == 1
    }
}
