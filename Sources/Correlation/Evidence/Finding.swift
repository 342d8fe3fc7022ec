public import Interning
public import LogRecords

/// How the frame's owner is known, best first.
public enum Evidence: UInt8, Sendable, CaseIterable {
    /// The delivery's line names the owner.
    case stated = 0
    /// The line names a frame id that a fill ties to an owner.
    case frame = 1
    /// The fills in force under that node and key at that time.
    case cache = 2
    /// The frame was fetched for this very request.
    case origin = 3

    /// The word in reports.
    public var label: String { "\(self)" }
}

/// What is known about one delivery.
public enum Certainty: UInt8, Sendable, CaseIterable {
    /// No candidate frame is one that the requester was not entitled to.
    case clear = 0
    /// Every candidate is.
    case certain = 1
    /// Some are.
    case possible = 2
    /// No candidate is known.
    case unresolved = 3

    public var label: String { "\(self)" }
}

/// Why no candidate is known for a delivery.
public enum UnresolvedCause: UInt8, Sendable, CaseIterable {
    case noRequester = 0
    /// Neither a key nor a frame id nor a camera on the line.
    case noKey = 1
    /// No fill is known under this key on this node by then.
    case noFill = 2
    /// The frame's camera is in no directory at that time.
    case noOwner = 3
    /// It may have carried a frame of which no line tells.
    case frameUnknown = 4
    /// The line does not say for sure who received it.
    case requesterInDoubt = 5

    public var label: String {
        switch self {
        case .noRequester: "no requester"
        case .noKey: "no key, frame or camera"
        case .noFill: "no fill known by then"
        case .noOwner: "frame's owner not known"
        case .frameUnknown: "frame not known"
        case .requesterInDoubt: "requester in doubt"
        }
    }
}

/// A frame that a delivery may have carried and that the requester had, or may have had, no right to.
public struct Candidate: Sendable, Hashable {
    public var origin: FrameOrigin
    /// The line that ties the frame to its owner; nil if the delivery's own line does.
    public var fill: EventID?
    public var relation: Relation
    /// The rollout in force when the frame was filled; absent if that is not known.
    public var rolloutAtFill: SymbolID

    public init(origin: FrameOrigin, fill: EventID?, relation: Relation, rolloutAtFill: SymbolID) {
        self.origin = origin
        self.fill = fill
        self.relation = relation
        self.rolloutAtFill = rolloutAtFill
    }
}

/// What the correlation found about one delivery.
public struct Finding: Sendable {
    public var delivery: EventID
    public var content: Delivery.Content
    public var certainty: Certainty
    public var evidence: Evidence?
    public var cause: UnresolvedCause?
    /// The frames that the requester was not, or maybe not, entitled to; the likeliest first, one for each owner.
    public var candidates: [Candidate] = []
    /// Whether the frame may as well be of an owner whom no line names.
    public var mayBeOfUnnamed = false
    public var rolloutAtDelivery: SymbolID = .absent

    public init(delivery: EventID, content: Delivery.Content, certainty: Certainty) {
        self.delivery = delivery
        self.content = content
        self.certainty = certainty
    }

    /// Whether it is an exposure, certain or possible.
    public var isExposure: Bool { certainty == .certain || certainty == .possible }
}
