import Testing

@testable import LogRecords

/// The interval that a stamp and a duration stand for, against arithmetic over every moment they can mean.
@Suite struct EventTimeTests {
    /// A stamp and a duration as written, and what they can mean in microseconds.
    struct Sample: Sendable, CustomTestStringConvertible {
        var stamp: String
        var stampFrom: Int64
        var stampSteps: Int64
        var duration: String
        var unit: String
        var least: Int64
        var open: Int64
        var testDescription: String { "\(stamp) for \(duration) \(unit)" }
    }

    /// 2019-12-26T10:00:20Z.
    private static let second: Int64 = 1_577_354_420_000_000

    static let samples = [
        Sample(
            stamp: "1577354420", stampFrom: second, stampSteps: 1_000_000, duration: "2", unit: "s", least: 2_000_000,
            open: 1_000_000),
        Sample(
            stamp: "1577354420.123", stampFrom: second + 123_000, stampSteps: 1000, duration: "0.017", unit: "s",
            least: 17_000, open: 1000),
        Sample(
            stamp: "1577354420.123", stampFrom: second + 123_000, stampSteps: 1000, duration: "0.000", unit: "s",
            least: 0, open: 1000),
        Sample(
            stamp: "2019-12-26T10:00:20.123456Z", stampFrom: second + 123_456, stampSteps: 1, duration: "0.018477",
            unit: "s", least: 18_477, open: 1),
        Sample(
            stamp: "26/Dec/2019:10:00:20 +0000", stampFrom: second, stampSteps: 1_000_000, duration: "71", unit: "ms",
            least: 71_000, open: 1000),
        Sample(
            stamp: "1577354420123", stampFrom: second + 123_000, stampSteps: 1000, duration: "4.5", unit: "ms",
            least: 4500, open: 100),
        Sample(
            stamp: "1577354420.123456", stampFrom: second + 123_456, stampSteps: 1, duration: "101", unit: "us",
            least: 101, open: 1),
        Sample(
            stamp: "1577354420.123456", stampFrom: second + 123_456, stampSteps: 1, duration: "101999", unit: "ns",
            least: 101, open: 1),
    ]

    private func time(_ sample: Sample, marksStart: Bool) throws -> EventTime {
        let yaml = """
            name: x
            syntax: tsv
            columns: [ts, took]
            delivery: {\(marksStart ? "marks: start, " : "")time: ts, duration: {field: took, unit: \(sample.unit)}}
            """
        let parsed = try Parsed("\(sample.stamp)\t\(sample.duration)", yaml: yaml)
        return try #require(parsed.batch.deliveries.first?.time)
    }

    /// The corners of what was written: the stamp at its first or last moment, the duration at its shortest or longest.
    private func corners(_ sample: Sample) -> [(stamp: Int64, duration: Int64)] {
        [sample.stampFrom, sample.stampFrom + sample.stampSteps - 1].flatMap { stamp in
            [sample.least, sample.least + sample.open - 1].map { (stamp, $0) }
        }
    }

    @Test("a stamp at the end: the response began a duration before", arguments: samples)
    func end(_ sample: Sample) throws {
        let time = try time(sample, marksStart: false)
        let starts = corners(sample).map { $0.stamp - $0.duration }
        #expect(time.stamp == sample.stampFrom)
        #expect(time.earliest == starts.min())
        #expect(time.begunBy == starts.max())
        #expect(time.latest == corners(sample).map(\.stamp).max())
    }

    @Test("a stamp at the start: the response ended a duration later", arguments: samples)
    func start(_ sample: Sample) throws {
        let time = try time(sample, marksStart: true)
        #expect(time.stamp == sample.stampFrom)
        #expect(time.earliest == sample.stampFrom)
        #expect(time.begunBy == corners(sample).map(\.stamp).max())
        #expect(time.latest == corners(sample).map { $0.stamp + $0.duration }.max())
    }

    @Test(
        "without a duration, or with one that is no number, only the digits are open",
        arguments: ["", "-", "soon", "-1", "1e3", "1."])
    func none(_ duration: String) throws {
        for marksStart in [false, true] {
            let time = try time(
                Sample(
                    stamp: "1577354420.12", stampFrom: 0, stampSteps: 0, duration: duration, unit: "s", least: 0,
                    open: 0), marksStart: marksStart)
            #expect(
                time
                    == EventTime(
                        stamp: Self.second + 120_000, earliest: Self.second + 120_000, latest: Self.second + 129_999))
            #expect(time.begunBy == time.latest)
        }
    }

    @Test("an event's ID holds its source and its line, and sorts by them")
    func identity() {
        let id = EventID(source: 7, line: (1 << 36) - 1)
        #expect(id.source == 7 && id.line == 68_719_476_735)
        #expect(EventID(source: 1, line: 9) < EventID(source: 2, line: 1))
        #expect(EventID(source: 1, line: 9) < EventID(source: 1, line: 10))
    }
}
