/// What a record of a job is: its `type`.
public enum ExchangeType: String, Sendable {
    // Records, as `strayframe normalize` writes them. A fill that an origin's log tells is `sent`.
    case delivery, fill, sent, purge, rollout, account, camera, grant, source, reject
    // Who names which frame, as `strayframe normalize` writes it for `strayframe frames`.
    case frameFill = "frame_fill"
    case frameUse = "frame_use"
    // Facts, as `strayframe survey` writes them, beside sources and the directory.
    case survey, clock, knot
    case fillingNode = "filling_node"
    case deliveringNode = "delivering_node"
    // Whose frame a frame id names, as `strayframe frames` writes it.
    case frame
    // Results, as `strayframe sweep` writes them.
    case finding, candidate, collision, count, traits
    case firstFill = "first_fill"
    case path, reach, slot, minute, tally, traffic

    /// Whether its records happened under a cache key, and are judged with what else did.
    public var isEvent: Bool { [.delivery, .fill, .sent, .purge, .frame].contains(self) }
}

/// What is wrong with a record of a job, or a block of them.
public struct ExchangeProblem: Error, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
