import Foundation

/// How wide the terminal is on which text is shown, and whether it may be styled.
struct Terminal {
    /// Characters a line.
    let width: Int
    let isStyled: Bool

    /// The widest that text is set: longer lines are hard to read.
    private static let widest = 100
    private static let narrowest = 40
    /// Where the output goes elsewhere.
    private static let standard = 80

    init(width: Int, isStyled: Bool) { (self.width, self.isStyled) = (width, isStyled) }

    /// The one that the standard output goes to. Styled only if it is a terminal that can be, and nobody asked for plain text
    /// (no-color.org).
    static var output: Terminal {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Terminal(
            width: min(max(columns(of: STDOUT_FILENO) ?? standard, narrowest), widest), isStyled: isTerminal && !isPlain
        )
    }

    /// Nil if it is no terminal, or does not say.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case yellow = "33"
    }

    func styled(_ text: String, _ style: Style) -> String {
        isStyled ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// The text in lines of at most the width, broken at blanks; a word that is longer has a line of its own.
    ///
    /// - Parameters:
    ///   - indent: of every line but the first.
    ///   - column: where the first line begins.
    func wrapped(_ text: String, indent: Int = 0, from column: Int = 0) -> String {
        var lines: [String] = []
        var line = ""
        var place = column
        for word in text.split(separator: " ") {
            let isFirst = line.isEmpty
            if !isFirst, place + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
                place = indent + word.count
            } else {
                line += isFirst ? "\(word)" : " \(word)"
                place += word.count + (isFirst ? 0 : 1)
            }
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
