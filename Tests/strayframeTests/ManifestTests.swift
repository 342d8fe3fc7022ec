import Foundation
import Testing

/// Who holds report files can tell whether they are those that were written, by whom, and of which case.
@Suite struct ManifestTests {
    /// The key pair of RFC 8410, sections 10.1 and 10.3.
    private static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """
    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """

    private func signed() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("key.pem", Self.privateKey)
        try folder.write("public.pem", Self.publicKey)
        let run = try Tool.run(["analyze", "dump", "--sign", "key.pem", "-q"], in: folder.url)
        try #require(run.status == 0, "\(run.errors)")
        return folder
    }

    private func verify(_ folder: Folder, _ more: [String] = ["--public-key", "public.pem"]) throws -> Tool.Result {
        try Tool.run(["verify", "--manifest", "reports/manifest.json"] + more, in: folder.url)
    }

    @Test("OpenSSL finds the signature valid, and sha256sum every hash")
    func byOthers() throws {
        let folder = try signed()
        try folder.shell(
            """
            cd reports
            openssl pkeyutl -verify -pubin -inkey ../public.pem -rawin -in manifest.json -sigfile manifest.json.sig
            """)
        let manifest = try JSONSerialization.jsonObject(with: folder.data("reports/manifest.json")) as? [String: Any]
        let files = try #require(manifest?["files"] as? [[String: Any]])
        let names = Set(files.compactMap { $0["name"] as? String })
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path)
        #expect(names == Set(found).subtracting(["manifest.json", "manifest.json.sig"]))
        let sources = try #require(manifest?["sources"] as? [[String: Any]])
        #expect(sources.count == 4)
        for (folderName, list, key) in [("reports", files, "name"), (".", sources, "path")] {
            let sums = list.map { "\($0["sha256"] as? String ?? "")  \($0[key] as? String ?? "")\n" }.joined()
            try folder.write("sums", sums)
            try folder.shell("cd \(folderName) && sha256sum --quiet -c \(folderName == "." ? "" : "../")sums")
        }
    }

    @Test("an edit of any report file, of the manifest or of its signature is found")
    func edits() throws {
        let folder = try signed()
        let whole = try verify(folder)
        #expect(whole.status == 0, "\(whole.output)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path)
        for name in files {
            let bytes = try folder.data("reports/\(name)")
            for edit in ["printf x >> reports/\(name)", "rm reports/\(name)"] {
                try folder.shell(edit)
                let run = try verify(folder)
                let status: Int32 = name == "manifest.json" && edit.hasPrefix("rm") ? 66 : 1
                let isAppended = name == "manifest.json" && !edit.hasPrefix("rm")
                // What is no JSON any more is no manifest.
                #expect(isAppended ? [1, 64].contains(run.status) : run.status == status, "\(edit): \(run.output)")
                #expect((run.output + run.errors).contains(name), "\(edit)")
                try bytes.write(to: folder.url.appending(path: "reports/\(name)"))
            }
        }
        try folder.shell("sed -i 's/\"strayframe /\"strayframf /' reports/manifest.json")
        #expect(try verify(folder).status == 1, "the signature is of other bytes")
        #expect(
            try verify(folder, []).status == 0, "no signature was asked for, and every file is the one that is listed")
    }

    @Test("another key does not pass, nor what is no key")
    func keys() throws {
        let folder = try signed()
        try folder.shell(
            "openssl genpkey -algorithm ed25519 -out o.pem && openssl pkey -in o.pem -pubout -out other.pem")
        #expect(try verify(folder, ["--public-key", "other.pem"]).status == 1)
        try folder.shell("openssl genpkey -algorithm x25519 -out x.pem && openssl pkey -in x.pem -pubout -out xpub.pem")
        for file in ["key.pem", "xpub.pem", "dump/cameras.csv", "nothing.pem"] {
            let run = try verify(folder, ["--public-key", file])
            #expect(run.status == 64 && run.errors.contains(file), "\(file): \(run.errors)")
        }
        for file in ["public.pem", "x.pem"] {
            let run = try Tool.run(["report", "--sign", file], in: folder.url)
            #expect(run.status == 64 && run.errors.contains(file), "\(file): \(run.errors)")
        }
    }

    @Test("reports are held against the case, and are its reports no more once it has changed")
    func caseChanges() throws {
        let folder = try signed()
        let whole = try verify(folder, ["--case", "case.sqlite"])
        #expect(whole.status == 0, "\(whole.output)")
        try #require(try Tool.run(["report", "--reports", "again", "-q"], in: folder.url).status == 0)
        #expect(try verify(folder, ["--case", "case.sqlite"]).status == 0, "the same reports, written twice")
        try #require(try Tool.run(["correlate", "--scope", "client=nest-hub", "-q"], in: folder.url).status == 0)
        let later = try verify(folder, ["--case", "case.sqlite"])
        #expect(later.status == 1 && later.output.contains("correlate"), "\(later.output)")
        try folder.shell("rm case.sqlite")
        try #require(try Tool.run(["ingest", "dump", "-q"], in: folder.url).status == 0)
        let other = try verify(folder, ["--case", "case.sqlite"])
        #expect(other.status == 1 && other.output.contains("journal does not have them"), "\(other.output)")
    }

    @Test("a file that was put beside the reports is named")
    func added() throws {
        let folder = try signed()
        #expect(try verify(folder).status == 0)
        try folder.write("reports/exposures-corrected.csv", "id\n")
        let found = try verify(folder)
        #expect(found.status == 1 && found.output.contains("exposures-corrected.csv"), "\(found.output)")
    }

    @Test("no report of an earlier run stays in a format that the later one does not write")
    func stale() throws {
        let folder = try signed()
        func report(_ formats: String...) throws -> Set<String> {
            let run = try Tool.run(
                ["report", "--reports", "reports", "-q"] + formats.flatMap { ["--format", $0] }, in: folder.url)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try verify(folder, []).status == 0)
            return Set(
                try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path))
        }
        let all = try report("csv", "jsonl", "l2tcsv")
        #expect(all.contains("exposures.jsonl") && all.contains("timeline.l2t.csv"))
        let fewer = try report("csv")
        #expect(!fewer.contains("exposures.jsonl") && !fewer.contains("timeline.l2t.csv"))
        // The timeline has always this form too.
        #expect(fewer.contains("timeline.jsonl") && fewer.contains("exposures.csv"))
        #expect(try report("jsonl").contains("exposures.csv") == false)
    }

    @Test("folders that a run makes are their owner's alone, and the names of files name nobody")
    func modes() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(
            try Tool.run(["analyze", "dump", "--reports", "new/reports", "-q"], in: folder.url).status == 0)
        try #require(try Tool.run(["notice", "--out", "new/notice", "-q"], in: folder.url).status == 0)
        try #require(try Tool.run(["publish", "--out", "new/public", "-q"], in: folder.url).status == 0)
        try folder.shell(
            """
            test -z "$(find new ! -type l -perm /077)" || { find new -perm /077 >&2; exit 1; }
            test "$(ls new/notice/accounts)" = 000001.md
            """)
    }

    @Test("a manifest that is none is refused in words", arguments: ["[]", "{\"tool\":\"x\"}", "no", "{\"tool\":1}"])
    func noManifest(text: String) throws {
        let folder = try Folder()
        try folder.write("reports/manifest.json", text)
        let run = try verify(folder, [])
        #expect(run.status == 64 && run.errors.contains("is not a manifest of reports"), "\(run)")
        for word in ["DecodingError", "CodingKeys", "debugDescription", "Swift"] { #expect(!run.errors.contains(word)) }
    }

    @Test("the same dump gives the same manifest: in another place, by other numbers of threads, read in two goes")
    func reproduction() throws {
        let folder = try signed()
        try folder.shell("mkdir -p else/where && cp -r dump else/where/")
        let place = folder.url.appending(path: "else/where")
        try #require(
            try Tool.run(["ingest", "dump/relay", "dump/cameras.csv", "--jobs", "1", "-q"], in: place).status == 0)
        let run = try Tool.run(["analyze", "dump", "--jobs", "4", "-q"], in: place)
        try #require(run.status == 0, "\(run.errors)")
        #expect(
            try Data(contentsOf: place.appending(path: "reports/exposures.csv")) == folder.data("reports/exposures.csv")
        )
        try #require(
            try Tool.run(["analyze", "dump", "--case", "one.sqlite", "--reports", "one", "-q"], in: place).status == 0)
        #expect(
            try Data(contentsOf: place.appending(path: "one/manifest.json")) == folder.data("reports/manifest.json"))
    }

    @Test("a dump's files are read without a trace: their access times stay")
    func accessTimes() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(
            "gzip -k dump/cache/edge.ndjson && tar cf dump/more.tar dump/relay && rm dump/cache/edge.ndjson")
        // Before the last change, so that even a system that seldom notes it would.
        try folder.shell("find dump -type f -exec touch -a -d 2001-02-03T04:05:06Z {} +")
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        try #require(try Tool.run(["verify"], in: folder.url).status == 0)
        try folder.shell(
            """
            test $(find dump -type f | wc -l) -eq 5
            ! find dump -type f -printf '%A@ %p\\n' | grep -v '^981173106[.]0* ' >&2
            """)
    }

    @Test("no command reaches for the network")
    func offline() throws {
        let folder = try Folder()
        try CrashBench.compileShim(folder)
        try SmallDump.write(to: folder)
        let environment = ["LD_PRELOAD": folder.url.appending(path: "faults.so").path, "FAULT_NETWORK": "1"]
        for words in [
            "analyze dump -q", "report -q", "verify", "query pairs", "notice --out notice", "profiles",
            "profiles show nginx-json",
        ] {
            let run = try Tool.run(
                words.split(separator: " ").map(String.init), in: folder.url, environment: environment)
            #expect(run.status == 0, "\(words): \(run.errors)")
        }
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: "/bin/bash")
        probe.arguments = ["-c", "exec 3<>/dev/tcp/127.0.0.1/9"]
        probe.environment = environment
        probe.standardError = FileHandle.nullDevice
        try probe.run()
        probe.waitUntilExit()
        #expect(probe.terminationStatus == 99, "what would be found")
    }
}
