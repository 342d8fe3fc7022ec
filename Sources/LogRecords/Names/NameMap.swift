/// A map from names to values: names are small numbers already, so no general hash function is spent on them.
///
/// Open addressing; the values lie in order of arrival. Nothing is ever taken out.
public struct NameMap<Value> {
    private var slots = [Int32](repeating: -1, count: 64)
    private var keys: [Int32] = []
    /// In order of arrival.
    public private(set) var values: [Value] = []

    public init() {}

    public var count: Int { values.count }

    /// The names, in order of arrival.
    public var names: [NameID] { keys.map(NameID.init(rawValue:)) }

    /// Where a name's value stands in `values`, or nil.
    public func place(of name: NameID) -> Int? {
        var slot = start(name.rawValue)
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            if keys[place] == name.rawValue { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    public subscript(name: NameID) -> Value? { place(of: name).map { values[$0] } }

    /// Adds a name that is not there yet.
    ///
    /// - Returns: its place in `values`.
    @discardableResult
    public mutating func append(_ name: NameID, _ value: Value) -> Int {
        if (keys.count + 1) * 2 > slots.count { grow() }
        keys.append(name.rawValue)
        values.append(value)
        insert(keys.count - 1)
        return keys.count - 1
    }

    /// Changes the value at a place.
    public mutating func update<Result>(_ place: Int, _ change: (inout Value) -> Result) -> Result {
        change(&values[place])
    }

    private func start(_ key: Int32) -> Int {
        // Fibonacci hashing: the high bits of the product are spread well, the low ones not.
        Int(truncatingIfNeeded: (UInt64(UInt32(bitPattern: key)) &* 0x9e37_79b9_7f4a_7c15) >> 32) & (slots.count - 1)
    }

    private mutating func insert(_ place: Int) {
        var slot = start(keys[place])
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(place)
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for place in keys.indices { insert(place) }
    }
}

extension NameMap: Sendable where Value: Sendable {}
