public import Interning
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
    public var owner: SymbolID
    public var camera: SymbolID

    public init(owner: SymbolID, camera: SymbolID) {
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
        var owner: SymbolID
    }
    /// What the directory tells of a camera.
    public struct Listing: Sendable, BitwiseCopyable {
        /// Where its ownerships stand.
        fileprivate var start: Int32 = 0
        fileprivate var count: Int32 = 0
        /// Absent if the directory does not tell.
        var model = SymbolID.absent

        /// Whether no row lists it.
        var isUnlisted: Bool { count == 0 }
    }
    struct GrantKey: Hashable, Sendable {
        var owner: SymbolID
        var camera: SymbolID
        var grantee: SymbolID

        init(owner: SymbolID, camera: SymbolID, grantee: SymbolID) {
            (self.owner, self.camera, self.grantee) = (owner, camera, grantee)
        }

        init(_ grant: GrantRecord) { self.init(owner: grant.owner, camera: grant.camera, grantee: grant.grantee) }

        var pair: Pair { Pair(owner: owner, grantee: grantee) }
    }
    struct Pair: Hashable, Sendable {
        var owner: SymbolID
        var grantee: SymbolID
    }

    private var cameras = NameMap<Listing>()
    private var ownerships: [Ownership] = []
    private var touched = 0
    /// When each owner of a camera with many rows began to own it: by its first row, and first of all.
    private var crowds: [SymbolID: [SymbolID: (byFirstRow: Int64, first: Int64)]] = [:]
    /// From how many rows on a camera has many.
    private static let crowd = 16
    /// What the tables contradict each other about.
    public private(set) var disputes: [DirectoryDispute] = []
    private var grants: [GrantKey: [Validity]] = [:]
    private var grantsByPair: [Pair: [Validity]] = [:]
    /// Whether it is known who was granted what; if not, any account but the owner may have been.
    private let knowsRights: Bool
    /// When grants may have held of which the tables do not tell for sure.
    private var openGrants: [GrantKey: [Validity]] = [:]
    private var openPairs: [Pair: [Validity]] = [:]

    /// - Parameter knowsRights: whether there is a table of grants, or nobody was granted anything.
    public init(cameras: [CameraRecord] = [], grants: [GrantRecord] = [], knowsRights: Bool = true) {
        self.knowsRights = knowsRights
        place(cameras)
        place(grants)
        gatherCrowds()
        disputes.sort {
            ($0.rows[0], $0.rows[1], $0.time.from ?? .min) < ($1.rows[0], $1.rows[1], $1.time.from ?? .min)
        }
    }

    private mutating func place(_ cameras: [CameraRecord]) {
        let odd = list(cameras)
        if odd.isEmpty { return }
        let review = OwnershipReview(cameras.filter { odd.contains($0.camera) })
        disputes = review.disputes
        guard review.changes else { return }
        self.cameras = NameMap()
        _ = list(cameras.filter { !odd.contains($0.camera) } + review.cameras)
    }

    private mutating func gatherCrowds() {
        var crowds: [SymbolID: [SymbolID: (byFirstRow: Int64, first: Int64)]] = [:]
        cameras.each { camera, listing in
            guard listing.count > Self.crowd else { return }
            var owners: [SymbolID: (byFirstRow: Int64, first: Int64)] = [:]
            for place in places(of: listing) {
                let (owner, from) = (ownerships[place].owner, ownerships[place].owned.from ?? .min)
                owners[owner] = (owners[owner]?.byFirstRow ?? from, min(owners[owner]?.first ?? from, from))
            }
            crowds[camera] = owners
        }
        self.crowds = crowds
    }

    /// - Returns: the cameras with a row of which a time is not known, or with rows that differ.
    private mutating func list(_ cameras: [CameraRecord]) -> Set<SymbolID> {
        var odd: Set<SymbolID> = []
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
            let first = ownerships[Int(self.cameras.update(place) { $0.start })]
            if !camera.openEnds.isEmpty || first.owner != camera.owner || first.owned != camera.owned {
                odd.insert(camera.camera)
            }
        }
        return odd
    }

    private mutating func place(_ given: [GrantRecord]) {
        var odd: Set<GrantKey> = []
        for grant in given {
            let key = GrantKey(grant)
            if !grant.openEnds.isEmpty || grants[key] != nil { odd.insert(key) }
            grants[key, default: []].append(grant.live)
        }
        let snapshots = GrantSnapshots(given)
        odd.formUnion(snapshots.withdrawn.keys)
        if !odd.isEmpty { review(given, odd, snapshots) }
        for (key, times) in grants { grantsByPair[key.pair, default: []] += times }
    }

    /// Looks again at grants with a row of which a time is not known, with several rows, or that a snapshot lacks.
    private mutating func review(_ given: [GrantRecord], _ odd: Set<GrantKey>, _ snapshots: GrantSnapshots) {
        var stated: [GrantKey: StatedTimes] = [:]
        for grant in given where odd.contains(GrantKey(grant)) {
            stated[GrantKey(grant), default: StatedTimes()].add(
                StatedTimes.Row(id: grant.id, times: grant.live, openEnds: grant.openEnds))
        }
        for (key, times) in stated {
            var settled = times.settled(areVersions: true)
            if let others = snapshots.withdrawn[key] {
                for row in times.rows where row.openEnds.isEmpty {
                    settled.disputes += others.map { ([row.id, $0].sorted(), row.times) }
                }
                settled.open += settled.sure
                settled.sure = []
            }
            grants[key] = settled.sure.isEmpty ? nil : settled.sure
            if settled.open.isEmpty { continue }
            openGrants[key] = settled.open
            openPairs[key.pair, default: []] += settled.open
            disputes += settled.disputes.map {
                DirectoryDispute(
                    kind: .grantTimes, camera: key.camera, owner: key.owner, other: key.grantee, rows: $0.rows,
                    time: $0.time)
            }
        }
    }

    /// Brings what is known of some cameras into the processor's cache (see `NameMap.warm`), but for their ownerships.
    mutating func warm(_ names: [SymbolID]) { cameras.warm(names) }

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
    public var accounts: some Sequence<SymbolID> { ownerships.lazy.map(\.owner).filter(\.isPresent) }

    /// Whether any table lists a camera.
    public func lists(_ camera: SymbolID) -> Bool { !places(of: camera).isEmpty }

    /// Whether any camera is listed.
    public var listsCameras: Bool { !ownerships.isEmpty }

    func listing(of camera: SymbolID) -> Listing { cameras[camera] ?? Listing() }

    /// Where the ownerships of `camera` stand. Places, not a slice: a slice would count one more reference to all of
    /// them for every delivery, on two threads at once.
    func places(of camera: SymbolID) -> Range<Int> { places(of: listing(of: camera)) }

    func places(of listing: Listing) -> Range<Int> { Int(listing.start)..<Int(listing.start + listing.count) }

    /// The account whose ownership stands at `place`, if it may have owned the camera at some moment of
    /// [`earliest`, `latest`]; absent if another than the tables name may have.
    func owner(at place: Int, _ earliest: Int64, _ latest: Int64) -> SymbolID? {
        ownerships[place].owned.meets(earliest, latest) ? ownerships[place].owner : nil
    }

    /// The accounts that may have owned `camera` at some moment of [`earliest`, `latest`], without repeats; absent is one of
    /// them if another than the tables name may have.
    public func owners(of camera: SymbolID, _ earliest: Int64, _ latest: Int64) -> [SymbolID] {
        var owners: [SymbolID] = []
        let places = places(of: camera)
        if places.count > Self.crowd {
            var seen: Set<SymbolID> = []
            return places.compactMap { owner(at: $0, earliest, latest) }.filter { seen.insert($0).inserted }
        }
        for place in places {
            guard let owner = owner(at: place, earliest, latest), !owners.contains(owner) else { continue }
            owners.append(owner)
        }
        return owners
    }

    /// Whether `account` can have been the owner of `camera` at some time: it is listed as such, or nobody is.
    func mayHaveOwned(_ account: SymbolID, _ camera: SymbolID) -> Bool {
        let known = places(of: camera)
        return known.isEmpty || known.contains { ownerships[$0].owner == account }
    }

    /// Whether several accounts owned `camera`, one after the other.
    func wasSold(_ camera: SymbolID) -> Bool { places(of: camera).count > 1 }

    /// The camera's model; absent if the directory does not tell.
    public func model(of camera: SymbolID) -> SymbolID { listing(of: camera).model }

    /// Whether `requester` has a right, throughout [`earliest`, `latest`], to a frame of `origin`.
    ///
    /// A grant that is live during all of the interval entitles, one that is live during none of it does not, and one
    /// that is live during a part leaves it open, and so does one whose times are not known. Grants that adjoin count as
    /// one.
    public func entitlement(
        of requester: SymbolID, to origin: FrameOrigin, _ earliest: Int64, _ latest: Int64
    ) -> Entitlement {
        guard origin.owner.isPresent else { return .open }
        if requester == origin.owner { return .entitled }
        guard knowsRights else { return .open }
        guard origin.camera.isPresent else {
            // Which of the owner's cameras it was is not known, so no grant can be excluded.
            let pair = Pair(owner: origin.owner, grantee: requester)
            let mayBeLive = [grantsByPair[pair], openPairs[pair]].contains {
                $0?.contains { $0.meets(earliest, latest) } == true
            }
            return mayBeLive ? .open : .notEntitled
        }
        let key = GrantKey(owner: origin.owner, camera: origin.camera, grantee: requester)
        let known = grants[key].map { Self.cover($0, earliest, latest) } ?? .notEntitled
        guard known == .notEntitled, let open = openGrants[key] else { return known }
        return open.contains { $0.meets(earliest, latest) } ? .open : known
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

    /// The pairs of accounts of which one was ever given a right to the other's cameras and at least one is among some;
    /// without the accounts that have more such partners than `most`.
    func ties(of some: Set<SymbolID>, most: Int) -> [(SymbolID, SymbolID)] {
        let pairs = [grantsByPair.keys, openPairs.keys].joined().filter {
            some.contains($0.owner) || some.contains($0.grantee)
        }
        if pairs.isEmpty { return [] }
        var partners: [SymbolID: Set<SymbolID>] = [:]
        for pair in pairs { (partners[pair.owner], partners[pair.grantee]) = ([], []) }
        for pair in [grantsByPair.keys, openPairs.keys].joined() {
            if partners[pair.owner]?.count ?? .max <= most { partners[pair.owner]?.insert(pair.grantee) }
            if partners[pair.grantee]?.count ?? .max <= most { partners[pair.grantee]?.insert(pair.owner) }
        }
        return pairs.filter { pair in
            [pair.owner, pair.grantee].allSatisfy { partners[$0]?.count ?? 0 <= most }
        }.map { ($0.owner, $0.grantee) }
    }

    /// What `requester`, who is not entitled, is to the frame's owner at time `moment`.
    public func relation(of requester: SymbolID, to origin: FrameOrigin, at moment: Int64) -> Relation {
        let places = places(of: origin.camera)
        if places.count > Self.crowd, let owners = crowds[origin.camera] {
            if let own = owners[requester]?.byFirstRow {
                return (owners[origin.owner]?.first ?? .max) < own ? .nextOwner : .formerOwner
            }
        } else if let relation = relation(ofOwner: requester, to: origin.owner, places) {
            return relation
        }
        let key = GrantKey(owner: origin.owner, camera: origin.camera, grantee: requester)
        if grants[key]?.contains(where: { ($0.from ?? .min) <= moment }) == true { return .formerGrantee }
        return .stranger
    }

    /// What one of a camera's owners is to another; nil if it is none.
    private func relation(ofOwner requester: SymbolID, to owner: SymbolID, _ places: Range<Int>) -> Relation? {
        let ownerships = ownerships[places]
        guard let own = ownerships.first(where: { $0.owner == requester }) else { return nil }
        let isLater = ownerships.contains {
            $0.owner == owner && ($0.owned.from ?? .min) < (own.owned.from ?? .min)
        }
        return isLater ? .nextOwner : .formerOwner
    }
}
