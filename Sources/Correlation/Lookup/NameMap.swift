import LogRecords

/// Which place each of some names has, in order of arrival: names are small numbers already, so a name's number is where
/// to look. Nothing is ever taken out.
///
/// Takes four bytes for each name of the case, but for stretches of a thousand numbers without any name of it.
struct NamePlaces: Sendable {
    /// By the name's number: its place, plus one; 0 for none.
    private var places = MappedArray<Int32>()
    private(set) var count = 0

    /// The names, in order of arrival; made anew by each call.
    var names: [SymbolID] {
        var names = [SymbolID](repeating: .absent, count: count)
        each { name, place in names[place] = name }
        return names
    }

    /// Calls `body` with each name and its place, in order of the names' numbers.
    func each(_ body: (SymbolID, Int) throws -> Void) rethrows {
        for number in 0..<places.count where places[number] > 0 {
            try body(SymbolID(rawValue: Int32(number)), Int(places[number]) - 1)
        }
    }

    /// A name's place, or nil.
    func place(of name: SymbolID) -> Int? {
        let number = Int(name.rawValue)
        guard number < places.count, places[number] > 0 else { return nil }
        return Int(places[number]) - 1
    }

    /// Adds a name that is not there yet.
    ///
    /// - Returns: its place.
    mutating func append(_ name: SymbolID) -> Int {
        count += 1
        places.extend(to: Int(name.rawValue) + 1)
        places[Int(name.rawValue)] = Int32(count)
        return count - 1
    }
}

/// A map from names to values, which lie in order of arrival. Nothing is ever taken out.
struct NameMap<Value: BitwiseCopyable> {
    private var places = NamePlaces()
    private(set) var values = MappedArray<Value>()
    /// What `warm` read last; kept so that the reading is not left out as useless.
    private var touched: UInt8 = 0

    var count: Int { values.count }

    /// Calls `body` with each name and its value, in order of the names' numbers.
    func each(_ body: (SymbolID, Value) throws -> Void) rethrows { try places.each { try body($0, values[$1]) } }

    /// Where a name's value stands in `values`, or nil.
    func place(of name: SymbolID) -> Int? { places.place(of: name) }

    subscript(name: SymbolID) -> Value? { places.place(of: name).map { values[$0] } }

    /// Brings what some names stand for into the processor's cache. These reads do not wait for each other, as those of
    /// look-ups one after the other would.
    mutating func warm(_ names: [SymbolID]) {
        var sum: UInt8 = 0
        values.withUnsafeBytes { bytes in
            for name in names {
                if let place = places.place(of: name) { sum &+= bytes[place * MemoryLayout<Value>.stride] }
            }
        }
        touched &+= sum
    }

    /// Adds a name that is not there yet.
    ///
    /// - Returns: its place in `values`.
    @discardableResult
    mutating func append(_ name: SymbolID, _ value: Value) -> Int {
        values.append(value)
        return places.append(name)
    }

    /// Changes the value at a place.
    mutating func update<Result>(_ place: Int, _ change: (inout Value) -> Result) -> Result {
        values.update(place, change)
    }
}

extension NameMap: Sendable where Value: Sendable {}

/// A map from a few names, as of nodes and clocks, to values of any kind, in order of arrival. Nothing is ever taken out.
struct FewNamesMap<Value> {
    private var places = NamePlaces()
    /// By place.
    var values: [Value] = []

    var names: [SymbolID] { places.names }

    subscript(name: SymbolID) -> Value? { places.place(of: name).map { values[$0] } }

    /// Where a name's value stands in `values`; a new name gets the one given.
    mutating func place(of name: SymbolID, orAdd value: @autoclosure () -> Value) -> Int {
        if let known = places.place(of: name) { return known }
        values.append(value())
        return places.append(name)
    }
}

extension FewNamesMap: Sendable where Value: Sendable {}

/// A number for each of many names, by the name's own: four bytes for each name of the case, as `NamePlaces`.
struct NameNumbers: Sendable {
    private var numbers = MappedArray<Int32>()
    private var touched: Int32 = 0

    /// The number of a name; 0 until one is set.
    subscript(name: SymbolID) -> Int32 {
        get { Int(name.rawValue) < numbers.count ? numbers[Int(name.rawValue)] : 0 }
        set {
            numbers.extend(to: Int(name.rawValue) + 1)
            numbers[Int(name.rawValue)] = newValue
        }
    }

    /// See `NameMap.warm`.
    mutating func warm(_ names: [SymbolID]) {
        var sum: Int32 = 0
        for name in names { sum &+= self[name] }
        touched &+= sum
    }
}

extension Range<Int> {
    /// The range in parts for which `NameMap.warm` is worth it: long enough that memory is waited for once, short enough
    /// that all it brings stays in the processor's cache.
    public var bundles: some Sequence<Range<Int>> {
        stride(from: lowerBound, to: upperBound, by: 128).lazy.map { [upperBound] in
            $0..<Swift.min($0 + 128, upperBound)
        }
    }
}
