/// A half-open interval of time, microseconds since 1970 UTC; nil is an open end.
public struct Validity: Hashable, Sendable {
    public var from: Int64?
    public var until: Int64?

    public init(from: Int64? = nil, until: Int64? = nil) {
        self.from = from
        self.until = until
    }

    public func contains(_ time: Int64) -> Bool { (from ?? .min) <= time && time < (until ?? .max) }
    /// Whether it covers all of the closed interval [`earliest`, `latest`].
    public func covers(_ earliest: Int64, _ latest: Int64) -> Bool { contains(earliest) && contains(latest) }
    /// Whether it meets the closed interval [`earliest`, `latest`].
    public func meets(_ earliest: Int64, _ latest: Int64) -> Bool {
        (from ?? .min) <= latest && earliest < (until ?? .max)
    }
}

/// An account that exists.
public struct AccountRecord: Sendable {
    public var id: EventID
    public var account: NameID

    public init(id: EventID, account: NameID) {
        self.id = id
        self.account = account
    }
}

/// Who owned a camera, when.
public struct CameraRecord: Sendable {
    public var id: EventID
    public var camera: NameID
    public var owner: NameID
    public var owned: Validity
    public var model: NameID

    public init(id: EventID, camera: NameID, owner: NameID, owned: Validity, model: NameID = .absent) {
        self.id = id
        self.camera = camera
        self.owner = owner
        self.owned = owned
        self.model = model
    }
}

/// A right that an owner gave to another account for a camera.
public struct GrantRecord: Sendable {
    public var id: EventID
    public var owner: NameID
    public var camera: NameID
    public var grantee: NameID
    public var live: Validity

    public init(id: EventID, owner: NameID, camera: NameID, grantee: NameID, live: Validity) {
        self.id = id
        self.owner = owner
        self.camera = camera
        self.grantee = grantee
        self.live = live
    }
}

/// What was read from a run of lines of one source.
public struct RecordBatch: Sendable {
    public var deliveries: [Delivery] = []
    public var fills: [Fill] = []
    public var purges: [Purge] = []
    public var rollouts: [Rollout] = []
    public var accounts: [AccountRecord] = []
    public var cameras: [CameraRecord] = []
    public var grants: [GrantRecord] = []

    public init() {}

    public var count: Int {
        deliveries.count + fills.count + purges.count + rollouts.count + accounts.count + cameras.count + grants.count
    }
}
