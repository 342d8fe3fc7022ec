import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// What happened to users of other tools must not happen here; each test names the peer's issue.
@Suite struct PeersTests {
    private static let count = 3000

    /// Relay lines of one camera's owner, and one fill before them all.
    private func lines(_ range: Range<Int>) -> String {
        range.map { number in
            let second = number / 100 % 60
            let time =
                "2019-12-26T10:\(10 + number / 6000):\(second < 10 ? "0" : "")\(second).\(100_000 + number % 100 * 9000)Z"
            return
                #"{"ts":"\#(time)","node":"n","requester":"a","camera":"c","key":"k","cache":"HIT","status":200,"bytes":\#(number)}"#
                + "\n"
        }.joined()
    }

    private func prepare(_ scratch: Scratch) throws {
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\nc,a,,,m\n")
        try scratch.write(
            "dump/fills.ndjson",
            #"{"ts":"2019-12-26T10:00:00.000000Z","node":"n","op":"FILL","key":"k","frame":"f","camera":"c"}"# + "\n")
    }

    private func state(_ path: String, _ caseFile: CaseFile) throws -> SourceRow {
        try #require(
            try caseFile.read { try SourceRow.all($0) }.first {
                $0.path == "dump/\(path)" || $0.displayName == "dump/\(path)"
            })
    }

    // MARK: DuckDB

    @Test("a gzip file of many members loses no row (DuckDB #780)")
    func manyMembers() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        for part in 0..<5 { try scratch.write("part\(part)", lines((part * 600)..<((part + 1) * 600))) }
        try scratch.run("sh", ["-c", "for p in 0 1 2 3 4; do gzip -c part$p; done > dump/relay.log"])
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == Self.count)
        #expect(try caseFile.count("SELECT sum(bytes) FROM delivery") == Self.count * (Self.count - 1) / 2)
    }

    @Test(
        "every valid compressed file is read, whatever its level, window or name (DuckDB #8630)",
        arguments: [
            "gzip -1", "gzip -9", "gzip -n", "zstd -q -1", "zstd -q -19", "zstd -q --long=27 -3", "zstd -q --no-check",
            "xz -1", "xz -6",
            "bzip2", "lz4 -q", "cat",
        ])
    func validFiles(_ compressor: String) throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write("plain", lines(0..<Self.count))
        try scratch.run("sh", ["-c", "\(compressor) < plain > dump/relay.txt"])
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == Self.count)
        #expect(try caseFile.count("SELECT sum(bytes) FROM delivery") == Self.count * (Self.count - 1) / 2)
        #expect(try state("relay.txt", caseFile).state == .complete)
    }

    // MARK: lnav

    @Test("empty archives do not hang, nor several at once (lnav #1156, #1581)")
    func emptyArchives() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write("dump/relay.ndjson", lines(0..<10))
        try scratch.run(
            "sh",
            [
                "-c",
                ": > e; for n in 1 2 3; do zstd -q -c e > dump/e$n.zst; gzip -c e > dump/e$n.gz; xz -c e > dump/e$n.xz; : > dump/e$n; done",
            ])
        let caseFile = try scratch.analyze([scratch.path("dump")], jobs: 3)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 10)
        #expect(try state("e1.zst", caseFile).lines == 0)
        #expect(try Summary(of: caseFile).damagedFiles == 0)
    }

    // MARK: GoAccess, Plaso

    @Test("the same bytes count once: in one run, in another, under another name (GoAccess #334, Plaso #1724)")
    func sameBytes() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write("dump/relay.ndjson", lines(0..<100))
        try scratch.write("dump/copy.ndjson", lines(0..<100))
        let first = try scratch.analyze([scratch.path("dump")], jobs: 2)
        let reports = try scratch.reports(of: first)
        #expect(try first.count("SELECT count(*) FROM delivery") == 100)
        #expect(try state("copy.ndjson", first).state == .complete)
        let copy = try state("relay.ndjson", first)
        #expect(copy.state == .duplicate)
        #expect(copy.reason == "same bytes as dump/copy.ndjson")
        let again = try scratch.analyze([scratch.path("dump"), scratch.path("dump")], jobs: 1)
        #expect(try scratch.reports(of: again) == reports)
    }

    @Test("totals stay right when a case is opened again and more is read (GoAccess #1816, Plaso #2391)")
    func openedAgain() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write("dump/relay.1", lines(0..<1000))
        _ = try scratch.analyze([scratch.path("dump")])
        try scratch.write("dump/relay.2", lines(1000..<Self.count))
        let steps = try scratch.reports(of: scratch.analyze([scratch.path("dump")]))
        let whole = try scratch.reports(of: scratch.analyze([scratch.path("dump")], case: "whole.sqlite"), in: "whole")
        #expect(steps == whole)
    }

    // MARK: Hayabusa, Timesketch

    @Test("JSON is valid, and says what the CSV says (Hayabusa #1148, #1324)")
    func jsonAndCSV() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write(
            "dump/relay.ndjson", lines(1..<51).replacing(#""requester":"a""#, with: #""requester":"=b\"\u0001""#))
        let files = try scratch.reports(of: scratch.analyze([scratch.path("dump")]))
        let summary = try #require(files["summary.json"])
        let json = try #require(JSONSerialization.jsonObject(with: summary) as? [String: Any])
        let rows = String(decoding: try #require(files["summary.csv"]), as: UTF8.self).components(separatedBy: "\r\n")
        #expect(json["exposures_certain"] as? Int == 50)
        for row in rows.dropFirst() where !row.isEmpty {
            let key = String(row.prefix { $0 != "," })
            let name = key.components(separatedBy: ".")
            let value = name.count > 1 ? (json[name[0]] as? [String: Any])?[name[1]] : json[name[0]]
            let text = (value as? Int).map(String.init) ?? value as? String ?? ""
            let cell = text.contains { ",\"".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
            #expect(row == "\(key),\(cell)")
        }
    }

    @Test("the timeline keeps sub-seconds in a column of microseconds (Timesketch #3173)")
    func subSeconds() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        try scratch.write("dump/relay.ndjson", lines(7..<8).replacing(#""requester":"a""#, with: #""requester":"b""#))
        let files = try scratch.reports(of: scratch.analyze([scratch.path("dump")]))
        let text = String(decoding: try #require(files["timeline.csv"]), as: UTF8.self)
        #expect(text.hasPrefix("message,datetime,timestamp_desc,timestamp,"))
        #expect(text.contains("2019-12-26T10:10:00.163000+00:00,First exposure,1577355000163000,"))
    }

    // MARK: sqlite-utils

    @Test("a line that cannot be used is reported with its reason, place and beginning (sqlite-utils #516)")
    func rejected() throws {
        let scratch = try Scratch()
        try prepare(scratch)
        let good = lines(0..<20)
        try scratch.write(
            "dump/relay.ndjson",
            good + "{\"ts\":\"2019-12-26T10:00:00Z\",\"node\n" + "garbage\u{1b}[31m\r\n" + lines(20..<30))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let source = try state("relay.ndjson", caseFile)
        #expect(source.lines == 32)
        #expect(source.accepted == 30)
        #expect(source.rejected == 2)
        let rejects = try caseFile.read { try Row.fetchAll($0, sql: "SELECT * FROM rejects ORDER BY line") }
        #expect(rejects.map { $0["line"] as Int } == [21, 22])
        #expect(rejects.map { $0["reason"] as String } == ["not a JSON object", "not a JSON object"])
        #expect(rejects[0]["offset"] as Int == good.utf8.count)
        #expect(rejects[1]["sample"] as String == "garbage\\x1b[31m")
        #expect(try Summary(of: caseFile).rejectedLines == 2)
    }
}
