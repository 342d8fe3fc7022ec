/// A set of names: a bit for each name of the case.
public struct SymbolSet: Sendable {
    private var words: [UInt64] = []

    public init() {}

    public init(_ names: some Sequence<SymbolID>) { for name in names { insert(name) } }

    /// How many names there are; it takes a look at every name of the case.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Adds a name, unless it is absent.
    public mutating func insert(_ name: SymbolID) {
        guard name.isPresent else { return }
        let word = Int(name.rawValue) >> 6
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count)))
        }
        words[word] |= 1 << UInt64(name.rawValue & 63)
    }

    /// Calls `body` with each name, in order of the names' numbers.
    public func each(_ body: (SymbolID) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(SymbolID(rawValue: Int32(index << 6 + rest.trailingZeroBitCount)))
                rest &= rest - 1
            }
        }
    }

    public func contains(_ name: SymbolID) -> Bool {
        let word = Int(name.rawValue) >> 6
        return word < words.count && words[word] >> UInt64(name.rawValue & 63) & 1 == 1
    }
}
