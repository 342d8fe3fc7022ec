extension Fill: EventRecord {
    public static let table = "fill"

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, time: EventTime(0)) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.stamp(&time)
        visitor.ends(&time, .impossible)
        // Of a delivery alone it is kept when it had begun.
        time.begunBy = time.latest
        visitor.name("clock", &clock, .shown, .clock, "Whose clock made the time stamp.")
        var code = kind.rawValue
        visitor.code(
            "kind", &code, .fillKind, isAlwaysMember: true,
            "0 stored by the cache, 1 sent by the origin, 2 revalidated by the origin.",
            note: "0 stored by the cache, 1 sent by the origin, 2 revalidated by the origin")
        kind = Kind(rawValue: code) ?? .sent
        visitor.name("node", &node, .shown, .node, "The node whose cache it is.")
        visitor.name("key", &key, .key, .key, "The cache key.")
        visitor.frame("frame", &frame, .frame, "The frame id.")
        visitor.name("camera", &camera, .person, .camera, "The frame's camera.")
        visitor.name("owner", &owner, .person, .owner, "The frame's owner; NULL: the camera's owner at that time.")
        visitor.name("requester", &requester, .person, .requester, "The account whose request caused it.")
        visitor.frame("validator", &validator, .validator, "The frame id in the If-None-Match of the cache's request.")
        visitor.name("version", &version, .shown, .version, "The cache's version.")
        visitor.number("ttl_s", &ttlSeconds, absent: -1, .ttlS, "How long the entry may be served, seconds.")
    }
}

extension Purge: EventRecord {
    public static let table = "purge"

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, time: EventTime(0)) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.stamp(&time)
        visitor.ends(&time, .impossible)
        time.begunBy = time.latest
        visitor.name("clock", &clock, .shown, .clock, "Whose clock made the time stamp.")
        visitor.name("node", &node, .shown, .node, "The node whose cache it is.")
        visitor.name("key", &key, .key, .key, "The cache key.")
        visitor.flag("is_expiry", &isExpiry, .isExpiry, "1: the entry ended by its age; 0: by order.")
    }
}

extension Rollout: EventRecord {
    public static let table = "rollout"

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, time: EventTime(0)) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.stamp(&time)
        // It is known to the microsecond.
        time = EventTime(time.stamp)
        visitor.name("node", &node, .shown, .node, "The node that was changed; NULL: every node.")
        visitor.name("name", &name, .shown, .name, "The version or configuration.")
        visitor.name("note", &note, .shown, .note, "What is said of it.", note: "what is said of it")
    }
}
