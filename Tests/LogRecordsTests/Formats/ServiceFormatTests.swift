import ProfileAuthoring
import Testing

@testable import LogRecords

/// Services and servers whose formats came later, and what their rows are that reached nobody.
@Suite struct ServiceFormatTests {
    static let samples = [
        FormatSample(
            // keycdn.com/support/cdn-log-format, its example.
            profile: "keycdn", backing: .documented,
            lines: [
                #"1407961382.123|usla|111.111.111.0|200|253061|uid1234|zid4321|example-hexid.kxcdn.com|HIT|"GET /lorem.jpg HTTP/1.1"|[13/Aug/2014:22:23:02 +0200]|"http://www.yourwebsite.com"|"Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0"|https|TLSv1.2|US|CA|"AS14618 Amazon.com, Inc."|-"#
            ],
            reads: [
                "node": "usla", "requester": "", "key": "example-hexid.kxcdn.com/lorem.jpg", "cache": "hit",
                "status": "200", "bytes": "253061", "time": "2014-08-13T20:23:02.123000Z", "client": "Mozilla",
            ]),
        FormatSample(
            // CloudFront Developer Guide, Real-time logs: the fields in the order of their list.
            profile: "cloudfront-realtime", backing: .names,
            lines: [realTime(uri: "/v1/cameras/77/snap.jpg?x=1", query: "x=1&account=bob", result: "Hit")],
            reads: [
                "node": "FRA56-P4", "requester": "bob", "camera": "77", "key": "/v1/cameras/77/snap.jpg",
                "cache": "hit",
                "status": "200", "bytes": "3120", "time": "2020-12-07T20:53:49.102000Z", "client": "App",
                // 1607374429.102 less the 0.120 s that it took, and what the digits of both leave open.
                "earliest": "2020-12-07T20:53:48.981001Z", "aborted": "false",
            ]),
        FormatSample(
            // docs.cloud.google.com/media-cdn, Logging: of the caches on the way the last is the one nearest to the client.
            profile: "google-media-cdn", backing: .names,
            lines: [mediaCDN(cacheStatus: "hit")],
            reads: [
                "node": "sin-456789", "key": "f63925711b0dd8a9ff861cd303774e6e", "camera": "77",
                "requester": "bob", "cache": "hit", "bytes": "3000", "time": "2026-02-26T10:00:05.300000Z",
            ]),
        FormatSample(
            // docs.trafficserver.apache.org, Logging: log fields; a format of logging.yaml with `escape: json`.
            profile: "trafficserver-json", backing: .names,
            lines: [
                trafficServer(crc: "TCP_MISS", isInternal: true), trafficServer(crc: "TCP_HIT", isInternal: false),
            ],
            reads: [
                "requester": "bob", "camera": "77", "key": "v1/cameras/77/snap?x=1&account=bob", "cache": "hit",
                "status": "200", "bytes": "3000", "time": "2026-02-26T10:00:05.300000Z",
                "latest": "2026-02-26T10:00:05.421998Z", "aborted": "false",
            ]),
        FormatSample(
            // docs.imperva.com, Log file structure: the fields of an access event in CEF.
            profile: "imperva", backing: .names,
            lines: [imperva(act: "REQ_CACHED_FRESH")],
            reads: [
                "node": "mia", "requester": "bob", "camera": "77", "cache": "hit", "status": "200", "bytes": "3000",
                "time": "2026-02-26T10:00:05.300000Z", "earliest": "2026-02-26T10:00:05.180000Z",
            ]),
        FormatSample(
            // squid.conf, logformat: the predefined `common`.
            profile: "squid-common", backing: .documented,
            lines: [
                #"192.0.2.9 - bob [26/Feb/2026:10:00:05 +0000] "GET http://relay.test/v1/cameras/77/snap HTTP/1.1" 200 3120 TCP_MEM_HIT:HIER_NONE"#
            ],
            reads: [
                "requester": "bob", "camera": "77", "key": "http://relay.test/v1/cameras/77/snap", "cache": "hit",
                "bytes": "3120", "time": "2026-02-26T10:00:05.000000Z",
            ]),
        FormatSample(
            // The predefined `squidmime`: the native line with both header lists.
            profile: "squid-native", backing: .documented,
            lines: [
                #"1772100005.300    120 192.0.2.9 TCP_HIT/200 3120 GET http://relay.test/v1/cameras/77/snap bob HIER_NONE/- image/jpeg [User-Agent: App/1.0\r\nHost: relay.test\r\n] [HTTP/1.1 200 OK\r\nETag: "f1"\r\n\r]"#
            ],
            reads: ["requester": "bob", "camera": "77", "cache": "hit", "bytes": "3120"]),
        FormatSample(
            // docs.trafficserver.apache.org, Emulating other HTTP server formats: Netscape common, with the whole URL.
            profile: "apache-common", backing: .names,
            lines: [
                #"192.0.2.9 - - [26/Feb/2026:10:00:05 -0000] "GET http://relay.test/v1/cameras/77/snap?account=bob HTTP/1.1" 200 3000"#
            ],
            reads: [
                "requester": "bob", "camera": "77", "key": "http://relay.test/v1/cameras/77/snap?account=bob",
                "time": "2026-02-26T10:00:05.000000Z",
            ]),
        FormatSample(
            // The same page: Netscape extended.
            profile: "trafficserver-extended", backing: .names,
            lines: [
                #"192.0.2.9 - - [26/Feb/2026:10:00:05 -0000] "GET http://relay.test/v1/cameras/77/snap?account=bob HTTP/1.1" 200 3000 200 3000 0 0 300 250 310 260 0"#
            ],
            reads: ["requester": "bob", "camera": "77", "cache": "unknown", "bytes": "3000"]),
        FormatSample(
            // W3C WD-logfile: the fields' names.
            profile: "w3c", backing: .names,
            lines: [
                "#Version: 1.0", "#Software: Netscaler Web Logging(NSWL)",
                "#Fields: date time c-ip cs-username s-ip cs-method cs-uri-stem cs-uri-query sc-status sc-bytes time-taken",
                "2026-02-26 10:00:05 192.0.2.9 - 10.0.0.1 GET /v1/cameras/77/snap account=bob 200 3000 5",
            ],
            reads: [
                "node": "10.0.0.1", "requester": "bob", "camera": "77", "key": "/v1/cameras/77/snap", "bytes": "3000",
                "time": "2026-02-26T10:00:05.000000Z",
            ]),
        FormatSample(
            // coturn/coturn, ns_turn_utils.c: blanks alone stand between the parts of a line.
            profile: "coturn", backing: .names,
            lines: [
                "2026-11-25T02:08:08.114+0000 INFO session 001000000000000002: new, realm=<cam.test>, username=<acct-7>, lifetime=777",
                "2026-11-25T02:08:19.123+0000 INFO session 001000000000000002: usage: realm=<cam.test>, username=<1795579699:acct-7>, rp=208, rb=21632, sp=208, sb=21492",
                "2026-11-25T02:08:19.124+0000 INFO session 001000000000000002: peer usage: realm=<cam.test>, username=<1795579699:acct-7>, rp=208, rb=21492, sp=208, sb=21632",
                "2026-11-25T02:08:20.001+0000 WARNING TCP socket closed remotely",
            ],
            reads: ["requester": "acct-7", "bytes": "21492", "time": "2026-11-25T02:08:19.123000Z"]),
    ]

    /// A line of CloudFront's real-time log with all its fields.
    static func realTime(
        uri: String, query: String, result: String, method: String = "GET", address: String = "192.0.2.9",
        detail: String? = nil, bytes: Int = 3120
    ) -> String {
        [
            "1607374429.102", address, "0.010", "200", "\(bytes)", method, "https", "cams.test", uri, "98", "FRA56-P4",
            "YqSZ2xVgBeGd3BFmYnf2FjQGmFlsnBBqZYjaJIkPbDhQYQYG6b5uEw==", "d111111abcdef8.cloudfront.net", "0.120",
            "HTTP/2.0", address.contains(":") ? "IPv6" : "IPv4", "App/1.0", "-", "-", query, "Hit", "-", "TLSv1.3",
            "TLS_AES_128_GCM_SHA256", result, "-", "-", "image/jpeg", "3000", "-", "-", "11040", detail ?? result, "US",
            "gzip,%20deflate", "*/*", "v1/*", "host:cams.test%0A", "host%0A", "9",
        ].joined(separator: "\t")
    }

    static func imperva(
        act: String, method: String = "GET", address: String = "192.0.2.9",
        target: String = "/v1/cameras/77/snap?x=1&account=bob"
    ) -> String {
        let parts = target.split(separator: "?").map(String.init)
        let query = parts.count > 1 ? " qstr=\(parts[1].replacing("=", with: "\\="))" : ""
        return
            "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0| sourceServiceName=cams.test siteid=1509732 suid=50005477 requestClientApplication=App/1.0 (request\\=/cameras/9 qstr\\=account) deviceFacility=mia ccode=DE Customer=Cams start=1772100005180 request=cams.test\(parts[0]) requestMethod=\(method)\(query) cn1=200 app=HTTP act=\(act) deviceExternalId=33411452762204224 in=3000 cpt=443 src=\(address) ver=TLSv1.3 end=1772100005300 additionalReqHeaders=[]"
    }

    static func mediaCDN(
        cacheStatus: String, method: String = "GET", address: String = "192.0.2.9",
        target: String = "/v1/cameras/77/snap?x=1&account=bob", detail: String = "response_sent"
    ) -> String {
        #"{"insertId":"1k8h2","jsonPayload":{"cacheId":"del-234567, bom-345678, sin-456789","cacheKeyFingerprint":"f63925711b0dd8a9ff861cd303774e6e","cacheMode":"CACHE_ALL_STATIC","cacheStatus":"\#(cacheStatus)","statusDetails":"\#(detail)","ttfb":"0.010s"},"httpRequest":{"requestMethod":"\#(method)","requestUrl":"https://relay.test\#(target)","status":200,"responseSize":"3000","remoteIp":"\#(address)","latency":"0.120s"},"resource":{"type":"edgecache.googleapis.com/EdgeCacheRouteRule"},"timestamp":"2026-02-26T10:00:05.300Z"}"#
    }

    static func trafficServer(
        crc: String, isInternal: Bool, method: String = "GET", address: String = "192.0.2.9",
        target: String = "/v1/cameras/77/snap?x=1&account=bob", finish: String = "FIN"
    ) -> String {
        #"{"cqtq":"1772100005.300","ttms":"120","chi":"\#(address)","cqhm":"\#(method)","cquc":"http://relay.test\#(target)","cluc":"http://relay.test\#(target)","pssc":"200","pscl":"3000","sssc":"000","crc":"\#(crc)","cfsc":"\#(finish)","cqint":"\#(isInternal ? 1 : 0)"}"#
    }

    @Test("a server's lines say what a person reads in them", arguments: samples)
    func sample(_ sample: FormatSample) throws { try sample.check() }

    @Test("what a plugin of Traffic Server fetched for itself reached nobody (cqint)")
    func internalRequest() throws {
        let parsed = try Parsed(
            Self.trafficServer(crc: "TCP_MISS", isInternal: true), shipped: "trafficserver-json")
        #expect(parsed.outcomes == [.ignored] && parsed.batch.deliveries.isEmpty)
    }

    @Test("what a miss of Cloudflare's brought from an upper tier may have been in store there (CacheTieredFill)")
    func cloudflareTiers() throws {
        func line(_ word: String, _ isTiered: Bool) -> String {
            #"{"RayID":"7a1f","EdgeStartTimestamp":"2026-02-26T10:00:05.3Z","CacheCacheStatus":"\#(word)","CacheTieredFill":\#(isTiered),"ClientIP":"192.0.2.9","ClientRequestHost":"h","ClientRequestMethod":"GET","ClientRequestPath":"/","ClientRequestURI":"/","EdgeResponseStatus":200,"EdgeResponseBytes":3000}"#
        }
        let parsed = try Parsed(
            line("miss", false), line("miss", true), line("expired", true), line("hit", true), shipped: "cloudflare")
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.miss, .unknown, .unknown, .hit])
    }

    @Test("what Fastly's shield fetched is a fill of its own, and its other lines are no record")
    func shield() throws {
        func line(_ state: String, isEdge: Bool) -> String {
            #"{"timestamp":"2026-03-01T10:00:05+0000","host":"h","url":"/v1/cameras/7/s.jpg?account=bob","request_method":"GET","response_state":"\#(state)","response_status":200,"response_body_size":5000,"fastly_server":"\#(isEdge ? "cache-fra" : "cache-iad")","fastly_is_edge":\#(isEdge)}"#
        }
        let parsed = try Parsed(
            line("MISS", isEdge: false), line("HIT", isEdge: false), line("MISS", isEdge: true), shipped: "fastly")
        #expect(parsed.outcomes == [.accepted, .ignored, .accepted])
        #expect(parsed.batch.deliveries.map { parsed.text($0.node) } == ["cache-fra"])
        #expect(parsed.batch.fills.map { parsed.text($0.node) } == ["cache-iad"])
        #expect(parsed.batch.fills.map { parsed.text($0.camera) } == ["7"])
    }

    @Test("Media CDN's request to the origin is no answer to a client, and a parent's hit is no origin's answer")
    func mediaCDNTiers() throws {
        let fetch = Self.mediaCDN(cacheStatus: "miss").replacing(#""ttfb""#, with: #""backendLatency":"0.1s","ttfb""#)
        let parsed = try Parsed(
            fetch, Self.mediaCDN(cacheStatus: "fetch, miss, miss"), Self.mediaCDN(cacheStatus: "hit, miss"),
            shipped: "google-media-cdn")
        #expect(parsed.outcomes == [.ignored, .accepted, .accepted])
        #expect(parsed.batch.deliveries.map(\.cacheStatus) == [.miss, .unknown])
    }

    @Test("an answer that is shorter than it announced was aborted; Caddy gives it the duration 0 (seen with 2.11.4)")
    func caddyAborts() throws {
        func line(_ size: Int, _ duration: String, _ method: String = "GET") -> String {
            #"{"level":"info","ts":1772100005.3,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.9","method":"\#(method)","host":"relay.test","uri":"/v1/cameras/77/snap","headers":{"X-Account":["bob"]}},"user_id":"","duration":\#(duration),"size":\#(size),"status":200,"resp_headers":{"Content-Length":["3000000"]}}"#
        }
        let parsed = try Parsed(
            line(1_500_000, "0"), line(3_000_000, "4"), line(0, "0.01", "HEAD"), shipped: "caddy")
        let deliveries = parsed.batch.deliveries
        #expect(deliveries.map { $0.flags.contains(.aborted) } == [true, false, false])
        #expect(deliveries.map { $0.flags.contains(.startUnknown) } == [true, false, false])
        #expect(deliveries.map(\.content) == [.frame, .frame, .none])
        // It began within the bound of a minute before, and its duration, 0, is a whole second less a microsecond at most.
        #expect(deliveries[0].time.earliest.rfc3339 == "2026-02-26T09:59:04.300001Z")
        #expect(deliveries[0].time.latest.rfc3339.hasPrefix("2026-02-26T10:00:05.3"))
    }

    @Test(
        "a line that says that no answer began is aborted, whatever its status is written as", arguments: ["0", "-1"])
    func noAnswer(_ status: String) throws {
        let parsed = try Parsed(
            #"127.0.0.1:48918 [30/Nov/2026:06:47:27.328] pair pair/s1 0/0/0/-1/0 \#(status) 0 - - CH-- 1/1/0/0/0 0/0 "GET /v1/cameras/7/snap?account=bob HTTP/1.1""#,
            shipped: "haproxy-http")
        let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)")
        #expect(delivery.content == .none && delivery.flags.contains(.aborted))
    }

    @Test("Varnish's records end after 254 bytes: a value as long is not known whole (seen with 7.7.0 and Vinyl 9.0.1)")
    func cutValues() throws {
        func line(_ padding: Int, key: Int) -> String {
            let url = "/v1/cameras/77/" + String(repeating: "p", count: padding - 15)
            let key = String(repeating: "k", count: key)
            return
                #"192.0.2.9 - bob [2026-02-26T10:00:05.300] "GET \#(url) HTTP/1.1" 200 3000 "App/1.0" hm=hit hd=hit st=fresh ck=\#(key) fid=f1 fo=alice fc=77 hits=1 cl=app net=ok rtt=5 ttfb=0.1 us=120 vxid=7 rid=1"#
        }
        let parsed = try Parsed(line(253, key: 250), line(254, key: 250), line(253, key: 251), shipped: "varnishncsa")
        #expect(parsed.batch.deliveries.count == 3, "\(parsed.outcomes)")
        #expect(parsed.batch.deliveries.map { parsed.text($0.camera) } == ["77", "", "77"])
        #expect(parsed.batch.deliveries.map(\.key.isPresent) == [true, true, false])
    }

    @Test("of a cut record of varnishlog nothing is known, and an ESI part is no answer of its own")
    func varnishlog() throws {
        func transaction(_ begin: String, key: Int) -> [String] {
            [
                "*   << Request  >> 7", "-   Begin          \(begin)",
                "-   Timestamp      Start: 1772100005.300000 0.000000 0.000000",
                "-   ReqMethod      GET", "-   ReqURL         /v1/cameras/77/snap", "-   ReqHeader      X-Account: bob",
                "-   VCL_Log        ck:\(String(repeating: "k", count: key))", "-   VCL_call       HIT",
                "-   Hit            3 4.9 10.0 0.0", "-   RespStatus     200",
                "-   Timestamp      Resp: 1772100005.301000 0.001000 0.000100",
                "-   End            ", "",
            ]
        }
        let lines = transaction("req 6 rxreq", key: 250) + transaction("req 6 rxreq", key: 251)
        let profile = try #require(try ProfileLibrary().profile(named: "varnishlog"))
        let all = lines + transaction("req 6 esi", key: 3)
        let parsed = Parsed(all.map { Array($0.utf8) }, profile)
        #expect(parsed.batch.deliveries.map(\.key.isPresent) == [true, false], "\(parsed.outcomes)")
    }

    @Test("varnishncsa's format cuts each value where its record ends")
    func cutsOfFormats() throws {
        let text = try FormatString(.varnishncsa, #"%t %m %U%q %s %b %{VCL_Log:key}x %{X-Account}i"#).profile()
        let profile = try ProfileReader.read(text)
        let cuts = Dictionary(uniqueKeysWithValues: profile.cuts.map { (profile.fields[$0.field], $0.at) })
        // "key:" and "X-Account: " stand in front.
        #expect(cuts.values.sorted() == [243, 250, 254], "\(cuts)")
        // A name that fills its record leaves nothing of the value.
        let long = try FormatString(.varnishncsa, "%t %U %{X-\(String(repeating: "a", count: 300))}i").profile()
        #expect(try ProfileReader.read(long).cuts.map(\.at).sorted() == [1, 254])
    }

    @Test("Squid's Cache-Status says hit of what the origin confirmed, too: it tells no more than that (seen with 7.7)")
    func squidCacheStatus() {
        #expect(CacheStatusField("sq;hit;detail=match")?.status == .unknown)
        #expect(CacheStatusField("sq;hit")?.status == .hit)
        #expect(CacheStatusField("edge;hit;detail=memory")?.status == .hit)
        #expect(CacheStatusField("sq;detail=mismatch")?.status == nil)
    }

    @Test(
        "CloudFront: what the other column says counts where the viewer left, and what a function made is neither hit nor miss",
        arguments: [
            ("Hit", "Hit", CacheStatus.hit), ("Error", "Hit", .hit), ("Error", "RefreshHit", .revalidated),
            ("Error", "Miss", .miss), ("Error", "Error", .unknown), ("FunctionGeneratedResponse", "Miss", .unknown),
            ("LambdaGeneratedResponse", "Hit", .unknown), ("Redirect", "Miss", .unknown),
        ])
    func cloudFrontResults(_ result: String, _ response: String, _ status: CacheStatus) throws {
        let line =
            #"{"date":"2026-02-26","time":"10:00:05","x-edge-location":"FRA50-C1","sc-bytes":"3000","cs-method":"GET","cs-uri-stem":"/cameras/7/s","sc-status":"200","x-edge-result-type":"\#(result)","x-edge-response-result-type":"\#(response)"}"#
        let delivery = try #require(try Parsed(line, shipped: "cloudfront-json").batch.deliveries.first)
        #expect(delivery.cacheStatus == status && delivery.flags.contains(.aborted) == (result == "Error"))
    }

    @Test(
        "Google: an answer that ended early is told by its statusDetails",
        arguments: [
            ("response_from_cache", false), ("client_disconnected_after_partial_response", true),
            ("client_timed_out", true), ("byte_range_caching_aborted", true),
            ("cache_lookup_failed_after_partial_response", true), ("byte_range_caching", false),
        ])
    func googleAborts(_ details: String, _ isAborted: Bool) throws {
        let line =
            #"{"timestamp":"2026-02-26T10:00:05.3Z","httpRequest":{"requestMethod":"GET","requestUrl":"https://h/cameras/7/s","status":200,"responseSize":"500"},"jsonPayload":{"statusDetails":"\#(details)"}}"#
        let delivery = try #require(try Parsed(line, shipped: "google-cloud-cdn").batch.deliveries.first)
        #expect(delivery.flags.contains(.aborted) == isAborted)
    }
}
