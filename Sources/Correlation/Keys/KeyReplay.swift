import Interning
import LogRecords

/// What a key with one attribute more would cost: the deliveries under some keys once more, through a cache that keeps an
/// entry for as long as gives the hits that were logged.
struct KeyReplay: Sendable {
    /// Of deliveries whose verdict is known.
    let hitRate: Double
    private let uses: [KeyUse]
    /// Microseconds.
    private let lifetime: Int64

    /// - Returns: nil if too few verdicts are known.
    init?(_ all: [KeyUse]) {
        uses = all.filter { $0.cacheStatus != .unknown }.sorted {
            ($0.node, $0.key, $0.stamp, $0.camera, $0.requester) < ($1.node, $1.key, $1.stamp, $1.camera, $1.requester)
        }
        guard uses.count >= 20, let first = uses.map(\.stamp).min(), let last = uses.map(\.stamp).max() else {
            return nil
        }
        hitRate = Double(uses.count { !$0.cacheStatus.asksOrigin }) / Double(uses.count)
        // The hit rate grows with the lifetime.
        var (low, high) = (Int64(0), max(1, last - first) + 1)
        while high - low > 1000 {
            let middle = low + (high - low) / 2
            if Self.hits(uses, middle, { _ in .absent }) < hitRate { low = middle } else { high = middle }
        }
        lifetime = high
    }

    /// The hit rate with an attribute in the key.
    func hitRate(with attribute: (KeyUse) -> SymbolID) -> Double { Self.hits(uses, lifetime, attribute) }

    private static func hits(_ uses: [KeyUse], _ lifetime: Int64, _ attribute: (KeyUse) -> SymbolID) -> Double {
        var fetched: [SymbolID: Int64] = [:]
        var hits = 0
        var current: (node: SymbolID, key: SymbolID)?
        for use in uses {
            if current?.node != use.node || current?.key != use.key {
                current = (use.node, use.key)
                fetched.removeAll(keepingCapacity: true)
            }
            let value = attribute(use)
            if let at = fetched[value], use.stamp - at <= lifetime { hits += 1 } else { fetched[value] = use.stamp }
        }
        return Double(hits) / Double(max(uses.count, 1))
    }
}
