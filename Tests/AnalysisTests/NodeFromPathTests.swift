import Analysis
import Casefile
import Correlation
import GRDB
import LogRecords
import Reports
import Testing

/// Two caches whose logs name no node, told apart by their files' paths alone.
@Suite struct NodeFromPathTests {
    private static func line(_ second: Int, _ account: String, _ camera: String, _ cache: String) -> String {
        let time = "2019-12-26T10:00:\(second < 10 ? "0" : "")\(second).000000Z"
        return
            #"{"ts":"\#(time)","requester":"\#(account)","camera":"\#(camera)","key":"slot/1","cache":"\#(cache)","status":200,"bytes":9000,"dur_us":1000}"#
            + "\n"
    }

    private static func fill(_ second: Int, _ camera: String) -> String {
        #"{"ts":"2019-12-26T10:00:0\#(second).000000Z","op":"FILL","key":"slot/1","frame":"f-\#(second)","camera":"\#(camera)"}"#
            + "\n"
    }

    private func analyzed(_ template: String?) throws -> (verdicts: [String: String], entry: Summary.AssumptionAnswer?)
    {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", StrayDump.cameras)
        try scratch.write(
            "dump/edge-1/access.ndjson", Self.line(1, "alice", "cam-a", "MISS") + Self.line(5, "alice", "cam-a", "HIT"))
        try scratch.write(
            "dump/edge-2/access.ndjson", Self.line(2, "bob", "cam-b", "MISS") + Self.line(6, "alice", "cam-a", "HIT"))
        try scratch.write("dump/edge-1/cache.ndjson", Self.fill(1, "cam-a"))
        try scratch.write("dump/edge-2/cache.ndjson", Self.fill(2, "cam-b"))
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        var library = try ProfileLibrary()
        library.nodeFromPath = try template.map { text throws(ProfileProblem) in try NodeFromPath(text) }
        let trace = try Ingest(caseFile, Ingest.Options(roots: [scratch.path("dump")], library: library)).run()
        try Correlator(caseFile, .withoutGrants, trace: trace).run()
        let rows = try caseFile.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT d.path, d.line, d.node, e.certainty FROM deliveries d LEFT JOIN exposures e USING (event)")
        }
        var verdicts: [String: String] = [:]
        for row in rows {
            let (path, line, node, certainty): (String, Int, String?, String?) = (row[0], row[1], row[2], row[3])
            verdicts["\(path):\(line)"] = "\(node ?? "-") \(certainty ?? "-")"
        }
        return (verdicts, try Summary(of: caseFile).assumptions.first { $0.assumption == "one_cache_per_log" })
    }

    @Test("the path names the node of lines that name none, and the ledger says that it was stated")
    func named() throws {
        let (verdicts, entry) = try analyzed("edge-{value}/")
        // Alice's hit on edge 1 is on her own frame, the one on edge 2 on bob's.
        #expect(verdicts["dump/edge-1/access.ndjson:2"] == "1 -")
        #expect(verdicts["dump/edge-2/access.ndjson:2"] == "2 certain")
        #expect(entry?.status == "stated")
        #expect(entry?.detail.contains("'edge-{value}/'") == true)
        #expect(entry?.checked == 4)
    }

    @Test("without the statement neither is told apart")
    func unnamed() throws {
        let (verdicts, entry) = try analyzed(nil)
        #expect(verdicts["dump/edge-2/access.ndjson:2"]?.hasPrefix("- ") == true)
        #expect(entry?.status != "stated")
    }
}
