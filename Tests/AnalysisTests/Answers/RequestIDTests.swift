import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// Lines of two logs that name one request tell of one answer; an id that comes again names none.
@Suite struct RequestIDTests {
    private func analyzed(_ dump: TwoServerDump, _ edge: String, _ proxy: String) throws -> CaseFile {
        let scratch = try Scratch()
        try dump.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", edge)
        try scratch.write("dump/relay/proxy.ndjson", proxy)
        // No cache wrote this: requests find nothing fresh at random.
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        return try scratch.analyze([scratch.path("dump")], options: options)
    }

    /// Without lengths time alone ties the two nodes, which is not enough; with ids it is known.
    @Test("requests' ids tell which lines are one answer's where nothing else does", arguments: [3, 40, 3000])
    func byID(answers: Int) throws {
        let dump = TwoServerDump(seed: 7, answers: answers)
        let edge = dump.edgeLog(hasBytes: false) { TwoServerDump.id($0) }
        let (proxy, own) = dump.proxyLog(ahead: 250, jitter: 40, header: 0, seed: 11, hasBytes: false) {
            TwoServerDump.id($0)
        }
        let caseFile = try analyzed(dump, edge, proxy)
        let summary = try Summary(of: caseFile)
        #expect(summary.sameAnswers == answers)
        #expect(summary.deliveries == answers + own)
        // Each line leads to the edge's line of the same answer.
        let pairs = try caseFile.read { db in
            try Row.fetchAll(db, sql: "SELECT path, counted_path, counted_line FROM same_answers")
        }
        #expect(
            pairs.allSatisfy {
                ($0[0] as String).hasSuffix("proxy.ndjson") && ($0[1] as String).hasSuffix("edge.ndjson")
            })
        #expect(Set(pairs.map { $0[2] as Int }) == Set(1...answers))
        #expect(try TwoServerDump.certainStrays(in: caseFile) == dump.strays)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        #expect(answer.status == "held" && answer.detail.contains("by the requests' ids"))
    }

    @Test("without ids the same logs are not merged by time alone")
    func withoutID() throws {
        let dump = TwoServerDump(seed: 7, answers: 3000)
        let proxy = dump.proxyLog(ahead: 250, jitter: 40, header: 0, seed: 11, hasBytes: false)
        let summary = try Summary(of: analyzed(dump, dump.edgeLog(hasBytes: false), proxy.text))
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 6000 + proxy.own)
    }

    @Test("an id that a client sends with all of its requests names no answer")
    func sessionsID() throws {
        let (one, other) = (TwoServerDump(seed: 3, answers: 3000), TwoServerDump(seed: 4, answers: 3000))
        let edge = one.edgeLog(hasBytes: false) { TwoServerDump.id(one.answers[$0].requester) }
        let second = other.edgeLog(node: "other", hasBytes: false) { TwoServerDump.id(other.answers[$0].requester) }
        let summary = try Summary(of: analyzed(one, edge, second))
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 6000)
    }

    @Test("counters, zeros and what is too short to be unique name no answer", arguments: ["7", "0000-0000-0000", "-"])
    func noIDs(_ id: String) throws {
        let dump = TwoServerDump(seed: 5, answers: 60)
        let proxy = dump.proxyLog(ahead: 250, jitter: 40, header: 0, seed: 11, hasBytes: false) { _ in id }
        let summary = try Summary(of: analyzed(dump, dump.edgeLog(hasBytes: false) { _ in id }, proxy.text))
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 120 + proxy.own)
    }

    /// Every tenth request has its id from a client that sent it before with another account's request.
    @Test("an answer to another account is another answer, whatever id its request has")
    func sentByClients() throws {
        let dump = TwoServerDump(seed: 9, answers: 2000)
        func stolen(_ index: Int) -> Int? {
            guard index > 10, index % 10 == 0 else { return nil }
            return (1..<10).map { index - $0 }.first { dump.answers[$0].requester != dump.answers[index].requester }
        }
        let edge = dump.edgeLog(hasBytes: false) { TwoServerDump.id($0) }
        let (proxy, own) = dump.proxyLog(ahead: 30, jitter: 5, header: 0, seed: 2, hasBytes: false) {
            TwoServerDump.id(stolen($0) ?? $0)
        }
        let summary = try Summary(of: analyzed(dump, edge, proxy))
        let lost = dump.answers.indices.count { stolen($0) != nil }
        #expect(lost > 150)
        // The lines with an id that is another request's stand alone; all others have their partner.
        #expect(summary.sameAnswers == 2000 - lost)
        #expect(summary.deliveries == 2000 + own + lost)
    }

    @Test("where two servers' lines for one request contradict each other about who was answered, neither is certain")
    func contradiction() throws {
        let dump = TwoServerDump(seed: 7, answers: 1000)
        let edge = dump.edgeLog { TwoServerDump.id($0) }
        let (text, own) = dump.proxyLog(ahead: 40, jitter: 3, header: 300, seed: 11) { TwoServerDump.id($0) }
        let strays = dump.answers.indices.filter { dump.answers[$0].isExposure }
        let wrong = strays[strays.count / 2]
        let id = TwoServerDump.id(wrong)
        let proxy = text.split(separator: "\n").map { line in
            line.contains(id)
                ? String(line.replacing(/"requester":"acct-\d+"/, with: #""requester":"acct-somebody""#)) : String(line)
        }.joined(separator: "\n")
        let caseFile = try analyzed(dump, edge, proxy + "\n")
        #expect(try Summary(of: caseFile).deliveries == 1000 + own)
        let certainty = try caseFile.read { db in
            try String.fetchOne(
                db, sql: "SELECT certainty FROM exposures WHERE path LIKE '%edge.ndjson' AND line = ?",
                arguments: [wrong + 1])
        }
        #expect(certainty == "possible")
        #expect(try Summary(of: caseFile).exposuresCertain == strays.count - 1)
    }
}
