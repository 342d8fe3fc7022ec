public import LogRecords

/// A map from names to values: names are small numbers already, so a name's number is the place to look.
///
/// Takes four bytes for each name of the case, and the values in order of arrival. Nothing is ever taken out.
public struct NameMap<Value> {
    /// By the name's number: where its value stands, plus one; 0 for none.
    private var places: [Int32] = []
    private var keys: [Int32] = []
    /// In order of arrival.
    public private(set) var values: [Value] = []
    /// What `warm` read last; kept so that the reading is not left out as useless.
    private var touched: UInt8 = 0

    public init() {}

    public var count: Int { values.count }

    /// The names, in order of arrival.
    public var names: [NameID] { keys.map(NameID.init(rawValue:)) }

    /// Where a name's value stands in `values`, or nil.
    public func place(of name: NameID) -> Int? {
        let number = Int(name.rawValue)
        guard number < places.count, places[number] > 0 else { return nil }
        return Int(places[number]) - 1
    }

    public subscript(name: NameID) -> Value? { place(of: name).map { values[$0] } }

    /// Brings what some names stand for into the processor's cache. These reads do not wait for each other, as those of
    /// look-ups one after the other would.
    public mutating func warm(_ names: [NameID]) {
        var sum: UInt8 = 0
        places.withUnsafeBufferPointer { places in
            values.withUnsafeBytes { bytes in
                for name in names {
                    let number = Int(name.rawValue)
                    guard number < places.count, places[number] > 0 else { continue }
                    sum &+= bytes[(Int(places[number]) - 1) * MemoryLayout<Value>.stride]
                }
            }
        }
        touched &+= sum
    }

    /// Adds a name that is not there yet.
    ///
    /// - Returns: its place in `values`.
    @discardableResult
    public mutating func append(_ name: NameID, _ value: Value) -> Int {
        let number = Int(name.rawValue)
        if number >= places.count {
            let size = max(1024, number + 1, places.count * 2)
            places.append(contentsOf: repeatElement(0, count: size - places.count))
        }
        keys.append(name.rawValue)
        values.append(value)
        places[number] = Int32(values.count)
        return values.count - 1
    }

    /// Changes the value at a place.
    public mutating func update<Result>(_ place: Int, _ change: (inout Value) -> Result) -> Result {
        change(&values[place])
    }
}

extension NameMap: Sendable where Value: Sendable {}

extension Range<Int> {
    /// The range in parts for which `NameMap.warm` is worth it: long enough that memory is waited for once, short enough
    /// that all it brings stays in the processor's cache.
    public var bundles: some Sequence<Range<Int>> {
        stride(from: lowerBound, to: upperBound, by: 256).lazy.map { [upperBound] in
            $0..<Swift.min($0 + 256, upperBound)
        }
    }
}
