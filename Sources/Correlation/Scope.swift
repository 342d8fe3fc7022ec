public import LogRecords

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

    /// - Throws: `ScopeProblem` that names the part that cannot be read.
    public init(_ text: String) throws(ScopeProblem) {
        terms = []
        let pattern = text.replacing(/\s+(?i:and)\s+/, with: "\u{1f}")
        for part in pattern.split(separator: "\u{1f}", omittingEmptySubsequences: false) {
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

/// Counts the accounts that have a delivery inside a scope.
public struct AffectedAccounts: Sendable {
    /// Why an account is affected.
    public struct Reason: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let requester = Reason(rawValue: 1)
        public static let cameraOwner = Reason(rawValue: 2)
    }

    private let terms: [(attribute: Scope.Attribute, value: NameID)]
    private let directory: Directory
    /// The accounts and why each is in.
    public private(set) var reasons = NameMap<Reason>()

    /// - Parameter scope: nil: the whole dump.
    public init(_ scope: Scope?, _ directory: Directory, _ names: NameTable) {
        terms = (scope?.terms ?? []).map { ($0.attribute, names.intern($0.value)) }
        self.directory = directory
    }

    /// - Parameter rollout: in force at the delivery.
    public mutating func add(_ delivery: Delivery, rollout: NameID) {
        let isInside = terms.allSatisfy { attribute, value in
            switch attribute {
            case .client: delivery.client == value
            case .model: directory.model(of: delivery.camera) == value
            case .node: delivery.node == value
            case .kind: delivery.kind == value
            case .rollout: rollout == value
            }
        }
        guard isInside else { return }
        if delivery.requester.isPresent { note(delivery.requester, .requester) }
        guard delivery.camera.isPresent else { return }
        directory.eachOwner(of: delivery.camera, delivery.time.earliest, delivery.time.latest) {
            note($0, .cameraOwner)
        }
    }

    private mutating func note(_ account: NameID, _ reason: Reason) {
        if let place = reasons.place(of: account) {
            if !reasons.values[place].contains(reason) { reasons.update(place) { _ = $0.insert(reason) } }
        } else {
            reasons.append(account, reason)
        }
    }
}
