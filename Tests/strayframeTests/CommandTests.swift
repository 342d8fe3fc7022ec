import Foundation
import Queries
import Testing

@Suite struct CommandTests {
    @Test("analyze finds the stray frame, prints the counts and writes the reports")
    func analyze() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let result = try Tool.run(["analyze", "dump"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.errors == "", "nothing but results when nobody watches")
        #expect(result.output.contains("exposures                        1         0\n"))
        let summary = try #require(
            JSONSerialization.jsonObject(with: folder.data("reports/summary.json")) as? [String: Any])
        #expect(summary["exposures_certain"] as? Int == 1)
        #expect(summary["exposed_accounts_certain"] as? Int == 1)
        #expect(summary["receiving_accounts_certain"] as? Int == 1)
        #expect(summary["deliveries"] as? Int == 2)
        #expect(summary["first_exposure"] as? String == "2019-12-26T10:00:20.000000Z")
    }

    @Test("the counts can be had without the reports, which are the same when they are written later")
    func countsOnly() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let counts = try Tool.run(["analyze", "dump", "--counts-only"], in: folder.url)
        #expect(counts.status == 0 && counts.output.contains("exposures                        1         0\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "reports").path))
        #expect(try Tool.run(["report", "--reports", "later", "-q"], in: folder.url).status == 0)
        #expect(try Tool.run(["analyze", "dump", "--case", "other.sqlite", "-q"], in: folder.url).status == 0)
        #expect(try folder.data("later/summary.json") == folder.data("reports/summary.json"))
    }

    @Test("the shell has the case's views and the queries, and cannot change anything")
    func shell() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        let before = try folder.data("case.sqlite")
        let pairs = try Tool.run(["shell", "SELECT owner, requester FROM query_pairs"], in: folder.url)
        #expect(pairs.status == 0 && pairs.output == "bob|alice\n", "\(pairs.errors)")
        for query in BundledQuery.all where query.name != "account-story" {
            let view = "query_" + query.name.replacing("-", with: "_")
            let count = try Tool.run(["shell", "SELECT count(*) FROM \(view)"], in: folder.url)
            let rows = try Tool.run(["query", query.name, "--format", "csv"], in: folder.url)
            #expect(count.output == "\(rows.output.split(separator: "\r\n").count - 1)\n", "\(view): \(count.errors)")
        }
        let edit = try Tool.run(["shell", "DELETE FROM exposure"], in: folder.url)
        #expect(edit.status != 0 && edit.errors.contains("readonly"), "\(edit.errors)")
        #expect(try folder.data("case.sqlite") == before)
        #expect(try Tool.run(["shell", "SELECT 1", "--case", "dump/cameras.csv"], in: folder.url).status == 73)
        let bare = try Tool.run(["shell", "SELECT 1"], in: folder.url, environment: ["PATH": "/nonexistent"])
        #expect(bare.status != 0 && bare.errors.contains("apt install sqlite3"))
    }

    @Test("errors and progress can be had as JSON, an object a line, and the results stay where they are")
    func logFormat() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let run = try Tool.run(["analyze", "dump", "--log-format", "json"], in: folder.url)
        let lines = try run.errors.split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
        }
        // One for each stage.
        #expect(run.status == 0 && lines.count == 2 && lines.allSatisfy { $0["level"] as? String == "info" })
        let figures = try #require(lines.last?["figures"] as? [String: Int])
        #expect(figures["lines"] == 9 && figures["rejected"] == 0)
        #expect(run.output == (try Tool.run(["analyze", "dump"], in: folder.url).output))
        #expect(try Tool.run(["analyze", "dump", "--log-format", "json", "-q"], in: folder.url).errors == "")

        let missing = try Tool.run(["report", "--case", "a\u{1b}b.sqlite", "--log-format", "json"], in: folder.url)
        let error = try #require(JSONSerialization.jsonObject(with: Data(missing.errors.utf8)) as? [String: Any])
        #expect(missing.status == 66 && error["level"] as? String == "error")
        #expect((error["message"] as? String)?.contains("a\u{1b}b.sqlite") == true)
        #expect(!missing.errors.contains("\u{1b}"))
    }

    @Test("the version names the commit, and the journal the version")
    func version() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let version = try Tool.run(["--version"], in: folder.url).output.trimmingCharacters(in: .newlines)
        #expect(version.contains(/^\d+\.\d+\.\d+( \([0-9a-f]{12}(, changed since)?\))?$/), "\(version)")
        try #require(Tool.run(["ingest", "dump", "-q"], in: folder.url).status == 0)
        #expect(try sql("SELECT DISTINCT tool FROM journal", folder) == "strayframe \(version)\n")
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL.path
        try folder.shell("git -C '\(root)' rev-parse --short=12 HEAD >commit 2>/dev/null || : >commit")
        let commit = String(decoding: try folder.data("commit"), as: UTF8.self).trimmingCharacters(in: .newlines)
        #expect(version.contains(commit))
    }

    @Test("a misspelt name is answered with the one that was meant, and nonsense with none")
    func nearest() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try Tool.run(["analyze", "dump", "-q"], in: folder.url)
        func errors(_ words: String...) throws -> String { try Tool.run(words, in: folder.url).errors }
        #expect(try errors("query", "exposd-accounts").contains("did you mean 'exposed-accounts'?"))
        #expect(try errors("query", "pairs", "--param", "requestr=1").contains("did you mean 'requester'?"))
        #expect(try errors("profiles", "show", "nginx-jsno").contains("did you mean 'nginx-json'?"))
        #expect(try errors("profiles", "show", "nginxx").contains("did you mean 'nginx-"))
        #expect(try errors("analize", "dump").contains("did you mean 'analyze'?"))
        #expect(try errors("analyze", "dump", "--reprots", "r").contains("--reports"))
        #expect(try Tool.run(["weather"], in: folder.url).status == 64)
        for other in try [errors("query", "weather"), errors("query", "x"), errors("profiles", "show", "zebra")] {
            #expect(!other.isEmpty && !other.contains("did you mean"))
        }
    }

    @Test("a draft comes from the lines of a compressed file, and none of what is no log")
    func draft() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("notes.txt", "no log\n")
        try folder.write("empty", "")
        try folder.shell("zstd -q dump/relay/edge.ndjson -o relay.zst")
        let draft = try Tool.run(["profiles", "draft", "relay.zst", "--name", "mine"], in: folder.url)
        #expect(draft.status == 0 && draft.errors.contains("native-relay reads it already"))
        #expect(draft.errors.contains("3 of 3 lines"))
        try folder.write("mine.yaml", draft.output)
        let trial = try Tool.run(["profiles", "test", "relay.zst", "--profile", "mine.yaml"], in: folder.url)
        #expect(trial.status == 0 && trial.output.contains("requester=alice") && trial.output.contains(": mine"))
        #expect(try Tool.run(["profiles", "draft", "notes.txt"], in: folder.url).status == 65)
        let empty = try Tool.run(["profiles", "draft", "empty"], in: folder.url)
        #expect(empty.status == 65 && empty.errors.contains("has no line") && empty.output.isEmpty)
        let two = try Tool.run(["profiles", "draft", "relay.zst", "--lines", "2"], in: folder.url)
        #expect(two.status == 0 && two.errors.contains("2 of 2 lines"))
        #expect(try Tool.run(["profiles", "draft", "relay.zst", "--lines", "0"], in: folder.url).status == 64)
        // More than the sample by which profiles are recognised, on one line.
        let long = String(repeating: "x", count: 1_000_000) + "\n"
        let relay = try String(contentsOf: folder.url.appending(path: "dump/relay/edge.ndjson"), encoding: .utf8)
        try folder.write("long.log", long + relay)
        let past = try Tool.run(["profiles", "draft", "long.log"], in: folder.url)
        #expect(past.status == 0 && past.errors.contains("3 of 4 lines") && past.output.contains("syntax: json"))
        #expect(try Tool.run(["profiles", "draft", "missing"], in: folder.url).status == 66)
    }

    @Test(
        "stamps at both ends of the calendar spoil no report",
        arguments: ["9999-12-31T23:59:59Z", "0001-01-01T00:00:01Z"])
    func farStamps(_ stamp: String) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let line = SmallDump.line(requester: "alice", second: 30)
        try folder.write(
            "dump/relay/other.ndjson", line.replacingOccurrences(of: "2019-12-26T10:00:30.000000Z", with: stamp))
        #expect(try Tool.run(["analyze", "dump", "--quiet"], in: folder.url).status == 0)
        let page = try String(contentsOf: folder.url.appending(path: "reports/report.html"), encoding: .utf8)
        #expect(page.contains("26 Dec 2019"))
    }

    @Test("every exit code means what sysexits says")
    func exitCodes() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("empty/README", "no log at all\n")
        func status(_ arguments: String...) throws -> Int32 { try Tool.run(arguments, in: folder.url).status }
        #expect(try status("analyze", "dump", "--fail-on-exposure", "--quiet") == 1)
        #expect(try status("analyze") == 64)
        #expect(try status("analyze", "dump", "--scope", "network=poor") == 64)
        #expect(try status("analyze", "dump", "--scope", "nonsense") == 64)
        for bound in ["nan", "inf", "1e99", "-5", "2s", "86400001"] {
            #expect(try status("analyze", "dump", "--skew=\(bound)") == 64)
        }
        for jobs in ["0", "-1", "1025", "100000"] {
            #expect(try status("analyze", "dump", "--jobs=\(jobs)") == 64)
        }
        #expect(try status("query", "no-such-query") == 64)
        #expect(try status("query", "pairs", "--param", "nobody=1") == 64)
        #expect(try status("analyze", "empty", "--case", "other.sqlite") == 65)
        #expect(try status("analyze", "missing") == 66)
        #expect(try status("report", "--case", "missing.sqlite") == 66)
        #expect(!folder.exists("missing.sqlite"))
        #expect(try status("analyze", "dump", "--case", "no/such/folder/case.sqlite") == 73)
        #expect(try status("--version") == 0)
    }

    @Test("the steps on their own come to the same, and nothing is told of a case that has grown since")
    func steps() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        func status(_ arguments: String...) throws -> Int32 {
            try Tool.run(arguments + ["--quiet"], in: folder.url).status
        }
        try #require(try status("analyze", "dump", "--case", "whole.sqlite", "--reports", "whole") == 0)
        /// The questions that are not answered.
        func unanswered() throws -> Set<String> {
            let unanswered = try BundledQuery.all.map(\.name).filter { name in
                let needs = BundledQuery.named(name)?.requiredParameters ?? []
                let run = try Tool.run(["query", name] + needs.flatMap { ["--param", "\($0)=alice"] }, in: folder.url)
                #expect(run.status == 0 || run.status == 65 && run.output == "" && run.errors.contains("correlate"))
                return run.status == 65
            }
            return Set(unanswered)
        }
        // All that the logs alone can tell.
        let others = Set(BundledQuery.all.map(\.name)).subtracting(["rejects-by-reason", "source-coverage"])
        #expect(try status("ingest", "dump") == 0)
        #expect(try status("report") == 65)
        #expect(try unanswered() == others)
        #expect(try status("correlate") == 0)
        #expect(try status("report") == 0)
        #expect(try unanswered() == [])
        #expect(try folder.data("reports/exposures.csv") == folder.data("whole/exposures.csv"))
        let pairs = try Tool.run(["query", "pairs", "--format", "csv"], in: folder.url).output
        let exposure = try #require(pairs.split(separator: "\r\n").last?.split(separator: ",").last)
        #expect(try Tool.run(["explain", String(exposure)], in: folder.url).status == 0)
        try folder.write(
            "more/relay.ndjson",
            #"{"ts":"2019-12-26T11:00:00Z","node":"edge","requester":"bob","camera":"cam-b","key":"slot/1","status":200}"#
                + "\n")
        #expect(try status("ingest", "more") == 0)
        #expect(try status("report") == 65)
        #expect(try unanswered() == others)
        #expect(try Tool.run(["explain", String(exposure)], in: folder.url).status == 65)
    }

    @Test("a file that is no case is refused and left as it was")
    func foreignFile() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("notes.txt", "my notes")
        let refused = try Tool.run(["analyze", "dump", "--case", "notes.txt"], in: folder.url)
        #expect(refused.status == 73)
        #expect(refused.errors.contains("notes.txt: is not a strayframe case file"))
        #expect(try folder.data("notes.txt") == Data("my notes".utf8))
    }

    @Test("a database of somebody else is refused and left as it was")
    func foreignDatabase() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let sqlite = Process()
        sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        sqlite.arguments = [
            "sqlite3", folder.url.appending(path: "other.db").path, "CREATE TABLE t(x); INSERT INTO t VALUES (1)",
        ]
        try sqlite.run()
        sqlite.waitUntilExit()
        let before = try folder.data("other.db")
        #expect(try Tool.run(["ingest", "dump", "--case", "other.db"], in: folder.url).status == 73)
        #expect(try folder.data("other.db") == before)
    }

    @Test("explain shows the raw lines, and says so when the dump has changed")
    func explain() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try Tool.run(["analyze", "dump", "--quiet"], in: folder.url)
        let rows = try String(decoding: folder.data("reports/exposures.csv"), as: UTF8.self).split(separator: "\r\n")
        let id = try #require(rows.dropFirst().first?.split(separator: ",").first.map(String.init))
        let proof = try Tool.run(["explain", id], in: folder.url)
        #expect(proof.status == 0)
        #expect(proof.output.contains(#""ts":"2019-12-26T10:00:20.000000Z","node":"edge","requester":"alice""#))
        #expect(proof.output.contains(#""frame":"f-2","camera":"cam-b""#))
        #expect(proof.output.contains("cam-b,bob"))

        try folder.write("dump/relay/edge.ndjson", "changed\n")
        let changed = try Tool.run(["explain", id], in: folder.url)
        #expect(changed.status == 74)
        #expect(changed.output.contains("NOT VERIFIED: the file has changed since it was ingested"))
        let verdict = try Tool.run(["verify"], in: folder.url)
        #expect(verdict.status == 1)
        #expect(verdict.output.contains("FAILED every source has the SHA-256"))
        #expect(try Tool.run(["explain", "000000000000:1"], in: folder.url).status == 65)
    }

    @Test("verify passes on a case that nobody touched, and finds a count that somebody changed")
    func verify() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try Tool.run(["analyze", "dump", "--quiet"], in: folder.url)
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
        try sql("DELETE FROM candidate; DELETE FROM exposure", folder)
        let verdict = try Tool.run(["verify"], in: folder.url)
        #expect(verdict.status == 1)
        #expect(verdict.output.contains("FAILED the deliveries add up"))
    }

    @Test("the journal says with which words each step was called")
    func journalArguments() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try Tool.run(["ingest", "dump", "--quiet"], in: folder.url)
        try Tool.run(["correlate", "--quiet", "--skew", "7"], in: folder.url)
        let called = try sql(
            "SELECT group_concat(action || ' ' || (SELECT group_concat(value, ' ') FROM json_each(arguments) WHERE key > 0), ';')"
                + " FROM journal WHERE action IN ('ingest', 'correlate')", folder)
        #expect(called == "ingest ingest dump --quiet;correlate correlate --quiet --skew 7\n")
    }

    @discardableResult
    private func sql(_ text: String, _ folder: Folder) throws -> String {
        let sqlite = Process()
        let output = Pipe()
        sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        sqlite.arguments = ["sqlite3", folder.url.appending(path: "case.sqlite").path, text]
        sqlite.standardOutput = output
        try sqlite.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        sqlite.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }

    @Test("every file of Queries is a bundled query, in order of name")
    func queries() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Queries")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
        #expect(BundledQuery.all.map { $0.name + ".sql" } == files.sorted())
    }

    @Test("every bundled query runs, and alike in the sqlite3 shell", arguments: BundledQuery.all.map(\.name))
    func query(_ name: String) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try Tool.run(["analyze", "dump", "--quiet"], in: folder.url)
        let query = try #require(BundledQuery.named(name))
        #expect(query.header.contains { $0.hasPrefix("Parameters:") })
        #expect(query.header.contains { $0.hasPrefix("Columns:") })
        let needs = query.requiredParameters
        let values = needs.flatMap { ["--param", "\($0)=alice"] }
        let ours = try Tool.run(
            ["query", name, "--format", "csv"] + values, in: folder.url)
        #expect(ours.status == 0, "\(ours.errors)")
        try folder.write("query.sql", needs.reduce(query.sql) { $0.replacing(":\($1)", with: "'alice'") })
        let shell = Process()
        let output = folder.url.appending(path: "shell.csv")
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "sqlite3 -csv -header case.sqlite < query.sql > shell.csv"]
        shell.currentDirectoryURL = folder.url
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        let theirs = try String(contentsOf: output, encoding: .utf8)
        // The shell prints no header where there is no row.
        if !theirs.isEmpty {
            #expect(
                ours.output.replacing("\r\n", with: "\n").replacing("\"", with: "")
                    == theirs.replacing("\r\n", with: "\n").replacing("\"", with: ""))
        }
        for format in ["table", "json", "markdown"] {
            #expect(try Tool.run(["query", name, "--format", format] + values, in: folder.url).status == 0)
        }
    }

    @Test(
        "every command has help with an example",
        arguments: [
            "analyze", "ingest", "correlate", "report", "notice", "pseudonymize", "query", "shell", "explain", "verify",
            "doctor", "profiles list", "profiles show", "profiles test", "profiles draft", "profiles convert",
            "profiles schema", "normalize", "sample", "survey", "frames", "sweep", "evidence", "import",
        ])
    func help(_ command: String) throws {
        let folder = try Folder()
        let help = try Tool.run(command.split(separator: " ").map(String.init) + ["--help"], in: folder.url)
        #expect(help.status == 0)
        #expect(help.output.contains("strayframe \(command)"))
        #expect(help.output.contains("EXAMPLES"))
    }

    @Test("a profile of one's own reads a log that nobody else knows, and a wrong one says where")
    func ownProfile() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("dump/relay/edge.ndjson", "2019-12-26T10:00:20.000000Z|edge|alice|slot/1|HIT|200\n")
        try folder.write(
            "my.yaml",
            """
            name: mine
            syntax: delimited
            delimiter: '|'
            columns: [when, where, who, what, verdict, code]
            delivery: {time: when, node: where, requester: who, key: what, cache: verdict, status: code}

            """)
        #expect(try Tool.run(["analyze", "dump", "--profile", "my.yaml", "--quiet"], in: folder.url).status == 0)
        let sources = try String(decoding: folder.data("reports/sources.csv"), as: UTF8.self)
        #expect(sources.contains("dump/relay/edge.ndjson,,complete,mine,"))
        try folder.write("wrong.yaml", "name: mine\nsyntax: json\ndelivery:\n  requestor: who\n")
        let wrong = try Tool.run(["analyze", "dump", "--profile", "wrong.yaml"], in: folder.url)
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains("wrong.yaml:4: 'requestor' is not one of"))
    }

    @Test("profiles can be listed, shown and tested")
    func profiles() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try Tool.run(["profiles"], in: folder.url).output.contains("nginx-json"))
        #expect(try Tool.run(["profiles", "show", "squid"], in: folder.url).output.contains("syntax: pattern"))
        let trial = try Tool.run(["profiles", "test", "dump/relay/edge.ndjson"], in: folder.url)
        #expect(trial.status == 0)
        #expect(trial.output.contains("native-relay"))
        #expect(trial.output.contains("requester=alice"))
        #expect(try Tool.run(["profiles", "test", "dump/nothing"], in: folder.url).status == 66)
    }
}
