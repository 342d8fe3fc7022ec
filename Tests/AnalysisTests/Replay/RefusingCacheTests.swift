import Analysis
import Casefile
import Chance
import Foundation
import GRDB
import Reports
import Testing

/// A cache that refuses to store at times, against what its clients really received.
@Suite struct RefusingCacheTests {
    /// What a judged dump says of each row, beside the truth.
    struct Judged {
        var certain = 0
        var possible = 0
        var truth = 0
        /// Verdicts that the truth contradicts.
        var wrong: [String] = []
        /// Whether the dump contradicts what the counts rest on.
        var isShaken = false
        var clocks: [(basis: String, offset: ClosedRange<Int>, bound: Int)] = []
    }

    @Test("no certain exposure is false and none is missed while a cache refuses to store", arguments: 0..<2)
    func bounds(_ batch: Int) throws {
        var all = Judged()
        for seed in (batch * 4)..<(batch * 4 + 4) {
            let judged = try judge(RefusingCache(seed: UInt64(seed), requests: 600))
            #expect(judged.wrong.isEmpty, "seed \(seed)")
            all.certain += judged.certain
            all.possible += judged.possible
            all.truth += judged.truth
        }
        #expect(all.truth > 0)
        // Bounds that are true because they are wide would say nothing.
        #expect(all.certain * 10 >= all.truth * 8, "\(all)")
    }

    @Test("the counts hold the truth though the relay's clock is seconds off and drifts", arguments: 0..<16)
    func shifted(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed) ^ 0xc10c)
        // Up to a minute off; drifting as fast as RFC 5905 lets a clock drift, or one that is set by 20 ms midway.
        let shift = chance.below(120_000_000) - 60_000_000
        let drift = chance.below(30) - 15
        let step = chance.one(in: 2) ? 20_000 : 0
        let offset = { (time: Int) in shift + time / 1_000_000 * drift + (time > 30_000_000 ? step : 0) }
        let cache = RefusingCache(seed: UInt64(seed), requests: 600, offset: offset)
        let judged = try judge(cache)
        #expect(judged.wrong.isEmpty)
        #expect(judged.truth > 0 && judged.certain * 10 >= judged.truth * 7)
        let relay = try #require(judged.clocks.first { $0.basis != "reference" })
        #expect(relay.basis == "proved" || relay.basis == "likely")
        // A clock that is set by less than the requests' own width may be seen as one that stands between.
        for time in stride(from: 0, to: 72_000_000, by: 1_000_000) where step == 0 {
            #expect(abs(offset(time) - (relay.offset.lowerBound + relay.offset.upperBound) / 2) <= relay.bound)
        }
        #expect(relay.bound < 50_000)
    }

    @Test("a stated skew is taken at its word: with clocks farther apart the dump contradicts what the counts rest on")
    func stated() throws {
        var options = Correlator.Options.withoutGrants
        options.skew = 50_000
        let cache = RefusingCache(seed: 5, requests: 600) { _ in 4_000_000 }
        #expect(try judge(cache, options: options).isShaken)
        options.skew = 4_500_000
        let wide = try judge(cache, options: options)
        #expect(wide.wrong.isEmpty)
        #expect(try wide.possible > judge(cache).possible)
    }

    @Test(
        "frame ids that come again in later runs, and stand in the case again, are the same frames, short or long",
        arguments: 0..<4, [8, 64])
    func doubles(_ seed: Int, digits: Int) throws {
        let cache = RefusingCache(seed: UInt64(seed), requests: 600)
        let scratch = try Scratch()
        let rows = cache.rows.sorted { ($0.end, $0.line) < ($1.end, $1.line) }
        try scratch.write("dump/relay.log", rows.map(\.line).joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", RefusingCache.cameraTable)
        let origin = cache.origin.sorted { $0.time < $1.time }.map { _, line in
            line.replacing(/"(frame|inm)":"([0-9a-f]{8})"/) {
                "\"\($0.1)\":\"\(String(repeating: String($0.2), count: digits / 8))\""
            }
        }
        // By turns, so that what one file tells of a frame the next ones do too; lines that name another's come last.
        let parts = 5
        let plain = origin.filter { $0.contains(#""inm":"-""#) }
        for part in 0..<parts {
            let lines =
                part == parts - 1
                ? origin.filter { !plain.contains($0) }
                : stride(from: part, to: plain.count, by: parts - 1).map { plain[$0] }
            try scratch.write("dump/origin-\(part).ndjson", lines.joined(separator: "\n") + "\n")
        }
        let files = ["relay.log", "cameras.csv"] + (0..<parts).map { "origin-\($0).ndjson" }
        let roots = files.map { scratch.path("dump/\($0)") }
        let whole = try scratch.analyze(roots, case: "whole.sqlite", jobs: 1, profiles: Scratch.shipped("nginx-thin"))
        for root in roots {
            _ = try scratch.analyze(
                [root], case: "steps.sqlite", jobs: 1,
                profiles: root.hasSuffix("relay.log") ? Scratch.shipped("nginx-thin") : [], isPart: true)
        }
        let steps = try scratch.analyze(roots, case: "steps.sqlite", jobs: 1, profiles: Scratch.shipped("nginx-thin"))
        let again = "SELECT count(*) - count(DISTINCT text) FROM frame"
        let (inSteps, atOnce) = (try steps.count(again), try whole.count(again))
        #expect(inSteps > 0 && inSteps >= atOnce)
        let reports = try scratch.reports(of: whole)
        for (name, data) in try scratch.reports(of: steps) { #expect(reports[name] == data, "\(name)") }
        // What an account is told counts frames too.
        let notices = try [whole, steps].enumerated().map { number, caseFile in
            let folder = scratch.folder.appending(path: "notice-\(number)")
            #expect(try Notice.write(caseFile, to: folder).accounts > 0)
            return try FileManager.default.contentsOfDirectory(atPath: folder.path + "/accounts").sorted().map {
                try String(contentsOf: folder.appending(path: "accounts/\($0)"), encoding: .utf8)
            }
        }
        #expect(notices[0] == notices[1])
    }

    func judge(_ cache: RefusingCache, options: Correlator.Options = .withoutGrants) throws -> Judged {
        let scratch = try Scratch()
        let rows = cache.rows.sorted { ($0.end, $0.line) < ($1.end, $1.line) }
        try scratch.write("dump/relay.log", rows.map(\.line).joined(separator: "\n") + "\n")
        try scratch.write(
            "dump/origin.ndjson", cache.origin.sorted { $0.time < $1.time }.map(\.line).joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", RefusingCache.cameraTable)
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], options: options, profiles: Scratch.shipped("nginx-thin"))
        let summary = try Summary(of: caseFile)
        #expect(summary.rejectedLines == 0 && summary.unrecognizedFiles == 0)
        var found: [Int: (certainty: String, owner: String?)] = [:]
        try caseFile.read { db in
            for row in try Row.fetchAll(db, sql: "SELECT line, certainty, owner FROM exposures") {
                found[row[0]] = (row[1], row[2])
            }
            for row in try Row.fetchAll(db, sql: "SELECT line FROM unresolved_deliveries") {
                found[row[0]] = ("unresolved", nil)
            }
        }
        var judged = Judged(isShaken: summary.areAssumptionsShaken)
        for (index, row) in rows.enumerated() {
            let isExposure = row.frame.camera != row.requester
            judged.truth += isExposure ? 1 : 0
            let verdict = found[index + 1]
            switch verdict?.certainty {
            case "certain":
                judged.certain += 1
                let isOwner = verdict?.owner.map { $0 == "acct-\(row.frame.camera)" } ?? true
                if !isExposure || !isOwner { judged.wrong.append("line \(index + 1) was none: \(row)") }
            case nil:
                if isExposure { judged.wrong.append("line \(index + 1) was missed: \(row)") }
            default: judged.possible += 1
            }
        }
        judged.clocks = try caseFile.read { db in
            try Row.fetchAll(db, sql: "SELECT basis, lowest_us, highest_us, bound_us FROM clock_offset").map {
                (basis: $0[0], offset: (($0[1] as Int)...($0[2] as Int)), bound: $0[3])
            }
        }
        return judged
    }
}
