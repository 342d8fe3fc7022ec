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

    /// A profile's YAML.
    ///
    /// - Throws: `ProfileProblem` if the format says no time, or nothing stands between two values.
    public func profile(named name: String? = nil) throws(ProfileProblem) -> String {
        let tokens = Self.merged(try Self.unescaped(text, server).flatMap(server.expanded))
        let isJSON = text.drop { $0 == " " }.first == "{" && server == .nginx
        let named = isJSON ? try Self.members(of: tokens) : named(tokens)
        var delivery: [(Node, Node)] = []
        if server.marksStart { delivery.append(("marks", "start")) }
        delivery += Self.section { server.sources(of: named.fields, as: $0) }
        guard delivery.contains(where: { $0.0.string == "time" }) else {
            throw ProfileProblem("the format has no time: \(text)")
        }
        var root: [(Node, Node)] = [
            ("name", Node(name ?? "own-\(server.rawValue)")), ("title", Node("\(server.rawValue), by its log format")),
            ("syntax", isJSON ? "json" : "pattern"),
        ]
        if !isJSON { root.append(("pattern", Node(named.pattern, Tag(.str), .singleQuoted))) }
        if isJSON { root.append(("recognize", Node(named.fields.map { Node($0.name) }))) }
        if server == .squid { root += [("headers", "replaceable"), ("validators", "client")] }
        root += [("clock", Node(server.rawValue)), ("delivery", Node(delivery))]
        do {
            return try serialize(node: Node(root), width: -1, allowUnicode: true)
        } catch {
            throw ProfileProblem("cannot write the profile: \(error)")
        }
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
        /// Whether the server percent-encodes it.
        var isEncoded = false
    }

    /// A piece of a format: text, or a value by its server's name for it.
    enum Token: Sendable, Equatable {
        case text(String)
        case variable(String)
    }

    // MARK: Reading

    private static func unescaped(_ text: String, _ server: Server) throws(ProfileProblem) -> [Token] {
        var text = text
        // What a configuration file needs around a format and inside it.
        if server != .nginx || !text.contains("{") { text = text.replacing("\\\"", with: "\"") }
        text = text.replacing("\\t", with: "\t")
        return try server.tokens(text)
    }

    /// Texts side by side become one, and the parts of one time stamp become one value.
    private static func merged(_ tokens: [Token]) -> [Token] {
        var result: [Token] = []
        var index = 0
        while index < tokens.count {
            if case .variable("time") = tokens[index],
                let last = tokens.indices.last(where: { tokens[$0] == .variable("time") })
            {
                let between = tokens[index...last].allSatisfy {
                    if case .variable(let name) = $0 { name == "time" } else { true }
                }
                index = between ? last : index
                // GoAccess has no word for the zone: `[%d:%t %^]` passes over it.
                if index + 3 < tokens.count, tokens[index + 1] == .text(" "), tokens[index + 2] == .variable(""),
                    case .text(let after) = tokens[index + 3], after.hasPrefix("]")
                {
                    result.append(.variable("time"))
                    index += 3
                    continue
                }
            }
            switch (result.last, tokens[index]) {
            case (.text(let before), .text(let more)): result[result.count - 1] = .text(before + more)
            default: result.append(tokens[index])
            }
            index += 1
        }
        return result
    }

    /// The pattern, and its fields with the variables they hold.
    private func named(_ tokens: [Token]) -> (pattern: String, fields: [Field]) {
        var fields: [Field] = []
        var pattern = ""
        for token in tokens {
            switch token {
            case .text(let text): pattern += text.replacing("{", with: "{{").replacing("}", with: "}}")
            case .variable(""): pattern += "{_}"
            case .variable(let variable):
                let name = Self.fieldName(variable)
                if fields.contains(where: { $0.name == name }) {
                    pattern += "{_}"
                } else {
                    // Squid URL-encodes what a client or an origin sent, unless the format puts it in quotes or brackets.
                    let isEncoded = server == .squid && variable.hasPrefix("{") && !"\"[".contains(pattern.last ?? " ")
                    fields.append(Field(name: name, variable: variable, isEncoded: isEncoded))
                    pattern += "{\(name)}"
                }
            }
        }
        return (pattern, fields)
    }

    /// A variable as a field's name: `{X-Account}>h` is `x_account_request_h`.
    private static func fieldName(_ variable: String) -> String {
        let sides = variable.replacing(">", with: " request ").replacing("<", with: " reply ")
        return sides.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    /// The members of a format that writes JSON objects: `"account":"$http_x_account"`.
    private static func members(
        of tokens: [Token]
    ) throws(ProfileProblem) -> (pattern: String, fields: [Field]) {
        var fields: [Field] = []
        var before = ""
        for token in tokens {
            switch token {
            case .text(let text): before += text
            case .variable(let variable):
                // `"name":` and perhaps the quote that begins the value.
                let parts = before.split(separator: "\"", omittingEmptySubsequences: false)
                let isQuoted = before.last == "\""
                let nameIndex = parts.count - (isQuoted ? 3 : 2)
                if nameIndex > 0, before.contains(":") {
                    fields.append(Field(name: String(parts[nameIndex]), variable: variable))
                }
                before = ""
            }
        }
        guard !fields.isEmpty else { throw ProfileProblem("the format's JSON names no member") }
        return ("", fields)
    }
}
