/// Which account a session, or a client's address, belonged to, and when: the way back to the account where a log names
/// no account.
///
/// Immutable once read, and shared by all threads.
public struct SessionTable: Sendable {
    /// What a log may know of the client.
    public enum Column: String, Sendable, CaseIterable {
        case session
        case address
    }

    private struct Stay: Sendable {
        var account: [UInt8]
        var live: Validity
    }

    private var stays: [Column: [[UInt8]: [Stay]]] = [:]

    public init() {}

    /// How many rows say something.
    public private(set) var count = 0

    /// Adds a row; one without session and address, or without account, says nothing.
    public mutating func add(session: String, address: String, account: String, live: Validity) {
        guard !account.isEmpty else { return }
        let stay = Stay(account: Array(account.utf8), live: live)
        if !session.isEmpty || !address.isEmpty { count += 1 }
        if !session.isEmpty { stays[.session, default: [:]][Array(session.utf8), default: []].append(stay) }
        if !address.isEmpty { stays[.address, default: [:]][Array(address.utf8), default: []].append(stay) }
    }

    /// The one account that the value stood for during all of [`earliest`, `latest`]; nil if there is none, or if it
    /// may have been one of several.
    func account(of value: [UInt8], in column: Column, _ earliest: Int64, _ latest: Int64) -> [UInt8]? {
        guard let known = stays[column]?[value] else { return nil }
        let met = known.filter { $0.live.meets(earliest, latest) }
        guard let first = met.first, met.allSatisfy({ $0.account == first.account }),
            met.contains(where: { $0.live.covers(earliest, latest) })
        else { return nil }
        return first.account
    }
}
