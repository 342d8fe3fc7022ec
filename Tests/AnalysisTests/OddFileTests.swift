import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// Files at the borders of what can be read: rare but valid forms, none at all, cut at once, unknown, no files.
@Suite struct OddFileTests {
    /// What the case says of its sources, by path or member: state and accepted lines.
    private func states(_ caseFile: CaseFile) throws -> [String: String] {
        try caseFile.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT ifnull(member, path) AS name, state, accepted FROM sources")
            return Dictionary(rows.map { ($0["name"], "\($0["state"] as String) \($0["accepted"] as Int)") }) {
                "\($0), \($1)"
            }
        }
    }

    // DuckDB #8630: a valid gzip file was refused.
    @Test(
        "rare but valid forms of a compression are read, whatever the file's name says",
        arguments: [
            // Padding behind the end, as tapes and block devices leave it (gzip manual, "Tapes").
            ("(gzip -N -c log; head -c 2000 /dev/zero)", "gzip"), ("(gzip -c log; printf '' | gzip -c)", "gzip"),
            ("gzip -c - < log", "gzip"), ("zstd -q -c - < log", "zstd"),
            ("(printf '' | zstd -q -c; zstd -q -c log)", "zstd"),
            // A skippable frame of three bytes before the data (RFC 8878 section 3.1.2).
            (#"(printf '\120\052\115\030\003\000\000\000abc'; zstd -q -c log)"#, "zstd"),
            ("xz --check=none -c log", "xz"), ("(xz -c log; printf '' | xz -c)", "xz"),
            ("lz4 -q --content-size -BD -c log", "lz4"), ("cat log", "plain"),
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
    @Test("empty compressed files and many files at once do not hang", .timeLimit(.minutes(5)))
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

    @Test(
        "links, pipes and names that cannot be written are listed, and nobody follows or waits for them",
        .timeLimit(.minutes(5)))
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
        delivery: {marks: instant, time: when, node: where, requester: who, key: what, cache: verdict}

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
        #expect(listed.count == 1 && listed[0].hasPrefix("no profile fits its first lines (1 lines)"))

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
