import Analysis
import Casefile
import Foundation
import GRDB
import Testing

/// Tables of the directory that tell of rights or owners in a way that cannot be read: what they leave open.
@Suite struct UnreadRightTests {
    /// Alice asks for her camera, then Bob for the same, on 1 March 2026 at 10:00:20 and 10:00:30; both receive Alice's frame.
    private func verdicts(
        _ files: [String: String], damaged: [String: [UInt8]] = [:]
    ) throws -> (found: [Int: String], rights: String) {
        let scratch = try Scratch()
        try scratch.write("dump/accounts.csv", "account\nalice\nbob\ncarol\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-c,carol,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        for (name, text) in files { try scratch.write("dump/\(name)", text) }
        for (name, bytes) in damaged { try Data(bytes).write(to: URL(filePath: scratch.path("dump/\(name)"))) }
        let lines = [(20, "alice", "MISS"), (30, "bob", "HIT")].map { second, account, cache in
            #"{"ts":"2026-03-01T10:00:\#(second).000+00:00","msec":"17723592\#(second).000","account":"\#(account)","uri":"/v1/cameras/cam-a/snapshot","request_uri":"/v1/cameras/cam-a/snapshot","method":"GET","status":"200","bytes":"9000","rt":"0.010","cache":"\#(cache)","key":"k","frame":"","owner":"alice","completion":"OK"}"#
        }
        try scratch.write("dump/access.log", lines.joined(separator: "\n") + "\n")
        let file = try scratch.analyze([scratch.path("dump")], options: .init())
        let rights = try file.read { db in
            try String.fetchOne(db, sql: "SELECT status FROM assumptions WHERE assumption = 'rights_known'")
        }
        return (try file.verdictsByLine(), rights ?? "")
    }

    @Test("without them Bob's is a certain exposure")
    func plain() throws {
        #expect(try verdicts([:]).found == [2: "certain"])
    }

    @Test(
        "a second table of rights that cannot be used leaves open every right, and the ledger says so",
        arguments: [
            ("more.csv", "owner,camera,friend,from\nalice,cam-a,bob,2026-01-01T00:00:00Z\n"),
            ("more.csv", "owner,camera,recipient,from\nalice,cam-a,bob,2026-01-01T00:00:00Z\n"),
            ("more.csv", "owner,camera,account,from\nalice,cam-a,bob,2026-01-01T00:00:00Z\n"),
            ("more.json", #"{"owner":"alice","camera":"cam-a","grantee":{"id":"bob"}}"# + "\n"),
            ("more.json", #"{"owner":"alice","camera":"cam-a","amigo":"bob"}"# + "\n"),
            ("grants.sql", "INSERT INTO grants VALUES (1);\n"),
        ])
    func tables(_ name: String, _ text: String) throws {
        let (found, rights) = try verdicts([name: text])
        #expect(found == [2: "possible"] && rights == "contradicted")
    }

    @Test(
        "a table of rights that ends too early leaves open every right, wherever it ends",
        arguments: [10, 21, 45])
    func damaged(end: Int) throws {
        // `owner,camera,grantee` and Bob's grant, stored in a block of gzip without compression, of which the end is cut off.
        let text = Array("owner,camera,grantee\nalice,cam-c,carol\nalice,cam-a,bob\ncarol,cam-c,alice\n".utf8)
        let (low, high) = (UInt8(text.count & 255), UInt8(text.count >> 8))
        let gzip: [UInt8] =
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + [1, low, high, ~low, ~high] + text + [UInt8](repeating: 0, count: 8)
        let (found, rights) = try verdicts([:], damaged: ["grants.csv.gz": Array(gzip.prefix(end))])
        #expect(found[2] == "possible" && rights == "contradicted")
    }

    @Test(
        "a row of which a name or a time cannot be read, or that is another version, leaves open what it names",
        arguments: [
            ("more.json", #"{"owner":"alice","camera":["cam-z","cam-a"],"grantee":"bob"}"# + "\n"),
            ("more.json", #"{"owner":"alice","camera":"cam-a","grantee":["carol","bob"]}"# + "\n"),
            (
                "more.json",
                #"{"owner":"alice","camera":"cam-a","grantee":"bob","until":{"$date":"2026-02-01T00:00:00Z"}}"# + "\n"
            ),
            ("more.csv", "owner,camera,grantee,from,until\nalice,cam-a,bob,46023,46204\n"),
            ("more.csv", "owner,camera,grantee,from,until,tz\nalice,cam-a,bob,,2026-03-01 05:00:00,America/Chicago\n"),
            (
                "more.csv",
                "owner,camera,grantee,from,until\nalice,cam-a,bob,2026-01-01T00:00:00Z,\nalice,cam-a,bob,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z\n"
            ),
            (
                "more.csv",
                "op,owner,camera,grantee,from\nI,alice,cam-a,bob,2026-01-01T00:00:00Z\nD,alice,cam-a,bob,2026-01-01T00:00:00Z\n"
            ),
            ("cameras.csv", "camera,owner,co_owner,from,until\ncam-a,alice,bob,,\ncam-c,carol,,,\ncam-d,carol,,,\n"),
        ])
    func rows(_ name: String, _ text: String) throws {
        #expect(try verdicts([name: text]).found == [2: "possible"])
    }

    @Test(
        "a word for nobody, and a list, are no account of which anything is certain",
        arguments: ["0", "-1", "anonymous", "alice;bob", "alice,bob"])
    func nobody(_ word: String) throws {
        let line =
            #"{"ts":"2026-03-01T10:00:40.000+00:00","msec":"1772359240.000","account":"\#(word)","uri":"/v1/cameras/cam-a/snapshot","request_uri":"/v1/cameras/cam-a/snapshot","method":"GET","status":"200","bytes":"9000","rt":"0.010","cache":"HIT","key":"k","frame":"","owner":"alice","completion":"OK"}"#
        #expect(try verdicts(["more.log": line + "\n"]).found.values.sorted() == ["certain", "possible"])
    }
}
