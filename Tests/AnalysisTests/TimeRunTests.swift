import Foundation
import GRDB
import Reports
import Testing

/// Stamps in local time, across the end of summer time.
@Suite struct TimeRunTests {
    private func line(_ seconds: Int, _ cache: String) -> String {
        let time = Date(timeIntervalSince1970: 1_572_138_000 + Double(seconds)).ISO8601Format()
        return
            #"{"ts":"\#(time)","node":"edge","requester":"alice","camera":"cam-a","key":"slot/1","cache":"\#(cache)","status":200,"bytes":9000,"dur_us":1000}"#
            + "\n"
    }

    private func summary(_ seconds: [Int]) throws -> (clocks: Summary.AssumptionAnswer?, reason: String) {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", StrayDump.cameras)
        try scratch.write("dump/relay.ndjson", seconds.map { line($0, "HIT") }.joined())
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let reason = try caseFile.read {
            try String.fetchOne($0, sql: "SELECT reason FROM sources WHERE path LIKE '%relay%'")
        }
        return (try Summary(of: caseFile).assumptions.first { $0.assumption == "clocks_tied" }, reason ?? "")
    }

    @Test("a time that runs back by an hour and goes on from there is told, with its line")
    func back() throws {
        let (clocks, reason) = try summary(
            Array(stride(from: 0, to: 300, by: 10)) + (0..<30).map { $0 * 10 + 300 - 3600 })
        #expect(clocks?.status == "contradicted")
        #expect(clocks?.detail.contains("runs back by an hour") == true)
        #expect(reason.contains("runs back by an hour at line 31:"))
    }

    @Test("a log of fills and deliveries that tells of hours runs on, whatever the order in which they are taken")
    func severalKinds() throws {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", StrayDump.cameras)
        let fills = (0..<200).map { step in
            let time = Date(timeIntervalSince1970: 1_572_138_000 + Double(step * 60)).ISO8601Format()
            return line(step * 60, "HIT")
                + #"{"ts":"\#(time)","node":"edge","op":"FILL","key":"slot/1","frame":"f-\#(step)","camera":"cam-a"}"#
                + "\n"
        }
        try scratch.write("dump/relay.ndjson", fills.joined())
        let summary = try Summary(of: try scratch.analyze([scratch.path("dump")]))
        #expect(summary.assumptions.first { $0.assumption == "clocks_tied" }?.status != "contradicted")
    }

    @Test("lines that are late, a few of an hour ago, or files put together, are no change of the zone")
    func noChange() throws {
        let even = Array(stride(from: 0, to: 300, by: 10))
        for odd in [
            even + [5, 3, 1] + [310], even + [-3290, -3280] + [310, 320], even + (0..<30).map { $0 * 10 - 9000 },
        ] {
            let (clocks, reason) = try summary(odd)
            #expect(clocks?.status == "held")
            #expect(reason == "")
        }
    }
}
