import Casefile
package import Correlation
import Foundation
package import GRDB
package import Interning
package import LogRecords

/// What is wrong with the tables of a case, or with how its logs and its tables fit together: one row of `directory_problem`.
struct DirectoryProblem {
    /// The words for `directory_problem.problem` besides those of `DirectoryDispute.Kind`.
    enum Kind: String {
        /// A row of a table of which a time could not be read.
        case unreadableTime = "unreadable_time"
        /// A grant of a camera that no table of cameras lists.
        case grantOfUnlistedCamera = "grant_of_unlisted_camera"
        /// A camera that was asked for and that no table lists.
        case unlistedCamera = "unlisted_camera"
        /// A requester that no table lists.
        case unlistedRequester = "unlisted_requester"
        /// Two accounts that differ by case, leading zeros or `.0` alone, of which the tables do not list both.
        case nearSpelling = "near_spelling"
    }

    var kind: String
    var camera = SymbolID.absent
    var account = SymbolID.absent
    var other = SymbolID.absent
    var row: EventID?
    var otherRow: EventID?
    var time = Validity()
}

/// All problems of a case's tables.
package struct DirectoryProblems {
    /// How many of a kind are listed; all are counted.
    static let mostListed = 10_000

    private(set) var all: [DirectoryProblem] = []
    private(set) var requesters = 0
    private(set) var unknownRequesters = 0
    /// What follows from them.
    private var doubts = Doubts()
    /// Names of the tables and logs that resemble an account's but for case, leading zeros or `.0`.
    private var near: Set<SymbolID> = []
    private let db: Database
    private let names: StringInterner
    /// Where sources stand in the order of reports.
    private let paths: [Int64: String]

    /// - Parameters:
    ///   - lines: the accounts and cameras that deliveries name.
    ///   - grants: those of the tables.
    ///   - hasAccounts: whether there is a table of accounts.
    package init(
        _ lines: AccountPaths, _ directory: Directory, grants: [GrantRecord], _ names: StringInterner, _ db: Database,
        hasAccounts: Bool
    ) throws {
        (self.db, self.names) = (db, names)
        paths = try Dictionary(
            uniqueKeysWithValues: SourceRow.all(db).map {
                ($0.id, "\($0.path)\u{0}\($0.member ?? "")\u{0}\($0.label ?? "")")
            })
        for dispute in directory.disputes { add(dispute) }
        try addOpenRows(grants)
        if directory.listsCameras {
            for grant in grants where !directory.lists(grant.camera) {
                all.append(
                    DirectoryProblem(
                        kind: DirectoryProblem.Kind.grantOfUnlistedCamera.rawValue, camera: grant.camera,
                        account: grant.owner, other: grant.grantee, row: grant.id))
            }
            all += lines.unlistedCameras.map {
                DirectoryProblem(kind: DirectoryProblem.Kind.unlistedCamera.rawValue, camera: $0)
            }
        }
        try addAccounts(lines, directory, grants, hasAccounts: hasAccounts)
        sort()
    }

    private mutating func add(_ dispute: DirectoryDispute) {
        var (rows, accounts) = (dispute.rows, [dispute.owner, dispute.other])
        let claims = dispute.claims.sorted { key($0.row) < key($1.row) }
        if let first = claims.first, let other = claims.first(where: { $0.owner != first.owner }) {
            (rows, accounts) = ([first.row, other.row], [first.owner, other.owner])
        } else if key(rows[1]) < key(rows[0]) {
            rows.reverse()
        }
        all.append(
            DirectoryProblem(
                kind: dispute.kind.rawValue, camera: dispute.camera, account: accounts[0], other: accounts[1],
                row: rows[0], otherRow: rows[1], time: dispute.time))
    }

    private mutating func addOpenRows(_ grants: [GrantRecord]) throws {
        let kind = DirectoryProblem.Kind.unreadableTime.rawValue
        // Cameras may be millions, and are in no memory here.
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.id, c.camera, c.owner, c.owned_from, c.owned_until FROM camera c
                JOIN source s ON s.id = c.id >> \(EventID.lineBits) WHERE c.open_ends <> 0 AND s.state IN ('complete', 'damaged')
                """)
        while let row = try rows.next() {
            all.append(
                DirectoryProblem(
                    kind: kind, camera: SymbolID(rawValue: try row.decode(atIndex: 1)),
                    account: SymbolID(rawValue: try row.decode(atIndex: 2)),
                    row: EventID(rawValue: try row.decode(atIndex: 0)),
                    time: Validity(from: try row.decode(atIndex: 3), until: try row.decode(atIndex: 4))))
        }
        for grant in grants where !grant.openEnds.isEmpty {
            all.append(
                DirectoryProblem(
                    kind: kind, camera: grant.camera, account: grant.owner, other: grant.grantee, row: grant.id,
                    time: grant.live))
        }
    }

    private mutating func addAccounts(
        _ lines: AccountPaths, _ directory: Directory, _ grants: [GrantRecord], hasAccounts: Bool
    ) throws {
        let owning = SymbolSet(directory.accounts)
        var asking = SymbolSet()
        lines.eachRequester { asking.insert($0) }
        requesters = asking.count
        // Those of frames that somebody may have received without a right.
        let owners = Set(
            try Int32.fetchAll(db, sql: "SELECT DISTINCT owner FROM candidate").map(SymbolID.init(rawValue:)))
        let parties = Set(grants.flatMap { [$0.owner, $0.grantee] })
        // A table of accounts is what decides how they are spelled; without one, that of cameras is.
        var listed = hasAccounts ? SymbolSet() : owning
        let accounts = try Row.fetchCursor(
            db,
            sql: """
                SELECT t.account FROM account t JOIN source s ON s.id = t.id >> \(EventID.lineBits)
                WHERE s.state IN ('complete', 'damaged')
                """)
        while let row = try accounts.next() { listed.insert(SymbolID(rawValue: try row.decode(atIndex: 0))) }
        func unlisted(_ some: Set<SymbolID>) -> Set<SymbolID> { some.filter { $0.isPresent && !listed.contains($0) } }
        var askingUnlisted: Set<SymbolID> = []
        asking.each { if !listed.contains($0) { askingUnlisted.insert($0) } }
        let unknown = askingUnlisted.filter { !owning.contains($0) }
        unknownRequesters = unknown.count
        // Whoever it was may have been entitled.
        doubts.requesters.formUnion(askingUnlisted.filter { Self.isNobody(names.text($0)) })
        doubts.owners.formUnion(unlisted(owners).filter { Self.isNobody(names.text($0)) })
        if hasAccounts {
            all += unknown.map { DirectoryProblem(kind: DirectoryProblem.Kind.unlistedRequester.rawValue, account: $0) }
        }
        let granted = unlisted(parties)
        let strangers = Strangers(
            requesters: askingUnlisted, granted: granted, givers: granted.intersection(grants.map(\.owner)),
            owners: unlisted(owners))
        addNearSpellings(strangers, listed)
        // Without a table of accounts, whoever owns no camera is in none.
        if hasAccounts {
            addForeignNames(strangers, of: (requesters, owners.count), grants.map { ($0.owner, $0.grantee) })
        }
        if directory.listsCameras {
            for grant in grants where !directory.lists(grant.camera) {
                // Another's spelling may be meant.
                doubts.pairs.insert(Doubts.Pair(owner: grant.owner, requester: grant.grantee))
            }
        }
        try UnreadRows.read(db, directory, into: &doubts) {
            listed.contains($0) || owning.contains($0) || asking.contains($0) || parties.contains($0)
        }
    }

    /// Whether a text is what programs write where a value is missing: no account's name, unless a table lists it.
    private static func isNobody(_ text: String) -> Bool {
        nobody.contains(text.lowercased()) || text.contains { ",;".contains($0) }
    }

    private static let nobody: Set<String> = [
        "undefined", "null", "(null)", "<null>", "nil", "<nil>", "none", "n/a", "na", "nan", "unknown",
        "[object object]", "0", "-1", "00000000-0000-0000-0000-000000000000", "nobody", "anonymous", "anon", "guest",
    ]

    /// Where most of a column is in no table, its names may be written in another way than the tables have them
    /// (`usr:17` for `17`): then nothing that rests on its names' being others is sure.
    private mutating func addForeignNames(
        _ strangers: Strangers, of count: (requesters: Int, owners: Int),
        _ grants: [(owner: SymbolID, grantee: SymbolID)]
    ) {
        if strangers.requesters.count * 2 > count.requesters { doubts.requesters.formUnion(strangers.requesters) }
        if strangers.owners.count * 2 > count.owners { doubts.owners.formUnion(strangers.owners) }
        // Those that resemble one account are doubtful for that already.
        let foreign = strangers.granted.filter { !near.contains($0) }
        func areMostForeign(_ names: Set<SymbolID>) -> Bool { names.count { foreign.contains($0) } * 2 > names.count }
        let (givers, grantees) = (Set(grants.map(\.owner)), Set(grants.map(\.grantee)))
        switch (areMostForeign(givers), areMostForeign(grantees)) {
        // They may be anybody's.
        case (true, true): doubts.areRightsUnread = true
        case (true, false): doubts.requesters.formUnion(grants.filter { foreign.contains($0.owner) }.map(\.grantee))
        case (false, true): doubts.owners.formUnion(grants.filter { foreign.contains($0.grantee) }.map(\.owner))
        case (false, false): break
        }
    }

    /// Accounts that the table which decides how they are spelled does not have.
    private struct Strangers {
        /// Those that requested something.
        var requesters: Set<SymbolID>
        /// Those that the grants name, and those of them that gave one.
        var granted: Set<SymbolID>
        var givers: Set<SymbolID>
        /// Those whose frames somebody may have received without a right.
        var owners: Set<SymbolID>

        var all: Set<SymbolID> { requesters.union(granted).union(owners) }
    }

    /// - Parameter known: the accounts of the table of accounts, or without one of that of cameras.
    private mutating func addNearSpellings(_ found: Strangers, _ known: SymbolSet) {
        var alike: [String: (strangers: [SymbolID], known: [SymbolID])] = [:]
        for name in found.all {
            alike[AccountSpelling.folded(names.text(name)), default: ([], [])].strangers.append(name)
        }
        if alike.isEmpty { return }
        known.each { name in
            let spelling = AccountSpelling.folded(names.text(name))
            if alike[spelling] != nil { alike[spelling]?.known.append(name) }
        }
        for (_, group) in alike {
            let strangers = group.strangers.sorted { names.text($0) < names.text($1) }
            let all = group.known.sorted { names.text($0) < names.text($1) } + strangers
            guard all.count > 1 else { continue }
            near.formUnion(strangers)
            // A spelling that only logs use may be another's; one that the grants use may be anybody's of these.
            let isGranted = strangers.contains(where: found.granted.contains)
            doubts.requesters.formUnion(isGranted ? all : strangers.filter(found.requesters.contains))
            // So may an owner's frames be those that another spelling has a right to, or has given one to.
            if strangers.contains(where: found.givers.contains) { doubts.owners.formUnion(all) }
            doubts.owners.formUnion(strangers.filter(found.owners.contains))
            for name in strangers where name != all[0] {
                self.all.append(
                    DirectoryProblem(kind: DirectoryProblem.Kind.nearSpelling.rawValue, account: name, other: all[0]))
            }
        }
    }

    // MARK: Order

    /// What puts a row in an order that does not depend on the order of reading.
    private func key(_ row: EventID) -> (String, Int64) { (paths[row.source] ?? "", row.line) }

    private mutating func sort() {
        let keyed = all.map { problem in
            (
                problem,
                (problem.kind, problem.row.map(key) ?? ("", 0), problem.otherRow.map(key) ?? ("", 0)),
                ([problem.account, problem.camera, problem.other].map { $0.isPresent ? names.text($0) : "" })
                    .joined(separator: "\u{0}")
            )
        }
        all = keyed.sorted { one, two in
            if one.1.0 != two.1.0 { return one.1.0 < two.1.0 }
            if one.1.1 != two.1.1 { return one.1.1 < two.1.1 }
            if one.1.2 != two.1.2 { return one.1.2 < two.1.2 }
            return (one.2, one.0.time.from ?? .min) < (two.2, two.0.time.from ?? .min)
        }.map(\.0)
    }

    // MARK: What becomes of them

    func count(_ kind: String) -> Int { all.count { $0.kind == kind } }

    func add(to figures: inout Ledger.Figures) {
        (figures.requesters, figures.unknownRequesters) = (requesters, unknownRequesters)
        figures.doubts = doubts
        figures.unlistedCameras = count(DirectoryProblem.Kind.unlistedCamera.rawValue)
        figures.grantsOfUnlistedCameras = count(DirectoryProblem.Kind.grantOfUnlistedCamera.rawValue)
        figures.nearSpellings = count(DirectoryProblem.Kind.nearSpelling.rawValue)
        figures.openRows = count(DirectoryProblem.Kind.unreadableTime.rawValue)
        for kind in DirectoryDispute.Kind.allCases {
            let some = all.filter { $0.kind == kind.rawValue }
            guard let first = some.first else { continue }
            figures.disputes[kind] = Ledger.Figures.Disputes(
                count: some.count,
                example: [first.row, first.otherRow].compactMap(\.self).map(place).joined(separator: " and "))
        }
    }

    /// The file and line of a row.
    private func place(_ row: EventID) -> String {
        let parts = (paths[row.source] ?? "").split(separator: "\u{0}", omittingEmptySubsequences: false)
        let member = parts.count > 1 && !parts[1].isEmpty ? "!\(parts[1])" : ""
        return "\(parts.first ?? "")\(member) line \(row.line)"
    }

    package func store() throws {
        let insert = try RowStatement("INSERT INTO directory_problem VALUES (?,?,?,?,?,?,?,?,?)", db)
        func value(_ number: Int64?) -> DatabaseValue { number?.databaseValue ?? .null }
        var listed: [String: Int] = [:]
        for (index, one) in all.enumerated() {
            listed[one.kind, default: 0] += 1
            if listed[one.kind, default: 0] > Self.mostListed { continue }
            try insert.execute([
                (index + 1).databaseValue, one.kind.databaseValue, value(one.camera.stored), value(one.account.stored),
                value(one.other.stored), value(one.row?.rawValue), value(one.otherRow?.rawValue), value(one.time.from),
                value(one.time.until),
            ])
        }
    }
}
