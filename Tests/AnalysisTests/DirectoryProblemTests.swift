import Analysis
import Casefile
import Correlation
import GRDB
import LogRecords
import Reports
import Testing

/// Tables of which rows cannot be read, that contradict each other, or that do not fit the logs. Each delivery of alice's
/// camera a is of bob's frame, filled under the same key.
@Suite struct DirectoryProblemTests {
    /// - Parameter requesters: of the deliveries, a second apart from 10:00:20 on.
    private func analyze(
        _ requesters: [String], cameras: String = "cam-a,alice,,,m\ncam-b,bob,,,m\n", _ tables: [String: String],
        foldsAccounts: Bool = false
    ) throws -> CaseFile {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n" + cameras)
        try scratch.write("dump/cache/edge.ndjson", StrayDump.cache)
        try scratch.write(
            "dump/relay/edge.ndjson",
            requesters.enumerated().map { index, requester in
                #"{"ts":"2019-12-26T10:00:\#(20 + index).000000Z","node":"edge","requester":"\#(requester)","camera":"cam-a","#
                    + #""key":"slot/1","cache":"HIT","status":200,"bytes":9000}"# + "\n"
            }.joined())
        for (name, text) in tables { try scratch.write("dump/\(name)", text) }
        var library = try ProfileLibrary()
        library.foldsAccounts = foldsAccounts
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        _ = try Ingest(caseFile, Ingest.Options(roots: [scratch.path("dump")], library: library)).run()
        try Correlator(caseFile, Correlator.Options()).run()
        return caseFile
    }

    private func verdicts(_ caseFile: CaseFile) throws -> [Int: String] { try caseFile.verdictsByLine() }

    private func problems(_ caseFile: CaseFile) throws -> [String] {
        try caseFile.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT problem, camera, account, other_account, path, line, other_path, other_line FROM directory_problems
                    ORDER BY place
                    """
            ).map { $0.compactMap { $1.isNull ? nil : "\($1.storage.value ?? "")" }.joined(separator: " ") }
        }
    }

    private static let grants = "owner,camera,grantee,from,until\n"
    private static let accounts = "account\nalice\nbob\ncarol\ndave\nerin\n"

    @Test("a snapshot that ends a grant and one that does not leave the time between them open")
    func snapshots() throws {
        let caseFile = try analyze(
            ["carol", "carol", "dave"],
            [
                "old/grants.csv": Self.grants
                    + "bob,cam-b,carol,2019-12-01T00:00:00Z,\nbob,cam-b,dave,2019-12-01T00:00:00Z,\n",
                "new/grants.csv": Self.grants
                    + "bob,cam-b,carol,2019-12-01T00:00:00Z,2019-12-26T10:00:20.500Z\nbob,cam-b,dave,2019-12-01T00:00:00Z,\n",
            ])
        #expect(try verdicts(caseFile) == [2: "possible"], "the first and the last are clear")
        #expect(try problems(caseFile) == ["grant_times cam-b bob carol dump/new/grants.csv 2 dump/old/grants.csv 2"])
        let entry = try #require(try Summary(of: caseFile).assumptions.first { $0.assumption == "tables_agree" })
        #expect(entry.status == "contradicted")
        #expect(entry.detail.contains("dump/new/grants.csv line 2 and dump/old/grants.csv line 2"))
    }

    @Test("a camera whose sale cannot be dated has its owner, or another whom nobody names")
    func unreadable() throws {
        let caseFile = try analyze(
            ["carol", "bob"], cameras: "cam-a,alice,,,m\ncam-b,bob,,sold in spring,m\n", ["grants.csv": Self.grants])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"])
        #expect(try problems(caseFile) == ["unreadable_time cam-b bob dump/cameras.csv 3"])
        #expect(
            try caseFile.count("SELECT count(*) FROM rejects WHERE reason = 'not a time stamp'") == 1,
            "and its line is named")
    }

    @Test("a grant that its table calls revoked, and not since when, may have held, and is named")
    func revoked() throws {
        let caseFile = try analyze(
            ["carol", "dave", "erin"],
            ["grants.csv": "owner,camera,grantee,revoked\nbob,cam-b,carol,true\nbob,cam-b,dave,false\n"])
        #expect(try verdicts(caseFile) == [1: "possible", 3: "certain"])
        #expect(try problems(caseFile) == ["unreadable_time cam-b bob carol dump/grants.csv 2"])
        let reason = try caseFile.read { db in
            try String.fetchOne(db, sql: "SELECT reason FROM source WHERE profile = 'directory-grants'")
        }
        #expect(reason?.contains("column 'revoked'") == true)
        let entry = try #require(try Summary(of: caseFile).assumptions.first { $0.assumption == "rights_known" })
        #expect(
            entry.status == "contradicted" && entry.detail.contains("1 rows of the tables do not say when they held"))
    }

    @Test("two owners at once, grants of cameras that no table lists, and requesters in no table are listed")
    func listed() throws {
        let caseFile = try analyze(
            ["carol", "erin"], cameras: "cam-a,alice,,,m\ncam-b,bob,,,m\ncam-b,carol,2019-12-26T10:00:00Z,,m\n",
            [
                "grants.csv": Self.grants + "bob,cam-x,erin,,\n",
                "accounts.csv": "account\nalice\nbob\ncarol\n",
            ])
        // Carol may be the owner of what she sees; Bob gave Erin a right to a camera, and which one nobody knows.
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"])
        #expect(
            try problems(caseFile) == [
                "grant_of_unlisted_camera cam-x bob erin dump/grants.csv 2",
                "two_owners cam-b bob carol dump/cameras.csv 3 dump/cameras.csv 4", "unlisted_requester erin",
            ])
    }

    @Test(
        "an account that the grants spell in another way may have their rights",
        arguments: ["Carol", "carol ", "0042", "42.0"])
    func nearSpelling(_ spelling: String) throws {
        let requester = spelling.contains("42") ? "42" : "carol"
        let caseFile = try analyze(
            [requester, "erin"],
            [
                "grants.csv": Self.grants + "bob,cam-b,\"\(spelling)\",,\n",
                "accounts.csv": "account\nalice\nbob\n\(requester)\nerin\n",
            ])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "certain"])
        #expect(try problems(caseFile).map { $0.split(separator: " ")[0] } == ["near_spelling"])
    }

    @Test("spellings are one account if that is stated, in logs and tables alike, and the ledger says so")
    func folded() throws {
        let caseFile = try analyze(
            ["CAROL", "carol", "erin", "Alice"],
            [
                "grants.csv": Self.grants + "BOB,cam-b,\" Carol\",,\n",
                "accounts.csv": "account\nalice\nbob\ncarol\nerin\n",
            ], foldsAccounts: true)
        // Carol holds a grant; Erin and Alice see bob's room.
        #expect(try verdicts(caseFile) == [3: "certain", 4: "certain"])
        #expect(
            try caseFile.read { try String.fetchAll($0, sql: "SELECT requester FROM exposures ORDER BY line") } == [
                "erin", "alice",
            ])
        #expect(try problems(caseFile).isEmpty)
        let entry = try #require(try Summary(of: caseFile).assumptions.first { $0.assumption == "accounts_known" })
        #expect(entry.status == "stated" && entry.detail.contains("--fold-accounts"))
    }

    @Test("two accounts that differ by case alone and are both listed are two accounts")
    func twoAccounts() throws {
        let caseFile = try analyze(
            ["carol"],
            ["grants.csv": Self.grants + "bob,cam-b,Carol,,\n", "accounts.csv": "account\nalice\nbob\ncarol\nCarol\n"])
        #expect(try verdicts(caseFile) == [1: "certain"])
        #expect(try problems(caseFile).isEmpty)
    }

    /// - Parameters:
    ///   - owner: as the relay's lines state it.
    ///   - tables: beside the cameras'.
    private func analyzeStated(_ requesters: [String], owner: String, _ tables: [String: String]) throws -> CaseFile {
        let scratch = try Scratch()
        try scratch.write(
            "dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\ncam-c,42,,,m\n")
        try scratch.write(
            "dump/relay/edge.ndjson",
            requesters.enumerated().map { index, requester in
                #"{"ts":"2019-12-26T10:00:\#(20 + index).000000Z","node":"edge","requester":"\#(requester)","camera":"cam-a","#
                    + #""key":"slot/1","cache":"HIT","status":200,"bytes":9000,"owner":"\#(owner)"}"# + "\n"
            }.joined())
        for (name, text) in tables { try scratch.write("dump/\(name)", text) }
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        _ = try Ingest(
            caseFile, Ingest.Options(roots: [scratch.path("dump")], library: try ProfileLibrary())
        ).run()
        try Correlator(caseFile, Correlator.Options()).run()
        return caseFile
    }

    /// Carol holds a grant of bob's, or of 42's; erin holds none, and neither is known for sure to see a stranger's room.
    @Test(
        "an owner that a line spells in another way than the tables do makes nothing certain",
        arguments: ["Bob", "BOB", "042", "42.0"])
    func statedOwner(_ owner: String) throws {
        let listed = owner.contains("42") ? "42" : "bob"
        let caseFile = try analyzeStated(
            ["carol", "erin", listed], owner: owner,
            ["grants.csv": Self.grants + "\(listed),\(listed == "42" ? "cam-c" : "cam-b"),carol,,\n"])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible", 3: "possible"])
        #expect(try problems(caseFile) == ["near_spelling \(owner) \(listed)"])
        let entry = try #require(try Summary(of: caseFile).assumptions.first { $0.assumption == "accounts_known" })
        #expect(entry.status == "contradicted" && entry.detail.contains("the frames of 1 owners"))
    }

    @Test(
        "an owner in no table that no other account resembles is certain, and so is one that is listed as it is stated")
    func otherOwner() throws {
        let grants = ["grants.csv": Self.grants + "bob,cam-b,carol,,\n"]
        #expect(try verdicts(analyzeStated(["erin"], owner: "zoe", grants)) == [1: "certain"])
        #expect(try verdicts(analyzeStated(["erin"], owner: "bob", grants)) == [1: "certain"])
    }

    @Test("an owner whose grants spell the name in another way may have given anybody in them a right")
    func giver() throws {
        let caseFile = try analyze(["carol", "erin"], ["grants.csv": Self.grants + "Bob,cam-b,carol,,\n"])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"])
        #expect(try problems(caseFile) == ["near_spelling Bob bob"])
    }

    @Test("a case is not read with --fold-accounts and without it", arguments: [true, false])
    func twoSpellings(foldsFirst: Bool) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 3)
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        func ingest(folds: Bool) throws {
            var library = try ProfileLibrary()
            library.foldsAccounts = folds
            _ = try Ingest(caseFile, Ingest.Options(roots: [scratch.path("dump")], library: library)).run()
        }
        try ingest(folds: foldsFirst)
        try scratch.write("dump/relay/more.ndjson", StrayDump.relay(3, from: 50))
        let error = #expect(throws: AnalysisError.self) { try ingest(folds: !foldsFirst) }
        #expect(error?.description.contains("--fold-accounts") == true)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 3)
        try ingest(folds: foldsFirst)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 6)
    }

    @Test("a camera that was asked for and that no table lists is named")
    func unlistedCamera() throws {
        let caseFile = try analyze(["carol"], cameras: "cam-b,bob,,,m\n", ["grants.csv": Self.grants])
        #expect(try problems(caseFile) == ["unlisted_camera cam-a"])
    }

    @Test(
        "a row that cannot be read leaves open what it names",
        arguments: [
            "bob,cam-b,carol", "bob;cam-b;carol;;", ",cam-b,carol,,", "bob,,carol,,", "bob,cam-b,carol,,,x",
        ])
    func unreadPair(_ row: String) throws {
        let caseFile = try analyze(
            ["carol", "erin"],
            ["grants.csv": Self.grants + "alice,cam-a,dave,,\n" + row + "\n", "accounts.csv": Self.accounts])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "certain"])
        let entry = try #require(try Summary(of: caseFile).assumptions.first { $0.assumption == "rights_known" })
        #expect(entry.status == "contradicted")
    }

    @Test(
        "a row that does not say to whom, or of whom, leaves open whatever that may be",
        arguments: ["bob,cam-b,,,", "bob,cam-b,car", "bob,cam-b,\"carol,,", "#### broken ####"])
    func unreadRow(_ row: String) throws {
        let caseFile = try analyze(
            ["carol", "erin"],
            ["grants.csv": Self.grants + "alice,cam-a,dave,,\n" + row + "\n", "accounts.csv": Self.accounts])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"])
    }

    @Test("a camera's row that cannot be read may tell of another owner")
    func unreadCamera() throws {
        let caseFile = try analyze(
            ["carol"], cameras: "cam-a,alice,,,m\ncam-b,bob,,,m\ncam-b,carol\n", ["grants.csv": Self.grants])
        #expect(try verdicts(caseFile) == [1: "possible"])
    }

    @Test("where the logs write most accounts in another way than the tables, nothing is certain of them")
    func foreignNames() throws {
        let accounts = "account\nalice\nbob\ncarol\nerin\n"
        let logs = try analyze(
            ["usr:carol", "usr:erin"], ["grants.csv": Self.grants, "accounts.csv": accounts])
        #expect(try verdicts(logs) == [1: "possible", 2: "possible"])
        let owners = try analyze(
            ["carol", "erin"], cameras: "cam-a,usr:alice,,,m\ncam-b,usr:bob,,,m\n",
            ["grants.csv": Self.grants, "accounts.csv": accounts])
        #expect(try verdicts(owners) == [1: "possible", 2: "possible"])
        let grantees = try analyze(
            ["carol", "erin"], ["grants.csv": Self.grants + "bob,cam-b,usr:erin,,\n", "accounts.csv": accounts])
        #expect(try verdicts(grantees) == [1: "possible", 2: "possible"])
        let entry = try #require(try Summary(of: logs).assumptions.first { $0.assumption == "accounts_known" })
        #expect(entry.status == "contradicted")
    }

    @Test("an owner whom the table of cameras spells in another way than that of accounts may be that account")
    func nearOwner() throws {
        let caseFile = try analyze(
            ["bob", "erin"], cameras: "cam-a,alice,,,m\ncam-b,Bob,,,m\n",
            ["grants.csv": Self.grants, "accounts.csv": "account\nalice\nbob\nerin\n"])
        #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"])
        #expect(try problems(caseFile) == ["near_spelling Bob bob"])
    }

    @Test("a camera that was sold as far from a fill as the clocks may differ is of either owner")
    func soldAtTheMoment() throws {
        // The fill is at 10:00:19 (`StrayDump.cache`), and no clock is known better than to 50 ms.
        for moment in ["2019-12-26T10:00:18.970Z", "2019-12-26T10:00:19.030Z"] {
            let caseFile = try analyze(
                ["bob", "carol"], cameras: "cam-a,alice,,,m\ncam-b,bob,,\(moment),m\ncam-b,carol,\(moment),,m\n",
                ["grants.csv": Self.grants])
            #expect(try verdicts(caseFile) == [1: "possible", 2: "possible"], "\(moment)")
        }
    }
}
