import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// The incident that the product was named after, against the truth that its simulation recorded.
@Suite struct XiaomiTests {
    private struct Truth: Decodable {
        var deliveries: Int
        var exposuresCertain: Int
        var affectedAccounts: Int
        var firstExposure: String
        var lastExposure: String
        var scope: String
        var exposed: [String]
        var receiving: [String]
        var affected: [String]
    }

    private static let folder = LabDump.repository.appending(path: "Fixtures/xiaomi-2019-12-26")
    private var folder: URL { Self.folder }

    /// The fixture as it is analyzed without being told anything, once for all tests that only read it.
    private static let analyzed = Result {
        let scratch = try Scratch()
        let caseFile = try scratch.analyze([folder.appending(path: "dump").path])
        return (scratch: scratch, caseFile: caseFile)
    }

    @Test("exactly the exposed, receiving and affected accounts of the truth, and exactly its exposures, line by line")
    func incident() throws {
        let truth = try truth()
        var options = Correlator.Options()
        options.scope = try Scope(truth.scope)
        let scratch = try Scratch()
        let caseFile = try scratch.analyze([folder.appending(path: "dump").path], options: options)
        let summary = try Summary(of: caseFile)
        #expect(summary.exposuresCertain == truth.exposuresCertain)
        #expect(summary.exposuresPossible == 0)
        #expect(summary.deliveriesUnresolved == 0)
        #expect(summary.deliveries == truth.deliveries)
        #expect(summary.affectedAccounts == truth.affectedAccounts)
        #expect(summary.firstExposure == truth.firstExposure)
        #expect(summary.lastExposure == truth.lastExposure)
        try caseFile.read { db in
            #expect(try String.fetchAll(db, sql: "SELECT DISTINCT owner FROM exposures ORDER BY 1") == truth.exposed)
            #expect(
                try String.fetchAll(db, sql: "SELECT DISTINCT requester FROM exposures ORDER BY 1") == truth.receiving)
            #expect(try String.fetchAll(db, sql: "SELECT account FROM affected_accounts ORDER BY 1") == truth.affected)
            let columns = [
                "file", "line", "ts", "requester", "requested_camera", "key", "owner", "frame_camera", "client",
                "network",
                "model", "rollout_at_fill", "rollout_at_delivery",
            ]
            let table = try LabDump.lines(folder.appending(path: "truth/exposures.csv").path).map {
                $0.components(separatedBy: ",")
            }
            let places = try columns.map { try #require(table[0].firstIndex(of: $0)) }
            let expected = Set(table.dropFirst().map { row in places.map { row[$0] } })
            let found = try Row.fetchAll(
                db,
                sql: """
                    SELECT replace(path, 'dump/', '') AS file, CAST(line AS TEXT), time, requester, requested_camera, key, owner,
                        frame_camera, client, network, model, rollout_at_fill, rollout_at_delivery FROM exposures
                    """
            ).map { row in (0..<columns.count).map { row[$0] as String? ?? "" } }
            #expect(found.count == expected.count)
            #expect(Set(found) == expected)
        }
    }

    private func truth() throws -> Truth {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Truth.self, from: Data(contentsOf: folder.appending(path: "truth/truth.json")))
    }

    @Test("without a scope, the cause is the planted one, and the scope and its accounts follow from it")
    func cause() throws {
        let truth = try truth()
        let caseFile = try Self.analyzed.get().caseFile
        let summary = try Summary(of: caseFile)
        // The scope of the truth plus what the fixture's README plants: "on a poor network".
        let planted = truth.scope.replacing("rollout=", with: "rollout_at_delivery=").replacing(
            " AND model", with: " AND network=poor AND model")
        #expect(summary.scope == truth.scope)
        #expect(summary.affectedAccounts == truth.affectedAccounts)
        #expect(summary.scopes.first?.affectedAccounts == truth.affectedAccounts)
        let cause = try #require(summary.cause)
        for part in ["nest-hub", "network poor", "Mi Home Security Camera Basic 1080p", "since rollout 2019.12.26"] {
            #expect(cause.contains(part), "\(cause)")
        }
        try caseFile.read { db in
            #expect(try String.fetchAll(db, sql: "SELECT account FROM affected_accounts ORDER BY 1") == truth.affected)
            let first = try #require(try Row.fetchOne(db, sql: "SELECT * FROM conditions ORDER BY rank"))
            #expect(first["conditions"] == planted)
            #expect(first["exposures"] == truth.exposuresCertain)
            // The deliveries under the four conditions, counted from the views.
            let deliveries = try Int.fetchOne(
                db,
                sql: """
                    WITH m AS MATERIALIZED (SELECT DISTINCT camera, model FROM cameras),
                        r AS MATERIALIZED (SELECT node, min(ts) AS begins FROM rollouts WHERE rollout = '2019.12.26' GROUP BY node)
                    SELECT count(*) FROM deliveries d JOIN m ON m.camera = d.camera JOIN r ON r.node = d.node
                    WHERE d.content = 'frame' AND d.client = 'nest-hub' AND d.network = 'poor'
                        AND m.model = 'Mi Home Security Camera Basic 1080p' AND d.ts >= r.begins
                        AND d.ts < (SELECT min(ts) FROM rollouts WHERE rollout = '2020.01.08')
                    """)
            #expect(first["deliveries"] == deliveries)
        }
    }

    @Test(
        "the counts alone show the update and the suspension, on all nodes together: each had too few accounts to tell")
    func changes() throws {
        let (_, caseFile) = try Self.analyzed.get()
        let found = try caseFile.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT is_total, kind, from_ts, until_ts, before_certain, after_certain FROM change_points ORDER BY from_ts"
            )
        }
        try #require(found.count == 2)
        for row in found {
            let (isTotal, kind): (Bool, String) = try (row.decode(atIndex: 0), row.decode(atIndex: 1))
            #expect(isTotal && kind == "step")
        }
        func span(_ row: Row) throws -> ClosedRange<Int> {
            try row.decode(Int.self, atIndex: 2)...row.decode(Int.self, atIndex: 3)
        }
        // The update came to the nodes from 03:12:40 to 09:31:20 on 26 December (1577329960 and 1577352680, date -u), and the
        // integration was suspended at 18:30 on 2 January (1577989800).
        let (update, suspension) = (1_577_329_960_000_000...1_577_352_680_000_000, 1_577_989_800_000_000)
        #expect(try span(found[0]).overlaps(update))
        #expect(try span(found[1]).contains(suspension))
        let certain: [Int] = try [
            found[0].decode(atIndex: 4), found[0].decode(atIndex: 5), found[1].decode(atIndex: 5),
        ]
        #expect(certain == [0, 312, 0])
    }

    @Test("what left the key is told in a sentence: the rule of the update, counted from the fills")
    func keys() throws {
        let (scratch, caseFile) = try Self.analyzed.get()
        let sentence = try #require(try Summary(of: caseFile).keyChange)
        // The keys, values and cameras of snap/slot-NN/latest in the cache logs.
        let (keys, values, cameras) = try caseFile.read { db in
            let row = try #require(
                try Row.fetchOne(
                    db,
                    sql: """
                        SELECT count(DISTINCT node || key), count(DISTINCT key), count(DISTINCT camera) FROM fills
                        WHERE key GLOB 'snap/slot-*'
                        """))
            return (row[0] as Int, row[1] as Int, row[2] as Int)
        }
        #expect(
            sentence.hasPrefix(
                "Until rollout 2019.12.26 the key held the camera (snap/{camera}/latest); since then, on the path of the cause, it "
                    + "is snap/{slot}/latest and no longer tells the camera: it takes \(values) values, and \(keys) keys held "
                    + "frames of \(cameras) cameras. Adding the camera would separate every exposure to strangers, at a hit rate of "
            ))
        let reports = try scratch.reports(of: caseFile, in: "keys")
        let rows = String(decoding: try #require(reports["key_changes.csv"]), as: UTF8.self).components(
            separatedBy: "\r\n")
        #expect(rows.count { $0.contains("snap/{slot}/latest") } == 3)
        // The fix is in force, and nothing strayed under it.
        #expect(
            String(decoding: try #require(reports["fixes.csv"]), as: UTF8.self).contains(
                "2020.01.08,2020-01-08T04:00:00.000000Z,0,0,"))
        #expect(try Summary(of: caseFile).incident?.isOver == true)
        #expect(try Summary(of: caseFile).missing.silences.isEmpty)
    }

    @Test("conditions.csv has the cause in its first row, and scopes.csv what another scope would change")
    func causeReports() throws {
        let truth = try truth()
        let (scratch, caseFile) = try Self.analyzed.get()
        let reports = try scratch.reports(of: caseFile, in: "conditions")
        func rows(_ name: String) throws -> [String] {
            String(decoding: try #require(reports[name]), as: UTF8.self).components(separatedBy: "\r\n")
        }
        let conditions = try rows("conditions.csv")
        #expect(
            conditions[0]
                == "rank,conditions,deliveries,exposures,rate_inside,rate_outside,rate_outside_at_most,receivers,"
                + "receivers_outside,risk_ratio,risk_ratio_low,risk_ratio_high,p_adjusted")
        #expect(conditions[1].hasPrefix("1,client=nest-hub AND network=poor AND model=Mi Home Security Camera"))
        let scopes = try rows("scopes.csv")
        #expect(scopes[1].hasPrefix("scope,\(truth.scope),\(truth.affectedAccounts),0,"))
        #expect(
            scopes.contains { $0.hasPrefix("with network=poor,") } && scopes.contains { $0.hasPrefix("whole dump,") })
    }

    @Test("the fills alone show the shared keys, since the update, and each key that exposed anybody is among them")
    func collisions() throws {
        let scratch = try Scratch()
        let dump = folder.appending(path: "dump")
        let tables = ["accounts", "cameras", "grants", "rollouts"].map { dump.appending(path: "\($0).csv").path }
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        let roots = [dump.appending(path: "cache").path] + tables
        #expect(throws: AnalysisError.self) {
            // Without a delivery there is nothing to judge; what was read stays.
            try Ingest(caseFile, Ingest.Options(roots: roots, library: try ProfileLibrary())).run()
        }
        try Correlator(caseFile, .init()).run()
        #expect(try Summary(of: caseFile).deliveries == 0)
        let exposed = try LabDump.lines(folder.appending(path: "truth/exposures.csv").path).map {
            $0.components(separatedBy: ",")
        }
        let column = Dictionary(uniqueKeysWithValues: exposed[0].enumerated().map { ($1, $0) })
        try caseFile.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM collisions")
            #expect(Set(rows.map { $0["template"] as String }) == ["snap/slot-{n}/latest"])
            #expect(Set(rows.map { $0["rollout"] as String }) == ["2019.12.26"])
            #expect(Set(rows.map { $0["version"] as String }) == ["2019.12.26"])
            var filled: [String: String] = [:]
            for row in rows { filled["\(row["node"] as String) \(row["key"] as String)"] = row["first_time"] }
            for row in exposed.dropFirst() {
                let node = URL(filePath: row[column["file"]!]).lastPathComponent.prefix { $0 != "." }
                // A frame can stray as soon as it was filled; the second owner's fill may come later.
                let began = try #require(filled["\(node) \(row[column["key"]!])"])
                #expect(began <= row[column["ts"]!])
            }
            let found = rows.map {
                [$0["node"], $0["key"], "\($0["owners"] as Int)", "\($0["fills"] as Int)"] as [String]
            }
            #expect(Set(found) == (try plainCollisions(db)) && Set(found).count == rows.count)
        }
    }

    /// Node, key, owners and fills of each key that several owners' cameras filled between two purges, line after line.
    private func plainCollisions(_ db: Database) throws -> Set<[String]> {
        var owners: [String: [(name: String, from: String?, until: String?)]] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT camera, owner, owned_from, owned_until FROM cameras") {
            owners[row[0], default: []].append((row[1], row[2], row[3]))
        }
        var open: [[String]: (owners: Set<String>, fills: Int)] = [:]
        var found: [[String]: (owners: Set<String>, fills: Int)] = [:]
        func close(_ place: [String]) {
            guard let stretch = open.removeValue(forKey: place), stretch.owners.count > 1 else { return }
            let known = found[place] ?? ([], 0)
            found[place] = (known.owners.union(stretch.owners), known.fills + stretch.fills)
        }
        let events = try Row.fetchAll(
            db,
            sql: """
                SELECT node, key, time, camera FROM fills WHERE kind <> 'revalidated'
                UNION ALL SELECT node, key, time, NULL FROM purges WHERE kind = 'purge' ORDER BY time
                """)
        for event in events {
            let (place, time): ([String], String) = ([event[0], event[1]], event[2])
            guard let camera = event[3] as String? else {
                close(place)
                continue
            }
            let owner = try #require(owners[camera]?.first { ($0.from ?? "") <= time && time < $0.until ?? "9" })
            open[place, default: ([], 0)].owners.insert(owner.name)
            open[place]?.fills += 1
        }
        for place in Array(open.keys) { close(place) }
        return Set(found.map { $0 + ["\($1.owners.count)", "\($1.fills)"] })
    }
}
