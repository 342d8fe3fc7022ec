import Chance
import ProfileAuthoring
import Testing

@testable import LogRecords

/// Formats among the other lines of a configuration: ngx_conf_file's rules for nginx.conf, mod_log_config's directives, the
/// lines of squid.conf and goaccess.conf.
@Suite struct FormatConfigurationTests {
    /// What each format of a configuration makes of the line that a server would have written by it: the requester.
    private func requesters(
        _ server: FormatString.Server, _ configuration: String, _ lines: [String]
    ) throws -> [String] {
        let formats = FormatString.formats(of: server, in: configuration)
        #expect(formats.count == lines.count, "\(formats.map(\.text))")
        return try zip(formats, lines).map { format, line in
            let yaml = try format.profile()
            let parsed = try Parsed(line, yaml: yaml)
            let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)\n\(yaml)")
            return "\(parsed.text(delivery.requester)) \(delivery.cacheStatus)"
        }
    }

    private static let nginxLines = [
        #"1772359205.100 bob "GET /v1/cameras/cam-b/latest.jpg HTTP/1.1" 200 3000 HIT"#,
        "1772359206.100|eve|GET /v1/cameras/cam-b/latest.jpg HTTP/1.1|200|3000|MISS",
    ]

    @Test("several log_format directives, also in a block, with comments and other directives around them")
    func nginx() throws {
        let a = #"log_format a '$msec $http_x_account "$request" $status $body_bytes_sent $upstream_cache_status';"#
        let b = "log_format b '$msec|$http_x_account|$request|'\n  '$status|$body_bytes_sent|$upstream_cache_status';"
        let block = """
            # main; with a quote ' and a semicolon
            http {
                include mime.types; # log_format old '$msec';
                #log_format older '$msec'
                #    '$status';
                map $status $loggable { ~^[23] 0; default 1; }
                add_header X-Note "it's; log_format";
                content_by_lua_block { -- don't
                    ngx.say('x') }
                \(a)
                access_log /var/log/nginx/access.log a buffer=32k;
            \(b) server { listen 80; }
            }
            """
        for text in [a + "\n" + b, a + b, block] {
            #expect(try requesters(.nginx, text, Self.nginxLines) == ["bob hit", "eve miss"])
            #expect(FormatString.formats(of: .nginx, in: text).map(\.name) == ["a", "b"])
        }
        let commented =
            "# comment; with '\nlog_format  c  '$msec $http_x_account '  # another\n \"$request_uri $status\";\n"
        #expect(
            try requesters(.nginx, commented, ["1772359205.100 bob /v1/cameras/cam-b/x 200"]) == ["bob unknown"])
    }

    @Test("several LogFormat directives in capitals or not, and a CustomLog with a format of its own")
    func apache() throws {
        let text = #"""
            <IfModule log_config_module>
              # LogFormat "%h %t" none
              LogFormat "%h %{X-Account}i %t \"%r\" %>s %b %{X-Cache}o" one
              logformat "%{X-Account}i|%h|%t|%r|%>s|\
            %b|%{X-Cache}o" two
              CustomLog "logs/access log" one
              CustomLog "|/bin/rotatelogs -l \"a b\" 86400" "%t %{X-Account}i %{X-Cache}o" env=!quiet
            </IfModule>
            """#
        #expect(
            try requesters(
                .apache, text,
                [
                    #"192.0.2.1 bob [01/Mar/2026:10:00:05 +0000] "GET /v1/cameras/cam-b/x HTTP/1.1" 200 3000 HIT"#,
                    "eve|192.0.2.1|[01/Mar/2026:10:00:06 +0000]|GET /v1/cameras/cam-b/x HTTP/1.1|200|3000|MISS",
                    "[01/Mar/2026:10:00:06 +0000] mia HIT",
                ]) == ["bob hit", "eve miss", "mia hit"])
    }

    @Test("several logformat lines of squid.conf, and goaccess.conf's log-format")
    func lines() throws {
        let squid = """
            logformat one %ts.%03tu %>a %Ss/%03>Hs %<st %rm %ru %un
            # logformat old %ts
            logformat two %un|%ts.%03tu|%Ss/%03>Hs|%<st|%rm|%ru
            access_log daemon:/var/log/squid/access.log one
            """
        #expect(
            try requesters(
                .squid, squid,
                [
                    "1772359205.123 192.0.2.1 TCP_HIT/200 3000 GET http://h/v1/cameras/cam-b/x bob",
                    "eve|1772359206.123|TCP_MISS/200|3000|GET|http://h/v1/cameras/cam-b/x",
                ]) == ["bob hit", "eve miss"])
        let goaccess =
            "time-format %T\ndate-format %d/%b/%Y\n#log-format COMBINED\nlog-format %h %^[%d:%t %^] \"%r\" %s %b %e %C\n"
        #expect(
            try requesters(
                .goaccess, goaccess,
                [#"192.0.2.1 - [01/Mar/2026:10:00:05 +0000] "GET /v1/cameras/cam-b/x HTTP/1.1" 200 30 bob HIT"#])
                == ["bob hit"])
    }

    @Test(
        "a text without a directive is a format, whatever it is made of",
        arguments: [
            (FormatString.Server.nginx, #"$msec # log_format $http_x_account; {"#), (.nginx, "log_formats '$msec'"),
            (.apache, "%h # LogFormat %t"), (.squid, "%ts logformat %un"), (.varnishncsa, "%h\n%t"),
            (.goaccess, "%h %x"),
        ])
    func bare(_ server: FormatString.Server, _ text: String) {
        #expect(FormatString.formats(of: server, in: text).map(\.text) == [text])
    }

    @Test("a directive without an end or a text says what it lacks, and any text can be looked at")
    func broken() throws {
        for (text, says) in [("log_format a '$msec", "does not end"), ("x; log_format a;", "has no format")] {
            let formats = FormatString.formats(of: .nginx, in: text)
            let problem = #expect(throws: ProfileProblem.self) { try formats[0].profile() }
            #expect(problem?.message.contains(says) == true)
        }
        var chance = Chance(seed: 28)
        let pieces = [
            "log_format ", "LogFormat ", "logformat ", "log-format ", "CustomLog ", "'", "\"", "\\", ";", "{", "}", "#",
            "\n", "\r\n",
            " ", "a", "$msec", "%t", "%", "$", "é", "escape=json ", "escape=none ",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...12, using: &chance)).map { _ in
                pieces.randomElement(using: &chance) ?? ""
            }.joined()
            for server in FormatString.Server.allCases {
                let formats = FormatString.formats(of: server, in: text)
                #expect(!formats.isEmpty)
                for format in formats { _ = try? ProfileReader.read(format.profile()) }
            }
        }
    }

    @Test(
        "a format's name is no format, and is said to be one with what reads it",
        arguments: [
            (FormatString.Server.nginx, "combined", "nginx-combined"), (.nginx, "main\n", "nginx-combined"),
            (.apache, "vhost_combined", "apache-vhost"), (.squid, "squid", "squid-native"),
            (.varnishncsa, "combined", "varnishncsa-combined"), (.goaccess, "CADDY", "caddy"),
            (.nginx, "upstreamlog", "own text"), (.apache, "LogFormat combined", "own text"),
        ])
    func nicknames(_ server: FormatString.Server, _ text: String, _ says: String) throws {
        let problem = try #require(throws: ProfileProblem.self) { try FormatString(server, text).profile() }
        #expect(problem.message.contains("is the name of a format") && problem.message.contains(says))
        for word in problem.message.split(separator: "'") where word.contains("-") && !word.contains(" ") {
            #expect(ProfileLibrary.shippedText(of: String(word)) != nil, "\(word)")
        }
    }

    @Test("a long format without a blank, of many objects, costs no more than its length", .timeLimit(.minutes(5)))
    func long() {
        let text = String(repeating: #"{"a":"$time_iso8601","b":$status}"#, count: 40_000)
        #expect(FormatString.formats(of: .nginx, in: text).map(\.text) == [text])
    }
}
