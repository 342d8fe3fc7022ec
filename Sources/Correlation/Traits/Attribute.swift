/// What deliveries are told apart by when the cause of exposures is looked for, in the order in which a conjunction
/// names them.
public enum Attribute: Int, Sendable, CaseIterable {
    case client, network
    /// Of the camera that was asked for.
    case model
    case node
    /// The cache's verdict.
    case cache
    /// In force when the frame was filled. For a delivery that is no exposure: at the last fill under its node and key
    /// by then, or at the delivery itself if that asked the origin.
    case rolloutAtFill
    case rolloutAtDelivery
    /// thumbnail, still, clip or stream.
    case kind
    /// The key's template (`KeyTemplate`).
    case key
    /// Of the day, UTC.
    case hour
    /// Milliseconds.
    case roundTrip
    /// Percent of the packets.
    case loss
    /// A field that the profile maps beyond these; its name stands before its value.
    case extra

    /// The word in reports.
    public var label: String {
        switch self {
        case .rolloutAtFill: "rollout_at_fill"
        case .rolloutAtDelivery: "rollout_at_delivery"
        case .roundTrip: "rtt_ms"
        case .loss: "loss_pct"
        default: "\(self)"
        }
    }

    /// Whether it says what the cache did with a request, and not what the request was. Such an attribute lies between
    /// a cause and the exposure: a faulty rollout makes requests share a key, and the shared key makes frames stray.
    /// To condition on it would hide the cause, as on any mediator.
    public var isMechanism: Bool { self == .cache || self == .rolloutAtFill || self == .key }

    /// Whether its values are numbers, which are cut in two and not compared one by one.
    public var isNumber: Bool { self == .roundTrip || self == .loss }

    public var isRollout: Bool { self == .rolloutAtFill || self == .rolloutAtDelivery }

    /// What a scope calls it: the attributes that place an account on the path where frames could stray. The network's
    /// quality and the hour are not among them; they decide who of those on the path was exposed.
    public var inScope: Scope.Attribute? {
        switch self {
        case .client: .client
        case .model: .model
        case .node: .node
        case .kind: .kind
        case .rolloutAtDelivery: .rollout
        default: nil
        }
    }
}

/// One demand on a delivery: `client=nest-hub`, `rtt_ms>=280`, `250<=rtt_ms<400`, `hour=02-03`.
public struct Term: Sendable, Hashable, CustomStringConvertible {
    public enum Comparison: String, Sendable {
        case equal = "="
        case atLeast = ">="
        case below = "<"
        /// From a number on and below another; the value has both (`Term.band`).
        case between = "<=<"
    }

    public var attribute: Attribute
    public var comparison: Comparison
    public var value: String

    public init(_ attribute: Attribute, _ comparison: Comparison, _ value: String) {
        self.attribute = attribute
        self.comparison = comparison
        self.value = value
    }

    /// The value of a term with two bounds.
    static func band(_ low: String, _ high: String) -> String { "\(low)..\(high)" }

    /// The bounds of `band`.
    var bounds: (low: Substring, high: Substring)? {
        guard comparison == .between, let dots = value.range(of: "..") else { return nil }
        return (value[..<dots.lowerBound], value[dots.upperBound...])
    }

    public var description: String {
        if attribute == .extra { return value }
        if let bounds { return "\(bounds.low)<=\(attribute.label)<\(bounds.high)" }
        return attribute.label + comparison.rawValue + value
    }
}
