/// What a camera produced: the truth about one cached frame.
struct Frame: Sendable {
    let id: String
    let camera: Camera
    /// The camera's owner when the frame was taken.
    let owner: Account
    let filled: Instant
    /// The rollout in force on the node when it stored the frame.
    let rollout: String
}

/// The cache's word on a request.
enum Verdict: String, Sendable {
    case hit = "HIT"
    case miss = "MISS"
    case stale = "STALE"
}

/// One response of a node, kept with the frame that it really carried.
struct Delivery: Sendable {
    let request: Request
    let node: String
    let start: Instant
    let key: String
    /// Nil where the node answered without a look into its cache.
    let verdict: Verdict?
    let status: Int
    /// The frame in the body, or on status 304 the frame that the client was told to show again.
    let frame: Frame?
    let rollout: String

    /// The end of the response: the log line's time stamp.
    var end: Instant { start + request.duration }

    /// Whether a frame reached the requester.
    var carriesFrame: Bool { status == 200 || status == 206 }
}

/// One line of a node's cache log.
struct CacheEvent: Sendable {
    enum Operation: Sendable {
        case fill(Frame, lifetime: Int, statesOwner: Bool)
        case purge
        case expire
        case rollout
    }

    let time: Instant
    let node: String
    let key: String
    let operation: Operation
    /// The version in force on the node.
    let version: String
}
