/// A line's shape, written as the line itself with names in braces: `{time} {requester} "{request}" {status}`.
///
/// - `{name}` takes everything up to the first place where the text behind it fits; `{_}` takes and forgets;
///   `{name:digits}` takes digits only, `{name:word}` what holds neither blanks nor quotes; neither takes nothing
/// - `{{` and `}}` stand for the braces themselves
/// - a blank in the template fits one or more blanks in the line, as logs pad their columns
/// - a quote that the line escapes with a backslash does not end a value
///
/// Matching never goes back, so its cost is bounded by the line's length times the longest literal: a hostile line
/// cannot blow it up, as it could a regular expression.
struct LineTemplate: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case value(field: Int, kind: Kind?)
    }

    private enum Kind: String {
        case digits
        case word

        func fits(_ value: UnsafeRawBufferPointer.SubSequence) -> Bool {
            guard !value.isEmpty else { return false }
            return switch self {
            case .digits: value.allSatisfy { $0 &- 48 < 10 }
            case .word: !value.contains { $0 == 0x20 || $0 == UInt8(ascii: "\"") }
            }
        }
    }

    private var parts: [Part] = []
    /// The names in braces, each once, in order of appearance, without `_`.
    private(set) var names: [String] = []
    private let honoursEscapes: Bool

    private static let maxBytes = 4096

    /// - Throws: `ProfileProblem` if it is too long, a brace is not closed, or two values stand side by side.
    init(_ text: String, honoursEscapes: Bool = true) throws(ProfileProblem) {
        self.honoursEscapes = honoursEscapes
        // Looking for a text costs its length at each byte of a line.
        guard text.utf8.count <= Self.maxBytes else {
            throw ProfileProblem("pattern: has \(text.utf8.count) bytes, of \(Self.maxBytes) at most")
        }
        var rest = Substring(text)
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            appendLiteral(rest[..<brace])
            if rest[brace...].hasPrefix("{{") || rest[brace...].hasPrefix("}}") {
                appendLiteral(rest[brace...brace])
                rest = rest[brace...].dropFirst(2)
                continue
            }
            if rest[brace] == "}" {
                appendLiteral(rest[brace...brace])
                rest = rest[brace...].dropFirst()
                continue
            }
            guard let end = rest[brace...].firstIndex(of: "}") else {
                throw ProfileProblem("pattern: '{' without '}' in: \(rest[brace...])")
            }
            if case .value = parts.last {
                throw ProfileProblem("pattern: no text between two values, before: \(rest[brace...])")
            }
            let pieces = rest[rest.index(after: brace)..<end].split(separator: ":", omittingEmptySubsequences: false)
            let kind = pieces.count == 2 ? Kind(rawValue: String(pieces[1])) : nil
            guard let name = pieces.first.map(String.init), !name.isEmpty, pieces.count == 1 || kind != nil else {
                throw ProfileProblem("pattern: '\(rest[brace...end])' is not {name}, {name:digits} or {name:word}")
            }
            parts.append(.value(field: number(of: name), kind: kind))
            rest = rest[rest.index(after: end)...]
        }
        appendLiteral(rest)
    }

    private mutating func appendLiteral(_ text: Substring) {
        guard !text.isEmpty else { return }
        if case .literal(let before) = parts.last {
            parts[parts.count - 1] = .literal(before + Array(text.utf8))
        } else {
            parts.append(.literal(Array(text.utf8)))
        }
    }

    private mutating func number(of name: String) -> Int {
        if name == "_" { return -1 }
        if let known = names.firstIndex(of: name) { return known }
        names.append(name)
        return names.count - 1
    }

    /// Calls `found` with each value's number in `names` and its place in `line`.
    ///
    /// - Returns: nil if the whole line fits, else the offset at which it stops fitting.
    func match(_ line: UnsafeRawBufferPointer, found: (_ name: Int, _ range: Range<Int>) -> Void) -> Int? {
        var offset = 0
        var index = 0
        while index < parts.count {
            switch parts[index] {
            case .literal(let literal):
                guard let end = fit(literal, line, at: offset) else { return offset }
                offset = end
                index += 1
            case .value(let field, let kind):
                var range = offset..<line.count
                var end = line.count
                if index + 1 < parts.count, case .literal(let literal) = parts[index + 1] {
                    guard let place = find(literal, line, from: offset) else { return offset }
                    range = offset..<place.start
                    end = place.end
                }
                if let kind, !kind.fits(line[range]) { return offset }
                if field >= 0 { found(field, range) }
                offset = end
                index += 2
            }
        }
        return offset == line.count ? nil : offset
    }

    /// The end of `literal` in `line` if it stands at `start`.
    private func fit(_ literal: [UInt8], _ line: UnsafeRawBufferPointer, at start: Int) -> Int? {
        var offset = start
        for byte in literal {
            guard offset < line.count, line[offset] == byte else { return nil }
            offset += 1
            if byte == 0x20 { while offset < line.count, line[offset] == 0x20 { offset += 1 } }
        }
        return offset
    }

    private func find(_ literal: [UInt8], _ line: UnsafeRawBufferPointer, from start: Int) -> (start: Int, end: Int)? {
        let first = literal[0]
        let mayBeEscaped = honoursEscapes && first == UInt8(ascii: "\"")
        var offset = start
        while offset < line.count {
            if mayBeEscaped, line[offset] == UInt8(ascii: "\\") {
                offset += 2
                continue
            }
            if line[offset] == first, let end = fit(literal, line, at: offset) { return (offset, end) }
            offset += 1
        }
        return nil
    }
}
