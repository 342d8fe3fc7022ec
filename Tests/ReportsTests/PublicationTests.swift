import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import LogRecords
import Reports
import Simulation
import Testing

/// Counts for publication, against the exposures counted one by one and against whoever subtracts.
@Suite struct PublicationTests {
    /// A row of `aggregates.csv`.
    private struct Line: Hashable {
        var breakdown: String
        var value: String
        var cells: Int
        var owners: Int
        var receivers: Int
        var exposures: Int
    }

    /// An exposure as the case has it: its value in each breakdown, its owner if there is one alone, its receiver.
    private struct Exposure {
        var values: [String: String]
        var owner: String?
        var receiver: String
    }

    private static let columns = [
        "day": "substr(time, 1, 10)", "node": "node", "rollout": "rollout_at_delivery", "client": "client",
        "network": "network", "model": "model", "kind": "kind",
    ]

    private func exposures(_ caseFile: CaseFile) throws -> [Exposure] {
        let names = Self.columns.keys.sorted()
        let sql =
            "SELECT \(names.map { Self.columns[$0]! }.joined(separator: ", ")), owner, requester FROM exposures "
            + "WHERE certainty = 'certain'"
        return try caseFile.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                Exposure(
                    values: Dictionary(
                        uniqueKeysWithValues: names.enumerated().map { ($1, row[$0] as String? ?? "") }),
                    owner: row[names.count], receiver: row[names.count + 1])
            }
        }
    }

    private func line(_ breakdown: String, _ value: String, cells: Int = 1, _ exposures: [Exposure]) -> Line {
        Line(
            breakdown: breakdown, value: value, cells: cells, owners: Set(exposures.compactMap(\.owner)).count,
            receivers: Set(exposures.map(\.receiver)).count, exposures: exposures.count)
    }

    private func published(_ caseFile: CaseFile, k: Int, in folder: URL) throws -> (lines: [Line], bytes: String) {
        let target = folder.appending(path: "published-\(k)")
        try Publication(of: caseFile, k: k).write(to: target)
        let csv = try Data(contentsOf: target.appending(path: "aggregates.csv"))
        let json = try Data(contentsOf: target.appending(path: "aggregates.json"))
        let lines = try CSVParser.table(csv).map { row in
            func number(_ name: String) throws -> Int { try #require(Int(row[name] ?? "")) }
            return Line(
                breakdown: row["breakdown"] ?? "", value: CSVParser.undefused(row["value"] ?? ""),
                cells: try number("cells"), owners: try number("exposed_accounts"),
                receivers: try number("receiving_accounts"), exposures: try number("exposures"))
        }
        return (lines, String(decoding: csv + json, as: UTF8.self))
    }

    /// The values that one of `cells` suppressed cells may have which have at least one exposure each, `left` in all.
    private func possible(_ cells: Int, _ left: Int) -> [Int] {
        (1...max(left, 1)).filter { value in cells == 1 ? value == left : left - value >= cells - 1 }
    }

    @Test(
        "no count is about fewer than k accounts, each is the true one, and none that is suppressed can be worked out")
    func suppression() throws {
        var suppressions = 0
        for seed in UInt64(1)...6 {
            for isHard in [true, false] { suppressions += try check(seed, isHard: isHard) }
        }
        // Else nothing was tested.
        #expect(suppressions > 40)
    }

    /// - Returns: in how many breakdowns something was suppressed.
    private func check(_ seed: UInt64, isHard: Bool) throws -> Int {
        let incident =
            isHard
            ? KnownIncident.random(
                RandomOptions(seed: seed, deliveries: 900, accounts: 40, nodes: 4), name: "hard")
            : KnownIncident.planted("several days", from: IncidentOptions(seed: seed * 50, requests: 900), name: "days")
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-publish-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try incident.write(to: folder.path)
        let caseFile = try CaseFile(writingTo: folder.appending(path: "case.sqlite").path)
        let roots = [folder.appending(path: "dump").path]
        try Ingest(caseFile, Ingest.Options(roots: roots, library: try ProfileLibrary())).run()
        try Correlator(caseFile, .init()).run()
        let all = try exposures(caseFile)
        var suppressions = 0
        for k in [2, 3, 5, 8, 12, 20, 1000] {
            let (lines, bytes) = try published(caseFile, k: k, in: folder)
            for line in lines { #expect(line.owners >= k && line.receivers >= k, "\(line), k \(k)") }
            #expect(lines.isEmpty || lines[0] == line("total", "", all))
            for name in ["acct-", "cam-", "snap/", "dump", ".ndjson", "\"f-", ",f-"] {
                #expect(!bytes.contains(name), "\(name)")
            }
            for name in Self.columns.keys {
                let truth = Dictionary(grouping: all) { $0.values[name] ?? "" }
                let rows = lines.filter { $0.breakdown == name }
                guard !rows.isEmpty else { continue }
                let shown = rows.filter { $0.cells == 1 }
                for row in shown { #expect(row == line(name, row.value, truth[row.value] ?? []), "k \(k)") }
                let hidden = truth.keys.filter { value in !shown.contains { $0.value == value } }
                #expect(rows.count == shown.count + (hidden.isEmpty ? 0 : 1))
                guard let together = rows.first(where: { $0.cells > 1 }) else {
                    #expect(hidden.isEmpty)
                    continue
                }
                suppressions += 1
                #expect(together == line(name, "", cells: hidden.count, hidden.flatMap { truth[$0] ?? [] }))
                for value in hidden where !value.isEmpty { #expect(!bytes.contains(",\(value),"), "\(value)") }
                // What is left after subtraction allows more than one count for each of them.
                let left = all.count - shown.reduce(0) { $0 + $1.exposures }
                #expect(possible(hidden.count, left).count > 1)
            }
        }
        return suppressions
    }

    @Test("a value that names somebody is not published, however many it is about")
    func names() throws {
        var relay = ""
        for number in 0..<40 {
            let (node, client) = number % 2 == 0 ? ("alice", "hub") : ("edge", "tablet of alice")
            relay +=
                #"{"ts":"2019-12-26T10:00:\#(10 + number).000000Z","node":"\#(node)","requester":"r\#(number % 5)","#
                + #""camera":"cam-r","key":"k","cache":"HIT","status":200,"bytes":9,"frame":"f\#(number)","#
                + #""owner":"o\#(number % 7)","frame_camera":"cam-\#(number % 7)","client":"\#(client)"}"# + "\n"
        }
        let owners = (0..<7).map { "cam-\($0),o\($0),,,m\n" }.joined()
        let small = try SmallCase([
            ("cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\n\(owners)"), ("relay.ndjson", relay),
        ])
        let (lines, bytes) = try published(small.caseFile, k: 2, in: small.folder)
        #expect(lines.contains { $0.breakdown == "total" && $0.exposures == 40 && $0.owners == 7 && $0.receivers == 5 })
        #expect(!bytes.contains("alice"))
        #expect(!lines.contains { ["node", "client"].contains($0.breakdown) })
    }

    @Test("a case that has not been correlated is refused")
    func uncorrelated() throws {
        let small = try SmallCase(
            [("cameras.csv", cameras), ("relay.ndjson", delivery("10", to: "bob"))], isCorrelated: false)
        #expect(throws: CaseFileError.self) { try Publication(of: small.caseFile, k: 10) }
    }
}
