import Foundation
import Testing

/// Other people's files, and those that people edited, are never written over.
@Suite struct KeptFileTests {
    private func analyzed() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        return folder
    }

    private func text(_ folder: Folder, _ name: String) throws -> String {
        String(decoding: try folder.data(name), as: UTF8.self)
    }

    @Test("reports do not go to a folder with other files in it, unless that is asked for")
    func reports() throws {
        let folder = try analyzed()
        try folder.write("mine/exposures.csv", "mine\n")
        try folder.write("mine/README.md", "mine\n")
        for command in [["report"], ["analyze", "dump"], ["analyze", "dump", "--case", "new.sqlite"]] {
            let run = try Tool.run(command + ["--reports", "mine"], in: folder.url)
            #expect(run.status == 73, "\(run.errors)")
            for part in ["mine: holds 2 files", "README.md, exposures.csv", "another folder", "--overwrite"] {
                #expect(run.errors.contains(part), "\(run.errors)")
            }
        }
        #expect(!folder.exists("new.sqlite"), "nothing is read for nothing")
        #expect(try text(folder, "mine/exposures.csv") == "mine\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/mine").count == 2)
        #expect(try Tool.run(["report", "--json", "--reports", "mine"], in: folder.url).status == 0)

        #expect(try Tool.run(["report", "--reports", "mine", "--overwrite", "-q"], in: folder.url).status == 0)
        #expect(try folder.data("mine/exposures.csv") == folder.data("reports/exposures.csv"))
        #expect(try text(folder, "mine/README.md") == "mine\n")
    }

    @Test(
        "reports are written again where they are, also after a run that was interrupted, and never over a file of another's"
    )
    func again() throws {
        let folder = try analyzed()
        try folder.write("reports/notes.md", "mine\n")
        #expect(try Tool.run(["report", "-q"], in: folder.url).status == 0)
        #expect(try text(folder, "reports/notes.md") == "mine\n")
        // As a killed run leaves it: some reports, no manifest, and the mark that was set first.
        try folder.shell(
            "mkdir cut && cp reports/exposures.csv cut && touch cut/.strayframe-writing cut/report.html.new")
        #expect(try Tool.run(["report", "--reports", "cut", "-q"], in: folder.url).status == 0)
        try folder.shell("rm reports/notes.md; diff -r reports cut")
        // A name that the next run would write, and that none before has.
        try folder.write("reports/exposures.jsonl", "mine\n")
        let run = try Tool.run(["report", "--format", "jsonl"], in: folder.url)
        #expect(run.status == 73 && run.errors.contains("(exposures.jsonl)"), "\(run.errors)")
        #expect(try text(folder, "reports/exposures.jsonl") == "mine\n")
    }

    @Test("a publication does not go to a folder with other files in it, unless that is asked for")
    func publication() throws {
        let folder = try analyzed()
        try folder.write("mine/aggregates.json", "{}\n")
        let run = try Tool.run(["publish", "--out", "mine"], in: folder.url)
        #expect(run.status == 73 && run.errors.contains("aggregates.json"), "\(run.errors)")
        #expect(try text(folder, "mine/aggregates.json") == "{}\n")
        for _ in 1...2 { #expect(try Tool.run(["publish", "--out", "public", "-q"], in: folder.url).status == 0) }
        #expect(try Tool.run(["publish", "--out", "mine", "--overwrite", "-q"], in: folder.url).status == 0)
        try folder.shell("diff -r mine public")
    }

    @Test("an edited notice is kept, its new draft lies beside it, and what was stated is in every draft")
    func notices() throws {
        let folder = try analyzed()
        func notice(_ options: String...) throws -> Tool.Result {
            try Tool.run(["notice", "--out", "notice"] + options, in: folder.url)
        }
        try #require(try notice().status == 0)
        let blank = try text(folder, "notice/authority.md")
        #expect(blank.contains("- The controller became aware: \\_\\_\\_\\_\n"))

        let stated = try notice(
            "--aware", "2019-12-27T08:00:00+01:00", "--detected", "2019-12-26T20:00:00Z", "--contained", "2019-12-28",
            "--controller", "Example GmbH, dpo@example.org")
        #expect(stated.status == 0 && stated.errors == "", "\(stated.errors)")
        let filled = try text(folder, "notice/authority.md")
        for part in [
            "- The controller became aware: 27 Dec 2019, 07:00:00 UTC; 72 hours end on 30 Dec 2019, 07:00:00 UTC\n",
            "| Detected | 26 Dec 2019, 20:00:00 UTC | stated |", "| Contained | 28 Dec 2019, 00:00:00 UTC | stated",
            "contact (Article 33(3)(b)): Example GmbH, dpo\\@example.org\n",
        ] {
            #expect(filled.contains(part), "\(part)")
        }
        #expect(try text(folder, "notice/accounts/000001.md").contains("\nController: Example GmbH"))

        // Edited, and drafted again with another fact: nothing of the edit is lost.
        try folder.write("notice/authority.md", filled + "\nOur own words.\n")
        let again = try notice("--aware", "none")
        #expect(again.status == 0)
        for part in ["notice/authority.md: was edited and is kept", "notice/authority.draft.md"] {
            #expect(again.errors.contains(part), "\(again.errors)")
        }
        #expect(try text(folder, "notice/authority.md").hasSuffix("\nOur own words.\n"))
        let draft = try text(folder, "notice/authority.draft.md")
        #expect(draft.contains("- The controller became aware: \\_\\_\\_\\_\n") && draft.contains("Example GmbH"))
        #expect(!folder.exists("notice/accounts.draft.csv"))

        // The journal has what was stated, and the case is whole.
        try folder.shell("sqlite3 case.sqlite \"SELECT detail FROM journal WHERE action = 'facts'\" >facts")
        #expect(try text(folder, "facts").split(separator: "\n").count == 2)
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
    }

    @Test(
        "notices do not go to a folder with other files, or with those of another case; those of nobody's are taken away"
    )
    func folders() throws {
        let folder = try analyzed()
        try folder.write("mine/authority.md", "mine\n")
        let run = try Tool.run(["notice", "--out", "mine"], in: folder.url)
        #expect(run.status == 73 && run.errors.contains("authority.md"), "\(run.errors)")
        #expect(try text(folder, "mine/authority.md") == "mine\n")

        try #require(try Tool.run(["notice", "--out", "notice", "-q"], in: folder.url).status == 0)
        try #require(
            try Tool.run(["analyze", "dump", "--case", "b.sqlite", "--reports", "b", "-q"], in: folder.url).status == 0)
        let other = try Tool.run(["notice", "--case", "b.sqlite", "--out", "notice"], in: folder.url)
        #expect(other.status == 73 && other.errors.contains("another case"), "\(other.errors)")

        // Bob's camera becomes alice's: nobody is exposed any more, unless somebody edited the file.
        #expect(folder.exists("notice/accounts/000001.md"))
        try folder.write("more/cameras.csv", "camera,owner,from,until,model\ncam-b,alice,,,m\n")
        try folder.shell(
            "sqlite3 case.sqlite \"SELECT 1\" >/dev/null; sed -i 's/cam-b,bob/cam-b,alice/' dump/cameras.csv")
        try folder.shell("rm case.sqlite")
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        let fresh = try Tool.run(["notice", "--out", "fresh"], in: folder.url)
        #expect(fresh.status == 0 && fresh.output.contains("accounts/ with 0 files"), "\(fresh.output)\(fresh.errors)")
    }

    @Test("a time that is none is refused before anything is written")
    func times() throws {
        let folder = try analyzed()
        let run = try Tool.run(["notice", "--out", "notice", "--aware", "yesterday"], in: folder.url)
        #expect(run.status == 64 && run.errors.contains("--aware: 'yesterday' is no time"), "\(run.errors)")
        #expect(!folder.exists("notice"))
    }
}
