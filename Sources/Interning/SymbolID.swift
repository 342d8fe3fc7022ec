/// A number that stands for one text (account, camera, node, cache key, client…) in a case.
///
/// Two records that name the same text have the same symbol, so that comparing accounts is comparing integers. `absent` stands
/// for "the line says nothing".
///
///      31  30                            4 3       0
///     ┌───┬──────────────────────────────┬─────────┐
///     │ 0 │ index in the shard           │ shard   │  + 1        0: absent
///     └───┴──────────────────────────────┴─────────┘
///
/// A text's hash says which shard of a `StringInterner` it is in, and there the indices rise from 0 in order of arrival. A
/// symbol is never negative: what is, is a `PendingID`.
@frozen
public struct SymbolID: RawRepresentable, Hashable, Sendable, Comparable, BitwiseCopyable {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }

    @inlinable public static var absent: SymbolID { SymbolID(rawValue: 0) }
    @inlinable public var isPresent: Bool { rawValue != 0 }

    @inlinable public static func == (a: SymbolID, b: SymbolID) -> Bool { a.rawValue == b.rawValue }
    @inlinable public static func < (a: SymbolID, b: SymbolID) -> Bool { a.rawValue < b.rawValue }
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension SymbolID {
    /// How many of the bits of a symbol less one say its shard.
    static let shardBits: Int32 = 4

    init(index: Int32, shard: Int) { self.init(rawValue: (index << Self.shardBits | Int32(shard)) + 1) }

    /// - Precondition: it is present.
    var place: (index: Int, shard: Int) {
        let number = rawValue &- 1
        return (Int(number >> Self.shardBits), Int(number) & (1 << Int(Self.shardBits) - 1))
    }
}
