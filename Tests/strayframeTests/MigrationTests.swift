import Foundation
import Testing

/// A case of an earlier version is made anew from the logs where they lie, with all that its journal has.
@Suite struct MigrationTests {
    /// What this version changed of a case is taken back: the tables have another version, and `source` a column less.
    private func age(_ name: String, to version: Int, in folder: Folder) throws {
        try folder.shell(
            """
            sqlite3 \(name) "ALTER TABLE source DROP COLUMN goes_back; PRAGMA user_version = \(version)"
            """)
    }

    private func early() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(
            "mkdir more tables; mv dump/*.csv tables; sed 's/10:00:/11:00:/' dump/relay/edge.ndjson >more/late.ndjson")
        try folder.shell("sed 's/10:00:/11:00:/' dump/cache/edge.ndjson >more/fills.ndjson")
        for words in [
            ["ingest", "dump", "--directory", "tables", "--longest", "30"],
            ["ingest", "more", "--longest", "30"],
            ["correlate", "--scope", "client=nest-hub", "--skew", "7"], ["report", "--reports", "before"],
            ["notice", "--out", "notice", "--controller", "Example GmbH"],
        ] {
            try #require(try Tool.run(words + ["-q"], in: folder.url).status == 0)
        }
        try age("case.sqlite", to: 8, in: folder)
        return folder
    }

    @Test("'migrate' reads the dump again with the options that the journal has, and keeps the earlier case")
    func migrate() throws {
        let folder = try early()
        let old = try folder.data("case.sqlite")
        let refused = try Tool.run(["report"], in: folder.url)
        #expect(
            refused.status == 73 && refused.errors.contains("'strayframe migrate --case case.sqlite'"),
            "\(refused.errors)")
        let run = try Tool.run(["migrate"], in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        for part in ["schema 8", "its 6 files are read again", "the earlier case is case.sqlite.schema-8"] {
            #expect(run.errors.contains(part), "\(run.errors)")
        }
        #expect(try folder.data("case.sqlite.schema-8") == old)
        try #require(try Tool.run(["report", "--reports", "after", "-q"], in: folder.url).status == 0)
        try folder.shell("diff -r before after")
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
        // The case is still the one that the notices are of, and what was stated is known.
        let notice = try Tool.run(["notice", "--out", "notice", "-q"], in: folder.url)
        #expect(notice.status == 0 && notice.errors == "", "\(notice.errors)")
        #expect(String(decoding: try folder.data("notice/authority.md"), as: UTF8.self).contains("Example GmbH"))
        let again = try Tool.run(["migrate"], in: folder.url)
        #expect(again.status == 0 && again.output.contains("is of this version already"))
    }

    @Test("'analyze' migrates by itself and goes on")
    func analyze() throws {
        let folder = try early()
        try folder.write("third/edge.ndjson", SmallDump.line(requester: "alice", second: 45))
        let run = try Tool.run(
            ["analyze", "third", "--longest", "30", "--scope", "client=nest-hub", "--skew", "7"], in: folder.url)
        #expect(run.status == 0 && run.errors.contains("the earlier case is case.sqlite.schema-8"), "\(run.errors)")
        try folder.shell("sqlite3 case.sqlite 'SELECT count(*) FROM deliveries' >count")
        // Two that are deliveries of a frame and a refused one, twice, and one.
        #expect(String(decoding: try folder.data("count"), as: UTF8.self) == "7\n")
    }

    @Test("nothing is done if a file is missing or has changed")
    func missing() throws {
        let folder = try early()
        let old = try folder.data("case.sqlite")
        try folder.shell("echo >>more/late.ndjson")
        let run = try Tool.run(["migrate"], in: folder.url)
        #expect(run.status == 65, "\(run.errors)")
        for part in ["1 of its files", "more/late.ndjson", "put them back"] {
            #expect(run.errors.contains(part), "\(run.errors)")
        }
        #expect(try folder.data("case.sqlite") == old)
        #expect(!folder.exists("case.sqlite.migrating") && !folder.exists("case.sqlite.schema-8"))
    }

    @Test("a case without a journal, and a copy with pseudonyms, are refused and left as they are")
    func refused() throws {
        let folder = try early()
        try folder.shell("cp case.sqlite first.sqlite; sqlite3 first.sqlite 'PRAGMA user_version = 1'")
        #expect(try Tool.run(["migrate", "--case", "first.sqlite"], in: folder.url).status == 73)
        try folder.shell("openssl rand -hex 32 >key")
        try #require(try Tool.run(["migrate", "-q"], in: folder.url).status == 0)
        try #require(
            try Tool.run(["pseudonymize", "--key", "key", "--out", "copy.sqlite"], in: folder.url).status == 0)
        try age("copy.sqlite", to: 8, in: folder)
        let copy = try Tool.run(["migrate", "--case", "copy.sqlite"], in: folder.url)
        #expect(copy.status == 64 && copy.errors.contains("is a copy with pseudonyms"), "\(copy.errors)")
    }
}
