import GRDB
public import LogRecords

/// The attributes of a delivery of which few different combinations stand on many lines: each combination is stored
/// once, and a delivery's row has its number.
struct Circumstance: Hashable, Sendable {
    var clock: NameID
    var node: NameID
    var client: NameID
    var network: NameID
    var kind: NameID
    var cacheWord: NameID
    var status: Int32
    var cacheStatus: CacheStatus
    var content: Delivery.Content
    var flags: Delivery.Flags

    init(_ delivery: Delivery) {
        clock = delivery.clock
        node = delivery.node
        client = delivery.client
        network = delivery.network
        kind = delivery.kind
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

/// Numbers the circumstances of a case as they come, and stores new ones.
struct CircumstanceNumbers {
    private var numbers: [Circumstance: Int64] = [:]
    /// Those met last, so that nearly every delivery's are found without hashing them.
    private var recent: [(circumstance: Circumstance, number: Int64)?] = Array(repeating: nil, count: 1024)
    private let insert: Statement

    /// Knows what the case has already.
    init(_ db: Database) throws {
        for (number, circumstance) in try CircumstanceNumbers.all(db) { numbers[circumstance] = number }
        insert = try db.makeStatement(sql: "INSERT INTO circumstance VALUES (?,?,?,?,?,?,?,?,?,?,?)")
    }

    static func all(_ db: Database) throws -> [(Int64, Circumstance)] {
        let row = EventRow(try db.makeStatement(sql: "SELECT * FROM circumstance ORDER BY id"))
        var all: [(Int64, Circumstance)] = []
        while try row.step() { all.append((row.integer(0), Circumstance(row))) }
        return all
    }

    mutating func number(_ circumstance: Circumstance) throws -> Int64 {
        let place = circumstance.spread
        if let known = recent[place], known.circumstance == circumstance { return known.number }
        let number: Int64
        if let known = numbers[circumstance] {
            number = known
        } else {
            number = Int64(numbers.count + 1)
            numbers[circumstance] = number
            try store(circumstance, number)
        }
        recent[place] = (circumstance, number)
        return number
    }

    private func store(_ circumstance: Circumstance, _ number: Int64) throws {
        try insert.execute(arguments: [
            number, circumstance.clock.stored, circumstance.node.stored, circumstance.client.stored,
            circumstance.network.stored, circumstance.kind.stored, circumstance.cacheWord.stored,
            circumstance.status == 0 ? nil : circumstance.status, circumstance.cacheStatus.rawValue,
            circumstance.content.rawValue, circumstance.flags.rawValue,
        ])
    }
}

extension NameID {
    /// As a case's tables hold it: NULL if absent.
    public var stored: Int64? { isPresent ? Int64(rawValue) : nil }
}
