/// How one version of the cache's software names and keeps its entries.
struct KeyRule: Sendable {
    /// The way in which a rule gives one key to several cameras.
    enum Fault: Sendable {
        /// `snap/slot-NN/latest`: cameras share a few slots.
        case slots(count: Int, lifetime: Int)
        /// The right key of the next camera, so that bad entries outlive the fix.
        case neighbour(cameras: Int)
    }

    /// The requests that meet the fault; a part that is nil matches all.
    struct Condition: Sendable {
        var client: Client?
        var network: Network?
        var model: String?

        func matches(_ request: Request, model asked: String) -> Bool {
            (client ?? request.client) == request.client && (network ?? request.network) == request.network
                && (model ?? asked) == asked
        }
    }

    var fault: Fault?
    var condition = Condition()

    /// Seconds for which a still, and a piece of a stream, counts as fresh.
    static let stillLifetime = 60
    static let streamLifetime = 90

    /// The cache key and the entry's fresh time in seconds.
    func key(for request: Request, model: String) -> (key: String, lifetime: Int) {
        let camera = request.camera
        if let segment = request.segment { return ("live/\(camera.name)/\(segment)", Self.streamLifetime) }
        if let fault, condition.matches(request, model: model) {
            switch fault {
            case .slots(let count, let lifetime):
                let slot = Int(SplitMix64.mix(UInt64(camera.number)) % UInt64(count))
                return ("snap/slot-\(slot.padded(2))/latest", lifetime)
            case .neighbour(let cameras):
                let other = Camera(number: (camera.number + 1) % cameras)
                return ("snap/\(other.name)/latest", Self.stillLifetime)
            }
        }
        return ("snap/\(camera.name)/latest", Self.stillLifetime)
    }
}

/// A version of the cache's software, in force on one node or on all from a time on.
struct Rollout: Sendable {
    let name: String
    /// The node, or nil for every node.
    let node: String?
    let from: Instant
    let note: String
    let rule: KeyRule
}
