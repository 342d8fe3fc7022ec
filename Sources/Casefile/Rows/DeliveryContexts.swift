public import GRDB
public import Interning
public import LogRecords
import Synchronization

/// The attributes of a delivery of which few different combinations stand on many lines: each combination is stored
/// once, and a delivery's row has its number.
///
/// Its columns are those of `Delivery.visitContext`.
public struct DeliveryContext: Hashable, Sendable {
    /// The columns, in the order of their table.
    private var words = SIMD16<Int32>()

    public init(_ delivery: Delivery) {
        var (writer, copy) = (WordWriter(), delivery)
        copy.visitContext(&writer)
        words = writer.words
    }

    /// Gives a delivery what it has in common with others.
    @inline(__always)
    func apply(to delivery: inout Delivery) {
        var reader = WordReader(words)
        delivery.visitContext(&reader)
    }

    /// A delivery of which nothing else is known.
    public var example: Delivery {
        var delivery = Delivery(reading: EventID(rawValue: 0))
        apply(to: &delivery)
        return delivery
    }

    /// The one that a delivery's number names.
    ///
    /// - Parameter circumstances: by their numbers.
    /// - Throws: `DatabaseError` if the case does not have it.
    static func numbered(_ number: Int, in circumstances: [DeliveryContext?], of delivery: EventID) throws
        -> DeliveryContext
    {
        guard circumstances.indices.contains(number), let found = circumstances[number] else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "delivery \(delivery.rawValue) has no circumstance \(number)")
        }
        return found
    }

    /// Spreads combinations over the recently met; equal ones to one place.
    fileprivate var spread: Int {
        let pairs = unsafeBitCast(words, to: SIMD8<UInt64>.self)
        let mix =
            pairs
            &* SIMD8(
                0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93,
                0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3)
        return Int(mix.wrappedSum() >> 54)
    }
}

/// Puts the columns of a context into words of 32 bits.
private struct WordWriter: ColumnVisitor {
    var words = SIMD16<Int32>()
    private var next = 0

    init() {}

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        words[next] = value == EventColumn.null ? WordReader.null : Int32(truncatingIfNeeded: value)
        next += 1
    }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        words[next] = symbol.rawValue
        next += 1
    }
}

private struct WordReader: ColumnVisitor {
    static let null = Int32.min

    private let words: SIMD16<Int32>
    private var next = 0

    init(_ words: SIMD16<Int32>) { self.words = words }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        value = words[next] == Self.null ? EventColumn.null : Int64(words[next])
        next += 1
    }

    @inline(__always)
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) {
        symbol = SymbolID(rawValue: words[next])
        next += 1
    }
}

/// Numbers the circumstances of a case as they come. Shared by the reading threads, each of which keeps a
/// `DeliveryContextCache`; stored by the one that writes.
public final class DeliveryContextTable: Sendable {
    private struct State {
        var numbers: [DeliveryContext: Int32] = [:]
        var fresh: [(number: Int32, circumstance: DeliveryContext)] = []
    }

    private let state: Mutex<State>

    /// Knows what the case has already.
    public init(_ db: Database) throws {
        var known = State()
        for (number, circumstance) in try Self.all(db) { known.numbers[circumstance] = Int32(number) }
        state = Mutex(known)
    }

    /// Those that are stored, by their numbers, which begin with 1.
    static func all(_ db: Database) throws -> [(Int64, DeliveryContext)] {
        let row = EventRow(try db.makeStatement(sql: "SELECT * FROM circumstance ORDER BY id"))
        var all: [(Int64, DeliveryContext)] = []
        while try row.step() {
            let context = row.record(DeliveryContextRow.self)
            all.append((context.id.rawValue, DeliveryContext(context.delivery)))
        }
        return all
    }

    /// The number of a circumstance, new or known.
    public func number(_ circumstance: DeliveryContext) -> Int32 {
        state.withLock { state in
            if let known = state.numbers[circumstance] { return known }
            let number = Int32(state.numbers.count + 1)
            state.numbers[circumstance] = number
            state.fresh.append((number, circumstance))
            return number
        }
    }

    /// Stores those that are new since the last call.
    ///
    /// - Returns: whether there were any; the table then wants a new seal.
    func append(to db: Database) throws -> Bool {
        let fresh = state.withLock { state in
            defer { state.fresh.removeAll() }
            return state.fresh
        }
        guard !fresh.isEmpty else { return false }
        let insert = try RecordInsert<DeliveryContextRow>(db)
        for (number, circumstance) in fresh {
            try insert.execute(DeliveryContextRow(circumstance.example, number: Int64(number)))
        }
        return true
    }
}

/// The circumstances that one thread met last, so that nearly every delivery's is found without a lock and without
/// hashing it.
struct DeliveryContextCache {
    private let table: DeliveryContextTable
    private var recent: [(circumstance: DeliveryContext, number: Int32)?] = Array(repeating: nil, count: 1024)

    init(_ table: DeliveryContextTable) { self.table = table }

    mutating func number(of delivery: Delivery) -> Int32 {
        let circumstance = DeliveryContext(delivery)
        let place = circumstance.spread
        if let known = recent[place], known.circumstance == circumstance { return known.number }
        let number = table.number(circumstance)
        recent[place] = (circumstance, number)
        return number
    }
}

extension SymbolID {
    /// As a case's tables hold it: NULL if absent.
    public var stored: Int64? { isPresent ? Int64(rawValue) : nil }
}
