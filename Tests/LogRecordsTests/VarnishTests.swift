import Testing

@testable import LogRecords

/// varnishlog's transactions. The tags and their order are those that a Varnish 7.1 wrote, without those nobody reads.
@Suite struct VarnishTests {
    /// A client's transaction, grouped by request.
    private static func request(_ vxid: Int, account: String, start: String, state: String = "fresh") -> [String] {
        [
            "*   << Request  >> \(vxid)    ", "-   Begin          req 720900 rxreq",
            "-   Timestamp      Start: \(start) 0.000000 0.000000", "-   ReqMethod      GET",
            "-   ReqURL         /v1/cameras/486265508/snapshot?acct=\(account)",
            "-   ReqHeader      Host: relay.example",
            "-   ReqHeader      X-Account: \(account)", "-   ReqHeader      x-client: nest-hub",
            "-   VCL_Log        ck:snap/s08", "-   VCL_call       HIT", "-   VCL_Log        st:\(state)",
            "-   RespStatus     200", "-   RespHeader     X-Frame-Id: d80e667036dbd646",
            "-   RespHeader     X-Frame-Owner: 5163562193", "-   RespHeader     X-Camera: 486265508",
            "-   Timestamp      Resp: 1795475491.701305 0.018477 0.000094", "-   End            ", "",
        ]
    }

    /// The same as `-g raw` has it: the transaction's number and side on every line.
    private static func raw(_ lines: [String], _ vxid: Int) -> [String] {
        lines.filter { $0.hasPrefix("-") }.map { line in
            let words = line.split(separator: " ", maxSplits: 2)
            return "    \(vxid) \(words[1]) c \(words.count > 2 ? words[2].drop { $0 == " " } : "")"
        }
    }

    private func parse(_ lines: [String]) throws -> Parsed {
        Parsed(lines.map { Array($0.utf8) }, try #require(try ProfileLibrary().profile(named: "varnishlog")))
    }

    @Test("a transaction is one delivery, with the headers, the key of VCL_Log and the time that its stamps tell")
    func grouped() throws {
        let parsed = try parse(Self.request(360797, account: "2511115941", start: "1795475491.682827"))
        #expect(parsed.batch.deliveries.count == 1)
        let delivery = try #require(parsed.batch.deliveries.first)
        #expect(parsed.text(delivery.requester) == "2511115941")
        #expect(parsed.text(delivery.camera) == "486265508")
        #expect(parsed.text(delivery.key) == "snap/s08")
        #expect(parsed.text(delivery.frame) == "d80e667036dbd646")
        #expect(parsed.text(delivery.owner) == "5163562193")
        #expect(parsed.text(delivery.frameCamera) == "486265508")
        #expect(parsed.text(delivery.client) == "nest-hub", "a header's name has no case")
        #expect(delivery.cacheStatus == .hit)
        #expect(delivery.status == 200)
        #expect(delivery.time.stamp == 1_795_475_491_682_827)
        // The start, and 0.018477 s later; both digits are microseconds, so nothing more is open.
        #expect(delivery.time.earliest == 1_795_475_491_682_827)
        #expect(delivery.time.latest == 1_795_475_491_682_827 + 18_477)
        #expect(delivery.id.line == 2, "the line of its Begin")
        #expect(parsed.unfinished.isEmpty)
    }

    @Test(
        "what a cache says of an answer: Hit, HitMiss, HitPass and the methods called (vsl(7), varnishncsa(1))",
        arguments: [
            (["Hit            32771 59.668197 10.000000 0.000000", "VCL_call       HIT"], CacheStatus.hit),
            // Nothing is left of its time to live: it is served in its grace.
            (["Hit            32771 -1.250000 10.000000 0.000000", "VCL_call       HIT"], .stale),
            (["VCL_call       MISS"], .miss),
            (["HitMiss        32771 119.668197", "VCL_call       MISS"], .miss),
            (["HitPass        32771 119.668197", "VCL_call       PASS"], .bypass), (["VCL_call       PASS"], .bypass),
        ])
    func verdicts(_ tags: [String], _ expected: CacheStatus) throws {
        let parsed = try parse(
            ["*   << Request  >> 5", "-   Begin          req 4 rxreq"]
                + [
                    "Timestamp      Start: 1795475491.000001 0.000000 0.000000", "ReqURL         /v1/cameras/1/snap",
                    "ReqHeader      X-Account: alice", "VCL_call       RECV", "VCL_return     hash",
                    "VCL_call       HASH",
                ].map { "-   " + $0 } + tags.map { "-   " + $0 }
                + [
                    "-   RespStatus     200", "-   VCL_call       DELIVER", "-   VCL_return     deliver",
                    "-   End            ",
                ])
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [expected])
    }

    @Test("a request that was restarted has its answer in another transaction")
    func restarted() throws {
        var lines = Self.request(5, account: "alice", start: "1795475491.000001")
        lines.insert(contentsOf: ["-   VCL_return     restart", "-   Link           req 6 restart"], at: 10)
        let parsed = try parse(lines)
        #expect(parsed.batch.count == 0)
        #expect(parsed.outcomes[lines.count - 2] == .ignored, "its End")
    }

    @Test(
        "a transaction whose end was made up is no answer",
        arguments: [
            ["-   VSL            timeout", "-   End            synth"], ["-   End            synth"],
            ["-   VSL            store overflow", "-   End            "],
        ])
    func madeUpEnd(_ end: [String]) throws {
        let lines = Self.request(5, account: "alice", start: "1795475491.000001").dropLast(2) + end
        let parsed = try parse(Array(lines))
        #expect(parsed.batch.count == 0)
        #expect(parsed.outcomes.last == .rejected(.unfinished, offset: 0))
    }

    @Test("a transaction's number may need 64 bits (Varnish 7.3)")
    func longNumber() throws {
        let lines = Self.request(5_000_000_123, account: "alice", start: "1795475491.000001")
        #expect(try parse(lines).batch.deliveries.count == 1)
        #expect(try parse(Self.raw(lines, 5_000_000_123)).batch.deliveries.count == 1)
    }

    @Test("transactions whose lines interleave are told apart by their numbers")
    func interleaved() throws {
        let one = Self.raw(Self.request(11, account: "alice", start: "1795475491.000001"), 11)
        let two = Self.raw(Self.request(12, account: "bob", start: "1795475491.000002", state: "grace"), 12)
        var mixed: [String] = []
        for (a, b) in zip(one, two) { mixed += [a, b] }
        let parsed = try parse(mixed)
        #expect(parsed.outcomes.allSatisfy { $0 == .accepted })
        #expect(parsed.batch.deliveries.map { parsed.text($0.requester) } == ["alice", "bob"])
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.hit, .stale])
        #expect(parsed.batch.deliveries.map(\.time.stamp) == [1_795_475_491_000_001, 1_795_475_491_000_002])
        #expect(parsed.batch.deliveries.map(\.id.line) == [1, 2])
    }

    @Test("a transaction that the log begins or ends in the middle of is no delivery, and its begin is named")
    func unfinished() throws {
        let whole = Self.raw(Self.request(11, account: "alice", start: "1795475491.000001"), 11)
        let headless = try parse(Array(whole.dropFirst(3)))
        #expect(headless.batch.count == 0)
        #expect(headless.unfinished == [])
        let cut = try parse(["    7 Begin c req 1 rxreq"] + whole.dropLast())
        #expect(cut.batch.count == 0)
        #expect(cut.unfinished == [1, 2])
    }

    @Test("sessions and probes are no records, other lines are refused")
    func others() throws {
        let parsed = try parse([
            "*   << Session  >> 5", "-   Begin          sess 0 HTTP/1", "-   End            ", "not a varnishlog line",
            "17",
        ])
        #expect(parsed.batch.count == 0)
        #expect(parsed.outcomes[2] == .ignored)
        #expect(parsed.outcomes[3] == .rejected(.patternMismatch, offset: 0))
        #expect(parsed.outcomes[4] == .rejected(.patternMismatch, offset: 2))
        #expect(try parse(["-   Begin req 1 rxreq"]).outcomes == [.rejected(.patternMismatch, offset: 0)])
    }

    @Test("a request four levels deep has its level written out (vsl_print in Varnish's vsl.c)")
    func deep() throws {
        let lines = Self.request(11, account: "alice", start: "1795475491.000001").map { line in
            line.hasPrefix("*") ? "*4*" + line.dropFirst(3) : line.hasPrefix("-") ? "-4-" + line.dropFirst(3) : line
        }
        #expect(try parse(lines).batch.deliveries.count == 1)
    }

    @Test("a backend's fetch with a body is a fill, without one a revalidation")
    func backend() throws {
        func fetch(_ body: String) -> [String] {
            [
                "*   << BeReq    >> 360798", "-   Begin          bereq 360797 fetch",
                "-   Timestamp      Start: 1795475491.682892 0.000000 0.000000",
                "-   BereqURL       /v1/cameras/486265508/snapshot", "-   BereqHeader    X-Account: 2511115941",
                "-   BereqHeader    X-Cache-Key: snap/s08", "-   BereqHeader    If-None-Match: \"b5c2eb2d86921300\"",
                "-   BerespStatus   200", "-   BerespHeader   X-Frame-Id: d80e667036dbd646",
                "-   BerespHeader   X-Frame-Owner: 5163562193", body,
                "-   Timestamp      BerespBody: 1795475491.701316 0.018423 0.000190", "-   End            ",
            ]
        }
        let filled = try parse(fetch("-   Fetch_Body     3 length stream"))
        #expect(filled.batch.fills.map(\.kind) == [.sent])
        #expect(filled.batch.fills.map { filled.text($0.owner) } == ["5163562193"])
        #expect(filled.batch.fills.map { filled.text($0.validator) } == ["b5c2eb2d86921300"])
        #expect(filled.batch.fills.map(\.time.latest) == [1_795_475_491_682_892 + 18_423])
        #expect(try parse(fetch("")).batch.fills.map(\.kind) == [.revalidated])
    }

    @Test("accounts whose bytes are not UTF-8 stay two accounts")
    func foreignBytes() throws {
        let profile = try #require(try ProfileLibrary().profile(named: "varnishlog"))
        let lines = [UInt8(0xe9), 0xe8].enumerated().flatMap { index, byte in
            Self.request(index + 1, account: "#", start: "1795475491.000001").map { line in
                Array(line.utf8).flatMap { $0 == UInt8(ascii: "#") ? [byte] : [$0] }
            }
        }
        let parsed = Parsed(lines, profile)
        #expect(parsed.batch.deliveries.map { parsed.text($0.requester) } == [#"\xe9"#, #"\xe8"#])
    }
}
