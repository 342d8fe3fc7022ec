import Foundation
import Testing

@testable import LogRecords

/// Values taken out of a line's fields.
@Suite struct DerivationTests {
    /// What `requester` becomes if its source is written so, on a line with that field `f`.
    private func requester(_ source: String, _ value: String, sessions: SessionTable = SessionTable()) throws -> String
    {
        let yaml = "name: x\nsyntax: json\ndelivery: {time: ts, requester: \(source)}\n"
        var profile = try ProfileReader.read(yaml)
        profile.sessions = sessions
        let object = try JSONSerialization.data(withJSONObject: ["ts": "2026-11-25T02:02:41Z", "f": value])
        let parsed = Parsed([Array(object)], profile)
        return parsed.text(parsed.batch.deliveries.first?.requester)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var source: String
        var value: String
        var gives: String
        var testDescription: String { "\(source) of \(value)" }
    }

    @Test(
        "a source of the profile gives what stands in the field",
        arguments: [
            // WHATWG URL, application/x-www-form-urlencoded.
            Case(source: "{field: f, query: acct}", value: "/v1/cameras/1?x=1&acct=bob", gives: "bob"),
            Case(source: "{field: f, query: acct}", value: "acct=b%C3%A9%2B+b&acct=eve#acct=no", gives: "bé+ b"),
            Case(source: "{field: f, query: acct}", value: "/acct=no?xacct=no&acct", gives: ""),
            Case(source: "{field: f, query: a b}", value: "?a+b=1", gives: "1"),
            // RFC 6265: pairs behind `; `, quotes around a value.
            Case(source: "{field: f, cookie: sid}", value: "theme=dark; sid=s-7f3a; sid=other", gives: "s-7f3a"),
            Case(source: "{field: f, cookie: sid}", value: #"xsid=no; sid="a=b""#, gives: "a=b"),
            Case(source: "{field: f, cookie: sid}", value: "SID=no", gives: ""),
            // A parameter of a path's segment is none of the query (RFC 3986 section 3.3).
            Case(source: "{field: f, query: account}", value: "/v1/cameras/cam-a;account=bob/snap", gives: ""),
            Case(source: "{field: f, query: account}", value: "http://c.example/cam-a;account=bob/snap", gives: ""),
            Case(source: "{field: f, query: account}", value: "/cam-a;account=bob/snap?account=alice", gives: "alice"),
            Case(source: "{field: f, query: account}", value: "a=1;account=bob", gives: "bob"),
            // CloudFront encodes what was encoded already.
            Case(source: "{field: f, decode: percent, cookie: sid}", value: "a=1;%20sid=x%2520y", gives: "x%20y"),
            Case(source: "{field: f, decode: [percent, percent]}", value: "x%2520y%", gives: "x y%"),
            Case(source: "{field: f, decode: haproxy}", value: "#22a#22#zz", gives: "\"a\"#zz"),
            // RFC 4648 section 10.
            Case(source: "{field: f, decode: base64}", value: "Zm9vYmE=", gives: "fooba"),
            Case(source: "{field: f, decode: base64}", value: "Zm9vYg", gives: "foob"),
            Case(source: "{field: f, decode: base64}", value: "not base64!", gives: ""),
            // RFC 7519 section 3.1's own token.
            Case(
                source: "{field: f, jwt: iss}",
                value:
                    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                gives: "joe"),
            Case(
                source: "{field: f, jwt: exp}",
                value:
                    "Bearer eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.x",
                gives: "1300819380"),
            Case(source: "{field: f, jwt: sub}", value: "Basic YWxpY2U6eA==", gives: ""),
            Case(source: "{field: f, jwt: sub}", value: "a.%%%.c", gives: ""),
            // RFC 3986 section 6.2.2: these are one URL.
            Case(
                source: "{field: f, normalize: url}", value: "HTTP://Relay.Test:80/%7eSnap/a%2fB?q=%c3#top",
                gives: "http://relay.test/~Snap/a%2FB?q=%C3"),
            Case(source: "{field: f, normalize: url}", value: "https://relay.test:443", gives: "https://relay.test/"),
            Case(
                source: "{field: f, normalize: url}", value: "https://relay.test:80/a", gives: "https://relay.test:80/a"
            ),
            Case(source: "{field: f, normalize: url}", value: "/Snap?u=http://X", gives: "/Snap?u=http://X"),
            Case(source: "{field: f, normalize: lower}", value: "BOB", gives: "bob"),
            Case(source: "{field: f, words: {'true': HIT}}", value: "true", gives: "HIT"),
            Case(source: "{field: f, words: {'true': HIT}}", value: "false", gives: ""),
            Case(source: "{field: f, cache_status: key}", value: #"Edge; hit; key="a;b, c""#, gives: "a;b, c"),
            Case(source: "{field: f, query: u, extract: 'acct-{value}'}", value: "?u=acct-7", gives: "7"),
            // The first that gives a value.
            Case(source: "[missing, {field: f, query: no}, {field: f, query: yes}]", value: "?yes=1", gives: "1"),
            Case(source: "[{field: f, query: no}, {value: nobody}]", value: "?yes=1", gives: "nobody"),
            Case(source: "{join: [f, ts], with: '|'}", value: "a", gives: "a|2026-11-25T02:02:41Z"),
            Case(source: "{join: [f, missing]}", value: "a", gives: ""),
        ])
    func source(_ test: Case) throws { #expect(try requester(test.source, test.value) == test.gives) }

    @Test("a name that a cookie's bytes make no text of stays a name")
    func bytes() throws {
        #expect(try requester("{field: f, query: a}", "?a=%ff%00") == #"\xff\x00"#)
    }

    // MARK: Sessions

    private static func time(_ second: Int64) -> Int64 { 1_795_572_161_000_000 + second * 1_000_000 }

    private func table() -> SessionTable {
        var table = SessionTable()
        // 02:02:41 is second 0.
        table.add(
            session: "s-1", address: "", account: "alice", live: Validity(from: Self.time(-10), until: Self.time(0)))
        table.add(session: "s-1", address: "", account: "bob", live: Validity(from: Self.time(0), until: Self.time(9)))
        table.add(session: "s-2", address: "", account: "eve", live: Validity(from: Self.time(5), until: nil))
        // The second of the stamp holds the change from one to the other.
        let change = Self.time(0) + 500_000
        table.add(session: "s-3", address: "", account: "alice", live: Validity(from: nil, until: change))
        table.add(session: "s-3", address: "", account: "bob", live: Validity(from: change, until: nil))
        table.add(session: "", address: "192.0.2.9", account: "carol", live: Validity())
        return table
    }

    @Test(
        "a session is the account that it was at the line's time, and nobody where that is open",
        arguments: [
            ("s-1", "bob"), ("s-2", ""), ("s-3", ""), ("s-4", ""), ("192.0.2.9", ""),
        ])
    func session(_ session: String, _ account: String) throws {
        #expect(
            try requester("{field: f, cookie: sid, account_by: session}", "sid=\(session)", sessions: table())
                == account)
    }

    @Test("an address is the account that it was at the line's time")
    func address() throws {
        #expect(try requester("{field: f, account_by: address}", "192.0.2.9", sessions: table()) == "carol")
        #expect(try requester("{field: f, account_by: address}", "s-1", sessions: table()) == "")
    }

    @Test("the table is asked about the moment that the profile's zone makes of a stamp")
    func zone() throws {
        let yaml =
            "name: x\nsyntax: json\nzone: Europe/Berlin\ndelivery: {time: ts, requester: {field: f, account_by: session}}"
        var profile = try ProfileReader.read(yaml)
        profile.sessions = table()
        // 03:02:41 in Berlin is 02:02:41 UTC.
        let parsed = Parsed([Array(#"{"ts":"2026-11-25 03:02:41","f":"s-1"}"#.utf8)], profile)
        #expect(parsed.text(parsed.batch.deliveries.first?.requester) == "bob")
    }

    // MARK: In a profile

    @Test("a derived field can be asked for, asked about and derived from")
    func named() throws {
        let yaml = """
            name: x
            syntax: json
            recognize: [account]
            derive:
              query: {field: q, decode: percent}
              account: [{field: query, query: acct}, {field: query, query: user}]
            ignore:
              - {account: probe}
            delivery: {time: ts, requester: account}
            """
        let parsed = try Parsed(
            #"{"ts":"2026-11-25T02:02:41Z","q":"x%3D1%26user%3Dbob"}"#,
            #"{"ts":"2026-11-25T02:02:41Z","q":"acct%3Dprobe"}"#,
            #"{"ts":"2026-11-25T02:02:41Z","account":"of the line"}"#,
            yaml: yaml)
        // A member of the derived field's name is not the derived field.
        #expect(parsed.outcomes == [.accepted, .ignored, .rejected(.noRecord, offset: 0)])
        #expect(parsed.batch.deliveries.map { parsed.text($0.requester) } == ["bob"])
        let profile = try ProfileReader.read(yaml)
        #expect(
            profile.mapping.first { $0.field == "requester" }?.source
                == "parameter acct of decoded q or parameter user of decoded q")
    }

    @Test("what a session's first line says holds for the lines that follow, and for no other session's")
    func carry() throws {
        let yaml = """
            name: x
            syntax: logfmt
            carry: {by: s, fields: [user, ip]}
            ignore:
              - {key: absent}
            delivery: {time: t, requester: [user, ip], key: key}
            """
        let parsed = try Parsed(
            "t=1577351577 s=1 user=bob", "t=1577351577 s=2 ip=192.0.2.9", "t=1577351578 s=1 key=k",
            "t=1577351578 s=2 key=k", "t=1577351578 s=3 key=k", "t=1577351578 s=1 user=eve key=k",
            "t=1577351579 s=1 key=k", "t=1577351579 key=k", yaml: yaml)
        #expect(
            parsed.batch.deliveries.map { parsed.text($0.requester) } == [
                "bob", "192.0.2.9", "", "eve", "eve", "",
            ])
    }

    @Test("a profile that inherits says only what is different")
    func inherits() throws {
        let mine = """
            name: mine
            inherits: nginx-json
            absent: ['', '-', 'none']
            delivery:
              requester: {field: uri, query: acct}
              network: ~
            ignore: ~
            """
        let profile = try #require(try ProfileLibrary(own: [("mine.yaml", mine)]).profile(named: "mine"))
        let line =
            #"{"ts":1795475742.187,"account":"","client":"none","net":"ok","uri":"/v1/cameras/5/s?acct=bob","status":200,"cache":"HIT","key":"snap/5","frame":"f","completion":"OK"}"#
        let parsed = Parsed([Array(line.utf8)], profile)
        let delivery = try #require(parsed.batch.deliveries.first)
        #expect(parsed.text(delivery.requester) == "bob" && parsed.text(delivery.camera) == "5")
        #expect(parsed.text(delivery.key) == "snap/5" && delivery.cacheStatus == .hit)
        #expect(!delivery.client.isPresent && !delivery.network.isPresent)
    }

    @Test("Squid's own encoding is taken off the names that it writes outside of quotes")
    func squid() throws {
        let library = try ProfileLibrary()
        let line =
            #"1795475845.450 71 127.0.0.1 TCP_HIT/200 12 GET http://r.test/v1/cameras/29/snapshot - HIER_NONE/- image/jpeg acct=jos%C3%A9%2000 client=a net=ok rtt=67 ck=snap/29 fid=a%7Cb owner=acct%2001 cam=cam%2302 inm="-" range=- ua="x" err=- rid=6a"#
        let bytes = Array(line.utf8)
        let recognized = library.recognize(bytes.span.bytes)
        let profile = try #require(recognized)
        #expect(profile.name == "squid")
        let parsed = try Parsed(line, yaml: profile.text)
        let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)")
        #expect(
            [delivery.requester, delivery.frame, delivery.owner, delivery.frameCamera].map { parsed.text($0) } == [
                "josé 00", "a|b", "acct 01", "cam#02",
            ])
    }

    @Test(
        "a query that names two accounts leaves open whose request it was",
        arguments: [
            ("?account=carol&account=bob", true), ("?account=bob&x=1&account=b%6Fb", false),
            ("?account=bob&account=", false),
            ("?account=bob&acct=bob", false), ("?account=bob&acct=eve", true), ("?account=bob#&account=eve", false),
            ("?account=bob", false), ("?account=bob&", false), ("?x=1;account=bob;account=eve;account=bob", true),
            ("?" + String(repeating: "account=bob&", count: 40), true),
        ])
    func twoAccounts(_ query: String, _ isInDoubt: Bool) throws {
        for user in ["-", "bob"] where user == "-" || !query.contains("carol") {
            let line =
                #"192.0.2.1 - \#(user) [01/Mar/2026:10:00:05 +0000] "GET /v1/cameras/cam-b/x\#(query) HTTP/1.1" 200 30 "-" "x" HIT"#
            let delivery = try Parsed(line, shipped: "nginx-combined").batch.deliveries.first
            #expect(delivery?.flags.contains(.requesterInDoubt) == isInDoubt, "\(user)")
        }
    }

    @Test("a doubt is of its own line alone")
    func doubtEnds() throws {
        func line(_ query: String) -> String {
            #"192.0.2.1 - - [01/Mar/2026:10:00:05 +0000] "GET /x\#(query) HTTP/1.1" 200 30 "-" "x" HIT"#
        }
        let parsed = try Parsed(
            line("?account=a&account=b"), line("?account=a"), line(""), shipped: "nginx-combined")
        #expect(parsed.batch.deliveries.map { $0.flags.contains(.requesterInDoubt) } == [true, false, false])
    }

    @Test(
        "a camera in a URL's path is named without the path's escapes, and a key keeps them",
        arguments: [
            ("/v1/cameras/cam%2Db/x.jpg", "cam-b"), ("/v1/cameras/cam%2db/x.jpg", "cam-b"),
            ("/v1/cameras/K%C3%BCche/x", "Küche"),
            ("/v1/cameras/a%2Fb/x", "a/b"), ("/v1/cameras/100%/x", "100%"), ("/v1/cameras/a%252Db/x", "a%2Db"),
        ])
    func encodedCamera(_ path: String, _ camera: String) throws {
        let line = #"192.0.2.1 - bob [01/Mar/2026:10:00:05 +0000] "GET \#(path) HTTP/1.1" 200 30 "-" "x" HIT"#
        let json = #"{"t":"2026-03-01T10:00:05Z","u":"\#(path.replacing("/", with: "\\/"))","s":200,"a":"bob"}"#
        let alternatives = """
            name: x
            syntax: json
            delivery:
              time: t
              key: u
              camera: [cam, {field: u, extract: '{_}/cameras/{value}/{_}'}]
            """
        for parsed in [
            try Parsed(line, shipped: "nginx-combined"), try Parsed(json, yaml: alternatives),
            try Parsed(
                json,
                yaml:
                    "name: x\nsyntax: json\ndelivery: {time: t, key: u, camera: {field: u, extract: '{_}/cameras/{value}/{_}'}}"
            ),
        ] {
            let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)")
            #expect(parsed.text(delivery.camera) == camera && parsed.text(delivery.key) == path)
        }
    }
}
