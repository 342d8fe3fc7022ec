public import LogRecords

/// Which receiving accounts are no independent observations: a household whose devices poll one stuck frame in several
/// accounts' names is one client of the cache.
///
/// Accounts belong together if one was given a right to the other's cameras at any time, or if their exposures came to one
/// session, device or household, where a profile maps such a field. They count as one if it is surprising that all of them were
/// reached: where every other account is, a household's are no less independent than any. What ties more than a household can
/// have ties nobody: a support desk with rights to thousands of cameras, a field that holds a device's model.
public struct Households: Sendable {
    /// The accounts that a household can have, and the accounts that one may share rights with.
    static let most = 16
    /// As many accounts of a household are reached by chance less often than this, if they are to count as one.
    private static let surprise = 0.001
    /// The names of extra fields that say which deliveries came to one place.
    static let fields: Set<String> = ["session", "session_id", "device", "device_id", "household", "household_id"]

    /// By account: one that stands for all of them. Only accounts that are not alone are in it.
    private var heads: [SymbolID: SymbolID] = [:]

    public init() {}

    /// - Parameters:
    ///   - notes: know the directory.
    ///   - requesters: how many accounts received anything.
    ///   - eachExposure: hands over each exposure, in any order, with digests of its client's session and device as far as the
    ///     line names them.
    public init(
        _ notes: CauseNotes, requesters: Int, eachExposure: ((Delivery, [UInt64]) -> Void) throws -> Void
    ) rethrows {
        var receivers: Set<SymbolID> = []
        var sharing: [UInt64: Set<SymbolID>] = [:]
        var fields: [SymbolID: [UInt64]] = [:]
        try eachExposure { exposure, digests in
            let (receiver, extra) = (exposure.requester, exposure.extra)
            receivers.insert(receiver)
            if extra.isPresent, fields[extra] == nil {
                fields[extra] = ExtraFields.split(notes.values.text(extra)).compactMap { field in
                    guard Self.fields.contains(field.name), !field.value.isEmpty else { return nil }
                    return KeySamples.hash("\(field.name)=\(field.value)")
                }
            }
            for trait in digests + (fields[extra] ?? []) where sharing[trait]?.count ?? 0 <= Self.most {
                sharing[trait, default: []].insert(receiver)
            }
        }
        var ties: [(SymbolID, SymbolID)] = []
        for accounts in sharing.values where accounts.count > 1 && accounts.count <= Self.most {
            let all = Array(accounts)
            ties += all.dropFirst().map { (all[0], $0) }
        }
        ties += notes.values.directory.ties(of: receivers, most: Self.most)
        join(ties, receivers, share: Double(receivers.count) / Double(max(requesters, receivers.count, 1)))
    }

    /// The account that stands for the household of another; nil for one that is alone.
    subscript(account: SymbolID) -> SymbolID? { heads.isEmpty ? nil : heads[account] }

    /// - Parameter share: of the accounts that are receivers.
    private mutating func join(_ ties: [(SymbolID, SymbolID)], _ receivers: Set<SymbolID>, share: Double) {
        if ties.isEmpty { return }
        var parents: [SymbolID: SymbolID] = [:]
        func root(_ account: SymbolID) -> SymbolID {
            var account = account
            while let parent = parents[account], parent != account { account = parent }
            return account
        }
        for (a, b) in ties {
            let (first, second) = (root(a), root(b))
            // The smaller one stands for both, whatever the order of the ties.
            if first != second { parents[max(first, second)] = min(first, second) }
        }
        var members: [SymbolID: [SymbolID]] = [:]
        for account in Set(ties.flatMap { [$0.0, $0.1] }) where receivers.contains(account) {
            members[root(account), default: []].append(account)
        }
        for (head, accounts) in members where accounts.count > 1 && accounts.count <= Self.most {
            var chance = 1.0
            for _ in accounts { chance *= share }
            guard chance < Self.surprise else { continue }
            for account in accounts { heads[account] = head }
        }
    }
}
