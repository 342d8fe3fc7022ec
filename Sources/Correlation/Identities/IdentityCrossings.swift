public import Interning
public import LogRecords

/// Finds sessions that change hands: a stored answer with a `Set-Cookie` header gives the session of the account that caused the
/// fill to whoever is served from the store (RFC 9111 section 7.3 leaves it to the origin to forbid that).
///
/// It shows in a log as requests in one account's name from the address or device of another that had been shown a frame of the
/// first, or as one session that two such accounts use. Pure: it is fed with what logs say, in any order.
public struct IdentityCrossings: Sendable {
    /// What an account is recognised by, whatever name its requests bear.
    public struct Trait: Hashable, Sendable, BitwiseCopyable {
        /// Never a request's id.
        public var kind: LineTag.Kind
        public var digest: UInt64

        public init(_ kind: LineTag.Kind, digest: UInt64) { (self.kind, self.digest) = (kind, digest) }
    }

    /// A session that another account uses.
    public struct Crossing: Sendable, Equatable {
        /// The account whose session it is, and in whose name requests are made.
        public var account: SymbolID
        /// The account whose address or device it came to, or that used its session.
        public var other: SymbolID
        /// The address or device, or the session.
        public var trait: Trait
        /// When requests in that name first came from there, at the earliest, microseconds.
        public var since: Int64
        /// When the other account was first shown a frame of the first, at the earliest.
        public var strayed: Int64

        public init(account: SymbolID, other: SymbolID, trait: Trait, since: Int64, strayed: Int64) {
            self.account = account
            self.other = other
            self.trait = trait
            self.since = since
            self.strayed = strayed
        }
    }

    /// When an account was first seen with a trait: it may have been from `earliest` on, and was by `latest`.
    private struct Sighting: Sendable {
        var account: SymbolID
        /// The device that was seen with an address; 0 if none was, and of what is no address.
        var device: UInt64
        var earliest: Int64
        var latest: Int64
    }

    private struct Device: Hashable {
        var account: SymbolID
        var digest: UInt64
    }

    private struct Pair: Hashable {
        var receiver: SymbolID
        var owner: SymbolID
    }

    /// Where an account is at home: what it is recognised by, of one kind.
    private struct Home: Hashable {
        var account: SymbolID
        var kind: LineTag.Kind
    }

    /// When an account was first seen with any trait, and with any other than that one.
    private struct FirstTwo: Sendable {
        var first: (trait: UInt64, at: Int64)
        var other: (trait: UInt64, at: Int64)?

        mutating func add(_ trait: UInt64, at moment: Int64) {
            if trait == first.trait {
                first.at = min(first.at, moment)
            } else if moment < first.at {
                (first, other) = ((trait, moment), first)
            } else if moment < other?.at ?? .max {
                other = (trait, moment)
            }
        }

        /// When it was first seen with another trait than that one.
        func elsewhere(than trait: UInt64) -> Int64? { first.trait == trait ? other?.at : first.at }
    }

    /// More accounts share the address of a carrier or an office, which says nothing.
    static let mostSharing = 8

    private var strays: [Pair: Int64] = [:]
    /// By receiver: when it was first shown a frame that may have been anybody's.
    private var unknownStrays: [SymbolID: Int64] = [:]
    /// Where accounts were seen with a device, by the addresses.
    private var devices: [Device: FirstTwo] = [:]
    private var receivers = SymbolSet()
    private var owners = SymbolSet()
    private var homes: [Home: FirstTwo] = [:]
    private var traits: [Trait: [Sighting]] = [:]

    public init() {}

    public var isEmpty: Bool { strays.isEmpty && unknownStrays.isEmpty }

    /// Adds that an account may have been shown a frame of another.
    ///
    /// - Parameter earliest: the first moment at which it may have been, microseconds.
    public mutating func addStray(to receiver: SymbolID, of owner: SymbolID, at earliest: Int64) {
        guard receiver != owner else { return }
        let pair = Pair(receiver: receiver, owner: owner)
        strays[pair] = min(strays[pair] ?? .max, earliest)
        receivers.insert(receiver)
        owners.insert(owner)
    }

    /// Adds that an account was shown a frame of which it is not known whose it was.
    ///
    /// - Parameter earliest: the first moment at which it may have been, microseconds.
    public mutating func addUnknownStray(to receiver: SymbolID, at earliest: Int64) {
        unknownStrays[receiver] = min(unknownStrays[receiver] ?? .max, earliest)
        receivers.insert(receiver)
    }

    /// Whether an account was shown a frame of another, so that what it is recognised by must be watched.
    public func isReceiver(_ account: SymbolID) -> Bool { receivers.contains(account) }

    /// Watches what a receiver is recognised by.
    public mutating func watch(_ trait: Trait) { if traits[trait] == nil { traits[trait] = [] } }

    /// Adds that an account was seen with a trait, once all that matter are watched.
    ///
    /// - Parameter device: what stands for the device, beside an address; 0 if the line names none.
    public mutating func add(_ account: SymbolID, with trait: Trait, device: UInt64 = 0, _ time: EventTime) {
        let device = trait.kind == .address ? device : 0
        if owners.contains(account) || !unknownStrays.isEmpty {
            Self.add(trait.digest, at: time.earliest, to: &homes[Home(account: account, kind: trait.kind)])
            if device != 0 {
                Self.add(trait.digest, at: time.earliest, to: &devices[Device(account: account, digest: device)])
            }
        }
        guard let place = traits.index(forKey: trait) else { return }
        let sightings = traits.values[place]
        if let known = sightings.firstIndex(where: { $0.account == account && $0.device == device }) {
            if sightings[known].earliest > time.earliest { traits.values[place][known].earliest = time.earliest }
            if sightings[known].latest > time.latest { traits.values[place][known].latest = time.latest }
        } else {
            traits.values[place].append(
                Sighting(account: account, device: device, earliest: time.earliest, latest: time.latest))
        }
    }

    private static func add(_ trait: UInt64, at moment: Int64, to seen: inout FirstTwo?) {
        if seen?.add(trait, at: moment) == nil { seen = FirstTwo(first: (trait, moment)) }
    }

    /// Whether an account brought its own device to an address, as who visits somebody does: it was seen with it elsewhere.
    public func isBrought(_ device: UInt64, by account: SymbolID, to address: UInt64) -> Bool {
        device != 0 && devices[Device(account: account, digest: device)]?.elsewhere(than: address) != nil
    }

    /// What crossed, in no certain order.
    public var crossings: [Crossing] {
        traits.flatMap { trait, sightings in
            let accounts = Set(sightings.map(\.account))
            var found: [Pair: Crossing] = [:]
            for guest in sightings where !isBrought(guest.device, by: guest.account, to: trait.digest) {
                // Who had been there when the guest first came.
                let hosts = sightings.filter { $0.account != guest.account && $0.earliest <= guest.latest }
                guard Set(hosts.map(\.account)).count <= Self.mostSharing else { continue }
                // Whose a session was at first does not show if the log begins later.
                for host in trait.kind == .session ? sightings.filter({ $0.account != guest.account }) : hosts {
                    guard let one = crossing(of: guest, at: host, trait, sharing: accounts.count) else { continue }
                    let pair = Pair(receiver: one.other, owner: one.account)
                    if let known = found[pair], known.since <= one.since { continue }
                    found[pair] = one
                }
            }
            return Array(found.values)
        }
    }

    /// - Parameters:
    ///   - guest: came after the other.
    ///   - host: was there before.
    ///   - sharing: how many accounts were ever seen there.
    private func crossing(of guest: Sighting, at host: Sighting, _ trait: Trait, sharing: Int) -> Crossing? {
        // A session is the guest's if it is used by another later, and a place is the host's.
        let isSession = trait.kind == .session
        let (owner, receiver) = isSession ? (host.account, guest.account) : (guest.account, host.account)
        func crossing(_ strayed: Int64) -> Crossing {
            Crossing(account: owner, other: receiver, trait: trait, since: guest.earliest, strayed: strayed)
        }
        let isElsewhere = isSession || wasElsewhere(owner, than: trait, by: guest.latest)
        if let strayed = strays[Pair(receiver: receiver, owner: owner)], strayed <= guest.latest {
            // Who was never seen before may have been at home there all the time, behind one balancer with everybody.
            return isElsewhere || sharing <= Self.mostSharing ? crossing(strayed) : nil
        }
        // What was shown may have been anybody's: then more must speak for it.
        guard isElsewhere, host.earliest <= guest.latest, let strayed = unknownStrays[receiver], strayed <= guest.latest
        else { return nil }
        return crossing(strayed)
    }

    private func wasElsewhere(_ account: SymbolID, than trait: Trait, by moment: Int64) -> Bool {
        guard let first = homes[Home(account: account, kind: trait.kind)]?.elsewhere(than: trait.digest) else {
            return false
        }
        return first <= moment
    }
}

extension IdentityCrossings.Crossing {
    /// Whether it leaves in doubt who received an answer.
    ///
    /// - Parameters:
    ///   - requester: in whose name it was asked for.
    ///   - latest: when it may have been at the latest.
    public func concerns(_ requester: SymbolID, latest: Int64) -> Bool {
        guard latest >= since else { return false }
        // From the other's address only what is asked for in the account's name; of a session both.
        return requester == account || trait.kind == .session && requester == other
    }
}

extension Ledger {
    static func sessions(_ figures: Figures) -> LedgerEntry {
        guard figures.namesSessions else {
            return LedgerEntry(.sessionsKept, .untestable, "No profile maps a session, an address or a device.")
        }
        guard figures.crossings > 0 else {
            return LedgerEntry(
                .sessionsKept, .held, checked: figures.deliveries,
                "No account was seen with the session, address or device of another that had been shown its frames.")
        }
        return LedgerEntry(
            .sessionsKept, .contradicted, checked: figures.deliveries, against: figures.doubts.deliveries.count,
            "\(figures.crossings) times requests in an account's name came from another that had been shown its frames; who received \(figures.doubts.deliveries.count) answers is not certain; see identity_crossings.csv."
        )
    }
}
