import LogRecords

/// The last hits under one key, for answers of the origin that no request asked for: a hit may have been on a stale frame and set
/// off a refresh that its line does not tell.
struct LastHits {
    private struct Hit {
        var time: EventTime
        var clock: SymbolID
        var node: SymbolID
        var requester: SymbolID
    }

    private var hits: [Hit] = []
    /// Where the next one goes.
    private var next = 0
    private static let most = 8

    mutating func add(_ delivery: Delivery) {
        let hit = Hit(
            time: delivery.time, clock: delivery.clock, node: delivery.node, requester: delivery.requester)
        if hits.count < Self.most { hits.append(hit) } else { hits[next] = hit }
        next = (next + 1) % Self.most
    }

    /// The nodes whose hits, of the account that an answer names, were over just before it or under way with it.
    func nodes(thatMayHaveRefreshed fill: Fill, _ clocks: Clocks) -> Set<SymbolID> {
        Set(
            hits.lazy.filter {
                $0.requester == fill.requester
                    && !clocks.isSurelyAfter(fill.time, fill.clock, $0.time.latest + Clocks.transit, $0.clock)
                    && !clocks.isSurelyBefore(fill.time, fill.clock, $0.time.earliest, $0.clock)
            }.map(\.node))
    }
}
