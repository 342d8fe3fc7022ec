/// What a planted incident is made of.
struct IncidentOptions: Sendable {
    var seed: UInt64
    /// How many requests reach the edges.
    var requests = 5000
    /// Whether anything goes wrong; without, the same traffic under sound keys.
    var isFaulty = true
}
