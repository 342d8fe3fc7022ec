import Casefile
import Foundation
import GRDB
import Testing

/// What each kind of answer can have carried, on lines as the servers write them. Camera 1 is acct-1's, camera 2
/// acct-2's, and both share a key.
@Suite struct ServingRuleTests {
    /// A line of nginx's thin log, stamped at its end.
    private func nginx(_ end: Double, _ account: Int, _ word: String, took: Double = 0, status: Int = 200) -> String {
        """
        \(String(format: "%.3f", 1_577_351_580 + end)) 127.0.0.1 acct-\(account) nest-hub poor/600 "GET /v1/cameras/*/snapshot" \
        \(status) \(status == 304 ? 0 : 718) \(String(format: "%.3f", took)) \(word) key=snap/s01
        """
    }

    /// A line of the origin's, of 5 ms, stamped at its end.
    private func origin(
        _ end: Double, _ account: Int, _ frame: String, _ status: Int = 200, inm: String = "-", key: String = "snap/s01"
    ) -> String {
        let time = String(format: "2019-12-26T09:13:%09.6fZ", end)
        return """
            {"ts":"\(time)","key":"\(key)","path":"/v1/cameras/\(account)/snapshot","acct":"acct-\(account)",\
            "status":\(status),"frame":"\(frame)","owner":"acct-\(account)","inm":"\(inm)","bytes":718,"dur_us":5000}
            """
    }

    /// The certainty of each relay line that is an exposure or unresolved, and the figure of lines that are missing.
    private func judge(_ relay: [String], _ origin: [String]) throws -> (verdicts: [Int: String], missing: Int) {
        let scratch = try Scratch()
        try scratch.write("dump/relay.log", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/origin.ndjson", origin.joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n1,acct-1,,,m\n2,acct-2,,,m\n")
        let caseFile = try scratch.analyze(
            [scratch.path("dump")],
            profiles: Scratch.shipped("nginx-thin"))
        #expect(try caseFile.count("SELECT count(*) FROM source WHERE state <> 'complete'") == 0)
        return try caseFile.read { db in
            var verdicts: [Int: String] = [:]
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT line, certainty FROM exposures UNION ALL SELECT line, 'unresolved' FROM unresolved_deliveries
                    """)
            {
                verdicts[row[0]] = row[1]
            }
            let missing = try String.fetchOne(
                db, sql: "SELECT value FROM correlation WHERE what = 'fetches_without_fill'")
            return (verdicts, Int(missing ?? "") ?? -1)
        }
    }

    /// Tests/CorrelationTests has the other rules.
    @Test("a fetch without a line of the origin's stands for it: it is counted, and what follows is open")
    func lostLine() throws {
        let relay = [
            nginx(0.020, 1, "MISS", took: 0.020), nginx(9.020, 2, "EXPIRED", took: 0.020), nginx(9.500, 1, "HIT"),
            nginx(9.600, 2, "HIT"),
        ]
        let whole = try judge(relay, [origin(0.010, 1, "f1"), origin(9.010, 2, "f2", inm: "f1")])
        #expect(whole.verdicts == [3: "certain"])
        #expect(whole.missing == 0)
        let lost = try judge(relay, [origin(0.010, 1, "f1")])
        #expect(lost.missing == 1)
        // Whose frame the lost line brought is not known; it was of neither account for sure.
        #expect(lost.verdicts[3] != "certain" && lost.verdicts[4] != "certain")
        #expect(lost.verdicts[3] != nil && lost.verdicts[4] != nil)
    }
}
