import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// The same lines count once, in however many files they lie; lines that are alike count as often as they were written.
@Suite struct SameContentTests {
    private static let relay = "dump/relay/edge.ndjson"

    private func listed(_ caseFile: CaseFile, _ pattern: String = "%relay/%") throws -> [String] {
        try caseFile.read {
            try String.fetchAll(
                $0,
                sql: """
                    SELECT replace(path, 'dump/relay/', '') || ' ' || state || ' ' || (lines - ignored) || ' '
                        || replace(ifnull(reason, ''), 'dump/relay/', '') FROM sources WHERE path LIKE ? ORDER BY path, member
                    """, arguments: [pattern])
        }
    }

    private func deliveries(_ scratch: Scratch) throws -> Int {
        try Summary(of: scratch.analyze([scratch.path("dump")])).deliveries
    }

    @Test(
        "a log beside its compressed copy counts once, whatever the compression",
        arguments: ["gzip -k", "zstd -q", "xz -k", "bzip2 -k", "lz4 -q -m"])
    func compressed(_ compress: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 100)
        try scratch.shell("\(compress) \(Self.relay)")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).exposuresCertain == 100)
        let rows = try listed(caseFile)
        #expect(rows.count == 2 && rows[0] == "edge.ndjson complete 100 ", "\(rows)")
        #expect(rows[1].hasSuffix(" duplicate 0 same content as edge.ndjson"), "\(rows)")
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 100)
    }

    @Test("so do a member of an archive, other line ends and a byte order mark")
    func otherBytes() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 50)
        try scratch.shell(
            """
            tar cf dump/relay/all.tar -C dump/relay edge.ndjson
            sed 's/$/\\r/' \(Self.relay) >dump/relay/windows.ndjson
            { printf '\\357\\273\\277'; cat \(Self.relay); } >dump/relay/mark.ndjson
            """)
        let caseFile = try scratch.analyze([scratch.path("dump")], jobs: 3)
        #expect(try Summary(of: caseFile).deliveries == 50)
        let others = ["edge.ndjson", "mark.ndjson", "windows.ndjson"].map {
            "\($0) duplicate 0 same content as all.tar!edge.ndjson"
        }
        #expect(try listed(caseFile) == ["all.tar complete 50 "] + others)
    }

    @Test("a log that has grown counts its old lines once, beside the old file and in its place; the case verifies")
    func grown() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 30)
        _ = try scratch.analyze([scratch.path("dump")])
        try scratch.write("dump/relay/old.ndjson", StrayDump.relay(20))
        try scratch.write(Self.relay, StrayDump.relay(70))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).exposuresCertain == 70)
        #expect(
            try listed(caseFile) == [
                "edge.ndjson complete 70 grown from old.ndjson",
                "old.ndjson duplicate 0 lines 1–20 as in edge.ndjson, which has grown from it",
            ])
        #expect(try Verification(of: caseFile).isSound)
        let fresh = try scratch.analyze([scratch.path("dump")], case: "fresh.sqlite")
        #expect(try scratch.reports(of: caseFile, in: "one") == scratch.reports(of: fresh, in: "other"))
    }

    @Test("a log of one line that has grown, and one that ended within a line when it was copied, count once")
    func grownFromLittle() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 40)
        try scratch.write("dump/relay/first.ndjson", StrayDump.relay(1))
        try scratch.write("dump/relay/cut.ndjson", String(StrayDump.relay(11).dropLast(1)))
        #expect(try deliveries(scratch) == 40)
    }

    @Test("the lines with which one log ends and another begins count once")
    func overlap() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 60)
        try scratch.write("dump/relay/next.ndjson", StrayDump.relay(30, from: 45))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: caseFile).deliveries == 75)
        #expect(
            try listed(caseFile) == [
                "edge.ndjson complete 60 ", "next.ndjson complete 15 lines 1–15 as in edge.ndjson",
            ])
        #expect(try Verification(of: caseFile).isSound)
        // From its rows it is judged alike.
        let reports = try scratch.reports(of: caseFile, in: "one")
        try Correlator(caseFile, .withoutGrants).run()
        #expect(try scratch.reports(of: caseFile, in: "other") == reports)
    }

    @Test("a single line that two logs share counts twice, and so do lines alike within one log")
    func coincidences() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 20)
        // One line at the seam, then one in the middle, then a log that is a line again and again.
        try scratch.write("dump/relay/seam.ndjson", StrayDump.relay(10, from: 19))
        try scratch.write(
            "dump/relay/middle.ndjson",
            StrayDump.relay(3, from: 100) + StrayDump.relay(1, from: 5) + StrayDump.relay(3, from: 110))
        try scratch.write("dump/relay/again.ndjson", String(repeating: StrayDump.relay(1, from: 300), count: 4))
        #expect(try deliveries(scratch) == 20 + 10 + 7 + 4)
    }

    @Test("a log to whose lines a shipper added a member counts once; a few lines of other bytes in another log do not")
    func addedMember() throws {
        func added(_ lines: String) -> String {
            lines.replacing(#""bytes":9000"#, with: #""bytes":9000,"trace":"b""#)
        }
        func counted(_ other: String) throws -> Int {
            let scratch = try Scratch()
            try StrayDump.write(to: scratch, relay: 20)
            try scratch.write("dump/relay/other.ndjson", other)
            return try deliveries(scratch)
        }
        #expect(try counted(added(StrayDump.relay(20))) == 20)
        #expect(try counted(StrayDump.relay(17, from: 100) + added(StrayDump.relay(3, from: 5))) == 20 + 20)
    }

    @Test("copies of copies: snapshots, parts and joined logs count each line once, in whatever order they are read")
    func snapshots() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        let pieces: [(String, Range<Int>)] = [
            ("a", 0..<100), ("b", 0..<40), ("c", 0..<70), ("d", 20..<60), ("e", 60..<100), ("f", 90..<130),
            ("g", 0..<130),
            ("h", 125..<160),
        ]
        for (name, lines) in pieces {
            try scratch.write("\(name).ndjson", StrayDump.relay(lines.count, from: lines.lowerBound))
        }
        let roots = pieces.map { scratch.path("\($0.0).ndjson") } + [scratch.path("dump")]
        let once = try scratch.analyze(roots, case: "once.sqlite", jobs: 3)
        #expect(try Summary(of: once).deliveries == 160)
        let expected = try scratch.reports(of: once, in: "once")
        for turn in 1..<5 {
            // Read in steps, from another one on.
            let turned = Array(roots[turn...] + roots[..<turn])
            for root in turned.dropLast() { _ = try? scratch.analyze([root], case: "\(turn).sqlite", isPart: true) }
            let caseFile = try scratch.analyze(turned, case: "\(turn).sqlite")
            #expect(try scratch.reports(of: caseFile, in: "\(turn)") == expected)
        }
    }

    @Test("tables count once beside their compressed copies")
    func tables() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 10)
        try scratch.shell("gzip -k dump/cameras.csv dump/cache/edge.ndjson")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM camera") == 2)
        #expect(try caseFile.count("SELECT count(*) FROM fill") == 2)
        #expect(try Summary(of: caseFile).exposuresCertain == 10)
    }

    @Test("a log that was split, and tables that changed or went, leave a case that a fresh run makes, and it verifies")
    func splitAndChanged() throws {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", StrayDump.cameras)
        try scratch.write("dump/accounts.csv", "account\nalice\nbob\n")
        try scratch.write("dump/cache/edge.ndjson", StrayDump.cache)
        let lines = StrayDump.relay(40).split(separator: "\n", omittingEmptySubsequences: true).map { "\($0)\n" }
        try scratch.write(Self.relay, lines.joined())
        // A copy of a part counts nowhere by itself while the whole lies beside it, and must when it no longer does.
        try scratch.write("dump/relay/copy.ndjson", lines[..<20].joined())
        _ = try scratch.analyze([scratch.path("dump")])
        try scratch.write(Self.relay, lines[20..<30].joined())
        try scratch.write("dump/relay/rest.ndjson", lines[30...].joined())
        try scratch.write(
            "dump/cameras.csv", StrayDump.cameras.replacingOccurrences(of: "cam-b,bob", with: "cam-b,carol"))
        try scratch.shell("rm dump/accounts.csv")
        let steps = try scratch.analyze([scratch.path("dump")])
        let fresh = try scratch.analyze([scratch.path("dump")], case: "fresh.sqlite")
        #expect(try steps.count("SELECT count(*) FROM delivery") == 40)
        let (found, expected) = (try scratch.reports(of: steps, in: "a"), try scratch.reports(of: fresh, in: "b"))
        #expect(found.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
        #expect(try Verification(of: steps).checks.flatMap(\.problems) == [])
    }
}
