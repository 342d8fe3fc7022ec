import ProfileAuthoring
import Testing

@testable import LogRecords

/// What operators write into a log format that stands between two values, around one, or in braces; the expectations are the
/// servers' own documentation's.
@Suite struct FormatPartsTests {
    private func read(_ server: FormatString.Server, _ format: String, _ line: String) throws -> (Parsed, Delivery) {
        let yaml = try FormatString(server, format).profile()
        let parsed = try Parsed(line, yaml: yaml)
        return (parsed, try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)\n\(yaml)"))
    }

    @Test(
        "a path and a query that stand apart are one key, as caches compare them",
        arguments: [
            (
                FormatString.Server.apache, "%a %t %m %U %q %H %>s %O %{X-Account}i",
                "192.0.2.9 [26/Feb/2026:10:00:05 +0000] GET /snap.jpg ?camera=7 HTTP/1.1 200 3000 bob"
            ),
            (
                .varnishncsa, "%{sec}t %{X-Account}i %{Varnish:handling}x %U %s %b %q",
                "1772100005 bob hit /snap.jpg 200 3000 ?camera=7"
            ),
            (
                .nginx, "$msec $http_x_account $uri $status $body_bytes_sent $args",
                "1772100005.300 bob /snap.jpg 200 3000 camera=7"
            ),
            (
                .nginx, #"{"t":$msec,"a":"$http_x_account","u":"$document_uri","q":"$query_string","s":$status}"#,
                #"{"t":1772100005.300,"a":"bob","u":"/snap.jpg","q":"camera=7","s":200}"#
            ),
            (.goaccess, "%x %e %U %s %b %q", "1772100005 bob /snap.jpg 200 3000 camera=7"),
        ])
    func query(_ server: FormatString.Server, _ format: String, _ line: String) throws {
        let (parsed, delivery) = try read(server, format, line)
        #expect(parsed.text(delivery.key) == "/snap.jpg?camera=7" && parsed.text(delivery.requester) == "bob")
        #expect(delivery.status == 200)
    }

    @Test(
        "a URL without a query leaves nothing between two blanks, and shifts no value",
        arguments: [
            (
                FormatString.Server.apache, "%a %t %m %U %q %H %>s %O",
                "192.0.2.9 [26/Feb/2026:10:00:05 +0000] GET /cameras/7/snap  HTTP/1.1 200 3000"
            ),
            (
                .varnishncsa, "%{sec}t %{Varnish:handling}x %U %q %s %b", "1772100005 hit /cameras/7/snap  200 3000"
            ),
        ])
    func noQuery(_ server: FormatString.Server, _ format: String, _ line: String) throws {
        let (parsed, delivery) = try read(server, format, line)
        #expect(parsed.text(delivery.key) == "/cameras/7/snap" && parsed.text(delivery.camera) == "7")
        #expect(delivery.status == 200 && delivery.bytes == 3000)
    }

    @Test(
        "the port stands behind the last colon, also of an address without brackets",
        arguments: ["192.0.2.9:4711", "2001:db8::17:4711", "::1:4711", "fe80::1:2:3:4:4711", "[2001:db8::17]:4711"])
    func port(_ client: String) throws {
        let address = client.dropLast(":4711".count).filter { $0 != "[" && $0 != "]" }
        for (server, format) in [
            (FormatString.Server.squid, "%ts.%03tu %>a:%>p %Ss %>Hs %<st %rm %ru %tr"),
            (
                .nginx,
                "$msec $remote_addr:$remote_port $upstream_cache_status $status $body_bytes_sent $request_method $request_uri $request_time"
            ),
        ] {
            var library = try ProfileLibrary(
                own: [("own", try FormatString(server, format).profile())])
            library.sessions.add(session: "", address: String(address), account: "carol", live: Validity())
            let word = server == .squid ? "TCP_HIT" : "HIT"
            let line = "1772100005.300 \(client) \(word) 200 3000 GET /cameras/7/snap 0.120\n"
            let recognized = library.recognize(Array(line.utf8).span.bytes)
            let profile = try #require(recognized, "\(line)")
            let parsed = Parsed([Array(line.utf8.dropLast())], profile)
            let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)")
            #expect(parsed.text(delivery.requester) == "carol", "\(line)")
            #expect(delivery.cacheStatus == .hit && delivery.status == 200)
        }
    }

    @Test(
        "a value with braces that the server does not have is refused by name, not cut apart",
        arguments: [
            (FormatString.Server.apache, "%t %{c}redentials %>s", "%{c}r"),
            (.apache, "%t %{X-Account}u %>s", "%{X-Account}u"), (.varnishncsa, "%t %{X-Account}u %s", "%{X-Account}u"),
            (.varnishncsa, "%t %{x}D", "%{x}D"),
        ])
    func unknown(_ server: FormatString.Server, _ format: String, _ name: String) {
        #expect { try FormatString(server, format).profile() } throws: { "\($0)".contains("'\(name)'") }
    }

    @Test("GoAccess: a list of addresses in quotes, and the names that it has for formats")
    func goaccess() throws {
        let (parsed, delivery) = try read(
            .goaccess, #"%h %^[%d:%t %^] ~h{," } "%r" %s %b %e"#,
            #"192.0.2.1 - - [26/Feb/2026:10:00:05 +0000] "203.0.113.5, 198.51.100.7" "GET /cameras/7/snap HTTP/1.1" 200 3000 bob"#
        )
        #expect(
            parsed.text(delivery.requester) == "bob" && parsed.text(delivery.camera) == "7" && delivery.status == 200)
        for (name, profile) in [
            ("COMBINED", "nginx-combined"), ("squid", "squid-native"), ("CLOUDFRONT", "cloudfront"),
        ] {
            #expect { try FormatString(.goaccess, name).profile() } throws: { "\($0)".contains("'\(profile)'") }
            #expect(ProfileLibrary.shippedText(of: profile) != nil)
        }
    }

    @Test(
        "a stamp in the operator's own notation is read by it",
        arguments: [
            (
                FormatString.Server.apache, "%a [%{%d.%m.%Y %H:%M:%S}t] %D \"%r\" %>s %B",
                #"192.0.2.9 [26.02.2026 10:00:05] 1000000 "GET /cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.000000Z"
            ),
            (
                .apache, "%a %{end:%d.%m.%Y %H:%M:%S}t.%{end:msec_frac}t %D \"%r\" %>s %B",
                #"192.0.2.9 26.02.2026 10:00:05.250 1000000 "GET /cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.250000Z"
            ),
            (
                .varnishncsa, "%h %{%m/%d/%y %T}t.%{usec_frac}t %D \"%r\" %s %b",
                #"192.0.2.9 02/26/26 10:00:05.250000 1000000 "GET /cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.250000Z"
            ),
            (
                .squid, "%{%d.%m.%Y-%H:%M:%S}tl.%03tu %>a %Ss/%>Hs %<st %rm %ru",
                "26.02.2026-10:00:05.250 192.0.2.9 TCP_HIT/200 3000 GET /cameras/7/snap", "2026-02-26T10:00:05.250000Z"
            ),
            // Digits alone are a date, and not what passed since 1970.
            (
                .varnishncsa, "%{%Y%m%d%H%M%S}t %u \"%r\" %s %b",
                #"20260226100005 bob "GET http://c.example/cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.000000Z"
            ),
            (
                .squid, "%{%d%m%Y%H%M%S}tl %tr %>a %Ss/%03>Hs %<st %rm %ru %un",
                "26022026100005 50 192.0.2.9 TCP_MISS/200 3000 GET http://c.example/cameras/7/snap bob",
                "2026-02-26T10:00:05.000000Z"
            ),
            (
                .apache, "%{%y%m%d%H%M%S}t %u \"%r\" %>s %B",
                #"260226100005 bob "GET /cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.000000Z"
            ),
            // The locale's own, the day of the year.
            (
                .apache, "%{%c}t %u \"%r\" %>s %B",
                #"Thu Feb 26 22:00:05 2026 bob "GET /cameras/7/snap HTTP/1.1" 200 3000"#, "2026-02-26T22:00:05.000000Z"
            ),
            (
                .apache, "%{%d.%m.%Y %r}t %u \"%r\" %>s %B",
                #"26.02.2026 10:00:05 PM bob "GET /cameras/7/snap HTTP/1.1" 200 3000"#, "2026-02-26T22:00:05.000000Z"
            ),
            (
                .apache, "%{%Y-%j %H:%M:%S}t %u \"%r\" %>s %B",
                #"2026-057 22:00:05 bob "GET /cameras/7/snap HTTP/1.1" 200 3000"#, "2026-02-26T22:00:05.000000Z"
            ),
            // The usual ones stay typed.
            (
                .apache, "%a [%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] \"%r\" %>s %B",
                #"192.0.2.9 [26/Feb/2026:10:00:05.250 +0000] "GET /cameras/7/snap HTTP/1.1" 200 3000"#,
                "2026-02-26T10:00:05.250000Z"
            ),
        ])
    func stamp(_ server: FormatString.Server, _ format: String, _ line: String, _ time: String) throws {
        let (parsed, delivery) = try read(server, format, line)
        #expect(delivery.time.stamp.rfc3339 == time && parsed.text(delivery.camera) == "7")
    }

    @Test(
        "a stamp that is no moment is refused with its notation",
        arguments: ["%H:%M:%S", "%d.%m. %H:%M", "%Y-%m-%d %Z"])
    func noMoment(_ notation: String) {
        #expect { try FormatString(.apache, "%a %{\(notation)}t \"%r\" %>s").profile() } throws: {
            "\($0)".contains("'\(notation)'")
        }
    }

    @Test("a directive's own name is part of the profile's")
    func names() throws {
        #expect(FormatString(.nginx, "log_format edge '$msec $status';").name == "edge")
        #expect(FormatString(.apache, #"LogFormat "%t %>s" my.edge"#).name == "my-edge")
        #expect(FormatString(.squid, "logformat own %ts %>Hs").name == "own")
        #expect(FormatString(.nginx, "$msec $status").name == nil)
    }
}
