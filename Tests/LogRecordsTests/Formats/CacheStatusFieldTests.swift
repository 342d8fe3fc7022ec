import Testing

@testable import LogRecords

@Suite struct CacheStatusFieldTests {
    /// The examples of RFC 9211, section 2 and 4, and what the section says of each parameter.
    @Test(
        "a Cache-Status field means what RFC 9211 says",
        arguments: [
            ("ExampleCache; hit; ttl=376", CacheStatus.hit), ("ExampleCache; hit; ttl=-412", .stale),
            ("ExampleCache; fwd=uri-miss; stored", .miss), ("ExampleCache; fwd=vary-miss; stored", .miss),
            ("ExampleCache; fwd=stale; fwd-status=304; collapsed; ttl=15; stored", .collapsed),
            ("ExampleCache; fwd=stale; fwd-status=304", .revalidated), ("ExampleCache; fwd=stale", .miss),
            ("ExampleCache; fwd=bypass; detail=mismatch", .bypass), ("ExampleCache; fwd=method", .bypass),
            ("ExampleCache; fwd=request", .bypass), ("ExampleCache; fwd=partial", .unknown),
            // The one nearest to the client comes last, and is the one whose log this is.
            ("OriginCache; hit; ttl=1100, \"CDN Company Here\"; fwd=uri-miss;", .unknown),
            ("OriginCache; hit; ttl=1100, \"CDN Company Here\"; fwd=uri-miss", .miss),
            ("OriginCache; fwd=miss, \"CDN, Company\"; hit; ttl=545; key=\"a, b; fwd=miss\"", .hit),
            // Neither hit nor fwd: no verdict.
            ("ExampleCache; ttl=3", .unknown),
        ])
    func meaning(_ text: String, _ status: CacheStatus) throws {
        let yaml = "name: x\nsyntax: tsv\ncolumns: [t, c]\ndelivery: {time: t, cache: c}\n"
        let parsed = try Parsed("1577351577\t\(text)", yaml: yaml)
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [status])
    }

    @Test("a key in quotes has its own commas, semicolons and escapes")
    func key() {
        let field = CacheStatusField(#"A; hit; key="x", B; hit; key="a\"b, c;d"; TTL=5"#)
        #expect(field?.cache == "B" && field?.parameters["key"] == #"a"b, c;d"# && field?.parameters["ttl"] == "5")
        #expect(CacheStatusField("HIT") == nil && CacheStatusField("") == nil && CacheStatusField(";hit") == nil)
    }
}
