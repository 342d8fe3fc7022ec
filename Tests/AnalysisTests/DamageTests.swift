import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// Dumps as they come: cut, corrupt, packed in each other, with files that are none of ours.
@Suite struct DamageTests {
    /// What the case says of its sources, by path or member: state and accepted lines.
    private func states(_ caseFile: CaseFile) throws -> [String: String] {
        try caseFile.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT ifnull(member, path) AS name, state, accepted FROM sources")
            return Dictionary(rows.map { ($0["name"], "\($0["state"] as String) \($0["accepted"] as Int)") }) {
                "\($0), \($1)"
            }
        }
    }

    @Test(
        "a cut archive keeps what could be read, and never half a line",
        arguments: ["gzip -c", "zstd -q -c", "xz -c", "bzip2 -1 -c", "lz4 -q -B4 -c", "cat"])
    func cut(_ tool: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("log", StrayDump.relay(5000))
        try scratch.shell(
            "mkdir dump/relay; \(tool) log > whole; head -c $(($(stat -c %s whole) * 2 / 3)) whole > dump/relay/edge.log"
        )
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let summary = try Summary(of: caseFile)
        #expect(summary.exposuresCertain > 500)
        #expect(summary.exposuresCertain < 5000)
        let state = try #require(try states(caseFile)["dump/relay/edge.log"])
        if tool == "cat" {
            #expect(state == "complete \(summary.exposuresCertain)", "plain text does not tell that it was cut")
        } else {
            #expect(state == "damaged \(summary.exposuresCertain)")
            #expect(summary.damagedFiles == 1)
            let reason = try caseFile.read {
                try String.fetchOne($0, sql: "SELECT reason FROM sources WHERE state = 'damaged'")
            }
            #expect(reason?.hasPrefix("truncated at byte ") == true, "\(reason ?? "")")
        }
        // Every line that counts is one of the log's own, whole.
        let lines = try caseFile.count(
            "SELECT count(*) FROM deliveries WHERE requester = 'alice' AND time < '2019-12-26T10:00:40Z'")
        #expect(lines == summary.exposuresCertain)
        #expect(summary.rejectedLines <= 1)
        #expect(try Verification(of: caseFile).isSound)
    }

    @Test(
        "a file cut in its first bytes is damaged and holds nobody up",
        arguments: [
            "gzip -c", "zstd -q -c", "xz -c", "bzip2 -c", "lz4 -q -c", "lz4 -q -BX -c", "zip -q -", "tar -cf -",
        ])
    func cutAtOnce(_ tool: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 10)
        try scratch.write("log", StrayDump.relay(500, from: 100))
        try scratch.shell("\(tool) log > whole; for n in 5 9 40 100; do head -c $n whole > dump/relay/cut-$n; done")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).exposuresCertain == 10)
        let found = try states(caseFile).filter { $0.key.contains("cut-") || $0.key == "log" }
        #expect(found.values.filter { $0.hasPrefix("complete") }.isEmpty, "\(found)")
        #expect(try Verification(of: caseFile).isSound)
    }

    @Test("corrupt bytes end the file there, with a reason that names the place")
    func corrupt() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 10)
        try scratch.write("log", StrayDump.relay(5000, from: 100))
        try scratch.shell(
            "gzip -c log > whole.gz; (head -c 9000 whole.gz; printf 'damage!!'; tail -c +9009 whole.gz) > dump/relay/edge.gz"
        )
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let state = try #require(try states(caseFile)["dump/relay/edge.gz"])
        #expect(state.hasPrefix("damaged "))
        #expect(try Summary(of: caseFile).damagedFiles == 1)
        #expect(try Summary(of: caseFile).exposuresCertain >= 10)
        let sources = String(decoding: try #require(scratch.reports(of: caseFile)["sources.csv"]), as: UTF8.self)
        #expect(sources.contains("corrupt at byte "))
    }

    @Test(
        "a dump in a tar.zst with compressed logs inside, and in a zip, counts as the folder does",
        arguments: ["dump.tar.zst", "dump.zip"])
    func packed(_ archive: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 80)
        let folder = try Summary(of: scratch.analyze([scratch.path("dump")], case: "folder.sqlite"))
        try scratch.shell(
            archive.hasSuffix("zip")
                ? "xz dump/relay/edge.ndjson; zip -q -r dump.zip dump"
                : "gzip dump/relay/edge.ndjson; tar -cf - dump | zstd -q -o dump.tar.zst")
        let caseFile = try scratch.analyze([scratch.path(archive)])
        let summary = try Summary(of: caseFile)
        #expect(summary.exposuresCertain == 80)
        #expect(summary.lines == folder.lines)
        #expect(summary.damagedFiles == 0)
        let packings = try caseFile.read {
            try String.fetchAll($0, sql: "SELECT DISTINCT compression FROM sources ORDER BY 1")
        }
        #expect(packings == (archive.hasSuffix("zip") ? ["zip", "zip/xz"] : ["tar+zstd", "tar+zstd/gzip"]))
        let id = try #require(
            try caseFile.read { try String.fetchOne($0, sql: "SELECT id FROM exposures ORDER BY ts LIMIT 1") })
        #expect(id.contains(/^[0-9a-f]{12}\.[0-9]:1$/), "\(id)")
    }

    @Test("a broken line is kept with its line number, its byte offset and its beginning")
    func brokenLine() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        let good = StrayDump.relay(3)
        let broken = "{\"ts\":\"2019-12-26\u{7}, Küche " + String(repeating: "x", count: 500)
        try scratch.write("dump/relay/edge.ndjson", good + broken + "\n" + StrayDump.relay(1, from: 10))
        try scratch.shell("gzip dump/relay/edge.ndjson")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let row = try #require(try caseFile.read { try Row.fetchOne($0, sql: "SELECT * FROM rejects") })
        #expect(row["path"] == "dump/relay/edge.ndjson.gz")
        #expect(row["line"] == 4)
        #expect(row["offset"] == good.utf8.count, "in the decoded stream")
        #expect(row["reason"] == "not a JSON object")
        let sample: String = row["sample"]
        #expect(sample.hasPrefix(#"{"ts":"2019-12-26\x07, Küche xxx"#))
        #expect(sample.utf8.count < 300)
        let report = String(decoding: try #require(scratch.reports(of: caseFile)["rejects.csv"]), as: UTF8.self)
        #expect(report.contains("dump/relay/edge.ndjson.gz,,4,\(good.utf8.count),not a JSON object,"))
    }

    @Test("Windows' line ends and a byte order mark change nothing")
    func windows() throws {
        let scratch = try Scratch()
        for (name, text) in [
            ("cameras.csv", StrayDump.cameras), ("cache.ndjson", StrayDump.cache), ("relay.ndjson", StrayDump.relay(7)),
        ] {
            try scratch.write("dump/\(name)", "\u{feff}" + text.replacing("\n", with: "\r\n"))
        }
        let summary = try Summary(of: scratch.analyze([scratch.path("dump")]))
        #expect(summary.exposuresCertain == 7)
        #expect(summary.rejectedLines == 0)
    }

    @Test(
        "links, pipes and names that cannot be written are listed, and nobody follows or waits for them",
        .timeLimit(.minutes(1)))
    func unreadable() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 4)
        try scratch.shell(
            "ln -s edge.ndjson dump/relay/link.ndjson; ln -s nowhere dump/dangling; mkfifo dump/pipe; printf x > \"$(printf 'dump/odd-\\377')\""
        )
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let found = try caseFile.read {
            try Row.fetchAll($0, sql: "SELECT path, reason FROM sources WHERE state = 'unreadable'")
        }
        let reasons = Dictionary(uniqueKeysWithValues: found.map { ($0["path"] as String, $0["reason"] as String) })
        #expect(reasons.count == 4)
        #expect(reasons["dump/relay/link.ndjson"] == "a symbolic link, not followed")
        #expect(reasons["dump/dangling"] == "a symbolic link, not followed")
        #expect(reasons["dump/pipe"] == "a socket, FIFO or device")
        #expect(try Summary(of: caseFile).exposuresCertain == 4)
        #expect(try Summary(of: caseFile).damagedFiles == 4, "they are counted, not passed over")
    }

    private static let odd = "when=2019-12-26T10:00:30.000000Z where=edge who=alice what=slot/1 verdict=HIT\n"
    private static let profile = """
        name: odd
        syntax: logfmt
        recognize: [when, who]
        delivery: {time: when, node: where, requester: who, key: what, cache: verdict}

        """

    @Test(
        "an unknown file is listed, and read by a later run that brings a profile for it",
        arguments: ["plain", "packed", "member"])
    func unrecognized(_ form: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 4)
        try scratch.write("dump/odd.log", Self.odd)
        try scratch.write("dump/copy-of-odd.log", Self.odd)
        if form == "packed" { try scratch.shell("gzip -n dump/odd.log; gzip -n dump/copy-of-odd.log") }
        // Beside members that are known, so that the archive's digest is known too.
        if form == "member" { try scratch.shell("tar -cf dump/all.tar -C dump odd.log cameras.csv; rm dump/*odd.log") }
        let before = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: before).unrecognizedFiles == 1)
        #expect(try Summary(of: before).exposuresCertain == 4)
        let listed = try before.read {
            try String.fetchAll($0, sql: "SELECT reason FROM sources WHERE state = 'unrecognized'")
        }
        #expect(listed == ["no profile fits its first lines"])

        let own = [(file: "odd.yaml", text: Self.profile)]
        let after = try scratch.analyze([scratch.path("dump")], profiles: own)
        #expect(try Summary(of: after).unrecognizedFiles == 0)
        #expect(try Summary(of: after).exposuresCertain == 5)
        let fresh = try scratch.analyze([scratch.path("dump")], case: "fresh.sqlite", profiles: own)
        #expect(
            try scratch.reports(of: after) == scratch.reports(of: fresh), "as if the profile had been there at first")
        #expect(try Verification(of: after).isSound)
    }
}
