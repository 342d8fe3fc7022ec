public import LogRecords

/// Whose rights, and whose receipt of what, the tables and the logs leave in doubt.
public struct Doubts: Sendable, Equatable {
    /// The owner and the requester of an exposure.
    public struct Pair: Hashable, Sendable {
        public var owner: SymbolID
        public var requester: SymbolID

        public init(owner: SymbolID, requester: SymbolID) { (self.owner, self.requester) = (owner, requester) }
    }

    /// Requesters who may be another account, or have rights under another spelling.
    public var requesters: Set<SymbolID> = []
    /// Owners of frames who may be another account, or have given rights under another spelling.
    public var owners: Set<SymbolID> = []
    /// Accounts between which there may be a right that could not be read, or is of a camera that no table lists.
    public var pairs: Set<Pair> = []
    /// Whether anybody may have had a right from anybody: what tells of rights does not say whose they are.
    public var areRightsUnread = false
    /// Deliveries that another account than the requester may have received, because a session changed hands.
    public var deliveries: Set<EventID> = []

    public init() {}

    /// Whether it is not known for sure who received a delivery.
    func concern(_ delivery: Delivery) -> Bool {
        !requesters.isEmpty && requesters.contains(delivery.requester)
            || !deliveries.isEmpty && deliveries.contains(delivery.id)
    }

    /// Whether the requester may have had a right to the frame of some of these.
    func concern(_ requester: SymbolID, _ candidates: [Candidate]) -> Bool {
        if areRightsUnread { return true }
        if owners.isEmpty, pairs.isEmpty { return false }
        return candidates.contains { candidate in
            let owner = candidate.origin.owner
            return owners.contains(owner) || pairs.contains(Pair(owner: owner, requester: requester))
        }
    }
}
