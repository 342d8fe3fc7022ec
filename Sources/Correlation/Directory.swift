public import LogRecords

/// Whether an account has a right to a frame.
public enum Entitlement: Sendable, Hashable {
    case entitled
    case notEntitled
    /// A grant begins or ends while the delivery is under way, or whose frame it is cannot be told.
    case open
}

/// Whose frame a frame is.
public struct FrameOrigin: Hashable, Sendable, BitwiseCopyable {
    /// Absent: not known.
    public var owner: NameID
    public var camera: NameID

    public init(owner: NameID, camera: NameID) {
        self.owner = owner
        self.camera = camera
    }

    static let unknown = FrameOrigin(owner: .absent, camera: .absent)
}

/// What the receiving account is to the frame owner.
public enum Relation: UInt8, Sendable, CaseIterable {
    case stranger = 0
    /// Held a grant of the frame owner for that camera, which had ended.
    case formerGrantee = 1
    /// Owned the camera before the frame owner did.
    case formerOwner = 2
    /// Owned the camera after the frame owner did.
    case nextOwner = 3

    /// The word in reports.
    public var label: String {
        switch self {
        case .stranger: "stranger"
        case .formerGrantee: "former-grantee"
        case .formerOwner: "former-owner"
        case .nextOwner: "next-owner"
        }
    }
}

/// Who owned which camera, and who gave whom a right to it, when.
public struct Directory: Sendable {
    private struct Ownership: Sendable {
        // In this order it takes 32 bytes; in the other, 40.
        var owned: Validity
        var owner: NameID
    }
    /// What the directory tells of a camera.
    public struct Listing: Sendable, BitwiseCopyable {
        /// Where its ownerships stand.
        fileprivate var start: Int32 = 0
        fileprivate var count: Int32 = 0
        /// Absent if the directory does not tell.
        var model = NameID.absent
    }
    private struct GrantKey: Hashable, Sendable {
        var owner: NameID
        var camera: NameID
        var grantee: NameID
    }
    private struct Pair: Hashable, Sendable {
        var owner: NameID
        var grantee: NameID
    }

    private var cameras = NameMap<Listing>()
    private var ownerships: [Ownership] = []
    private var touched = 0
    private var grants: [GrantKey: [Validity]] = [:]
    private var grantsByPair: [Pair: [Validity]] = [:]
    /// Whether it is known who was granted what; if not, any account but the owner may have been.
    private let knowsRights: Bool
    /// Those of which it is not known when they held.
    private var openGrants: Set<GrantKey> = []
    private var openPairs: Set<Pair> = []

    /// - Parameter knowsRights: whether there is a table of grants, or nobody was granted anything.
    public init(cameras: [CameraRecord] = [], grants: [GrantRecord] = [], knowsRights: Bool = true) {
        self.knowsRights = knowsRights
        let places = cameras.map { camera in
            let place =
                self.cameras.place(of: camera.camera) ?? self.cameras.append(camera.camera, Listing())
            self.cameras.update(place) {
                $0.count += 1
                if !$0.model.isPresent { $0.model = camera.model }
            }
            return place
        }
        var end: Int32 = 0
        for place in 0..<self.cameras.count {
            self.cameras.update(place) {
                $0.start = end
                end += $0.count
                // Counted again as they find their places.
                $0.count = 0
            }
        }
        ownerships = [Ownership](
            repeating: Ownership(owned: Validity(), owner: .absent), count: cameras.count)
        for (camera, place) in zip(cameras, places) {
            let next = self.cameras.update(place) {
                $0.count += 1
                return $0.start + $0.count - 1
            }
            ownerships[Int(next)] = Ownership(owned: camera.owned, owner: camera.owner)
        }
        for grant in grants {
            let key = GrantKey(owner: grant.owner, camera: grant.camera, grantee: grant.grantee)
            if grant.isOpen {
                openGrants.insert(key)
                openPairs.insert(Pair(owner: grant.owner, grantee: grant.grantee))
                continue
            }
            self.grants[key, default: []].append(grant.live)
            grantsByPair[Pair(owner: grant.owner, grantee: grant.grantee), default: []].append(grant.live)
        }
    }

    /// Brings what is known of some cameras into the processor's cache (see `NameMap.warm`), but for their ownerships.
    mutating func warm(_ names: [NameID]) { cameras.warm(names) }

    /// Brings the ownerships of some cameras into the processor's cache.
    mutating func warm(_ listings: ArraySlice<Listing>) {
        var sum = 0
        for listing in listings where listing.count > 0 {
            // Its beginning and its end, for it may lie in two cache lines.
            let first = ownerships[Int(listing.start)]
            sum &+= Int(truncatingIfNeeded: first.owned.from ?? 0) &+ Int(first.owner.rawValue)
        }
        touched &+= sum
    }

    /// Every account that is listed as a camera's owner, with repeats.
    public var accounts: some Sequence<NameID> { ownerships.lazy.map(\.owner) }

    func listing(of camera: NameID) -> Listing { cameras[camera] ?? Listing() }

    /// Where the ownerships of `camera` stand. Places, not a slice: a slice would count one more reference to all of
    /// them for every delivery, on two threads at once.
    func places(of camera: NameID) -> Range<Int> { places(of: listing(of: camera)) }

    func places(of listing: Listing) -> Range<Int> { Int(listing.start)..<Int(listing.start + listing.count) }

    /// The account whose ownership stands at `place`, if it owned the camera at some moment of [`earliest`, `latest`].
    func owner(at place: Int, _ earliest: Int64, _ latest: Int64) -> NameID? {
        ownerships[place].owned.meets(earliest, latest) ? ownerships[place].owner : nil
    }

    /// The accounts that owned `camera` at some moment of [`earliest`, `latest`], without repeats.
    public func owners(of camera: NameID, _ earliest: Int64, _ latest: Int64) -> [NameID] {
        var owners: [NameID] = []
        for place in places(of: camera) {
            guard let owner = owner(at: place, earliest, latest), !owners.contains(owner) else { continue }
            owners.append(owner)
        }
        return owners
    }

    /// Whether `account` can have been the owner of `camera` at some time: it is listed as such, or nobody is.
    func mayHaveOwned(_ account: NameID, _ camera: NameID) -> Bool {
        let known = places(of: camera)
        return known.isEmpty || known.contains { ownerships[$0].owner == account }
    }

    /// Whether several accounts owned `camera`, one after the other.
    func wasSold(_ camera: NameID) -> Bool { places(of: camera).count > 1 }

    /// The camera's model; absent if the directory does not tell.
    public func model(of camera: NameID) -> NameID { listing(of: camera).model }

    /// Whether `requester` has a right, throughout [`earliest`, `latest`], to a frame of `origin`.
    ///
    /// A grant that is live during all of the interval entitles, one that is live during none of it does not, and one
    /// that is live during a part leaves it open, and so does one whose times are not known. Grants that adjoin count as
    /// one.
    public func entitlement(
        of requester: NameID, to origin: FrameOrigin, _ earliest: Int64, _ latest: Int64
    ) -> Entitlement {
        guard origin.owner.isPresent else { return .open }
        if requester == origin.owner { return .entitled }
        guard knowsRights else { return .open }
        guard origin.camera.isPresent else {
            // Which of the owner's cameras it was is not known, so no grant can be excluded.
            let pair = Pair(owner: origin.owner, grantee: requester)
            let mayBeLive =
                grantsByPair[pair]?.contains { $0.meets(earliest, latest) } == true || openPairs.contains(pair)
            return mayBeLive ? .open : .notEntitled
        }
        let key = GrantKey(owner: origin.owner, camera: origin.camera, grantee: requester)
        let known = grants[key].map { Self.cover($0, earliest, latest) } ?? .notEntitled
        return known == .notEntitled && openGrants.contains(key) ? .open : known
    }

    private static func cover(_ intervals: [Validity], _ earliest: Int64, _ latest: Int64) -> Entitlement {
        let meeting = intervals.filter { $0.meets(earliest, latest) }.sorted { ($0.from ?? .min) < ($1.from ?? .min) }
        guard !meeting.isEmpty else { return .notEntitled }
        var reached = earliest
        for interval in meeting {
            if (interval.from ?? .min) > reached { return .open }
            guard let until = interval.until else { return .entitled }
            reached = max(reached, until)
            if reached > latest { return .entitled }
        }
        return .open
    }

    /// What `requester`, who is not entitled, is to the frame's owner at time `moment`.
    public func relation(of requester: NameID, to origin: FrameOrigin, at moment: Int64) -> Relation {
        let ownerships = ownerships[places(of: origin.camera)]
        if let own = ownerships.first(where: { $0.owner == requester }) {
            let frameOwners = ownerships.filter { $0.owner == origin.owner }
            let isLater = frameOwners.contains { ($0.owned.from ?? .min) < (own.owned.from ?? .min) }
            return isLater ? .nextOwner : .formerOwner
        }
        let key = GrantKey(owner: origin.owner, camera: origin.camera, grantee: requester)
        if grants[key]?.contains(where: { ($0.from ?? .min) <= moment }) == true { return .formerGrantee }
        return .stranger
    }
}
