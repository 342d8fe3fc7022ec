import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// What counts once and what counts again, in one run and in several.
@Suite struct SameBytesTests {
    /// The counts and the reports but for the list of sources, and what has it too: the page, and the manifest its hash.
    private func answer(_ scratch: Scratch, _ caseFile: CaseFile) throws -> [String: Data] {
        var reports = try scratch.reports(of: caseFile)
        for name in ["sources.csv", "summary.json", "summary.csv", "report.html", "manifest.json"] {
            reports[name] = nil
        }
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

    @Test("of many names of the same bytes the first in order counts, and every other names it, whichever came first")
    func firstName() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 100)
        for name in ["m", "z", "p", "c", "x", "a", "b"] {
            try scratch.shell("mkdir \(name); cp dump/relay/edge.ndjson \(name)/\(name).log")
            _ = try scratch.analyze([scratch.path("dump/cache"), scratch.path("\(name)/\(name).log")])
        }
        let caseFile = try scratch.analyze([scratch.path("m/m.log"), scratch.path("z/z.log")])
        let listed = try caseFile.read {
            try String.fetchAll(
                $0,
                sql:
                    "SELECT path || ' ' || state || ' ' || ifnull(reason, '') FROM sources WHERE path LIKE '_.log' ORDER BY 1"
            )
        }
        let others = ["b", "c", "m", "p", "x", "z"].map { "\($0).log duplicate same bytes as a.log" }
        #expect(listed == ["a.log complete "] + others)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 100)
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
}
