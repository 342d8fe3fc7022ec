import Interning
import Testing

@testable import LogRecords

@Suite struct FieldTypeTests {
    private func value(_ type: FieldType, _ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { bytes in
            type.value(of: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    @Test(
        "an address is what stands before its port",
        arguments: [
            ("192.0.2.9", "192.0.2.9"), ("192.0.2.9:4711", "192.0.2.9"), ("2001:db8::17", "2001:db8::17"),
            ("[2001:db8::17]:443", "2001:db8::17"), ("[::1]", "::1"), ("::ffff:192.0.2.9", "::ffff:192.0.2.9"),
            ("fe80::1%eth0", "fe80::1%eth0"), ("unix:", "unix:"), ("-", "-"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("HIT", nil), ("acct-7", nil), ("1.2.3", nil), ("256.0.0.1", nil), ("10:00:05", nil), ("1::2::3", nil),
            ("192.0.2.9, 10.0.0.1", nil), ("1772100005.300", nil),
        ])
    func address(_ text: String, _ expected: String?) { #expect(value(.address, text) == expected) }

    @Test(
        "a port stands behind the last colon, with brackets or without",
        arguments: [
            ("2001:db8::17:4711", "2001:db8::17"), ("192.0.2.9:4711", "192.0.2.9"),
            ("[2001:db8::17]:80", "2001:db8::17"),
            ("1:2:3:4:5:6:7:8:443", "1:2:3:4:5:6:7:8"), ("::1:80", "::1"), ("192.0.2.9", "192.0.2.9"), ("-", "-"),
            ("2001:db8::17:99999999", nil), ("host:80", nil),
        ])
    func endpoint(_ text: String, _ expected: String?) { #expect(value(.endpoint, text) == expected) }

    @Test(
        "a verdict is words, never an address, a number or a time",
        arguments: [
            ("HIT", true), ("hit/fresh", true), ("TCP_MEM_HIT_ABORTED", true), ("Hit from cloudfront", true),
            ("conditional cache hit: entity refreshed", true), ("\"CDN\"; hit", true), ("-", true), ("", true),
            ("203.0.113.5", false), ("2001:db8::1", false), ("fe80::1", false), ("200", false), ("0.120", false),
            ("26/Feb/2026:10:00:05 +0000", false),
        ])
    func verdict(_ text: String, _ fits: Bool) { #expect((value(.verdict, text) != nil) == fits) }

    @Test(
        "each type takes its own and refuses another's",
        arguments: [
            (
                FieldType.time,
                ["26/Feb/2026:10:00:05 +0000", "2026-02-26T10:00:05.3Z", "1772100005.300", "Feb 26 10:00:05"],
                ["192.0.2.9", "acct-7", "GET", "-", ""]
            ),
            (.number, ["0", "+69", "-1", "0.005", "-"], ["1.2.3", "x", "1e3", "10.0.0.1"]),
            (.seconds, ["0.000", "12.345", "-"], ["12", "0.05", "1.2345", "0.050, 0.100"]),
            (.status, ["200", "000", "0", "-1", "-"], ["2000", "20", "2xx", "200, 502"]),
            (.method, ["GET", "M-SEARCH", "PROPFIND"], ["GET /", "\"", "", "a b"]),
            (.target, ["/a?b=c", "http://h/", "*"], ["/a b", "", "\"x"]),
            (.origin, ["/a?b=c", "*"], ["http://h/", "a"]),
            (.protocol, ["HTTP/1.1", "HTTP/2", "RTSP/1.0", "-"], ["bob HTTP/1.1", "HTTP", "/1.1", "HTTP/x"]),
            (.name, ["bob", "a@b.c", "1815187656", "-", ""], ["192.0.2.9", "- bob", "[x", "2001:db8::1", "x\"y"]),
            (
                .identifier, ["8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b3", "84961386-6d84-929d-98bd-c5aee93b5c88"],
                ["bob", "203.0.113.5"]
            ),
            (.addresses, ["203.0.113.5", "203.0.113.5, 10.0.0.1", "2001:db8::1"], ["10.0.0.1:80", "HIT", "nobody"]),
            (.servers, ["10.0.0.1:80", "10.0.0.1:80, [::1]:80", "unix:/run/x.sock"], ["HIT", "0.050"]),
            (.duration, ["0.005", "120ms", "1m0.5s", "-"], ["x", "5x"]),
        ] as [(FieldType, [String], [String])])
    func types(_ type: FieldType, _ fitting: [String], _ others: [String]) {
        for text in fitting { #expect(value(type, text) == text, "\(text)") }
        for text in others { #expect(value(type, text) == nil, "\(text)") }
    }

    // MARK: In a template

    private func match(_ template: String, _ line: String) throws -> [String: String]? {
        let template = try LineTemplate(template)
        var found: [String: String] = [:]
        let stop = Array(line.utf8).withUnsafeBytes { bytes in
            template.match(bytes) { found[template.names[$0]] = String(decoding: bytes[$1], as: UTF8.self) }
        }
        return stop == nil ? found : nil
    }

    @Test("a list goes on behind its comma and its colon, a time before its zone and its time of day")
    func extents() throws {
        #expect(
            try match(
                "{a:list} {s:list} {t:list} {c:verdict}",
                "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 502, 200 : 304 0.050, 0.100 : - MISS")
                == [
                    "a": "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80", "s": "502, 200 : 304", "t": "0.050, 0.100 : -",
                    "c": "MISS",
                ])
        #expect(
            try match("{t:time} {s:status}", "26/Feb/2026:10:00:05 +0000 200")
                == ["t": "26/Feb/2026:10:00:05 +0000", "s": "200"])
        #expect(
            try match("{t:time} {n:number} {s:status}", "2026-02-26 10:00:05.3 +100 200")
                == ["t": "2026-02-26 10:00:05.3", "n": "+100", "s": "200"])
        #expect(
            try match("{a:verdict} {b:verdict} {n:number}", "HIT from proxy.test MISS, HIT 5")
                == ["a": "HIT from proxy.test", "b": "MISS, HIT", "n": "5"])
        #expect(try match("{_:path}/cameras/{c:segment}{_}", "/v1/cameras/77?x=/cameras/78/") == ["c": "77"])
        #expect(try match("{_:path}/cameras/{c:segment}{_}", "/v1/x?y=/cameras/78/") == nil)
    }

    @Test("what trails is told by its types, in any order, in quotes or not")
    func trailing() throws {
        let template = "\"{a}\"{?cache:verdict}{?up:servers}{?xff:addresses}{?rt:seconds}{?_:status}{?id:identifier}"
        #expect(try match(template, "\"x\"") == ["a": "x"])
        #expect(try match(template, "\"x\" \"HIT\"") == ["a": "x", "cache": "HIT"])
        #expect(try match(template, "\"x\" \"203.0.113.5\"") == ["a": "x", "xff": "203.0.113.5"])
        // The request takes as long as its upstream at least, whichever is written first.
        #expect(
            try match(template, "\"x\" 0.050 0.120 - \"-\" 10.0.0.1:80 200 MISS 8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b3")
                == [
                    "a": "x", "rt": "0.120", "up": "10.0.0.1:80", "cache": "MISS",
                    "id": "8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b3",
                ])
        #expect(
            try match(template, "\"x\" 0.120 0.050, 0.069 502, 200 HIT") == ["a": "x", "rt": "0.120", "cache": "HIT"])
        for other in ["FOO", "HIT MISS", "en-US", "acct-7", "\"open", "HIT\"", "12"] {
            #expect(try match(template, "\"x\" \(other)") == nil, "\(other)")
        }
    }

    @Test("a line that does not fit says which value is not of its type")
    func complaint() throws {
        let template = try LineTemplate(#"{remote:address} "{agent}" {cache:verdict} {rt:seconds}"#)
        func complaint(_ line: String) -> String? { Array(line.utf8).withUnsafeBytes { template.complaint($0) } }
        #expect(complaint(#"192.0.2.9 "x" HIT 0.120"#) == nil)
        #expect(complaint(#"bob "x" HIT 0.120"#) == "'remote' is not of type address")
        #expect(complaint(#"192.0.2.9 "x" 203.0.113.5 0.120"#) == "'cache' is not of type verdict")
        #expect(complaint(#"192.0.2.9 "x" HIT 12"#) == "'rt' is not of type seconds")
        let yaml = "name: x\nsyntax: pattern\npattern: '{t:time} {c:verdict}'\ndelivery: {time: t, cache: c}\n"
        var parser = LineParser(profile: try ProfileReader.read(yaml), names: StringInterner())
        var batch = RecordBatch()
        let line = Array("2026-02-26T10:00:05Z 203.0.113.5".utf8)
        let outcome = parser.parse(line.span.bytes, id: EventID(source: 1, line: 1), into: &batch)
        #expect(outcome == .rejected(.patternMismatch, offset: 21))
        #expect(
            parser.explanation(of: .patternMismatch, line.span.bytes)
                == "does not fit the profile's pattern: 'c' is not of type verdict")
    }

    @Test("a run of blanks costs no more than its length", .timeLimit(.minutes(5)))
    func blanks() throws {
        let blanks = String(repeating: " ", count: 1_000_000)
        #expect(try match("{a} \"{b}\" {c}", "x\(blanks)y") == nil)
        #expect(try match("{a}  {b}", "x\(blanks)y") == ["a": "x", "b": "y"])
        let line = Array("127.0.0.1\(blanks)x\n".utf8)
        #expect(try ProfileLibrary().recognize(line.span.bytes) == nil)
    }
}
