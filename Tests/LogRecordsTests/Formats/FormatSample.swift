import Testing

@testable import LogRecords

/// Lines of a server's log and what a person reads in them.
struct FormatSample: Sendable, CustomTestStringConvertible {
    /// Where the lines are from.
    enum Backing: Sendable {
        /// The server wrote them.
        case server
        /// They stand in its documentation, or in a public report of what it wrote.
        case documented
        /// Its documentation or its source names the fields; the lines are put together from them.
        case names
    }

    var profile: String
    var backing: Backing
    /// By a collector's envelope, if the lines lie in one.
    var envelopes: [Envelope] = []
    var lines: [String]
    /// Of the last line: the record's fields by name.
    var reads: [String: String]
    /// Which records the lines give in all.
    var deliveries = 1
    var fills = 0

    var testDescription: String { "\(profile), \(backing)" }

    var bytes: [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

    /// Recognises the lines, reads them and compares.
    func check() throws {
        let recognized = try ProfileLibrary().recognize(bytes.span.bytes)
        let profile = try #require(recognized, "no profile knows these lines")
        #expect(profile.name == self.profile)
        #expect(profile.envelopes == envelopes)
        let parsed = Parsed(lines.map { Array($0.utf8) }, profile)
        #expect(parsed.batch.deliveries.count == deliveries && parsed.batch.fills.count == fills, "\(parsed.outcomes)")
        #expect(parsed.unfinished.isEmpty)
        let found = parsed.batch.deliveries.last.map { Self.describe($0, parsed) } ?? [:]
        let filled = parsed.batch.fills.last.map { Self.describe($0, parsed) } ?? [:]
        for (name, expected) in reads { #expect((found[name] ?? filled[name] ?? "") == expected, "\(name)") }
    }

    private static func describe(_ delivery: Delivery, _ parsed: Parsed) -> [String: String] {
        let text = [
            "node": delivery.node, "requester": delivery.requester, "camera": delivery.camera, "key": delivery.key,
            "frame": delivery.frame, "owner": delivery.owner, "client": delivery.client, "network": delivery.network,
            "kind": delivery.kind,
        ].mapValues { parsed.text($0) }
        let numbers = [
            "status": "\(delivery.status)", "bytes": "\(delivery.bytes)", "cache": "\(delivery.cacheStatus)",
            "time": delivery.time.stamp.rfc3339, "earliest": delivery.time.earliest.rfc3339,
            "latest": delivery.time.latest.rfc3339, "rtt": "\(delivery.rttMilliseconds)",
            "aborted": "\(delivery.flags.contains(.aborted))",
            "conditional": "\(delivery.flags.contains(.conditional))",
        ]
        return text.merging(numbers) { first, _ in first }
    }

    /// A fill's fields, named apart from a delivery's.
    private static func describe(_ fill: Fill, _ parsed: Parsed) -> [String: String] {
        [
            "fill.key": parsed.text(fill.key), "fill.camera": parsed.text(fill.camera),
            "fill.owner": parsed.text(fill.owner), "fill.frame": parsed.text(fill.frame),
            "fill.time": fill.time.stamp.rfc3339,
        ]
    }
}
