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
    /// Of all, on the page or not.
    let total: Int

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
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT d.requester, sum(e.certainty = 'certain'), sum(e.certainty = 'possible'), sum(e.opened), min(d.ts),
                    max(d.ts)
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 AND d.requester IS NOT NULL GROUP BY d.requester
                """)
        {
            var one = accounts[row[0]] ?? Account()
            one.receivedCertain = row[1]
            one.receivedPossible = row[2]
            one.opened = row[3]
            one.first = min(one.first, row[4])
            one.last = max(one.last, row[5])
            accounts[row[0]] = one
        }
        let reasons = ["requester": 1, "camera owner": 2, "both": 3]
        for row in try Row.fetchAll(db, sql: "SELECT account, reason FROM affected") {
            accounts[row[0], default: Account()].affected = reasons[row[1]] ?? 0
        }
        total = accounts.count
        let ranked = try accounts.map { (name: try names.text($0.key) ?? "", one: $0.value) }.sorted { mine, theirs in
            let (a, b) = (mine.one.rank, theirs.one.rank)
            return a == b ? mine.name < theirs.name : a > b
        }
        for (name, one) in ranked.prefix(Self.most) {
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
