import ProfileAuthoring
import Testing

@testable import LogRecords

/// One answer is one delivery, on however many lines its server writes of it.
@Suite struct TierTests {
    private static let profile = """
        name: tiers
        syntax: logfmt
        recognize: [ts, key]
        delivery:
          tier: {field: tier, yes: [shield, mid*]}
          interim: {field: step, yes: [start, tick]}
          time: ts
          node: node
          requester: account
          camera: camera
          key: key
          cache: cache
          status: status
          bytes: bytes
          frame: frame
          owner: owner
        """

    private func read(_ tail: String, node: String = "n1") throws -> Parsed {
        try Parsed(
            "ts=1772100005.300 node=\(node) account=bob camera=7 key=k status=200 bytes=3000 frame=f1 owner=ann \(tail)",
            yaml: Self.profile)
    }

    @Test(
        "an upper tier's line is no delivery; what it fetched is a fill of its store", arguments: ["shield", "mid-eu"])
    func shield(_ tier: String) throws {
        let parsed = try read("cache=MISS tier=\(tier)", node: "shield-1")
        #expect(parsed.batch.deliveries.isEmpty && parsed.outcomes == [.accepted])
        let fill = try #require(parsed.batch.fills.first)
        #expect(parsed.text(fill.node) == "shield-1" && parsed.text(fill.key) == "k" && parsed.text(fill.frame) == "f1")
        #expect(parsed.text(fill.owner) == "ann" && parsed.text(fill.camera) == "7" && fill.kind == .stored)
        #expect(fill.time.stamp.rfc3339 == "2026-02-26T10:00:05.300000Z")
    }

    @Test(
        "an upper tier that fetched nothing, sent no frame or has no name tells nothing, and is counted as ignored",
        arguments: [
            ("cache=HIT tier=shield", "n1"), ("cache=BYPASS tier=shield", "n1"), ("tier=shield", "n1"),
            ("cache=MISS tier=shield", "-"), ("cache=MISS tier=shield status=404", "n1"),
            ("cache=MISS tier=shield bytes=0", "n1"),
        ])
    func shieldTellsNothing(_ tail: String, _ node: String) throws {
        let parsed = try read(tail, node: node)
        #expect(parsed.batch.deliveries.isEmpty && parsed.batch.fills.isEmpty && parsed.outcomes == [.ignored])
    }

    @Test("a line that a later one completes is counted as ignored", arguments: ["start", "tick"])
    func interim(_ step: String) throws {
        let parsed = try read("cache=MISS step=\(step)")
        #expect(parsed.batch.deliveries.isEmpty && parsed.batch.fills.isEmpty && parsed.outcomes == [.ignored])
    }

    @Test(
        "without these fields, or with other words in them, it is the client's", arguments: ["", "tier=edge step=end"])
    func client(_ tail: String) throws {
        let parsed = try read("cache=MISS \(tail)")
        #expect(parsed.batch.deliveries.count == 1 && parsed.batch.fills.isEmpty && parsed.outcomes == [.accepted])
    }

    /// nginx 1.22.1 with `log_subrequest on`, a background update and slices: the subrequests' lines come first, with a
    /// request_length of 0 and the number of bytes that the connection had sent so far.
    @Test("nginx: of a request with subrequests only its own line is a delivery")
    func subrequests() throws {
        let format =
            "$msec $http_x_account \"$request\" $status $body_bytes_sent $upstream_cache_status $request_length"
        let yaml = try FormatString(.nginx, format).profile()
        let parsed = try Parsed(
            #"1796042691.515 al "GET /cameras/7/snap HTTP/1.1" 200 258 EXPIRED 0"#,
            #"1796042691.515 al "GET /cameras/7/snap HTTP/1.1" 200 5 STALE 97"#,
            #"1796042691.700 bo "GET /cameras/7/clip HTTP/1.1" 200 265 MISS 0"#,
            #"1796042691.700 bo "GET /cameras/7/clip HTTP/1.1" 200 10 MISS 101"#, yaml: yaml)
        #expect(parsed.outcomes == [.ignored, .accepted, .ignored, .accepted])
        #expect(parsed.batch.deliveries.map(\.bytes) == [5, 10])
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.stale, .miss] && parsed.batch.fills.isEmpty)
    }

    /// learn.microsoft.com, Azure Front Door (classic), access log: isReceivedFromClient is false on the parent's line.
    @Test("Azure: what a parent answered to the edge is a fill of the parent's, and no delivery")
    func azure() throws {
        func line(_ isClients: String, _ status: String, _ pop: String) -> String {
            #"{"time":"2026-02-26T10:00:05.3Z","properties":{"requestUri":"https://h/cameras/7/s?account=bob","httpStatusCode":"200","cacheStatus":"\#(status)","pop":"\#(pop)","responseBytes":"3000","httpMethod":"GET","isReceivedFromClient":\#(isClients)}}"#
        }
        let parsed = try Parsed(
            line("false", "MISS", "DUB"), line("true", "MISS", "LHR"), line(#""false""#, "HIT", "DUB"),
            shipped: "azure-front-door")
        #expect(parsed.outcomes == [.accepted, .accepted, .ignored])
        #expect(parsed.batch.deliveries.map { parsed.text($0.node) } == ["LHR"])
        #expect(parsed.batch.fills.map { parsed.text($0.node) } == ["DUB"])
    }

    /// Squid wiki, SquidLogs: UDP_ codes are of ICP and HTCP, by which caches ask each other what they have.
    @Test("Squid: another cache's question carries no frame", arguments: ["UDP_HIT", "UDP_MISS", "UDP_HIT_OBJ"])
    func queries(_ word: String) throws {
        let parsed = try Parsed(
            "1577358300.123      0 192.0.2.2 \(word)/000 80 ICP_QUERY http://h/cameras/7/s - HIER_NONE/- -",
            shipped: "squid-native")
        #expect(parsed.batch.deliveries.map(\.content) == [Delivery.Content.none])
    }

    /// Varnish 7.1.1 with `varnishncsa -E`, a page that includes a frame, and a request that was restarted.
    @Test("Varnish: a part of Edge Side Includes is no delivery, a restarted request is one")
    func includes() throws {
        let format = "%{VSL:Begin[3]}x|%{sec}t|%m|%U|%q|%s|%b|%{Varnish:handling}x|%{X-Account}i"
        let parsed = try Parsed(
            "esi|1796043632|GET|/cameras/7/snap.jpg|?account=esi|200|3000|miss|bob",
            "rxreq|1796043632|GET|/esi/page||200|3013|miss|bob",
            "restart|1796043632|GET|/cameras/7/snap.jpg||200|3000|miss|bob",
            yaml: try FormatString(.varnishncsa, format).profile())
        #expect(parsed.outcomes == [.ignored, .accepted, .accepted])
        #expect(parsed.batch.deliveries.map { parsed.text($0.key) } == ["/esi/page", "/cameras/7/snap.jpg"])
    }

    @Test(
        "a question needs the values that mean yes, only a question takes them, and only a delivery is asked",
        arguments: [
            "delivery: {time: ts, tier: is_edge}", "delivery: {time: ts, interim: step}",
            "delivery: {time: ts, aborted: end}",
            "delivery: {time: ts, status: {field: code, yes: [ok]}}",
            "fill: {time: ts, key: k, tier: {field: t, yes: ['0']}}",
        ])
    func problems(_ section: String) {
        #expect(throws: ProfileProblem.self) { try ProfileReader.read("name: x\nsyntax: logfmt\n\(section)\n") }
    }
}
