import LogRecords

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
            tokens.append(.variable(name.lowercased()))
        }
        return tokens + [.text(String(rest))]
    }

    /// `%h`, `%>s`, `%{name}i`, `%6tr`, `%{name}>h`, `%note{name}`; a name's modifiers are kept where they tell values apart.
    private func percents(_ text: String) throws(ProfileProblem) -> [FormatString.Token] {
        var tokens: [FormatString.Token] = []
        var rest = text[...]
        while let mark = rest.firstIndex(where: { $0 == "%" || ($0 == "~" && self == .goaccess) }) {
            tokens.append(.text(String(rest[..<mark])))
            let isSpecial = rest[mark] == "~"
            rest = rest[rest.index(after: mark)...]
            if rest.first == "%" {
                tokens.append(.text("%"))
                rest = rest.dropFirst()
                continue
            }
            // GoAccess: `%~` passes blanks over.
            if self == .goaccess, rest.first == "~" {
                rest = rest.dropFirst()
                continue
            }
            if isSpecial {
                tokens += try forwarded(&rest)
            } else {
                tokens.append(.variable(try directive(&rest)))
            }
        }
        return tokens + [.text(String(rest))]
    }

    /// GoAccess: `~h{," }` is a list of addresses, of which the braces hold what stands between and around them.
    private func forwarded(_ rest: inout Substring) throws(ProfileProblem) -> [FormatString.Token] {
        guard rest.popFirst() == "h" else {
            throw ProfileProblem("'~' is followed by h{…} in \(title); check the format")
        }
        let list = FormatString.Token.variable("{x-forwarded-for}i")
        return Self.argument(&rest).contains("\"") ? [.text("\""), list, .text("\"")] : [list]
    }

    private func directive(_ rest: inout Substring) throws(ProfileProblem) -> String {
        // Width, quoting and status modifiers.
        rest = rest.drop { $0.isNumber || "-.,!'\"[#/".contains($0) }
        var side = ""
        if rest.first == ">" || rest.first == "<" { side.append(rest.removeFirst()) }
        var argument = Self.argument(&rest)
        if side.isEmpty, rest.first == ">" || rest.first == "<" { side.append(rest.removeFirst()) }
        let code = try code(&rest, side, argument)
        if self == .squid, argument.isEmpty { argument = Self.argument(&rest) }
        if self == .goaccess { _ = Self.argument(&rest) }
        return argument + side + code
    }

    private static func argument(_ rest: inout Substring) -> String {
        guard rest.first == "{", let end = rest.firstIndex(of: "}") else { return "" }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[...end])
    }

    /// The letters of a value's name, if the server has one of that name.
    ///
    /// - Throws: `ProfileProblem` that names what it does not have.
    private func code(_ rest: inout Substring, _ side: String, _ argument: String) throws(ProfileProblem) -> String {
        let run =
            self == .squid ? squidRun(rest) : rest.hasPrefix("^") && self == .apache ? rest.prefix(3) : rest.prefix(1)
        guard let code = run.isEmpty ? nil : known(String(run), side), argument.isEmpty || takesArgument(code.name),
            side.isEmpty || takesSide
        else {
            let name = "%" + argument + side + (run.isEmpty ? "" : String(run))
            throw ProfileProblem("'\(name)' is no value of \(title), whose names differ by case; check the format")
        }
        rest = rest.dropFirst(code.written)
        return code.name
    }

    /// A Squid code may have its module before it: `http::>h`.
    private func squidRun(_ rest: Substring) -> Substring {
        var end = rest.startIndex
        while end < rest.endIndex {
            if rest[end].isLetter || "_<>".contains(rest[end]) {
                end = rest.index(after: end)
            } else if rest[end...].hasPrefix("::") {
                end = rest.index(end, offsetBy: 2)
            } else {
                break
            }
        }
        return rest[..<end]
    }

    /// The name that the server knows, and how many characters of it are written there.
    private func known(_ run: String, _ side: String) -> (name: String, written: Int)? {
        guard self == .squid else { return codes.contains(run) ? (run, run.count) : nil }
        for end in stride(from: run.count, to: 0, by: -1) {
            // A name is not cut apart, but a text may follow that no name goes on with.
            if end < run.count, run.dropFirst(end).first?.isLetter == true { continue }
            var name = String(run.prefix(end))
            if name.hasPrefix("http::") { name.removeFirst(6) }
            if codes.contains(side + name) || name.contains("::") { return (name, end) }
        }
        return nil
    }

    /// Whether a value has a URL's path directly behind it, as a host or its port has: what it holds is no part of the target, and
    /// ends where that begins.
    func isBeforeTarget(_ tokens: [FormatString.Token], _ place: Int) -> Bool {
        guard place + 1 < tokens.count, tokens[place].variable != nil, let next = tokens[place + 1].variable else {
            return false
        }
        return value(of: next).meaning == .url
    }

    private var title: String {
        switch self {
        case .nginx: "nginx's log_format"
        case .apache: "Apache's LogFormat"
        case .varnishncsa: "varnishncsa's format"
        case .squid: "Squid's logformat"
        case .goaccess: "GoAccess's log format"
        }
    }

    /// The values that a server has: mod_log_config, mod_logio, mod_ssl; varnishncsa(1); Squid's logformat; GoAccess's
    /// custom log format.
    private var codes: Set<String> {
        switch self {
        case .nginx: []
        case .apache:
            [
                "a", "A", "b", "B", "C", "D", "e", "f", "h", "H", "i", "k", "l", "L", "m", "M", "n", "o", "p", "P", "q",
                "r", "R", "s", "t", "T", "u", "U", "v", "V", "X", "I", "O", "S", "^ti", "^to", "^FU", "^FB", "x", "c",
            ]
        case .varnishncsa:
            ["b", "D", "H", "h", "I", "i", "l", "m", "O", "o", "q", "r", "s", "t", "T", "U", "u", "x"]
        case .squid: Self.squidCodes
        case .goaccess:
            [
                "x", "t", "d", "v", "e", "C", "h", "r", "m", "U", "q", "H", "s", "b", "R", "u", "K", "k", "M", "D", "T",
                "L",
                "n", "^", "S",
            ]
        }
    }

    /// Whether `<` and `>` choose between a request and what became of it, or between the two sides of a proxy.
    private var takesSide: Bool { self == .apache || self == .squid }

    /// Whether braces may stand before it: a header field's name, a notation of time, a unit.
    private func takesArgument(_ code: String) -> Bool {
        switch self {
        case .nginx, .goaccess: false
        case .apache:
            ["a", "h", "C", "e", "i", "L", "n", "o", "p", "P", "t", "T", "^ti", "^to", "x", "c"].contains(code)
        case .varnishncsa: ["i", "o", "t", "T", "x"].contains(code)
        case .squid: true
        }
    }

    private static let squidCodes: Set<String> = Set(
        """
        sn err_code err_detail note >a >A >p >eui >la >lp >qos >nfmark la lp <a <A <p <la <lp <qos <nfmark >handshake ts tu tl \
        tg tr dt tS busy_time et ea un ul us ui ue credentials >h >ha <h >Hs <Hs Hs Ss Sh mt rm >rm <rm ru >ru <ru >rs <rs \
        >rd <rd >rP <rP rp >rp <rp rv >rv <rv >st <st st >sh <sh <bs <pt <tt master_xaction external_acl_tag eui a A p
        """.split { $0 == " " || $0 == "\n" }.map(String.init))

    /// A variable as the profile's fields: `time` for every part of a time stamp, `request` in three parts, an empty name
    /// for what is passed over.
    func expanded(_ token: FormatString.Token) -> [FormatString.Token] {
        guard case .variable(let name) = token else { return [token] }
        let request: [FormatString.Token] = [
            .variable("method"), .text(" "), .variable("request_target"), .text(" "), .variable("protocol"),
        ]
        switch (self, name) {
        case (.nginx, "time_local"), (.nginx, "time_iso8601"), (.nginx, "msec"): return [.variable("time")]
        case (.nginx, "request"), (.apache, "r"), (.varnishncsa, "r"), (.goaccess, "r"): return request
        // mod_log_config and varnishncsa put brackets around it.
        case (.apache, "t"), (.varnishncsa, "t"): return [.text("["), .variable("time"), .text("]")]
        case (.apache, _) where name.hasPrefix("{end:") && name.hasSuffix("}t"): return [.variable("end_time")]
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
