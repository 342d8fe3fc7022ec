import Analysis
import Casefile
import Foundation
import GRDB
import Testing

/// A client may demand a fetch while a fresh entry stands. If that brings nothing, the entry stays: Squid 7.7 and Apache httpd
/// 2.4.71 write the words of a cold key for it, and answer the next request from that entry (findings/squid-client-refresh.sh,
/// findings/apache-conditional-miss.sh).
@Suite struct ForcedFetchTests {
    private static func line(
        _ second: Int, _ requester: String, _ camera: String, _ cache: String, status: Int = 200, bytes: Int = 9000
    ) -> String {
        #"{"ts":"2026-03-01T10:00:\#(second).000Z","node":"n1","requester":"\#(requester)","camera":"\#(camera)","key":"k","cache":"\#(cache)","status":\#(status),"bytes":\#(bytes),"duration_ms":100}"#
            + "\n"
    }

    private static func answer(_ second: Int, _ account: String, _ camera: String, status: Int = 200) -> String {
        #"{"ts":"2026-03-01T10:00:\#(second).950000Z","key":"k","path":"/v1/cameras/\#(camera)/snapshot","acct":"\#(account)","status":\#(status),"frame":"f-\#(camera)","owner":"\#(account)","inm":"-","bytes":\#(status == 200 ? 9000 : 0),"dur_us":20000}"#
            + "\n"
    }

    @Test(
        "a fetch that failed, or whose client left, ends nothing: the entry before it may be what a hit shows",
        arguments: [(503, 251, 503), (200, 0, 200)])
    func stays(status: Int, bytes: Int, origin: Int) throws {
        let scratch = try Scratch()
        try scratch.write(
            "dump/cameras.csv", "camera,owner,from,until,model\na,alice,,,m\nb,bob,,,m\nc,carol,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write(
            "dump/relay.ndjson",
            Self.line(20, "alice", "a", "MISS") + Self.line(30, "bob", "b", "MISS", status: status, bytes: bytes)
                + Self.line(40, "carol", "c", "HIT"))
        try scratch.write(
            "dump/origin.jsonl", Self.answer(19, "alice", "a") + Self.answer(29, "bob", "b", status: origin))
        let caseFile = try scratch.analyze([scratch.path("dump")], options: .init())
        let owners = try caseFile.read { db in
            try String.fetchSet(
                db,
                sql: """
                    SELECT n.text FROM candidate c JOIN name n ON n.id = c.owner
                    """)
        }
        // Alice's frame was stored and never replaced for certain; Bob's may have been stored if the origin sent it.
        #expect(owners == (origin == 200 ? ["alice", "bob"] : ["alice"]))
        // Carol has a right to neither.
        #expect(try caseFile.verdictsByLine()[3] == "certain")
    }
}
