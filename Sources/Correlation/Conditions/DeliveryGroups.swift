import LogRecords

/// Deliveries of equal attribute values, numbers aside, under one number: there are some thousands of such groups in a
/// dump of any size, and what is asked about attributes is asked of them and not of every delivery.
struct DeliveryGroups: Sendable {
    /// By group.
    private(set) var all: [DeliveryValues.Values] = []
    private var numbers: [DeliveryValues.Values: Int32] = [:]
    /// The groups met last, by a mix of their values.
    private var recent = [Int32](repeating: -1, count: 1 << Self.recentBits)
    private static let recentBits: UInt32 = 12
    /// Odd numbers without a pattern, one for each attribute.
    private static let spread = DeliveryValues.Values(
        0x2c1b_3c6d, 0x297a_2d39, 0x5bd1_e995, 0x1b87_3593, 0x27d4_eb2f, 0x1656_67b1, 0x7feb_352d, 0x046a_e5d7,
        0x3243_f6a9, 0x6c07_8965, 0x41c6_4e6d, 0x0019_660d, 0x2545_f491, 0x4f1b_bcdd, 0x5851_f42d, 0x1405_7b7f)

    mutating func number(_ values: DeliveryValues.Values) -> Int32 {
        let mix = UInt32(bitPattern: (values &* Self.spread).wrappedSum())
        let place = Int(mix >> (32 - Self.recentBits))
        let known = recent[place]
        if known >= 0, all[Int(known)] == values { return known }
        let number = numbers[values] ?? add(values)
        recent[place] = number
        return number
    }

    private mutating func add(_ values: DeliveryValues.Values) -> Int32 {
        let number = Int32(all.count)
        all.append(values)
        numbers[values] = number
        return number
    }
}

/// A delivery as the study of causes sees it.
public struct DeliveryTraits: Sendable, BitwiseCopyable, Hashable {
    /// See `DeliveryGroups`.
    public private(set) var group: Int32
    /// Milliseconds; -1 if the line does not say.
    public private(set) var roundTrip: Int32
    /// Hundredths of a percent; -1 if the line does not say.
    public private(set) var loss: Int32
}

/// How many deliveries have the same traits.
public struct CountedTraits: Sendable, BitwiseCopyable {
    public var traits: DeliveryTraits
    public var count: Int
}
