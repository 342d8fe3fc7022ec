/// How records stand in lines of a job.
///
/// A record's `group` says what must lie together, its `order` how it lies there; both come first in the line, so that
/// a plain sort of the lines' bytes brings them into the order in which `strayframe sweep` wants them. Fills and purges
/// stand twice: once ahead of their key's other lines, and once in their place in time.
extension ExchangeText {
    /// Whether a fill or purge stands ahead of its key's other lines.
    public enum Place: Sendable { case ahead, inTime }

    public mutating func write(_ delivery: Delivery, from source: String) {
        begin(delivery.key, orFrame: delivery.frame, source, Self.order(delivery.time.earliest), .delivery)
        place(source, delivery.id)
        time(delivery.time)
        add(.clock, delivery.clock)
        add(.node, delivery.node)
        add(.requester, delivery.requester)
        add(.camera, delivery.camera)
        add(.frame, delivery.frame)
        add(.owner, delivery.owner)
        add(.frameCamera, delivery.frameCamera)
        add(
            .cacheStatus,
            delivery.cacheStatus == .unknown ? nil : CacheStatus.labels[Int(delivery.cacheStatus.rawValue)])
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
        end()
    }

    public mutating func write(_ fill: Fill, from source: String, _ place: Place) {
        let order = place == .ahead ? "0 fill" : Self.order(fill.time.earliest)
        begin(fill.key, orFrame: fill.frame, source, order, .fill)
        self.place(source, fill.id)
        time(fill.time)
        add(.clock, fill.clock)
        add(.kind, Fill.Kind.labels[Int(fill.kind.rawValue)])
        add(.node, fill.node)
        add(.frame, fill.frame)
        add(.camera, fill.camera)
        add(.owner, fill.owner)
        add(.requester, fill.requester)
        add(.validator, fill.validator)
        add(.version, fill.version)
        add(.ttlS, fill.ttlSeconds, ifNot: -1)
        end()
    }

    public mutating func write(_ purge: Purge, from source: String, _ place: Place) {
        let order = place == .ahead ? "0 purge" : Self.order(purge.time.earliest)
        begin(purge.key, orFrame: .absent, source, order, .purge)
        self.place(source, purge.id)
        time(purge.time)
        add(.clock, purge.clock)
        add(.node, purge.node)
        add(.kind, purge.isExpiry ? "expiry" : nil)
        end()
    }

    public mutating func write(_ rollout: Rollout, from source: String) {
        line(.rollout) {
            $0.place(source, rollout.id)
            $0.add(.time, rollout.time.stamp)
            $0.add(.node, rollout.node)
            $0.add(.name, rollout.name)
            $0.add(.note, rollout.note)
        }
    }

    public mutating func write(_ account: AccountRecord, from source: String) {
        line(.account) {
            $0.place(source, account.id)
            $0.add(.account, account.account)
        }
    }

    public mutating func write(_ camera: CameraRecord, from source: String) {
        line(.camera) {
            $0.place(source, camera.id)
            $0.add(.camera, camera.camera)
            $0.add(.owner, camera.owner)
            $0.add(.from, camera.owned.from)
            $0.add(.until, camera.owned.until)
            $0.add(.model, camera.model)
            $0.add(.openEnds, camera.openEnds.isEmpty ? nil : camera.openEnds.rawValue)
        }
    }

    public mutating func write(_ grant: GrantRecord, from source: String) {
        line(.grant) {
            $0.place(source, grant.id)
            $0.add(.owner, grant.owner)
            $0.add(.camera, grant.camera)
            $0.add(.grantee, grant.grantee)
            $0.add(.from, grant.live.from)
            $0.add(.until, grant.live.until)
            $0.add(.openEnds, grant.openEnds.isEmpty ? nil : grant.openEnds.rawValue)
        }
    }

    /// Adds where a record was read from.
    public mutating func place(_ source: String, _ id: EventID) {
        add(.source, source)
        add(.line, id.line)
    }

    /// Begins a line that lies in a group.
    private mutating func begin(
        _ key: NameID, orFrame frame: NameID, _ source: String, _ order: String, _ type: ExchangeType
    ) {
        begin()
        if key.isPresent {
            add(.group, "key \(names.text(key))")
        } else {
            // Nothing that is stored decides about it; it may lie anywhere, but not all such lines in one place.
            add(.group, frame.isPresent ? "frame \(names.text(frame))" : "source \(source)")
        }
        add(.order, order)
        add(.type, type.rawValue)
    }

    private mutating func time(_ time: EventTime) {
        add(.time, time.stamp)
        if time.earliest != time.stamp { add(.earliest, time.earliest) }
        if time.latest != time.stamp { add(.latest, time.latest) }
        if time.begunBy != time.latest { add(.begunBy, time.begunBy) }
    }

    /// Nineteen digits, so that texts are in order of time; what was before 1970 comes before.
    private static func order(_ earliest: Int64) -> String {
        let digits = String(earliest < 0 ? Int64.max + earliest : earliest)
        return (earliest < 0 ? "1 " : "2 ") + String(repeating: "0", count: 19 - digits.count) + digits
    }
}

extension ExchangeLine {
    /// The key of the line's group; absent if it has none.
    public func key() -> NameID {
        guard let group = text(.group), group.hasPrefix("key ") else { return .absent }
        return names.intern(group.dropFirst(4))
    }

    /// Whether the line stands ahead of its group's lines in time.
    public var isAhead: Bool { text(.order)?.hasPrefix("0") == true }

    public func delivery(_ id: EventID) throws -> Delivery {
        var delivery = Delivery(id: id, time: try time(), clock: name(.clock), node: name(.node), key: key())
        delivery.requester = name(.requester)
        delivery.camera = name(.camera)
        delivery.frame = frame(.frame)
        delivery.owner = name(.owner)
        delivery.frameCamera = name(.frameCamera)
        delivery.cacheStatus = try word(.cacheStatus, CacheStatus.allCases, CacheStatus.labels) ?? .unknown
        delivery.cacheWord = name(.cacheWord)
        delivery.status = try small(.status, absent: 0)
        delivery.bytes = try number(.bytes) ?? -1
        delivery.rttMilliseconds = try small(.rttMs, absent: -1)
        delivery.lossBasisPoints = try small(.lossBp, absent: -1)
        delivery.client = name(.client)
        delivery.network = name(.network)
        delivery.kind = name(.kind)
        delivery.extra = name(.extra)
        delivery.flags = Delivery.Flags(rawValue: UInt8(truncatingIfNeeded: try small(.flags, absent: 0)))
        return delivery
    }

    public func fill(_ id: EventID) throws -> Fill {
        guard let kind = try word(.kind, Fill.Kind.allCases, Fill.Kind.labels) else {
            throw ExchangeProblem("a fill without its kind")
        }
        return Fill(
            id: id, time: try time(), clock: name(.clock), kind: kind, node: name(.node), key: key(),
            frame: frame(.frame), camera: name(.camera), owner: name(.owner), requester: name(.requester),
            validator: frame(.validator), version: name(.version), ttlSeconds: try small(.ttlS, absent: -1))
    }

    public func purge(_ id: EventID) throws -> Purge {
        Purge(
            id: id, time: try time(), clock: name(.clock), node: name(.node), key: key(),
            isExpiry: text(.kind) == "expiry")
    }

    public func rollout(_ id: EventID) throws -> Rollout {
        Rollout(
            id: id, time: EventTime(try needed(.time)), node: name(.node), name: name(.name), note: name(.note))
    }

    public func account(_ id: EventID) -> AccountRecord { AccountRecord(id: id, account: name(.account)) }

    public func camera(_ id: EventID) throws -> CameraRecord {
        CameraRecord(
            id: id, camera: name(.camera), owner: name(.owner),
            owned: Validity(from: try number(.from), until: try number(.until)), model: name(.model),
            openEnds: try openEnds())
    }

    private func openEnds() throws -> OpenEnds { OpenEnds(rawValue: UInt8(clamping: try number(.openEnds) ?? 0)) }

    public func grant(_ id: EventID) throws -> GrantRecord {
        GrantRecord(
            id: id, owner: name(.owner), camera: name(.camera), grantee: name(.grantee),
            live: Validity(from: try number(.from), until: try number(.until)), openEnds: try openEnds())
    }

    /// The value whose word stands there; nil if the line does not have it.
    ///
    /// - Parameter labels: the words, in the order of the values.
    public func word<Value>(_ field: ExchangeField, _ all: [Value], _ labels: [String]) throws -> Value? {
        guard let word = text(field) else { return nil }
        guard let place = labels.firstIndex(of: word) else {
            throw ExchangeProblem("'\(field.text)' cannot be '\(word)'")
        }
        return all[place]
    }

    private func time() throws -> EventTime {
        let stamp = try needed(.time)
        let latest = try number(.latest) ?? stamp
        return EventTime(
            stamp: stamp, earliest: try number(.earliest) ?? stamp, latest: latest,
            begunBy: try number(.begunBy) ?? latest)
    }
}

extension CacheStatus {
    /// The words in lines of a job, in the order of their numbers.
    public static let labels = allCases.map { "\($0)" }
}

extension Fill.Kind {
    /// The words in lines of a job, in the order of their numbers.
    static let labels = allCases.map { "\($0)" }
}
