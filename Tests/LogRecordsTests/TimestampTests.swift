import Testing

@testable import LogRecords

@Suite struct TimestampTests {
    struct Sample: Sendable {
        var text: String
        var microseconds: Int64
        var resolution: Int64
    }

    /// The seconds come from `date -u -d … +%s`.
    @Test(
        "every notation gives its moment and what its digits leave open",
        arguments: [
            Sample(text: "2019-12-26T09:12:57Z", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "2019-12-26T09:12:57.1Z", microseconds: 1_577_351_577_100_000, resolution: 100_000),
            Sample(text: "2019-12-26T09:12:57.123Z", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "2019-12-26 09:12:57,123456", microseconds: 1_577_351_577_123_456, resolution: 1),
            Sample(text: "2019-12-26T09:12:57.123456789Z", microseconds: 1_577_351_577_123_456, resolution: 1),
            Sample(text: "2019-12-26T10:12:57+01:00", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "2019-12-25T23:42:57-0930", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "26/Dec/2019:09:12:57 +0000", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "26/dec/2019:09:12:57.123 +0000", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "1577351577", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "1577351577.123", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "1577351577123", microseconds: 1_577_351_577_123_000, resolution: 1000),
            // Caddy's unix_milli_float.
            Sample(text: "1577351577123.4", microseconds: 1_577_351_577_123_400, resolution: 100),
            Sample(text: "1577351577123.4564", microseconds: 1_577_351_577_123_456, resolution: 1),
            Sample(text: "1577351577123456", microseconds: 1_577_351_577_123_456, resolution: 1),
            Sample(text: "1577351577123456789", microseconds: 1_577_351_577_123_456, resolution: 1),
            Sample(text: "2016-12-31T23:59:60Z", microseconds: 1_483_228_799_000_000, resolution: 2_000_000),
            Sample(text: "2000-02-29T00:00:00Z", microseconds: 951_782_400_000_000, resolution: 1_000_000),
        ])
    func notation(_ sample: Sample) throws {
        let stamp = try #require(Timestamp(sample.text))
        #expect(stamp.microseconds == sample.microseconds)
        #expect(stamp.resolution == sample.resolution)
    }

    @Test(
        "what is no moment of the calendar is refused",
        arguments: [
            "", "-", "yesterday", "2019-13-01T00:00:00Z", "2019-02-29T00:00:00Z", "2019-12-26T24:00:00Z",
            "2019-12-26T09:12:57.Z", "2019-12-26T09:12:57Zjunk", "26/Foo/2019:09:12:57 +0000", "1577351577.",
            "12345678901234567890",
            "99999999999999999999", "2019-12-26T09:12", "1e9",
        ])
    func nonsense(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("a moment written as RFC 3339 reads back as itself, in every month of four centuries")
    func roundTrip() throws {
        var moment: Int64 = -11_644_473_600_000_000
        while moment < 4_102_444_800_000_000 {
            let stamp = try #require(Timestamp(moment.rfc3339))
            #expect(stamp.microseconds == moment)
            moment += 2_629_743_123_457
        }
    }
}
