import Foundation
import Testing

/// The commands that only look: what a run would do, and how the machine and a case stand.
@Suite struct LookTests {
    private func contents(_ folder: Folder) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).filter { !$0.hasPrefix(".std") }.sorted()
    }

    private func sql(_ text: String, _ folder: Folder) throws -> [String] {
        try folder.write("ask.sql", text)
        try folder.shell("sqlite3 case.sqlite <ask.sql >answer")
        return String(decoding: try folder.data("answer"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("a plan writes nothing and names for each profile the files and bytes that the run then reads")
    func plan() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write(
            "dump/relay/more.ndjson", (10..<50).map { SmallDump.line(requester: "eve", second: $0) }.joined())
        try folder.write("dump/notes.txt", "no log at all\n")
        try folder.write("dump/empty.log", "")
        try folder.shell(
            """
            zstd -q --rm dump/cache/edge.ndjson
            mkdir two; cp dump/relay/edge.ndjson two/a.log; sed 's/edge/other/' two/a.log >two/b.log; tar cf dump/two.tar -C two .
            head -c 40 dump/cache/edge.ndjson.zst >dump/cut.zst
            ln -s relay dump/link; mkfifo dump/pipe
            """)
        let before = try contents(folder)
        let plan = try Tool.run(["analyze", "dump", "--dry-run"], in: folder.url)
        #expect(plan.status == 0, "\(plan.errors)")
        #expect(try contents(folder) == before)
        for name in ["notes.txt", "empty.log", "cut.zst", "link", "pipe"] {
            #expect(plan.output.contains(try Regex("dump/\(name): .{4}")), "\(plan.output)")
        }

        try folder.shell("rm dump/pipe")
        try #require([0, 74].contains(try Tool.run(["ingest", "dump", "-q"], in: folder.url).status))
        let read = try sql(
            """
            SELECT profile || ' ' || count(*) || ' ' || printf('%.1f', sum(size) / 1e6) FROM
                (SELECT min(profile) AS profile, size FROM source WHERE state = 'complete' GROUP BY path)
            GROUP BY profile ORDER BY 1
            """, folder)
        let planned = plan.output.split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("in all") }
            .map { $0.split(separator: " ").joined(separator: " ") }.sorted()
        #expect(planned == read && read.count == 4)
    }

    @Test("a dry run says what the first lines leave open, and nothing that was stated")
    func foresight() throws {
        let folder = try Folder()
        func line(_ second: Int) -> String {
            #"{"ts":"2019-12-26T10:00:\#(second).000000Z","requester":"eve","camera":"cam-a","key":"slot/1","cache":"ODD","status":200,"bytes":9000}"#
                + "\n"
        }
        try folder.write("dump/edge-1/access.ndjson", (10..<20).map(line).joined())
        try folder.write("dump/edge-2/access.ndjson", (20..<30).map(line).joined())
        let bare = try Tool.run(["analyze", "dump", "--dry-run"], in: folder.url)
        for name in ["one_cache_per_log", "fill_log_whole", "verdicts_known", "rights_known", "accounts_known"] {
            #expect(bare.output.contains("  \(name): "), "\(name) in \(bare.output)")
        }
        #expect(bare.output.contains("ODD (20)"))
        try folder.write("dump/accounts.csv", "account\neve\n")
        let stated = try Tool.run(
            ["analyze", "dump", "--dry-run", "--no-grants", "--node-from-path", "edge-{value}/"], in: folder.url)
        for name in ["one_cache_per_log", "rights_known", "accounts_known"] {
            #expect(!stated.output.contains(name), "\(name) in \(stated.output)")
        }
    }

    @Test("a plan of what is not there, or of nothing that can be read, says so")
    func noPlan() throws {
        let folder = try Folder()
        try folder.write("dump/notes.txt", "no log at all\n")
        #expect(try Tool.run(["ingest", "missing", "--plan"], in: folder.url).status == 66)
        #expect(try Tool.run(["ingest", "dump", "--plan"], in: folder.url).status == 65)
    }

    @Test("the doctor finds a whole case well, and writes nothing")
    func well() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        let before = try folder.data("case.sqlite")
        let files = try contents(folder)
        let run = try Tool.run(["doctor", "--case", "case.sqlite"], in: folder.url)
        #expect(run.status == 0 && !run.output.contains("problem "), "\(run.output)")
        #expect(try folder.data("case.sqlite") == before && contents(folder) == files)
        let version = try sql("SELECT sqlite_version()", folder)
        #expect(run.output.contains("SQLite \(version[0])"))
    }

    @Test("the doctor names what is not well, and what to do")
    func unwell() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("dump/notes.txt", "no log at all\n")
        try #require(try Tool.run(["ingest", "dump", "-q"], in: folder.url).status == 0)
        func doctor(_ path: String = "case.sqlite", _ environment: [String: String] = [:]) throws -> Tool.Result {
            try Tool.run(["doctor", "--case", path], in: folder.url, environment: environment)
        }
        let early = try doctor()
        #expect(early.status == 0 && early.output.contains(#/warning +correlation /#), "\(early.output)")
        #expect(early.output.contains(#/warning +sources +1 fit no profile, as dump\/notes.txt/#))
        #expect(try doctor("case.sqlite", ["PATH": "/nonexistent"]).output.contains(#/warning +sqlite3 /#))

        try folder.shell("mv dump/relay elsewhere")
        #expect(try doctor().output.contains(#/warning +dump +1 files/#))
        #expect(try doctor("dump/cameras.csv").status == 1)
        #expect(try doctor("missing.sqlite").output.contains(#/problem +case +missing.sqlite: no such case file/#))
        _ = try sql("UPDATE source SET lines = lines + 1", folder)
        let edited = try doctor()
        #expect(edited.status == 1 && edited.output.contains(#/problem +custody +something else/#), "\(edited.output)")
    }
}
