import Casefile
import Correlation
import Foundation
import GRDB
import Interning
import LogRecords

/// What rows of the tables that could not be read leave open: a row keeps what it says, and what it does not say may be
/// anything.
enum UnreadRows {
    /// More are not looked at one by one.
    private static let most = 10_000

    private struct Unread {
        var isGrant: Bool
        var words: Set<String>
        /// Whether the row is longer than what is kept of it.
        var isCut: Bool

        init(isGrant: Bool, sample: String) {
            self.isGrant = isGrant
            // What stands between the separators that tables have, and between a text's quotes.
            words = Set(sample.split { ",;\t\"'{}[]:\\ |".contains($0) }.map(String.init))
            isCut = sample.utf8.count >= SourceReader.sampleBytes
        }
    }

    /// Files that may be tables of rights and were not read, or not to their end: then anybody may have had one.
    static func filesOfRights(_ db: Database) throws -> Int {
        let unread = try Row.fetchAll(
            db,
            sql: """
                SELECT ifnull(member, path), state = 'unrecognized' AND ifnull(reason, '') LIKE '%' || ? || '%'
                    OR state = 'damaged' AND ifnull(profile, '') LIKE 'directory-grants%', profile IS NULL
                FROM source WHERE state IN ('unrecognized', 'damaged', 'unreadable')
                """, arguments: [RightsTable.complaint])
        return try unread.count { row in
            let (path, isOne, hasNoProfile): (String, Bool, Bool) = (
                try row.decode(atIndex: 0), try row.decode(atIndex: 1), try row.decode(atIndex: 2)
            )
            // Of what is damaged from its beginning the name alone is known.
            return isOne || hasNoProfile && RightsTable.isNamedSo(path)
        }
    }

    /// - Parameter isAccount: whether a name is an account's.
    static func read(
        _ db: Database, _ directory: Directory, into doubts: inout Doubts, isAccount: (SymbolID) -> Bool
    ) throws {
        if try filesOfRights(db) > 0 { doubts.areRightsUnread = true }
        // A row of which only a time could not be read is in the tables all the same, and left open there. So is one of several
        // owners, of which each may have a right of the other.
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT s.profile LIKE 'directory-grants%'
                        OR EXISTS (SELECT 1 FROM camera c WHERE c.id = r.source << \(EventID.lineBits) | r.line), r.sample FROM reject r JOIN source s ON s.id = r.source
                WHERE s.state IN ('complete', 'damaged')
                    AND (s.profile LIKE 'directory-grants%' OR s.profile LIKE 'directory-cameras%')
                    AND NOT EXISTS (SELECT 1 FROM granted g WHERE g.id = r.source << \(EventID.lineBits) | r.line)
                    AND (r.reason = ? OR NOT EXISTS (SELECT 1 FROM camera c WHERE c.id = r.source << \(EventID.lineBits) | r.line))
                LIMIT \(most + 1)
                """, arguments: [RejectReason.severalValues.rawValue]
        ).map { Unread(isGrant: try $0.decode(atIndex: 0), sample: try $0.decode(atIndex: 1)) }
        if rows.isEmpty { return }
        if rows.count > most || rows.contains(where: \.isCut) { doubts.areRightsUnread = true }
        let all = String(decoding: try JSONEncoder().encode(Set(rows.flatMap(\.words))), as: UTF8.self)
        var known: [String: SymbolID] = [:]
        for row in try Row.fetchAll(
            db, sql: "SELECT id, text FROM name WHERE text IN (SELECT value FROM json_each(?))", arguments: [all])
        {
            known[try row.decode(atIndex: 1)] = SymbolID(rawValue: try row.decode(atIndex: 0))
        }
        for row in rows.prefix(most) {
            let names = row.words.compactMap { known[$0] }
            let owners = names.flatMap { directory.owners(of: $0, .min, .max) }.filter(\.isPresent)
            note(accounts: Set(names.filter(isAccount)), owners: Set(owners), isGrant: row.isGrant, in: &doubts)
        }
    }

    /// - Parameters:
    ///   - accounts: that a row names.
    ///   - owners: of the cameras that it names, at any time.
    private static func note(
        accounts: Set<SymbolID>, owners: Set<SymbolID>, isGrant: Bool, in doubts: inout Doubts
    ) {
        let all = owners.union(accounts)
        if all.isEmpty {
            doubts.areRightsUnread = true
            return
        }
        let grantees = accounts.subtracting(owners)
        guard isGrant, all.count > 1, !grantees.isEmpty else {
            // To whom is not said; or whoever is named may have owned the camera at some time.
            doubts.owners.formUnion(all)
            return doubts.requesters.formUnion(isGrant ? grantees : accounts)
        }
        for owner in all {
            for grantee in accounts where grantee != owner {
                doubts.pairs.insert(Doubts.Pair(owner: owner, requester: grantee))
            }
        }
    }
}
