/// What a random dump is made of.
struct RandomOptions: Sendable {
    var seed: UInt64
    /// How many requests are sent; a few of them end in 304 or 403.
    var deliveries = 5000
    var accounts = 60
    var nodes = 3
    /// The share of the requests with a twin at the very microsecond of the first one's fill.
    var tieRate = 0.05
    /// How many broken lines stand between the good ones.
    var broken = 0
    /// How many places a line may stand away from its place in time.
    var displacement = 6
    /// Into how many files each node's relay and cache log is split.
    var filesPerNode = 3

    static let start = Instant(2021, 5, 17, 4)
    /// The logs' time grows with the number of requests, so that their density stays the same.
    var end: Instant { Self.start + .seconds(2 * deliveries + 600) }
    var nodeNames: [String] { (1...nodes).map { "edge-\($0)" } }
}
