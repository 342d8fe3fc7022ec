import Correlation
import GRDB
import LogRecords

extension ColdCache {
    /// Notes how many purges on its nodes came right before, if they are many more than usual.
    mutating func note(purges db: Database) throws {
        let numbers = nodes.map { "\($0.rawValue)" }.joined(separator: ",")
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*), ifnull(sum(p.ts BETWEEN :from AND :until), 0), ifnull(max(p.ts) - min(p.ts), 0)
                FROM purge p JOIN source s ON s.id = p.id >> 36 AND s.state IN ('complete', 'damaged')
                WHERE NOT p.is_expiry AND (p.node IS NULL OR p.node IN (SELECT value FROM json_each(:nodes)))
                """,
            arguments: ["from": from - Self.lag, "until": from + Self.lag / 2, "nodes": "[\(numbers)]"])
        guard let row else { return }
        let (all, here, span): (Int, Int, Int64) = (
            try row.decode(atIndex: 0), try row.decode(atIndex: 1), try row.decode(atIndex: 2)
        )
        let usual = Double(all - here) * Double(Self.lag) * 1.5 / Double(max(span, Self.lag))
        if Double(here) > 3 * usual { purges = here }
    }
}
