public import Interning

/// How records stand in the columns of a block.
extension RecordTable {
    public mutating func add(_ delivery: Delivery, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, delivery.id.line)
        time(delivery.time)
        add(.clock, delivery.clock)
        add(.node, delivery.node)
        add(.requester, delivery.requester)
        add(.camera, delivery.camera)
        add(.key, delivery.key)
        add(.frame, delivery.frame)
        add(.owner, delivery.owner)
        add(.frameCamera, delivery.frameCamera)
        add(.cacheStatus, delivery.cacheStatus.rawValue, ifNot: 0)
        add(.cacheWord, delivery.cacheWord)
        add(.status, delivery.status, ifNot: 0)
        add(.bytes, delivery.bytes, ifNot: -1)
        add(.rttMs, delivery.rttMilliseconds, ifNot: -1)
        add(.lossBp, delivery.lossBasisPoints, ifNot: -1)
        add(.client, delivery.client)
        add(.network, delivery.network)
        add(.kind, delivery.kind)
        add(.extra, delivery.extra)
        add(.flags, delivery.flags.rawValue, ifNot: 0)
    }

    public mutating func add(_ fill: Fill, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, fill.id.line)
        time(fill.time)
        add(.clock, fill.clock)
        add(.fillKind, fill.kind.rawValue)
        add(.node, fill.node)
        add(.key, fill.key)
        add(.frame, fill.frame)
        add(.camera, fill.camera)
        add(.owner, fill.owner)
        add(.requester, fill.requester)
        add(.validator, fill.validator)
        add(.version, fill.version)
        add(.ttlS, fill.ttlSeconds, ifNot: -1)
    }

    public mutating func add(_ purge: Purge, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, purge.id.line)
        time(purge.time)
        add(.clock, purge.clock)
        add(.node, purge.node)
        add(.key, purge.key)
        add(.isExpiry, purge.isExpiry ? 1 : 0, ifNot: 0)
    }

    public mutating func add(_ rollout: Rollout, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, rollout.id.line)
        add(.time, rollout.time.stamp)
        add(.node, rollout.node)
        add(.name, rollout.name)
        add(.note, rollout.note)
    }

    public mutating func add(_ account: AccountRecord, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, account.id.line)
        add(.account, account.account)
    }

    public mutating func add(_ camera: CameraRecord, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, camera.id.line)
        add(.camera, camera.camera)
        add(.owner, camera.owner)
        add(.from, camera.owned.from)
        add(.until, camera.owned.until)
        add(.model, camera.model)
        add(.openEnds, camera.openEnds.rawValue, ifNot: 0)
    }

    public mutating func add(_ grant: GrantRecord, from source: SymbolID) {
        begin()
        add(.source, source)
        add(.line, grant.id.line)
        add(.owner, grant.owner)
        add(.camera, grant.camera)
        add(.grantee, grant.grantee)
        add(.from, grant.live.from)
        add(.until, grant.live.until)
        add(.openEnds, grant.openEnds.rawValue, ifNot: 0)
    }

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
        var delivery = Delivery(id: id, time: try time(), clock: name(.clock), node: name(.node), key: name(.key))
        delivery.requester = name(.requester)
        delivery.camera = name(.camera)
        delivery.frame = frame(.frame)
        delivery.owner = name(.owner)
        delivery.frameCamera = name(.frameCamera)
        delivery.cacheStatus = try cacheStatus()
        delivery.cacheWord = name(.cacheWord)
        delivery.status = try small(.status, absent: 0)
        delivery.bytes = number(.bytes) ?? -1
        delivery.rttMilliseconds = try small(.rttMs, absent: -1)
        delivery.lossBasisPoints = try small(.lossBp, absent: -1)
        delivery.client = name(.client)
        delivery.network = name(.network)
        delivery.kind = name(.kind)
        delivery.extra = name(.extra)
        delivery.flags = try flags()
        return delivery
    }

    public func fill(_ id: EventID) throws(ExchangeProblem) -> Fill {
        guard let number = UInt8(exactly: try needed(.fillKind)), let kind = Fill.Kind(rawValue: number) else {
            throw ExchangeProblem("a fill of a kind that no version writes")
        }
        return Fill(
            id: id, time: try time(), clock: name(.clock), kind: kind, node: name(.node), key: name(.key),
            frame: frame(.frame), camera: name(.camera), owner: name(.owner), requester: name(.requester),
            validator: frame(.validator), version: name(.version), ttlSeconds: try small(.ttlS, absent: -1))
    }

    public func purge(_ id: EventID) throws(ExchangeProblem) -> Purge {
        Purge(
            id: id, time: try time(), clock: name(.clock), node: name(.node), key: name(.key),
            isExpiry: number(.isExpiry) == 1)
    }

    public func rollout(_ id: EventID) throws(ExchangeProblem) -> Rollout {
        Rollout(
            id: id, time: EventTime(try needed(.time)), node: name(.node), name: name(.name), note: name(.note))
    }

    public func account(_ id: EventID) -> AccountRecord { AccountRecord(id: id, account: name(.account)) }

    public func camera(_ id: EventID) -> CameraRecord {
        CameraRecord(
            id: id, camera: name(.camera), owner: name(.owner),
            owned: Validity(from: number(.from), until: number(.until)), model: name(.model), openEnds: openEnds)
    }

    public func grant(_ id: EventID) -> GrantRecord {
        GrantRecord(
            id: id, owner: name(.owner), camera: name(.camera), grantee: name(.grantee),
            live: Validity(from: number(.from), until: number(.until)), openEnds: openEnds)
    }

    private var openEnds: OpenEnds { OpenEnds(rawValue: UInt8(clamping: number(.openEnds) ?? 0)) }

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
