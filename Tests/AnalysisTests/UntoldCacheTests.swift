import Analysis
import Casefile
import Foundation
import Testing

/// Two logs that name no node and may be one cache's or two: what more logs tell makes nothing less sure.
@Suite struct UntoldCacheTests {
    private static func line(_ second: Int, _ requester: String, _ camera: String, _ key: String, _ cache: String)
        -> String
    {
        #"{"ts":"2026-03-01T10:00:\#(second).000Z","requester":"\#(requester)","camera":"\#(camera)","key":"\#(key)","cache":"\#(cache)","status":200,"bytes":9000,"duration_ms":100}"#
            + "\n"
    }

    private static func answer(_ second: Int, _ account: String, _ camera: String, _ key: String) -> String {
        #"{"ts":"2026-03-01T10:00:\#(second).950000Z","key":"\#(key)","path":"/v1/cameras/\#(camera)/snapshot","acct":"\#(account)","status":200,"frame":"f-\#(camera)","owner":"\#(account)","inm":"-","bytes":9000,"dur_us":20000}"#
            + "\n"
    }

    @Test(
        "an answer of the origin to a request of the same log is as good as that request's own line",
        arguments: [false, true])
    func origin(isLogged: Bool) throws {
        let scratch = try Scratch()
        try scratch.write(
            "dump/cameras.csv", "camera,owner,from,until,model\na,alice,,,m\nb,bob,,,m\nc,carol,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write(
            "dump/one/relay.ndjson",
            Self.line(20, "alice", "a", "k", "MISS") + Self.line(23, "bob", "b", "k", "HIT"))
        try scratch.write(
            "dump/two/relay.ndjson",
            Self.line(19, "carol", "c", "z", "MISS") + Self.line(24, "carol", "c", "z", "HIT"))
        if isLogged {
            try scratch.write(
                "dump/origin.jsonl", Self.answer(18, "carol", "c", "z") + Self.answer(19, "alice", "a", "k"))
        }
        let caseFile = try scratch.analyze([scratch.path("dump")], options: .init())
        #expect(try caseFile.verdictsByLine() == [2: "certain"])
    }
}
