import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// An exposure of which very many accounts may be the owner: every figure counts them all, and the timeline does not name each.
@Suite struct CrowdTests {
    /// Alice is sent the frame of a camera that so many others own at once.
    private func analyze(owners: Int) throws -> (scratch: Scratch, caseFile: CaseFile) {
        let scratch = try Scratch()
        let cameras = (0..<owners).map { "cam-b,owner-\($0),,,m\n" }.joined()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\n" + cameras)
        try scratch.write("dump/cache/edge.ndjson", StrayDump.cache)
        try scratch.write("dump/relay/edge.ndjson", StrayDump.relay(3))
        return (scratch, try scratch.analyze([scratch.path("dump")]))
    }

    @Test("all are counted", arguments: [2, 100, 101, 300])
    func counts(owners: Int) throws {
        let (scratch, caseFile) = try analyze(owners: owners)
        let summary = try Summary(of: caseFile)
        #expect(summary.exposuresCertain == 3)
        #expect(summary.exposedAccountsCertain == 0 && summary.exposedAccountsPossible == owners)
        #expect(summary.receivingAccountsCertain == 1)
        let reports = try scratch.reports(of: caseFile)
        func lines(_ name: String) throws -> [Substring] {
            String(decoding: try #require(reports[name]), as: UTF8.self).split(whereSeparator: \.isNewline)
        }
        #expect(try lines("exposed_accounts.csv").count == owners + 1)
        // The first and the last of each pair, or of alice with any of the many.
        let told = try lines("timeline.csv").filter { $0.contains(#/(First|Last) exposure of/#) }
        #expect(told.count == (owners > 100 ? 2 : 2 * owners))
        #expect(told.contains { $0.contains("one of \(owners) accounts to alice (certain)") } == (owners > 100))
        #expect(try caseFile.count("SELECT count(*) FROM directory_problems WHERE problem = 'two_owners'") == 1)
    }
}
