import LogRecords

/// Formats as they stand in a server's configuration, among comments and other directives.
extension FormatString {
    /// The formats of a text as an operator copies it: each directive that gives one, whatever stands around it; the text as a
    /// whole if it has none.
    ///
    /// Read as ngx_conf_file reads nginx.conf, and by lines that a backslash joins, as httpd.conf, squid.conf and goaccess.conf
    /// are.
    public static func formats(of server: Server, in text: String) -> [FormatString] {
        let found =
            switch server {
            case .nginx: nginxDirectives(text)
            case .apache: lines(text).filter(isApacheFormat)
            case .squid: lines(text).filter { FormatDirective.rest(of: $0[...], behind: "logformat") != nil }
            case .goaccess:
                lines(text).compactMap { line in
                    FormatDirective.rest(of: line[...], behind: "log-format").map {
                        String($0.drop(while: \.isWhitespace))
                    }
                }
            case .varnishncsa: [String]()
            }
        return (found.isEmpty ? [text] : found).map { FormatString(server, $0) }
    }

    /// A configuration's lines without the blanks before them and the comments.
    private static func lines(_ text: String) -> [String] {
        var whole: [String] = []
        var begun = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.hasSuffix("\\") {
                begun += line.dropLast()
            } else {
                whole.append(begun + line)
                begun = ""
            }
        }
        return (whole + [begun]).map { line in String(line.drop(while: \.isWhitespace)) }.filter {
            !$0.isEmpty && !$0.hasPrefix("#")
        }
    }

    /// `LogFormat`, and a `CustomLog` or `GlobalLog` that has no format's nickname but a format of its own (mod_log_config).
    private static func isApacheFormat(_ line: String) -> Bool {
        FormatDirective.rest(of: line[...], behind: "LogFormat") != nil || FormatDirective.customLog(line[...]) != nil
    }

    /// The `log_format` directives of a configuration, each up to its semicolon.
    private static func nginxDirectives(_ text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace || ";{}".contains($0) }
            guard let next = rest.first else { return found }
            if next == "#" {
                rest = rest.drop { !$0.isNewline }
                continue
            }
            guard let words = FormatDirective.rest(of: rest, behind: "log_format") else {
                rest = behindDirective(rest)
                continue
            }
            let directive = rest
            rest = words
            // A quote that does not end is found again when the format is read.
            _ = try? FormatDirective.words(&rest)
            found.append(String(directive[..<rest.startIndex]))
        }
    }

    /// What follows another directive's end, or its block's begin. A quote counts for one only if it ends on its line: a script's
    /// may not.
    private static func behindDirective(_ text: Substring) -> Substring {
        var rest = text
        var isWordStart = true
        while let next = rest.first, !";{}".contains(next) {
            if isWordStart, next == "#" {
                rest = rest.drop { !$0.isNewline }
            } else if isWordStart, next == "'" || next == "\"" {
                let inside = rest.dropFirst()
                // As far as the quote's end alone, for a line may be long and have many.
                let end = inside.firstIndex { $0 == next || $0.isNewline }
                rest = end.flatMap { inside[$0] == next ? inside[$0...].dropFirst() : nil } ?? inside
            } else {
                rest = rest.dropFirst()
            }
            isWordStart = next.isWhitespace
        }
        return rest
    }
}
