import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// An edge before a shield, neither of which names its node: one answer stands in both logs, and each has a store of its own.
@Suite struct UnnamedTierTests {
    private static func time(_ milliseconds: Int) -> String { TwoServerDump.time(TwoServerDump.start + milliseconds) }

    private static func line(_ moment: Int, _ home: Int, _ cache: String, _ request: Int) -> String {
        #"{"ts":"\#(time(moment))","requester":"acct-\#(home)","camera":"cam-\#(home)","key":"slot/1","cache":"\#(cache)","status":200,"bytes":3000,"request_id":"\#(TwoServerDump.id(request))"}"#
    }

    /// Two homes share the key. The shield has the first one's frame. It ends; the edge asks the shield for the second one, is given
    /// the first one's frame once more, for the shield is just fetching the second one's, and stores that.
    ///
    /// - Parameter edgeSays: of the request that is answered so.
    private func analyzed(_ edgeSays: String) throws -> (Summary, CaseFile) {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-1,acct-1,,,m\ncam-2,acct-2,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        var (edge, shield, origin): ([String], [String], [String]) = ([], [], [])
        for round in 0..<60 {
            let start = round * 10_000
            edge += [
                Self.line(start + 10, 1, "MISS", 4 * round), Self.line(start + 5_000, 2, edgeSays, 4 * round + 1),
                Self.line(start + 6_000, 2, "HIT", 4 * round + 2), Self.line(start + 7_000, 2, "HIT", 4 * round + 3),
            ]
            shield += [
                Self.line(start + 9, 1, "MISS", 4 * round), Self.line(start + 4_999, 2, "STALE", 4 * round + 1),
            ]
            origin += [(start, 1), (start + 5_010, 2)].map {
                #"{"ts":"\#(Self.time($0))","op":"FILL","key":"slot/1","frame":"f-\#(round)-\#($1)","camera":"cam-\#($1)"}"#
            }
        }
        for (name, lines) in ["relay/edge": edge, "relay/shield": shield, "cache/origin": origin] {
            try scratch.write("dump/\(name).ndjson", lines.joined(separator: "\n") + "\n")
        }
        let caseFile = try scratch.analyze([scratch.path("dump")], options: .init())
        return (try Summary(of: caseFile), caseFile)
    }

    @Test(
        "a fetch of the shield is not taken for what the edge stored, also where the edge answers stale too",
        arguments: ["MISS", "STALE"])
    func stale(_ edgeSays: String) throws {
        let (summary, caseFile) = try analyzed(edgeSays)
        // Each answer of the shield is one of the edge's, and no delivery of its own.
        #expect(summary.deliveries == 240)
        let cache = try #require(summary.assumptions.first { $0.assumption == "one_cache_per_log" })
        #expect(cache.status == "contradicted" && cache.detail.contains("shield"), "\(cache)")
        // Every hit showed the first home's frame to the second one: none is missed, and none is clear.
        let found = try caseFile.count(
            """
            SELECT count(*) FROM deliveries d WHERE d.path LIKE '%edge.ndjson' AND d.cache_word = 'HIT'
                AND (EXISTS (SELECT 1 FROM exposures e WHERE e.event = d.event)
                    OR EXISTS (SELECT 1 FROM unresolved_deliveries u WHERE u.event = d.event))
            """)
        #expect(found == 120)
    }
}
