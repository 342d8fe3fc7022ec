import Foundation
import Reports
import Testing

/// What the logs do not tell, and what that does to the upper bound. Camera 1 is acct-1's.
@Suite struct MissingTests {
    private func relay(_ second: Int, _ node: String, _ key: String? = "snap/1", account: Int? = 1) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(1_577_351_580 + second)).ISO8601Format()
        let requester = account.map { ",\"requester\":\"acct-\($0)\"" } ?? ",\"requester\":\"-\""
        let name = key.map { ",\"key\":\"\($0)\"" } ?? ""
        return
            "{\"ts\":\"\(time)\",\"node\":\"\(node)\"\(requester)\(name),\"cache\":\"HIT\",\"status\":200,\"bytes\":700}"
    }

    private func fill(_ second: Int, _ node: String) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(1_577_351_580 + second)).ISO8601Format()
        return
            "{\"ts\":\"\(time)\",\"node\":\"\(node)\",\"op\":\"FILL\",\"key\":\"snap/1\",\"frame\":\"f\",\"camera\":\"1\"}"
    }

    private func summary(_ relay: [String], _ fills: [String]) throws -> Summary {
        let scratch = try Scratch()
        try scratch.write("dump/relay.ndjson", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/cache.ndjson", fills.joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n1,acct-1,,,m\n")
        return try Summary(of: scratch.analyze([scratch.path("dump")]))
    }

    @Test("what is unresolved counts as an exposure at most, and each has its cause")
    func atMost() throws {
        let found = try summary(
            [
                relay(1, "n1"), relay(2, "n1", account: 2), relay(3, "n1", "snap/9"), relay(4, "n2"),
                relay(5, "n2", "snap/9"),
            ],
            [fill(0, "n1")])
        #expect(found.exposuresCertain == 1 && found.exposuresPossible == 0)
        #expect(found.deliveriesUnresolved == 3 && found.exposuresAtMost == 4)
        #expect(found.missing.unresolvedByCause == ["no fill known by then": 3])
        let json = try found.json()
        #expect(json.contains("\"exposures_at_most\" : 4"))
    }

    @Test("a node without fills is named where other nodes have some, and only there")
    func withoutFills() throws {
        let lines = [relay(1, "n1"), relay(2, "n2"), relay(3, "n3")]
        #expect(try summary(lines, [fill(0, "n1"), fill(0, "n3")]).missing.nodesWithoutFills == ["n2"])
        #expect(try summary(lines, [fill(0, "n1"), fill(0, "n2"), fill(0, "n3")]).missing.nodesWithoutFills == [])
    }

    @Test("a log's silence is one that its own rhythm does not explain, in deliveries and in fills")
    func silences() throws {
        // A line a second for 200 s, then nothing for an hour, then 200 s again.
        let seconds = Array(0..<200) + Array(3800..<4000)
        let steady = Array(stride(from: 0, to: 4000, by: 10))
        let found = try summary(seconds.map { relay($0, "n1") }, steady.map { fill($0, "n1") }).missing.silences
        #expect(found.map(\.log) == ["deliveries"])
        #expect(
            found.first?.from == "2019-12-26T09:16:19.000000Z" && found.first?.until == "2019-12-26T10:16:20.000000Z")
        // 3601 s at a mean interval of 3999 s / 399.
        #expect(found.first.map { (355...365).contains($0.usualLines) } == true)
        let other = try summary(steady.map { relay($0, "n1") }, seconds.map { fill($0, "n1") }).missing.silences
        #expect(other.map(\.log) == ["fills"])
    }
}
