import Analysis
import Casefile
import Foundation
import Reports
import Testing

/// Logs of the same answers whose clocks are far apart, as one that shows local time.
@Suite struct ShiftedClockTests {
    private func summary(
        _ dump: TwoServerDump, ahead: Int, hasIDs: Bool, edge: (String) -> String = { $0 }
    ) throws -> (summary: Summary, own: Int) {
        let scratch = try Scratch()
        try dump.writeTables(to: scratch)
        let id: (Int) -> String? = { hasIDs ? TwoServerDump.id($0) : nil }
        try scratch.write("dump/relay/edge.ndjson", edge(dump.edgeLog(request: id)))
        // By another profile, so that the two are two formats'.
        let proxy = dump.proxyLog(ahead: ahead, jitter: 30, header: 0, seed: 11, request: id)
        try scratch.write("dump/relay/proxy.ndjson", proxy.text.replacing(#""ts""#, with: #""at""#))
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], options: options, profiles: [("proxy.yaml", Self.profile)])
        return (try Summary(of: caseFile), proxy.own)
    }

    private static let profile = """
        name: proxy
        syntax: json
        recognize: [at, requester, camera]
        delivery:
          marks: instant
          time: at
          node: node
          requester: requester
          camera: camera
          status: status
          bytes: bytes
          request_id: request_id

        """

    @Test("equal ids decide whatever the clocks say", arguments: [0, 660, 3600, -86_400])
    func byID(seconds: Int) throws {
        let dump = TwoServerDump(seed: 7, answers: 200)
        let (summary, own) = try summary(dump, ahead: seconds * 1000 + 250, hasIDs: true)
        #expect(summary.sameAnswers == 200)
        #expect(summary.deliveries == 200 + own)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        #expect(answer.status == "held" && answer.detail.contains("by the requests' ids"))
        if seconds == 3600 { #expect(answer.detail.contains("their clocks 1 h apart")) }
    }

    @Test("without ids logs that would match in another time zone are not merged, and nothing of them is certain")
    func byZone() throws {
        let dump = TwoServerDump(seed: 7, answers: 400)
        let (summary, own) = try summary(dump, ahead: 3_600_250, hasIDs: false)
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 800 + own)
        #expect(summary.exposuresCertain == 0)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        #expect(answer.status == "contradicted")
        #expect(answer.detail.contains("1 h ahead"))
    }

    @Test("other traffic of the same accounts an hour later is other traffic")
    func later() throws {
        let (one, other) = (TwoServerDump(seed: 7, answers: 400), TwoServerDump(seed: 8, answers: 400))
        let scratch = try Scratch()
        try one.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", one.edgeLog())
        let proxy = other.proxyLog(ahead: 3_600_250, jitter: 30, header: 0, seed: 11)
        try scratch.write("dump/relay/proxy.ndjson", proxy.text.replacing(#""ts""#, with: #""at""#))
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], options: options, profiles: [("proxy.yaml", Self.profile)])
        let answer = try Summary(of: caseFile).assumptions.first { $0.assumption == "answers_logged_once" }
        #expect(answer?.status != "contradicted")
        #expect(try TwoServerDump.certainStrays(in: caseFile) == one.strays)
    }

    @Test("a stamp of which zeros at the end were left out is the same stamp")
    func zeros() throws {
        let dump = TwoServerDump(seed: 7, answers: 200)
        // As a JSON number is written: 57.120000 is 57.12, and 57.000000 is 57.
        let (summary, own) = try summary(dump, ahead: 5, hasIDs: false) { edge in
            edge.replacing(/\.(\d*?)0+Z/) { $0.1.isEmpty ? "Z" : ".\($0.1)Z" }
        }
        #expect(summary.sameAnswers == 200)
        #expect(summary.deliveries == 200 + own)
    }
}
