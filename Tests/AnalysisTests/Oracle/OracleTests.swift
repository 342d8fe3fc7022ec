import Casefile
import Chance
import Foundation
import GRDB
import Testing

/// Hundreds of random small dumps through the whole tool, against the brute-force oracle, delivery by delivery.
@Suite struct OracleTests {
    @Test("every delivery of a random dump is judged as the definitions say", arguments: 0..<30)
    func agree(_ batch: Int) throws {
        for seed in (batch * 8)..<(batch * 8 + 8) {
            let world = SmallWorld(seed: UInt64(seed), events: seed % 8 == 0 ? 400 : 60)
            let scratch = try Scratch()
            let places = try write(world, seed: UInt64(seed), scratch)
            let caseFile = try scratch.analyze([scratch.path("dump")], jobs: 1 + seed % 3, options: .ofChance)
            let found = try Self.verdicts(caseFile)
            let oracle = Oracle(world: world)
            for (delivery, place) in zip(world.deliveries, places) {
                let expected = oracle.judge(delivery)
                var actual = found[place] ?? .clear
                if expected == .noDelivery, actual == .clear { actual = .noDelivery }
                #expect(actual == expected, "seed \(seed), \(place): \(delivery)")
            }
        }
    }

    @Test(
        "the reports are the same bytes for any number of threads and any order in which files arrive", arguments: 0..<8
    )
    func sameBytes(_ seed: Int) throws {
        let world = SmallWorld(seed: UInt64(seed), events: 300)
        let scratch = try Scratch()
        _ = try write(world, seed: UInt64(seed), scratch)
        let reports = try scratch.reports(
            of: scratch.analyze([scratch.path("dump")], case: "one", jobs: 1, options: .ofChance), in: "r1")
        #expect(reports.count > 5)
        #expect(
            try scratch.reports(
                of: scratch.analyze([scratch.path("dump")], case: "many", jobs: 3, options: .ofChance), in: "r3")
                == reports
        )

        // The later half of the files first, the rest in a second run.
        let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.path("dump")).filter {
            $0.contains(".")
        }
        for file in files.sorted().prefix(files.count / 2) {
            try FileManager.default.moveItem(
                atPath: scratch.path("dump/\(file)"), toPath: scratch.path(file.replacing("/", with: "_")))
        }
        _ = try? scratch.analyze([scratch.path("dump")], case: "steps", jobs: 2, options: .ofChance)
        for file in files.sorted().prefix(files.count / 2) {
            try FileManager.default.moveItem(
                atPath: scratch.path(file.replacing("/", with: "_")), toPath: scratch.path("dump/\(file)"))
        }
        #expect(
            try scratch.reports(
                of: scratch.analyze([scratch.path("dump")], case: "steps", jobs: 2, options: .ofChance), in: "r2")
                == reports)
    }

    /// Writes the lines in any order, over files of any name.
    ///
    /// - Returns: where each delivery's line stands, as `path:line`.
    private func write(_ world: SmallWorld, seed: UInt64, _ scratch: Scratch) throws -> [String] {
        var chance = Chance(seed: seed ^ 0xfeed)
        let relay = world.relayLines
        var places = [String](repeating: "", count: relay.count)
        var files: [String: [String]] = [:]
        for index in chance.shuffle(Array(relay.indices)) {
            let name = "relay/part-\(chance.below(3)).ndjson"
            files[name, default: []].append(relay[index])
            places[index] = "dump/\(name):\(files[name, default: []].count)"
        }
        for line in chance.shuffle(world.cacheLines) {
            files["cache/part-\(chance.below(2)).log", default: []].append(line)
        }
        for (name, lines) in files { try scratch.write("dump/\(name)", lines.joined(separator: "\n") + "\n") }
        try scratch.write("dump/cameras.csv", world.cameraTable)
        try scratch.write("dump/grants.csv", world.grantTable)
        return places
    }

    static func verdicts(_ caseFile: CaseFile) throws -> [String: Oracle.Verdict] {
        try caseFile.read { db in
            var verdicts: [String: Oracle.Verdict] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT path || ':' || line FROM unresolved_deliveries") {
                verdicts[row[0]] = .unresolved
            }
            for table in ["exposures", "redisplays"] {
                for row in try Row.fetchAll(
                    db,
                    sql: """
                        SELECT path || ':' || line, certainty,
                            (SELECT group_concat(owner) FROM exposure_candidates c WHERE c.event = e.event) FROM \(table) e
                        """)
                {
                    let owners = (row[2] as String? ?? "").split(separator: ",").compactMap { Int($0.dropFirst(5)) }
                    verdicts[row[0]] = .exposure(isCertain: row[1] == "certain", owners: Set(owners))
                }
            }
            return verdicts
        }
    }
}
