public import Interning

/// Some thousand records of one type, column by column, on their way into a block.
///
/// A record is begun, and its members are added; those that it does not have are left out.
public struct RecordTable {
    let names: StringInterner
    public private(set) var count = 0
    /// By field.
    private var columns = [[Int64]](repeating: [], count: ExchangeField.total)

    /// - Parameter names: where the texts are numbered.
    public init(_ names: StringInterner) { self.names = names }

    /// Forgets all records, and keeps their memory.
    public mutating func removeAll() {
        count = 0
        for field in columns.indices where !columns[field].isEmpty { columns[field].removeAll(keepingCapacity: true) }
    }

    /// Begins the next record.
    public mutating func begin() { count += 1 }

    /// Adds a text, unless there is none. An empty one is none.
    public mutating func add(_ field: ExchangeField, _ text: String?) {
        if let text { add(field, names.intern(text)) }
    }

    /// Adds a name, unless it is absent.
    public mutating func add(_ field: ExchangeField, _ name: SymbolID) {
        if name.isPresent { store(field, Int64(name.rawValue)) }
    }

    /// Adds a number, unless there is none.
    @inlinable public mutating func add(_ field: ExchangeField, _ number: (some BinaryInteger)?) {
        if let number { store(field, Int64(number)) }
    }

    /// Adds a number, unless it is the one that stands for "the line does not say".
    @inlinable public mutating func add(_ field: ExchangeField, _ number: some BinaryInteger, ifNot absent: Int64) {
        let number = Int64(number)
        if number != absent { store(field, number) }
    }

    @usableFromInline mutating func store(_ field: ExchangeField, _ value: Int64) {
        precondition(value != ColumnCode.absent, "a number that stands for none")
        let place = field.rawValue
        let missing = count - 1 - columns[place].count
        if missing > 0 { columns[place].append(contentsOf: repeatElement(ColumnCode.absent, count: missing)) }
        columns[place].append(value)
    }

    /// Adds the record that a block points at.
    public mutating func add(_ block: RecordBlock) {
        begin()
        for field in ExchangeField.allCases {
            if field.isText { add(field, block.name(field)) } else { add(field, block.number(field)) }
        }
    }

    /// The records of the first and those of the second half, for two blocks in the place of one.
    public func halves() -> (RecordTable, RecordTable) {
        var (upper, lower) = (RecordTable(names), RecordTable(names))
        (upper.count, lower.count) = (count / 2, count - count / 2)
        for (field, column) in columns.enumerated() where !column.isEmpty {
            upper.columns[field] = Array(column.prefix(upper.count))
            lower.columns[field] = Array(column.dropFirst(upper.count))
        }
        return (upper, lower)
    }

    /// The body of a block: a dictionary of the texts, then the columns.
    public func body(_ dictionary: inout BlockDictionary) -> [UInt8] {
        var packed: [UInt8] = []
        dictionary.begin()
        for field in ExchangeField.allCases where !columns[field.rawValue].isEmpty {
            var column = columns[field.rawValue]
            let missing = count - column.count
            if missing > 0 { column.append(contentsOf: repeatElement(ColumnCode.absent, count: missing)) }
            if field.isText { dictionary.replace(&column) }
            ColumnCode.append(column, of: field, to: &packed)
        }
        return dictionary.bytes(names) + packed
    }
}

/// Numbers the texts of one block from 0 on; kept from block to block for its memory.
public struct BlockDictionary {
    /// By name: in the upper half the block that it was met in last, below it its number there.
    private var numbers: [UInt64] = []
    private var block: UInt64 = 0
    private var names: [SymbolID] = []

    public init() {}

    mutating func begin() {
        block += 1
        names.removeAll(keepingCapacity: true)
    }

    /// Puts numbers of this block in the place of names.
    mutating func replace(_ column: inout [Int64]) {
        for row in column.indices where column[row] != ColumnCode.absent {
            let name = Int(column[row])
            if name >= numbers.count {
                numbers.append(contentsOf: repeatElement(0, count: max(name + 1, numbers.count * 2) - numbers.count))
            }
            if numbers[name] >> 32 != block {
                numbers[name] = block << 32 | UInt64(names.count)
                names.append(SymbolID(rawValue: Int32(name)))
            }
            column[row] = Int64(numbers[name] & 0xffff_ffff)
        }
    }

    /// How many texts there are, the length of each, and then all of them end to end.
    fileprivate func bytes(_ table: StringInterner) -> [UInt8] {
        var (bytes, texts): ([UInt8], [UInt8]) = ([], [])
        ColumnCode.append(UInt64(names.count), to: &bytes)
        for name in names {
            let start = texts.count
            texts.append(contentsOf: table.text(name).utf8)
            ColumnCode.append(UInt64(texts.count - start), to: &bytes)
        }
        return bytes + texts
    }
}
