import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import Testing

/// `explain` answers for any delivery, and finds the dump wherever it lies.
@Suite struct ProofTests {
    private let cameras = "camera,owner,from,until\ncam-a,alice,2019-01-01T00:00:00Z,\ncam-b,bob,,\n"
    private let grants = "owner,camera,grantee,from,until\nalice,cam-a,carol,2019-06-01T00:00:00Z,\n"
    private let cache =
        #"{"ts":"2019-12-26T10:00:00.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-1","camera":"cam-a"}"#

    private func delivery(_ second: Int, _ requester: String, _ key: String, status: Int = 200) -> String {
        #"{"ts":"2019-12-26T10:00:\#(10 + second).000000Z","node":"edge","requester":"\#(requester)","camera":"cam-a","key":"\#(key)","cache":"HIT","status":\#(status),"bytes":9000}"#
    }

    private func write(to scratch: Scratch) throws -> CaseFile {
        try scratch.write("dump/cameras.csv", cameras)
        try scratch.write("dump/grants.csv", grants)
        try scratch.write("dump/cache.ndjson", cache + "\n")
        let lines = [
            delivery(0, "alice", "slot/1"), delivery(1, "carol", "slot/1"), delivery(2, "bob", "slot/1"),
            delivery(3, "alice", "slot/9"), delivery(4, "alice", "slot/1", status: 404),
        ]
        try scratch.write("dump/relay.ndjson", lines.joined(separator: "\n") + "\n")
        return try scratch.analyze([scratch.path("dump")], options: Correlator.Options())
    }

    @Test("a clear delivery says by what right, an unresolved one why, and one without a frame that it had none")
    func any() throws {
        let scratch = try Scratch()
        let caseFile = try write(to: scratch)
        let ids = try caseFile.read { try String.fetchAll($0, sql: "SELECT id FROM deliveries ORDER BY line") }
        func facts(_ line: Int) throws -> [String: String] {
            Dictionary(try Proof(of: ids[line - 1], in: caseFile).facts.map { ($0.name, $0.value) }) { first, _ in first
            }
        }
        #expect(try facts(1)["certainty"] == "clear")
        #expect(try facts(1)["entitled"] == "as owner of cam-a since 2019-01-01T00:00:00.000000Z")
        #expect(try facts(2)["certainty"] == "clear")
        #expect(try facts(2)["entitled"] == "as grantee of alice of cam-a since 2019-06-01T00:00:00.000000Z")
        #expect(try facts(3)["certainty"] == "certain")
        #expect(try facts(4)["certainty"] == "unresolved")
        #expect(try facts(4)["because"] == "no fill known by then")
        #expect(try facts(5)["certainty"] == "carried no frame")
        let roles = try Proof(of: ids[1], in: caseFile).lines.map(\.role)
        #expect(roles == ["delivery", "grant"])
    }

    @Test("sources are found by their digests where the dump lies now, whatever their names")
    func moved() throws {
        let scratch = try Scratch()
        let caseFile = try write(to: scratch)
        let id = try #require(try caseFile.read { try String.fetchOne($0, sql: "SELECT id FROM exposures") })
        try scratch.shell(
            "mkdir -p new/deep && mv dump/relay.ndjson new/deep/x && mv dump/*.csv dump/cache.ndjson new/ && rmdir dump"
        )
        #expect(try Proof(of: id, in: caseFile).lines.contains { $0.problem != nil })
        #expect(try !Verification(of: caseFile).isSound)
        let dump = try DumpFiles(scratch.path("new"), for: caseFile)
        #expect(try Proof(of: id, in: caseFile, dump: dump).lines.allSatisfy { $0.problem == nil && $0.text != nil })
        #expect(try Verification(of: caseFile, dump: dump).isSound)
        try scratch.write("new/deep/x", "other\n")
        let changed = try DumpFiles(scratch.path("new"), for: caseFile)
        let checks = try Verification(of: caseFile, dump: changed).checks
        #expect(checks.flatMap(\.problems).count == 1)
        #expect(try Proof(of: id, in: caseFile, dump: changed).lines.first?.problem != nil)
    }
}
