/// The one source of chance: a SplitMix64 generator (Steele, Lea, Flood 2014), the same on every machine and release.
///
/// Draws are made here and not by the standard library, whose way from bits to a range may change between releases.
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A generator of its own for one part of the work, so that a change in one part leaves the others' draws alone.
    mutating func split() -> SplitMix64 {
        SplitMix64(seed: next())
    }

    /// A number from 0 up to, not including, `bound`.
    ///
    /// - Precondition: `bound` is positive.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number of the closed range.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    /// A time from `start` up to, not including, `end`.
    mutating func instant(from start: Instant, to end: Instant) -> Instant {
        start + Int64(below(Int(end - start)))
    }

    /// One of the elements.
    ///
    /// - Precondition: There is one.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// Brings the elements into any order (Fisher and Yates).
    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, below(last + 1))
        }
    }

    /// SplitMix64's finaliser: a fixed, well-mixed image of a number.
    static func mix(_ number: UInt64) -> UInt64 {
        var bits = number
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
