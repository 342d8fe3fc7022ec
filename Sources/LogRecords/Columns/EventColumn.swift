public import Interning

/// A column of an event table: its name, and what SQL, seals, blocks of records, pseudonyms and the manual need to know.
///
/// Each table is declared once, in the `visitColumns` of its record, with one line for each column in the order of the table.
/// Code that reads, writes or lists rows is a `ColumnVisitor`, so nothing else refers to a column by its position. The
/// methods are inlined: for the visitor that encodes rows they come down to the same stores as a list written by hand.
public struct EventColumn: Sendable {
    /// What a column's values are.
    public enum Kind: Sendable, Equatable {
        case integer
        /// A number of `name`.
        case name
        /// A number of `frame`.
        case frame
        /// A number of another table's row.
        case row
        case text
    }

    /// What stands in a row that has no value.
    public enum Absence: Sendable {
        /// Every row has a value.
        case impossible
        /// NULL.
        case null
        /// 0, which a row need not spell out.
        case zero
    }

    /// What becomes of a column's texts in a copy that names nobody.
    public enum Privacy: Sendable {
        /// They have pseudonyms, and are not looked for in other texts.
        case concealed
        /// They stay, unless they name somebody.
        case shown
        /// They have pseudonyms, for they are cache keys.
        case key
        /// They have pseudonyms, for they are accounts or cameras.
        case person
    }

    /// NULL among a row's numbers; no value of an event can be it.
    public static let null = Int64.min

    public let name: StaticString
    public let kind: Kind
    public let absence: Absence
    public let privacy: Privacy
    /// The table of which it has a number; nil: of none.
    public let reference: StaticString?
    /// Under what a block of records has it; nil: it has it in another form, or not at all.
    public let member: ExchangeField?
    /// Whether a block has it also if it is 0.
    public let isAlwaysMember: Bool
    /// Whether its values fit 32 bits.
    public let isSmall: Bool
    /// What it means, a sentence of the manual.
    public let meaning: StaticString
    /// What the table's SQL says of it; nil: nothing.
    public let note: StaticString?
    /// Whether that stands in a line above it.
    public let isNoteAbove: Bool

    @inlinable @inline(__always)
    public init(
        _ name: StaticString, _ kind: Kind, _ absence: Absence, privacy: Privacy = .concealed,
        reference: StaticString? = nil, member: ExchangeField? = nil, isAlwaysMember: Bool = false,
        isSmall: Bool = false, _ meaning: StaticString, note: StaticString? = nil, isNoteAbove: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.absence = absence
        self.privacy = privacy
        self.reference = reference
        self.member = member
        self.isAlwaysMember = isAlwaysMember
        self.isSmall = isSmall
        self.meaning = meaning
        self.note = note
        self.isNoteAbove = isNoteAbove
    }
}

/// Reads, writes or lists the columns of a record, one after another.
///
/// One that writes a row takes each value; one that reads a row sets each. The first column, `id`, is not visited.
public protocol ColumnVisitor {
    /// Visits a number; `EventColumn.null` stands for NULL.
    mutating func visit(_ column: EventColumn, _ value: inout Int64)
    /// Visits the number of a name or a frame id; `SymbolID.absent` stands for NULL.
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID)
    mutating func visit(_ column: EventColumn, _ text: inout String)
    /// Comes before the columns of a table that few rows have.
    ///
    /// - Returns: whether to visit them.
    mutating func beginRareColumns() -> Bool
}

extension ColumnVisitor {
    @inlinable @inline(__always)
    public mutating func beginRareColumns() -> Bool { true }

    /// Rows that are read from logs have numbers alone.
    @inlinable
    public mutating func visit(_ column: EventColumn, _ text: inout String) {
        preconditionFailure("an event row has no texts")
    }
}

/// A record that is a row of a table.
public protocol EventRecord {
    static var table: String { get }
    /// The columns that number its rows: `id`, which is the first and is not visited, or some of those visited.
    static var primaryKey: [String] { get }
    var id: EventID { get }
    /// A record whose columns are all absent, to be read.
    init(reading id: EventID)
    /// Leads a visitor over the columns in the order of the table: its one declaration.
    mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor)
}

extension EventRecord {
    public static var primaryKey: [String] { ["id"] }
}

/// The columns of a table as it is declared.
public struct EventTable: Sendable {
    public let name: String
    public let primaryKey: [String]
    /// Those that are visited.
    public let columns: [EventColumn]
    /// How many of `columns` every row has; those behind few rows have.
    public let commonCount: Int

    /// - Parameter record: that stands for the table's rows.
    public init(_ record: (some EventRecord).Type) {
        var list = ColumnList()
        var blank = record.init(reading: EventID(rawValue: 0))
        blank.visitColumns(&list)
        (name, primaryKey, columns) = (record.table, record.primaryKey, list.columns)
        commonCount = list.commonCount ?? list.columns.count
    }

    /// Whether its first column is `id`, which is not visited.
    public var hasID: Bool { primaryKey == ["id"] }
    /// How many columns it has, `id` included.
    public var width: Int { columnNames.count }
    /// The position of the first column that few rows have; `width` if all rows have all.
    public var firstRare: Int { width - columns.count + commonCount }
    /// The names of all columns, in order.
    public var columnNames: [String] { (hasID ? ["id"] : []) + columns.map(\.name.description) }

    /// The position of a column, from 0 on.
    public func position(of column: String) -> Int {
        guard let position = columnNames.firstIndex(of: column) else {
            preconditionFailure("table \(name) has no column \(column)")
        }
        return position
    }

    /// The column at a position behind `id`.
    public subscript(position: Int) -> EventColumn { columns[position - (width - columns.count)] }

    /// The tables of what was read from logs and from tables of the directory.
    public static let all = [
        delivery, fill, purge, rollout, EventTable(AccountRecord.self), EventTable(CameraRecord.self),
        EventTable(GrantRecord.self),
    ]
    public static let delivery = EventTable(DeliveryRow.self)
    public static let fill = EventTable(Fill.self)
    public static let purge = EventTable(Purge.self)
    public static let rollout = EventTable(Rollout.self)
    /// The lines that could not be used.
    public static let reject = EventTable(RejectRow.self)
    /// What many deliveries have in common.
    public static let circumstance = EventTable(DeliveryContextRow.self)
}

private struct ColumnList: ColumnVisitor {
    var columns: [EventColumn] = []
    var commonCount: Int?

    mutating func visit(_ column: EventColumn, _ value: inout Int64) { columns.append(column) }
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) { columns.append(column) }
    mutating func visit(_ column: EventColumn, _ text: inout String) { columns.append(column) }
    mutating func beginRareColumns() -> Bool {
        commonCount = columns.count
        return true
    }
}
