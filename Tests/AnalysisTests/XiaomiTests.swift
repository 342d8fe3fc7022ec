import Analysis
import Correlation
import Foundation
import GRDB
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

    private let folder = LabDump.repository.appending(path: "Fixtures/xiaomi-2019-12-26")

    @Test("exactly the exposed, receiving and affected accounts of the truth, and exactly its exposures, line by line")
    func incident() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let truth = try decoder.decode(Truth.self, from: Data(contentsOf: folder.appending(path: "truth/truth.json")))
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
}
