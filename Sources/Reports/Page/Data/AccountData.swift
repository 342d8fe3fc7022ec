import GRDB

/// The table of accounts: what others saw of each, what it saw of others, and whether it was at risk.
struct AccountData: Encodable {
    /// How many accounts the page holds at most: those with the most exposures.
    static let most = 100_000

    private(set) var account: [String] = []
    private(set) var exposedCertain: [Int] = []
    private(set) var exposedPossible: [Int] = []
    /// Accounts that received a frame of it.
    private(set) var receivers: [Int] = []
    private(set) var receivedCertain: [Int] = []
    private(set) var receivedPossible: [Int] = []
    private(set) var opened: [Int] = []
    /// Microseconds, or -1.
    private(set) var first: [Int64] = []
    private(set) var last: [Int64] = []
    /// 0: not affected, 1: as requester, 2: as camera owner, 3: both.
    private(set) var affected: [Int] = []
    /// Of those that are annotated.
    private(set) var annotations: [Said] = []
    /// Of all, on the page or not.
    let total: Int

    /// What is said of an account, by its row.
    struct Said: Encodable {
        let row: Int
        let tag: String?
        let note: String?
    }

    private struct Account {
        var exposedCertain = 0
        var exposedPossible = 0
        var receivers = 0
        var receivedCertain = 0
        var receivedPossible = 0
        var opened = 0
        var first = Int64.max
        var last = Int64.min
        var affected = 0
        var rank: (Int, Int) { (exposedCertain + receivedCertain, exposedPossible + receivedPossible) }
    }

    init(_ db: Database, _ names: ShownNames) throws {
        var accounts: [Int64: Account] = [:]
        for (owner, sum) in try OwnerSum.all(db) {
            accounts[owner] = Account(
                exposedCertain: sum.certain, exposedPossible: sum.possible, receivers: sum.receivers, first: sum.first,
                last: sum.last)
        }
        let receiving = try Row.fetchCursor(
            db,
            sql: """
                SELECT d.requester, sum(e.certainty = 'certain'), sum(e.certainty = 'possible'), sum(e.opened), min(d.ts),
                    max(d.ts)
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 AND d.requester IS NOT NULL GROUP BY d.requester
                """)
        while let row = try receiving.next() {
            var one = accounts[try row.decode(atIndex: 0)] ?? Account()
            one.receivedCertain = try row.decode(atIndex: 1)
            one.receivedPossible = try row.decode(atIndex: 2)
            one.opened = try row.decode(atIndex: 3)
            one.first = min(one.first, try row.decode(atIndex: 4))
            one.last = max(one.last, try row.decode(atIndex: 5))
            accounts[try row.decode(atIndex: 0)] = one
        }
        let reasons = ["requester": 1, "camera owner": 2, "both": 3]
        // There may be millions of them, and only their names tell most of them apart.
        var ranked: [(name: String, id: Int64, one: Account)] = []
        let affectedOnes = try Row.fetchCursor(
            db, sql: "SELECT a.account, a.reason, n.text FROM affected a JOIN name n ON n.id = a.account")
        while let row = try affectedOnes.next() {
            let id: Int64 = try row.decode(atIndex: 0)
            var one = accounts.removeValue(forKey: id) ?? Account()
            one.affected = reasons[try row.decode(atIndex: 1)] ?? 0
            ranked.append((ShownNames.visible(try row.decode(atIndex: 2)), id, one))
        }
        for (account, one) in accounts { ranked.append((try names.text(account) ?? "", account, one)) }
        total = ranked.count
        ranked.sort { mine, theirs in
            let (a, b) = (mine.one.rank, theirs.one.rank)
            return a == b ? mine.name < theirs.name : a > b
        }
        let said = try AnnotationData.ofAccounts(db)
        for (name, id, one) in ranked.prefix(Self.most) {
            for about in said[id] ?? [] {
                annotations.append(Said(row: account.count, tag: about.tag, note: about.note))
            }
            account.append(name)
            exposedCertain.append(one.exposedCertain)
            exposedPossible.append(one.exposedPossible)
            receivers.append(one.receivers)
            receivedCertain.append(one.receivedCertain)
            receivedPossible.append(one.receivedPossible)
            opened.append(one.opened)
            first.append(one.first == .max ? -1 : one.first)
            last.append(one.last == .min ? -1 : one.last)
            affected.append(one.affected)
        }
    }
}
