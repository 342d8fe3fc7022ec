import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// One answer that stands in several logs counts once, by the line that tells more.
@Suite struct SharedAnswerTests {
    // MARK: What real servers wrote

    /// Logs of one server, given together, and the one of them that tells the most.
    struct Variants: CustomTestStringConvertible, Sendable {
        var server: String
        var best: String
        var others: [String]
        var profile: String
        var isFixture = false
        var testDescription: String { "\(server): \(best) with \(others.joined(separator: ", "))" }
    }

    static let all = [
        Variants(
            server: "nginx", best: "stated-json", others: ["stated-frameid", "inferred"], profile: "nginx-thin",
            isFixture: true),
        Variants(server: "nginx", best: "stated-json", others: ["inferred"], profile: "nginx-thin", isFixture: true),
        Variants(
            server: "nginx", best: "stated-json", others: ["stated-frameid"], profile: "nginx-thin", isFixture: true),
        Variants(server: "varnish", best: "stated", others: ["inferred"], profile: "varnishncsa-thin"),
        Variants(server: "squid", best: "stated", others: ["inferred"], profile: "squid-thin"),
        Variants(server: "ats", best: "stated", others: ["inferred"], profile: "trafficserver-thin"),
        Variants(server: "squid-flaky-key", best: "stated", others: ["inferred"], profile: "squid-thin"),
    ]

    @Test("several logs of the fixture's server give the counts of the best", arguments: all.filter(\.isFixture))
    func fixture(_ variants: Variants) throws {
        try check(variants, LabDump.repository.appending(path: "Fixtures/nginx-lab/dump"))
    }

    @Test(
        "several logs of one server give the counts of the best",
        .enabled(if: LabDump.isLaboratoryThere, "\(LabDump.absence)"), arguments: all.filter { !$0.isFixture })
    func laboratory(_ variants: Variants) throws {
        try check(variants, LabDump.laboratory.appending(path: "\(variants.server)/dump"))
    }

    private func check(_ variants: Variants, _ dump: URL) throws {
        let scratch = try Scratch()
        func path(_ name: String) -> String { dump.appending(path: name).path }
        let common = [path("origin"), path("directory")]
        let profiles = variants.others.contains("inferred") ? Scratch.shipped(variants.profile) : []
        let alone = try scratch.analyze([path(variants.best)] + common, case: "alone.sqlite")
        let together = try scratch.analyze(
            ([variants.best] + variants.others).map(path) + common, case: "together.sqlite", profiles: profiles)
        // What the best log gives is held against the clients' stamps elsewhere; here each delivery must be judged alike.
        #expect(try verdicts(together) == verdicts(alone))
        let (one, all) = (try Summary(of: alone), try Summary(of: together))
        #expect(all.deliveries == one.deliveries)
        #expect(all.deliveriesUnresolved == one.deliveriesUnresolved)
        #expect(all.redisplays == one.redisplays)
        #expect(all.affectedAccounts == one.affectedAccounts)
        #expect(all.sameAnswers > one.deliveries * variants.others.count)
        #expect(all.sameAnswerLogs.count >= variants.others.count)
        #expect(all.assumptions.first { $0.assumption == "answers_logged_once" }?.status == "held")
        #expect(all.assumptions.filter { $0.status == "contradicted" }.map(\.detail) == [])
    }

    /// Each exposure by its line, with its certainty and its owner; by which line an answer counts does not matter as long as it is
    /// the same file's.
    private func verdicts(_ caseFile: CaseFile) throws -> Set<String> {
        try caseFile.read { db in
            try Set(
                String.fetchAll(
                    db,
                    sql: """
                        SELECT id || ' ' || certainty || ' ' || ifnull(owner, '-') || ' ' || requester FROM exposures
                        """))
        }
    }

    // MARK: A proxy before an edge

    @Test(
        "what a proxy logs of an edge's answers counts once",
        arguments: [(0, 0, 0), (1_700, 40, 310), (-45_000, 400, 280)])
    func proxy(ahead: Int, jitter: Int, header: Int) throws {
        let dump = TwoServerDump(seed: 7, answers: 3000)
        let scratch = try Scratch()
        try dump.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", dump.edgeLog())
        let (text, own) = dump.proxyLog(ahead: ahead, jitter: jitter, header: header, seed: 11)
        try scratch.write("dump/relay/proxy.ndjson", text)
        // No cache wrote this: requests find nothing fresh at random.
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        let caseFile = try scratch.analyze([scratch.path("dump")], options: options)
        let summary = try Summary(of: caseFile)
        #expect(summary.deliveries == dump.answers.count + own)
        #expect(summary.sameAnswers == dump.answers.count)
        #expect(dump.strays.count > 100)
        #expect(try TwoServerDump.certainStrays(in: caseFile) == dump.strays)
        // Each line that does not count leads to the answer's line in the edge's log.
        let pairs = try caseFile.read { db in
            try Row.fetchAll(db, sql: "SELECT path, counted_path, counted_line FROM same_answers")
        }
        #expect(
            pairs.allSatisfy {
                ($0[0] as String).hasSuffix("proxy.ndjson") && ($0[1] as String).hasSuffix("edge.ndjson")
            })
        #expect(Set(pairs.map { $0[2] as Int }).count == dump.answers.count)
    }

    // MARK: What must not be merged

    @Test("two edges with traffic of the same accounts are two edges", arguments: [true, false])
    func edges(hasBytes: Bool) throws {
        let scratch = try Scratch()
        let (one, other) = (TwoServerDump(seed: 3, answers: 3000), TwoServerDump(seed: 4, answers: 3000))
        try one.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", one.edgeLog(hasBytes: hasBytes))
        try scratch.write("dump/relay/other.ndjson", other.edgeLog(node: "other", hasBytes: hasBytes))
        let summary = try Summary(of: try scratch.analyze([scratch.path("dump")]))
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 6000)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        #expect(answer.status == "held")
        #expect(answer.detail.contains("Nothing is merged"))
    }

    /// A page that asks one edge for the thumbnail and another for the clip at once.
    @Test("two answers at one moment from two edges are two answers", arguments: [true, false])
    func atOnce(hasBytes: Bool) throws {
        let dump = TwoServerDump(seed: 5, answers: 2000)
        let scratch = try Scratch()
        try dump.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", dump.edgeLog(hasBytes: hasBytes))
        // A verdict would tell that one edge did not ask the other.
        let other = dump.edgeLog(node: "other", hasBytes: hasBytes).replacing(/"cache":"[A-Z]+",/, with: "")
        // Nothing but the length of what was sent tells them apart.
        try scratch.write("dump/relay/other.ndjson", other.replacing(/"bytes":(\d+)/) { #""bytes":9\#($0.1)"# })
        let summary = try Summary(of: try scratch.analyze([scratch.path("dump")]))
        #expect(summary.sameAnswers == 0)
        #expect(summary.deliveries == 4000)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        #expect(answer.status == (hasBytes ? "held" : "untestable"))
    }

    @Test("a few lines are too few to tell")
    func few() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 4)
        try scratch.write(
            "dump/relay/proxy.ndjson", StrayDump.relay(4).replacing(#""node":"edge""#, with: #""node":"proxy""#))
        let summary = try Summary(of: try scratch.analyze([scratch.path("dump")]))
        #expect(summary.deliveries == 8)
        #expect(summary.assumptions.first { $0.assumption == "answers_logged_once" }?.status == "untestable")
    }

    // MARK: Where a line leads

    @Test("a line that does not count is explained by the one that does")
    func explained() throws {
        let dump = TwoServerDump(seed: 7, answers: 400)
        let scratch = try Scratch()
        try dump.writeTables(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", dump.edgeLog())
        try scratch.write("dump/relay/proxy.ndjson", dump.proxyLog(ahead: 900, jitter: 20, header: 300, seed: 1).text)
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let pair = try #require(
            try caseFile.read {
                try Row.fetchOne($0, sql: "SELECT id, counted, line, counted_line FROM same_answers ORDER BY id")
            })
        let aside = try Proof(of: pair[0], in: caseFile)
        #expect(aside.facts.contains { $0.name == "counts as" && $0.value == pair[1] })
        #expect(aside.lines.map(\.role) == ["same answer", "delivery"])
        #expect(aside.lines.map(\.line) == [pair[2] as Int64, pair[3] as Int64])
        #expect(aside.lines.allSatisfy { $0.text != nil && $0.problem == nil })
        let counted = try Proof(of: pair[1], in: caseFile)
        #expect(counted.lines.contains { $0.role == "same answer" && $0.line == pair[2] as Int64 })
    }
}
