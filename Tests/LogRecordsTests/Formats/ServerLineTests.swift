import Testing

@testable import LogRecords

/// Lines that the servers themselves wrote in the formats that their documentation or their users give: nginx 1.22.1, Apache
/// 2.4.71 with mod_cache, Squid 5.7, Traffic Server 9.2.5 and HAProxy 2.6.12, before an origin on loopback.
@Suite struct ServerLineTests {
    static let samples = [
        // A refused and a working upstream: lists with commas; a server that is not Kubernetes' has the same log_format.
        FormatSample(
            profile: "ingress-nginx", backing: .server,
            lines: [
                #"127.0.0.1 - - [30/Nov/2026:12:57:33 +0000] "GET /cameras/7/snap.jpg?x=1&account=bob HTTP/1.1" 200 3000 "-" "App/1.0" 108 0.000 [cams-relay-80] [] - - - - 20b79565244c6a987785bccf60604ea1"#,
                #"127.0.0.1 - - [30/Nov/2026:12:57:33 +0000] "GET /two/cameras/7/snap.jpg?account=two HTTP/1.1" 200 3000 "-" "curl/7.88.1" 112 0.000 [cams-relay-80] [] 127.0.0.1:8093, 127.0.0.1:8092 0, 3000 0.000, 0.000 502, 200 d42afe8ed7c9f54f0175c9cdbe6f4e96"#,
            ],
            reads: [
                "requester": "two", "camera": "7", "key": "/two/cameras/7/snap.jpg?account=two", "status": "200",
                "bytes": "3000", "client": "curl", "cache": "unknown", "time": "2026-11-30T12:57:33.000000Z",
            ], deliveries: 2),
        FormatSample(
            profile: "nginx-amplify", backing: .server,
            lines: [
                #"::1 - - [30/Nov/2026:12:57:36 +0000] "GET /cameras/7/snap.jpg?account=six HTTP/1.1" 200 3000 "-" "curl/7.88.1" "-" "[::1]" sn="relay.test" rt=0.000 ua="127.0.0.1:8092" us="200" ut="0.000" ul="3000" cs=MISS"#
            ],
            reads: [
                "requester": "six", "camera": "7", "cache": "miss", "status": "200", "bytes": "3000",
                "latest": "2026-11-30T12:57:36.999999Z",
            ]),
        FormatSample(
            profile: "nginx-proxy-manager", backing: .server,
            lines: [
                #"[30/Nov/2026:12:57:36 +0000] STALE - 200 - GET http 127.0.0.1 "/cameras/7/snap.jpg?x=1&account=bob" [Client 127.0.0.1] [Length 3000] [Gzip -] [Sent-to relay.test] "curl/7.88.1" "-""#,
                #"[30/Nov/2026:12:57:36 +0000] MISS 200 200 - GET http [::1] "/cameras/7/snap.jpg?account=six" [Client ::1] [Length 3000] [Gzip -] [Sent-to relay.test] "curl/7.88.1" "-""#,
            ],
            reads: [
                "requester": "six", "camera": "7", "cache": "miss", "status": "200", "bytes": "3000",
                "key": "[::1]/cameras/7/snap.jpg?account=six",
            ], deliveries: 2),
        FormatSample(
            profile: "apache-vhost", backing: .server,
            lines: [
                #"relay.test:80 ::1 - - [30/Nov/2026:12:59:09 +0000] "GET /cameras/7/snap.jpg?x=1&account=bob HTTP/1.1" 200 3191 "-" "App/1.0 \"q\"""#
            ],
            reads: [
                "requester": "bob", "camera": "7", "status": "200", "bytes": "3191", "client": "App",
                "earliest": "2026-11-30T12:59:09.000000Z", "key": "relay.test/cameras/7/snap.jpg?x=1&account=bob",
            ]),
        FormatSample(
            profile: "apache-common", backing: .server,
            lines: [
                #"127.0.0.1 - - [30/Nov/2026:12:59:06 +0000] "GET /cameras/9/big.jpg?account=gone HTTP/1.1" 200 270336"#
            ],
            reads: ["requester": "gone", "camera": "9", "status": "200", "bytes": "270336", "cache": "unknown"]),
        FormatSample(
            profile: "squid-common", backing: .server,
            lines: [
                #"::1 - - [30/Nov/2026:13:00:58 +0000] "GET http://127.0.0.1:8131/cameras/7/snap.jpg?x=1&account=bob HTTP/1.1" 200 3280 TCP_MEM_HIT:HIER_NONE"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "status": "200", "bytes": "3280", "cache": "hit",
                "key": "http://127.0.0.1:8131/cameras/7/snap.jpg?x=1&account=bob",
            ]),
        FormatSample(
            profile: "trafficserver-extended", backing: .server,
            lines: [
                #"::1 - - [30/Nov/2026:13:01:48 -0000] "GET http://127.0.0.1:8199/cameras/7/snap.jpg?x=1&account=bob HTTP/1.1" 200 3000 200 3000 0 0 201 182 316 172 0"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "status": "200", "bytes": "3000", "cache": "unknown",
                "earliest": "2026-11-30T13:01:48.000000Z", "latest": "2026-11-30T13:01:49.999998Z",
            ]),
        // The client left: what it had received by then, with another result code than the cache's.
        FormatSample(
            profile: "trafficserver-extended2", backing: .server,
            lines: [
                #"127.0.0.1 - - [30/Nov/2026:13:01:44 -0000] "GET http://127.0.0.1:8199/cameras/7/snap.jpg?x=1&account=bob HTTP/1.1" 200 3000 000 0 0 0 171 182 0 0 0 NONE FIN FIN TCP_HIT"#,
                #"127.0.0.1 - - [30/Nov/2026:13:01:45 -0000] "GET http://127.0.0.1:8199/cameras/9/big.jpg?account=gone HTTP/1.1" 200 3251698 200 20000000 0 0 110 186 237 176 0 DIRECT INTR FIN ERR_CLIENT_READ_ERROR"#,
            ],
            reads: [
                "requester": "gone", "camera": "9", "status": "200", "bytes": "3251698", "cache": "unknown",
                "aborted": "true",
            ], deliveries: 2),
        FormatSample(
            profile: "trafficserver-json", backing: .server,
            lines: [
                #"{"cqtq":"1796043708.728","ttms":"0","chi":"::1","cqhm":"GET","cquuc":"http:\/\/127.0.0.1:8151\/cameras\/7\/snap.jpg?x=1&account=bob","cluc":"http:\/\/127.0.0.1:8199\/cameras\/7\/snap.jpg?x=1&account=bob","pssc":"200","pscl":"3000","crc":"TCP_MISS","cfsc":"FIN","sssc":"200","{X-Account}cqh":"bob","{ETag}psh":"\"e1\"","{X-Frame-Owner}psh":"ann","cqint":"0"}"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "key": "cameras/7/snap.jpg?x=1&account=bob", "frame": "e1",
                "owner": "ann", "cache": "miss", "status": "200", "bytes": "3000",
                "earliest": "2026-11-30T13:01:48.728000Z", "latest": "2026-11-30T13:01:48.729998Z",
            ]),
        FormatSample(
            profile: "haproxy-http", backing: .server,
            lines: [
                #"::1:33740 [30/Nov/2026:12:58:33.843] a cams/cam 0/0/0/0/0 200 3163 - - ---- 1/1/0/0/0 0/0 "GET /cameras/7/snap.jpg?x=1&account=bob HTTP/1.1""#
            ],
            reads: [
                "requester": "bob", "camera": "7", "status": "200", "bytes": "3163", "cache": "unknown",
                "earliest": "2026-11-30T12:58:33.843000Z",
            ]),
        // docs.konghq.com, HTTP Log: the example's values, with the members that stand between left out.
        FormatSample(
            profile: "kong", backing: .documented,
            lines: [
                #"{"request":{"method":"GET","uri":"/get","url":"http://httpbin.org:8000/get","size":"75","querystring":{},"headers":{"accept":"*/*","host":"httpbin.org","user-agent":"curl/7.37.1"}},"upstream_uri":"/","response":{"status":200,"size":"434","headers":{"Content-Length":"197","via":"kong/0.3.0","server":"nginx"}},"tries":[{"state":"next","code":502,"ip":"127.0.0.1","port":8000},{"ip":"127.0.0.1","port":8000}],"latencies":{"proxy":1430,"kong":9,"request":1921},"client_ip":"127.0.0.1","started_at":1433209822425}"#
            ],
            reads: [
                "key": "httpbin.org/get", "status": "200", "bytes": "434", "client": "curl", "requester": "",
                "aborted": "false", "cache": "unknown", "time": "2015-06-02T01:50:22.425000Z",
                // 1,921 ms behind it, each of the two cut to milliseconds.
                "latest": "2015-06-02T01:50:24.347998Z",
            ]),
        // Caddy 2.6.2 with time_format unix_milli_float and duration_format nano.
        FormatSample(
            profile: "caddy", backing: .server,
            lines: [
                #"{"level":"info","ts":1796043583280.0564,"logger":"http.log.access.log2","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"42302","proto":"HTTP/1.1","method":"GET","host":"127.0.0.1:8123","uri":"/cameras/7/snap.jpg?x=1&account=bob","headers":{"Connection":["close"],"Authorization":[],"User-Agent":["App/1.0 \"q\""],"X-Account":["bob"],"X-Client":["App"]}},"user_id":"","duration":6396048,"size":3000,"status":200,"resp_headers":{"Date":["Mon, 30 Nov 2026 12:59:43 GMT"],"Cache-Control":["max-age=2"],"Etag":["\"e1\""],"X-Frame-Owner":["ann"],"Server":["Caddy","BaseHTTP/0.6 Python/3.11.7"],"Content-Length":["3000"]}}"#
            ],
            reads: [
                "requester": "bob", "camera": "7", "frame": "e1", "owner": "ann", "status": "200", "bytes": "3000",
                "client": "App", "time": "2026-11-30T12:59:43.280056Z", "earliest": "2026-11-30T12:59:43.273660Z",
            ]),
    ]

    @Test("a server's lines say what a person reads in them", arguments: samples)
    func lines(_ sample: FormatSample) throws { try sample.check() }
}
