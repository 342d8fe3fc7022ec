import ProfileAuthoring
import Testing

@testable import LogRecords

/// The formats are those of real servers' configurations, the lines what those servers then wrote.
@Suite struct FormatStringTests {
    private func read(_ server: FormatString.Server, _ format: String, _ line: String) throws -> [String: String] {
        let yaml = try FormatString(server, format).profile()
        let parsed = try Parsed(line, yaml: yaml)
        let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)\n\(yaml)")
        return [
            "time": delivery.time.stamp.rfc3339, "earliest": delivery.time.earliest.rfc3339,
            "latest": delivery.time.latest.rfc3339, "requester": parsed.text(delivery.requester),
            "key": parsed.text(delivery.key), "cache": "\(delivery.cacheStatus)", "status": "\(delivery.status)",
            "bytes": "\(delivery.bytes)", "frame": parsed.text(delivery.frame), "camera": parsed.text(delivery.camera),
            "owner": parsed.text(delivery.owner), "client": parsed.text(delivery.client),
            "network": parsed.text(delivery.network), "aborted": "\(delivery.flags.contains(.aborted))",
        ]
    }

    private func expect(_ found: [String: String], _ expected: [String: String]) {
        for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    }

    @Test("nginx log_format in text")
    func nginxText() throws {
        expect(
            try read(
                .nginx,
                #"$msec $remote_addr $http_x_account $http_x_client $http_x_net/$http_x_rtt "$request_method /v1/cameras/*/snapshot" $status $body_bytes_sent $request_time $upstream_cache_status key=$ck"#,
                #"1795475742.187 127.0.0.1 1815187656 mi-home-app ok/87 "GET /v1/cameras/*/snapshot" 200 718 0.000 HIT key=snap/552516016"#
            ),
            [
                "time": "2026-11-23T23:15:42.187000Z", "requester": "1815187656", "client": "mi-home-app",
                "network": "ok", "status": "200", "bytes": "718", "cache": "hit", "key": "snap/552516016",
            ])
    }

    @Test("nginx log_format that writes JSON")
    func nginxJSON() throws {
        expect(
            try read(
                .nginx,
                #"{"ts":$msec,"remote":"$remote_addr","account":"$http_x_account","net":"$http_x_net","uri":"$request_uri","status":$status,"body_bytes":$body_bytes_sent,"rt":$request_time,"cache":"$upstream_cache_status","key":"$ck","frame":"$sent_http_x_frame_id","frame_owner":"$sent_http_x_frame_owner","completion":"$request_completion","ua":"$http_user_agent"}"#,
                #"{"ts":1795475742.187,"remote":"127.0.0.1","account":"1815187656","net":"ok","uri":"/v1/cameras/552516016/snapshot?acct=1815187656","status":200,"body_bytes":718,"rt":0.010,"cache":"HIT","key":"snap/552516016","frame":"c03532fbcb26cf2f","frame_owner":"4800466732","completion":"","ua":"MiHome/5.6.91 (Android 9; MI 8)"}"#
            ),
            [
                "time": "2026-11-23T23:15:42.187000Z", "earliest": "2026-11-23T23:15:42.176001Z",
                "requester": "1815187656", "camera": "552516016", "frame": "c03532fbcb26cf2f", "owner": "4800466732",
                "key": "snap/552516016", "client": "MiHome", "aborted": "true", "bytes": "718",
            ])
    }

    @Test("Squid logformat, whose time stamp has three parts")
    func squid() throws {
        expect(
            try read(
                .squid,
                #"[%{%d/%b/%Y:%H:%M:%S}tl.%03tu %{%z}tl] %{X-Account}>h %{X-Client}>h %{X-Net}>h %Ss:%Sh %>Hs %<st %tr "%note{ck}""#,
                #"[23/Nov/2026:23:17:25.450 +0000] 2947922965 mi-home-app ok TCP_CF_REFRESH_UNMODIFIED:HIER_NONE 200 1212 71 "snap/291357381""#
            ),
            [
                "time": "2026-11-23T23:17:25.450000Z", "earliest": "2026-11-23T23:17:25.378001Z",
                "requester": "2947922965", "client": "mi-home-app", "network": "ok", "cache": "revalidated",
                "status": "200", "bytes": "1212", "key": "snap/291357381",
            ])
    }

    @Test("Squid's native logformat with headers behind it")
    func squidNative() throws {
        expect(
            try read(
                .squid,
                #"%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt acct=%{X-Account}>h fid=%{X-Frame-Id}<h inm="%{If-None-Match}>h" err=%err_code"#,
                #"1795475845.450     71 127.0.0.1 TCP_MEM_HIT/200 1212 GET http://relay-eu1.camcloud.test/v1/cameras/291357381/snapshot - HIER_NONE/- image/jpeg acct=2947922965 fid=5e02b7971e2c29d2 inm="\"5e02b7971e2c29d2\"" err=-"#
            ),
            [
                "requester": "2947922965", "frame": "5e02b7971e2c29d2", "camera": "291357381", "cache": "hit",
                "key": "http://relay-eu1.camcloud.test/v1/cameras/291357381/snapshot", "status": "200",
            ])
    }

    @Test("Squid URL-encodes a header field that its format does not put in quotes")
    func squidEncoding() throws {
        expect(
            try read(
                .squid, "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru who=%{X-Account}>h fid=%{ETag}<h key=%note{ck}",
                "1795575816.334      2 127.0.0.1 TCP_MISS/200 338 GET http://relay.test/v1/cameras/5000/snapshot who=acct%2000 fid=%22frame-00001%22 key=/v1/cameras/5000/snapshot"
            ),
            ["requester": "acct 00", "frame": "frame-00001", "key": "/v1/cameras/5000/snapshot", "cache": "miss"])
    }

    @Test("varnishncsa -F, whose stamp marks the start")
    func varnishncsa() throws {
        expect(
            try read(
                .varnishncsa,
                #"%h %l %{X-Account}i [%{%d/%b/%Y:%H:%M:%S}t.%{msec_frac}t %{%z}t] "%r" %s %b "%{User-Agent}i" hd=%{Varnish:handling}x ck=%{VCL_Log:ck}x fid=%{X-Frame-Id}o us=%D"#,
                #"127.0.0.1 - 3743930681 [23/Nov/2026:23:11:52.476 +0000] "GET http://relay-eu1.camcloud.test/v1/cameras/152881605/snapshot?acct=no HTTP/1.1" 200 718 "MiHome/5.6.91 (Android 9; \"K\xc3\xbcche\" tablet \\ 2)" hd=hit ck=snap/152881605 fid=ca720d4bf3bf1348 us=101"#
            ),
            [
                "time": "2026-11-23T23:11:52.476000Z", "earliest": "2026-11-23T23:11:52.476000Z",
                "latest": "2026-11-23T23:11:52.477100Z", "requester": "3743930681", "camera": "152881605",
                "key": "snap/152881605", "frame": "ca720d4bf3bf1348", "cache": "hit", "client": "MiHome",
            ])
    }

    @Test("Apache LogFormat as it stands in httpd.conf, with its quotes escaped")
    func apache() throws {
        expect(
            try read(
                .apache, #"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\""#,
                // mod_log_config's documentation's own line.
                #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)""#
            ),
            [
                "time": "2000-10-10T20:55:36.000000Z", "requester": "frank", "key": "/apache_pb.gif", "status": "200",
                "bytes": "2326", "client": "Mozilla",
            ])
    }

    @Test("GoAccess --log-format, whose stamp keeps the zone that GoAccess passes over")
    func goaccess() throws {
        expect(
            try read(
                .goaccess, #"%h %^[%d:%t %^] "%r" %s %b "%R" "%u""#,
                #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /v1/cameras/5/s?acct=bob HTTP/1.0" 200 2326 "-" "MiHome/5.6""#
            ),
            [
                "time": "2000-10-10T20:55:36.000000Z", "requester": "bob", "camera": "5", "status": "200",
                "client": "MiHome", "bytes": "2326",
            ])
    }

    // MARK: Names

    @Test("names differ by case: %u is a user, %U a path; %h a host, %H a protocol")
    func cases() throws {
        let line = #"192.0.2.9 bob [07/Feb/2020:11:48:51 +0000] "GET /v1/cameras/78/snap HTTP/1.1" 200 59"#
        expect(
            try read(.apache, #"%h %u %t "%m %U %H" %>s %b"#, line),
            ["requester": "bob", "camera": "78", "key": "/v1/cameras/78/snap", "status": "200", "bytes": "59"])
        expect(try read(.varnishncsa, #"%h %u %t "%m %U%q %H" %s %b"#, line), ["requester": "bob", "camera": "78"])
        expect(
            try read(
                .apache, #"%t "%m %U%q %H" %>s %b %h"#,
                #"[07/Feb/2020:11:48:51 +0000] "GET /v1/cameras/78/snap?account=eve HTTP/1.1" 200 - 192.0.2.9"#),
            ["requester": "eve", "key": "/v1/cameras/78/snap?account=eve", "bytes": "0"])
        expect(
            try read(
                .goaccess, #"%h %e [%d:%t %^] "%m %U %H" %s %b "%u" %C %L"#,
                #"192.0.2.9 bob [07/Feb/2020:11:48:51 +0000] "GET /v1/cameras/78/snap HTTP/1.1" 200 59 "App/1" HIT 120"#
            ),
            [
                "requester": "bob", "camera": "78", "client": "App", "cache": "hit",
                "earliest": "2020-02-07T11:48:50.879001Z",
            ])
    }

    @Test(
        "a name that the server does not have is refused, and never cut apart",
        arguments: [
            (FormatString.Server.squid, "%ts.%03tu %crednetials", "'%crednetials'"), (.squid, "%ts %>xy", "'%>xy'"),
            (.apache, "%t %Z", "'%Z'"), (.varnishncsa, "%t %B", "'%B'"), (.goaccess, "%x %z", "'%z'"),
        ])
    func unknown(_ server: FormatString.Server, _ format: String, _ says: String) throws {
        let problem = try #require(throws: ProfileProblem.self) { try FormatString(server, format).profile() }
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test("Squid's longer names are one value each")
    func longNames() throws {
        let yaml = try FormatString(.squid, "%ts.%03tu %credentials %ssl::>sni %>p %http::>Hs").profile()
        #expect(yaml.contains("{time:time} {credentials} {ssl_request_sni} {request_p:number} {request_hs:status}"))
    }

    // MARK: Times

    @Test("Apache's lengths of time in their units, and stamps of the end")
    func apacheTimes() throws {
        let begin = "2026-03-01T10:00:00.000000Z"
        let line = #"192.0.2.9 [01/Mar/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 9 "#
        // The stamp's second, and a length known to a millisecond, a microsecond, a second.
        for (code, value, latest) in [
            ("%{ms}T", "60000", "2026-03-01T10:01:01.000998Z"), ("%{us}T", "60000000", "2026-03-01T10:01:00.999999Z"),
            ("%{s}T", "60", "2026-03-01T10:01:01.999998Z"), ("%D", "60000000", "2026-03-01T10:01:00.999999Z"),
        ] {
            expect(
                try read(.apache, #"%h %t "%r" %>s %b \#(code)"#, line + value),
                ["time": begin, "earliest": begin, "latest": latest])
        }
        let end = #"%h %{end:msec}t "%r" %>s %b %D"#
        expect(
            try read(.apache, end, #"192.0.2.9 1772359260000 "GET /a HTTP/1.1" 200 9 5000000"#),
            [
                "time": "2026-03-01T10:01:00.000000Z", "earliest": "2026-03-01T10:00:55.000000Z",
                "latest": "2026-03-01T10:01:00.000999Z",
            ])
        // Both: the response lies between them.
        expect(
            try read(
                .apache, #"%h %{begin:msec}t %{end:msec}t "%r" %>s %b"#,
                #"192.0.2.9 1772359200000 1772359260000 "GET /a HTTP/1.1" 200 9"#),
            ["earliest": "2026-03-01T10:00:00.000000Z", "latest": "2026-03-01T10:01:00.000999Z"])
    }

    @Test("Apache's %X says that the client left, its cache-status what the cache did", arguments: ["X", "+", "-"])
    func apacheConnection(_ state: String) throws {
        expect(
            try read(
                .apache, #"%h %t "%r" %>s %b %X "%{cache-status}e""#,
                #"192.0.2.9 [01/Mar/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 9 \#(state) "conditional cache hit: entity refreshed""#
            ),
            ["aborted": "\(state == "X")", "cache": "revalidated"])
    }

    // MARK: nginx

    @Test("a list of upstreams takes no other value's place")
    func lists() throws {
        expect(
            try read(
                .nginx,
                "$remote_addr [$time_local] $upstream_addr $upstream_status $upstream_response_time $upstream_cache_status $request_time",
                "192.0.2.9 [01/Mar/2026:10:00:05 +0000] 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 502, 200 : 304 0.050, 0.100 : 0.001 MISS 0.120"
            ),
            ["cache": "miss", "earliest": "2026-03-01T10:00:04.879001Z"])
    }

    @Test("a whole directive as it stands in nginx.conf, in pieces")
    func directive() throws {
        let text = """
            log_format cams escape=json '{"time":"$time_iso8601","req":{"line":"$request",'
                '"acct":"$http_x_account"},"status":$status,' # what was sent
                '"bytes":$body_bytes_sent,"cache":"$upstream_cache_status"}';
            """
        expect(
            try read(
                .nginx, text,
                #"{"time":"2020-06-04T11:17:10+00:00","req":{"line":"GET /v1/cameras/78/snap HTTP/1.1","acct":"bob"},"status":200,"bytes":10,"cache":"MISS"}"#
            ),
            ["requester": "bob", "camera": "78", "key": "/v1/cameras/78/snap", "cache": "miss", "status": "200"])
        expect(
            try read(
                .nginx, #"log_format main '$remote_addr [$time_local] "$request" ' '$status $body_bytes_sent';"#,
                #"192.0.2.9 [01/Mar/2026:10:00:05 +0000] "GET /v1/cameras/78/snap HTTP/1.1" 200 10"#),
            ["camera": "78", "bytes": "10"])
        let problem = #expect(throws: ProfileProblem.self) { try FormatString(.nginx, "log_format x '$msec").profile() }
        #expect(problem?.message.contains("does not end") == true)
    }

    @Test("several values of one JSON member are each its own, and a host with the target behind it is a URL")
    func composed() throws {
        expect(
            try read(
                .nginx, #"{"t":"$time_iso8601","r":"$request_method $status","u":"$scheme://$host$request_uri"}"#,
                #"{"t":"2020-06-04T11:17:10+00:00","r":"GET 200","u":"https://relay.test/v1/cameras/78/snap?account=bob"}"#
            ),
            ["status": "200", "camera": "78", "requester": "bob"])
    }

    @Test("what the origin said is preferred to what a subrequest may have put in its place")
    func upstreamHeaders() throws {
        expect(
            try read(
                .nginx,
                "$msec $sent_http_etag $upstream_http_etag $sent_http_x_frame_owner $upstream_http_x_frame_owner",
                "1772359260.000 new old carol bob"), ["frame": "old", "owner": "bob"])
    }

    @Test("a request that is none is a delivery of nothing known, not a line that does not fit")
    func noRequest() throws {
        expect(
            try read(
                .nginx, #"$remote_addr [$time_local] "$request" $status"#,
                #"192.0.2.9 [01/Mar/2026:10:00:05 +0000] "\x16\x03\x01" 400"#),
            ["status": "400", "key": "", "requester": ""])
    }

    @Test(
        "a line whose values are not of their types does not fit",
        arguments: [
            #"bob [01/Mar/2026:10:00:05 +0000] "GET /a HTTP/1.1" 200 10 HIT"#,
            #"192.0.2.9 [bob] "GET /a HTTP/1.1" 200 10 HIT"#,
            #"192.0.2.9 [01/Mar/2026:10:00:05 +0000] "GET /a HTTP/1.1" ok 10 HIT"#,
            #"192.0.2.9 [01/Mar/2026:10:00:05 +0000] "GET /a HTTP/1.1" 200 x HIT"#,
            #"192.0.2.9 [01/Mar/2026:10:00:05 +0000] "GET /a HTTP/1.1" 200 10 203.0.113.5"#,
        ])
    func misfits(_ line: String) throws {
        let yaml = try FormatString(
            .nginx, #"$remote_addr [$time_local] "$request" $status $body_bytes_sent $upstream_cache_status"#
        ).profile()
        let parsed = try Parsed(line, yaml: yaml)
        #expect(parsed.batch.deliveries.isEmpty, "\(parsed.outcomes)")
    }

    @Test(
        "a format that cannot be read says why",
        arguments: [
            (FormatString.Server.nginx, "$remote_addr $status", "no time"),
            (.apache, "%h %t %", "'%' is no value of Apache's LogFormat"),
            (.nginx, "{$msec}", "names no member"),
            (.varnishncsa, "%h %t %>s", "'%>s' is no value of varnishncsa's format"),
            (.goaccess, "%h %x %<s", "'%<s' is no value of GoAccess's log format"),
        ])
    func problems(_ server: FormatString.Server, _ format: String, _ says: String) throws {
        let problem = try #require(throws: ProfileProblem.self) { try FormatString(server, format).profile() }
        #expect(problem.message.contains(says))
    }

    @Test("a format whose profile is longer than any that is read is refused")
    func tooLong() throws {
        let format = String(repeating: #"$msec $http_x_account "$request" $status key=$ck "#, count: 4000)
        let problem = try #require(throws: ProfileProblem.self) { try FormatString(.nginx, format).profile() }
        #expect(problem.message.contains("the format is too long"))
    }

    @Test("values with nothing between them are a problem of the pattern")
    func sideBySide() throws {
        let yaml = try FormatString(.nginx, "$msec $status$upstream_cache_status").profile()
        let problem = try #require(throws: ProfileProblem.self) { try ProfileReader.read(yaml) }
        #expect(problem.message.contains("no text between two values"))
    }
}
