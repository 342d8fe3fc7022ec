/// What one node holds, and what it is fetching.
struct IncidentCache: Sendable {
    struct Entry: Sendable {
        /// Nil: the origin's error.
        var frame: Frame?
        var freshUntil: Instant
        var isUpdating = false
    }

    /// What a node does for a client, or for a node below it.
    struct Errand: Sendable {
        var node: Int
        var request: IncidentRequest
        var key: String
        /// The cache's word, once it is known.
        var word = ""
        /// What the node asks with.
        var validator: Frame?
        /// What the client has been given already, if this is a refresh in the background.
        var given: Given?
        var isWaiting = false
        /// The edge's errand that this one is for.
        var below: [Errand] = []
    }
    struct Given: Sendable {
        var frame: Frame
        var received: Instant
    }
    /// What comes back: a frame, nil for an error, and whether the asker had it already.
    struct Answer: Sendable {
        var frame: Frame?
        var freshUntil: Instant
        var isConfirmed = false
    }

    var entries: [String: Entry] = [:]
    /// How many fetches of a key are under way that others may wait for.
    var fetching: [String: Int] = [:]
    var waiting: [String: [Errand]] = [:]
}

/// A line of a node's cache log, or of the origin's.
struct IncidentFill: Sendable {
    enum Kind: Sendable {
        case stored, purged, expired
        /// With the asker, what it asked with, and when the origin received the request.
        case sent(status: Int, account: Account, camera: Camera, validator: Frame?, received: Instant)
    }
    var at: Instant
    /// Nil: the origin.
    var node: Int?
    var key: String
    var frame: Frame?
    var kind: Kind
}
