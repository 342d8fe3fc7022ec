import Analysis
import Casefile
import GRDB
import LogBytes
import LogRecords
import Testing

/// A log that begins far behind its file's beginning is read, and what stands before it is told of.
@Suite struct LateLogTests {
    private func check(_ before: String, lines: Int, note: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("dump/relay/edge.log", before + StrayDump.relay(30))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 30)
        #expect(try caseFile.count("SELECT min(id & 68719476735) FROM delivery") == lines + 1)
        #expect(try caseFile.count("SELECT lines FROM source WHERE path LIKE '%edge.log'") == lines + 30)
        let reason = try caseFile.read {
            try String.fetchOne($0, sql: "SELECT reason FROM source WHERE path LIKE '%edge.log'")
        }
        #expect(reason?.contains(note) == true, "\(reason ?? "")")
        #expect(try Verification(of: caseFile).isSound)
    }

    @Test("behind lines of other programs, however many", arguments: [30_000, 200_000])
    func otherLines(count: Int) throws {
        let before = (0..<count).map { "worker \($0) has begun to wait for something to do\n" }.joined()
        try check(before, lines: count, note: "lines 1–")
    }

    @Test("behind a line longer than any that is looked at")
    func longLine() throws {
        try check(String(repeating: "x", count: 3 << 20) + "\n", lines: 1, note: "line 1 fits no profile")
    }

    @Test("a file of which no line is a log's is read to its end and listed")
    func none() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 3)
        try scratch.write("dump/notes.txt", String(repeating: "nothing that anybody logs\n", count: 100_000))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(
            try caseFile.read {
                try String.fetchAll($0, sql: "SELECT reason FROM source WHERE state = 'unrecognized'")
            } == ["no profile fits its first lines (100000 lines)"])
    }

    @Test(
        "of an archive of more entries than the bound those that were read are none the worse, and the rest is told of")
    func entries() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        for number in 0..<5 { try scratch.write("logs/\(number).ndjson", StrayDump.relay(2, from: 10 * number)) }
        try scratch.shell("mkdir -p dump && tar -cf dump/logs.tar logs")
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        var options = Ingest.Options(roots: [scratch.path("dump")], library: try ProfileLibrary())
        options.limits = Limits(maxEntries: 3)
        _ = try Ingest(caseFile, options).run()
        #expect(try caseFile.count("SELECT count(*) FROM source WHERE state = 'complete' AND member IS NOT NULL") == 3)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 6)
        let damaged = try caseFile.read {
            try Row.fetchAll($0, sql: "SELECT path, member, reason FROM source WHERE state = 'damaged'").map {
                "\(try $0.decode(String.self, atIndex: 0)) \(try $0.decode(String?.self, atIndex: 1) ?? "-") \(try $0.decode(String.self, atIndex: 2))"
            }
        }
        #expect(damaged.count == 1 && damaged[0].hasPrefix("dump/logs.tar - limit at byte"), "\(damaged)")
    }
}
