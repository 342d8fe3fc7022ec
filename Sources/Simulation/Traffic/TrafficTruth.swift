/// What a traffic dump holds, counted while it was made; the counts are named as in the tool's summary.
package struct TrafficTruth: Encodable {
    let seed: UInt64
    let accounts: Int
    let nodes: Int
    let deliveries: Int
    let fills: Int
    /// The logs' lines and their bytes before compression.
    package var lines: Int { deliveries + fills }
    package private(set) var logBytes = 0
    package private(set) var exposuresCertain = 0
    private(set) var exposedAccountsCertain = 0
    private(set) var receivingAccountsCertain = 0

    init(seed: UInt64, accounts: Int, nodes: Int, deliveries: Int, fills: Int) {
        (self.seed, self.accounts, self.nodes) = (seed, accounts, nodes)
        (self.deliveries, self.fills) = (deliveries, fills)
    }

    /// Adds a node's part; no account has to do with two nodes.
    mutating func add(_ node: NodeTraffic.Counts) {
        logBytes += node.bytes
        exposuresCertain += node.exposures
        exposedAccountsCertain += node.isOwner.count { $0 }
        receivingAccountsCertain += node.isReceiver.count { $0 }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(seed, forKey: .seed)
        let counts: [(Key, Int)] = [
            (.accounts, accounts), (.nodes, nodes), (.deliveries, deliveries), (.fills, fills), (.lines, lines),
            (.logBytes, logBytes), (.exposuresCertain, exposuresCertain), (.exposuresPossible, 0),
            (.deliveriesUnresolved, 0), (.exposedAccountsCertain, exposedAccountsCertain),
            (.exposedAccountsPossible, 0), (.receivingAccountsCertain, receivingAccountsCertain),
            (.receivingAccountsPossible, 0),
        ]
        for (key, count) in counts { try container.encode(count, forKey: key) }
    }

    private enum Key: String, CodingKey {
        case seed, accounts, nodes, deliveries, fills, lines
        case logBytes = "log_bytes"
        case exposuresCertain = "exposures_certain"
        case exposuresPossible = "exposures_possible"
        case deliveriesUnresolved = "deliveries_unresolved"
        case exposedAccountsCertain = "exposed_accounts_certain"
        case exposedAccountsPossible = "exposed_accounts_possible"
        case receivingAccountsCertain = "receiving_accounts_certain"
        case receivingAccountsPossible = "receiving_accounts_possible"
    }
}
