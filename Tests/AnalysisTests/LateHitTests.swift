import Analysis
import Casefile
import Foundation
import Testing

/// A fresh hit at an age to which no entry lives (RFC 9111 section 4.2): a line is missing of what came to stand there.
@Suite struct LateHitTests {
    private static func line(_ second: Double, _ requester: String, _ camera: String, _ cache: String) -> String {
        let stamp = String(format: "%06.3f", second)
        return
            #"{"ts":"2026-03-01T10:00:\#(stamp)Z","node":"n1","requester":"\#(requester)","camera":"\#(camera)","key":"k","cache":"\#(cache)","status":200,"bytes":9000,"duration_ms":10}"#
    }

    private func verdicts(_ lines: [String], lifetime: String = #","ttl_s":5"#) throws -> [Int: String] {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\na,alice,,,m\nb,bob,,,m\n")
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write(
            "dump/cache.ndjson",
            #"{"ts":"2026-03-01T10:00:01.295Z","node":"n1","op":"FILL","key":"k","camera":"a"\#(lifetime)}"# + "\n")
        try scratch.write(
            "dump/relay.ndjson", ([Self.line(1.3, "alice", "a", "MISS")] + lines).joined(separator: "\n") + "\n")
        return try scratch.analyze([scratch.path("dump")], options: .init()).verdictsByLine()
    }

    @Test(
        "within the lifetime and a second it is on what was filled, later on something else",
        arguments: [(4.0, true), (6.5, true), (9.0, false), (50.0, false)])
    func late(second: Double, isFilled: Bool) throws {
        let found = try verdicts([
            Self.line(second, "bob", "b", "HIT"), Self.line(second + 0.5, "alice", "a", "HIT"),
        ])
        #expect(found == (isFilled ? [2: "certain"] : [2: "possible", 3: "unresolved"]))
    }

    @Test(
        "a line that does not say how long it took may be of a hit some seconds before",
        arguments: [(20.0, true), (50.0, false)])
    func untold(second: Double, isFilled: Bool) throws {
        let hits = [Self.line(second, "bob", "b", "HIT"), Self.line(second + 0.5, "alice", "a", "HIT")].map {
            $0.replacing(#","duration_ms":10"#, with: "")
        }
        #expect(try verdicts(hits) == (isFilled ? [2: "certain"] : [2: "possible", 3: "unresolved"]))
    }

    @Test("without a stated lifetime, or after it was renewed, it is on what was filled")
    func renewed() throws {
        let hits = [Self.line(50, "bob", "b", "HIT"), Self.line(50.5, "alice", "a", "HIT")]
        #expect(try verdicts(hits, lifetime: "") == [2: "certain"])
        let renewed = try verdicts([Self.line(47, "alice", "a", "REVALIDATED")] + hits)
        #expect(renewed == [3: "certain"])
    }
}
