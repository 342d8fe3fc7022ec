import Analysis
import Casefile
import Foundation
import GRDB
import Testing

/// Random incidents with planted causes, against what their clients really received. `STRAYFRAME_INCIDENTS=0-499` runs
/// other seeds than the suite's own and prints what came of each.
@Suite struct IncidentTests {
    /// What a judged incident says, beside the truth.
    struct Judged: Sendable {
        var features: [String] = []
        var planted: [String] = []
        var found: [String] = []
        var truth = 0
        var certain = 0
        var possible = 0
        var unresolved = 0
        /// Verdicts that the truth contradicts.
        var wrong: [String] = []
    }

    static let asked: [UInt64]? = ProcessInfo.processInfo.environment["STRAYFRAME_INCIDENTS"].map { text in
        let ends = text.split(separator: "-").compactMap { UInt64($0) }
        return Array(ends[0]...ends[ends.count - 1])
    }
    static let seeds = asked ?? Array(0..<10)

    @Test("the bounds hold the truth, whatever was planted, and the planted cause comes first", arguments: seeds)
    func bounds(_ seed: UInt64) throws {
        let judged = try Self.judge(seed)
        #expect(judged.wrong.isEmpty, "\(judged.features)")
        #expect(judged.certain <= judged.truth)
        #expect(judged.truth <= judged.certain + judged.possible + judged.unresolved)
        let isFirst = judged.found.first.map(judged.planted.contains) ?? false
        if Self.asked == nil {
            #expect(isFirst, "\(judged.planted) \(judged.found.prefix(1))")
            // Bounds that are true because they are wide would say nothing.
            let isTold = judged.features.contains("cache logs")
            #expect(judged.certain * 10 >= judged.truth * (isTold ? 9 : judged.features.contains("shield") ? 0 : 4))
        } else {
            print(
                "incident \(seed):",
                "\(judged.truth) true, \(judged.certain) + \(judged.possible) + \(judged.unresolved),",
                "\(judged.wrong.count) wrong,", isFirst ? "cause first:" : "CAUSE NOT FIRST:", judged.planted,
                judged.found.prefix(3), judged.features, judged.wrong.prefix(3))
        }
    }

    @Test("where nothing was planted no condition is named", arguments: seeds)
    func faultless(_ seed: UInt64) throws {
        let judged = try Self.judge(seed, isFaulty: false)
        #expect(judged.wrong.isEmpty, "\(judged.features)")
        #expect(judged.found.isEmpty)
        if Self.asked != nil {
            print(
                "faultless \(seed):",
                "\(judged.truth) true, \(judged.certain) + \(judged.possible) + \(judged.unresolved),",
                "\(judged.wrong.count) wrong,", judged.found.prefix(3), judged.features, judged.wrong.prefix(3))
        }
    }

    static func judge(_ seed: UInt64, requests: Int = 4000, isFaulty: Bool = true) throws -> Judged {
        let scratch = try Scratch()
        let incident = try PlantedIncident(
            seed: seed, requests: requests, isFaulty: isFaulty, folder: scratch.folder.path)
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM source WHERE state <> 'complete' OR rejected > 0") == 0)
        var judged = Judged(features: incident.features, planted: incident.causes)
        var verdicts: [String: (certainty: String, owner: String?)] = [:]
        try caseFile.read { db in
            for row in try GRDB.Row.fetchAll(db, sql: "SELECT path, line, certainty, owner FROM exposures") {
                verdicts["\(row[0] as String):\(row[1] as Int)"] = (row[2], row[3])
            }
            for row in try GRDB.Row.fetchAll(db, sql: "SELECT path, line FROM unresolved_deliveries") {
                verdicts["\(row[0] as String):\(row[1] as Int)"] = ("unresolved", nil)
            }
            judged.found = try String.fetchAll(db, sql: "SELECT conditions FROM condition ORDER BY rank")
        }
        for (place, row) in incident.rows.sorted(by: { $0.key < $1.key }) {
            judged.truth += row.isExposure ? 1 : 0
            let verdict = verdicts[place]
            switch verdict?.certainty {
            case "certain":
                judged.certain += 1
                let isOwner = verdict?.owner.map { $0 == row.owner } ?? true
                if !row.isExposure || !isOwner { judged.wrong.append("\(place) was none: \(row)") }
            case "possible": judged.possible += 1
            case "unresolved": judged.unresolved += 1
            default: if row.isExposure { judged.wrong.append("\(place) was missed: \(row)") }
            }
        }
        return judged
    }
}
