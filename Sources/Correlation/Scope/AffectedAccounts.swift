public import Interning
public import LogRecords

/// Counts the accounts that have a delivery inside a scope, and inside its neighbours: the scopes with fewer terms, and
/// the one that also asks for what the cause asks of the network.
///
/// For each account it knows which combinations of terms its deliveries fulfil, one bit for each combination; that is
/// all it takes to tell whether the account is inside any of those scopes.
public struct AffectedAccounts: Sendable {
    /// The counts of one scope.
    public struct Neighbour: Sendable {
        /// What makes it differ from the scope: `without client`, `with network=poor`, `whole dump`; `scope`: nothing
        /// does.
        public var change: String
        /// Its terms; empty: the whole dump.
        public var terms: String
        public var accounts = 0
        public var requesters = 0
        public var cameraOwners = 0
        public var deliveries = 0
        public var exposuresCertain = 0
        public var exposuresPossible = 0
    }

    /// All demands on one attribute; more than one can only be fulfilled if they are the same.
    private struct Demand: Sendable {
        var attribute: Attribute
        var values: [SymbolID]
        var text: String
        /// Whether the scope itself asks for it.
        var isInScope: Bool
    }
    /// By role: the combinations of demands that deliveries fulfilled, as bits.
    private struct Seen: Sendable {
        var asRequester: UInt64 = 0
        var asCameraOwner: UInt64 = 0
    }

    private let demands: [Demand]
    private let paths: AccountPaths
    private var accounts: [(name: SymbolID, seen: Seen)] = []
    private var deliveries = [Int](repeating: 0, count: 64)
    private var exposuresCertain = [Int](repeating: 0, count: 64)
    private var exposuresPossible = [Int](repeating: 0, count: 64)

    /// - Parameters:
    ///   - scope: nil: the whole dump.
    ///   - cause: its demand on the network makes one more neighbour.
    public init(_ scope: Scope?, cause: Condition?, _ paths: AccountPaths, _ names: StringInterner) {
        var demands: [Demand] = []
        for term in scope?.terms ?? [] {
            let attribute = Self.attribute(term.attribute)
            let text = "\(term.attribute.rawValue)=\(term.value)"
            if let known = demands.firstIndex(where: { $0.attribute == attribute }) {
                demands[known].values.append(paths.name(term.value, attribute, names))
                demands[known].text += " AND " + text
            } else {
                demands.append(
                    Demand(
                        attribute: attribute, values: [paths.name(term.value, attribute, names)], text: text,
                        isInScope: true))
            }
        }
        if let network = cause?.terms.first(where: { $0.attribute == .network }) {
            demands.append(
                Demand(
                    attribute: .network, values: [paths.name(network.value, .network, names)],
                    text: network.description, isInScope: false))
        }
        self.demands = demands
        self.paths = paths
        let fulfilled = paths.paths.map(fulfilled)
        for (path, count) in paths.deliveries.enumerated() { deliveries[fulfilled[path]] += count }
        paths.eachAccount { name, eachPath in
            var seen = Seen()
            eachPath { path, reason in
                let bit = UInt64(1) << UInt64(fulfilled[path])
                if reason.contains(.requester) { seen.asRequester |= bit }
                if reason.contains(.cameraOwner) { seen.asCameraOwner |= bit }
            }
            accounts.append((name, seen))
        }
    }

    private static func attribute(_ attribute: Scope.Attribute) -> Attribute {
        switch attribute {
        case .client: .client
        case .model: .model
        case .node: .node
        case .kind: .kind
        case .rollout: .rolloutAtDelivery
        }
    }

    /// Takes note that one of the deliveries is an exposure.
    public mutating func add(exposure delivery: Delivery, isCertain: Bool) {
        let fulfilled = fulfilled(paths.path(of: delivery))
        if isCertain { exposuresCertain[fulfilled] += 1 } else { exposuresPossible[fulfilled] += 1 }
    }

    /// The demands that the deliveries on a path fulfil, as bits.
    private func fulfilled(_ path: AccountPaths.Path) -> Int {
        demands.enumerated().reduce(0) { bits, demand in
            let value = path.value(demand.element.attribute)
            return demand.element.values.allSatisfy { $0 == value } ? bits | 1 << demand.offset : bits
        }
    }

    // MARK: Counts

    private var scopeBits: Int { demands.indices.reduce(0) { demands[$1].isInScope ? $0 | 1 << $1 : $0 } }

    /// The combinations that fulfil all of `demanded`, as bits.
    private func inside(_ demanded: Int) -> UInt64 {
        (0..<64).reduce(0) { $1 & demanded == demanded ? $0 | UInt64(1) << UInt64($1) : $0 }
    }

    /// The accounts inside the scope and why each is, in order of arrival.
    public var reasons: [(account: SymbolID, reason: AccountPaths.Reason)] {
        let inside = inside(scopeBits)
        return accounts.compactMap { account, seen in
            var reason: AccountPaths.Reason = []
            if seen.asRequester & inside != 0 { reason.insert(.requester) }
            if seen.asCameraOwner & inside != 0 { reason.insert(.cameraOwner) }
            return reason.isEmpty ? nil : (account, reason)
        }
    }

    /// The scope first, then the narrower one, then the wider ones: each without one term more, until none is left.
    public var neighbours: [Neighbour] {
        let scope = scopeBits
        let narrower = demands.indices.filter { !demands[$0].isInScope }.map { scope | 1 << $0 }
        let wider = (0..<64).filter { $0 & scope == $0 && $0 != scope }.sorted { a, b in
            a.nonzeroBitCount != b.nonzeroBitCount ? a.nonzeroBitCount > b.nonzeroBitCount : a > b
        }
        return ([scope] + narrower + wider).map { demanded in
            var neighbour = Neighbour(change: change(to: demanded), terms: text(demanded))
            let inside = inside(demanded)
            for (_, seen) in accounts {
                let isRequester = seen.asRequester & inside != 0
                let isOwner = seen.asCameraOwner & inside != 0
                if isRequester { neighbour.requesters += 1 }
                if isOwner { neighbour.cameraOwners += 1 }
                if isRequester || isOwner { neighbour.accounts += 1 }
            }
            for bits in 0..<64 where bits & demanded == demanded {
                neighbour.deliveries += deliveries[bits]
                neighbour.exposuresCertain += exposuresCertain[bits]
                neighbour.exposuresPossible += exposuresPossible[bits]
            }
            return neighbour
        }
    }

    private func text(_ demanded: Int) -> String {
        demands.indices.filter { demanded >> $0 & 1 == 1 }.map { demands[$0].text }.joined(separator: " AND ")
    }

    private func change(to demanded: Int) -> String {
        let scope = scopeBits
        if demanded == scope { return "scope" }
        if demanded == 0 { return "whole dump" }
        if demanded & scope == scope { return "with " + text(demanded & ~scope) }
        let names = demands.indices.filter { (scope & ~demanded) >> $0 & 1 == 1 }.map {
            demands[$0].attribute.inScope?.rawValue ?? demands[$0].attribute.label
        }
        return "without " + names.joined(separator: ", ")
    }
}
