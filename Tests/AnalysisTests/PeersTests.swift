import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// What other tools got wrong with their users' logs, one test for each that could happen here.
@Suite struct PeersTests {
    // DuckDB #780: a gzip file of several members lost all but the first in silence.
    @Test("a gzip file of many members loses no row")
    func gzipMembers() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        for part in 0..<40 { try scratch.write("part-\(10 + part)", StrayDump.relay(25, from: part * 25)) }
        try scratch.shell("mkdir dump/relay; for part in part-*; do gzip -c $part; done > dump/relay/edge.ndjson.gz")
        let summary = try Summary(of: scratch.analyze([scratch.path("dump")]))
        #expect(summary.exposuresCertain == 1000)
        #expect(summary.deliveries == 1000)
        #expect(summary.damagedFiles == 0)
        #expect(summary.lines == 1000 + 3 + 2)
    }

    // DuckDB #8630: a valid gzip file was refused.
    @Test(
        "every valid variant of a compression is read, whatever the file's name says",
        arguments: [
            ("gzip -1 -c log", "gzip"), ("gzip -9 -N -c log", "gzip"), ("gzip -c - < log", "gzip"),
            // Padding behind the end, as tapes and block devices leave it (gzip manual, "Tapes").
            ("(gzip -c log; head -c 2000 /dev/zero)", "gzip"), ("(gzip -c log; printf '' | gzip -c)", "gzip"),
            ("zstd -1 -q -c log", "zstd"), ("zstd -19 -q -c log", "zstd"), ("zstd --long=27 -q -c log", "zstd"),
            ("zstd --no-check -q -c log", "zstd"), ("zstd -q -c - < log", "zstd"),
            ("(printf '' | zstd -q -c; zstd -q -c log)", "zstd"),
            // A skippable frame of three bytes before the data (RFC 8878 section 3.1.2).
            (#"(printf '\120\052\115\030\003\000\000\000abc'; zstd -q -c log)"#, "zstd"),
            ("xz -c log", "xz"), ("xz --check=none -c log", "xz"), ("(xz -c log; printf '' | xz -c)", "xz"),
            ("bzip2 -c log", "bzip2"),
            ("lz4 -q -c log", "lz4"), ("lz4 -q --content-size -BD -c log", "lz4"), ("cat log", "plain"),
        ])
    func variants(_ command: String, _ compression: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("log", StrayDump.relay(300))
        try scratch.shell("mkdir dump/relay; \(command) > dump/relay/edge.log.bin")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).exposuresCertain == 300)
        #expect(try Summary(of: caseFile).damagedFiles == 0)
        let found = try caseFile.read {
            try String.fetchAll($0, sql: "SELECT compression FROM sources WHERE path LIKE '%.bin'")
        }
        #expect(found == [compression])
    }

    // lnav #1156 and #1581: an empty .zst hangs, several at once freeze.
    @Test("empty compressed files and many files at once do not hang", .timeLimit(.minutes(1)))
    func emptyAndMany() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        for part in 0..<12 { try scratch.write("dump/relay/edge.\(part)", StrayDump.relay(50, from: part * 50)) }
        try scratch.shell(
            """
            zstd -q --rm dump/relay/edge.*; printf '' > dump/empty.zst; printf '' > dump/empty.gz
            for tool in zstd gzip xz bzip2 lz4; do printf '' | $tool -q -c > dump/nothing.$tool || exit 1; done
            """)
        let caseFile = try scratch.analyze([scratch.path("dump")], jobs: 4)
        let summary = try Summary(of: caseFile)
        #expect(summary.exposuresCertain == 600)
        #expect(summary.damagedFiles == 0)
        #expect(summary.unrecognizedFiles == 0)
    }

    /// The counts and the reports but for the list of sources.
    private func answer(_ scratch: Scratch, _ caseFile: CaseFile) throws -> [String: Data] {
        var reports = try scratch.reports(of: caseFile)
        for name in ["sources.csv", "summary.json", "summary.csv"] { reports[name] = nil }
        return reports
    }

    // GoAccess #334: the same log given twice counts twice. Plaso #1724: duplicates.
    @Test("the same bytes count once: given twice, under another name, in another folder, in another run")
    func sameBytes() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 100)
        let once = try scratch.analyze([scratch.path("dump")], case: "once.sqlite")
        let expected = try answer(scratch, once)
        try scratch.shell("mkdir again; cp dump/relay/edge.ndjson again/zz.log; cp -r dump again/")

        let twice = try scratch.analyze(
            [scratch.path("dump"), scratch.path("dump"), scratch.path("again/zz.log")], case: "twice.sqlite", jobs: 3)
        #expect(try Summary(of: twice).exposuresCertain == 100)
        #expect(try Summary(of: twice).lines == Summary(of: once).lines)
        #expect(try answer(scratch, twice) == expected)
        let states = try twice.read {
            try String.fetchAll($0, sql: "SELECT path || ' ' || state FROM sources ORDER BY path")
        }
        #expect(states.filter { $0.hasSuffix("duplicate") } == ["zz.log duplicate"])

        let later = try scratch.analyze([scratch.path("again/zz.log")], case: "once.sqlite")
        _ = try scratch.analyze([scratch.path("again/dump")], case: "once.sqlite")
        #expect(try Summary(of: later).exposuresCertain == 100)
        #expect(try later.count("SELECT count(*) FROM source WHERE state = 'complete'") == 3)
    }

    /// A file is known by its bytes as found, which is what can be proved. Lines that come again in other bytes, as after
    /// another compression or in a log that has grown since, are other records and count again; `sources` shows both, so
    /// give each log once.
    @Test("the same lines in other bytes count again, and the list of sources shows it")
    func otherBytes() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 100)
        try scratch.shell("zstd -q dump/relay/edge.ndjson -o dump/relay/edge.ndjson.zst")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).exposuresCertain == 200)
        #expect(try Summary(of: caseFile).exposedAccountsCertain == 1)
        #expect(try Summary(of: caseFile).receivingAccountsCertain == 1)
        let listed = try caseFile.read {
            try String.fetchAll(
                $0, sql: "SELECT compression || ' ' || lines FROM sources WHERE profile = 'native-relay' ORDER BY 1")
        }
        #expect(listed == ["plain 100", "zstd 100"])
    }

    // GoAccess #1816: totals wrong after a restore. Plaso #2391: no resume.
    @Test("a case opened again and fed the same dump again gives the same reports, byte for byte")
    func reopened() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 200)
        try scratch.write("dump/notes.txt", "no log at all\n")
        try scratch.write("dump/relay/broken.ndjson", StrayDump.relay(3, from: 500) + "broken\n")
        let first = try scratch.reports(of: scratch.analyze([scratch.path("dump")]))
        for _ in 0..<2 {
            #expect(try scratch.reports(of: scratch.analyze([scratch.path("dump")])) == first)
        }
        let reader = try CaseFile(reading: scratch.path("case.sqlite"))
        #expect(try scratch.reports(of: reader) == first)
    }

    @Test("a dump read in two runs gives the reports of one run")
    func inTwoRuns() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 150)
        try scratch.write("dump/relay/other.ndjson", StrayDump.relay(150, from: 150))
        let whole = try scratch.reports(of: scratch.analyze([scratch.path("dump")], case: "whole.sqlite"))
        try scratch.shell("mkdir -p part/dump && cp -r dump/relay part/dump/")
        _ = try scratch.analyze([scratch.path("part/dump")], case: "parts.sqlite")
        #expect(try scratch.reports(of: scratch.analyze([scratch.path("dump")], case: "parts.sqlite")) == whole)
    }

    // Timesketch #3173: an import zeroes what is below the second, so it must stand in `timestamp` too.
    @Test("the timeline leads with Timesketch's columns and holds microseconds in both of its times")
    func timeline() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 5)
        let table = scratch.table(try scratch.reports(of: scratch.analyze([scratch.path("dump")]))["timeline.csv"])
        #expect(table.columns.prefix(4) == ["message", "datetime", "timestamp_desc", "timestamp"])
        let last = try #require(table.rows.first { $0[2] == "Last exposure" })
        #expect(last[1] == "2019-12-26T10:00:20.004000+00:00")
        // date -u -d 2019-12-26T10:00:20Z +%s
        #expect(last[3] == "1577354420004000")
    }

    // sqlite-utils #516: ignored and replaced rows are not reported. lnav, Hayabusa: lines dropped in silence.
    @Test("every line is accepted, ignored or rejected with a reason, and verify checks it")
    func accounted() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 20)
        try scratch.write(
            "dump/relay/bad.ndjson",
            StrayDump.relay(5, from: 100) + "{\n\n" + #"{"ts":"never","requester":"x","key":"k"}"# + "\n")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let summary = try Summary(of: caseFile)
        #expect(summary.rejectedLines == 2)
        #expect(summary.exposuresCertain == 25)
        let reasons = try caseFile.read {
            try String.fetchAll($0, sql: "SELECT line || ' ' || reason FROM rejects ORDER BY line")
        }
        #expect(reasons == ["6 not a JSON object", "8 not a time stamp"])
        #expect(try Verification(of: caseFile).isSound)
    }
}
