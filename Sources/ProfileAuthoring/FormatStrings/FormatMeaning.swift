import LogRecords

/// What a value of a log format is, whatever its server calls it.
enum FormatMeaning: Equatable {
    case time
    /// The moment at which the response ended, in a format whose other stamps mark its beginning.
    case endTime
    case account
    case address
    /// A list of addresses, the client's own word for the first.
    case forwarded
    /// A URL, or a path with its query.
    case url
    /// A URL's query alone.
    case query
    case agent
    case duration(LoggedDuration.Unit)
    case status
    /// - Parameter dash: the number that `-` stands for.
    case bytes(dash: Int?)
    case verdict
    /// The values that mean that the client did not receive the whole answer.
    case aborted([String])
    /// The values that mean that the line is not the last one of its request.
    case interim([String])
    /// A record's field as it stands.
    case role(Role)
    case other
}

/// A value of a log format with its type in a pattern.
struct FormatValue {
    var meaning = FormatMeaning.other
    var type: FieldType?

    init(_ meaning: FormatMeaning = .other, _ type: FieldType? = nil) {
        self.meaning = meaning
        self.type = type
    }
}

extension FormatString.Server {
    /// What the server's documentation says of a value: nginx (ngx_http_core_module, ngx_http_upstream_module), Apache
    /// (mod_log_config, mod_logio), varnishncsa(1), Squid (logformat), GoAccess (custom log format).
    func value(of variable: String) -> FormatValue {
        switch variable {
        case "time": return FormatValue(.time, .time)
        case "end_time": return FormatValue(.endTime, .time)
        case "method": return FormatValue(.role(.method), .method)
        case "uri": return FormatValue(.url, self == .nginx ? nil : .target)
        case "uri_args": return FormatValue(.url)
        case "request_target": return FormatValue(.url, .target)
        case "protocol": return FormatValue(.other, .protocol)
        default: break
        }
        if let header = header(of: variable) { return Self.value(of: header) }
        return switch self {
        case .nginx: nginx(variable)
        case .apache: apache(variable)
        case .varnishncsa: varnishncsa(variable)
        case .squid: squid(variable)
        case .goaccess: goaccess(variable)
        }
    }

    private func nginx(_ variable: String) -> FormatValue {
        switch variable {
        case "remote_addr", "realip_remote_addr": FormatValue(.address, .address)
        case "proxy_add_x_forwarded_for": FormatValue(.forwarded)
        case "remote_user": FormatValue(.account, .name)
        case "request_uri": FormatValue(.url, .target)
        case "document_uri": FormatValue(.url)
        case "args", "query_string": FormatValue(.query)
        case "request_method": FormatValue(.role(.method), .method)
        case "server_protocol": FormatValue(.other, .protocol)
        case "status": FormatValue(.status, .status)
        case "body_bytes_sent", "bytes_sent": FormatValue(.bytes(dash: nil), .number)
        case "request_time": FormatValue(.duration(.seconds), .seconds)
        case "upstream_cache_status": FormatValue(.verdict, .verdict)
        case "request_completion": FormatValue(.aborted([""]))
        // Of a browser, by ngx_http_userid_module.
        case "uid_got", "uid_set", "uid_reset": FormatValue()
        case "hostname": FormatValue(.role(.node), .word)
        case "server_addr": FormatValue(.role(.node), .address)
        case "request_id": FormatValue(.role(.requestID), .identifier)
        case "upstream_addr", "upstream_status", "upstream_response_time", "upstream_connect_time",
            "upstream_header_time",
            "upstream_bytes_received", "upstream_bytes_sent", "upstream_response_length", "upstream_queue_time":
            FormatValue(.other, .list)
        // 0 on the lines of subrequests (log_subrequest), which are parts of the answer that a later line tells of.
        case "request_length": FormatValue(.interim(["0"]), .number)
        case "connection", "connection_requests", "pid", "server_port", "remote_port":
            FormatValue(.other, .number)
        default: FormatValue(named(variable))
        }
    }

    private func apache(_ variable: String) -> FormatValue {
        if variable.hasSuffix("}T") {
            let unit: LoggedDuration.Unit? = ["{ms}T": .milliseconds, "{us}T": .microseconds, "{s}T": .seconds][
                variable]
            return FormatValue(unit.map { .duration($0) } ?? .other, .number)
        }
        return switch variable {
        case "h", "{c}h": FormatValue(.address, .host)
        case "a", "{c}a": FormatValue(.address, .address)
        case "l": FormatValue(.other, .name)
        case "u": FormatValue(.account, .name)
        case "U": FormatValue(.url, .target)
        // With its mark; empty where there is none.
        case "q": FormatValue(.query, .query)
        case "m": FormatValue(.role(.method), .method)
        case "H": FormatValue(.other, .protocol)
        case "s", ">s", "<s": FormatValue(.status, .status)
        // "-" where no bytes were sent.
        case "b": FormatValue(.bytes(dash: 0), .number)
        case "B", "O": FormatValue(.bytes(dash: nil), .number)
        case "T": FormatValue(.duration(.seconds), .number)
        case "D": FormatValue(.duration(.microseconds), .number)
        // X: aborted before the response completed; +: may be kept alive; -: will be closed.
        case "X": FormatValue(.aborted(["X"]), .character)
        case "{cache-status}e": FormatValue(.verdict, .verdict)
        case "A": FormatValue(.role(.node), .address)
        case "I", "S", "k", "p", "P": FormatValue(.other, .number)
        // mod_unique_id; of %L the log id of the request is the error log's.
        case "{unique_id}e", "{UNIQUE_ID}e": FormatValue(.role(.requestID))
        default: FormatValue(named(variable))
        }
    }

    private func varnishncsa(_ variable: String) -> FormatValue {
        let lower = variable.lowercased()
        // vsl(7), Begin: what began it. A part of Edge Side Includes is no answer of its own (varnishncsa -E).
        if lower == "{vsl:begin[3]}x" { return FormatValue(.interim(["esi"]), .word) }
        if lower.hasPrefix("{varnish:") || lower.hasPrefix("{vinyl:") {
            let isVerdict = lower.hasSuffix(":handling}x") || lower.hasSuffix(":hitmiss}x")
            return isVerdict ? FormatValue(.verdict, .verdict) : FormatValue()
        }
        if variable.hasSuffix("}T") {
            let unit: LoggedDuration.Unit? = [
                "{ms}T": .milliseconds, "{us}T": .microseconds, "{s}T": .seconds, "{ns}T": .nanoseconds,
            ][variable]
            return FormatValue(unit.map { .duration($0) } ?? .other, .number)
        }
        return switch variable {
        case "h": FormatValue(.address, .host)
        case "l": FormatValue(.other, .name)
        case "u": FormatValue(.account, .name)
        case "U": FormatValue(.url, .target)
        case "q": FormatValue(.query, .query)
        case "m": FormatValue(.role(.method), .method)
        case "H": FormatValue(.other, .protocol)
        case "s": FormatValue(.status, .status)
        case "b": FormatValue(.bytes(dash: 0), .number)
        case "O": FormatValue(.bytes(dash: nil), .number)
        case "T": FormatValue(.duration(.seconds), .number)
        case "D": FormatValue(.duration(.microseconds), .number)
        default: FormatValue(named(variable))
        }
    }

    private func squid(_ variable: String) -> FormatValue {
        switch variable {
        case ">a", ">A": FormatValue(.address, .host)
        case "un", "ul", "ui", "ue", "us": FormatValue(.account, .name)
        case "ru", ">ru": FormatValue(.url, .target)
        case "rm", ">rm": FormatValue(.role(.method), .method)
        case "Ss": FormatValue(.verdict, .verdict)
        case "Sh": FormatValue(.role(.fetchedFrom), .word)
        case ">Hs", "Hs": FormatValue(.status, .status)
        case "<Hs": FormatValue(.other, .status)
        case "<st", "st": FormatValue(.bytes(dash: nil), .number)
        case "tr": FormatValue(.duration(.milliseconds), .number)
        case "dt", "<tt", "<pt", ">p", "<p", "lp", ">lp", "<lp", ">st", ">sh", "<sh", "<bs":
            FormatValue(.other, .number)
        case "mt": FormatValue(.other, .word)
        default: FormatValue(named(variable))
        }
    }

    private func goaccess(_ variable: String) -> FormatValue {
        switch variable {
        case "h": FormatValue(.address, .host)
        case "e": FormatValue(.account, .name)
        case "U": FormatValue(.url, .target)
        case "q": FormatValue(.query)
        case "m": FormatValue(.role(.method), .method)
        case "H": FormatValue(.other, .protocol)
        case "s": FormatValue(.status, .status)
        case "b": FormatValue(.bytes(dash: nil), .number)
        case "u": FormatValue(.agent)
        case "C": FormatValue(.verdict, .verdict)
        case "T": FormatValue(.duration(.seconds), .number)
        case "D": FormatValue(.duration(.microseconds), .number)
        case "L": FormatValue(.duration(.milliseconds), .number)
        case "n": FormatValue(.duration(.nanoseconds), .number)
        default: FormatValue()
        }
    }

    // MARK: Header fields and names of the operator's own

    /// A header field's name in lower case, with whose it is.
    struct Header {
        enum Side { case request, reply, origin }
        var name: String
        var side: Side
    }

    private func header(of variable: String) -> Header? {
        if self == .nginx {
            let prefixes: [(String, Header.Side)] = [
                ("sent_http_", .reply), ("upstream_http_", .origin), ("http_", .request),
            ]
            return prefixes.first { variable.hasPrefix($0.0) }.map {
                Header(name: variable.dropFirst($0.0.count).lowercased().replacing("_", with: "-"), side: $0.1)
            }
        }
        let suffixes: [(String, Header.Side)] =
            self == .squid
            ? [("}>h", .request), ("}<h", .reply), ("}>ha", .request)] : [("}i", .request), ("}o", .reply)]
        return suffixes.first { variable.hasSuffix($0.0) }.map {
            Header(name: variable.dropFirst().dropLast($0.0.count).lowercased(), side: $0.1)
        }
    }

    private static func value(of header: Header) -> FormatValue {
        switch (header.name, header.side) {
        case ("user-agent", .request): FormatValue(.agent)
        case ("x-forwarded-for", .request): FormatValue(.forwarded)
        case ("if-none-match", .request): FormatValue(.role(.ifNoneMatch))
        case ("x-client", .request): FormatValue(.role(.client))
        case ("x-net", .request): FormatValue(.role(.network))
        case ("x-request-id", _), ("x-amz-cf-id", _), ("cf-ray", _), ("x-azure-ref", _), ("x-amzn-trace-id", _):
            FormatValue(.role(.requestID))
        case ("x-cache-key", _): FormatValue(.role(.key))
        // What an origin says of its own cache is not this cache's verdict.
        case ("x-cache", .reply), ("cache-status", .reply), ("x-cache-status", .reply), ("x-cache-detail", .reply):
            FormatValue(.verdict, .verdict)
        case ("etag", .reply), ("etag", .origin), ("x-frame-id", .reply), ("x-frame-id", .origin):
            FormatValue(.role(.frame))
        case ("content-length", .reply): FormatValue(.role(.contentLength), .number)
        case ("x-frame-owner", .reply), ("x-frame-owner", .origin): FormatValue(.role(.owner))
        case ("x-camera", .reply), ("x-camera", .origin): FormatValue(.role(.frameCamera))
        case (_, .request): FormatValue(isAccount(header.name) ? .account : .other)
        default: FormatValue()
        }
    }

    /// What an operator's own variable is, by its name: a cookie, a note, a variable that the configuration sets.
    private func named(_ variable: String) -> FormatMeaning {
        let words = Self.words(variable)
        if words.contains("ck") || words.suffix(2) == ["cache", "key"] || variable.lowercased() == "{vcl_log:key}x" {
            return .role(.key)
        }
        return Self.isAccount(variable) ? .account : .other
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    private static func isAccount(_ text: String) -> Bool {
        let words = words(text)
        return words.contains { ["acct", "uid", "userid"].contains($0) || $0.contains("account") }
            || zip(words, words.dropFirst()).contains { $0 == "user" && $1 == "id" }
    }
}
