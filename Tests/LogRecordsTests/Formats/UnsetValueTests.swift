import ProfileAuthoring
import Testing

@testable import LogRecords

/// What nginx writes for a variable without a value, and how it escapes others, by the format's `escape=`
/// (ngx_http_log_module): a dash and `\xHH`; nothing and JSON's escapes; nothing and no escapes. And URLs that a format puts
/// together.
@Suite struct UnsetValueTests {
    /// Requester, key, status, verdict of each line; nil for one that is not read.
    private func read(_ format: String, _ lines: String...) throws -> [String?] {
        let profile = try ProfileReader.read(FormatString(.nginx, format).profile())
        return lines.map { line in
            let parsed = Parsed([Array(line.utf8)], profile)
            return parsed.batch.deliveries.first.map {
                "\(parsed.text($0.requester)) \(parsed.text($0.key)) \($0.status) \($0.cacheStatus)"
            }
        }
    }

    @Test("in JSON a number that is not there leaves nothing or a dash behind its colon", arguments: ["", "-"])
    func json(_ unset: String) throws {
        let format =
            #"log_format j escape=\#(unset.isEmpty ? "json" : "default") '{"t":$msec,"r":"$request","u":"$http_x_account","st":$status,"urt":$upstream_response_time,"c":"$upstream_cache_status"}';"#
        let rest = #""r":"GET /a HTTP/1.1","u":"bob","st":200,"urt":"#
        let found = try read(
            format, #"{"t":1772359205.100,\#(rest)\#(unset),"c":"HIT"}"#,
            #"{"t":1772359205.100,\#(rest)0.010,"c":"MISS"}"#)
        #expect(found == ["bob /a 200 hit", "bob /a 200 miss"])
    }

    @Test("where nothing stands for a value, each blank counts", arguments: ["json", "none"])
    func blanks(_ escape: String) throws {
        let found = try read(
            #"log_format n escape=\#(escape) '$msec $http_x_account $http_x_device "$request" $status $body_bytes_sent $upstream_cache_status $http_user_agent';"#,
            #"1772359205.100  bob "GET /a HTTP/1.1" 200 3000 HIT app"#,
            #"1772359205.100 bob  "GET /a HTTP/1.1" 200 3000 HIT app"#,
            #"1772359205.100 bob d1 "GET /a HTTP/1.1" 200 3000  "#, #"1772359205.100   "" 400 0  "#,
            #"1772359205.100 bob d1  "GET /a HTTP/1.1" 200 3000 HIT app"#)
        // In the last line a device ends in a blank.
        #expect(found == [" /a 200 hit", "bob /a 200 hit", "bob /a 200 unknown", "  400 unknown", "bob /a 200 hit"])
    }

    @Test("a dash is one value where a format escapes as nginx does by itself, however many blanks are around it")
    func dashes() throws {
        let found = try read(
            "$msec $http_x_account $http_x_device $request_uri $status", "1772359205.100 - bob /a 200",
            "1772359205.100  bob - /a 200")
        #expect(found == [" /a 200 unknown", "bob /a 200 unknown"])
    }

    @Test(
        "a backslash escapes what the format's escape= says",
        arguments: [
            ("none", #"a\x62"#, #"a\x62"#), ("none", #"a\u0062"#, #"a\u0062"#), ("json", #"a\u0062\/"#, "ab/"),
            ("default", #"a\x62"#, "ab"), ("default", #"a\u0062"#, #"a\u0062"#),
        ])
    func escapes(_ escape: String, _ written: String, _ meant: String) throws {
        let found = try read(
            #"log_format n escape=\#(escape) '$msec|$http_x_account|$request|$status';"#,
            "1772359205.100|\(written)|GET /a HTTP/1.1|200")
        #expect(found == ["\(meant) /a 200 unknown"])
    }

    @Test(
        "a path with its query behind it is a target",
        arguments: ["$uri$is_args$args", "$document_uri$is_args$query_string", "$uri?$args", "${uri}${is_args}${args}"])
    func arguments(_ target: String) throws {
        let found = try read(
            "$msec $http_x_account $request_method \(target) $status",
            "1772359205.100 - GET /v1/cameras/c/x?account=bob 200")
        #expect(found == ["bob /v1/cameras/c/x?account=bob 200 unknown"])
        let member = try read(
            #"{"t":"$msec","u":"\#(target)","s":"$status"}"#, #"{"t":"1772359205.100","u":"/a?account=bob","s":"200"}"#)
        #expect(member == ["bob /a?account=bob 200 unknown"])
    }

    @Test(
        "the host and port in front of a target are no part of it",
        arguments: [
            ("$host:$server_port$request_uri", "h:443/a"), ("$scheme://$host$request_uri", "https://h/a"),
            ("$scheme://$http_host$uri", "https://h:8443/a"),
            ("$scheme://$host:$server_port$uri$is_args$args", "http://h:80/a"),
            ("$host$request_uri", "h/a"), ("http://h$request_uri", "http://h/a"),
        ])
    func hosts(_ target: String, _ written: String) throws {
        #expect(
            try read("$msec $http_x_account \(target) $status", "1772359205.100 bob \(written) 200")
                == ["bob /a 200 unknown"])
        #expect(
            try read(
                #"{"t":"$msec","u":"\#(target)","s":"$status","a":"$http_x_account"}"#,
                #"{"t":"1772359205.100","u":"\#(written)","s":"200","a":"bob"}"#) == ["bob /a 200 unknown"])
    }

    @Test("so with Apache, whose query has its mark")
    func apacheHost() throws {
        let yaml = try FormatString(.apache, "%t %u http://%{Host}i:%p%U%q %>s").profile()
        let parsed = try Parsed("[01/Mar/2026:10:00:05 +0000] bob http://h:80/a?x=1 200", yaml: yaml)
        #expect(parsed.text(parsed.batch.deliveries.first?.key) == "/a?x=1", "\(parsed.outcomes)")
    }

    @Test("Apache writes two quotes for a user without a name: it is nobody")
    func emptyUser() throws {
        let rest = #"[01/Mar/2026:10:00:05 +0000] "GET /a HTTP/1.1" 200 30"#
        let yaml = try FormatString(.apache, #"%h %l %u %t \"%r\" %>s %b"#).profile()
        for (user, name) in [("\"\"", ""), ("bob", "bob"), ("-", "")] {
            let line = "192.0.2.1 - \(user) " + rest
            for parsed in [try Parsed(line, yaml: yaml), try Parsed(line, shipped: "apache-common")] {
                #expect(parsed.text(parsed.batch.deliveries.first?.requester) == name)
                #expect(parsed.batch.deliveries.count == 1, "\(parsed.outcomes)")
            }
        }
        #expect(try Parsed("192.0.2.1 - \"x\" " + rest, yaml: yaml).batch.deliveries.isEmpty)
    }
}
