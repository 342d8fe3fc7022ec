import Analysis
import Casefile
import Chance
import Foundation
import GRDB
import Reports
import Testing

/// Files of one node that hold the same answers in other bytes or in another order.
///
/// Each line of `StrayDump.relay` is a delivery and a certain exposure, so that both counts are the number of answers.
@Suite struct CopiedLineTests {
    private func lines(_ range: Range<Int>, node: String = "edge") -> [String] {
        // Seven milliseconds apart, so that no two answers are alike.
        range.map { StrayDump.relay(1, from: $0 * 7).replacing(#""node":"edge""#, with: #""node":"\#(node)""#) }
    }

    private func named(_ range: Range<Int>) -> [String] {
        range.map { step in
            StrayDump.relay(1, from: step * 7).replacing(
                #","bytes":9000}"#, with: #","bytes":9000,"request_id":"\#(TwoServerDump.id(step))"}"#)
        }
    }

    /// As another encoder writes it: members in order of their names, and blanks between them.
    private func encodedAnew(_ lines: [String]) throws -> [String] {
        try lines.map { line in
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
            return String(decoding: data, as: UTF8.self).replacing(",", with: ", ") + "\n"
        }
    }

    private struct Counts: Equatable {
        var deliveries: Int
        var certain: Int
        var possible = 0
        var ledger = "held"
    }

    private func counts(_ files: [String: [String]], nodes: [String] = ["edge"]) throws -> Counts {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        for node in nodes where node != "edge" {
            try scratch.write(
                "dump/cache/\(node).ndjson", StrayDump.cache.replacing(#""node":"edge""#, with: #""node":"\#(node)""#))
        }
        for (name, lines) in files { try scratch.write("dump/relay/\(name).ndjson", lines.joined()) }
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Verification(of: caseFile).isSound)
        let fresh = try scratch.analyze([scratch.path("dump")], case: "again.sqlite", jobs: 3)
        #expect(try scratch.reports(of: caseFile, in: "one") == scratch.reports(of: fresh, in: "other"))
        let summary = try Summary(of: caseFile)
        let answer = try #require(summary.assumptions.first { $0.assumption == "answers_logged_once" })
        return Counts(
            deliveries: summary.deliveries, certain: summary.exposuresCertain, possible: summary.exposuresPossible,
            ledger: answer.status)
    }

    @Test("lines that are alike in every second, as where an account asks again and again, are no copies of each other")
    func polled() throws {
        var chance = Chance(seed: 3)
        var files = ["one": [String](), "other": [String]()]
        for second in 20..<50 {
            for _ in 0..<(4 + chance.below(5)) {
                let line = StrayDump.relay(1).replacing("10:00:20.000000Z", with: "10:00:\(second)Z")
                files[chance.below(2) == 0 ? "one" : "other", default: []].append(line)
            }
        }
        let all = files.values.reduce(0) { $0 + $1.count }
        // In other bytes, or runs of lines would be the same.
        files["other"] = try encodedAnew(files["other"] ?? [])
        let found = try counts(files)
        #expect(found.deliveries == all && found.certain + found.possible == all && found.ledger == "contradicted")
        // Either file's may be the other's.
        #expect(found.certain <= files.values.map(\.count).max() ?? 0, "\(found)")
    }

    @Test("a log that another encoder wrote anew counts once, with ids and without")
    func encoded() throws {
        #expect(
            try counts(["a": lines(0..<40), "b": encodedAnew(lines(0..<40))]) == Counts(deliveries: 40, certain: 40))
        #expect(
            try counts(["a": named(0..<40), "b": encodedAnew(named(0..<40))]) == Counts(deliveries: 40, certain: 40))
        #expect(try counts(["a": named(0..<40) + encodedAnew(named(0..<40))]) == Counts(deliveries: 40, certain: 40))
    }

    @Test("so does one that was sorted anew")
    func sorted() throws {
        let once = Counts(deliveries: 60, certain: 60)
        #expect(try counts(["a": lines(0..<60), "b": lines(0..<60).reversed()]) == once)
        let shuffled = (0..<60).map { $0 * 17 % 60 }.flatMap { lines($0..<($0 + 1)) }
        #expect(try counts(["a": lines(0..<60), "b": shuffled]) == once)
    }

    @Test("an extract counts nowhere by itself, be it of one line", arguments: [1, 3, 7, 30])
    func extract(every: Int) throws {
        let part = stride(from: 17, to: 60, by: every).flatMap { lines($0..<($0 + 1)) }
        #expect(try counts(["a": lines(0..<60), "b": part]) == Counts(deliveries: 60, certain: 60))
        #expect(try counts(["a": lines(0..<60), "b": lines(59..<60)]) == Counts(deliveries: 60, certain: 60))
    }

    @Test("a file that others were merged into counts beside them once, as does one that has others' lines and more")
    func merged() throws {
        let (one, other) = (lines(0..<50), lines(0..<50, node: "second"))
        let merged = zip(one, other).flatMap { [$0, $1] }
        let all = Counts(deliveries: 100, certain: 100)
        #expect(try counts(["a": one, "b": other, "all": merged], nodes: ["edge", "second"]) == all)
        #expect(try counts(["a": one, "all": merged], nodes: ["edge", "second"]) == all)
        let halves = [lines(0..<25), lines(25..<50)]
        let mixed = stride(from: 0, to: 50, by: 2).flatMap { lines($0..<($0 + 1)) }
        #expect(
            try counts(["a": halves[0], "b": halves[1], "c": mixed, "d": lines(50..<60)])
                == Counts(deliveries: 60, certain: 60))
    }

    @Test("two processes of a node that log at one time count apart")
    func apart() throws {
        let (even, odd) = ((0..<80).filter { $0 % 2 == 0 }, (0..<80).filter { $0 % 2 == 1 })
        #expect(
            try counts([
                "a": even.flatMap { lines($0..<($0 + 1)) }, "b": odd.flatMap { lines($0..<($0 + 1)) },
            ]) == Counts(deliveries: 80, certain: 80))
    }

    @Test("a line that names its request counts once, also right behind itself")
    func adjacent() throws {
        let resent = named(0..<5) + named(4..<5) + named(5..<12)
        #expect(try counts(["a": resent]) == Counts(deliveries: 12, certain: 12))
        // Two answers with one id, as of a client that asks again.
        let again = named(0..<12) + named(3..<4).map { $0.replacing("10:00:20.021", with: "10:00:25.021") }
        #expect(try counts(["a": again]) == Counts(deliveries: 13, certain: 13))
    }

    @Test("stamps of whole seconds tell too little of a few lines: they are possible, and the ledger says so")
    func coarse() throws {
        func coarse(_ range: Range<Int>) -> [String] {
            range.map { StrayDump.relay(1, from: $0 * 1000).replacing(".000000Z", with: "Z") }
        }
        #expect(
            try counts(["a": coarse(0..<30), "b": coarse(10..<11)])
                == Counts(deliveries: 31, certain: 30, possible: 1, ledger: "contradicted"))
    }
}
