import Foundation
import Testing

/// What is given away names nobody, and counts as the case does.
@Suite struct PseudonymTests {
    /// Names that must not be found; the key holds one, and so does a line that cannot be read.
    private static let secrets = ["alice", "bob", "cam-a", "cam-b", "f-1", "f-2"]

    private func analyzed() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(
            """
            sed -i 's|slot/1|home-of/alice/1|' dump/relay/edge.ndjson dump/cache/edge.ndjson
            echo 'alice was here' >>dump/relay/edge.ndjson
            openssl rand -hex 32 >key
            """)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        return folder
    }

    private func contents(_ folder: Folder, _ name: String) throws -> [(name: String, data: Data)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.url.appending(path: name).path).compactMap { path in
            (try? folder.data("\(name)/\(path)")).map { (path, $0) }
        }
    }

    private func found(in data: Data) -> [String] { Self.secrets.filter { data.range(of: Data($0.utf8)) != nil } }

    private func pseudonym(of name: String, _ folder: Folder) throws -> String {
        try folder.shell(
            "printf '\(name)' | openssl dgst -sha256 -hmac \"$(cat key)\" | sed 's/.*= //' | cut -c1-20 >hmac")
        return "p-" + String(decoding: try folder.data("hmac"), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    @Test("reports and notices name nobody, have the same counts, and OpenSSL's HMAC for each account")
    func reports() throws {
        let folder = try analyzed()
        let plain = try folder.data("reports/summary.json")
        #expect(try contents(folder, "reports").contains { !found(in: $0.data).isEmpty })
        let report = try Tool.run(
            ["report", "--reports", "public", "--pseudonymize", "key", "--format", "csv", "--format", "jsonl"],
            in: folder.url)
        try #require(report.status == 0, "\(report.errors)")
        let notice = try Tool.run(["notice", "--out", "notice", "--pseudonymize", "key"], in: folder.url)
        try #require(notice.status == 0, "\(notice.errors)")
        for folderName in ["public", "notice"] {
            let files = try contents(folder, folderName)
            #expect(files.count >= 3)
            for file in files {
                #expect(found(in: file.data + Data(file.name.utf8)) == [], "\(folderName)/\(file.name)")
            }
        }
        #expect(try folder.data("public/summary.json") == plain)
        let exposed = String(decoding: try folder.data("public/exposed_accounts.csv"), as: UTF8.self)
        #expect(exposed.contains("\n\(try pseudonym(of: "bob", folder)),certain,"))
        // The case is as it was, knows what was written of it, and nothing lies beside it.
        #expect(
            try Tool.run(["verify", "--manifest", "public/manifest.json", "--case", "case.sqlite"], in: folder.url)
                .status == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(!left.contains { $0.contains("pseudonyms") || $0.hasSuffix(".new") })
    }

    @Test("a copy holds no name anywhere in its bytes, is sound, answers, and is for reading alone")
    func copy() throws {
        let folder = try analyzed()
        func run(_ words: String...) throws -> Tool.Result { try Tool.run(words, in: folder.url) }
        try #require(try run("pseudonymize", "--key", "key", "--out", "public.sqlite").status == 0)
        #expect(try found(in: folder.data("public.sqlite")) == [])
        #expect(try found(in: folder.data("case.sqlite")).count == Self.secrets.count)
        #expect(try run("verify", "--case", "public.sqlite").status == 0)
        let pairs = try run("query", "pairs", "--case", "public.sqlite", "--format", "csv").output
        let (owner, requester) = (try pseudonym(of: "bob", folder), try pseudonym(of: "alice", folder))
        #expect(pairs.contains("\(owner),\(requester),stranger,1,"), "\(pairs)")
        let keys = try run("query", "collisions", "--case", "public.sqlite", "--format", "csv").output
        #expect(keys.contains("home-of/\(requester)/{n}"), "\(keys)")
        #expect(try run("correlate", "--case", "public.sqlite").status == 64)
        #expect(try run("ingest", "dump", "--case", "public.sqlite").status == 64)
        #expect(try run("pseudonymize", "--key", "key", "--out", "public.sqlite").status == 73)
        // A name has the same pseudonym in another case, under the same key alone.
        try #require(try run("pseudonymize", "--key", "key", "--out", "again.sqlite").status == 0)
        #expect(try run("query", "pairs", "--case", "again.sqlite", "--format", "csv").output == pairs)
        try folder.shell("openssl rand -hex 32 >other")
        try #require(try run("pseudonymize", "--key", "other", "--out", "other.sqlite").status == 0)
        #expect(try run("query", "pairs", "--case", "other.sqlite", "--format", "csv").output != pairs)
    }

    @Test("a key that is none is refused before anything is done")
    func keys() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("short", "secret\n")
        for key in ["short", "missing"] {
            let run = try Tool.run(["analyze", "dump", "--pseudonymize", key], in: folder.url)
            #expect(run.status == 64 && run.errors.contains("openssl rand"), "\(run.errors)")
        }
        #expect(!folder.exists("case.sqlite"))
    }

    @Test("of a case with one exposure nothing is published, and a k that singles out is refused")
    func publish() throws {
        let folder = try analyzed()
        let run = try Tool.run(["publish", "--k", "2", "--out", "counts"], in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let files = try contents(folder, "counts")
        #expect(files.map(\.name).sorted() == ["aggregates.csv", "aggregates.json"])
        for file in files { #expect(found(in: file.data) == [], "\(file.name)") }
        let table = String(decoding: try folder.data("counts/aggregates.csv"), as: UTF8.self)
        #expect(table.split(separator: "\r\n").count == 1)
        #expect(try Tool.run(["publish", "--k", "1", "--out", "one"], in: folder.url).status == 64)
        #expect(!folder.exists("one"))
    }
}
