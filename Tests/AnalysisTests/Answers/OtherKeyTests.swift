import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// A server that logs the URL that its client asked for, and looks up another one that a rule has made of it for some clients.
@Suite struct OtherKeyTests {
    private static func time(_ milliseconds: Int) -> String { TwoServerDump.time(TwoServerDump.start + milliseconds) }

    private static func line(_ moment: Int, _ home: Int, _ cache: String) -> String {
        #"{"ts":"\#(time(moment))","requester":"acct-\#(home)","camera":"cam-\#(home)","key":"/cameras/\#(home)"\#(cache),"status":200,"bytes":3000,"duration_ms":20}"#
    }

    private static func answer(_ moment: Int, _ home: Int, key: String) -> String {
        #"{"ts":"\#(time(moment))","key":"\#(key)","path":"/v1/cameras/cam-\#(home)/snapshot","acct":"acct-\#(home)","status":200,"frame":"f-\#(moment)","owner":"acct-\#(home)","inm":"-","bytes":3000,"dur_us":5000}"#
    }

    /// - Parameter isMissing: whether the requests under other keys are in no log, as of a node whose log is missing.
    private func analyzed(isMissing: Bool) throws -> (Summary, CaseFile) {
        let scratch = try Scratch()
        try scratch.write(
            "dump/cameras.csv",
            "camera,owner,from,until,model\n" + (0..<4).map { "cam-\($0),acct-\($0),,,m\n" }.joined())
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        var (relay, origin): ([String], [String]) = ([], [])
        for (place, home) in (0..<80).map({ ($0, $0 % 4) }) {
            let start = place * 2_000
            relay.append(Self.line(start, home, ""))
            origin.append(Self.answer(start - 4, home, key: "/cameras/\(home)"))
            // A client whose key is shared by two homes.
            if !isMissing { relay.append(Self.line(start + 500, home, "")) }
            origin.append(Self.answer(start + 496, home, key: "slot/\(home / 2)"))
            relay.append(Self.line(start + 1_000, home, #","cache":"HIT""#))
        }
        try scratch.write("dump/relay/edge.ndjson", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/origin/origin.ndjson", origin.joined(separator: "\n") + "\n")
        let caseFile = try scratch.analyze([scratch.path("dump")], options: .init())
        return (try Summary(of: caseFile), caseFile)
    }

    @Test("hits are of any frame where the logs have the requests that the origin answered under keys of no line")
    func rewritten() throws {
        let (summary, caseFile) = try analyzed(isMissing: false)
        let key = try #require(summary.assumptions.first { $0.assumption == "logged_key_not_finer" })
        #expect(key.status == "contradicted" && key.detail.contains("80 of 80 answers of the origin"), "\(key)")
        let open = try caseFile.count(
            """
            SELECT count(*) FROM deliveries d WHERE d.cache_word = 'HIT'
                AND (EXISTS (SELECT 1 FROM exposures e WHERE e.event = d.event AND e.certainty = 'possible')
                    OR EXISTS (SELECT 1 FROM unresolved_deliveries u WHERE u.event = d.event))
            """)
        #expect(open == 80)
    }

    @Test("where no log has these requests it is a log that is missing")
    func missing() throws {
        let (summary, _) = try analyzed(isMissing: true)
        #expect(summary.assumptions.first { $0.assumption == "logged_key_not_finer" }?.status == "held")
        let nodes = try #require(summary.assumptions.first { $0.assumption == "all_nodes_logged" })
        #expect(nodes.status == "contradicted" && nodes.detail.contains("A log is missing"), "\(nodes)")
    }
}
