public import Interning

/// The records of a block, read: each has members that are asked by field, of the row that `row` points at.
public final class RecordBlock {
    public let type: ExchangeType
    /// How many records there are.
    public let count: Int
    /// Which record is asked; callers keep it below `count`.
    @exclusivity(unchecked) public var row = 0
    /// Where texts are numbered.
    @exclusivity(unchecked) public private(set) var names: StringInterner
    private let frames: StringInterner?

    /// How a column's numbers lie.
    fileprivate enum Form: UInt8 { case none, constant, narrow, wide }
    fileprivate struct Column {
        var form = Form.none
        /// Whether 0 stands for a row without the member.
        var hasAbsent = false
        var base: Int64 = 0
        /// Where its numbers begin in `narrow` or `wide`.
        var start = 0
    }
    private let columns: [Column]
    private let narrow: [UInt32]
    private let wide: [UInt64]

    private let body: [UInt8]
    /// Where each text begins in the body, and behind the last where that ends.
    private let starts: [Int32]
    /// By text: its number among the names and among the frame ids; -1: not asked yet.
    @exclusivity(unchecked) private var ids: [Int32] = []
    @exclusivity(unchecked) private var frameIDs: [Int32] = []
    /// By text: what `memo` reckoned; `absent`: nothing yet.
    @exclusivity(unchecked) private var memos: [Int64] = []

    /// Reads the body that `RecordTable.body` made.
    ///
    /// - Parameters:
    ///   - count: how many records it is said to have.
    ///   - frames: where frame ids are numbered; nil: among the other texts.
    /// - Throws: `ExchangeProblem` for bytes that are none.
    public init(
        _ type: ExchangeType, count: Int, _ body: [UInt8], _ names: StringInterner, frames: StringInterner? = nil
    )
        throws(ExchangeProblem)
    {
        guard (0...Self.mostRows).contains(count) else { throw ExchangeProblem("a block of \(count) records") }
        (self.type, self.count, self.body, self.names, self.frames) = (type, count, body, names, frames)
        frames?.keepUnique()
        var reader = BodyReader(body)
        starts = try Self.texts(&reader)
        var columns = ColumnReader(count: count, texts: starts.count - 1)
        while !reader.isAtEnd { try columns.read(&reader) }
        (self.columns, narrow, wide) = (columns.columns, columns.narrow, columns.wide)
        forget()
    }

    /// No block has more.
    static let mostRows = 1 << 22

    /// Where each text begins, and where the last ends.
    private static func texts(_ reader: inout BodyReader) throws(ExchangeProblem) -> [Int32] {
        let count = try reader.count()
        var lengths: [Int] = []
        lengths.reserveCapacity(count)
        for _ in 0..<count { lengths.append(try reader.count()) }
        var starts: [Int32] = []
        starts.reserveCapacity(count + 1)
        for length in lengths { starts.append(Int32(try reader.skip(length))) }
        starts.append(Int32(reader.place))
        return starts
    }

    private func forget() {
        ids = [Int32](repeating: -1, count: starts.count - 1)
        frameIDs = frames == nil ? [] : ids
    }

    /// From now on texts are numbered elsewhere.
    public func rebind(_ names: StringInterner) {
        self.names = names
        forget()
    }

    // MARK: Members

    private func value(_ field: ExchangeField) -> Int64 {
        let column = columns[field.rawValue]
        let raw: UInt64
        switch column.form {
        case .none: return ColumnCode.absent
        case .constant: return column.base
        case .narrow: raw = UInt64(narrow[column.start + row])
        case .wide: raw = wide[column.start + row]
        }
        if !column.hasAbsent { return column.base &+ Int64(bitPattern: raw) }
        return raw == 0 ? ColumnCode.absent : column.base &+ Int64(bitPattern: raw &- 1)
    }

    /// Whether any record has a member.
    public func hasAny(_ field: ExchangeField) -> Bool { columns[field.rawValue].form != .none }

    /// A whole number; nil if the record does not have it.
    public func number(_ field: ExchangeField) -> Int64? {
        let value = value(field)
        return value == ColumnCode.absent ? nil : value
    }

    /// A whole number that the record must have.
    public func needed(_ field: ExchangeField) throws(ExchangeProblem) -> Int64 {
        guard let number = number(field) else { throw ExchangeProblem("a \(type.rawValue) without '\(field)'") }
        return number
    }

    /// A whole number of 32 bits; `absent` if the record does not have it.
    public func small(_ field: ExchangeField, absent: Int32) throws(ExchangeProblem) -> Int32 {
        guard let number = number(field) else { return absent }
        guard let small = Int32(exactly: number) else { throw ExchangeProblem("'\(field)' is too large") }
        return small
    }

    /// The number of a member's text in the block; nil if the record does not have it.
    private func place(_ field: ExchangeField) -> Int? { number(field).map { Int($0) } }

    /// The text of a member; nil if the record does not have it.
    public func text(_ field: ExchangeField) -> String? {
        place(field).map { place in
            String(decoding: body[Int(starts[place])..<Int(starts[place + 1])], as: UTF8.self)
        }
    }

    /// The number of a member's text; absent if the record does not have it.
    public func name(_ field: ExchangeField) -> SymbolID {
        guard let place = place(field) else { return .absent }
        if ids[place] < 0 { ids[place] = intern(place, names) }
        return SymbolID(rawValue: ids[place])
    }

    /// The number of a member that is a frame id.
    public func frame(_ field: ExchangeField) -> SymbolID {
        guard let frames else { return name(field) }
        guard let place = place(field) else { return .absent }
        if frameIDs[place] < 0 { frameIDs[place] = intern(place, frames) }
        return SymbolID(rawValue: frameIDs[place])
    }

    private func intern(_ place: Int, _ table: StringInterner) -> Int32 {
        body.withUnsafeBytes {
            table.intern(UnsafeRawBufferPointer(rebasing: $0[Int(starts[place])..<Int(starts[place + 1])])).rawValue
        }
    }

    /// What `body` makes of the text of a member, reckoned once for each text of the block; of one member only.
    public func memo(_ field: ExchangeField, _ body: (String) throws -> Int64) rethrows -> Int64? {
        guard let place = place(field) else { return nil }
        if memos.isEmpty { memos = [Int64](repeating: ColumnCode.absent, count: ids.count) }
        if memos[place] == ColumnCode.absent { memos[place] = try body(text(field) ?? "") }
        return memos[place]
    }

    /// A digest of the member's text that is the same on every machine.
    func digest(_ field: ExchangeField) -> UInt64? {
        place(field).map { place in
            body.withUnsafeBytes {
                StringInterner.hash(UnsafeRawBufferPointer(rebasing: $0[Int(starts[place])..<Int(starts[place + 1])]))
            }
        }
    }

    /// The value of a number.
    ///
    /// - Parameter all: the values, in the order of their numbers.
    public func word<Value>(_ field: ExchangeField, _ all: [Value], _ labels: [String]) throws(ExchangeProblem)
        -> Value?
    {
        guard let word = text(field) else { return nil }
        guard let place = labels.firstIndex(of: word) else {
            throw ExchangeProblem("'\(field)' cannot be '\(word)'")
        }
        return all[place]
    }
}

/// Reads the columns of a block.
private struct ColumnReader {
    let count: Int
    let texts: Int
    var columns = [RecordBlock.Column](repeating: RecordBlock.Column(), count: ExchangeField.total)
    var narrow: [UInt32] = []
    var wide: [UInt64] = []
    private var isMet = [Bool](repeating: false, count: ExchangeField.total)

    init(count: Int, texts: Int) { (self.count, self.texts) = (count, texts) }

    mutating func read(_ reader: inout BodyReader) throws(ExchangeProblem) {
        guard let place = Int(exactly: try reader.number()), let field = ExchangeField(rawValue: place), !isMet[place]
        else { throw ExchangeProblem("a block has a column that no version writes") }
        isMet[place] = true
        let code = try reader.byte()
        let width = Int(code & 0x0f)
        guard width <= 8, code & 0xc0 == 0 else { throw ExchangeProblem("a column of a form that no version writes") }
        var column = RecordBlock.Column(hasAbsent: code & ColumnCode.hasAbsent != 0)
        column.base = ColumnCode.number(zigzag: try reader.number())
        let (raw, most) = try numbers(&reader, width, isDelta: code & ColumnCode.isDelta != 0)
        if field.isText { try check(column, most) }
        if width == 0 {
            // Zeros everywhere.
            column.form = column.hasAbsent ? .none : .constant
        } else if most <= UInt64(UInt32.max) {
            column.form = .narrow
            column.start = narrow.count
            narrow.append(contentsOf: raw.lazy.map { UInt32(truncatingIfNeeded: $0) })
        } else {
            column.form = .wide
            column.start = wide.count
            wide.append(contentsOf: raw)
        }
        columns[place] = column
    }

    /// The numbers of all rows, and the largest.
    private func numbers(_ reader: inout BodyReader, _ width: Int, isDelta: Bool) throws(ExchangeProblem) -> (
        [UInt64], UInt64
    ) {
        let start = try reader.skip(width * count)
        var raw = [UInt64](repeating: 0, count: width > 0 ? count : 0)
        reader.bytes.withUnsafeBufferPointer { body in
            raw.withUnsafeMutableBufferPointer { raw in
                for plane in 0..<width {
                    let (first, shift) = (start + plane * count, UInt64(8 * plane))
                    for row in 0..<count { raw[row] |= UInt64(body[first + row]) << shift }
                }
                guard isDelta else { return }
                var last: UInt64 = 0
                for row in raw.indices {
                    last = last &+ UInt64(bitPattern: ColumnCode.number(zigzag: raw[row]))
                    raw[row] = last
                }
            }
        }
        return (raw, raw.max() ?? 0)
    }

    /// Every number in a column of texts is one of a text.
    private func check(_ column: RecordBlock.Column, _ most: UInt64) throws(ExchangeProblem) {
        let above: UInt64 = column.hasAbsent ? 1 : 0
        let most = most > above ? most - above : 0
        guard column.base >= 0, most < UInt64(texts), UInt64(column.base) + most < UInt64(texts)
        else { throw ExchangeProblem("a block names a text that it does not have") }
    }
}
