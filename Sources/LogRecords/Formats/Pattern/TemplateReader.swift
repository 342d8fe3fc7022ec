/// Reads a line template's text: see `LineTemplate`.
struct TemplateReader {
    typealias Part = LineTemplate.Part

    /// The texts of all parts, end to end.
    private(set) var literals: [UInt8] = []
    /// The text before the first value ends here in `literals`.
    private(set) var opening = 0
    private(set) var parts: [Part] = []
    /// The names of all parts, for messages.
    private(set) var partNames: [String] = []
    private(set) var options: [TrailingValues.Option] = []
    /// The names in braces, each once, in order of appearance, without `_`.
    private(set) var names: [String] = []

    private let hasSingleBlanks: Bool

    private static let maxBytes = 4096

    /// - Throws: `ProfileProblem` if it is too long, a brace is not closed, a type is unknown, or two values stand side by
    ///   side of which the first does not say where it ends.
    init(_ text: String, hasSingleBlanks: Bool = false) throws(ProfileProblem) {
        self.hasSingleBlanks = hasSingleBlanks
        // Looking for a text costs its length at each byte of a line.
        guard text.utf8.count <= Self.maxBytes else {
            throw ProfileProblem("pattern: has \(text.utf8.count) bytes, of \(Self.maxBytes) at most")
        }
        var rest = Substring(text)
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            try appendLiteral(rest[..<brace])
            if rest[brace...].hasPrefix("{{") || rest[brace...].hasPrefix("}}") {
                try appendLiteral(rest[brace...brace])
                rest = rest[brace...].dropFirst(2)
                continue
            }
            if rest[brace] == "}" {
                try appendLiteral(rest[brace...brace])
                rest = rest[brace...].dropFirst()
                continue
            }
            guard let end = rest[brace...].firstIndex(of: "}") else {
                throw ProfileProblem("pattern: '{' without '}' in: \(rest[brace...])")
            }
            try appendValue(rest[brace...end], before: rest[brace...])
            rest = rest[rest.index(after: end)...]
        }
        try appendLiteral(rest)
    }

    private mutating func appendValue(_ braces: Substring, before rest: Substring) throws(ProfileProblem) {
        var inner = braces.dropFirst().dropLast()
        let isOption = inner.first == "?"
        if isOption { inner = inner.dropFirst() }
        let pieces = inner.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let type = pieces.count == 2 ? FieldType(rawValue: pieces[1]) : nil
        guard let name = pieces.first, !name.isEmpty, pieces.count == 1 || type != nil else {
            let types = FieldType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ProfileProblem("pattern: '\(braces)' is not {name} or {name:type} with one of the types \(types)")
        }
        if isOption {
            guard let type else { throw ProfileProblem("pattern: '\(braces)' needs a type to be told by") }
            guard parts.last?.literal.isEmpty != true else {
                throw ProfileProblem("pattern: no text between two values, before: \(rest)")
            }
            options.append(TrailingValues.Option(field: number(of: name), type: type))
            return
        }
        guard options.isEmpty else {
            throw ProfileProblem("pattern: only further {?name:type} can follow such a value: \(rest)")
        }
        if let last = parts.last, last.literal.isEmpty, last.type?.endsByItself != true {
            throw ProfileProblem("pattern: no text between two values, before: \(rest)")
        }
        parts.append(Part(field: number(of: name), type: type))
        partNames.append(name)
    }

    private mutating func appendLiteral(_ text: Substring) throws(ProfileProblem) {
        if text.isEmpty { return }
        guard options.isEmpty else {
            throw ProfileProblem("pattern: no text can follow a {?name:type}: \(text)")
        }
        let start = literals.count
        let begin = parts.last.map { $0.literal.isEmpty ? start : $0.literal.lowerBound } ?? 0
        // One blank fits all of a run.
        for byte in text.utf8 where byte != 0x20 || hasSingleBlanks || literals.count == begin || literals.last != 0x20
        {
            literals.append(byte)
        }
        guard let last = parts.indices.last else {
            opening = literals.count
            return
        }
        parts[last].literal = (parts[last].literal.isEmpty ? start : parts[last].literal.lowerBound)..<literals.count
        parts[last].mayGoOn =
            switch literals[parts[last].literal.lowerBound] {
            case 0x20: [.list, .addresses, .servers, .time, .verdict].contains(parts[last].type)
            case UInt8(ascii: ":"): [.address, .host].contains(parts[last].type)
            default: false
            }
    }

    private mutating func number(of name: String) -> Int {
        if name == "_" { return -1 }
        if let known = names.firstIndex(of: name) { return known }
        names.append(name)
        return names.count - 1
    }
}
