public import Interning

/// Adds the columns of a row to the record that was begun.
extension RecordTable: ColumnVisitor {
    public mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        guard let member = column.member, value != EventColumn.null else { return }
        if case .null = column.absence { return store(member, value) }
        if value != 0 || column.isAlwaysMember { store(member, value) }
    }

    public mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        if let member = column.member { add(member, symbol) }
    }

    public mutating func visit(_ column: EventColumn, _ text: inout String) {
        if let member = column.member { add(member, text) }
    }

    /// Begins a record and adds its columns; its time is added apart.
    mutating func begin(_ record: some EventRecord, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, record.id.line)
        var record = record
        record.visitColumns(&self)
    }
}

/// Reads the columns of a row from the record that a block points at.
struct BlockColumns: ColumnVisitor {
    let block: RecordBlock
    /// The first.
    private(set) var problem: ExchangeProblem?

    init(_ block: RecordBlock) { self.block = block }

    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        guard let member = column.member else { return }
        guard let number = block.number(member) else {
            if column.isAlwaysMember { note("a \(block.type.rawValue) without '\(member)'") }
            if case .null = column.absence { value = EventColumn.null } else { value = 0 }
            return
        }
        if column.isSmall, Int32(exactly: number) == nil { note("'\(member)' is too large") }
        value = number
    }

    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        guard let member = column.member else { return }
        symbol = column.kind == .frame ? block.frame(member) : block.name(member)
    }

    mutating func visit(_ column: EventColumn, _ text: inout String) {
        if let member = column.member { text = block.text(member) ?? "" }
    }

    private mutating func note(_ words: String) { if problem == nil { problem = ExchangeProblem(words) } }
}

extension RecordBlock {
    /// The record as a row of a table; its time is read apart.
    func record<Record: EventRecord>(_ id: EventID, _: Record.Type = Record.self) throws(ExchangeProblem) -> Record {
        var (columns, record) = (BlockColumns(self), Record(reading: id))
        record.visitColumns(&columns)
        if let problem = columns.problem { throw problem }
        return record
    }
}
