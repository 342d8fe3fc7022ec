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
            sums[try row.decode(atIndex: 0)] = OwnerSum(
                certain: try row.decode(atIndex: 1), possible: try row.decode(atIndex: 2),
                receiversCertain: try row.decode(atIndex: 3), receivers: try row.decode(atIndex: 4),
                opened: try row.decode(atIndex: 5),
                first: try row.decode(atIndex: 6), last: try row.decode(atIndex: 7))
        }
        return sums
    }
}
