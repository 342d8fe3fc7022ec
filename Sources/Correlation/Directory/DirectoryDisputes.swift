public import Interning
public import LogRecords

/// Where the tables of a directory contradict themselves or each other.
///
/// Two rows of different files about the same camera and owner, or the same grant, that meet in time are two versions of one
/// fact. What only one of them names is open: a snapshot that was taken earlier, or a table that was mended by hand.
public struct DirectoryDispute: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Two owners of a camera at one time.
        case twoOwners = "two_owners"
        /// Two tables that give one ownership different times.
        case ownershipTimes = "ownership_times"
        /// Two tables that give one grant different times.
        case grantTimes = "grant_times"
    }

    public var kind: Kind
    public var camera: SymbolID
    /// The owner that the first row names.
    public var owner: SymbolID
    /// The other owner, or the grantee; absent if there is none.
    public var other: SymbolID
    /// Two rows that stand for it, in the order of reading.
    public var rows: [EventID]
    /// Of two owners and more at one time, all rows that say so, in no order.
    public var claims: [Claim] = []
    /// The time that is open.
    public var time: Validity

    /// A row and the owner that it names.
    public struct Claim: Sendable, Equatable {
        public var row: EventID
        public var owner: SymbolID
    }
}

/// The rows of the tables about one owner's camera, or about one grant.
struct StatedTimes {
    struct Row {
        var id: EventID
        var times: Validity
        var openEnds: OpenEnds

        /// All of the time that the row may mean.
        var widest: Validity {
            Validity(
                from: openEnds.contains(.from) ? nil : times.from, until: openEnds.contains(.until) ? nil : times.until)
        }
    }

    private(set) var rows: [Row] = []

    mutating func add(_ row: Row) { rows.append(row) }

    /// What holds for sure, what is open, and which two rows differ over what.
    ///
    /// - Parameter areVersions: whether two rows of one file may be versions of one.
    func settled(areVersions: Bool) -> (
        sure: [Validity], open: [Validity], disputes: [(rows: [EventID], time: Validity)]
    ) {
        var open = rows.filter { !$0.openEnds.isEmpty }.map(\.widest)
        let whole = rows.filter(\.openEnds.isEmpty)
        var disputes: [(rows: [EventID], time: Validity)] = []
        for row in whole {
            let others = Dictionary(grouping: whole.filter { $0.id.source != row.id.source }, by: \.id.source)
            for (_, versions) in others.sorted(by: { $0.key < $1.key }) {
                guard let nearest = versions.first(where: { $0.times.meets(row.times) }) else { continue }
                for time in row.times.subtracting(versions.map(\.times)) {
                    disputes.append(([row.id, nearest.id].sorted(), time))
                }
            }
            // Within one file, rows of which one follows or outlasts the other add up; of two versions of one row nobody knows
            // which is the last.
            for other in whole
            where areVersions && other.id.source == row.id.source && row.times.isAnotherVersion(of: other.times) {
                for time in row.times.subtracting([other.times]) {
                    disputes.append(([row.id, other.id].sorted(), time))
                }
            }
        }
        // Nor whether a row that may no longer hold is a later version of one, unless that began after it.
        func isShaken(_ row: Row) -> Bool {
            areVersions
                && rows.contains { other in
                    !other.openEnds.isEmpty && other.id.source == row.id.source && other.widest.meets(row.times)
                        && (row.times.from ?? .min) <= (other.times.from ?? .max)
                }
        }
        let disputed = disputes.map(\.time)
        open += disputed + whole.filter(isShaken).map(\.times)
        return (whole.filter { !isShaken($0) }.flatMap { $0.times.subtracting(disputed) }, open, disputes)
    }
}

extension Validity {
    /// Whether two intervals have a moment in common.
    func meets(_ other: Validity) -> Bool {
        max(from ?? .min, other.from ?? .min) < min(until ?? .max, other.until ?? .max)
    }

    /// Whether two intervals that differ begin together, or one of them lies inside the other.
    func isAnotherVersion(of other: Validity) -> Bool {
        guard meets(other), self != other else { return false }
        let (start, end) = (from ?? .min, until ?? .max)
        let (otherStart, otherEnd) = (other.from ?? .min, other.until ?? .max)
        return start == otherStart || start < otherStart && otherEnd <= end || otherStart < start && end <= otherEnd
    }

    /// What is left of it without some others, in order of time.
    func subtracting(_ others: [Validity]) -> [Validity] {
        var left: [Validity] = []
        var start = from
        for other in others.filter({ meets($0) }).sorted(by: { ($0.from ?? .min) < ($1.from ?? .min) }) {
            if (start ?? .min) < (other.from ?? .min) { left.append(Validity(from: start, until: other.from)) }
            guard let end = other.until else { return left }
            start = max(start ?? .min, end)
        }
        if (start ?? .min) < (until ?? .max) { left.append(Validity(from: start, until: until)) }
        return left
    }
}

/// The owners of some cameras whose rows are not as simple as one owner after the other in one file.
struct OwnershipReview {
    /// Rows in place of those that were given; one without an owner says that nobody whom the tables name need have owned the
    /// camera then.
    private(set) var cameras: [CameraRecord] = []
    private(set) var disputes: [DirectoryDispute] = []
    /// Whether they are others than were given.
    private(set) var changes = false

    /// - Parameter records: all rows of these cameras.
    init(_ records: [CameraRecord]) {
        for (camera, rows) in Dictionary(grouping: records, by: \.camera).sorted(by: { $0.key < $1.key }) {
            settle(camera, rows)
        }
    }

    private mutating func settle(_ camera: SymbolID, _ rows: [CameraRecord]) {
        noteTwoOwners(rows)
        if rows.allSatisfy(\.openEnds.isEmpty), Set(rows.map(\.id.source)).count == 1 {
            cameras += rows
            return
        }
        changes = true
        var byOwner: [SymbolID: StatedTimes] = [:]
        for row in rows {
            byOwner[row.owner, default: StatedTimes()].add(
                StatedTimes.Row(id: row.id, times: row.owned, openEnds: row.openEnds))
        }
        let model = rows.first { $0.model.isPresent }?.model ?? .absent
        func add(_ owner: SymbolID, _ times: [Validity]) {
            for time in times {
                cameras.append(CameraRecord(id: rows[0].id, camera: camera, owner: owner, owned: time, model: model))
            }
        }
        var (sure, open): ([Validity], [Validity]) = ([], [])
        for (owner, stated) in byOwner.sorted(by: { $0.key < $1.key }) {
            let settled = stated.settled(areVersions: false)
            add(owner, settled.sure + settled.open)
            sure += settled.sure
            open += settled.open
            disputes += settled.disputes.map {
                DirectoryDispute(
                    kind: .ownershipTimes, camera: camera, owner: owner, other: .absent, rows: $0.rows, time: $0.time)
            }
        }
        add(.absent, open.flatMap { $0.subtracting(sure) })
    }

    /// Finds the stretches of time in which the rows name several owners: each is one dispute, however many rows say so, for
    /// the pairs of many rows are very many.
    private mutating func noteTwoOwners(_ rows: [CameraRecord]) {
        let whole = rows.filter { $0.openEnds.isEmpty && ($0.owned.from ?? .min) < ($0.owned.until ?? .max) }
        guard Set(whole.map(\.owner)).count > 1 else { return }
        let ends = whole.indices.flatMap { index in
            [
                (at: whole[index].owned.from ?? .min, begins: true, index: index),
                (at: whole[index].owned.until ?? .max, begins: false, index: index),
            ]
        }
        var stretch = OwnerStretch()
        // What ends at a moment is over before what begins at it.
        for end in ends.sorted(by: { ($0.at, $0.begins ? 1 : 0, $0.index) < ($1.at, $1.begins ? 1 : 0, $1.index) }) {
            if end.begins {
                stretch.begin(whole[end.index], end.index, at: end.at)
            } else if let dispute = stretch.end(whole[end.index], end.index, at: end.at) {
                disputes.append(dispute)
            }
        }
    }
}

/// The rows about a camera that hold at a moment, as time goes on, and those of the stretch in which they name several owners.
private struct OwnerStretch {
    /// More rows than these of one stretch are not listed.
    private static let mostClaims = 1000

    private var active: [Int: CameraRecord] = [:]
    private var owners: [SymbolID: Int] = [:]
    private var claims: [DirectoryDispute.Claim] = []
    private var since = Int64.min

    mutating func begin(_ row: CameraRecord, _ index: Int, at moment: Int64) {
        active[index] = row
        owners[row.owner, default: 0] += 1
        guard owners.count > 1 else { return }
        if claims.isEmpty {
            since = moment
            // The row that began now is one of them.
            claims = active.values.prefix(Self.mostClaims).map { .init(row: $0.id, owner: $0.owner) }
            if active.count > Self.mostClaims { claims.append(.init(row: row.id, owner: row.owner)) }
        } else if claims.count < Self.mostClaims {
            claims.append(.init(row: row.id, owner: row.owner))
        }
    }

    /// - Returns: the stretch, if it ends with the row.
    mutating func end(_ row: CameraRecord, _ index: Int, at moment: Int64) -> DirectoryDispute? {
        active[index] = nil
        owners[row.owner, default: 0] -= 1
        if owners[row.owner] == 0 { owners[row.owner] = nil }
        guard owners.count < 2, !claims.isEmpty else { return nil }
        let ordered = claims.sorted { $0.row < $1.row }
        claims = []
        guard let first = ordered.first, let other = ordered.first(where: { $0.owner != first.owner }) else {
            return nil
        }
        return DirectoryDispute(
            kind: .twoOwners, camera: row.camera, owner: first.owner, other: other.owner, rows: [first.row, other.row],
            claims: ordered,
            time: Validity(from: since == .min ? nil : since, until: moment == .max ? nil : moment))
    }
}
