/// A format as it stands in a configuration: alone, or as a whole directive with its name, its parameters and its text in
/// pieces (`log_format name escape=json '…' '…';`, ngx_http_log_module).
struct FormatDirective {
    /// The text of the format itself.
    private(set) var format = ""
    /// What the configuration calls it, if the directive is there as a whole.
    private(set) var name: String?
    /// Whether the server writes values as they are (nginx, `escape=none`).
    private(set) var escapesNothing = false

    /// - Throws: `ProfileProblem` if a quote does not end, or the directive has no text.
    init(_ text: String, _ server: FormatString.Server) throws(ProfileProblem) {
        let trimmed = text.drop { $0.isWhitespace }
        let keyword = ["log_format", "LogFormat", "logformat"].first { word in
            trimmed.hasPrefix(word) && trimmed.dropFirst(word.count).first?.isWhitespace == true
        }
        let isPieces = server == .nginx && trimmed.first == "'"
        guard keyword != nil || isPieces else {
            format = Self.unescaped(text, isNginx: server == .nginx)
            return
        }
        let words = try Self.words(trimmed.dropFirst(keyword?.count ?? 0))
        switch keyword {
        case "LogFormat":
            format = words.first?.text ?? ""
            name = words.dropFirst().first?.text
        // squid.conf: the name, and the rest of the line.
        case "logformat":
            format =
                trimmed.dropFirst("logformat".count).split(maxSplits: 1) { $0 == " " || $0 == "\t" }.last.map(
                    String.init) ?? ""
            name = words.first?.text
        default:
            name = keyword == nil ? nil : words.first?.text
            let pieces = words.dropFirst(keyword == nil ? 0 : 1)
            escapesNothing = pieces.contains { !$0.isQuoted && $0.text == "escape=none" }
            format = pieces.filter { $0.isQuoted || !$0.text.hasPrefix("escape=") }.map(\.text).joined()
        }
        guard !format.isEmpty else { throw ProfileProblem("the directive has no format: \(text)") }
    }

    /// What a configuration file needs around a format and inside it.
    private static func unescaped(_ text: String, isNginx: Bool) -> String {
        var text = text
        if !isNginx || !text.contains("{") { text = text.replacing("\\\"", with: "\"") }
        return text.replacing("\\t", with: "\t")
    }

    private struct Word {
        var text: String
        var isQuoted: Bool
    }

    /// The words of a directive up to its end; in quotes a backslash escapes (ngx_conf_file: \" \' \\ \t \r \n).
    private static func words(_ text: Substring) throws(ProfileProblem) -> [Word] {
        var words: [Word] = []
        var rest = text
        while let next = rest.first {
            if next.isWhitespace {
                rest = rest.dropFirst()
            } else if next == "#" {
                rest = rest.drop { !$0.isNewline }
            } else if next == ";" {
                break
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
