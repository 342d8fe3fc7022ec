public import Interning

/// A half-open interval of time, microseconds since 1970 UTC; nil is an open end.
public struct Validity: Hashable, Sendable, BitwiseCopyable {
    public var from: Int64?
    public var until: Int64?

    public init(from: Int64? = nil, until: Int64? = nil) {
        self.from = from
        self.until = until
    }

    public func contains(_ time: Int64) -> Bool { (from ?? .min) <= time && time < (until ?? .max) }
    /// Whether it covers all of the closed interval [`earliest`, `latest`].
    public func covers(_ earliest: Int64, _ latest: Int64) -> Bool { contains(earliest) && contains(latest) }
    /// Whether it meets the closed interval [`earliest`, `latest`]; one that ends as it begins meets nothing.
    public func meets(_ earliest: Int64, _ latest: Int64) -> Bool {
        (from ?? .min) <= latest && earliest < (until ?? .max) && (from ?? .min) < (until ?? .max)
    }
}

/// Which ends of the time in a row of a table are not known, though the row is there.
public struct OpenEnds: OptionSet, Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What it says of its beginning could not be read.
    public static let from = OpenEnds(rawValue: 1)
    /// What it says of its end could not be read.
    public static let until = OpenEnds(rawValue: 2)
    /// It ends before it begins, or has a time in a column that nobody knows.
    public static let both: OpenEnds = [.from, .until]
}

/// An account that exists.
public struct AccountRecord: Sendable {
    public var id: EventID
    public var account: SymbolID

    public init(id: EventID, account: SymbolID) {
        self.id = id
        self.account = account
    }
}

/// Who owned a camera, when.
public struct CameraRecord: Sendable, BitwiseCopyable {
    public var id: EventID
    public var camera: SymbolID
    public var owner: SymbolID
    public var owned: Validity
    public var model: SymbolID
    /// The ends of `owned` that are not known.
    public var openEnds: OpenEnds

    public init(
        id: EventID, camera: SymbolID, owner: SymbolID, owned: Validity, model: SymbolID = .absent,
        openEnds: OpenEnds = []
    ) {
        self.id = id
        self.camera = camera
        self.owner = owner
        self.owned = owned
        self.model = model
        self.openEnds = openEnds
    }
}

/// A right that an owner gave to another account for a camera.
public struct GrantRecord: Sendable {
    public var id: EventID
    public var owner: SymbolID
    public var camera: SymbolID
    public var grantee: SymbolID
    public var live: Validity
    /// The ends of `live` that are not known.
    public var openEnds: OpenEnds

    public init(
        id: EventID, owner: SymbolID, camera: SymbolID, grantee: SymbolID, live: Validity, openEnds: OpenEnds = []
    ) {
        self.id = id
        self.owner = owner
        self.camera = camera
        self.grantee = grantee
        self.live = live
        self.openEnds = openEnds
    }
}

/// Which account a session or a client's address stood for, when.
public struct SessionRecord: Sendable {
    public var id: EventID
    public var session: SymbolID
    public var address: SymbolID
    public var account: SymbolID
    public var live: Validity
    /// The ends of `live` that are not known.
    public var openEnds: OpenEnds

    public init(
        id: EventID, session: SymbolID, address: SymbolID, account: SymbolID, live: Validity, openEnds: OpenEnds = []
    ) {
        self.id = id
        self.session = session
        self.address = address
        self.account = account
        self.live = live
        self.openEnds = openEnds
    }
}

/// What was read from a run of lines of one source.
public struct RecordBatch: Sendable {
    public var deliveries: [Delivery] = []
    /// Of deliveries; in their order, and only where a profile asks for them.
    public var tags: [LineTag] = []
    public var fills: [Fill] = []
    public var purges: [Purge] = []
    public var rollouts: [Rollout] = []
    public var accounts: [AccountRecord] = []
    public var cameras: [CameraRecord] = []
    public var grants: [GrantRecord] = []
    /// Not for the case: they serve while logs are read (`SessionTable`).
    public var sessions: [SessionRecord] = []

    /// The names of records that were handed over (see `LineParser.handOver`); nil if all have their numbers.
    var pending: ThreadInternCache.Queue?
    /// How many deliveries and fills have numbers for their names.
    private var settledDeliveries = 0
    private var settledFills = 0

    public init() {}

    public var count: Int {
        deliveries.count + fills.count + purges.count + rollouts.count + accounts.count + cameras.count + grants.count
            + sessions.count
    }

    /// Takes all records out, and keeps their memory.
    public mutating func removeAll() {
        deliveries.removeAll(keepingCapacity: true)
        if !tags.isEmpty { tags.removeAll(keepingCapacity: true) }
        fills.removeAll(keepingCapacity: true)
        purges.removeAll(keepingCapacity: true)
        rollouts.removeAll(keepingCapacity: true)
        accounts.removeAll(keepingCapacity: true)
        cameras.removeAll(keepingCapacity: true)
        grants.removeAll(keepingCapacity: true)
        sessions.removeAll(keepingCapacity: true)
        pending = nil
        (settledDeliveries, settledFills) = (0, 0)
    }

    /// Numbers the names of records that were handed over, on the thread that `known` belongs to.
    public mutating func settle(by known: ThreadInternCache) {
        guard let queue = pending.take() else { return }
        known.resolve(queue) { settle($0) }
    }

    /// Puts symbols in place of the pending ones of a `ThreadInternCache`.
    mutating func settle(_ symbol: (PendingID) -> SymbolID) {
        func number(_ field: SymbolID) -> SymbolID { symbol(PendingID(unsettled: field)) }
        for index in settledDeliveries..<deliveries.count {
            deliveries[index].requester = number(deliveries[index].requester)
            deliveries[index].camera = number(deliveries[index].camera)
            deliveries[index].key = number(deliveries[index].key)
            deliveries[index].frame = number(deliveries[index].frame)
            deliveries[index].owner = number(deliveries[index].owner)
            deliveries[index].frameCamera = number(deliveries[index].frameCamera)
        }
        for index in settledFills..<fills.count {
            fills[index].key = number(fills[index].key)
            fills[index].frame = number(fills[index].frame)
            fills[index].camera = number(fills[index].camera)
            fills[index].owner = number(fills[index].owner)
            fills[index].requester = number(fills[index].requester)
            fills[index].validator = number(fills[index].validator)
        }
        (settledDeliveries, settledFills) = (deliveries.count, fills.count)
        // Of these there are few, and a number stays as it is.
        for index in purges.indices { purges[index].key = number(purges[index].key) }
        for index in rollouts.indices {
            rollouts[index].name = number(rollouts[index].name)
            rollouts[index].note = number(rollouts[index].note)
        }
        for index in accounts.indices { accounts[index].account = number(accounts[index].account) }
        for index in cameras.indices {
            cameras[index].camera = number(cameras[index].camera)
            cameras[index].owner = number(cameras[index].owner)
            cameras[index].model = number(cameras[index].model)
        }
        for index in grants.indices {
            grants[index].owner = number(grants[index].owner)
            grants[index].camera = number(grants[index].camera)
            grants[index].grantee = number(grants[index].grantee)
        }
        for index in sessions.indices {
            sessions[index].session = number(sessions[index].session)
            sessions[index].address = number(sessions[index].address)
            sessions[index].account = number(sessions[index].account)
        }
    }
}
