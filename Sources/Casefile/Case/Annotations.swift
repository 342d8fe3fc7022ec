internal import Foundation
public import GRDB
internal import LogRecords

/// What the people who work on a case say of an exposure or an account: a tag, a note, or both.
///
/// It is part of the case and outlives correlations, but decides nothing: no count rests on it. An exposure is kept by its ID,
/// so that what is said of a line is never said of another that took its place.
public struct Annotation: Sendable, Equatable {
    public enum Target: Sendable, Equatable {
        /// By its ID, as in `exposures.csv`.
        case exposure(String)
        case account(String)
    }

    /// What a tag may have at most, and a note; characters.
    public static let longestTag = 64
    public static let longestNote = 4000

    /// By which it is removed.
    public let number: Int64
    public let target: Target
    public let tag: String?
    public let note: String?

    /// All of a case, in the order in which they were made.
    public static func all(_ db: Database) throws -> [Annotation] {
        try Row.fetchAll(db, sql: "SELECT annotation, exposure, account, tag, note FROM annotations ORDER BY 1").map {
            row in
            let exposure = try row.decode(String?.self, atIndex: 1)
            let target: Target
            if let exposure { target = .exposure(exposure) } else { target = .account(try row.decode(atIndex: 2)) }
            return Annotation(
                number: try row.decode(atIndex: 0), target: target, tag: try row.decode(atIndex: 3),
                note: try row.decode(atIndex: 4))
        }
    }

    /// Why a text is none that can be kept; nil: it can.
    static func problem(of text: String, _ what: String, most: Int, forbidden: String = "") -> String? {
        if text.isEmpty || text.allSatisfy(\.isWhitespace) { return "the \(what) is empty" }
        if text.count > most { return "the \(what) has \(text.count) characters; \(most) are allowed" }
        if text.unicodeScalars.contains(where: { VisibleText.isInvisible($0) }) {
            return "the \(what) has a line break or another character that does not show; leave it out"
        }
        return text.first(where: forbidden.contains).map {
            "the \(what) has '\($0)', which separates tags in the reports"
        }
    }
}

extension CaseFile {
    /// Adds an annotation for each target and tag, and one for the note, if there is one: with the first tag.
    ///
    /// - Returns: their numbers.
    /// - Throws: `CaseFileError.cannotAnnotate` if a target is not in the case or a text cannot be kept, and then none is added;
    ///   `CaseFileError.edited`, `CaseFileError.pseudonymized`.
    public func annotate(_ targets: [Annotation.Target], tags: [String], note: String?) throws -> [Int64] {
        let problems =
            tags.compactMap { Annotation.problem(of: $0, "tag", most: Annotation.longestTag, forbidden: ",;") }
            + [note].compactMap(\.self).compactMap { Annotation.problem(of: $0, "note", most: Annotation.longestNote) }
        if let first = problems.first { throw CaseFileError.cannotAnnotate(path: path, reason: first) }
        return try writeToRead { db in
            try requireAnnotatable(db)
            var numbers: [Int64] = []
            for target in targets {
                let (event, account) = try place(of: target, db)
                let texts: [(String?, String?)] =
                    tags.isEmpty ? [(nil, note)] : tags.enumerated().map { ($1, $0 == 0 ? note : nil) }
                for (tag, note) in texts where tag != nil || note != nil {
                    let number = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM annotation") ?? 0) + 1
                    var exposure: String?
                    if case .exposure(let id) = target { exposure = id }
                    try db.execute(
                        sql: "INSERT INTO annotation VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: [number, event, exposure, account, tag, note])
                    try journal(number, "added", target, tag, note, db)
                    numbers.append(number)
                }
            }
            return numbers
        }
    }

    /// Takes an annotation away; the journal keeps what it said.
    ///
    /// - Throws: `CaseFileError.cannotAnnotate` if there is none of that number.
    public func removeAnnotation(_ number: Int64) throws {
        try writeToRead { db in
            try requireAnnotatable(db)
            guard let found = try Annotation.all(db).first(where: { $0.number == number }) else {
                throw CaseFileError.cannotAnnotate(
                    path: path, reason: "there is no annotation \(number); 'strayframe annotate' lists them")
            }
            try db.execute(sql: "DELETE FROM annotation WHERE id = ?", arguments: [number])
            try journal(number, "removed", found.target, found.tag, found.note, db)
        }
    }

    private func requireAnnotatable(_ db: Database) throws {
        if try Journal.all(db).first?.action == Journal.Action.pseudonymize.rawValue {
            throw CaseFileError.pseudonymized(path: path)
        }
        try requireUntouched(db)
        try requireCorrelated(db)
    }

    /// Seals the table and adds the journal's entry.
    private func journal(
        _ number: Int64, _ what: String, _ target: Annotation.Target, _ tag: String?, _ note: String?, _ db: Database
    ) throws {
        try Seals.renew(.annotation, db)
        var facts = [what: String(number)]
        switch target {
        case .exposure(let id): facts["exposure"] = id
        case .account(let name): facts["account"] = name
        }
        facts["tag"] = tag
        facts["note"] = note
        try Journal.append(.annotate, facts, arguments: arguments, to: db)
    }

    /// The exposure's event, or the account's name.
    private func place(of target: Annotation.Target, _ db: Database) throws -> (event: Int64?, account: Int64?) {
        switch target {
        case .exposure(let id):
            let event = try Int64.fetchOne(
                db,
                sql: """
                    SELECT e.delivery FROM exposure e JOIN source s ON s.id = e.delivery >> 36
                    WHERE e.is_redisplay = 0 AND s.label || ':' || (e.delivery & 68719476735) = ?
                    """, arguments: [id])
            guard let event else {
                throw CaseFileError.cannotAnnotate(
                    path: path, reason: "'\(id)' is the ID of no exposure; IDs stand in exposures.csv")
            }
            return (event, nil)
        case .account(let name):
            let account = try Int64.fetchOne(
                db,
                sql: """
                    SELECT id FROM name n WHERE text = ? AND (
                        EXISTS (SELECT 1 FROM affected a WHERE a.account = n.id)
                        OR EXISTS (SELECT 1 FROM candidate c WHERE c.owner = n.id)
                        OR EXISTS (SELECT 1 FROM account a WHERE a.account = n.id)
                        OR EXISTS (SELECT 1 FROM camera c WHERE c.owner = n.id)
                        OR EXISTS (SELECT 1 FROM granted g WHERE n.id IN (g.owner, g.grantee))
                        OR EXISTS (SELECT 1 FROM delivery d WHERE n.id IN (d.requester, d.owner))
                        OR EXISTS (SELECT 1 FROM fill f WHERE n.id IN (f.requester, f.owner)))
                    """, arguments: [name])
            guard let account else {
                throw CaseFileError.cannotAnnotate(
                    path: path,
                    reason:
                        "the case has no account '\(name)'; write it as exposed_accounts.csv and receiving_accounts.csv do"
                )
            }
            return (nil, account)
        }
    }
}
