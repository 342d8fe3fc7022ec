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
        encode(fills, &rows.cells[EventRows.fill])
        for purge in rows.purges {
            rows.cells[EventRows.purge].add(purge.id.rawValue) {
                $0.set(purge.time.stamp)
                $0.set(purge.time.stamp - purge.time.earliest)
                $0.set(purge.time.latest - purge.time.stamp)
                $0.set(purge.clock)
                $0.set(purge.node)
                $0.set(purge.key)
                $0.set(purge.isExpiry ? 1 : 0)
            }
        }
        for rollout in batch.rollouts {
            rows.cells[EventRows.rollout].add(rollout.id.rawValue) {
                $0.set(rollout.time.stamp)
                $0.set(rollout.node)
                $0.set(rollout.name)
                $0.set(rollout.note)
            }
        }
        for account in batch.accounts {
            rows.cells[EventRows.account].add(account.id.rawValue) { $0.set(account.account) }
        }
        rows.cameras = batch.cameras
        for camera in batch.cameras {
            rows.cells[EventRows.camera].add(camera.id.rawValue) {
                $0.set(camera.camera)
                $0.set(camera.owner)
                $0.set(camera.owned.from ?? RowEncoder.null)
                $0.set(camera.owned.until ?? RowEncoder.null)
                $0.set(camera.model)
                $0.set(Int64(camera.openEnds.rawValue))
            }
        }
        for grant in batch.grants {
            rows.cells[EventRows.granted].add(grant.id.rawValue) {
                $0.set(grant.owner)
                $0.set(grant.camera)
                $0.set(grant.grantee)
                $0.set(grant.live.from ?? RowEncoder.null)
                $0.set(grant.live.until ?? RowEncoder.null)
                $0.set(Int64(grant.openEnds.rawValue))
            }
        }
        return rows
    }

    private mutating func encode(_ deliveries: [Delivery], _ rows: inout EventRows) {
        rows.trace.reserveCapacity(deliveries.count)
        rows.cells[EventRows.delivery].reserve(deliveries.count)
        for delivery in deliveries {
            let circumstance = circumstances.number(of: delivery)
            let packed = EventSpool.Packed(delivery, circumstance)
            rows.trace.append(packed)
            let detail = packed.hasDetail ? EventSpool.Detail(delivery) : nil
            if let detail { rows.details.append(detail) }
            rows.cells[EventRows.delivery].add(delivery.id.rawValue) {
                $0.set(delivery.time.stamp)
                $0.set(delivery.key)
                $0.set(delivery.requester)
                $0.set(delivery.camera)
                $0.set(Int64(circumstance))
                $0.set(delivery.bytes, ifNot: -1)
                $0.set(Int64(delivery.rttMilliseconds), ifNot: -1)
                $0.set(Int64(delivery.lossBasisPoints), ifNot: -1)
                guard let detail else { return }
                $0.set(detail.early)
                $0.set(detail.late)
                $0.set(detail.begun)
                $0.set(delivery.frame)
                $0.set(delivery.owner)
                $0.set(delivery.frameCamera)
            }
        }
    }

    private func encode(_ fills: [Fill], _ cells: inout RowEncoder) {
        cells.reserve(fills.count)
        for fill in fills {
            cells.add(fill.id.rawValue) {
                $0.set(fill.time.stamp)
                $0.set(fill.time.stamp - fill.time.earliest)
                $0.set(fill.time.latest - fill.time.stamp)
                $0.set(fill.clock)
                $0.set(Int64(fill.kind.rawValue))
                $0.set(fill.node)
                $0.set(fill.key)
                $0.set(fill.frame)
                $0.set(fill.camera)
                $0.set(fill.owner)
                $0.set(fill.requester)
                $0.set(fill.validator)
                $0.set(fill.version)
                $0.set(Int64(fill.ttlSeconds), ifNot: -1)
            }
        }
    }
}

/// The rows of a batch of records, ready for `EventWriter`.
public struct EventRows: Sendable {
    /// The tables, in the order of `cells`.
    static let tables = ["name", "frame", "delivery", "fill", "purge", "rollout", "account", "camera", "granted"]
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

extension RowEncoder.Record {
    /// Sets NULL for the value that stands for "the line does not say".
    @inline(__always)
    fileprivate mutating func set(_ value: Int64, ifNot absent: Int64) {
        set(value == absent ? RowEncoder.null : value)
    }

    @inline(__always)
    fileprivate mutating func set(_ name: SymbolID) { set(name.isPresent ? Int64(name.rawValue) : RowEncoder.null) }
}
