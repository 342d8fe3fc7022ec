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

    /// A fill whose frame ids have their first numbers.
    public func unified(_ fill: Fill) -> Fill {
        if isEmpty { return fill }
        var fill = fill
        (fill.frame, fill.validator) = (first(fill.frame), first(fill.validator))
        return fill
    }

    /// A delivery whose frame id has its first number.
    public func unified(_ delivery: Delivery) -> Delivery {
        if isEmpty || !delivery.frame.isPresent { return delivery }
        var delivery = delivery
        delivery.frame = first(delivery.frame)
        return delivery
    }
}
