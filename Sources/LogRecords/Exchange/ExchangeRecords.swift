public import Interning

/// How records stand in the columns of a block.
extension RecordTable {
    public mutating func add(_ delivery: Delivery, from source: SymbolID) {
        // Which of its contexts it has is the case's affair: a block has what is in it.
        begin(DeliveryRow(delivery, circumstance: 0), from: source)
        time(delivery.time)
        var shared = delivery
        shared.visitContext(&self)
    }

    public mutating func add(_ fill: Fill, from source: SymbolID) {
        begin(fill, from: source)
        time(fill.time)
    }

    public mutating func add(_ purge: Purge, from source: SymbolID) {
        begin(purge, from: source)
        time(purge.time)
    }

    public mutating func add(_ rollout: Rollout, from source: SymbolID) {
        begin(rollout, from: source)
        add(.time, rollout.time.stamp)
    }

    /// Adds a row of a table of the directory, which has no time of its own.
    public mutating func add(_ account: AccountRecord, from source: SymbolID) { begin(account, from: source) }
    public mutating func add(_ camera: CameraRecord, from source: SymbolID) { begin(camera, from: source) }
    public mutating func add(_ grant: GrantRecord, from source: SymbolID) { begin(grant, from: source) }

    public mutating func add(_ reject: RejectRow, from source: SymbolID) { begin(reject, from: source) }

    /// Ends are told by how far they are from the stamp, which is the same in most lines of a log.
    private mutating func time(_ time: EventTime) {
        add(.time, time.stamp)
        add(.earliest, time.stamp &- time.earliest, ifNot: 0)
        add(.latest, time.latest &- time.stamp, ifNot: 0)
        add(.begunBy, time.latest &- time.begunBy, ifNot: 0)
    }
}

extension RecordBlock {
    public func delivery(_ id: EventID) throws(ExchangeProblem) -> Delivery {
        // What no version writes is refused, where a case would show it as unknown.
        (_, _) = (try cacheStatus(), try flags())
        var columns = BlockColumns(self)
        var row = DeliveryRow(reading: id)
        row.delivery.visitContext(&columns)
        // Last, for it knows the bytes.
        row.visitColumns(&columns)
        if let problem = columns.problem { throw problem }
        row.delivery.time = try time()
        return row.delivery
    }

    public func fill(_ id: EventID) throws(ExchangeProblem) -> Fill {
        guard let number = UInt8(exactly: try needed(.fillKind)), Fill.Kind(rawValue: number) != nil else {
            throw ExchangeProblem("a fill of a kind that no version writes")
        }
        var fill = try record(id, Fill.self)
        fill.time = try time()
        return fill
    }

    public func purge(_ id: EventID) throws(ExchangeProblem) -> Purge {
        var purge = try record(id, Purge.self)
        purge.time = try time()
        return purge
    }

    public func rollout(_ id: EventID) throws(ExchangeProblem) -> Rollout {
        var rollout = try record(id, Rollout.self)
        rollout.time = EventTime(try needed(.time))
        return rollout
    }

    public func account(_ id: EventID) throws(ExchangeProblem) -> AccountRecord { try record(id) }
    public func camera(_ id: EventID) throws(ExchangeProblem) -> CameraRecord { try record(id) }
    public func grant(_ id: EventID) throws(ExchangeProblem) -> GrantRecord { try record(id) }
    public func reject(_ id: EventID) throws(ExchangeProblem) -> RejectRow { try record(id) }

    public func cacheStatus() throws(ExchangeProblem) -> CacheStatus {
        guard let number = UInt8(exactly: number(.cacheStatus) ?? 0), let status = CacheStatus(rawValue: number) else {
            throw ExchangeProblem("a cache status that no version writes")
        }
        return status
    }

    public func flags() throws(ExchangeProblem) -> Delivery.Flags {
        guard let number = UInt8(exactly: number(.flags) ?? 0) else {
            throw ExchangeProblem("flags that no version writes")
        }
        return Delivery.Flags(rawValue: number)
    }

    /// The earliest moment of an event, which the order of a key's events goes by.
    public func earliest() throws(ExchangeProblem) -> Int64 {
        let time = try needed(.time)
        guard !hasAny(.earliest) else { return try self.time().earliest }
        return time
    }

    private func time() throws(ExchangeProblem) -> EventTime {
        let stamp = try needed(.time)
        let (earliest, early) = stamp.subtractingReportingOverflow(number(.earliest) ?? 0)
        let (latest, late) = stamp.addingReportingOverflow(number(.latest) ?? 0)
        let (begunBy, long) = latest.subtractingReportingOverflow(number(.begunBy) ?? 0)
        // Times are reckoned with: they are kept where no sum of two overflows.
        guard !early, !late, !long, [stamp, earliest, latest, begunBy].allSatisfy(Self.times.contains) else {
            throw ExchangeProblem("a time that no calendar has")
        }
        return EventTime(stamp: stamp, earliest: earliest, latest: latest, begunBy: begunBy)
    }

    /// Some hundred thousand years around 1970.
    private static let times = -(Int64.max >> 2)...Int64.max >> 2
}

/// Which records are judged together, and where: by what they have in common.
public struct ExchangePlace: Hashable, Sendable {
    /// A digest of the key; of a record without one, of its frame or else its source, for nothing that is stored decides about
    /// it: it may lie anywhere, but not all such records in one place.
    public let digest: UInt64

    private static let keyless: UInt64 = 0x9e37_79b9_7f4a_7c15

    init(key digest: UInt64) { self.digest = digest }
    init(keyless digest: UInt64) { self.digest = digest ^ Self.keyless }

    /// Which of so many parts of a job it is in: the first has the lowest digests.
    public static func part(_ digest: UInt64, of parts: Int) -> Int {
        Int(digest.multipliedFullWidth(by: UInt64(parts)).high)
    }
}

extension RecordBlock {
    /// Whether it says who names a frame: such records lie together by frame, and all others by key.
    private var isOfFrame: Bool { type == .frameFill || type == .frameUse }

    /// Where the record is judged.
    public func place() -> ExchangePlace {
        if isOfFrame { return ExchangePlace(key: digest(.frame) ?? 0) }
        if let digest = digest(.key) { return ExchangePlace(key: digest) }
        return ExchangePlace(keyless: digest(.frame) ?? digest(.source) ?? 0)
    }

    /// What the record is judged together with: the number of its key or, without one, of its frame or source, below zero.
    public func group() -> Int32 {
        if isOfFrame { return name(.frame).rawValue }
        let key = name(.key)
        if key.isPresent { return key.rawValue }
        let frame = name(.frame)
        return -(frame.isPresent ? frame : name(.source)).rawValue
    }

    /// The same in words, and whether it is no key.
    public func groupText() -> (isKeyless: Bool, text: String) {
        if isOfFrame { return (false, text(.frame) ?? "") }
        if let key = text(.key) { return (false, key) }
        return (true, text(.frame) ?? text(.source) ?? "")
    }
}

extension RecordBlock {
    /// A digest of the record's frame id; nil without one.
    public func frameDigest() -> UInt64? { digest(.frame) }
}

/// Digests of names, each reckoned once.
public struct NameDigests {
    private let names: StringInterner
    /// By the name's number; 0: not reckoned yet.
    private var digests: [UInt64] = []

    public init(_ names: StringInterner) { self.names = names }

    public mutating func digest(_ name: SymbolID) -> UInt64 {
        let place = Int(name.rawValue)
        if place >= digests.count {
            digests.append(contentsOf: repeatElement(0, count: max(place + 1, digests.count * 2) - digests.count))
        }
        if digests[place] == 0 {
            var text = names.text(name)
            digests[place] = text.withUTF8 { StringInterner.hash(UnsafeRawBufferPointer($0)) }
        }
        return digests[place]
    }

    /// As `RecordBlock.place` has it.
    public mutating func place(key: SymbolID, frame: SymbolID, source: SymbolID) -> ExchangePlace {
        if key.isPresent { return ExchangePlace(key: digest(key)) }
        return ExchangePlace(keyless: digest(frame.isPresent ? frame : source))
    }
}
