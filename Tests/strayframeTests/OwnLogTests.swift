import Foundation
import Testing

/// Logs that name no account by themselves, and logs in a format that only their operator knows.
@Suite struct OwnLogTests {
    /// Two accounts behind one CDN: at 10:00:20 the key holds the other's frame.
    private func write(to folder: Folder) throws {
        try folder.write(
            "dump/edge.log",
            """
            #Version: 1.0
            #Fields: date time x-edge-location sc-bytes c-ip cs-method cs-uri-stem sc-status cs-uri-query cs(Cookie) x-edge-result-type time-taken
            2019-12-26\t10:00:10\tLAX1\t9000\t192.0.2.9\tGET\t/cameras/cam-a/snap\t200\t-\ttheme=dark;%20sid=s-7\tHit\t0.001
            2019-12-26\t10:00:30\tLAX1\t9000\t192.0.2.9\tGET\t/cameras/cam-a/snap\t200\t-\ttheme=dark;%20sid=s-7\tHit\t0.001
            2019-12-26\t10:00:40\tLAX1\t9000\t198.51.100.1\tGET\t/cameras/cam-a/snap\t200\t-\t-\tHit\t0.001

            """)
        try folder.write(
            "dump/fills.ndjson",
            """
            {"ts":"2019-12-26T10:00:05.000000Z","node":"LAX1","op":"FILL","key":"/cameras/cam-a/snap","frame":"f-1","camera":"cam-a"}
            {"ts":"2019-12-26T10:00:20.000000Z","node":"LAX1","op":"FILL","key":"/cameras/cam-a/snap","frame":"f-2","camera":"cam-b"}

            """)
        try folder.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\n")
        try folder.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try folder.write(
            "tables/sessions.csv",
            "session,account,from,until\ns-7,carol,,2019-12-26T09:00:00Z\ns-7,alice,2019-12-26T09:00:00Z,\nnonsense\n")
    }

    private func summary(_ folder: Folder) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: folder.data("reports/summary.json")) as? [String: Any])
    }

    @Test("a session table gives the account back, and the proof says how it was derived")
    func sessions() throws {
        let folder = try Folder()
        try write(to: folder)
        let result = try Tool.run(["analyze", "dump", "--sessions", "tables/sessions.csv", "--quiet"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let summary = try summary(folder)
        // Alice saw Bob's frame; whoever came from 198.51.100.1 is in no table, and so unresolved.
        #expect(summary["exposures_certain"] as? Int == 1)
        #expect(summary["deliveries_unresolved"] as? Int == 1)
        #expect(summary["rejected_lines"] as? Int == 1, "the table's bad line is counted")
        let pairs = try Tool.run(["query", "pairs", "--format", "csv"], in: folder.url).output
        let id = try #require(pairs.split(separator: "\r\n").last?.split(separator: ",").last)
        let proof = try Tool.run(["explain", String(id)], in: folder.url)
        #expect(proof.output.contains("requester            alice"))
        #expect(proof.output.contains("account by session and time, of cookie sid of decoded cs(Cookie)"))
        #expect(proof.output.contains("sid=s-7"))
    }

    @Test("without the table nobody is guessed")
    func noTable() throws {
        let folder = try Folder()
        try write(to: folder)
        #expect(try Tool.run(["analyze", "dump", "--quiet"], in: folder.url).status == 0)
        let summary = try summary(folder)
        #expect(summary["exposures_certain"] as? Int == 0 && summary["exposures_possible"] as? Int == 0)
        #expect(summary["deliveries_unresolved"] as? Int == 3)
    }

    @Test("what is no session table is refused before anything is read")
    func wrongTable() throws {
        let folder = try Folder()
        try write(to: folder)
        let result = try Tool.run(["analyze", "dump", "--sessions", "dump/cameras.csv"], in: folder.url)
        #expect(result.status == 74 || result.status == 65 || result.status == 66)
        #expect(result.errors.contains("cameras.csv: no session table"))
        #expect(try Tool.run(["analyze", "dump", "--sessions", "missing.csv"], in: folder.url).status == 66)
    }

    @Test("what comes through a pipe is read, counts once, and is said to be beyond proof")
    func pipe() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        func shell(_ command: String) throws -> (status: Int32, output: String) {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", command]
            process.environment = ["TOOL": Tool.executable.path, "PATH": "/usr/bin:/bin"]
            process.currentDirectoryURL = folder.url
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
        let analyze =
            "gzip -c dump/relay/edge.ndjson | $TOOL analyze - dump/cameras.csv dump/grants.csv <(cat dump/cache/edge.ndjson) --quiet"
        try #require(try shell(analyze).status == 0)
        #expect(try summary(folder)["exposures_certain"] as? Int == 1)
        try #require(try shell(analyze).status == 0)
        #expect(try summary(folder)["deliveries"] as? Int == 2, "the same bytes again")
        let id = try shell("$TOOL query pairs --format csv | sed -n 2p | tr -d '\\r' | sed 's/.*,//'").output
        let proof = try shell("$TOOL explain \(id)")
        #expect(proof.output.contains("NOT VERIFIED: it came through a pipe, which cannot be read again"))
        let verified = try shell("$TOOL verify")
        #expect(verified.status == 0 && verified.output.contains("a pipe is read once: "))
    }

    @Test("a log is read by the format that stands in its server's configuration")
    func format() throws {
        let folder = try Folder()
        try write(to: folder)
        try folder.write(
            "mine/relay.log",
            "[26/Dec/2019:10:00:31 +0000] who=alice <GET /cameras/cam-a/snap HTTP/1.1> 200 9000 HIT key:/cameras/cam-a/snap\n"
        )
        let format =
            "[$time_local] who=$http_x_account <$request> $status $body_bytes_sent $upstream_cache_status key:$cache_key"
        let tested = try Tool.run(["profiles", "test", "mine/relay.log", "--nginx-log-format", format], in: folder.url)
        #expect(tested.status == 0)
        #expect(tested.output.contains("requester=alice camera=cam-a key=/cameras/cam-a/snap cache=HIT"))
        let shown = try Tool.run(["profiles", "convert", "--nginx-log-format", format], in: folder.url)
        try folder.write("relay.yaml", shown.output)
        let again = try Tool.run(["profiles", "test", "mine/relay.log", "--profile", "relay.yaml"], in: folder.url)
        #expect(again.output == tested.output)
        #expect(try Tool.run(["profiles", "convert"], in: folder.url).status == 64)
    }

    @Test("a log is read by lnav's format of it, whose profiles a single file can hold")
    func lnavFormat() throws {
        let folder = try Folder()
        try folder.write(
            "mine/relay.log", "2019-12-26T10:00:31Z <GET /cameras/cam-a/snap?acct=alice> 200 HIT\n")
        try folder.write(
            "relay_log.json",
            #"{"relay_log": {"regex": {"other": {"pattern": "^(?<timestamp>\\S+) !(?<body>.*)$"}, "#
                + #""std": {"pattern": "^(?<timestamp>\\S+) <(?<cs_method>\\w+) (?<cs_uri>[^>]+)> (?<sc_status>\\d+) (?<cache>\\w+)$"}}}}"#
        )
        let tested = try Tool.run(
            ["profiles", "test", "mine/relay.log", "--lnav-format", "relay_log.json"], in: folder.url)
        #expect(tested.status == 0)
        #expect(tested.output.contains("requester=alice camera=cam-a key=/cameras/cam-a/snap?acct=alice cache=HIT"))
        let shown = try Tool.run(["profiles", "convert", "--lnav-format", "relay_log.json"], in: folder.url)
        #expect(shown.output.contains("name: relay_log-other") && shown.output.contains("\n---\nname: relay_log-std"))
        try folder.write("relay.yaml", shown.output)
        let again = try Tool.run(["profiles", "test", "mine/relay.log", "--profile", "relay.yaml"], in: folder.url)
        #expect(again.output == tested.output)
        // A problem is told with the file's own line.
        try folder.write("relay.yaml", shown.output + "nonsense: 1\n")
        let wrong = try Tool.run(["profiles", "test", "mine/relay.log", "--profile", "relay.yaml"], in: folder.url)
        let lines = shown.output.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(wrong.status == 64 && wrong.errors.contains("relay.yaml:\(lines): "), "\(wrong.errors)")
    }

    @Test("an access log with nothing but HIT and MISS is judged by its misses, and the answer says so")
    func missesAlone() throws {
        let folder = try Folder()
        func line(_ account: String, _ second: Int, _ verdict: String) -> String {
            "192.0.2.9 - \(account) [26/Dec/2019:10:00:\(second) +0000] \"GET /cameras/cam-a/snap HTTP/1.1\" 200 900 \"-\" \"App/1.0\" \"\(verdict)\" 0.010\n"
        }
        try folder.write("dump/edge.log", line("alice", 10, "MISS") + line("bob", 12, "HIT") + line("alice", 14, "HIT"))
        try folder.write(
            "dump/probe.log",
            #"{"ts":1577354400.1,"account":"","cache":"-","key":"","frame":"","completion":"OK"}"# + "\n")
        try folder.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\n")
        try folder.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        #expect(try Tool.run(["analyze", "dump", "--quiet"], in: folder.url).status == 0)
        let summary = try summary(folder)
        #expect(summary["exposures_certain"] as? Int == 1 && summary["deliveries_unresolved"] as? Int == 0)
        let formats = try #require(summary["formats"] as? [String: Int])
        #expect(formats["nginx-combined"] == 1 && formats["directory-cameras"] == 1)
        let missing = try #require(summary["missing"] as? [String: Any])
        #expect(missing["ignored_files"] as? Int == 1)
        let ledger = try String(decoding: folder.data("reports/assumptions.csv"), as: UTF8.self)
        #expect(ledger.contains("misses_are_fills") && ledger.contains("untestable"))
        // The same with the format asked for by name; a name that none has is refused with the nearest one.
        let again = ["analyze", "dump", "--format", "nginx-combined", "--case", "again.sqlite", "--quiet"]
        #expect(try Tool.run(again, in: folder.url).status == 0)
        let sources = try String(decoding: folder.data("reports/sources.csv"), as: UTF8.self)
        #expect(sources.contains("read by nginx-combined, as was asked for by name"))
        let wrong = try Tool.run(["ingest", "dump", "--format", "nginx-combind"], in: folder.url)
        #expect(wrong.status == 64 && wrong.errors.contains("did you mean 'nginx-combined'?"))
    }

    @Test(
        "a file read by a format of one's own is named so; --format is the word for tables, and its old use still works"
    )
    func ownFormat() throws {
        let folder = try Folder()
        try folder.write(
            "dump/edge.log",
            "1577354410.100 alice /cameras/cam-a/snap 200 900 MISS\n1577354412.100 bob /cameras/cam-a/snap 200 900 HIT\n"
        )
        try folder.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\n")
        let format =
            "log_format edge '$msec $http_x_account $request_uri '\n  '$status $body_bytes_sent $upstream_cache_status';"
        let run = try Tool.run(["analyze", "dump", "--nginx-log-format", format, "--quiet"], in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let sources = try String(decoding: folder.data("reports/sources.csv"), as: UTF8.self)
        #expect(sources.contains("own-nginx-edge") && sources.contains("read by --nginx-log-format 'log_format edge "))
        let formats = try #require(summary(folder)["formats"] as? [String: Int])
        #expect(formats["own-nginx-edge"] == 1)
        let stopped = try Tool.run(
            ["profiles", "test", "dump/edge.log", "--nginx-log-format", "$msec $http_x_account $status"], in: folder.url
        )
        #expect(
            stopped.status == 65 && stopped.output.contains("stops fitting at byte 21 of line 1"), "\(stopped.output)")
        let unknown = try Tool.run(["ingest", "dump", "--profile", "nginx-combind"], in: folder.url)
        #expect(unknown.errors.contains("did you mean 'nginx-combined'?"))
        let help = try Tool.run(["ingest", "--help"], in: folder.url).output
        #expect(!help.contains("--format") && help.contains("--profile <name|file>"))
        #expect(try !Tool.run(["analyze", "--help"], in: folder.url).output.contains("log format, by which"))
    }
}
