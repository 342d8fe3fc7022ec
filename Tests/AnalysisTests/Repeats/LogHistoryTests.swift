import Analysis
import Casefile
import Chance
import Foundation
import GRDB
import Reports
import Testing

/// Whatever became of a log's files, and whenever they were collected, each of its lines counts once.
///
/// The truth is the log as it was written, in one file. `STRAYFRAME_HISTORIES` says which seeds are tried, as `0-999`.
@Suite struct LogHistoryTests {
    static let seeds: [Range<Int>] = {
        let bounds = ProcessInfo.processInfo.environment["STRAYFRAME_HISTORIES"]?.split(separator: "-").compactMap {
            Int($0)
        }
        let all = bounds?.count == 2 ? bounds![0]..<(bounds![1] + 1) : 0..<200
        return stride(from: all.lowerBound, to: all.upperBound, by: 10).map { $0..<min($0 + 10, all.upperBound) }
    }()

    @Test(
        "a log grown, rotated, compressed, copied and collected at random moments ends in the counts of the whole",
        arguments: seeds)
    func histories(_ seeds: Range<Int>) throws {
        for seed in seeds { try check(seed) }
    }

    /// What must not depend on how the lines lie in files.
    private func counts(_ caseFile: CaseFile) throws -> [String] {
        let summary = try Summary(of: caseFile)
        let exposures = try caseFile.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT time || ' ' || node || ' ' || requester || ' ' || certainty || ' ' || ifnull(owner, '') || ' ' || count(*)
                    FROM exposures GROUP BY time, node, requester, certainty, owner ORDER BY 1
                    """)
        }
        return [
            "deliveries \(summary.deliveries)", "certain \(summary.exposuresCertain)",
            "possible \(summary.exposuresPossible)", "unresolved \(summary.deliveriesUnresolved)",
            "affected \(summary.affectedAccounts)",
        ] + exposures
    }

    private func check(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed) &+ 0x5eed)
        let scratch = try Scratch(isInMemory: true)
        try scratch.write("dump/cameras.csv", StrayDump.cameras)
        try scratch.write("dump/cache/edge.ndjson", fills)
        var logs = ["n1", "n2"].map {
            LogHistory($0, in: "dump", of: scratch, seed: UInt64(seed * 2) + ($0 == "n1" ? 0 : 1))
        }
        let isOnePlace = chance.one(in: 2)
        var collections: [String] = []
        for moment in 0...(2 + chance.below(3)) {
            for log in logs.indices { try logs[log].goOn() }
            guard logs.contains(where: { !$0.written.isEmpty }) else { continue }
            if isOnePlace {
                // The same place is read again and again.
                _ = try scratch.analyze([scratch.path("dump")], jobs: 1 + chance.below(3), isPart: chance.one(in: 2))
            } else {
                try scratch.shell("cp -r dump collected\(moment)")
                collections.append(scratch.path("collected\(moment)"))
                if chance.one(in: 2) { _ = try scratch.analyze(collections, jobs: 1 + chance.below(3), isPart: true) }
            }
        }
        guard logs.contains(where: { !$0.written.isEmpty }) else { return }
        for (log, node) in zip(logs, ["n1", "n2"]) { try scratch.write("whole/\(node).log", log.written.joined()) }
        let tables = ["dump/cameras.csv", "dump/cache"].map(scratch.path)
        let truth = try counts(scratch.analyze([scratch.path("whole")] + tables, case: "whole.sqlite"))

        let roots = isOnePlace ? [scratch.path("dump")] : collections
        let steps = try scratch.analyze(roots, jobs: 1 + chance.below(3))
        #expect(try counts(steps) == truth, "seed \(seed), in steps")
        let fresh = try scratch.analyze(roots.reversed(), case: "fresh.sqlite", jobs: 1 + chance.below(3))
        #expect(try counts(fresh) == truth, "seed \(seed), at once")
        let (found, expected) = (
            try scratch.reports(of: steps, in: "steps"), try scratch.reports(of: fresh, in: "fresh")
        )
        #expect(found.filter { expected[$0.key] != $0.value }.keys.sorted() == [], "seed \(seed)")
        let problems = try Verification(of: steps).checks.flatMap(\.problems)
        #expect(problems == [], "seed \(seed)")
    }

    private let fills = ["n1", "n2"].map { node in
        """
        {"ts":"2019-12-26T10:00:09.000000Z","node":"\(node)","op":"FILL","key":"slot/1","frame":"f-1","camera":"cam-a"}
        {"ts":"2019-12-26T10:20:13.000000Z","node":"\(node)","op":"FILL","key":"slot/1","frame":"f-2","camera":"cam-b"}

        """
    }.joined()
}
