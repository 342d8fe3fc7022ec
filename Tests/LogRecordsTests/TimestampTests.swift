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
            // A date and time in digits alone; PostgreSQL's and BigQuery's zones; ISO 8601, basic.
            Sample(text: "20191226091257", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "20191226091257.123", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "20191226091257123", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "20191226T091257Z", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "20191226T101257.123+0100", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "2019-12-26 09:12:57+00", microseconds: 1_577_351_577_000_000, resolution: 1_000_000),
            Sample(text: "2019-12-26 10:12:57.123+01", microseconds: 1_577_351_577_123_000, resolution: 1000),
            Sample(text: "2019-12-26 09:12:57.123456 UTC", microseconds: 1_577_351_577_123_456, resolution: 1),
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
            "99999999999999999999", "2019-12-26T09:12", "1e9", "2019-12-26T09:12:57 CET", "2019-12-26T09:12:57+1",
            "20191326091257", "20190229T000000Z",
        ])
    func nonsense(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    /// Of 2026-03-01 each: a spreadsheet's serial, .NET's ticks, Windows' FILETIME, seconds since 2001 (Apple), days and minutes since
    /// 1970, the date, the minute, a Julian day; and none.
    @Test(
        "a number that counts something else than what passed since 1970 is no stamp",
        arguments: [
            "46082", "46082.41667", "639079560000000000", "134168544000000000", "794052000", "20513", "29539200",
            "20260301",
            "202603011000", "2461101", "2026", "0", "1",
        ])
    func otherNumbers(_ text: String) { #expect(Timestamp(text) == nil) }

    /// The last two are seconds since 1900 (NTP) and a year of the Thai calendar.
    @Test(
        "a log's line whose stamp is of no time of such a log is rejected",
        arguments: [
            "46082", "639079560000000000", "794052000", "20260301", "0", "\"1970-01-01T00:00:05Z\"", "3981348000",
            "\"2569-03-01T10:00:00Z\"", "[2026,3,1,10,0]",
        ])
    func otherStamps(_ stamp: String) throws {
        let line = #"{"ts":\#(stamp),"requester":"bob","key":"k","status":200}"#
        let parsed = try Parsed(line, shipped: "native-relay")
        #expect(parsed.outcomes == [.rejected(.badTime, offset: 0)])
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
