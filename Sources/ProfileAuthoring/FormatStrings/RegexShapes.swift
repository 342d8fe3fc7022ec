import LogRecords

/// The shapes of lines that a regular expression with named groups fits, as patterns of a profile: what is between the
/// groups stays, of what they hold only the kind does. So a log is read without the expression, whose cost a hostile line
/// could choose.
///
/// The patterns fit every line that the expression fits, and some more. PCRE's syntax (pcre2pattern(3)), as far as it
/// can be said that way: literals, classes, groups, alternatives and quantifiers; look-arounds are passed over.
struct RegexShapes {
    /// The patterns, those of the first alternatives first.
    private(set) var patterns: [String] = []
    /// The groups' names, each once, in order of appearance.
    private(set) var names: [String] = []

    /// How many patterns one expression may come to.
    private static let most = 128
    /// How many groups may stand in one another; they are read by calls in one another.
    private static let deepest = 100

    private enum Piece: Equatable {
        case text(String)
        case blank
        case value(Value)
        case choice([[Piece]])
    }

    private struct Value: Equatable {
        var name: String?
        /// As a pattern's `{name:kind}`.
        var kind: String?
        var mayBeEmpty = false
    }

    private var rest: Substring
    /// How many groups are open at `rest`.
    private var depth = 0

    /// - Throws: `ProfileProblem` if nothing stands between two values, or there are too many alternatives.
    init(_ expression: String) throws(ProfileProblem) {
        rest = expression[...]
        var alternatives = try alternatives()
        if !rest.isEmpty { throw ProfileProblem("a ')' closes no group") }
        for index in alternatives.indices { Self.loosenEnd(&alternatives[index]) }
        var isCrowded = false
        for shape in try Self.expanded([.choice(alternatives)]) where !shape.isEmpty {
            if let pattern = Self.pattern(shape) {
                if !patterns.contains(pattern) { patterns.append(pattern) }
            } else {
                isCrowded = true
            }
        }
        names.removeAll { name in !patterns.contains { $0.contains("{\(name)}") || $0.contains("{\(name):") } }
        guard !patterns.isEmpty else {
            throw ProfileProblem(isCrowded ? "nothing stands between two of its groups" : "it fits no text")
        }
    }

    // MARK: Reading

    private mutating func alternatives() throws(ProfileProblem) -> [[Piece]] {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw ProfileProblem("more than \(Self.deepest) groups stand in one another")
        }
        var all: [[Piece]] = [[]]
        while let next = rest.first, next != ")" {
            if next == "|" {
                rest.removeFirst()
                all.append([])
            } else {
                all[all.count - 1] += try pieces()
            }
        }
        return all
    }

    /// The next atom with its quantifier.
    private mutating func pieces() throws(ProfileProblem) -> [Piece] {
        let next = rest.removeFirst()
        switch next {
        case "^", "$": return []
        case ".": return quantified(.value(Value()))
        case "[": return quantified(try characterClass())
        case "(": return try group()
        case "\\":
            guard let escaped = rest.popFirst() else { throw ProfileProblem("it ends with a backslash") }
            switch escaped {
            case "A", "b", "B", "G", "K", "z", "Z": return []
            case "s", "h": return quantified(.blank)
            case "d": return quantified(.value(Value(kind: "digits")))
            case "w": return quantified(.value(Value(kind: "word")))
            case "D", "W", "S", "N", "H", "X", "R": return quantified(.value(Value()))
            case "t": return quantified(.text("\t"))
            case "1"..."9": throw ProfileProblem("a reference back (\\\(escaped)) cannot be said as a pattern")
            default: return quantified(.text(String(escaped)))
            }
        case " ": return quantified(.blank)
        default: return quantified(.text(String(next)))
        }
    }

    /// A class in brackets; of its characters only whether they are digits, words or blanks is kept.
    private mutating func characterClass() throws(ProfileProblem) -> Piece {
        var members: [String] = []
        let isNegated = rest.first == "^"
        if isNegated { rest.removeFirst() }
        while let next = rest.popFirst(), next != "]" || members.isEmpty {
            if next == "\\", let escaped = rest.popFirst() {
                members.append("dwsSDW".contains(escaped) ? "\\\(escaped)" : String(escaped))
            } else {
                members.append(String(next))
            }
            if rest.isEmpty { throw ProfileProblem("a '[' is not closed") }
        }
        guard !isNegated else { return .value(Value()) }
        if members.allSatisfy({ [" ", "\\s", "\t"].contains($0) }) { return .blank }
        if members == ["\\d"] || members == ["0", "-", "9"] { return .value(Value(kind: "digits")) }
        if members.count == 1, let only = members.first, !only.hasPrefix("\\") { return .text(only) }
        let isWord = !members.contains { ["\\S", "\\D", "\\W", "\\s", " ", "\t", "\"", ".-"].contains($0) }
        return .value(Value(kind: isWord ? "word" : nil))
    }

    private mutating func group() throws(ProfileProblem) -> [Piece] {
        var name: String?
        if rest.first == "?" {
            rest.removeFirst()
            if ["=", "!", "<=", "<!"].contains(where: { rest.hasPrefix($0) }) {
                _ = try alternatives()
                try close()
                return []
            }
            if rest.first == "P" { rest.removeFirst() }
            if let opening = rest.first, opening == "<" || opening == "'" {
                let closing: Character = opening == "<" ? ">" : "'"
                guard let end = rest.dropFirst().firstIndex(of: closing) else {
                    throw ProfileProblem("a group's name is not closed")
                }
                name = String(rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else {
                // `:`, `>`, or options, which may be all that the group has.
                while let option = rest.first, option != ":", option != ">", option != ")" { rest.removeFirst() }
                if let end = rest.first, end != ")" { rest.removeFirst() }
            }
        }
        let before = names.count
        let content = try alternatives()
        try close()
        guard let name else {
            if content == [[]] { return quantified(.text("")) }
            return quantified(content.count == 1 ? .choice(content) : Self.orNothing(content))
        }
        // What always is the same text tells more as text.
        if content.count == 1, !content[0].isEmpty,
            content[0].allSatisfy({ if case .text = $0 { true } else { false } })
        {
            return quantified(.choice(content))
        }
        // What is inside of it is a part of its value.
        names.removeLast(names.count - before)
        if !names.contains(name) { names.append(name) }
        var value = Value(name: name, kind: nil, mayBeEmpty: content.contains { $0.allSatisfy(Self.mayBeEmpty) })
        if content.count == 1, content[0].count == 1, case .value(let only) = content[0][0] { value.kind = only.kind }
        return quantified(.value(value))
    }

    private mutating func close() throws(ProfileProblem) {
        guard rest.popFirst() == ")" else { throw ProfileProblem("a '(' is not closed") }
    }

    /// `(?:-|(?<x>…))` is the value itself: a profile knows `-` for an absent one.
    private static func orNothing(_ content: [[Piece]]) -> Piece {
        let others = content.filter { $0 != [.text("-")] }
        if others.count < content.count, others.count == 1, others[0].count == 1, case .value = others[0][0] {
            return others[0][0]
        }
        return .choice(content)
    }

    /// The atom with the quantifier that follows it.
    private mutating func quantified(_ piece: Piece) -> [Piece] {
        guard let quantifier = quantifier() else { return [piece] }
        let isOptional = quantifier.least == 0
        switch piece {
        case .blank: return isOptional ? [.choice([[.blank], []])] : [.blank]
        case .value(var value):
            if value.name != nil { return isOptional ? [.choice([[piece], []])] : [piece] }
            value.mayBeEmpty = isOptional
            // A pattern's digits and words are one or more.
            if isOptional { value.kind = nil }
            return [.value(value)]
        case .text, .choice:
            if quantifier.isSingle { return [.choice([[piece], []])] }
            return [.value(Value(mayBeEmpty: isOptional))]
        }
    }

    private mutating func quantifier() -> (least: Int, isSingle: Bool)? {
        var found: (least: Int, isSingle: Bool)
        switch rest.first {
        case "?": found = (0, true)
        case "*": found = (0, false)
        case "+": found = (1, false)
        case "{":
            guard let end = rest.firstIndex(of: "}"), let least = rest.dropFirst().first?.wholeNumberValue else {
                return nil
            }
            found = (least, false)
            rest = rest[end...]
        default: return nil
        }
        rest.removeFirst()
        // Lazy or possessive.
        if rest.first == "?" || rest.first == "+" { rest.removeFirst() }
        return found
    }

    private static func mayBeEmpty(_ piece: Piece) -> Bool {
        switch piece {
        case .text(let text): text.isEmpty
        case .blank: false
        case .value(let value): value.mayBeEmpty
        case .choice(let all): all.contains { $0.allSatisfy(mayBeEmpty) }
        }
    }

    // MARK: Writing

    /// A rest of the line that may be missing, `\s*(?<body>.*)`, comes behind a blank or not at all.
    private static func loosenEnd(_ pieces: inout [Piece]) {
        guard let last = pieces.last, case .value(let value) = last, value.mayBeEmpty, pieces.count > 1,
            pieces[pieces.count - 2] == .choice([[.blank], []])
        else { return }
        pieces.removeLast(2)
        pieces.append(.choice([[.blank, last], []]))
    }

    private static func expanded(_ pieces: [Piece]) throws(ProfileProblem) -> [[Piece]] {
        var shapes: [[Piece]] = [[]]
        for piece in pieces {
            var ends: [[Piece]] = []
            if case .choice(let all) = piece {
                for alternative in all { ends += try expanded(alternative) }
            } else {
                ends = [[piece]]
            }
            guard shapes.count * ends.count <= most else {
                throw ProfileProblem("it has more than \(most) alternatives")
            }
            shapes = shapes.flatMap { shape in ends.map { shape + $0 } }
        }
        return shapes
    }

    /// A profile's pattern; nil if two values stand side by side.
    private static func pattern(_ pieces: [Piece]) -> String? {
        var text = ""
        var before: Value?
        for piece in pieces {
            switch piece {
            case .text(""), .choice: continue
            case .text(let literal): text += literal.replacing("{", with: "{{").replacing("}", with: "}}")
            case .blank:
                if text.last != " " { text += " " }
            case .value(let value):
                if let before {
                    // Two that nobody asked for are one.
                    guard before.name == nil, value.name == nil else { return nil }
                    if before.kind != value.kind, let brace = text.lastIndex(of: "{") { text = text[..<brace] + "{_}" }
                    continue
                }
                text += "{\(value.name ?? "_")\(value.kind.map { ":\($0)" } ?? "")}"
                before = value
                continue
            }
            before = nil
        }
        return text
    }
}
