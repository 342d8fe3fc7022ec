public import Interning

/// The forms in which the members of records stand in columns.
extension ColumnVisitor {
    @inlinable @inline(__always)
    public mutating func name(
        _ name: StaticString, _ symbol: inout SymbolID, _ privacy: EventColumn.Privacy, _ member: ExchangeField,
        isRequired: Bool = false, _ meaning: StaticString, note: StaticString? = nil, isNoteAbove: Bool = false
    ) {
        visit(
            EventColumn(
                name, .name, isRequired ? .impossible : .null, privacy: privacy, reference: "name", member: member,
                meaning,
                note: note, isNoteAbove: isNoteAbove), &symbol)
    }

    @inlinable @inline(__always)
    public mutating func frame(
        _ name: StaticString, _ symbol: inout SymbolID, _ member: ExchangeField, _ meaning: StaticString
    ) {
        visit(EventColumn(name, .frame, .null, reference: "frame", member: member, meaning), &symbol)
    }

    /// A number of which one value stands for "the line does not say".
    @inlinable @inline(__always)
    public mutating func number(
        _ name: StaticString, _ value: inout Int64, absent: Int64, _ member: ExchangeField, _ meaning: StaticString
    ) {
        var number = value == absent ? EventColumn.null : value
        visit(EventColumn(name, .integer, .null, member: member, meaning), &number)
        value = number == EventColumn.null ? absent : number
    }

    /// The same with 32 bits.
    @inlinable @inline(__always)
    public mutating func number(
        _ name: StaticString, _ value: inout Int32, absent: Int32, _ member: ExchangeField, _ meaning: StaticString
    ) {
        var number = value == absent ? EventColumn.null : Int64(value)
        visit(EventColumn(name, .integer, .null, member: member, isSmall: true, meaning), &number)
        value = number == EventColumn.null ? absent : Int32(truncatingIfNeeded: number)
    }

    /// A code of one byte.
    @inlinable @inline(__always)
    public mutating func code(
        _ name: StaticString, _ value: inout UInt8, _ member: ExchangeField?, isAlwaysMember: Bool = false,
        _ meaning: StaticString, note: StaticString? = nil
    ) {
        var number = Int64(value)
        visit(
            EventColumn(
                name, .integer, .impossible, member: member, isAlwaysMember: isAlwaysMember, meaning, note: note),
            &number)
        value = UInt8(truncatingIfNeeded: number)
    }

    @inlinable @inline(__always)
    public mutating func flag(
        _ name: StaticString, _ value: inout Bool, _ member: ExchangeField, _ meaning: StaticString
    ) {
        var number: Int64 = value ? 1 : 0
        visit(EventColumn(name, .integer, .impossible, member: member, meaning), &number)
        value = number != 0
    }

    /// An end of an interval; nil if it is open.
    @inlinable @inline(__always)
    public mutating func end(
        _ name: StaticString, _ value: inout Int64?, _ member: ExchangeField, _ meaning: StaticString
    ) {
        var number = value ?? EventColumn.null
        visit(EventColumn(name, .integer, .null, member: member, meaning), &number)
        value = number == EventColumn.null ? nil : number
    }

    @inlinable @inline(__always)
    public mutating func openEnds(_ ends: inout OpenEnds, note: StaticString) {
        var number = Int64(ends.rawValue)
        visit(
            EventColumn(
                "open_ends", .integer, .zero, member: .openEnds,
                "Which ends are not known though the row is there: 1 the first, 2 the second, 3 both.", note: note),
            &number)
        ends = OpenEnds(rawValue: UInt8(clamping: number))
    }
}

/// A time's columns. Blocks have times in a form of their own (see `RecordTable`).
extension ColumnVisitor {
    @inlinable @inline(__always)
    public mutating func stamp(_ time: inout EventTime) {
        visit(
            EventColumn("ts", .integer, .impossible, "The time stamp on the line, microseconds since 1970 UTC."),
            &time.stamp)
    }

    /// - Parameter absence: what stands in the row of an event that was known to the microsecond.
    @inlinable @inline(__always)
    public mutating func ends(_ time: inout EventTime, _ absence: EventColumn.Absence) {
        var early = time.stamp &- time.earliest
        visit(
            EventColumn("early", .integer, absence, "By how much before `ts` it can have happened, microseconds."),
            &early)
        time.earliest = time.stamp &- early
        var late = time.latest &- time.stamp
        visit(
            EventColumn("late", .integer, absence, "By how much after `ts` it can have happened, microseconds."), &late)
        time.latest = time.stamp &+ late
    }

    @inlinable @inline(__always)
    public mutating func begun(_ time: inout EventTime) {
        var begun = time.begunBy &- time.earliest
        visit(
            EventColumn(
                "begun", .integer, .zero, "How long after `ts - early` it had begun at the latest, microseconds."),
            &begun)
        time.begunBy = time.earliest &+ begun
    }
}
