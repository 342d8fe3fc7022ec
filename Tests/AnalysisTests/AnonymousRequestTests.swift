import Analysis
import Casefile
import Foundation
import Testing

/// Requests in the name of a word that programs write where a value is missing.
@Suite struct AnonymousRequestTests {
    private static func line(_ second: Int, _ account: String, _ camera: String, _ cache: String) -> String {
        #"{"ts":"2026-03-01T10:00:\#(second).000+00:00","msec":"17723592\#(second).000","account":"\#(account)","uri":"/v1/cameras/\#(camera)/snapshot","request_uri":"/v1/cameras/\#(camera)/snapshot","method":"GET","status":"200","bytes":"9000","rt":"0.010","cache":"\#(cache)","key":"k","frame":"","owner":"","completion":"OK"}"#
    }

    private func verdicts(_ lines: [String], cameras: String = "camera,owner,from,until,model\n") throws -> [Int:
        String]
    {
        let scratch = try Scratch()
        try scratch.write("dump/accounts.csv", "account\nalice\nbob\n")
        try scratch.write("dump/cameras.csv", cameras + "cam-a,alice,,,m\ncam-b,bob,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write("dump/access.log", lines.joined(separator: "\n") + "\n")
        return try scratch.analyze([scratch.path("dump")], options: .init()).verdictsByLine()
    }

    @Test(
        "a word for nobody is no account of which anything is certain",
        arguments: ["undefined", "(null)", "None", "carol"])
    func word(_ word: String) throws {
        let found = try verdicts([
            Self.line(20, "alice", "cam-a", "MISS"), Self.line(30, word, "cam-b", "HIT"),
            Self.line(31, "bob", "cam-b", "HIT"), Self.line(32, "alice", "cam-a", "HIT"),
        ])
        #expect(found == [2: word == "carol" ? "certain" : "possible", 3: "certain"])
    }
}
