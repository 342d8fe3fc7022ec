/// A node's clock, which is off and drifts.
struct NodeClock: Sendable {
    /// How far it is ahead when the incident begins.
    var offset: Microseconds = 0
    /// Millionths by which it is too fast.
    var drift = 0

    /// What it shows at a time.
    func reading(at time: Instant) -> Instant {
        time + offset + (time - IncidentPlan.start) / 1_000_000 * Int64(drift)
    }
}
