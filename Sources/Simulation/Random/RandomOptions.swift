/// What a random dump is made of.
package struct RandomOptions: Sendable {
    /// By what the lines of deliveries tell whose frame was delivered.
    package enum Evidence: String, CaseIterable, Sendable {
        /// By this or that, a line like the other or not.
        case mixed
        /// Each line names frame, camera and owner.
        case stated
        /// Each line names the frame alone.
        case frame
        /// No line names a frame: what the cache held tells it.
        case cache
    }

    var seed: UInt64
    /// How many requests are sent; a few of them end in 304 or 403.
    var deliveries: Int
    var accounts: Int
    var nodes: Int
    /// The share of the requests with a twin at the very microsecond of the first one's fill.
    var tieRate: Double
    /// How many broken lines stand between the good ones.
    var broken: Int
    /// How many places a line may stand away from its place in time.
    var displacement: Int
    /// Into how many files each node's relay and cache log is split.
    var filesPerNode: Int
    var evidence: Evidence

    package init(
        seed: UInt64, deliveries: Int = 5000, accounts: Int = 60, nodes: Int = 3, tieRate: Double = 0.05,
        broken: Int = 0, displacement: Int = 6, filesPerNode: Int = 3, evidence: Evidence = .mixed
    ) {
        (self.seed, self.deliveries, self.accounts, self.nodes) = (seed, deliveries, accounts, nodes)
        (self.tieRate, self.broken, self.displacement) = (tieRate, broken, displacement)
        (self.filesPerNode, self.evidence) = (filesPerNode, evidence)
    }

    static let start = Instant(2021, 5, 17, 4)
    /// The logs' time grows with the number of requests, so that their density stays the same.
    var end: Instant { Self.start + .seconds(2 * deliveries + 600) }
    var nodeNames: [String] { (1...nodes).map { "edge-\($0)" } }
}
