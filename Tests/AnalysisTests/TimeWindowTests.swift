import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import Reports
import Testing

/// `--since` and `--until` bound what counts, and not what is known.
@Suite struct TimeWindowTests {
    @Test("fills before the window tell whose frames are shown within it")
    func evidence() throws {
        let scratch = try Scratch()
        // Line n is an exposure, n - 1 milliseconds after 10:00:20; the fills lie before.
        try StrayDump.write(to: scratch, relay: 50)
        var options = Correlator.Options.withoutGrants
        options.window = try TimeWindow(since: "2019-12-26T10:00:20.010Z", until: "2019-12-26T11:00:20.030+01:00")
        let caseFile = try scratch.analyze([scratch.path("dump")], options: options)
        let lines = try caseFile.read { try Int.fetchAll($0, sql: "SELECT line FROM exposures ORDER BY line") }
        // From the first moment on, and without the last.
        #expect(lines == Array(11...30))
        let summary = try Summary(of: caseFile)
        #expect(summary.deliveries == 20)
        #expect(summary.exposuresCertain == 20)
        #expect(summary.since == "2019-12-26T10:00:20.010000Z")
        #expect(summary.until == "2019-12-26T10:00:20.030000Z")
    }

    @Test(
        "what counts before a moment and what counts from it on make up the whole",
        arguments: ["stated-json", "inferred"])
    func parts(variant: String) throws {
        let dump = LabDump.repository.appending(path: "Fixtures/nginx-lab/dump")
        let roots = [variant, "origin", "directory"].map { dump.appending(path: $0).path }
        let profiles = variant == "inferred" ? Scratch.shipped("nginx-thin") : []
        func lines(_ since: String?, _ until: String?, _ name: String) throws -> (Set<String>, Summary) {
            let scratch = try Scratch()
            var options = Correlator.Options()
            options.window = try TimeWindow(since: since, until: until)
            let caseFile = try scratch.analyze(roots, options: options, profiles: profiles)
            let lines = try caseFile.read {
                try Set(String.fetchAll($0, sql: "SELECT id || certainty || ifnull(owner, '') FROM exposures"))
            }
            return (lines, try Summary(of: caseFile))
        }
        let moment = "2026-11-23T23:15:37.5Z"
        let (whole, all) = try lines(nil, nil, "whole")
        let (before, first) = try lines(nil, moment, "before")
        let (after, second) = try lines(moment, nil, "after")
        #expect(!before.isEmpty && !after.isEmpty)
        #expect(before.isDisjoint(with: after))
        #expect(before.union(after) == whole)
        #expect(first.deliveries + second.deliveries == all.deliveries)
        #expect(first.deliveriesUnresolved + second.deliveriesUnresolved == all.deliveriesUnresolved)
        #expect(first.redisplays + second.redisplays == all.redisplays)
    }

    @Test("a bound that is no time, or an empty window, is refused")
    func refused() {
        #expect(throws: TimeWindowProblem.self) { try TimeWindow(since: "yesterday", until: nil) }
        #expect(throws: TimeWindowProblem.self) { try TimeWindow(since: "2019-12-26", until: "2019-12-26T00:00:00Z") }
        #expect(throws: Never.self) { try TimeWindow(since: "2019-12-26", until: "2019-12-27") }
    }
}
