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
    /// A value and the text behind it.
    private struct Part: Sendable {
        /// -1: nobody wants it.
        var field: Int
        var kind: Kind?
        /// Where the text stands in `literals`; empty at the template's end, where the value takes all that is left.
        var literal = 0..<0
    }

    private enum Kind: String, Sendable {
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

    /// The texts of all parts, end to end.
    private var literals: [UInt8] = []
    /// The text before the first value ends here in `literals`.
    private var opening = 0
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
            if parts.last?.literal.isEmpty == true {
                throw ProfileProblem("pattern: no text between two values, before: \(rest[brace...])")
            }
            let pieces = rest[rest.index(after: brace)..<end].split(separator: ":", omittingEmptySubsequences: false)
            let kind = pieces.count == 2 ? Kind(rawValue: String(pieces[1])) : nil
            guard let name = pieces.first.map(String.init), !name.isEmpty, pieces.count == 1 || kind != nil else {
                throw ProfileProblem("pattern: '\(rest[brace...end])' is not {name}, {name:digits} or {name:word}")
            }
            parts.append(Part(field: number(of: name), kind: kind))
            rest = rest[rest.index(after: end)...]
        }
        appendLiteral(rest)
    }

    private mutating func appendLiteral(_ text: Substring) {
        let start = literals.count
        literals.append(contentsOf: text.utf8)
        guard let last = parts.indices.last else {
            opening = literals.count
            return
        }
        parts[last].literal = (parts[last].literal.isEmpty ? start : parts[last].literal.lowerBound)..<literals.count
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
        literals.withUnsafeBytes { literals in
            guard var offset = fit(literals, 0..<opening, line, at: 0) else { return 0 }
            for part in parts {
                var range = offset..<line.count
                var end = line.count
                if !part.literal.isEmpty {
                    guard let place = find(literals, part.literal, line, from: offset) else { return offset }
                    range = offset..<place.start
                    end = place.end
                }
                if let kind = part.kind, !kind.fits(line[range]) { return offset }
                if part.field >= 0 { found(part.field, range) }
                offset = end
            }
            return offset == line.count ? nil : offset
        }
    }

    /// The end of a literal in `line` if it stands at `start`.
    @inline(__always)
    private func fit(
        _ literals: UnsafeRawBufferPointer, _ literal: Range<Int>, _ line: UnsafeRawBufferPointer, at start: Int
    ) -> Int? {
        var offset = start
        for index in literal {
            guard offset < line.count, line[offset] == literals[index] else { return nil }
            offset += 1
            if literals[index] == 0x20 { while offset < line.count, line[offset] == 0x20 { offset += 1 } }
        }
        return offset
    }

    @inline(__always)
    private func find(
        _ literals: UnsafeRawBufferPointer, _ literal: Range<Int>, _ line: UnsafeRawBufferPointer, from start: Int
    ) -> (start: Int, end: Int)? {
        let first = literals[literal.lowerBound]
        let mayBeEscaped = honoursEscapes && first == UInt8(ascii: "\"")
        var offset = start
        while let place = Bytes.index(of: first, in: line, from: offset) {
            if !(mayBeEscaped && Self.isEscaped(line, place, from: start)),
                let end = fit(literals, literal, line, at: place)
            {
                return (place, end)
            }
            offset = place + 1
        }
        return nil
    }

    /// Whether an odd number of backslashes stands before `place`: of two, the first escapes the second.
    private static func isEscaped(_ line: UnsafeRawBufferPointer, _ place: Int, from start: Int) -> Bool {
        var first = place
        while first > start, line[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return (place - first) % 2 == 1
    }
}
