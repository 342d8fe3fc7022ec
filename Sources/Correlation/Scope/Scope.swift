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
            terms.append(Term(attribute: attribute, value: String(value)))
        }
    }

    /// As `--scope` takes it.
    public var description: String { terms.map { "\($0.attribute.rawValue)=\($0.value)" }.joined(separator: " AND ") }
}

/// Why a scope cannot be read.
public struct ScopeProblem: Error, Sendable, CustomStringConvertible {
    public var part: String
    public var why: String
    public var description: String { "--scope: '\(part)' \(why)" }
}
