import Casefile
import Foundation
import GRDB
import LogRecords
import Queries
import Reports
import Testing

/// The counts, each against a case whose answer can be told by hand.
@Suite struct SummaryTests {
    private func json(_ small: SmallCase) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: small.reports()["summary.json"] ?? Data()) as? [String: Any])
    }

    @Test("summary.json has every key of the specification, and null where there is no exposure")
    func keys() throws {
        let small = try SmallCase([
            ("cameras.csv", cameras), ("cache", fill("01", "cam-a")), ("relay", delivery("05", to: "alice")),
        ])
        let summary = try json(small)
        let specified = [
            "deliveries", "exposures_certain", "exposures_possible", "deliveries_unresolved",
            "exposed_accounts_certain",
            "exposed_accounts_possible", "receiving_accounts_certain", "receiving_accounts_possible",
            "affected_accounts",
            "first_exposure", "last_exposure", "redisplays", "exposures_by_relation", "opened", "sources", "lines",
            "rejected_lines", "unrecognized_files", "skew_us", "rollouts",
        ]
        #expect(Set(specified).subtracting(summary.keys) == [])
        #expect(summary["first_exposure"] is NSNull)
        #expect(summary["last_exposure"] is NSNull)
        #expect(summary["exposures_by_relation"] as? [String: Int] == [:])
        #expect((summary["rollouts"] as? [Any])?.isEmpty == true)
        for key in Set(specified).subtracting(["first_exposure", "last_exposure", "exposures_by_relation", "rollouts"])
        {
            #expect(summary[key] is Int, "\(key)")
        }
        #expect(summary["deliveries"] as? Int == 1)
        #expect(summary["affected_accounts"] as? Int == 1)
        #expect(summary["lines"] as? Int == 4 + 1 + 1)
        let rows = try small.rows("summary.csv")
        #expect(rows.first { $0["what"] == "first_exposure" }?["value"] == "")
        #expect(rows.first { $0["what"] == "deliveries" }?["value"] == "1")
    }

    @Test("the query counts what the summary does, and says 0 where there is nothing", arguments: [true, false])
    func query(_ isStray: Bool) throws {
        let quiet = [("cameras.csv", cameras), ("cache", fill("01", "cam-a")), ("relay", delivery("05", to: "alice"))]
        let small = try SmallCase(isStray ? ReportFileTests.dump : quiet)
        let summary = try Summary(of: small.caseFile)
        #expect((summary.exposuresCertain > 0) == isStray && (summary.exposuresPossible > 0) == isStray)
        let answer = try QueryOutput(#require(BundledQuery.named("summary")), [:], small.caseFile).text(.csv)
        let table = CSVParser.table(Data(answer.utf8)).map { row in
            [row["what"] ?? "", row["certain"] ?? "", row["possible"] ?? ""]
        }
        let redisplays = table.first { $0[0] == "redisplays" }?.dropFirst().compactMap { Int($0) } ?? []
        #expect(redisplays.count == 2 && redisplays.reduce(0, +) == summary.redisplays)
        func row(_ what: String, _ certain: Int, _ possible: Int) -> [String] { [what, "\(certain)", "\(possible)"] }
        let counts = [
            row("exposures", summary.exposuresCertain, summary.exposuresPossible),
            row("exposed accounts", summary.exposedAccountsCertain, summary.exposedAccountsPossible),
            row("exposures of unnamed owners", 0, summary.exposuresUnnamedOwner),
            row("receiving accounts", summary.receivingAccountsCertain, summary.receivingAccountsPossible),
            row("affected accounts", summary.affectedAccounts, 0),
            row("unresolved deliveries", 0, summary.deliveriesUnresolved),
        ]
        #expect(table.filter { $0[0] != "redisplays" } == counts)
    }

    @Test("a certain exposure: its owner and receiver, its moment, its rollout and its relation")
    func certain() throws {
        let small = try SmallCase([
            ("cameras.csv", cameras),
            ("rollouts.csv", "rollout,node,from,note\nv1,,2019-12-26T09:00:00Z,\nv2,,2019-12-26T11:00:00Z,\n"),
            ("cache", fill("01", "cam-b")),
            (
                "relay",
                delivery("05.250000", to: "alice") + delivery("06.500000", to: "alice") + delivery("07", to: "bob")
            ),
        ])
        let summary = try json(small)
        #expect(summary["exposures_certain"] as? Int == 2)
        #expect(summary["exposures_possible"] as? Int == 0)
        #expect(summary["exposed_accounts_certain"] as? Int == 1)
        #expect(summary["receiving_accounts_certain"] as? Int == 1)
        #expect(summary["first_exposure"] as? String == "2019-12-26T10:00:05.250000Z")
        #expect(summary["last_exposure"] as? String == "2019-12-26T10:00:06.500000Z")
        #expect(summary["exposures_by_relation"] as? [String: Int] == ["stranger": 2])
        let rollouts = try #require(summary["rollouts"] as? [[String: Any]])
        #expect(rollouts.map { $0["name"] as? String } == ["v1", "v2"])
        #expect(rollouts.map { $0["exposures_certain"] as? Int } == [2, 0])
        #expect(
            rollouts.map { $0["from"] as? String } == ["2019-12-26T09:00:00.000000Z", "2019-12-26T11:00:00.000000Z"])
        #expect(try small.rows("exposures.csv").map { $0["owner"] } == ["bob", "bob"])
    }

    @Test("a certain exposure of one of two owners makes its receiver certain and each owner possible")
    func severalOwners() throws {
        // Two frames were filled in the delivery's own millisecond, and alice has a right to neither.
        let small = try SmallCase([
            ("cameras.csv", cameras),
            ("cache", fill("05.123", "cam-b", frame: "f-b") + fill("05.123", "cam-c", frame: "f-c")),
            ("relay", delivery("05.123", to: "alice", more: #","frame":"""#)),
        ])
        let summary = try Summary(of: small.caseFile)
        #expect(summary.exposuresCertain == 1)
        #expect(summary.receivingAccountsCertain == 1 && summary.receivingAccountsPossible == 0)
        #expect(summary.exposedAccountsCertain == 0 && summary.exposedAccountsPossible == 2)
        let row = try #require(small.rows("exposures.csv").first)
        #expect(row["certainty"] == "certain" && row["owner"] == "" && row["owners"] == "2")
        #expect(row["possible_owners"]?.split(separator: ";").sorted() == ["bob", "carol"])
        let owners = try small.rows("exposed_accounts.csv")
        #expect(owners.map { $0["account"] } == ["bob", "carol"])
        #expect(owners.map { $0["certainty"] } == ["possible", "possible"])
        #expect(try small.rows("receiving_accounts.csv").map { $0["certainty"] } == ["certain"])
    }

    @Test("a rollout that comes back on a node has one row, and rows add up to the exposures")
    func rollback() throws {
        let small = try SmallCase([
            ("cameras.csv", cameras),
            (
                "rollouts.csv",
                "rollout,node,from,note\nv1,n,2019-12-26T10:00:00Z,first\nv2,n,2019-12-26T10:00:20Z,\n"
                    + "v1,n,2019-12-26T10:00:40Z,back\n"
            ),
            ("cache", fill("05", "cam-b")),
            (
                "relay",
                ["10", "30", "50", "51"].map { delivery($0, to: "alice") }.joined()
            ),
        ])
        let rows = try small.rows("rollouts.csv")
        #expect(rows.map { $0["rollout"] } == ["v1", "v2"] && rows.map { $0["exposures_certain"] } == ["3", "1"])
        #expect(rows.map { $0["from"] } == ["2019-12-26T10:00:00.000000Z", "2019-12-26T10:00:20.000000Z"])
        #expect(rows.map { $0["note"] } == ["first; back", ""])
    }

    @Test("no more accounts would have been reached than there are", arguments: [(2, 2, false), (38, 2, true)])
    func reachable(expected: Int, told: Int, isOver: Bool) throws {
        // Of alice, bob and carol, alice was reached.
        let small = try SmallCase([
            ("cameras.csv", cameras), ("cache", fill("05", "cam-b")), ("relay", delivery("10", to: "alice")),
        ])
        // As the study of a cause has it.
        try small.caseFile.write {
            try $0.execute(
                sql: "INSERT INTO correlation VALUES ('cause_expected_after', ?)", arguments: ["\(expected)"])
        }
        let incident = try Summary(of: small.caseFile).incident
        #expect(incident?.expectedAfterLast == told && incident?.isOver == isOver)
    }

    @Test("a possible exposure makes everybody in it possible, beyond those who are certain already")
    func possible() throws {
        // At 05.5 the frame may be alice's own or bob's; at 07 it is surely bob's, and went to carol.
        let small = try SmallCase([
            ("cameras.csv", cameras), ("cache", fill("01", "cam-a", frame: "f-a") + fill("05", "cam-b", frame: "f-b")),
            (
                "relay",
                delivery("05.500000", to: "alice", more: #","duration_ms":2000"#) + delivery("09.500000", to: "carol")
            ),
        ])
        let summary = try Summary(of: small.caseFile)
        #expect(summary.exposuresCertain == 1 && summary.exposuresPossible == 1)
        #expect(summary.exposedAccountsCertain == 1, "bob, by carol's delivery")
        #expect(summary.exposedAccountsPossible == 0, "bob is certain already, and alice's own frame exposes nobody")
        #expect(summary.receivingAccountsCertain == 1 && summary.receivingAccountsPossible == 1)
        #expect(summary.firstExposure == "2019-12-26T10:00:09.500000Z", "of the certain ones")
        #expect(
            try small.rows("receiving_accounts.csv").map { "\($0["account"] ?? "") \($0["certainty"] ?? "")" } == [
                "alice possible", "carol certain",
            ])
    }

    @Test("a 304 is a redisplay, counted apart and never as an exposure")
    func redisplays() throws {
        let more = #","frame":"f-b""#
        let small = try SmallCase([
            ("cameras.csv", cameras), ("cache", fill("01", "cam-b", frame: "f-b")),
            (
                "relay",
                delivery("05", to: "alice", more: more) + delivery("06", to: "alice", status: 304, more: more)
                    + delivery("07", to: "bob", status: 304, more: more)
            ),
        ])
        let summary = try Summary(of: small.caseFile)
        #expect(summary.exposuresCertain == 1 && summary.deliveries == 1)
        #expect(summary.redisplays == 1)
        #expect(try small.rows("exposures.csv").count == 1)
        #expect(try small.rows("receiving_accounts.csv").map { $0["exposures_certain"] } == ["1"])
    }

    @Test("an exposed thumbnail is opened if the same account then looks at more of that camera, within ten minutes")
    func opened() throws {
        func seen(_ second: String, _ who: String, _ kind: String, of camera: String = "cam-a", at minute: Int = 0)
            -> String
        {
            delivery(second, to: who, of: camera, more: #","kind":"\#(kind)""#).replacing(
                "T10:00", with: "T10:\(10 + minute)")
        }
        let lines = [
            seen("05", "alice", "thumbnail"), seen("08", "alice", "clip", at: 5), seen("05", "carol", "thumbnail"),
            seen("09", "carol", "thumbnail", at: 1), seen("06", "carol", "still", of: "cam-c"),
            seen("06", "carol", "stream", at: 12),
        ]
        let small = try SmallCase([("cameras.csv", cameras), ("cache", fill("01", "cam-b")), ("relay", lines.joined())])
        #expect(try Summary(of: small.caseFile).opened == 1)
        let rows = try small.rows("exposures.csv").filter { $0["opened"] == "1" }
        #expect(rows.map { $0["requester"] } == ["alice"])
        #expect(rows.map { $0["kind"] } == ["thumbnail"])
        #expect(try small.rows("receiving_accounts.csv").map { $0["opened"] } == ["1", "0"])
    }

    @Test("a case without a correlation is refused, with the command that mends it")
    func notCorrelated() throws {
        let small = try SmallCase(
            [("cameras.csv", cameras), ("relay", delivery("05", to: "alice"))], isCorrelated: false)
        let error = try #require(throws: CaseFileError.self) { try Summary(of: small.caseFile) }
        #expect("\(error)".contains("not correlated since the last ingest; run 'strayframe correlate --case "))
        #expect(throws: CaseFileError.self) { try small.reports() }
        #expect(!FileManager.default.fileExists(atPath: small.folder.appending(path: "reports").path))
    }
}
