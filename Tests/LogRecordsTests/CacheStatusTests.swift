import Testing

@testable import LogRecords

/// The servers' words, against what their manuals say about where the body came from.
@Suite struct CacheStatusTests {
    @Test(
        "a server's word means what its manual says",
        arguments: [
            // ngx_http_upstream_module, $upstream_cache_status
            ("MISS", .miss), ("BYPASS", .bypass), ("EXPIRED", .miss), ("STALE", .stale), ("UPDATING", .stale),
            ("REVALIDATED", .revalidated), ("HIT", .hit),
            // varnishncsa(1), Varnish:hitmiss and Varnish:handling
            ("hit", .hit), ("miss", .miss), ("pass", .bypass), ("pipe", .bypass),
            // Squid, wiki SquidLogs: codes with TCP_, also as they were called before 3.2
            ("TCP_HIT", .hit), ("TCP_MEM_HIT", .hit), ("TCP_MISS", .miss), ("TCP_IMS_HIT", .hit), ("TCP_INM_HIT", .hit),
            ("TCP_REFRESH_UNMODIFIED", .revalidated), ("TCP_REFRESH_HIT", .revalidated),
            ("TCP_REFRESH_MODIFIED", .miss),
            ("TCP_REFRESH_MISS", .miss), ("TCP_REFRESH_FAIL_OLD", .stale), ("TCP_CLIENT_REFRESH_MISS", .bypass),
            ("TCP_SWAPFAIL_MISS", .miss), ("TCP_NEGATIVE_HIT", .hit), ("TCP_OFFLINE_HIT", .hit),
            ("TCP_CF_MISS", .collapsed),
            ("TCP_CF_REFRESH_MODIFIED", .collapsed), ("TCP_CF_REFRESH_UNMODIFIED", .revalidated),
            ("TCP_TUNNEL", .bypass),
            ("TCP_MISS_ABORTED", .miss), ("TCP_MEM_HIT_ABORTED", .hit), ("TCP_MISS_TIMEDOUT", .miss),
            // Traffic Server, Squid-compatible result codes
            ("TCP_EXPIRED_MISS", .miss), ("TCP_REF_FAIL_HIT", .stale), ("TCP_IMS_MISS", .bypass),
            ("TCP_CF_HIT", .shared),
            // CloudFront, x-edge-result-type
            ("Hit", .hit), ("RefreshHit", .revalidated), ("Miss", .miss),
            // Cloudflare, CacheCacheStatus
            ("expired", .miss), ("stale", .stale), ("updating", .stale), ("revalidated", .revalidated),
            ("dynamic", .bypass),
            ("bypass", .bypass),
            // Fastly, fastly_info.state
            ("HIT-CLUSTER", .hit), ("HIT-STALE", .stale), ("HIT-WAIT", .shared), ("PASS", .bypass),
        ] as [(String, CacheStatus)])
    func word(_ word: String, _ meaning: CacheStatus) {
        #expect(CacheStatus(word: word) == meaning)
    }

    @Test(
        "a word that says nothing about a frame is not known",
        arguments: ["", "-", "error", "synth", "TCP_DENIED", "LimitExceeded", "HITS"])
    func unknown(_ word: String) {
        #expect(CacheStatus(word: word) == nil)
    }

    @Test("a profile's own words come before the known ones, and case does not matter")
    func ownWords() throws {
        let yaml = """
            name: x
            syntax: tsv
            columns: [ts, verdict]
            cache_status: {Fresh: hit, miss: collapsed}
            delivery: {time: ts, cache: verdict}
            """
        let words = ["FRESH", "Miss", "STALE", "other", "-", "TCP_HIT_ABORTED"]
        let lines = words.map { Array("1577354420\t\($0)".utf8) }
        let parsed = Parsed(lines, try ProfileReader.read(yaml))
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.hit, .collapsed, .stale, .unknown, .unknown, .hit])
        #expect(parsed.batch.deliveries.map { parsed.text($0.cacheWord) }[3...4] == ["other", ""])
        #expect(
            parsed.batch.deliveries.map { $0.flags.contains(.aborted) } == [false, false, false, false, false, true])
    }
}
