import Interning
import LogRecords

/// Gathers deliveries, fills and purges until there are enough of them for blocks, and then writes them part by part, each
/// part in the order in which it is judged.
struct EventBuffer {
    private let parts: Int
    private var digests: NameDigests
    private var deliveries: [Delivery] = []
    private var fills: [Fill] = []
    private var purges: [Purge] = []
    /// By the number of a source: its tag.
    private var tags: [SymbolID] = []
    private let names: StringInterner
    /// How many records are kept, some hundred bytes each.
    private static let most = 1 << 19

    init(_ names: StringInterner, parts: Int) {
        (self.names, self.parts) = (names, parts)
        digests = NameDigests(names)
    }

    /// Begins a source.
    ///
    /// - Returns: the number that the ids of its records name it by.
    mutating func begin(_ tag: SymbolID) -> Int64 {
        tags.append(tag)
        return Int64(tags.count - 1)
    }

    mutating func add(_ delivery: Delivery) { deliveries.append(delivery) }
    mutating func add(_ fill: Fill) { fills.append(fill) }
    mutating func add(_ purge: Purge) { purges.append(purge) }

    var isFull: Bool { deliveries.count + fills.count + purges.count >= Self.most }

    /// Writes all that was gathered.
    mutating func write(to output: BlockOutput) throws {
        let delivered = places(of: deliveries) { ($0.key, $0.frame, $0.time, $0.id) }
        try write(delivered, .delivery, output) { $0.add(deliveries[$1], from: tags[Int(deliveries[$1].id.source)]) }
        try writeUses(to: output)
        for (type, some) in [
            (ExchangeType.fill, fills.filter { $0.kind != .sent }), (.sent, fills.filter { $0.kind == .sent }),
        ] {
            let inOrder = places(of: some) { ($0.key, $0.frame, $0.time, $0.id) }
            try write(inOrder, type, output) { $0.add(some[$1], from: tags[Int(some[$1].id.source)]) }
        }
        let purged = places(of: purges) { ($0.key, .absent, $0.time, $0.id) }
        try write(purged, .purge, output) { $0.add(purges[$1], from: tags[Int(purges[$1].id.source)]) }
        deliveries.removeAll(keepingCapacity: true)
        fills.removeAll(keepingCapacity: true)
        purges.removeAll(keepingCapacity: true)
    }

    private typealias Traits = (key: SymbolID, frame: SymbolID, time: EventTime, id: EventID)

    /// Where a record is judged, and which it is.
    private struct Place {
        var digest: UInt64
        var earliest: Int64
        var index: Int32
    }

    private mutating func places<Event>(of events: [Event], _ traits: (Event) -> Traits) -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            let (key, frame, time, id) = traits(event)
            let place = digests.place(key: key, frame: frame, source: tags[Int(id.source)])
            places.append(Place(digest: place.digest, earliest: time.earliest, index: Int32(index)))
        }
        return places
    }

    /// Writes blocks of the records at these places, in their order.
    private func write(
        _ unsorted: [Place], _ type: ExchangeType, _ output: BlockOutput, _ add: (inout RecordTable, Int) -> Void
    ) throws {
        let places = unsorted.sorted { ($0.digest, $0.earliest, $0.index) < ($1.digest, $1.earliest, $1.index) }
        var table = RecordTable(names)
        var start = 0
        for (place, one) in places.enumerated() {
            add(&table, Int(one.index))
            let part = ExchangePlace.part(one.digest, of: parts)
            let isLast =
                place + 1 == places.count || table.count == BlockOutput.blockRows
                || ExchangePlace.part(places[place + 1].digest, of: parts) != part
            guard isLast else { continue }
            try output.write(&table, type, part: part, first: places[start].digest, last: one.digest)
            table.removeAll()
            start = place + 1
        }
    }

    // MARK: Frames

    private struct Use: Hashable {
        var frame: SymbolID
        var key: SymbolID
    }

    /// Writes which keys' deliveries name a frame, each once.
    private mutating func writeUses(to output: BlockOutput) throws {
        var met: Set<Use> = []
        var uses: [Use] = []
        for delivery in deliveries where delivery.frame.isPresent {
            let use = Use(frame: delivery.frame, key: delivery.key)
            if met.insert(use).inserted { uses.append(use) }
        }
        var places: [Place] = []
        for (index, use) in uses.enumerated() {
            places.append(Place(digest: digests.digest(use.frame), earliest: 0, index: Int32(index)))
        }
        try write(places, .frameUse, output) {
            $0.begin()
            $0.add(.frame, uses[$1].frame)
            $0.add(.key, uses[$1].key)
        }
    }
}
