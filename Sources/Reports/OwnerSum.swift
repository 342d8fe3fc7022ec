import GRDB

/// What the exposures of one owner's frames come to, as the page and the notices have it.
struct OwnerSum {
    /// Certain exposures with one possible owner, and the others.
    let certain: Int
    let possible: Int
    /// Accounts that received a frame, those of the certain exposures alone and all.
    let receiversCertain: Int
    let receivers: Int
    let opened: Int
    /// Microseconds since 1970 UTC.
    let first: Int64
    let last: Int64

    /// By the owner's number, redisplays left out.
    static func all(_ db: Database) throws -> [Int64: OwnerSum] {
        var sums: [Int64: OwnerSum] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.owner, sum(e.certainty = 'certain' AND e.owners = 1),
                    sum(NOT (e.certainty = 'certain' AND e.owners = 1)),
                    count(DISTINCT iif(e.certainty = 'certain' AND e.owners = 1, d.requester, NULL)),
                    count(DISTINCT d.requester), sum(e.opened), min(d.ts), max(d.ts)
                FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 GROUP BY c.owner
                """)
        while let row = try rows.next() {
            sums[row[0]] = OwnerSum(
                certain: row[1], possible: row[2], receiversCertain: row[3], receivers: row[4], opened: row[5],
                first: row[6], last: row[7])
        }
        return sums
    }
}
