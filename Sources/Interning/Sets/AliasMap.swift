/// Which numbers of a table stand for a text that has an earlier one; what compares texts by their numbers compares their
/// first ones.
///
/// Takes nothing if there are none, else up to 4 bytes a number.
public struct AliasMap: Sendable {
    /// By number; 0 for those that are their text's first.
    private var firsts = MappedArray<Int32>()

    public init() {}

    /// Whether each text has one number.
    public var isEmpty: Bool { firsts.count == 0 }

    mutating func add(_ name: SymbolID, first: SymbolID) {
        firsts.extend(to: Int(name.rawValue) + 1)
        firsts[Int(name.rawValue)] = first.rawValue
    }

    /// The first number of a name's text.
    public func first(_ name: SymbolID) -> SymbolID {
        guard Int(name.rawValue) < firsts.count, firsts[Int(name.rawValue)] != 0 else { return name }
        return SymbolID(rawValue: firsts[Int(name.rawValue)])
    }
}
