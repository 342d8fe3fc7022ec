public import GRDB
public import LogRecords
import Synchronization

/// The attributes of a delivery of which few different combinations stand on many lines: each combination is stored
/// once, and a delivery's row has its number.
public struct DeliveryContext: Hashable, Sendable {
    var clock: SymbolID
    public internal(set) var node: SymbolID
    var client: SymbolID
    var network: SymbolID
    var kind: SymbolID
    var extra: SymbolID
    public internal(set) var cacheWord: SymbolID
    var status: Int32
    public internal(set) var cacheStatus: CacheStatus
    public internal(set) var content: Delivery.Content
    public internal(set) var flags: Delivery.Flags

    public init(_ delivery: Delivery) {
        clock = delivery.clock
        node = delivery.node
        client = delivery.client
        network = delivery.network
        kind = delivery.kind
        extra = delivery.extra
        cacheWord = delivery.cacheWord
        status = delivery.status
        cacheStatus = delivery.cacheStatus
        content = delivery.content
        flags = delivery.flags
    }

    /// A row of the table, from its second column on.
    init(_ row: EventRow) {
        clock = row.name(1)
        node = row.name(2)
        client = row.name(3)
        network = row.name(4)
        kind = row.name(5)
        cacheWord = row.name(6)
        status = row.small(7, absent: 0)
        cacheStatus = CacheStatus(rawValue: UInt8(truncatingIfNeeded: row.integer(8))) ?? .unknown
        content = Delivery.Content(rawValue: UInt8(truncatingIfNeeded: row.integer(9))) ?? .none
        flags = Delivery.Flags(rawValue: UInt8(truncatingIfNeeded: row.integer(10)))
        extra = row.name(11)
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
        var mix = UInt64(UInt32(bitPattern: clock.rawValue)) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(UInt32(bitPattern: node.rawValue))) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(UInt32(bitPattern: client.rawValue))) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(UInt32(bitPattern: network.rawValue))) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(UInt32(bitPattern: cacheWord.rawValue))) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(UInt32(bitPattern: status ^ kind.rawValue << 10))) &* 0x9e37_79b9_7f4a_7c15
        return Int(mix >> 54)
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
        while try row.step() { all.append((row.integer(0), DeliveryContext(row))) }
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
    public func store(_ db: Database) throws {
        let fresh = state.withLock { state in
            defer { state.fresh.removeAll() }
            return state.fresh
        }
        guard !fresh.isEmpty else { return }
        let insert = try db.cachedStatement(sql: "INSERT INTO circumstance VALUES (?,?,?,?,?,?,?,?,?,?,?,?)")
        for (number, circumstance) in fresh {
            try insert.execute(arguments: [
                number, circumstance.clock.stored, circumstance.node.stored, circumstance.client.stored,
                circumstance.network.stored, circumstance.kind.stored, circumstance.cacheWord.stored,
                circumstance.status == 0 ? nil : circumstance.status, circumstance.cacheStatus.rawValue,
                circumstance.content.rawValue, circumstance.flags.rawValue,
                circumstance.extra.stored,
            ])
        }
        try Seals.renew(.circumstance, db)
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
