public import Interning
public import LogRecords

/// The fills, purges, deliveries and cameras of a case in order of reading, packed as tightly as is cheap: what the
/// correlation passes over again and again at a fraction of the cost of reading rows.
///
/// A run that ingests writes it beside the case's rows; one that only correlates fills it from them. It holds nothing
/// that the case does not.
public final class EventSpool {
    /// What every delivery has.
    struct Packed: BitwiseCopyable {
        var id: Int64
        var stamp: Int64
        var key: Int32
        var requester: Int32
        var camera: Int32
        var rtt: Int32
        var loss: Int32
        /// The number of its circumstance; negative if a `Detail` belongs to it.
        var circumstance: Int32
    }

    /// What few logs have: times that are intervals, and names of the frame.
    struct Detail: BitwiseCopyable {
        var early: Int64
        var late: Int64
        var begun: Int64
        var frame: Int32
        var owner: Int32
        var frameCamera: Int32
    }

    private let fills: SpillFile<Fill>
    private let purges: SpillFile<Purge>
    private let deliveries: SpillFile<Packed>
    private let details: SpillFile<Detail>
    private let cameras: SpillFile<CameraRecord>
    var deliveryCount: Int { deliveries.count }
    /// Whether any delivery names a frame.
    public private(set) var namesFrames = false

    /// Whether any fill's line is an origin's.
    private(set) var tellsSent = false

    /// - Parameter folder: where scratch files are made if there is much to keep.
    public init(folder: String) {
        fills = SpillFile(folder: folder)
        purges = SpillFile(folder: folder)
        deliveries = SpillFile(folder: folder)
        details = SpillFile(folder: folder)
        cameras = SpillFile(folder: folder)
    }

    // MARK: Writing

    func add(_ rows: EventRows) throws {
        if !rows.fills.isEmpty {
            try fills.append(rows.fills)
            if !tellsSent { tellsSent = rows.fills.contains { $0.kind == .sent } }
        }
        if !rows.purges.isEmpty { try purges.append(rows.purges) }
        if !rows.cameras.isEmpty { try cameras.append(rows.cameras) }
        if !rows.trace.isEmpty { try deliveries.append(rows.trace) }
        if rows.details.isEmpty { return }
        if !namesFrames { namesFrames = rows.details.contains { $0.frame != 0 } }
        try details.append(rows.details)
    }

    /// Adds what one row of a case holds.
    func add(_ fill: Fill) throws {
        try fills.append(fill)
        if fill.kind == .sent { tellsSent = true }
    }

    func add(_ purge: Purge) throws { try purges.append(purge) }

    func add(_ camera: CameraRecord) throws { try cameras.append(camera) }

    func add(_ delivery: Delivery, circumstance: Int32) throws {
        let packed = Packed(delivery, circumstance)
        try deliveries.append(packed)
        if !packed.hasDetail { return }
        if delivery.frame.isPresent { namesFrames = true }
        try details.append(Detail(delivery))
    }

    // MARK: Reading

    func eachFillBlock(_ body: ([Fill]) throws -> Void) throws { try fills.eachBlock(body) }

    func eachPurge(_ body: (Purge) throws -> Void) throws {
        try purges.eachBlock { for purge in $0 { try body(purge) } }
    }

    func eachCamera(_ body: (CameraRecord) throws -> Void) throws {
        try cameras.eachBlock { for camera in $0 { try body(camera) } }
    }

    /// - Parameters:
    ///   - circumstances: by their numbers.
    ///   - keys: the keys of the deliveries that are wanted; nil: all.
    func eachDelivery(
        _ circumstances: [DeliveryContext?], under keys: SymbolSet? = nil,
        _ body: (Delivery, _ circumstance: Int32) throws -> Void
    ) throws {
        let details = DetailCursor(details)
        try deliveries.eachBlock { block in
            for packed in block {
                let detail = packed.hasDetail ? try details.next() : nil
                if let keys, !keys.contains(SymbolID(rawValue: packed.key)) { continue }
                let number = abs(packed.circumstance)
                let shared = try DeliveryContext.numbered(
                    Int(number), in: circumstances, of: EventID(rawValue: packed.id))
                try body(Delivery(packed, detail, shared), number)
            }
        }
    }

    /// What a delivery is first looked at by.
    public struct Brief {
        public var id: EventID
        public var requester: SymbolID
        public var camera: SymbolID
        public var key: SymbolID
        public var circumstance: Int32
    }

    /// Calls `body` with each delivery of some requesters, cameras or keys, until it returns false.
    func eachBrief(_ wanted: (requesters: SymbolSet, cameras: SymbolSet, keys: SymbolSet), _ body: (Brief) -> Bool)
        throws
    {
        let (requesters, cameras, keys) = wanted
        struct Enough: Error {}
        do {
            try deliveries.eachBlock { block in
                for packed in block {
                    let (requester, camera, key) = (packed.requester, packed.camera, packed.key)
                    guard
                        requesters.contains(SymbolID(rawValue: requester))
                            || cameras.contains(SymbolID(rawValue: camera))
                            || keys.contains(SymbolID(rawValue: key))
                    else { continue }
                    let brief = Brief(
                        id: EventID(rawValue: packed.id), requester: SymbolID(rawValue: requester),
                        camera: SymbolID(rawValue: camera), key: SymbolID(rawValue: key),
                        circumstance: abs(packed.circumstance))
                    if !body(brief) { throw Enough() }
                }
            }
        } catch is Enough {}
    }

    /// The same events, but for the lines of answers that count by another line.
    ///
    /// - Parameters:
    ///   - folder: where scratch files are made if there is much to keep.
    ///   - circumstances: by their numbers, those of `answers` included.
    func merging(_ answers: SameAnswers, _ circumstances: [DeliveryContext?], folder: String) throws -> EventSpool {
        let merged = EventSpool(folder: folder)
        try purges.eachBlock { for purge in $0 { try merged.add(purge) } }
        try cameras.eachBlock { for camera in $0 { try merged.cameras.append(camera) } }
        let told = try answers.toldTwice(fills)
        try fills.eachBlock { for fill in $0 where !told.contains(fill.id) { try merged.add(fill) } }
        try eachDelivery(circumstances) { delivery, number in
            guard !answers.setAside.contains(delivery.id) else { return }
            if answers.changed.contains(delivery.id), let completed = answers.completed[delivery.id] {
                try merged.add(completed.delivery, circumstance: completed.circumstance)
            } else {
                try merged.add(delivery, circumstance: number)
            }
        }
        return merged
    }

    /// Reads the details in step with the deliveries that they belong to.
    private final class DetailCursor {
        private let file: SpillFile<Detail>
        private var block: [Detail] = []
        private var place = 0
        private var reached = 0

        init(_ file: SpillFile<Detail>) { self.file = file }

        func next() throws -> Detail {
            if place == block.count {
                block = try file.rows(from: reached)
                reached += block.count
                place = 0
            }
            defer { place += 1 }
            return block[place]
        }
    }
}

extension EventSpool.Packed {
    init(_ delivery: Delivery, _ circumstance: Int32) {
        self.init(
            id: delivery.id.rawValue, stamp: delivery.time.stamp, key: delivery.key.rawValue,
            requester: delivery.requester.rawValue, camera: delivery.camera.rawValue, rtt: delivery.rttMilliseconds,
            loss: delivery.lossBasisPoints, circumstance: delivery.isPlain ? circumstance : -circumstance)
    }

    var hasDetail: Bool { circumstance < 0 }
}

extension EventSpool.Detail {
    init(_ delivery: Delivery) {
        let time = delivery.time
        self.init(
            early: time.stamp - time.earliest, late: time.latest - time.stamp, begun: time.begunBy - time.earliest,
            frame: delivery.frame.rawValue, owner: delivery.owner.rawValue, frameCamera: delivery.frameCamera.rawValue)
    }
}

extension Delivery {
    init(_ packed: EventSpool.Packed, _ detail: EventSpool.Detail?, _ shared: DeliveryContext) {
        let stamp = packed.stamp
        let earliest = stamp - (detail?.early ?? 0)
        self.init(
            id: EventID(rawValue: packed.id),
            time: EventTime(
                stamp: stamp, earliest: earliest, latest: stamp + (detail?.late ?? 0),
                begunBy: earliest + (detail?.begun ?? 0)),
            requester: SymbolID(rawValue: packed.requester), camera: SymbolID(rawValue: packed.camera),
            key: SymbolID(rawValue: packed.key), frame: SymbolID(rawValue: detail?.frame ?? 0),
            owner: SymbolID(rawValue: detail?.owner ?? 0), frameCamera: SymbolID(rawValue: detail?.frameCamera ?? 0),
            rttMilliseconds: packed.rtt, lossBasisPoints: packed.loss)
        shared.apply(to: &self)
    }
}
