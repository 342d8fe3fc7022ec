import GRDB
import LogRecords

/// What of one account was seen, when, for how long and by how many; never by whom.
struct AccountNotice {
    /// How many rows a file has at most; the sums are of all.
    private static let most = 500

    /// One frame, or all that have no name of their own, of one camera and kind.
    struct Seen {
        let camera: String
        let kind: String
        let frame: String
        let first: String
        let last: String
        let duration: String
        let times: String
        let viewers: String
        let certainty: String
    }

    let account: String
    /// Whether at least one exposure is certainly this account's.
    let isCertain: Bool
    let window: String
    let times: String
    let viewers: String
    let opened: String?
    let again: String?
    let seen: [Seen]
    let left: String?
    /// As `accounts.csv` has them.
    let figures: [String]
    /// Whom to ask; nil: not stated.
    let controller: String?

    /// Names nobody, for file names go where files do not: into listings, logs and the names of attachments. `accounts.csv` has
    /// whose it is.
    static func fileName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".md"
    }

    /// How often a frame of an account was shown again, and the last time.
    private struct Again {
        let times: Int
        let last: Int64
    }

    /// Calls `body` for each exposed account in order of name, certain or possible.
    static func forEach(
        _ db: Database, _ names: ShownNames, _ facts: IncidentFacts, _ body: (AccountNotice) throws -> Void
    ) throws {
        let (sums, again) = (try OwnerSum.all(db), try shownAgain(db))
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.owner, c.camera, x.kind, min(coalesce(d.frame, f.frame)), min(d.ts) AS first, max(d.ts),
                    count(*), sum(e.certainty = 'certain' AND e.owners = 1),
                    count(DISTINCT iif(e.certainty = 'certain' AND e.owners = 1, d.requester, NULL)),
                    count(DISTINCT d.requester)
                FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                    JOIN circumstance x ON x.id = d.circumstance LEFT JOIN fill f ON f.id = c.fill
                    JOIN name o ON o.id = c.owner LEFT JOIN name m ON m.id = c.camera LEFT JOIN name k ON k.id = x.kind
                    LEFT JOIN frame n ON n.id = coalesce(d.frame, f.frame)
                WHERE e.is_redisplay = 0 GROUP BY c.owner, c.camera, x.kind, n.text
                ORDER BY o.text, m.text, first, n.text, k.text
                """)
        var owner: Int64?
        var seen: [Seen] = []
        var count = 0
        func finish() throws {
            guard let owner, let sum = sums[owner] else { return }
            try body(
                AccountNotice(
                    try names.text(owner) ?? "", sum, again[owner], seen, left: count - seen.count,
                    controller: facts.controller.map(ShownNames.visible)))
        }
        while let row = try rows.next() {
            if try row.decode(atIndex: 0) != owner {
                try finish()
                owner = try row.decode(atIndex: 0)
                (seen, count) = ([], 0)
            }
            count += 1
            guard seen.count < most else { continue }
            let (first, last) = (try row.decode(Int64.self, atIndex: 4), try row.decode(Int64.self, atIndex: 5))
            let (times, certain) = (try row.decode(Int.self, atIndex: 6), try row.decode(Int.self, atIndex: 7))
            seen.append(
                Seen(
                    camera: try names.text(row.decode(atIndex: 1)) ?? "not known",
                    kind: try names.text(row.decode(atIndex: 2)) ?? "frame",
                    frame: try names.frame(row.decode(atIndex: 3)) ?? "not named", first: Wording.time(first),
                    last: Wording.time(last),
                    duration: first == last ? "once" : Wording.duration(last - first), times: range(certain, times),
                    viewers: range(try row.decode(atIndex: 8), try row.decode(atIndex: 9)),
                    certainty: certain > 0 ? "certain" : "possible"))
        }
        try finish()
    }

    /// `3`, or `1 to 3`.
    private static func range(_ least: Int, _ most: Int) -> String {
        least == most ? Wording.number(most) : "\(Wording.number(least)) to \(Wording.number(most))"
    }

    private init(
        _ account: String, _ sum: OwnerSum, _ again: Again?, _ seen: [Seen], left: Int, controller: String?
    ) {
        self.account = account
        self.controller = controller
        self.seen = seen
        isCertain = sum.certain > 0
        window =
            sum.first == sum.last
            ? "at \(Wording.time(sum.first))"
            : "between \(Wording.time(sum.first)) and \(Wording.time(sum.last)), within \(Wording.duration(sum.last - sum.first))"
        times = Self.range(sum.certain, sum.certain + sum.possible)
        viewers = Self.range(sum.receiversCertain, sum.receivers)
        opened = sum.opened == 0 ? nil : Wording.number(sum.opened)
        self.again = again.map { "\(Wording.number($0.times)), the last at \(Wording.time($0.last))" }
        self.left = left > 0 ? Wording.number(left) : nil
        figures = [
            isCertain ? "certain" : "possible", "\(sum.certain)", "\(sum.possible)", "\(sum.receiversCertain)",
            "\(sum.receivers - sum.receiversCertain)", sum.first.rfc3339, sum.last.rfc3339,
        ]
    }

    private static func shownAgain(_ db: Database) throws -> [Int64: Again] {
        var again: [Int64: Again] = [:]
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT c.owner, count(*), max(d.ts)
                FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 1 GROUP BY c.owner
                """)
        {
            again[try row.decode(atIndex: 0)] = Again(
                times: try row.decode(atIndex: 1), last: try row.decode(atIndex: 2))
        }
        return again
    }
}
