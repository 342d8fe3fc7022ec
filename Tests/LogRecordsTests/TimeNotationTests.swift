import Testing

@testable import LogRecords

/// Stamps that leave out the zone or the year. Expectations are worked out from the zones' rules: Berlin turned its clock back
/// from 03:00 to 02:00 on 27 October 2019 (at 01:00 UTC) and forward from 02:00 to 03:00 on 31 March; Lord Howe turns it by
/// half an hour.
@Suite struct TimeNotationTests {
    /// Earliest and latest moment of each stamp, read in turn.
    private func read(_ stamps: [String], zone: String? = nil, year: Int? = nil) -> [String] {
        var notation = TimeNotation(zone: zone.flatMap(TimeNotation.zone), year: year)
        return stamps.map { text in
            let stamp = Array(text.utf8).withUnsafeBytes { notation.stamp($0) }
            return stamp.map { "\($0.microseconds.rfc3339) \($0.latest.rfc3339)" } ?? "none"
        }
    }

    @Test("local time is that of the zone, in summer and in winter")
    func zone() {
        #expect(
            read(["2019-12-26 10:12:57", "26/Jul/2019:10:12:57", "2019/07/26 10:12:57.250"], zone: "Europe/Berlin") == [
                "2019-12-26T09:12:57.000000Z 2019-12-26T09:12:57.999999Z",
                "2019-07-26T08:12:57.000000Z 2019-07-26T08:12:57.999999Z",
                "2019-07-26T08:12:57.250000Z 2019-07-26T08:12:57.250999Z",
            ])
    }

    @Test("an hour that the zone had twice stays open, and the hours around it do not")
    func fold() {
        #expect(
            read(
                ["2019-10-27 01:59:59", "2019-10-27 02:00:00", "2019-10-27 02:30:00.5", "2019-10-27 03:00:00"],
                zone: "Europe/Berlin") == [
                    "2019-10-26T23:59:59.000000Z 2019-10-26T23:59:59.999999Z",
                    "2019-10-27T00:00:00.000000Z 2019-10-27T01:00:00.999999Z",
                    "2019-10-27T00:30:00.500000Z 2019-10-27T01:30:00.599999Z",
                    "2019-10-27T02:00:00.000000Z 2019-10-27T02:00:00.999999Z",
                ])
    }

    @Test("an hour that the zone did not have is read with the offset before")
    func gap() {
        #expect(
            read(["2019-03-31 01:59:59", "2019-03-31 02:30:00", "2019-03-31 03:00:00"], zone: "Europe/Berlin") == [
                "2019-03-31T00:59:59.000000Z 2019-03-31T00:59:59.999999Z",
                "2019-03-31T01:30:00.000000Z 2019-03-31T01:30:00.999999Z",
                "2019-03-31T01:00:00.000000Z 2019-03-31T01:00:00.999999Z",
            ])
    }

    @Test("a zone that turns its clock by half an hour")
    func halfHour() {
        // Lord Howe Island: from +11 to +10:30 on 7 April 2019 at 02:00, which was 15:00 UTC the day before.
        #expect(
            read(["2019-04-07 01:20:00", "2019-04-07 01:40:00", "2019-04-07 02:00:00"], zone: "Australia/Lord_Howe")
                == [
                    "2019-04-06T14:20:00.000000Z 2019-04-06T14:20:00.999999Z",
                    "2019-04-06T14:40:00.000000Z 2019-04-06T15:10:00.999999Z",
                    "2019-04-06T15:30:00.000000Z 2019-04-06T15:30:00.999999Z",
                ])
    }

    @Test("a stamp that says its offset, and an epoch, are not the zone's affair")
    func offsets() {
        #expect(
            read(["2019-10-27T02:30:00Z", "27/Oct/2019:02:30:00 +0200", "1577351577.5"], zone: "Europe/Berlin") == [
                "2019-10-27T02:30:00.000000Z 2019-10-27T02:30:00.999999Z",
                "2019-10-27T00:30:00.000000Z 2019-10-27T00:30:00.999999Z",
                "2019-12-26T09:12:57.500000Z 2019-12-26T09:12:57.599999Z",
            ])
    }

    @Test("a stamp without a year is of the year of the one before, across New Year in both directions")
    func year() {
        #expect(
            read(
                ["Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59.5", "Feb 29 12:00:00", "Mar  1 12:00:00"],
                year: 2019) == [
                    "2019-12-31T23:59:59.000000Z 2019-12-31T23:59:59.999999Z",
                    "2020-01-01T00:00:00.000000Z 2020-01-01T00:00:00.999999Z",
                    // A row that came late.
                    "2019-12-31T23:59:59.500000Z 2019-12-31T23:59:59.599999Z",
                    "2020-02-29T12:00:00.000000Z 2020-02-29T12:00:00.999999Z",
                    "2020-03-01T12:00:00.000000Z 2020-03-01T12:00:00.999999Z",
                ])
        #expect(read(["Dec 26 09:12:57"]) == ["none"], "without a year it is no time")
        #expect(
            read(["Feb 29 12:00:00", "Foo  1 12:00:00", "Dec 32 00:00:00"], year: 2019) == ["none", "none", "none"])
    }

    @Test("year and zone together")
    func both() {
        #expect(
            read(["Jul 26 10:12:57"], zone: "America/New_York", year: 2019) == [
                "2019-07-26T14:12:57.000000Z 2019-07-26T14:12:57.999999Z"
            ])
    }

    @Test("an open hour makes a delivery that may have been either, and its duration reaches back from both")
    func delivery() throws {
        let yaml = """
            name: x
            syntax: csv
            columns: [t, d]
            zone: Europe/Berlin
            delivery: {time: t, duration: {field: d, unit: s}}
            """
        let parsed = try Parsed("2019-10-27 02:30:00,10", yaml: yaml)
        let time = try #require(parsed.batch.deliveries.first?.time)
        // Ten seconds, and less than an eleventh, before the earlier of the two.
        #expect(time.earliest.rfc3339 == "2019-10-27T00:29:49.000001Z")
        #expect(time.latest.rfc3339 == "2019-10-27T01:30:00.999999Z")
        #expect(time.begunBy.rfc3339 == "2019-10-27T01:29:50.999999Z")
    }

    @Test("a zone that nobody knows, or a year that is none, is a problem of the profile")
    func problems() throws {
        func problem(_ yaml: String) throws -> ProfileProblem {
            try #require(throws: ProfileProblem.self) { try ProfileReader.read(yaml) }
        }
        let rest = "\nname: x\nsyntax: json\ndelivery: {time: t}"
        #expect(try problem("zone: Europe/Berlinn" + rest).message.contains("'Europe/Berlinn' is not one of"))
        #expect(try problem("year: last" + rest).line == 1)
    }

    @Test(
        "a stamp of the log's own notation, in strptime's words",
        arguments: [
            (
                "%d.%m.%Y %H:%M:%S.%f", "26.02.2026 10:00:01.25",
                "2026-02-26T10:00:01.250000Z 2026-02-26T10:00:01.259999Z"
            ),
            ("%m/%d/%Y %I:%M:%S %p", "2/6/2026 12:00:01 AM", "2026-02-06T00:00:01.000000Z 2026-02-06T00:00:01.999999Z"),
            ("%a %b %e %T %Y", "Thu Feb  6 10:00:01 2026", "2026-02-06T10:00:01.000000Z 2026-02-06T10:00:01.999999Z"),
            ("%d %B %y %H:%M", "26 February 26 10:00", "2026-02-26T10:00:00.000000Z 2026-02-26T10:00:59.999999Z"),
            ("%FT%T%z", "2026-02-26T10:00:01+02:00", "2026-02-26T08:00:01.000000Z 2026-02-26T08:00:01.999999Z"),
            ("%s.%L", "1772100005.300", "2026-02-26T10:00:05.300000Z 2026-02-26T10:00:05.300999Z"),
            ("%d.%m.%Y %H:%M:%S", "31.02.2026 10:00:01", "none"), ("%d.%m.%Y %H:%M:%S", "26.02.2026 10:00:01x", "none"),
        ])
    func format(_ format: String, _ stamp: String, _ expected: String) throws {
        let known: TimeFormat = try #require(TimeFormat(format))
        var notation = TimeNotation(zone: nil, year: nil, format: known)
        let found = Array(stamp.utf8).withUnsafeBytes { notation.stamp($0) }
        #expect((found.map { "\($0.microseconds.rfc3339) \($0.latest.rfc3339)" } ?? "none") == expected)
    }

    @Test("a format that does not say which second it is, or has a word that strptime has not, is none")
    func noFormat() {
        for text in ["%d.%m %H:%M:%S", "%Y-%m-%d", "%I:%M %d.%m.%Y", "%Q"] { #expect(TimeFormat(text) == nil) }
    }
}
