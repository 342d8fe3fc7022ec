import Interning
import Testing

@testable import LogRecords

/// Two records on one line, because a line feed was lost or is another character.
@Suite struct JoinedLineTests {
    /// Lines that a text format's server writes for one request each, and the header before them.
    static let samples = FormatMatrixTests.samples.filter { sample in
        guard let profile = try? ProfileLibrary().profile(named: sample.profile) else { return false }
        switch profile.syntax {
        case .pattern, .delimited, .w3c: return Parsed(sample.lines.map { Array($0.utf8) }, profile).isOneDelivery
        case .json, .logfmt, .varnishlog: return false
        }
    }

    @Test("of two records on one line none is read as if it were alone", arguments: 0..<samples.count)
    func joined(index: Int) throws {
        let (name, lines) = Self.samples[index]
        let profile = try #require(try ProfileLibrary().profile(named: name))
        let last = try #require(lines.last)
        for between in ["", " ", "\u{2028}"] {
            let read = (lines.dropLast() + [last + between + last]).map { Array($0.utf8) }
            let parsed = Parsed(read, profile)
            #expect(parsed.batch.deliveries.isEmpty, "\(name), with \(between.debugDescription) between: \(last)")
            if case .rejected = parsed.outcomes.last {} else { Issue.record("\(name): not rejected") }
        }
    }

    @Test("of logfmt's keys that nearly all come twice the second ones are another record's")
    func logfmt() throws {
        let profile = """
            name: own
            syntax: logfmt
            delivery: {time: time, requester: user, key: uri, status: status}
            """
        let first = "time=2026-03-01T10:00:00Z user=alice uri=/a status=200"
        let second = "time=2026-03-01T10:00:05Z user=bob uri=/a status=200"
        let parsed = try Parsed(
            first, first + " " + second, first + " user=alice", first + " agent=x" + second, yaml: profile)
        #expect(
            parsed.outcomes == [
                .accepted, .rejected(.patternMismatch, offset: 55), .accepted, .rejected(.patternMismatch, offset: 88),
            ])
    }

    @Test("what a client sent in quotes is no other record")
    func quoted() throws {
        let line =
            "1772359200.123     50 192.0.2.1 TCP_MISS/200 5300 GET http://c.example/a alice HIER_DIRECT/10.0.0.1 image/jpeg"
        let parsed = try Parsed(
            line + " \"" + line + "\"", line + " - " + line, line + " cam-a 5 x/1 (one, two; three) 6 7 8 9 10 11",
            shipped: "squid-native")
        #expect(parsed.outcomes.map { $0 == .accepted } == [true, false, true])
        let profile = try #require(try ProfileLibrary().profile(named: "squid-native"))
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        let bytes = Array((line + line).utf8)
        _ = parser.parse(bytes.span.bytes, id: EventID(source: 1, line: 1), into: &batch)
        #expect(
            parser.explanation(of: .patternMismatch, bytes.span.bytes)
                == "does not fit the profile's pattern: another record follows it")
    }

    @Test(
        "a verdict holds no other parts of a line",
        arguments: ["MISS192.0.2.2 - bob [01/Mar/2026", "HIT [x", "HIT - x"])
    func verdict(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes { FieldType.verdict.value(of: $0) } == nil)
    }

    @Test(
        "a verdict may have several words",
        arguments: [
            "HIT from proxy.test", "MISS, HIT", "Hit from cloudfront", "conditional cache hit: entity refreshed",
            "Edge; hit; ttl=5", "TCP_HIT from a, TCP_MISS from b", "\"my - [cache\"; fwd=miss",
        ])
    func verdictWords(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes { FieldType.verdict.value(of: $0) } == 0..<bytes.count)
    }
}

extension Parsed {
    /// Whether the last line is one delivery, and those before it are no records.
    fileprivate var isOneDelivery: Bool {
        batch.count == 1 && batch.deliveries.count == 1 && outcomes.last == .accepted
            && outcomes.dropLast().allSatisfy { $0 == .ignored }
    }
}
