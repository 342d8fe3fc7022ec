import Interning
import Testing

@testable import LogRecords

/// What syslog daemons write of a message that came again and again, as their documentation has it: each time was a message.
@Suite struct RepeatedMessageTests {
    private static let message =
        #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot HTTP/1.1" 200 34 "-" "MiHome/5.6" "HIT""#
    private static let first = "Nov 25 02:02:41 relay nginx: \(message)"

    /// What becomes of lines, lent as the tool's readers lend them.
    private struct Reading {
        var deliveries: [Int64] = []
        var requesters: [String] = []
        var outcomes: [LineOutcome] = []
    }

    private func read(_ lines: [String], envelopes: [Envelope] = [.syslog], yaml: String? = nil) throws -> Reading {
        var profile =
            try yaml.map { text throws(ProfileProblem) in try ProfileReader.read(text) }
            ?? #require(try ProfileLibrary().profile(named: "nginx-combined"))
        profile.envelopes = envelopes
        let names = StringInterner()
        var parser = LineParser(profile: profile, names: names)
        var (batch, reading, number) = (RecordBatch(), Reading(), Int64(0))
        for line in lines {
            let bytes = Array(line.utf8)
            var rest: Int? = 0
            while let start = rest {
                number += 1
                let id = EventID(source: 1, line: number)
                reading.outcomes.append(parser.parse(Array(bytes[start...]).span.bytes, id: id, into: &batch))
                rest = parser.rest.map { start + $0 }
            }
        }
        parser.settle(&batch)
        reading.deliveries = batch.deliveries.map(\.id.line)
        reading.requesters = batch.deliveries.map { names.text($0.requester) }
        return reading
    }

    @Test(
        "a message that is said to have come three times more is four messages",
        arguments: [
            "Nov 25 02:02:45 relay nginx:  message repeated 3 times: [ \(message)]",
            "Nov 25 02:02:45 relay last message repeated 3 times",
            "<190>Nov 25 02:02:45 relay last message repeated 3 times",
            "Nov 25 02:02:45 relay nginx: last message repeated 3 times",
            "Nov 25 02:02:45 relay nginx: Last message '127.0.0.1 - acct-7 [' repeated 3 times, suppressed by syslog-ng on relay",
        ])
    func fourTimes(_ repeated: String) throws {
        let other = Self.first.replacing("acct-7", with: "acct-8")
        let reading = try read([Self.first, repeated, other])
        #expect(reading.outcomes == Array(repeating: .accepted, count: 5))
        #expect(reading.deliveries == [1, 2, 3, 4, 5])
        #expect(reading.requesters == ["acct-7", "acct-7", "acct-7", "acct-7", "acct-8"])
    }

    @Test("rsyslog quotes the message, which then need not stand before")
    func quoted() throws {
        let reading = try read([
            "Nov 25 02:02:41 relay cron: job",
            "Nov 25 02:02:45 relay nginx:  message repeated 2 times: [ \(Self.message)]",
        ])
        #expect(reading.requesters == ["acct-7", "acct-7"])
    }

    @Test("a message of which nobody knows what it was is rejected and says so")
    func unknown() throws {
        let last = "Nov 25 02:02:45 relay last message repeated 3 times"
        #expect(try read([last]).outcomes == [.rejected(.unknownRepeat, offset: 0)])
        #expect(try read(["what is this", last]).outcomes.last == .rejected(.unknownRepeat, offset: 0))
        let other =
            "Nov 25 02:02:45 relay nginx: Last message 'something else' repeated 3 times, suppressed by syslog-ng on relay"
        #expect(try read([Self.first, other]).outcomes.last == .rejected(.unknownRepeat, offset: 0))
        // rsyslog quotes 800 bytes at most.
        let long = Self.first.replacing("MiHome", with: String(repeating: "M", count: 900))
        let cut = "Nov 25 02:02:45 relay nginx:  message repeated 2 times: [\(" \(long.dropFirst(29))".prefix(800))]"
        #expect(try read([cut]).outcomes == [.rejected(.unknownRepeat, offset: 0)])
        #expect(try read([long, cut]).requesters == ["acct-7", "acct-7", "acct-7"])
    }

    @Test("more than anybody believes is rejected, and so is no time at all")
    func counts() throws {
        func outcome(_ count: String) throws -> LineOutcome? {
            try read([Self.first, "Nov 25 02:02:45 relay last message repeated \(count) times"]).outcomes.last
        }
        #expect(try outcome("10001") == .rejected(.manyRepeats, offset: 0))
        #expect(try outcome("9999999999") == .rejected(.manyRepeats, offset: 0))
        #expect(try outcome("0") == .rejected(.unknownRepeat, offset: 0))
        #expect(
            try read([Self.first, "Nov 25 02:02:45 relay last message repeated 10000 times"]).deliveries.count == 10_001
        )
    }

    @Test("a message that names its request tells of one answer, however often it came")
    func named() throws {
        let yaml = """
            name: named
            syntax: json
            delivery: {time: t, requester: a, key: k, request_id: id}
            """
        let line =
            #"Nov 25 02:02:41 relay app: {"t":"2026-11-25T02:02:41Z","a":"ann","k":"k1","id":"8f14e45fceea167a"}"#
        let again = "Nov 25 02:02:45 relay last message repeated 2 times"
        let reading = try read([line, again], yaml: yaml)
        #expect(reading.outcomes == [.accepted, .ignored, .ignored])
        #expect(reading.deliveries == [1])
    }

    @Test("inside another envelope it cannot be counted, and says so")
    func inside() throws {
        let outer = "relay-1  | "
        let reading = try read(
            [outer + Self.first, outer + "Nov 25 02:02:45 relay last message repeated 3 times"],
            envelopes: [.compose, .syslog])
        #expect(reading.outcomes == [.accepted, .rejected(.repeatInside, offset: 0)])
    }

    @Test("a record of such a line is found again by its number")
    func splitter() {
        var splitter = RecordSplitter(profile: "nginx-combined in syslog")
        let lines = [Self.first, "Nov 25 02:02:45 relay last message repeated 3 times", Self.first]
        let rests = [0, 1, 1, 1, 2].map { splitter.rest(of: Array(lines[$0].utf8).span.bytes) }
        #expect(rests == [nil, 0, 0, nil, nil])
    }
}
