import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// Frames of which no line tells whose they are: they expose an account, too, and no bound leaves it out.
@Suite struct UnnamedOwnerTests {
    private static func relay(_ second: Int, _ requester: String, _ camera: String, _ key: String, _ cache: String)
        -> String
    {
        #"{"ts":"2026-03-01T10:00:\#(second).000Z","node":"n1","requester":"\#(requester)","camera":"\#(camera)","key":"\#(key)",\#(cache)"status":200,"bytes":9000,"duration_ms":12000}"#
    }

    private static func fill(_ second: Int, _ key: String, _ camera: String?) -> String {
        #"{"ts":"2026-03-01T10:00:\#(second).000Z","node":"n1","op":"FILL","key":"\#(key)""#
            + (camera.map { #","camera":"\#($0)""# } ?? "") + "}"
    }

    private func analyzed(_ relay: [String], _ fills: [String]) throws -> (Summary, CaseFile) {
        let scratch = try Scratch()
        try scratch.write("dump/accounts.csv", "account\nalice\nbob\ncarol\ndave\n")
        try scratch.write(
            "dump/cameras.csv", "camera,owner,from,until,model\na,alice,,,m\nb,bob,,,m\nc,carol,,,m\nd,dave,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write("dump/relay.ndjson", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/cache.ndjson", fills.joined(separator: "\n") + "\n")
        let caseFile = try scratch.analyze([scratch.path("dump")], options: .init())
        return (try Summary(of: caseFile), caseFile)
    }

    @Test("an unknown frame or the requester's own: nothing says that it was anybody's, and it may have been")
    func ownOrUnknown() throws {
        let hit = #""cache":"HIT","#
        for (relay, fills) in [
            // Without a verdict it may have been fetched.
            ([Self.relay(40, "bob", "b", "k", "")], [Self.fill(20, "k", nil)]),
            // Bob's own frame came while the answer was under way.
            ([Self.relay(30, "bob", "b", "k", hit)], [Self.fill(15, "k", nil), Self.fill(25, "k", "b")]),
        ] {
            let (summary, caseFile) = try analyzed(relay, fills)
            #expect(try caseFile.verdictsByLine() == [1: "unresolved"])
            #expect(summary.exposedAccountsAtMost == 1 && summary.receivingAccountsAtMost == 1)
            #expect(summary.exposuresAtMost == 1)
        }
    }

    @Test("an unknown frame or another account's: the bound has room for an owner of each")
    func anotherOrUnknown() throws {
        let hit = #""cache":"HIT","#
        // Truly carol's and dave's.
        let (summary, caseFile) = try analyzed(
            [Self.relay(30, "bob", "b", "k1", hit), Self.relay(31, "bob", "b", "k2", hit)],
            [
                Self.fill(15, "k1", nil), Self.fill(16, "k2", nil), Self.fill(25, "k1", "a"), Self.fill(26, "k2", "a"),
            ])
        #expect(try caseFile.verdictsByLine() == [1: "possible", 2: "possible"])
        #expect(summary.exposedAccountsPossible == 1 && summary.exposuresUnnamedOwner == 2)
        #expect(summary.exposedAccountsAtMost == 3)
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try Notice.write(caseFile, to: folder)
        let authority = try String(contentsOf: folder.appending(path: "authority.md"), encoding: .utf8)
        #expect(
            authority.contains("Frames of up to 1 account, and perhaps of others that no line names, may have reached"))
        #expect(
            authority.contains(
                "| data subjects, if every frame whose owner is not known were of another account | 0 | 3 |"))
    }
}
