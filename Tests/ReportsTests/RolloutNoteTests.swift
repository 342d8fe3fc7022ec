import Foundation
import GRDB
import Reports
import Testing

/// What the table of rollouts says of them is kept, and shown wherever they are.
@Suite struct RolloutNoteTests {
    private static let dump: [(name: String, text: String)] = [
        ("relay.log", delivery("20", to: "alice") + delivery("40", to: "alice") + delivery("50", to: "carol")),
        ("cache.log", fill("19", "cam-b")),
        ("cameras.csv", cameras),
        (
            "rollouts.csv",
            "version,node,started_at,note\nv1,,2019-12-26T10:00:00Z,\"new key rule, all regions\"\n"
                + "v2,n,2019-12-26T10:00:30Z,fix\nv2,n,2019-12-26T10:00:30Z,again\n"
        ),
        ("more.ndjson", #"{"rollout":"v3","from":"2019-12-26T10:00:55Z","description":"the old rule"}"# + "\n"),
    ]

    @Test("in the case, rollouts.csv, summary.json and the timeline, one text of several in the order of the alphabet")
    func tables() throws {
        let small = try SmallCase(Self.dump)
        let notes = ["new key rule, all regions", "again; fix", "the old rule"]
        let stored = try small.caseFile.read { try String?.fetchAll($0, sql: "SELECT note FROM rollouts ORDER BY ts") }
        #expect(stored == notes)
        #expect(try small.rows("rollouts.csv").map { $0["note"] } == notes)
        let reports = try small.reports()
        let json = try #require(reports["summary.json"])
        let summary = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
        let told = (summary["rollouts"] as? [[String: Any]])?.map { $0["note"] as? String }
        #expect(told == notes)
        let messages = try small.rows("timeline.csv").filter { $0["timestamp_desc"] == "Rollout" }
            .map { $0["message"] }
        #expect(
            messages == [
                "Rollout v1 on every node: new key rule, all regions", "Rollout v2 on n: again; fix",
                "Rollout v3 on every node: the old rule",
            ])
        let page = String(decoding: try #require(reports["report.html"]), as: UTF8.self)
        #expect(notes.allSatisfy { page.contains($0) })
    }

    @Test("and in the notice, beside the rollout that is named")
    func notice() throws {
        let small = try SmallCase(Self.dump)
        let folder = small.folder.appending(path: "notice")
        _ = try Notice.write(small.caseFile, to: folder)
        let text = try String(contentsOf: folder.appending(path: "authority.md"), encoding: .utf8)
        #expect(text.contains("rollout v1 (new key rule, all regions), the last one before the first exposure"))
        #expect(text.contains("rollout v3 (the old rule), the first one after the last exposure"))
    }
}
