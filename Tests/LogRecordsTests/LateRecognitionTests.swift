import Interning
import Testing

@testable import LogRecords

/// Files whose first lines are not their server's log, or not all of it.
@Suite struct LateRecognitionTests {
    private static let access =
        #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot HTTP/1.1" 200 34 "-" "MiHome/5.6" "HIT""#
    private static let caddy =
        #"{"level":"info","ts":1716723775,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.9","method":"GET","host":"h","uri":"/v1/cameras/78/s?account=bob","headers":{}},"duration":0.0175,"size":3768,"status":200,"resp_headers":{}}"#
    private static let caddyRunTime =
        #"{"level":"info","ts":1716723770,"logger":"tls","msg":"certificate renewed","identifiers":["h"]}"#

    private func anywhere(_ lines: [String]) throws -> String? {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        return FormatSniffer(try ProfileLibrary()).recognizeAnywhere(bytes.span.bytes, isWhole: true)?.label
    }

    @Test("a log is known behind any number of start-up lines, in an envelope too", arguments: [1, 150, 900])
    func startUp(count: Int) throws {
        let noise = (0..<count).map { "2026-11-25 02:02:41 [notice] worker process \($0) started" }
        #expect(try anywhere(noise + [Self.access, Self.access]) == "nginx-combined")
        #expect(try anywhere(noise + [Self.access] + noise + [Self.access]) == "nginx-combined")
        let wrapped = (noise + [Self.access, Self.access]).map { "2026-11-25T02:02:41.6Z stdout F \($0)" }
        #expect(try anywhere(wrapped) == "nginx-combined in kubernetes-cri")
        #expect(try anywhere(Array(repeating: Self.caddyRunTime, count: count) + [Self.caddy, Self.caddy]) == "caddy")
    }

    @Test("a line of 100,000 bytes before the log does not hide it")
    func longLine() throws {
        #expect(try anywhere([String(repeating: "x", count: 100_000), Self.access]) == "nginx-combined")
    }

    @Test("no line of it is one of ours: the file is none")
    func strangers() throws {
        #expect(try anywhere((0..<300).map { "note \($0) about nothing" }) == nil)
        #expect(
            try anywhere(
                Array(repeating: #"{"account":"a","owner":"b","camera":"c"}"#, count: 3) + ["x", "y", "z", "u"]) == nil)
    }

    @Test("a JSON line that has none of what the log is recognised by is no delivery (Caddy's run time log)")
    func noRequest() throws {
        let parsed = try Parsed(Self.caddyRunTime, Self.caddy, Self.caddyRunTime, shipped: "caddy")
        #expect(parsed.outcomes == [.rejected(.noRecord, offset: 0), .accepted, .rejected(.noRecord, offset: 0)])
        #expect(parsed.batch.deliveries.count == 1)
    }

    @Test("the last line of a whole file counts without a line feed; of a beginning of one it may be cut")
    func lastLine() throws {
        let text =
            "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n"
            + "2014-05-23\t01:13:11\tFRA2\t182\t192.0.2.10\tGET\td1.example\t/v1/cameras/77/snap\t200\t-\tApp/1.0\taccount=bob\t-\tMiss\trid1\timg.example\thttps\t217\t0.001"
        let bytes = Array(text.utf8)
        #expect(try ProfileLibrary().recognize(bytes.span.bytes, isWhole: true)?.name == "cloudfront")
        #expect(try ProfileLibrary().recognize(bytes.span.bytes) == nil)
    }

    @Test("NULs before a line are no part of it")
    func holes() throws {
        let bytes = [UInt8](repeating: 0, count: 5000) + Array((Self.access + "\n").utf8)
        #expect(try ProfileLibrary().recognize(bytes.span.bytes)?.name == "nginx-combined")
    }

    @Test("a value at the end of a line that is being written may lack characters, and is unknown")
    func openEnd() throws {
        let profile = try ProfileReader.read(
            "name: x\nsyntax: pattern\npattern: '{time} {key} {account}'\ndelivery: {time: time, key: key, requester: account}\n"
        )
        func requester(_ endIsOpen: Bool, _ line: String) -> String {
            let names = StringInterner()
            var parser = LineParser(profile: profile, names: names)
            var batch = RecordBatch()
            let id = EventID(source: 1, line: 1)
            _ = parser.parse(
                Array(line.utf8).span.bytes, id: id, open: LineParser.OpenEdges(end: endIsOpen), into: &batch)
            parser.settle(&batch)
            return batch.deliveries.first.map { names.text($0.key) + "/" + names.text($0.requester) } ?? "none"
        }
        #expect(requester(false, "1577347203.000 k 101") == "k/101")
        #expect(requester(true, "1577347203.000 k 101") == "k/")
    }

    @Test(
        "of several objects on a line each is a record, with a comma between them or not",
        arguments: ["", ",", " , ", " "])
    func severalObjects(_ between: String) throws {
        let one = #"{"ts":1577354420,"requester":"a","key":"k"}"#
        let profile = try #require(try ProfileLibrary().profile(named: "native-relay"))
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        var rest = Array((one + between + one + between + one).utf8)
        var number: Int64 = 0
        while true {
            number += 1
            let id = EventID(source: 1, line: number)
            #expect(parser.parse(rest.span.bytes, id: id, into: &batch) == .accepted)
            guard let next = parser.rest else { break }
            var splitter = RecordSplitter(profile: "native-relay")
            #expect(splitter.rest(of: rest.span.bytes) == next)
            rest.removeFirst(next)
        }
        #expect(batch.deliveries.map(\.id.line) == [1, 2, 3])
        let broken = Array((one + "x").utf8)
        let id = EventID(source: 1, line: 9)
        #expect(
            parser.parse(broken.span.bytes, id: id, into: &batch) == .rejected(.malformedJSON, offset: one.utf8.count))
    }
}
