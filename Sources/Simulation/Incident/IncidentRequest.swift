/// A client's request as it reaches an edge.
struct IncidentRequest: Sendable {
    var account: Account
    var camera: Camera
    var model: String
    var client: String
    var network: String
    var kind: String
    var node: Int
    var at: Instant
    /// From the edge's answer until the client has all of it.
    var transfer: Microseconds
    var roundTripMilliseconds: Int
    /// Whether only a part of the frame is asked for (status 206).
    var isPartial = false
    /// Whether the edge is told to stand aside.
    var bypasses = false
}

/// An edge's answer, with the frame that it really carried.
struct IncidentDelivery: Sendable {
    let request: IncidentRequest
    let key: String
    /// The cache's word.
    let word: String
    let status: Int
    /// Nil for an error that the cache had stored.
    let frame: Frame?
    /// When the client had it all.
    let received: Instant
    /// When the line was written, by the true time.
    let logged: Instant

    var carriesFrame: Bool { frame != nil }
}
