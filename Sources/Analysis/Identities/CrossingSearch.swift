import Casefile
import Correlation
import GRDB
import Interning
import LogRecords

/// Looks for sessions that changed hands among the deliveries of a case, once it is known who was shown whose frames.
///
/// It costs nothing where no profile maps a session, an address or a device, or nobody was shown a stranger's frame.
struct CrossingSearch {
    /// A crossing with the lines that it leaves in doubt.
    struct Found {
        var crossing: IdentityCrossings.Crossing
        /// Deliveries in the account's name that the other may have received.
        var deliveries = 0
        /// The first of them, told by its time and then by its place.
        var first: (time: Int64, tieBreak: Int64, delivery: EventID)
        var last: Int64
    }

    /// Whether any line tells of what its client is recognised by.
    private(set) var namesSessions = false

    private(set) var found: [Found] = []
    /// Deliveries of which it is not known who received them.
    private(set) var inDoubt: Set<EventID> = []
    private let db: Database
    private let reader: EventReader
    private let clocks: Clocks

    init(_ db: Database, _ reader: EventReader, _ clocks: Clocks) {
        (self.db, self.reader, self.clocks) = (db, reader, clocks)
    }

    /// - Parameter names: of the case, for an order that does not depend on the order of reading.
    mutating func run(_ names: StringInterner) throws {
        namesSessions = try LineTags.exist(db, of: [.session, .address, .device])
        guard namesSessions else { return }
        var crossings = IdentityCrossings()
        try addStrays(to: &crossings)
        if crossings.isEmpty { return }
        let sources = try LineTags.sources(db)
        try eachDelivery(of: sources) { delivery, traits, _ in
            guard crossings.isReceiver(delivery.requester) else { return }
            for trait in traits { crossings.watch(trait) }
        }
        try eachDelivery(of: sources) { delivery, traits, device in
            for trait in traits { crossings.add(delivery.requester, with: trait, device: device, delivery.time) }
        }
        let all = crossings.crossings.sorted { one, other in
            (one.since, names.text(one.account), names.text(one.other), one.trait.kind.rawValue, one.trait.digest)
                < (
                    other.since, names.text(other.account), names.text(other.other), other.trait.kind.rawValue,
                    other.trait.digest
                )
        }
        if all.isEmpty { return }
        try findDeliveries(all, sources, crossings)
    }

    private func addStrays(to crossings: inout IdentityCrossings) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT d.requester, c.owner, ci.clock, min(d.ts - d.early) FROM candidate c JOIN delivery d ON d.id = c.delivery
                JOIN circumstance ci ON ci.id = d.circumstance WHERE d.requester IS NOT NULL GROUP BY 1, 2, 3
                """)
        while let row = try rows.next() {
            let clock = SymbolID(rawValue: try row.decode(Int32?.self, atIndex: 2) ?? 0)
            let earliest: Int64 = try row.decode(atIndex: 3)
            crossings.addStray(
                to: SymbolID(rawValue: try row.decode(atIndex: 0)), of: SymbolID(rawValue: try row.decode(atIndex: 1)),
                at: clocks.corrected(EventTime(earliest), clock).earliest)
        }
        let unknown = try Row.fetchCursor(
            db,
            sql: """
                SELECT d.requester, ci.clock, min(d.ts - d.early) FROM unresolved u JOIN delivery d ON d.id = u.delivery
                JOIN circumstance ci ON ci.id = d.circumstance WHERE d.requester IS NOT NULL GROUP BY 1, 2
                """)
        while let row = try unknown.next() {
            let clock = SymbolID(rawValue: try row.decode(Int32?.self, atIndex: 1) ?? 0)
            let earliest: Int64 = try row.decode(atIndex: 2)
            crossings.addUnknownStray(
                to: SymbolID(rawValue: try row.decode(atIndex: 0)),
                at: clocks.corrected(EventTime(earliest), clock).earliest)
        }
    }

    /// Notes the lines that crossings leave in doubt, each at the first crossing that does.
    private mutating func findDeliveries(
        _ all: [IdentityCrossings.Crossing], _ sources: [Int64], _ crossings: IdentityCrossings
    ) throws {
        let byTrait = Dictionary(grouping: all.indices) { all[$0].trait }
        var lines: [Int: Found] = [:]
        var doubtful: Set<EventID> = []
        try eachDelivery(of: sources) { delivery, traits, device in
            for trait in traits {
                if trait.kind == .address, crossings.isBrought(device, by: delivery.requester, to: trait.digest) {
                    continue
                }
                for index in byTrait[trait] ?? []
                where all[index].concerns(delivery.requester, latest: delivery.time.latest) {
                    doubtful.insert(delivery.id)
                    let here = (delivery.time.earliest, reader.tieBreak(delivery.id), delivery.id)
                    var found = lines[index] ?? Found(crossing: all[index], first: here, last: delivery.time.stamp)
                    found.deliveries += 1
                    if (here.0, here.1) < (found.first.time, found.first.tieBreak) { found.first = here }
                    found.last = max(found.last, delivery.time.stamp)
                    lines[index] = found
                }
            }
        }
        found = all.indices.compactMap { lines[$0] }
        inDoubt = doubtful
        // A line that does not count leaves in doubt the one that does.
        let rows = try Row.fetchCursor(db, sql: "SELECT delivery, counted FROM same_answer")
        while let row = try rows.next() {
            if doubtful.contains(EventID(rawValue: try row.decode(atIndex: 0))) {
                inDoubt.insert(EventID(rawValue: try row.decode(atIndex: 1)))
            }
        }
    }

    /// Calls `body` with each delivery that has a requester and carried a frame or showed one again, its time corrected, and
    /// what its client is recognised by; and the digest of its device, 0 if the line names none.
    private func eachDelivery(
        of sources: [Int64], _ body: (Delivery, [IdentityCrossings.Trait], _ device: UInt64) throws -> Void
    ) throws {
        for source in sources {
            var sessions = try LineTags.Column(.session, of: source, db)
            var devices = try LineTags.Column(.device, of: source, db)
            var addresses = try LineTags.Column(.address, of: source, db)
            if sessions.isEmpty, devices.isEmpty, addresses.isEmpty { continue }
            try reader.eachDelivery(of: [source]) { delivery in
                guard delivery.requester.isPresent, delivery.content != .none else { return }
                let line = delivery.id.line
                var traits: [IdentityCrossings.Trait] = []
                let session = sessions.digest(ofLine: line)
                if session != 0 { traits.append(IdentityCrossings.Trait(.session, digest: session)) }
                let (device, address) = (devices.digest(ofLine: line), addresses.digest(ofLine: line))
                if device != 0 { traits.append(IdentityCrossings.Trait(.device, digest: device)) }
                if address != 0 { traits.append(IdentityCrossings.Trait(.address, digest: address)) }
                if traits.isEmpty { return }
                var delivery = delivery
                delivery.time = clocks.corrected(delivery.time, delivery.clock)
                try body(delivery, traits, device)
            }
        }
    }

    func add(to figures: inout Ledger.Figures) {
        (figures.crossings, figures.doubts.deliveries, figures.namesSessions) = (found.count, inDoubt, namesSessions)
    }

    func store() throws {
        let insert = try RowStatement("INSERT INTO identity_crossing VALUES (?,?,?,?,?,?,?,?,?,?)", db)
        for (index, one) in found.enumerated() {
            let crossing = one.crossing
            func value(_ name: SymbolID) -> DatabaseValue { name.stored?.databaseValue ?? .null }
            try insert.execute([
                (index + 1).databaseValue, value(crossing.account), value(crossing.other),
                "\(crossing.trait.kind)".databaseValue,
                Int64(bitPattern: crossing.trait.digest).databaseValue, crossing.since.databaseValue,
                one.last.databaseValue, crossing.strayed.databaseValue, one.deliveries.databaseValue,
                one.first.delivery.rawValue.databaseValue,
            ])
        }
    }
}
