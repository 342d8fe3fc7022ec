/// How each server writes a format.
extension FormatString.Server {
    /// Whether its time stamps mark a request's beginning (mod_log_config: %t; varnishncsa(1): %t).
    var marksStart: Bool { self == .apache || self == .varnishncsa }

    func tokens(_ text: String) throws(ProfileProblem) -> [FormatString.Token] {
        self == .nginx ? dollars(text) : try percents(text)
    }

    /// `$name` and `${name}`.
    private func dollars(_ text: String) -> [FormatString.Token] {
        var tokens: [FormatString.Token] = []
        var rest = text[...]
        while let mark = rest.firstIndex(of: "$") {
            tokens.append(.text(String(rest[..<mark])))
            rest = rest[rest.index(after: mark)...]
            let isBraced = rest.first == "{"
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest[name.endIndex...]
            if isBraced, rest.first == "}" { rest = rest.dropFirst() }
            tokens.append(.variable(String(name)))
        }
        return tokens + [.text(String(rest))]
    }

    /// `%h`, `%>s`, `%{name}i`, `%6tr`, `%{name}>h`, `%note{name}`; a name's modifiers are kept where they tell values apart.
    private func percents(_ text: String) throws(ProfileProblem) -> [FormatString.Token] {
        var tokens: [FormatString.Token] = []
        var rest = text[...]
        while let mark = rest.firstIndex(where: { $0 == "%" || ($0 == "~" && self == .goaccess) }) {
            tokens.append(.text(String(rest[..<mark])))
            rest = rest[rest.index(after: mark)...]
            if rest.first == "%" {
                tokens.append(.text("%"))
                rest = rest.dropFirst()
                continue
            }
            tokens.append(.variable(try directive(&rest, in: text)))
        }
        return tokens + [.text(String(rest))]
    }

    private func directive(_ rest: inout Substring, in text: String) throws(ProfileProblem) -> String {
        // Width, quoting and status modifiers.
        rest = rest.drop { $0.isNumber || "-.,!'\"[#/".contains($0) }
        var name = ""
        if rest.first == ">" || rest.first == "<" { name.append(rest.removeFirst()) }
        var argument = ""
        if rest.first == "{", let end = rest.firstIndex(of: "}") {
            argument = "{\(rest[rest.index(after: rest.startIndex)..<end])}"
            rest = rest[rest.index(after: end)...]
            if rest.first == ">" || rest.first == "<" { name.append(rest.removeFirst()) }
        }
        let letters = self == .squid ? squidCode(rest) : rest.prefix(1)
        guard !letters.isEmpty else { throw ProfileProblem("the format has a '%' without a name: \(text)") }
        rest = rest[letters.endIndex...]
        name = argument + name + letters
        if self == .squid, rest.first == "{", let end = rest.firstIndex(of: "}") {
            name = "{\(rest[rest.index(after: rest.startIndex)..<end])}\(name)"
            rest = rest[rest.index(after: end)...]
        }
        return name
    }

    /// Squid's codes are longer than a letter; the longest known one counts.
    private func squidCode(_ rest: Substring) -> Substring {
        let codes = [
            "err_code", "err_detail", "note", "ts", "tu", "tl", "tg", "tr", "dt", "un", "ul", "ui", "ue", "Ss", "Sh",
            "Hs", "st", "rm", "ru", "rp", "rv", "rP", "mt", "la", "lp", "sn", "bs", "pt", "a", "A", "p", "h", "ha",
            "eui",
        ]
        let fitting = codes.filter { rest.hasPrefix($0) }.max { $0.count < $1.count }
        return rest.prefix(fitting?.count ?? 1)
    }

    /// A variable as the profile's fields: `time` for every part of a time stamp, `request` in three parts, an empty name
    /// for what is passed over.
    func expanded(_ token: FormatString.Token) -> [FormatString.Token] {
        guard case .variable(let name) = token else { return [token] }
        let request: [FormatString.Token] = [
            .variable("method"), .text(" "), .variable("uri"), .text(" "), .variable("protocol"),
        ]
        switch (self, name) {
        case (.nginx, "time_local"), (.nginx, "time_iso8601"), (.nginx, "msec"): return [.variable("time")]
        case (.nginx, "request"), (_, "r"): return request
        // mod_log_config and varnishncsa put brackets around it.
        case (.apache, "t"), (.varnishncsa, "t"): return [.text("["), .variable("time"), .text("]")]
        case (.apache, _) where name.hasSuffix("}t"), (.varnishncsa, _) where name.hasSuffix("}t"):
            return [.variable("time")]
        case (.squid, "ts"), (.squid, "tu"), (.squid, "tl"), (.squid, "tg"): return [.variable("time")]
        case (.squid, _) where name.hasSuffix("}tl") || name.hasSuffix("}tg"): return [.variable("time")]
        case (.goaccess, "d"), (.goaccess, "t"), (.goaccess, "x"): return [.variable("time")]
        case (.goaccess, "^"): return [.variable("")]
        default: return [token]
        }
    }
}
