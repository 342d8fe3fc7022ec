import LogRecords
import Testing

/// A range that a cache does not have goes to the origin, and the answer is not stored: Squid with `range_offset_limit` 0, as
/// it comes, Traffic Server without a plugin, Apache's mod_cache (HTTP_PARTIAL_CONTENT). nginx and Varnish fetch the whole frame.
@Suite struct PassedRangeTests {
    @Test(
        "a MISS with status 206 went past a store that keeps no ranges",
        arguments: [(200, CacheStatus.miss), (206, .bypass)])
    func squid(_ status: Int, _ verdict: CacheStatus) throws {
        let parsed = try Parsed(
            "1772100005.300     12 203.0.113.9 TCP_MISS/\(status) 3000 GET http://h/v1/cameras/7/clip?account=bob bob HIER_DIRECT/10.0.0.1 video/mp4",
            shipped: "squid-native")
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [verdict])
    }

    @Test("nginx asks for the whole frame")
    func nginx() throws {
        let parsed = try Parsed(
            #"127.0.0.1 - 1 [23/Nov/2026:23:15:42 +0000] "GET /v1/cameras/5/snapshot HTTP/1.1" 206 900 "-" "x" rt=0.036 cs=MISS fid=f cl=app net=poor rid=7ed4d57b1e2feb89"#,
            shipped: "nginx-text")
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.miss])
    }
}
