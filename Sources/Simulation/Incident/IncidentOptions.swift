/// What a planted incident is made of.
package struct IncidentOptions: Sendable {
    var seed: UInt64
    /// How many requests reach the edges.
    var requests: Int
    /// Whether anything goes wrong; without, the same traffic under sound keys.
    var isFaulty: Bool

    package init(seed: UInt64, requests: Int = 5000, isFaulty: Bool = true) {
        (self.seed, self.requests, self.isFaulty) = (seed, requests, isFaulty)
    }
}
