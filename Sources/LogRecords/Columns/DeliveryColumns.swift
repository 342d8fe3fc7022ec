public import Interning

/// A row of the table `delivery`.
///
/// It stands for [ts-early, ts+late], and the answer had begun by ts-early+begun. What many deliveries have in common stands
/// in another row, whose number it has.
public struct DeliveryRow: EventRecord {
    public static let table = "delivery"

    public var delivery: Delivery
    /// The number of its row in `circumstance`.
    public var circumstance: Int64

    @inlinable @inline(__always)
    public init(_ delivery: Delivery, circumstance: Int64) {
        (self.delivery, self.circumstance) = (delivery, circumstance)
    }

    @inlinable public var id: EventID { delivery.id }

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(Delivery(reading: id), circumstance: 0) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.stamp(&delivery.time)
        visitor.name("key", &delivery.key, .key, .key, "The cache key.")
        visitor.name("requester", &delivery.requester, .person, .requester, "The account that asked.")
        visitor.name("camera", &delivery.camera, .person, .camera, "The camera that was asked for.")
        visitor.visit(
            EventColumn(
                "circumstance", .row, .impossible, reference: "circumstance", "What it has in common with others."),
            &circumstance)
        visitor.number("bytes", &delivery.bytes, absent: -1, .bytes, "Bytes sent.")
        visitor.number("rtt_ms", &delivery.rttMilliseconds, absent: -1, .rttMs, "Round-trip time, milliseconds.")
        visitor.number(
            "loss_bp", &delivery.lossBasisPoints, absent: -1, .lossBp, "Packet loss, hundredths of a percent.")
        if visitor.beginRareColumns() { delivery.visitRareColumns(&visitor) }
    }
}

/// A row of the table `circumstance`: what many deliveries have in common, each combination once.
public struct DeliveryContextRow: EventRecord {
    public static let table = "circumstance"

    /// Of one that has it.
    public var delivery: Delivery

    /// - Parameter number: the row's.
    @inlinable @inline(__always)
    public init(_ delivery: Delivery, number: Int64) {
        self.delivery = delivery
        self.delivery.id = EventID(rawValue: number)
    }

    /// The row's number.
    @inlinable public var id: EventID { delivery.id }

    @inlinable @inline(__always)
    public init(reading id: EventID) { delivery = Delivery(reading: id) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        delivery.visitContext(&visitor)
    }
}

extension Delivery {
    /// A delivery whose columns are still to be read.
    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, time: EventTime(0)) }

    /// The columns of a delivery that most lines leave out.
    @inlinable @inline(__always)
    public mutating func visitRareColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.ends(&time, .zero)
        visitor.begun(&time)
        visitor.frame("frame", &frame, .frame, "The frame id that the line names.")
        visitor.name("owner", &owner, .person, .owner, "The frame's owner that the line names.")
        visitor.name(
            "frame_camera", &frameCamera, .person, .frameCamera, "The camera of the frame that the line names.")
    }

    /// The columns of `circumstance`: what many deliveries have in common.
    ///
    /// A name here must come from a role that is repetitive (`Role.isRepetitive`), so that it has its symbol when contexts are
    /// compared; all others belong to the row, and are settled in `RecordBatch.settle`.
    @inlinable @inline(__always)
    public mutating func visitContext<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.name("clock", &clock, .shown, .clock, "Whose clock made the time stamp.")
        visitor.name("node", &node, .shown, .node, "The node that answered.")
        visitor.name("client", &client, .shown, .client, "The kind of client.")
        visitor.name("network", &network, .shown, .network, "The client's network.")
        visitor.name("kind", &kind, .shown, .kind, "thumbnail, still, clip or stream.")
        visitor.name("cache_word", &cacheWord, .shown, .cacheWord, "The server's own word for `cache_status`.")
        visitor.number("status", &status, absent: 0, .status, "The HTTP status.")
        var code = cacheStatus.rawValue
        visitor.code("cache_status", &code, .cacheStatus, "What the cache did, as `CacheStatus` numbers it.")
        cacheStatus = CacheStatus(rawValue: code) ?? .unknown
        var content = content.rawValue
        visitor.code(
            "content", &content, nil, "What the answer carried: 0 a frame, 1 shown again (304), 2 none.",
            note: "0 a frame, 1 shown again (304), 2 none")
        // The row itself says how many bytes there were.
        if content == Content.none.rawValue { bytes = 0 }
        var bits = flags.rawValue
        visitor.code("flags", &bits, .flags, "What else the line says, as `Delivery.Flags` has it.")
        flags = Flags(rawValue: bits)
        visitor.name(
            "extra", &extra, .concealed, .extra,
            "The profile's extra fields as `name=value`, separated by char(31).",
            note: "What the profile maps beyond these: firmware=4.1, then char(31), then site=eu.", isNoteAbove: true)
    }

    /// Whether it has none of what most lines leave out.
    @inlinable @inline(__always)
    public var isPlain: Bool {
        var (check, copy) = (AbsenceCheck(), self)
        copy.visitRareColumns(&check)
        return check.isEmpty
    }
}

/// Whether columns are all absent.
@usableFromInline
struct AbsenceCheck: ColumnVisitor {
    @usableFromInline var isEmpty = true

    @inlinable @inline(__always)
    init() {}

    @inlinable @inline(__always)
    mutating func visit(_ column: EventColumn, _ value: inout Int64) {
        let absent: Int64 =
            switch column.absence {
            case .null: EventColumn.null
            case .zero, .impossible: 0
            }
        if value != absent { isEmpty = false }
    }

    @inlinable @inline(__always)
    mutating func visit(_ column: EventColumn, _ symbol: inout SymbolID) { if symbol.rawValue != 0 { isEmpty = false } }
}
