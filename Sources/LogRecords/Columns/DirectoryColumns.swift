public import Interning

extension AccountRecord: EventRecord {
    public static let table = "account"

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, account: .absent) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.name("account", &account, .person, .account, isRequired: true, "The account.")
    }
}

extension CameraRecord: EventRecord {
    public static let table = "camera"

    @inlinable @inline(__always)
    public init(reading id: EventID) { self.init(id: id, camera: .absent, owner: .absent, owned: Validity()) }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.name("camera", &camera, .person, .camera, isRequired: true, "The camera.")
        visitor.name("owner", &owner, .person, .owner, isRequired: true, "The account that owned it.")
        visitor.end("owned_from", &owned.from, .from, "Since when, microseconds since 1970 UTC; NULL: always.")
        visitor.end("owned_until", &owned.until, .until, "Until when, that moment excluded; NULL: for ever.")
        visitor.name("model", &model, .shown, .model, "The camera's model.")
        visitor.openEnds(&openEnds, note: "1: owned_from could not be read; 2: owned_until; 3: neither is known")
    }
}

extension GrantRecord: EventRecord {
    public static let table = "granted"

    @inlinable @inline(__always)
    public init(reading id: EventID) {
        self.init(id: id, owner: .absent, camera: .absent, grantee: .absent, live: Validity())
    }

    @inlinable @inline(__always)
    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.name("owner", &owner, .person, .owner, isRequired: true, "The account that granted it.")
        visitor.name("camera", &camera, .person, .camera, isRequired: true, "The camera that may be seen.")
        visitor.name("grantee", &grantee, .person, .grantee, isRequired: true, "The account that may see it.")
        visitor.end("live_from", &live.from, .from, "Since when, microseconds since 1970 UTC; NULL: always.")
        visitor.end("live_until", &live.until, .until, "Until when, that moment excluded; NULL: for ever.")
        visitor.openEnds(&openEnds, note: "as a camera's")
    }
}
