import Analysis
import Casefile
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
    }

    @Test("no certain exposure is false and none is missed while a cache refuses to store", arguments: 0..<12)
    func bounds(_ batch: Int) throws {
        var all = Judged()
        for seed in (batch * 4)..<(batch * 4 + 4) {
            let judged = try judge(RefusingCache(seed: UInt64(seed), requests: 600), "seed \(seed)")
            all.certain += judged.certain
            all.possible += judged.possible
            all.truth += judged.truth
        }
        #expect(all.truth > 0)
        // Bounds that are true because they are wide would say nothing.
        #expect(all.certain * 10 >= all.truth * 8, "\(all)")
    }

    func judge(_ cache: RefusingCache, _ name: String, options: Correlator.Options = .init()) throws -> Judged {
        let scratch = try Scratch()
        let rows = cache.rows.sorted { ($0.end, $0.line) < ($1.end, $1.line) }
        try scratch.write("dump/relay.log", rows.map(\.line).joined(separator: "\n") + "\n")
        try scratch.write(
            "dump/origin.ndjson", cache.origin.sorted { $0.time < $1.time }.map(\.line).joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", RefusingCache.cameraTable)
        let caseFile = try scratch.analyze([scratch.path("dump")], options: options)
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
        var judged = Judged()
        for (index, row) in rows.enumerated() {
            let isExposure = row.frame.camera != row.requester
            judged.truth += isExposure ? 1 : 0
            let verdict = found[index + 1]
            switch verdict?.certainty {
            case "certain":
                judged.certain += 1
                #expect(isExposure, "\(name), line \(index + 1): \(row)")
                if let owner = verdict?.owner {
                    #expect(owner == "acct-\(row.frame.camera)", "\(name), line \(index + 1): \(row)")
                }
            case nil: #expect(!isExposure, "\(name), line \(index + 1): \(row)")
            default: judged.possible += 1
            }
        }
        return judged
    }
}
