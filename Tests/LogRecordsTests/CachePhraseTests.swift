import Testing

@testable import LogRecords

@Suite struct CachePhraseTests {
    @Test(
        "the texts that caches write into X-Cache and Apache into cache-status",
        arguments: [
            // Squid, Apache (CacheHeader on), CloudFront, Akamai.
            ("HIT from proxy.test", CacheStatus.hit), ("MISS from proxy.test", .miss), ("Hit from cloudfront", .hit),
            ("Miss from cloudfront", .miss), ("RefreshHit from cloudfront", .revalidated),
            ("REVALIDATE from relay.test", .revalidated),
            ("TCP_HIT from a23-1-2-3.deploy.akamaitechnologies.com", .hit),
            // Fastly: a shield, then the edge, which is nearer to the client.
            ("MISS, HIT", .hit), ("MISS, MISS", .miss), ("HIT", .hit), ("MISS from b, HIT from a", .hit),
            // What the edge fetched another cache had in store.
            ("HIT, MISS", .unknown), ("hit,stale", .unknown), ("stale", .stale),
            // mod_cache.
            ("cache hit", .hit), ("conditional cache hit: entity refreshed", .revalidated),
            ("cache miss: attempting entity save", .miss),
            // Varnish 7.7 and Vinyl 9: vinylncsa(1).
            ("hitmiss", .miss), ("hitpass", .bypass), ("hit", .hit), ("pass", .bypass),
            ("TCP_HIT_TIMEDOUT", .hit), ("TCP_REFRESH_FAIL_OLD_ABORTED", .stale),
        ])
    func meaning(_ text: String, _ status: CacheStatus) { #expect(CacheStatus(word: text) == status) }

    @Test("what is none is none", arguments: ["203.0.113.5", "from", "hit me", "a, b", "x from y", ""])
    func others(_ text: String) { #expect(CacheStatus(word: text) == nil) }

    @Test(
        "Squid and Traffic Server say that the client left",
        arguments: [
            ("TCP_MISS_ABORTED", true), ("TCP_HIT_TIMEDOUT", true), ("ERR_CLIENT_ABORT", true),
            ("ERR_CLIENT_READ_ERROR", true), ("TCP_HIT", false),
            // It speaks of the refresh.
            ("TCP_REFRESH_FAIL_OLD_ABORTED", false), ("TCP_REFRESH_FAIL_OLD_TIMEDOUT", true),
        ])
    func aborted(_ word: String, _ isAborted: Bool) { #expect(CacheStatus.saysAborted(word) == isAborted) }

    @Test("every known word is known in any case")
    func known() {
        for word in ["HIT", "hit", "Updating", "tcp_mem_hit", "HIT from x", "edge; hit; ttl=3"] {
            #expect(Array(word.utf8).withUnsafeBytes { CacheStatus.isKnown($0) }, "\(word)")
        }
        for word in ["HI", "HITS", "en-US", "203.0.113.5", "ünknown", ""] {
            #expect(!Array(word.utf8).withUnsafeBytes { CacheStatus.isKnown($0) }, "\(word)")
        }
    }
}
