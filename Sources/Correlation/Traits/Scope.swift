/// The path conditions under which frames could stray, as `--scope` states them: `client=nest-hub AND rollout=v2`.
public struct Scope: Sendable, Equatable {
    /// What a term can ask for. The network's quality is not among them: it decides who among the affected was exposed.
    public enum Attribute: String, Sendable, CaseIterable {
        case client, model, node, kind
        /// In force on the delivery's node when the frame was delivered.
        case rollout
    }

    public struct Term: Sendable, Equatable {
        public var attribute: Attribute
        public var value: String
    }

    public var terms: [Term]

    init(terms: [Term]) { self.terms = terms }

    /// - Throws: `ScopeProblem` that names the part that cannot be read.
    public init(_ text: String) throws(ScopeProblem) {
        terms = []
        for part in text.split(separator: /\s+(?i:and)\s+/, omittingEmptySubsequences: false) {
            guard part.contains(where: { !$0.isWhitespace }) else {
                throw ScopeProblem(part: text, why: "has an AND without a term on both of its sides")
            }
            guard let sign = part.firstIndex(of: "=") else {
                throw ScopeProblem(part: String(part), why: "is not attribute=value")
            }
            let name = part[..<sign].filter { $0 != " " }
            guard let attribute = Attribute(rawValue: name) else {
                let known = Attribute.allCases.map(\.rawValue).joined(separator: ", ")
                throw ScopeProblem(
                    part: String(part),
                    why: name == "network"
                        ? "names the network's quality, which is no part of a scope: it decides who among the affected was exposed"
                        : "does not begin with one of \(known)")
            }
            var value = part[part.index(after: sign)...]
            value = value.drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            guard !value.isEmpty else { throw ScopeProblem(part: String(part), why: "has no value") }
            if let why = Self.misunderstanding(value)
                ?? (terms.contains { $0.attribute == attribute } ? Self.twice : nil)
            {
                throw ScopeProblem(part: String(part), why: why)
            }
            terms.append(Term(attribute: attribute, value: String(value)))
        }
    }

    private static let twice =
        "asks for the same attribute a second time, and no delivery has two values of it; correlate once for each"

    /// Why a value was hardly meant as it is written: what stands for something in other languages is a part of the value here.
    private static func misunderstanding(_ value: Substring) -> String? {
        let names = Attribute.allCases.map(\.rawValue)
        if value.contains(where: \.isWhitespace) {
            let words = value.split(whereSeparator: \.isWhitespace)
            if words.last?.lowercased() == "and" { return "ends with an AND that no term follows" }
            for (word, next) in zip(words, words.dropFirst()) where ["or", "||", "&&"].contains(word.lowercased()) {
                guard names.contains(where: { next.hasPrefix("\($0)=") || next == $0 }) else { continue }
                return "holds '\(word)', but terms are joined by AND alone; correlate once for each"
            }
        }
        guard value.utf8.count > 1, let first = value.utf8.first, first == value.utf8.last,
            first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
        else { return nil }
        return "has its value in quotes, which no log has around it; leave them out"
    }

    /// As `--scope` takes it.
    public var description: String { terms.map { "\($0.attribute.rawValue)=\($0.value)" }.joined(separator: " AND ") }
}

/// Why a scope cannot be read.
public struct ScopeProblem: Error, Sendable, CustomStringConvertible {
    public var part: String
    public var why: String

    public init(part: String, why: String) { (self.part, self.why) = (part, why) }

    public var description: String { "--scope: '\(part)' \(why)" }
}
