public import LogRecords
internal import Yams

/// A server's own description of its log lines, as it stands in the server's configuration; turned into a profile.
public struct FormatString: Sendable {
    /// Whose notation it is.
    public enum Server: String, Sendable, CaseIterable {
        /// `log_format` (ngx_http_log_module), with nginx's variables; also one that makes a JSON object.
        case nginx
        /// `LogFormat` (mod_log_config).
        case apache
        /// `varnishncsa -F`.
        case varnishncsa
        /// `logformat` of squid.conf.
        case squid
        /// `--log-format` of GoAccess.
        case goaccess
    }

    public var server: Server
    public var text: String

    public init(_ server: Server, _ text: String) {
        self.server = server
        self.text = text
    }

    /// What the configuration calls the format, if the directive is there as a whole: `main` of `log_format main '…'`.
    public var name: String? {
        let name = (try? FormatDirective(text, server))?.name
        return name.map { name in String(name.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" }) }
    }

    /// The servers whose notation the text is in, as far as it can be told: a format given for the wrong one is likely one of
    /// these.
    public var readers: [Server] {
        Server.allCases.filter { (try? FormatString($0, text).profile()) != nil }
    }

    /// A profile's YAML.
    ///
    /// - Throws: `ProfileProblem` if the format says no time, or has a value that the server does not have.
    public func profile(named name: String? = nil) throws(ProfileProblem) -> String {
        let directive = try FormatDirective(text, server)
        try refuseName(directive.format)
        let written = try server.tokens(directive.format)
        let timeFormat = try FormatStamp.notation(of: written, server)
        let tokens = Self.merged(written.flatMap(server.expanded), server)
        let isJSON = directive.format.drop { $0.isWhitespace }.first == "{" && server == .nginx
        let json = isJSON ? try FormatObject(tokens, server) : nil
        let text = isJSON ? nil : named(tokens, timeFormat)
        let fields = json?.fields ?? text?.fields ?? []
        var delivery: [(Node, Node)] = []
        if marksStart(fields) { delivery.append(("marks", "start")) }
        delivery += Self.section { Self.sources(of: fields, as: $0) }
        guard delivery.contains(where: { $0.0.string == "time" }) else {
            throw ProfileProblem("the format has no time: \(self.text)")
        }
        var root: [(Node, Node)] = [
            ("name", Node(name ?? "own-\(server.rawValue)")),
            ("title", Node("\(server.rawValue), by its log format\(directive.name.map { " '\($0)'" } ?? "")")),
            ("syntax", isJSON ? "json" : "pattern"),
        ]
        if let text {
            let whole = [text.pattern] + Self.withoutQuery(text.pattern, text.fields)
            let patterns = whole + whole.flatMap(Self.withoutRequest)
            root.append(("pattern", Node(patterns.map { Node($0, Tag(.str), .singleQuoted) })))
            if !text.derived.isEmpty { root.append(("derive", Node(text.derived))) }
        }
        if let json {
            root.append(("recognize", Node(json.members.map { Node($0) })))
            if !json.derived.isEmpty { root.append(("derive", Node(json.derived))) }
        }
        if let timeFormat { root.append(("time_format", Node(timeFormat, Tag(.str), .singleQuoted))) }
        if text != nil, let escaping = directive.escaping, escaping != .default {
            // An unset variable is nothing there, not a dash (ngx_http_log_module).
            root += [("escapes", Node(escaping.rawValue)), ("blanks", "single")]
        }
        // Its subrequests are told by their length of 0 or by the request's identifier.
        if server == .nginx, !fields.contains(where: { ["request_length", "request_id"].contains($0.variable) }) {
            root.append(("parts", "unmarked"))
        }
        if server == .squid { root += [("headers", "replaceable"), ("validators", "client")] }
        // mod_cache stores no 206.
        if server == .squid || server == .apache { root.append(("ranges", "passed-on")) }
        if server == .varnishncsa {
            root.append(("headers", "mergeable"))
            let cuts = fields.compactMap { field in
                Self.cut(field.variable).map { (Node(field.name), Node("\($0)")) }
            }
            if !cuts.isEmpty { root.append(("cut_at", Node(cuts))) }
        }
        root += [("clock", Node(server.rawValue)), ("delivery", Node(delivery))]
        return try Self.written(root)
    }

    /// A profile as its file has it.
    ///
    /// - Throws: `ProfileProblem` if no reader would take one of that length.
    static func written(_ root: [(Node, Node)]) throws(ProfileProblem) -> String {
        let text: String
        do {
            text = try serialize(node: Node(root), width: -1, allowUnicode: true)
        } catch {
            throw ProfileProblem("cannot write the profile: \(error)")
        }
        guard text.utf8.count <= ProfileInheritance.maxBytes else {
            throw ProfileProblem(
                "the format is too long: its profile has \(text.utf8.count) bytes, of \(ProfileInheritance.maxBytes) at most"
            )
        }
        return text
    }

    /// How many bytes varnishncsa leaves of a value at most, where a record holds it: 254 with the name in front of it, if the
    /// parameter `vsl_reclen` is as it comes (seen with Vinyl 9.0.1 and Varnish 7.7.0).
    private static func cut(_ variable: String) -> Int? {
        let longest = 254
        if ["U", "q", "uri", "request_target"].contains(variable) { return longest }
        let before: Int
        if variable.hasSuffix("}i") || variable.hasSuffix("}o") {
            before = variable.utf8.count - "{}i".utf8.count + ": ".utf8.count
        } else if variable.lowercased().hasPrefix("{vcl_log:"), variable.hasSuffix("}x") {
            before = variable.utf8.count - "{VCL_Log:}x".utf8.count + ":".utf8.count
        } else {
            return nil
        }
        // Of a name that fills the record no value is left, so none is known whole.
        return max(1, longest - before)
    }

    /// Whether the stamp that the records take marks a request's beginning.
    private func marksStart(_ fields: [Field]) -> Bool {
        server.marksStart && !fields.contains { $0.meaning == .endTime }
    }

    /// A record's section of a profile: each field that has a source, or several in order of preference.
    static func section(_ sources: (Role) -> [Node]) -> [(Node, Node)] {
        Role.allCases.compactMap { role in
            let sources = sources(role)
            guard let first = sources.first else { return nil }
            return (Node(role.label), sources.count == 1 ? first : Node(sources))
        }
    }

    /// A value of the format, by the name that it has in the profile.
    struct Field {
        var name: String
        /// The server's name for it.
        var variable: String
        var meaning: FormatMeaning
        var type: FieldType?
        /// Whether the server percent-encodes it.
        var isEncoded = false

        init(name: String, variable: String, value: FormatValue, isEncoded: Bool = false) {
            (self.name, self.variable, self.isEncoded) = (name, variable, isEncoded)
            (meaning, type) = (value.meaning, value.type)
        }
    }

    /// A piece of a format: text, or a value by its server's name for it.
    enum Token: Sendable, Equatable {
        case text(String)
        case variable(String)

        var variable: String? { if case .variable(let name) = self { name } else { nil } }
    }

    // MARK: Reading

    /// Texts side by side become one, and the parts of one time stamp become one value.
    private static func merged(_ tokens: [Token], _ server: Server) -> [Token] {
        var result: [Token] = []
        var index = 0
        while index < tokens.count {
            if let stamp = tokens[index].variable, ["time", "end_time"].contains(stamp),
                let last = tokens.indices.last(where: { tokens[$0] == .variable(stamp) })
            {
                let between = tokens[index...last].allSatisfy { ($0.variable ?? stamp) == stamp }
                index = between ? last : index
                // GoAccess has no word for the zone: `[%d:%t %^]` passes over it.
                if index + 3 < tokens.count, tokens[index + 1] == .text(" "), tokens[index + 2] == .variable(""),
                    case .text(let after) = tokens[index + 3], after.hasPrefix("]")
                {
                    result.append(.variable(stamp))
                    index += 3
                    continue
                }
            }
            // A path with its query behind it is one URL.
            if server == .nginx, ["uri", "document_uri"].contains(tokens[index].variable),
                let end = endOfQuery(tokens, behind: index)
            {
                result.append(.variable("uri_args"))
                index = end
                continue
            }
            if tokens[index] == .variable("U"), index + 1 < tokens.count,
                [.variable("q"), .text("")].contains(tokens[index + 1])
            {
                let next = tokens[(index + 1)...].firstIndex { $0 != .text("") }
                if let next, tokens[next] == .variable("q") {
                    result.append(.variable("U"))
                    index = next + 1
                    continue
                }
            }
            switch (result.last, tokens[index]) {
            case (.text(let before), .text(let more)): result[result.count - 1] = .text(before + more)
            case (_, .text("")): break
            default: result.append(tokens[index])
            }
            index += 1
        }
        return result
    }

    /// Where a query ends that stands behind a path: `$uri$is_args$args`, `$uri?$args`.
    private static func endOfQuery(_ tokens: [Token], behind path: Int) -> Int? {
        let rest = tokens[(path + 1)...].enumerated().filter { $1 != .text("") }.prefix(2)
        guard let mark = rest.first, [.variable("is_args"), .text("?")].contains(mark.element),
            let query = rest.dropFirst().first,
            [.variable("args"), .variable("query_string")].contains(query.element)
        else { return nil }
        return path + 2 + query.offset
    }

    /// The pattern, and its fields with the variables they hold.
    ///
    /// - Parameter timeFormat: how stamps are written, if in no notation that a pattern's type knows: with as many values as
    ///   blanks tell apart, which `derived` puts together.
    private func named(
        _ tokens: [Token], _ timeFormat: String?
    ) -> (pattern: String, fields: [Field], derived: [(Node, Node)]) {
        let stampParts = timeFormat?.split { $0 == " " || $0 == "\t" }.count ?? 1
        var derived: [(Node, Node)] = []
        var fields: [Field] = []
        var pattern = ""
        for (place, token) in tokens.enumerated() {
            switch token {
            case .text(let text): pattern += text.replacing("{", with: "{{").replacing("}", with: "}}")
            case .variable where server.isBeforeTarget(tokens, place): pattern += "{_:segment}"
            case .variable(""): pattern += "{_}"
            case .variable(let variable):
                let value = server.value(of: variable)
                // What a client sent may hold anything, also a comma and a blank, if nothing is around it.
                let isQuoted = "\"[".contains(pattern.last ?? " ")
                let isOwnTime = timeFormat != nil && [.time, .endTime].contains(value.meaning)
                let type = value.meaning == .forwarded && !isQuoted ? .list : isOwnTime ? nil : value.type
                let suffix = type.map { ":\($0.rawValue)" } ?? ""
                if fields.contains(where: { $0.variable == variable }) {
                    pattern += "{_\(suffix)}"
                } else {
                    // Squid URL-encodes what a client or an origin sent, unless the format puts it in quotes or brackets.
                    let isEncoded = server == .squid && variable.hasPrefix("{") && !isQuoted
                    let name = Self.fieldName(variable, among: fields.map(\.name))
                    fields.append(Field(name: name, variable: variable, value: value, isEncoded: isEncoded))
                    if isOwnTime, stampParts > 1 {
                        let parts = (1...stampParts).map { "\(name)_\($0)" }
                        pattern += parts.map { "{\($0)}" }.joined(separator: " ")
                        derived.append((Node(name), ["join": Node(parts.map { Node($0) })]))
                    } else {
                        pattern += "{\(name)\(suffix)}"
                    }
                }
            }
        }
        return (pattern, fields, derived)
    }

    /// The pattern of a line whose request is none, as a port scanner's: it is logged as it came, and a response it had.
    private static func withoutRequest(_ pattern: String) -> [String] {
        let request = "\"{method:method} {request_target:target} {protocol:protocol}\""
        return pattern.contains(request) ? [pattern.replacing(request, with: "\"{_}\"")] : []
    }

    /// The pattern of a line whose URL has no query, where nothing then stands between two blanks: a pattern takes them for one.
    private static func withoutQuery(_ pattern: String, _ fields: [Field]) -> [String] {
        guard let query = fields.first(where: { $0.type == .query }) else { return [] }
        let value = " {\(query.name):query} "
        return pattern.contains(value) ? [pattern.replacing(value, with: " ")] : []
    }

    /// GoAccess' own names for formats, with the shipped profiles that read them.
    private static let presets = [
        "COMMON": "apache-common", "COMBINED": "nginx-combined", "VCOMBINED": "apache-vhost", "W3C": "w3c",
        "CLOUDFRONT": "cloudfront", "AWSALB": "aws-alb", "AWSELB": "aws-elb", "AWSS3": "aws-s3",
        "SQUID": "squid-native",
        "CADDY": "caddy", "TRAEFIKCLF": "traefik",
    ]

    /// The names that servers have for formats of their own or that their packages' configurations give to some.
    private static let nicknames: [Server: [String: String]] = [
        .nginx: ["combined": "nginx-combined", "main": "nginx-combined"],
        .apache: ["common": "apache-common", "combined": "nginx-combined", "vhost_combined": "apache-vhost"],
        .squid: ["squid": "squid-native", "common": "squid-common", "combined": "squid-combined"],
        .varnishncsa: ["combined": "varnishncsa-combined"], .goaccess: presets,
    ]

    /// - Throws: `ProfileProblem` if the text is no format but the name of one.
    private func refuseName(_ text: String) throws(ProfileProblem) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let name = words.first,
            name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" })
        else { return }
        let known = Self.nicknames[server]?[server == .goaccess ? name.uppercased() : name.lowercased()]
        let remedy = known.map { "the shipped profile '\($0)' reads its lines, also if no format is given; else give" }
        throw ProfileProblem(
            "'\(name)' is the name of a format, not a format; \(remedy ?? "give") the format's own text, as the configuration has it"
        )
    }

    /// A variable as a field's name: `{X-Account}>h` is `x_account_request_h`; of two that differ by case alone the second
    /// gets a number.
    static func fieldName(_ variable: String, among others: [String]) -> String {
        let sides = variable.replacing(">", with: " request ").replacing("<", with: " reply ")
        let name = sides.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
        let free = ([name] + (2...9).map { "\(name)_\($0)" }).first { !others.contains($0) }
        return free ?? name
    }
}
