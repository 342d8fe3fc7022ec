/// A planted fault: the requests that meet its condition share a few keys, whatever camera they ask for.
struct Fault: Sendable {
    /// The attributes that a condition can be made of, in the order in which a conjunction names them.
    enum Part: CaseIterable {
        case client, network, model, node
    }

    var client: String?
    var network: String?
    var model: String?
    var node: String?
    /// The rollout that brought it, if one is on record.
    var rollout: String?
    /// When it is in force.
    var span: Span
    /// Into how many keys the cameras are thrown together.
    var slots: Int
    /// What its keys begin with.
    var prefix: String

    func isMet(by request: IncidentRequest, on node: String, at time: Instant) -> Bool {
        span.contains(time) && (client ?? request.client) == request.client
            && (network ?? request.network) == request.network && (model ?? request.model) == request.model
            && (self.node ?? node) == node
    }

    /// Whether a part of the condition is another one's too.
    func hasTerm(of other: Fault) -> Bool {
        let pairs = [
            (client, other.client), (network, other.network), (model, other.model), (node, other.node),
        ]
        return pairs.contains { $0 != nil && $0 == $1 }
    }

    func key(of camera: Camera) -> String {
        "snap/\(prefix)-\(Int(SplitMix64.mix(UInt64(camera.number)) % UInt64(slots)))/latest"
    }

    /// The cause as a conjunction: `client=nest-hub AND rollout_at_delivery=v2`.
    var conjunction: String {
        let terms = [
            ("client", client), ("network", network), ("model", model), ("node", node),
            ("rollout_at_delivery", rollout),
        ]
        return terms.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: " AND ")
    }
}
