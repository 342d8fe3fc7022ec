import LogRecords

/// Deliveries of equal attribute values, numbers aside, under one number: there are some thousands of such groups in a
/// dump of any size, and what is asked about attributes is asked of them and not of every delivery.
struct DeliveryGroups: Sendable {
    /// By group.
    private(set) var all: [DeliveryValues.Values] = []
    private var numbers: [DeliveryValues.Values: Int32] = [:]
    /// What was asked for last, by a mix of it.
    private var recent = [Known](repeating: Known(), count: 1 << Self.recentBits)
    private static let recentBits: UInt64 = 13

    private struct Known {
        /// -1: nothing was asked for.
        var circumstance: Int32 = -1
        var varying = DeliveryValues.Varying(
            model: .absent, rolloutAtFill: .absent, rolloutAtDelivery: .absent, template: 0, hour: 0)
        var number: Int32 = 0
    }

    /// - Parameters:
    ///   - circumstance: the delivery's, by a number that stands for no other.
    ///   - varying: what it does not tell of the delivery.
    mutating func number(
        of delivery: Delivery, circumstance: Int32, _ varying: DeliveryValues.Varying
    ) -> Int32 {
        let place = Int(Self.mix(circumstance, varying) >> (64 - Self.recentBits))
        let known = recent[place]
        if known.circumstance == circumstance, known.varying == varying { return known.number }
        let number = number(DeliveryValues.values(of: delivery, varying))
        recent[place] = Known(circumstance: circumstance, varying: varying, number: number)
        return number
    }

    private static func mix(_ circumstance: Int32, _ varying: DeliveryValues.Varying) -> UInt64 {
        func word(_ low: Int32, _ high: Int32) -> UInt64 {
            UInt64(UInt32(bitPattern: low)) | UInt64(UInt32(bitPattern: high)) << 32
        }
        var mix = word(circumstance, varying.hour) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ mix >> 32 ^ word(varying.model.rawValue, varying.template)) &* 0x9e37_79b9_7f4a_7c15
        mix ^= mix >> 32 ^ word(varying.rolloutAtFill.rawValue, varying.rolloutAtDelivery.rawValue)
        return mix &* 0x9e37_79b9_7f4a_7c15
    }

    mutating func number(_ values: DeliveryValues.Values) -> Int32 { numbers[values] ?? add(values) }

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
    /// Of its time, as `DeliverySlots` has it; -1: not known.
    public private(set) var slot: Int32

    /// Without its time.
    public var timeless: DeliveryTraits { DeliveryTraits(group: group, roundTrip: roundTrip, loss: loss, slot: -1) }
}

/// How many deliveries have the same traits.
public struct CountedTraits: Sendable, BitwiseCopyable {
    public var traits: DeliveryTraits
    public var count: Int
}
