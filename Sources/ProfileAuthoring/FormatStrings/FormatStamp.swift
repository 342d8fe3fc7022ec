import LogRecords

/// The time stamps of a log format that an operator may write as strftime(3) does: `%{%d.%m.%Y %H:%M:%S}t`.
enum FormatStamp {
    /// How the stamps are written, in strptime's words; nil if in a usual notation, which needs no word.
    ///
    /// - Throws: `ProfileProblem` if what a stamp leaves out, as its year, makes it no moment; or if there are two notations.
    static func notation(
        of tokens: [FormatString.Token], _ server: FormatString.Server
    ) throws(ProfileProblem) -> String? {
        var notations: [String] = []
        for kind in ["time", "end_time"] {
            let places = tokens.indices.filter { server.expanded(tokens[$0]).contains(.variable(kind)) }
            guard let first = places.first, let last = places.last else { continue }
            // Parts of one stamp have nothing but text between them; of two stamps the last counts.
            let isOne = tokens[first...last].indices.allSatisfy { tokens[$0].variable == nil || places.contains($0) }
            var text = ""
            for place in isOne ? Array(first...last) : [last] {
                switch tokens[place] {
                case .text(let between): text += between.replacing("%", with: "%%")
                case .variable(let variable):
                    guard let part = part(variable) else { return nil }
                    text += part
                }
            }
            if !notations.contains(text) { notations.append(text) }
        }
        let unusual = notations.filter { !isUsual($0) }
        guard let notation = unusual.first else { return nil }
        guard notations.count == 1, TimeFormat(notation) != nil else {
            throw ProfileProblem(
                "the stamp '\(notation)' is no date with its time that can be read; write it as %Y-%m-%dT%H:%M:%S%z")
        }
        return notation
    }

    /// What one of a stamp's values is in strptime's words; nil if its server has a notation of its own for it.
    private static func part(_ variable: String) -> String? {
        guard variable.hasPrefix("{"), let end = variable.lastIndex(of: "}") else {
            return variable == "ts" ? "%s" : variable == "tu" ? "%f" : nil
        }
        var text = String(variable[..<end].dropFirst())
        for prefix in ["begin:", "end:"] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        return switch text {
        case "sec": "%s"
        case "msec", "usec": nil
        case "msec_frac", "usec_frac": "%f"
        // How many values apart from one another a stamp has is told by its blanks.
        default:
            text.replacing("%c", with: "%a %b %e %H:%M:%S %Y").replacing("%r", with: "%I:%M:%S %p")
                .replacing("%t", with: "\t")
        }
    }

    /// Whether stamps of that notation are read without a word about it.
    private static func isUsual(_ notation: String) -> Bool {
        var text = notation
        let example = [
            ("%F", "2019-12-26"), ("%T", "11:05:07"), ("%Y", "2019"), ("%m", "12"), ("%d", "26"), ("%b", "Dec"),
            ("%H", "11"), ("%M", "05"), ("%S", "07"), ("%f", "123"), ("%z", "+0100"), ("%s", "1577354707"),
        ]
        for (word, value) in example { text = text.replacing(word, with: value) }
        return Timestamp(text) != nil
    }
}
