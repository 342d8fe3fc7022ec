import Interning
public import LogRecords

/// Makes the rows of a case's event tables out of records. One for each reading thread.
public struct EventEncoder {
    private var circumstances: DeliveryContextCache

    public init(_ table: DeliveryContextTable) { circumstances = DeliveryContextCache(table) }

    /// The rows of a batch. Its records must come from one source.
    public mutating func encode(_ batch: RecordBatch) -> EventRows {
        var rows = EventRows()
        // A record of several lines stands where its first line does, which may be before one that ended earlier.
        let deliveries = batch.deliveries.inOrder { $0.id }
        let fills = batch.fills.inOrder { $0.id }
        // As the rows hold them: of a delivery alone it is kept when it had begun.
        rows.fills = fills.map { fill in
            var fill = fill
            fill.time.begunBy = fill.time.latest
            return fill
        }
        rows.purges = batch.purges.inOrder { $0.id }.map { purge in
            var purge = purge
            purge.time.begunBy = purge.time.latest
            return purge
        }
        encode(deliveries, &rows)
        encode(fills, to: &rows.cells[EventRows.fill])
        encode(rows.purges, to: &rows.cells[EventRows.purge])
        encode(batch.rollouts, to: &rows.cells[EventRows.rollout])
        encode(batch.accounts, to: &rows.cells[EventRows.account])
        rows.cameras = batch.cameras
        encode(batch.cameras, to: &rows.cells[EventRows.camera])
        encode(batch.grants, to: &rows.cells[EventRows.granted])
        return rows
    }

    private mutating func encode(_ deliveries: [Delivery], _ rows: inout EventRows) {
        rows.trace.reserveCapacity(deliveries.count)
        rows.cells[EventRows.delivery].reserve(deliveries.count)
        for delivery in deliveries {
            let circumstance = circumstances.number(of: delivery)
            let packed = EventSpool.Packed(delivery, circumstance)
            rows.trace.append(packed)
            if packed.hasDetail { rows.details.append(EventSpool.Detail(delivery)) }
            rows.cells[EventRows.delivery].add(
                DeliveryRow(delivery, circumstance: Int64(circumstance)), endsEarly: !packed.hasDetail)
        }
    }

    private func encode<Record: EventRecord>(_ records: [Record], to cells: inout RowEncoder) {
        cells.reserve(records.count)
        for record in records { cells.add(record) }
    }
}

/// The rows of a batch of records, ready for `EventWriter`.
public struct EventRows: Sendable {
    /// The tables, in the order of `cells`.
    static let tables = ["name", "frame"] + EventTable.all.map(\.name)
    static let (name, frame, delivery, fill, purge, rollout, account, camera, granted) = (0, 1, 2, 3, 4, 5, 6, 7, 8)
    /// The tables whose rows are read from a source are those from here on.
    static let firstOfSources = delivery

    var cells = [RowEncoder](repeating: RowEncoder(), count: EventRows.tables.count)
    // For the trace.
    var trace: [EventSpool.Packed] = []
    var details: [EventSpool.Detail] = []
    var fills: [Fill] = []
    var purges: [Purge] = []
    var cameras: [CameraRecord] = []

    /// How many there are, of all tables.
    public var count: Int { cells.reduce(0) { $0 + $1.count } }
}

extension Array {
    /// The elements by rising key; nearly always they are so already.
    @inline(__always)
    func inOrder<Key: Comparable>(_ key: (Element) -> Key) -> [Element] {
        guard var last = first.map(key) else { return self }
        for element in dropFirst() {
            let next = key(element)
            if next < last { return sorted { key($0) < key($1) } }
            last = next
        }
        return self
    }
}
