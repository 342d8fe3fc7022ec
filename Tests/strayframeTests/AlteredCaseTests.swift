import Chance
import Foundation
import Selftest
import Simulation
import Testing

/// A case of which some bytes are others than were written, by a failing disk or by hand: whatever they are, a count of it is
/// the one that it was, or is refused.
@Suite struct AlteredCaseTests {
    /// Every report but the manifest, by name; nil if the tool refuses to write them.
    private func reports(_ folder: Folder) throws -> [String: Data]? {
        try folder.shell("rm -rf reports")
        guard try isDone(["report", "--quiet"], folder) else { return nil }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path)
        return try Dictionary(
            uniqueKeysWithValues: names.filter { $0 != "manifest.json" }.map { ($0, try folder.data("reports/\($0)")) })
    }

    private func isDone(_ arguments: [String], _ folder: Folder) throws -> Bool {
        try output(arguments, folder) != nil
    }

    /// What a command prints; nil if it did not do its work: then it says of what file and why.
    private func output(_ arguments: [String], _ folder: Folder) throws -> String? {
        let result = try Tool.run(arguments, in: folder.url)
        if result.ending == .status(0) { return result.output }
        #expect([.status(1), .status(73), .status(74)].contains(result.ending), "\(arguments): \(result.errors)")
        #expect(result.errors.hasPrefix("strayframe: case.sqlite: "), "\(arguments): \(result.errors)")
        #expect(result.output == "")
        return nil
    }

    @Test(
        "reports of it are refused or the same, and so are answers, and the reports of another correlation",
        arguments: [1, 2, 3, 4])
    func bytes(_ seed: UInt64) throws {
        let folder = try Folder()
        try KnownIncident.random(RandomOptions(seed: 9, deliveries: 300, accounts: 20, nodes: 2), name: "hard")
            .write(to: folder.url.path)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        #expect(try isDone(["correlate", "--quiet"], folder))
        let whole = try folder.data("case.sqlite")
        let expected = try #require(try reports(folder))
        let pairs = try #require(try output(["query", "pairs", "--format", "csv"], folder))
        let first = try #require(pairs.split(separator: "\r\n").dropFirst().first?.split(separator: ",").last)
        let questions = [["query", "pairs", "--format", "csv"], ["query", "summary"], ["explain", String(first)]]
        let answers = try questions.map { try #require(try output($0, folder)) }
        // Most of a small case is empty.
        let places = whole.indices.filter { whole[$0] != 0 }
        var chance = Chance(seed: seed)
        var (refused, unanswered) = (0, 0)
        for _ in 0..<20 {
            var altered = whole
            for _ in 0...chance.below(2) { altered[places[chance.below(places.count)]] ^= 1 << UInt8(chance.below(8)) }
            func putBack() throws {
                try folder.shell("rm -f case.sqlite-journal")
                try altered.write(to: folder.url.appending(path: "case.sqlite"))
            }
            try putBack()
            if let found = try reports(folder) { #expect(found == expected) } else { refused += 1 }
            for (question, answer) in zip(questions, answers) {
                try putBack()
                if let found = try output(question, folder) { #expect(found == answer) } else { unanswered += 1 }
            }
            try putBack()
            guard try isDone(["correlate", "--quiet"], folder) else { continue }
            if let found = try reports(folder) { #expect(found == expected) }
        }
        #expect(refused > 5, "too few of the changes were to what counts: \(refused)")
        #expect(unanswered == refused * questions.count, "what is not reported is not told either")
    }

    @Test("an altered case is shown to who asks for it as it is")
    func asIs() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        let pairs = ["query", "pairs", "--format", "csv"]
        let whole = try #require(try output(pairs, folder))
        #expect(try output(pairs + ["--as-is"], folder) == whole)
        try folder.shell(#"sqlite3 case.sqlite "UPDATE exposure SET certainty = 'possible'""#)
        let first = try #require(whole.split(separator: "\r\n").last?.split(separator: ",").last)
        for question in [pairs, ["explain", String(first)]] {
            let refusal = try Tool.run(question, in: folder.url)
            #expect(refusal.status == 1 && refusal.output == "" && refusal.errors.contains("table exposure"))
            #expect(try Tool.run(question + ["--as-is"], in: folder.url).status == 0)
        }
        let altered = try #require(try output(pairs + ["--as-is"], folder))
        #expect(altered != whole && altered.contains("bob,alice,stranger,0,1,"), "\(altered)")
    }
}
