import LogRecords

/// A format as it stands in a configuration: alone, or as a whole directive with its name, its parameters and its text in
/// pieces (`log_format name escape=json '…' '…';`, ngx_http_log_module).
struct FormatDirective {
    /// The text of the format itself.
    private(set) var format = ""
    /// What the configuration calls it, if the directive is there as a whole.
    private(set) var name: String?
    /// How a value's special characters are written (nginx, `escape=`).
    private(set) var escaping: Escaping?

    enum Escaping: String {
        case `default`, json, none
    }

    /// - Throws: `ProfileProblem` if a quote does not end, or the directive has no text.
    init(_ text: String, _ server: FormatString.Server) throws(ProfileProblem) {
        let trimmed = text.drop { $0.isWhitespace }
        var words: [Word] = []
        if var rest = Self.rest(of: trimmed, behind: "log_format") {
            words = try Self.words(&rest)
            name = words.first?.text
            addPieces(words.dropFirst())
        } else if server == .nginx, trimmed.first == "'" {
            var rest = trimmed
            addPieces(try Self.words(&rest)[...])
        } else if server != .squid, var rest = Self.rest(of: trimmed, behind: "LogFormat") {
            words = try Self.words(&rest)
            format = words.first?.text ?? ""
            name = words.dropFirst().first?.text
        } else if server == .apache, let own = Self.customLog(trimmed) {
            format = own
        } else if let rest = Self.rest(of: trimmed, behind: "logformat") {
            // squid.conf: the name, and the rest of the line.
            let parts = rest.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
            name = parts.first.map(String.init)
            format = parts.dropFirst().first.map(String.init) ?? ""
        } else {
            format = Self.unescaped(text, isNginx: server == .nginx)
            return
        }
        guard !format.isEmpty else { throw ProfileProblem("the directive has no format: \(text)") }
    }

    private mutating func addPieces(_ words: ArraySlice<Word>) {
        for word in words {
            if !word.isQuoted, word.text.hasPrefix("escape=") {
                escaping = Escaping(rawValue: String(word.text.dropFirst("escape=".count)))
            } else {
                format += word.text
            }
        }
    }

    /// What stands behind a directive's name and the blank behind it; nil if another word stands there. Apache's names are the same
    /// in capitals and small letters.
    static func rest(of text: Substring, behind name: String) -> Substring? {
        let word = text.prefix(name.count)
        let isSame =
            name == "LogFormat" || name.hasSuffix("Log") ? word.lowercased() == name.lowercased() : word == name
        let rest = text[word.endIndex...]
        return isSame && rest.first?.isWhitespace == true ? rest : nil
    }

    /// The format that a `CustomLog` or `GlobalLog` of httpd.conf has behind its file's name, if it has one of its own.
    static func customLog(_ line: Substring) -> String? {
        guard var rest = Self.rest(of: line, behind: "CustomLog") ?? Self.rest(of: line, behind: "GlobalLog"),
            let words = try? words(&rest), words.count > 1, words[1].text.contains("%")
        else { return nil }
        return words[1].text
    }

    /// What a configuration file needs around a format and inside it.
    private static func unescaped(_ text: String, isNginx: Bool) -> String {
        var text = text
        if !isNginx || !text.contains("{") { text = text.replacing("\\\"", with: "\"") }
        return text.replacing("\\t", with: "\t")
    }

    struct Word {
        var text: String
        var isQuoted: Bool
    }

    /// The words of a directive up to its end; in quotes a backslash escapes (ngx_conf_file: \" \' \\ \t \r \n).
    ///
    /// - Parameter rest: what follows that end.
    static func words(_ rest: inout Substring) throws(ProfileProblem) -> [Word] {
        var words: [Word] = []
        while let next = rest.first {
            if next.isWhitespace {
                rest = rest.dropFirst()
            } else if next == "#" {
                rest = rest.drop { !$0.isNewline }
            } else if next == ";" {
                rest = rest.dropFirst()
                return words
            } else if next == "'" || next == "\"" {
                rest = rest.dropFirst()
                words.append(Word(text: try quoted(&rest, until: next), isQuoted: true))
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != ";" }
                rest = rest[word.endIndex...]
                words.append(Word(text: String(word), isQuoted: false))
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring, until quote: Character) throws(ProfileProblem) -> String {
        var text = ""
        while let next = rest.popFirst() {
            if next == quote { return text }
            guard next == "\\", let escaped = rest.first else {
                text.append(next)
                continue
            }
            switch escaped {
            case "\"", "'", "\\": text.append(escaped)
            case "t": text.append("\t")
            case "r", "n": break
            default: text += "\\\(escaped)"
            }
            rest = rest.dropFirst()
        }
        throw ProfileProblem("a quote of the directive does not end: \(text.prefix(40))")
    }
}
