/// Verdicts of more than one word.
enum CachePhrase {
    /// - Parameter text: in capitals.
    /// - Returns: nil if it is none.
    static func status(_ text: String) -> CacheStatus? {
        guard text.contains(" ") || text.contains(",") else { return nil }
        return apache(text) ?? list(text)
    }

    /// The environment variable `cache-status` and the field X-Cache-Detail (mod_cache: "cache hit", "conditional cache hit:
    /// entity refreshed", "cache miss: attempting entity save", "conditional cache miss: entity save refused", …). A
    /// conditional hit is an entry that the origin confirmed; a conditional miss brought another body; a hit with a status and
    /// "stale content returned" is one that the origin failed to renew (CacheStaleOnError, seen with 2.4.69).
    private static func apache(_ text: String) -> CacheStatus? {
        if text.hasPrefix("CONDITIONAL CACHE HIT") { return .revalidated }
        if text.hasPrefix("CACHE HIT") { return text.contains("STALE") ? .stale : .hit }
        if text.hasPrefix("CACHE MISS") || text.hasPrefix("CONDITIONAL CACHE MISS") { return .miss }
        return text.hasPrefix("CACHE INVALIDATED") ? .bypass : nil
    }

    /// An X-Cache field: `HIT from proxy.test`, `Miss from cloudfront`; of several caches the one nearest to the client comes
    /// last (`MISS, HIT`).
    private static func list(_ text: String) -> CacheStatus? {
        let verdicts = text.split(separator: ",").map { piece -> CacheStatus? in
            let piece = piece.drop { $0 == " " }
            let word = piece.prefix { $0 != " " }
            let rest = piece.dropFirst(word.count).drop { $0 == " " }
            guard rest.isEmpty || rest.hasPrefix("FROM ") else { return nil }
            return CacheStatus.of(word: word)
        }
        guard let nearest = verdicts.last.flatMap({ $0 }) else { return nil }
        // What the nearest cache had to fetch another may have had in store.
        if nearest.bringsBody, verdicts.dropLast().contains(where: { $0?.asksOrigin != true }) { return .unknown }
        // A stale one asked another, and may have sent what that had.
        if nearest == .stale, verdicts.count > 1 { return .unknown }
        return nearest
    }
}
