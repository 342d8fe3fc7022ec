public import Interning
public import LogRecords

/// A delivery under a key, as far as the key may follow from it.
public struct KeyUse: Sendable, BitwiseCopyable {
    public var key: SymbolID
    public var node: SymbolID
    public var stamp: Int64
    public var camera: SymbolID
    public var requester: SymbolID
    public var client: SymbolID
    public var network: SymbolID
    public var kind: SymbolID
    public var extra: SymbolID
    /// Of the camera.
    public var model: SymbolID
    public var cacheStatus: CacheStatus

    /// - Parameter model: of the requested camera.
    public init(_ delivery: Delivery, model: SymbolID) {
        key = delivery.key
        node = delivery.node
        stamp = delivery.time.stamp
        camera = delivery.camera
        requester = delivery.requester
        client = delivery.client
        network = delivery.network
        kind = delivery.kind
        extra = delivery.extra
        self.model = model
        cacheStatus = delivery.cacheStatus
    }
}

/// Somebody else's frame under a key.
public struct StrayUse: Sendable, BitwiseCopyable {
    public var use: KeyUse
    /// In force when it was delivered.
    public var rollout: SymbolID
    /// Absent: not known.
    public var frameCamera: SymbolID
    /// Of that camera.
    public var frameModel: SymbolID
    public var isToStranger: Bool

    public init(
        _ use: KeyUse, rollout: SymbolID, frameCamera: SymbolID, frameModel: SymbolID, isToStranger: Bool
    ) {
        self.use = use
        self.rollout = rollout
        self.frameCamera = frameCamera
        self.frameModel = frameModel
        self.isToStranger = isToStranger
    }
}

/// A camera whose frame a node filled under a key.
public struct FilledKey: Hashable, Sendable {
    /// Absent: the log does not tell.
    public var node: SymbolID
    public var key: SymbolID
    public var camera: SymbolID

    public init(node: SymbolID, key: SymbolID, camera: SymbolID) {
        self.node = node
        self.key = key
        self.camera = camera
    }
}

/// Deliveries of a node under a rollout whose keys have one template.
public struct TemplateUse: Sendable {
    public var node: SymbolID
    /// Absent: before the first.
    public var rollout: SymbolID
    /// Its number in `CauseNotes`, from 0 on.
    public internal(set) var number: Int
    public var template: String
    public var deliveries = 0
    /// Those that meet what the cause asks of a request, whenever it was.
    public var onPath = 0

    mutating func add(_ count: Int, isOnPath: Bool) {
        deliveries += count
        if isOnPath { onPath += count }
    }
}
