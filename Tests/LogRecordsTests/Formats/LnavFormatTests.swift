import Foundation
import Testing

@testable import LogRecords
@testable import ProfileAuthoring

@Suite struct LnavFormatTests {
    /// Expressions as format files have them, each with lines that it fits.
    private static let expressions: [(String, [String])] = [
        (
            #"^(?<addr>[\w.:\-]++)\s++\S++\s++(?:-|(?<user>\S++)) \[(?<timestamp>[^\]]++)\] "(?:\-|(?<method>\w++) (?<uri_stem>[^ \?"]++)(?:\?(?<uri_query>[^ "]*+))?(?: (?<version>HTTP/[\d.]++))?)" (?<sc_status>\d{3}) (?<sc_bytes>\d++|-)(?: "(?<referer>[^"]*+)" "(?<user_agent>[^"]*+)")?\s*+(?<body>.*)$"#,
            [
                #"10.0.0.1 - alice [26/Dec/2019:10:00:00 +0800] "GET /v1/cameras/7/snapshot?acct=5 HTTP/1.1" 200 718 "-" "MiHome/5.6" x 1"#,
                #"10.0.0.1  -   bob [26/Dec/2019:10:00:00 +0800] "GET /a HTTP/1.1" 304 - "" """#,
                #"::1 - alice [26/Dec/2019:10:00:00 +0800] "GET /a" 200 5"#,
                #"10.0.0.1 - alice [26/Dec/2019:10:00:00 +0800] "-" 400 0"#,
            ]
        ),
        (
            #"^(?<timestamp>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{3})?Z) (?P<node>[a-z]+-\d+)(?<tls>~)? (?<level>INFO|WARN) +acct=(?<account>\d+) \{cam (?<camera>[^}]+)\} took (?<took>\d+)ms(?:; (?<note>.*?))?$"#,
            [
                "2019-12-26T10:00:00.123Z edge-1~ INFO   acct=17 {cam c-4} took 12ms; all well",
                "2019-12-26T10:00:00Z edge-12 WARN acct=18 {cam c 4} took 0ms",
            ]
        ),
        (
            #"^(?<type>(http)|(https)) (?<timestamp>\S+) (?<client>(?<host>[^ :]+):(?<port>\d+)) (?<seconds>-1|\d+(?:\.\d+)?) (?>(?<code>\d+)) ?(?<rest>[^ ]*)$"#,
            ["https 2019-12-26T10:00:00Z 10.0.0.1:80 0.5 200 x", "http 2019-12-26T10:00:00Z a:1 -1 200 "]
        ),
    ]

    @Test("what the groups of an expression hold, its patterns find too", arguments: 0..<3)
    func captures(index: Int) throws {
        let (expression, lines) = Self.expressions[index]
        // ICU knows neither Python's way of naming a group nor an underscore in a name.
        let plain = expression.replacing("(?P<", with: "(?<").replacing(#/\(\?<(\w+)>/#) {
            "(?<\($0.output.1.replacing("_", with: ""))>"
        }
        let oracle = try NSRegularExpression(pattern: plain)
        let shapes = try RegexShapes(expression)
        let templates = try shapes.patterns.map { pattern in try LineTemplate(pattern) }
        var compared = 0
        for line in lines {
            let text = line as NSString
            let match = try #require(
                oracle.firstMatch(in: line, range: NSRange(location: 0, length: text.length)), "\(line)")
            var found: [String: String]?
            for template in templates where found == nil {
                var values: [String: String] = [:]
                let bytes = Array(line.utf8)
                let stop = bytes.withUnsafeBytes { bytes in
                    template.match(bytes) { name, range in
                        values[template.names[name]] = String(decoding: bytes[range], as: UTF8.self)
                    }
                }
                if stop == nil { found = values }
            }
            let values = try #require(found, "\(line)\n\(shapes.patterns.joined(separator: "\n"))")
            for name in shapes.names {
                let range = match.range(withName: name.replacing("_", with: ""))
                // A profile takes `-` and nothing for the same.
                let expected = range.location == NSNotFound ? "" : text.substring(with: range)
                #expect(
                    (values[name] ?? "").replacing(/^-$/, with: "") == expected.replacing(/^-$/, with: ""),
                    "\(name): \(line)")
                compared += 1
            }
        }
        #expect(compared > 8)
    }

    @Test(
        "what cannot be said as a pattern is refused with the reason",
        arguments: [
            (#"^(?<a>\w+)(?<b>\d+)$"#, "nothing stands between"), (#"^(?<a>x"#, "a '(' is not closed"),
            (#"^a) b"#, "closes no group"), (#"^(?<a>\w+) \1"#, "reference back"),
            ("(?:a|b)(?:a|b)(?:a|b)(?:a|b)(?:a|b)(?:a|b)(?:a|b)(?:a|b)", "alternatives"), ("^[a-", "'[' is not closed"),
            ("^$", "no text"), ("^a(?i", "a '(' is not closed"), ("(?", "a '(' is not closed"),
            (String(repeating: "(", count: 200_000), "groups stand in one another"),
        ])
    func refused(expression: String, reason: String) {
        let problem = #expect(throws: ProfileProblem.self) { _ = try RegexShapes(expression) }
        #expect(problem?.message.contains(reason) == true, "\(problem?.message ?? "")")
    }

    @Test("a format of JSON lines and one of expressions become profiles that read their lines")
    func profiles() throws {
        let file = #"""
            {
                "$schema": "https://lnav.org/schemas/format-v1.schema.json",
                "relay_json_log": {
                    "title": "Relay", "file-type": "json", "timestamp-field": "ts", "duration-field": "took",
                    "line-format": [{"field": "__timestamp__"}, {"field": "request/uri"}, {"field": "user_id"}],
                    "value": {
                        "took": {"kind": "float", "unit": {"suffix": "s", "divisor": 1000}},
                        "request/headers/User-Agent#": {"kind": "string"}, "cache_status": {"kind": "string"},
                        "status": {"kind": "integer"}, "frame_owner": {"kind": "string"}
                    }
                },
                "relay_log": {
                    "title": "Relay, text",
                    "regex": {
                        "start": {"pattern": "^relay (?<version>\\S+) started$"},
                        "std": {"pattern": "^(?<timestamp>\\S+) (?<cs_username>\\S+) (?<cs_uri_stem>[^ ?]+)(?:\\?(?<cs_uri_query>\\S*))? (?<sc_status>\\d+)(?: (?<x_cache>\\w+))?$"}
                    }
                }
            }
            """#
        let profiles = try LnavFormat.profiles(file)
        #expect(try profiles.map { try ProfileReader.read($0).name } == ["relay_json_log", "relay_log-std"])

        let json = try Parsed(
            #"{"ts":"2019-12-26T10:00:00.500Z","took":20,"request":{"uri":"/v1/cameras/9/snap?acct=4","headers":{"User-Agent":["MiHome/5.6"]}},"user_id":"17","cache_status":"HIT","status":200,"frame_owner":"21"}"#,
            yaml: profiles[0])
        let one = try #require(json.batch.deliveries.first, "\(json.outcomes)\n\(profiles[0])")
        #expect(
            [one.requester, one.camera, one.key, one.owner, one.client].map { json.text($0) } == [
                "17", "9", "/v1/cameras/9/snap?acct=4", "21", "MiHome",
            ])
        #expect(one.cacheStatus == .hit && one.status == 200)
        #expect(one.time.earliest.rfc3339 == "2019-12-26T10:00:00.479001Z")

        let text = try Parsed("2019-12-26T10:00:00Z - /v1/cameras/9/snap?account=17 200 MISS", yaml: profiles[1])
        let other = try #require(text.batch.deliveries.first, "\(text.outcomes)\n\(profiles[1])")
        #expect(
            [other.requester, other.camera, other.key].map { text.text($0) }
                == ["17", "9", "/v1/cameras/9/snap?account=17"])
        #expect(other.cacheStatus == .miss && other.status == 200)
    }

    @Test("a file that is none, or has no time, says so")
    func strangers() {
        for text in ["", "[1]", "{\"a\": {\"regex\": {\"x\": {\"pattern\": \"^(?<msg>.*)$\"}}}}", "{"] {
            #expect(throws: ProfileProblem.self, "\(text)") { _ = try LnavFormat.profiles(text) }
        }
        let crowded = #"{"a_log": {"regex": {"std": {"pattern": "^(?<timestamp>\\w+)(?<b>\\d+)$"}}}}"#
        let problem = #expect(throws: ProfileProblem.self) { _ = try LnavFormat.profiles(crowded) }
        #expect(problem?.message.hasPrefix("a_log, expression 'std': ") == true)
    }
}
