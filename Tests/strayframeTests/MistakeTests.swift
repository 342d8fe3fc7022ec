import Foundation
import Queries
import Testing

/// What people get wrong, and that each message names the file, the line, the value and the way out.
@Suite struct MistakeTests {
    private func small() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        return folder
    }

    private func run(_ words: [String], in folder: Folder) throws -> Tool.Result { try Tool.run(words, in: folder.url) }

    /// Runs a command that has to fail, and expects its message to have each of the words.
    private func expect(
        _ words: [String], in folder: Folder, status: Int32, _ parts: [String],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try run(words, in: folder)
        #expect(run.status == status, "\(words): \(run.errors)", sourceLocation: location)
        for part in parts {
            #expect(run.errors.contains(part), "\(words): \(run.errors)", sourceLocation: location)
        }
        #expect(!run.errors.contains("Usage: strayframe <subcommand>"), "\(run.errors)", sourceLocation: location)
    }

    private func page(_ folder: Folder, _ reports: String = "reports") throws -> String {
        String(decoding: try folder.data("\(reports)/report.html"), as: UTF8.self)
    }

    // MARK: The input

    @Test("tables with semicolons are read as tables with commas are")
    func semicolons() throws {
        let (plain, semicolons) = (try small(), try small())
        try semicolons.shell("sed -i 's/,/;/g' dump/*.csv")
        for folder in [plain, semicolons] {
            let run = try run(["analyze", "dump"], in: folder)
            #expect(run.status == 0 && run.errors == "", "\(run.errors)")
        }
        for name in ["exposures", "exposed_accounts", "affected_accounts"] {
            // The digests of the tables differ, and no row of these names them.
            #expect(try semicolons.data("reports/\(name).csv") == plain.data("reports/\(name).csv"))
        }
    }

    @Test(
        "a misspelt header is named with its file, its line and the column that was meant, and no count is called exact",
        arguments: [
            ("cameras.csv", "camera,ownr,from,until,model", "ownr", "owner"),
            ("grants.csv", "owner,camera,grante,from,until", "grante", "grantee"),
            ("accounts.csv", "acount", "acount", "account"),
            ("rollouts.csv", "rolout,node,from,note", "rolout", "rollout"),
        ])
    func headers(_ name: String, _ header: String, _ column: String, _ meant: String) throws {
        let folder = try small()
        let rows = ["accounts.csv": "alice\nbob\n", "rollouts.csv": "v1,,2019-12-26T00:00:00Z,\n"]
        let text = folder.exists("dump/\(name)") ? String(decoding: try folder.data("dump/\(name)"), as: UTF8.self) : ""
        let body = rows[name] ?? text.split(separator: "\n").dropFirst().map { $0 + "\n" }.joined()
        try folder.write("dump/\(name)", "\(header)\n\(body)")
        let run = try run(["analyze", "dump"], in: folder)
        #expect(run.status == 0)
        for part in ["warning: dump/\(name): not read", "column '\(column)' in line 1", "did you mean '\(meant)'?"] {
            #expect(run.errors.contains(part), "\(run.errors)")
        }
        #expect(run.output.contains("1 files not recognized"), "\(run.output)")
        #expect(try !page(folder).contains("Exact for these logs"))
        // The spelling corrected, nothing stands in the way.
        try folder.write("dump/\(name)", "\(header.replacing(column, with: meant))\n\(body)")
        let again = try Tool.run(["analyze", "dump", "--case", "new.sqlite", "--reports", "new"], in: folder.url)
        #expect(again.status == 0 && again.errors == "", "\(again.errors)")
        #expect(try page(folder, "new").contains("Exact for these logs"))
    }

    @Test("of a column that may hold the times of rights, the file and the name that was meant are told")
    func timeColumn() throws {
        let folder = try small()
        try folder.write(
            "dump/cameras.csv", "camera,owner,form,until,model\ncam-a,alice,2019-01-01T00:00:00Z,,m\ncam-b,bob,,,m\n")
        let run = try run(["analyze", "dump"], in: folder)
        #expect(run.errors.contains("warning: dump/cameras.csv: header: column 'form' is not known"), "\(run.errors)")
        #expect(run.errors.contains("did you mean 'from'?"), "\(run.errors)")
    }

    @Test("a line that is rejected is named, and no count is called exact")
    func rejected() throws {
        let folder = try small()
        try folder.shell("echo '{\"ts\":\"2019' >>dump/relay/edge.ndjson; echo '{\"ts\":' >>dump/relay/edge.ndjson")
        let run = try run(["analyze", "dump"], in: folder)
        #expect(run.status == 0)
        #expect(run.errors.contains("warning: dump/relay/edge.ndjson: line 4: rejected: "), "\(run.errors)")
        #expect(run.errors.contains("and 1 more of its 5 lines; see rejects.csv"), "\(run.errors)")
        let page = try page(folder)
        #expect(!page.contains("Exact for these logs") && page.contains("not all of the dump could be read"))
        #expect(try self.run(["analyze", "dump", "-q"], in: folder).errors == "")
    }

    @Test("an empty folder, and one with nothing but damaged files, say so and name each")
    func nothing() throws {
        let folder = try small()
        try folder.shell(
            """
            mkdir empty damaged tables
            printf '\\037\\213\\010\\000garbage, garbage' >damaged/c.gz; printf '\\050\\265\\057\\375garbage, garbage' >damaged/d.zst
            cp dump/cameras.csv tables
            """)
        try expect(
            ["analyze", "empty"], in: folder, status: 65, ["empty: holds no file", "check the path", "mounted"])
        try expect(
            ["analyze", "damaged", "--case", "d.sqlite"], in: folder, status: 65,
            ["damaged/c.gz: corrupt at byte", "damaged/d.zst: ", "any of 2 files"])
        try expect(
            ["analyze", "tables", "--case", "t.sqlite"], in: folder, status: 65,
            ["no delivery in the one file", "add the logs of the relays"])
        #expect(!folder.exists("reports"))
    }

    // MARK: Options

    @Test("of the formats of one configuration one has to fit, and those that tell of no time are passed over")
    func configuration() throws {
        let folder = try small()
        try folder.write(
            "dump/relay/access.log",
            #"127.0.0.1 - bob [26/Dec/2019:10:00:20 +0000] "GET /v1/cameras/cam-a/x HTTP/1.1" 200 900 k=slot/1 c=HIT"#
                + "\n")
        let main =
            #"log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent k=$key c=$cache';"#
        let others = "log_format agent '$http_user_agent'; log_format times '$time_iso8601 $request_time';"
        let both = main.replacing("$key", with: "$proxy_cache_key").replacing("$cache", with: "$upstream_cache_status")
        let found = try run(["ingest", "dump", "--nginx-log-format", "http { \(others) \(both) }"], in: folder)
        #expect(found.status == 0, "\(found.errors)")
        try folder.shell(
            "sqlite3 case.sqlite \"SELECT profile FROM source WHERE path = 'dump/relay/access.log'\" >profile")
        #expect(try String(contentsOf: folder.url.appending(path: "profile"), encoding: .utf8) == "own-nginx-main\n")
        try expect(
            ["ingest", "dump", "--case", "n.sqlite", "--nginx-log-format", others], in: folder, status: 65,
            ["the first of 2 formats"])
    }

    @Test("a scope that no delivery has is answered with the values there are")
    func scope() throws {
        let folder = try small()
        try #require(try run(["analyze", "dump", "-q"], in: folder).status == 0)
        try expect(
            ["correlate", "--scope", "client=nest-hup"], in: folder, status: 64,
            ["--scope", "'client=nest-hup'", "'nest-hub'"])
        // Each value is there, and no delivery has both.
        try folder.write(
            "more/relay/edge.ndjson",
            #"{"ts":"2019-12-26T10:00:50Z","node":"far","requester":"alice","camera":"cam-a","key":"slot/9","cache":"HIT","status":200,"client":"app"}"#
                + "\n")
        try #require(try run(["ingest", "more", "-q"], in: folder).status == 0)
        let run = try run(["correlate", "--scope", "client=app AND node=edge"], in: folder)
        #expect(run.status == 0 && run.errors.contains("no account's delivery fits all of its terms"), "\(run.errors)")
    }

    @Test("a profile's name that is no file, and a folder, are told apart")
    func profiles() throws {
        let folder = try small()
        try expect(
            ["analyze", "dump", "--profile", "nginx-json"], in: folder, status: 65,
            ["nginx-json fits the first lines of no file", "of line 1"])
        try expect(
            ["analyze", "dump", "--profile", "nginx-json.yaml"], in: folder, status: 64,
            ["--profile nginx-json.yaml: there is no such file", "did you mean 'nginx-json'?", "'strayframe profiles'"])
        try expect(
            ["analyze", "dump", "--profile", "dump"], in: folder, status: 74, ["dump: is a folder", "a file of YAML"])
        for command in ["test", "draft"] {
            try expect(
                ["profiles", command, "dump"], in: folder, status: 66,
                ["dump: is a folder", "'strayframe analyze dump --dry-run'"])
        }
    }

    @Test(
        "a log format that was given to another server's option is sent to its own",
        arguments: [
            ("--nginx-log-format", #"%h %l %u %t "%r" %>s %b"#, "--apache-log-format"),
            (
                "--apache-log-format", #"$remote_addr - $remote_user [$time_local] "$request" $status"#,
                "--nginx-log-format"
            ),
            ("--squid-logformat", "$remote_addr [$time_local] $status", "--nginx-log-format"),
            ("--goaccess-log-format", "$remote_addr [$time_local] $status", "--nginx-log-format"),
            ("--varnishncsa-format", "$remote_addr [$time_local] $status", "--nginx-log-format"),
        ])
    func formats(_ option: String, _ format: String, _ meant: String) throws {
        let folder = try small()
        for command in [["analyze", "dump"], ["profiles", "convert"]] {
            try expect(
                command + [option, format], in: folder, status: 64, ["\(option) '\(format)'", "give it to", meant])
        }
    }

    @Test(
        "a bound with a unit is answered with the number that was meant",
        arguments: [
            ("2s", "2000 for 2s"), ("200ms", "200 for 200ms"), ("1.5 s", "1500 for 1.5 s"), ("-5", "without a unit"),
        ])
    func skew(_ value: String, _ answer: String) throws {
        let folder = try small()
        try expect(["analyze", "dump", "--skew", value], in: folder, status: 64, ["'\(value)'", "--skew", answer])
        try expect(["survey", "--skew", value], in: folder, status: 64, ["'\(value)'", "--skew", answer])
        #expect(!folder.exists("case.sqlite"))
    }

    @Test("a query says which parameter it lacks, and which value is in no line")
    func queries() throws {
        let folder = try small()
        try #require(try run(["analyze", "dump", "-q"], in: folder).status == 0)
        try expect(["query", "account-story"], in: folder, status: 64, ["account-story", "--param account=VALUE"])
        try expect(
            ["query", "account-story", "--param", "account=nobody"], in: folder, status: 65,
            ["--param account=nobody", "no such account", "check the spelling"])
        try expect(
            ["query", "account-story", "--param", "account=Alice"], in: folder, status: 65, ["did you mean 'alice'?"])
        try expect(["query", "pairs", "--param", "owner=bop"], in: folder, status: 65, ["--param owner=bop"])
        try expect(["query", "account-story", "--param", "alice"], in: folder, status: 64, ["write it as name=value"])
        try expect(
            ["query", "coverage-gaps", "--param", "least=many"], in: folder, status: 64, ["least", "'many'", "number"])
        let known = try run(["query", "account-story", "--param", "account=alice"], in: folder)
        #expect(known.status == 0 && known.output.contains("received"))
    }

    @Test("a pattern that takes nothing out of a field is told, with what it has to fit")
    func patterns() throws {
        let folder = try Folder()
        try folder.write(
            "unknown.log",
            "2019-12-26 10:00:00.5|who=alice|GET /live/cam-a/pic|200|HIT|slot/1\n2019-12-26 10:00:01.5|who=bob|GET /live/cam-b/pic|200|HIT|slot/1\n"
        )
        try folder.write("dump/unknown.log", "no log\n")
        func test(_ pattern: String) throws -> Tool.Result {
            try folder.write(
                "mine.yaml",
                """
                name: mine
                syntax: delimited
                delimiter: '|'
                columns: [time, who, request, status, cache, key]
                delivery: {time: time, requester: {field: who, extract: 'who={value}'}, camera: {field: request, extract: '\(pattern)'}, cache: cache, status: status, key: key}

                """)
            return try Tool.run(["profiles", "test", "unknown.log", "--profile", "mine.yaml"], in: folder.url)
        }
        let missing = try test("/live/{value}/pic")
        #expect(missing.status == 0 && missing.output.contains("requester=alice"), "\(missing)")
        #expect(missing.output.contains("note: no line shown has a camera, which is part of request"), "\(missing)")
        let found = try test("{_}/live/{value}/pic")
        #expect(found.output.contains("camera=cam-a") && !found.output.contains("note:"), "\(found)")
        let plan = try Tool.run(["analyze", "dump", "--dry-run"], in: folder.url)
        #expect(plan.status == 65 && plan.output.contains("'strayframe profiles draft FILE'"), "\(plan)")
    }

    @Test("an ID that names no delivery is answered with what stands there instead")
    func explain() throws {
        let folder = try small()
        try folder.shell("echo '{\"ts\":' >>dump/relay/edge.ndjson")
        try #require(try run(["analyze", "dump", "-q"], in: folder).status == 0)
        try folder.shell(
            "sqlite3 case.sqlite \"SELECT label FROM source WHERE path LIKE '%relay%' UNION ALL SELECT label FROM source WHERE path LIKE '%cache%'\" >labels"
        )
        let labels = String(decoding: try folder.data("labels"), as: UTF8.self).split(separator: "\n")
        let (relay, cache) = (labels[0], labels[1])
        for (id, answer) in [
            ("\(relay):99", "dump/relay/edge.ndjson has 4 lines"), ("\(relay):4", "line 4: was rejected: "),
            ("\(cache):1", "dump/cache/edge.ndjson, line 1: is a fill and no delivery"), ("\(relay)", "is no ID"),
            ("000000000000:1", "no source of this case has the label 000000000000"),
            ("dump/relay/edge.ndjson:2", "where its label stands: \(relay):2"), ("\(relay):-1", "is no ID"),
        ] {
            try expect(["explain", id], in: folder, status: 65, [id, answer, "exposures.csv"])
        }
        // A clear line: by what right, and by which row of which table.
        let clear = try run(["explain", "\(relay):1"], in: folder)
        #expect(clear.status == 0, "\(clear.errors)")
        for part in ["clear", "as owner of cam-a", "dump/cameras.csv, line 2", "cam-a,alice,,,m"] {
            #expect(clear.output.contains(part), "\(clear.output)")
        }
        let none = try run(["explain", "\(relay):3"], in: folder)
        #expect(none.status == 0 && none.output.contains("carried no frame"), "\(none.output)")
    }
}
