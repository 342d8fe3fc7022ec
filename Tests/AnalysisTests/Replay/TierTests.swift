import Foundation
import GRDB
import Testing

/// An edge's miss that a cache above it may have answered. Camera 1 is acct-1's, camera 2 acct-2's, and both share a key.
@Suite struct TierTests {
    private func relay(_ second: Int, _ account: Int, _ word: String, node: String = "edge-1") -> String {
        """
        {"ts":"2019-12-26T09:13:\(Self.two(second)).500000Z","node":"\(node)","requester":"acct-\(account)",\
        "camera":"cam-\(account)","key":"snap/s01","cache":"\(word)","status":200,"bytes":718,"duration_ms":200}
        """
    }

    private func sent(_ second: Int, _ camera: Int) -> String {
        """
        {"ts":"2019-12-26T09:13:\(Self.two(second)).400000Z","key":"snap/s01","path":"/v1/cameras/cam-\(camera)/snapshot",\
        "acct":"acct-\(camera)","status":200,"frame":"f\(camera)","owner":"acct-\(camera)","inm":"-","bytes":718,"dur_us":5000}
        """
    }

    private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }

    /// The certainty of each relay line that is an exposure or unresolved.
    private func judge(_ relay: [String], _ fills: [String]) throws -> [Int: String] {
        let scratch = try Scratch()
        try scratch.write("dump/relay.ndjson", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/fills.ndjson", fills.joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-1,acct-1,,,m\ncam-2,acct-2,,,m\n")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        return try caseFile.verdictsByLine()
    }

    /// Tests/CorrelationTests has the other rules.
    @Test("where the origin has no line of many a miss, any frame sent under the key may have answered")
    func unanswered() throws {
        let answered = [relay(1, 1, "MISS"), relay(3, 2, "MISS", node: "edge-2")]
        #expect(try judge(answered, [sent(1, 1), sent(3, 2)]) == [:])
        let all = [relay(1, 1, "MISS")] + (3..<9).map { relay($0, 2, "MISS", node: "edge-2") }
        let found = try judge(all, [sent(1, 1)])
        #expect(found.keys.sorted() == Array(2...7) && Set(found.values) == ["possible"])
    }
}
