import Interning

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
        /// Whether it is known when it was.
        var isSure: Bool
    }

    /// Who stood for the values of one column.
    private struct Stays: Sendable {
        private var short: [InlineKey: [Stay]] = [:]
        /// Of the values that are too long for the other.
        private var long: [[UInt8]: [Stay]] = [:]

        mutating func add(_ stay: Stay, _ value: String) {
            let bytes = Array(value.utf8)
            guard let name = bytes.withUnsafeBytes({ InlineKey($0) }) else {
                return long[bytes, default: []].append(stay)
            }
            short[name, default: []].append(stay)
        }

        func of(_ value: UnsafeRawBufferPointer) -> [Stay]? {
            InlineKey(value).map { short[$0] } ?? long[Array(value)]
        }
    }

    private var sessions = Stays()
    private var addresses = Stays()

    public init() {}

    /// What tells one table from another, whatever the order of their rows: hexadecimal; nil if no table was given.
    public var digest: String?

    /// How many rows say something.
    public private(set) var count = 0

    /// Adds a row; one without session and address, or without account, says nothing.
    ///
    /// - Parameter openEnds: the ends of `live` that are not known: it is no account's for sure then, nor another's.
    public mutating func add(
        session: String, address: String, account: String, live: Validity, openEnds: OpenEnds = []
    ) {
        guard !account.isEmpty else { return }
        let widest = Validity(
            from: openEnds.contains(.from) ? nil : live.from, until: openEnds.contains(.until) ? nil : live.until)
        let stay = Stay(account: Array(account.utf8), live: widest, isSure: openEnds.isEmpty)
        if !session.isEmpty || !address.isEmpty { count += 1 }
        if !session.isEmpty { sessions.add(stay, session) }
        if !address.isEmpty { addresses.add(stay, address) }
    }

    /// The one account that the value stood for during all of [`earliest`, `latest`]; nil if there is none, or if it
    /// may have been one of several.
    func account(of value: UnsafeRawBufferPointer, in column: Column, _ earliest: Int64, _ latest: Int64) -> [UInt8]? {
        guard let known = (column == .session ? sessions : addresses).of(value) else { return nil }
        var account: [UInt8]?
        var isCovered = false
        for stay in known where stay.live.meets(earliest, latest) {
            guard account == nil || account == stay.account else { return nil }
            account = stay.account
            if stay.isSure, stay.live.covers(earliest, latest) { isCovered = true }
        }
        return isCovered ? account : nil
    }
}
