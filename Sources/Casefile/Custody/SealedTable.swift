import GRDB
import Interning
import LogRecords

/// A table of the case whose rows are sealed, and how they are divided and ordered for it.
struct SealedTable: Hashable, Sendable {
    let name: String
    /// What part a row belongs to, in SQL.
    var part = "0"
    /// What puts the rows in order, in SQL.
    let order: String
    /// Whether its rows are hashed as SQLite's own records.
    var isEvents = false

    /// What is read from a source, by source.
    static let events = EventTable.all.map {
        SealedTable(name: $0.name, part: "id >> \(EventID.lineBits)", order: "id", isEvents: true)
    }
    /// By the shard of `StringInterner`, in each of which they come in order.
    static let name = ofTexts("name")
    static let frame = ofTexts("frame")
    private static func ofTexts(_ name: String) -> SealedTable {
        SealedTable(name: name, part: "(id - 1) % \(StringInterner.shardCount)", order: "id")
    }
    static let source = SealedTable(name: "source", part: "id", order: "id")
    static let reject = SealedTable(name: "reject", part: "source", order: "source, line")
    static let lineDigest = SealedTable(name: "line_digest", part: "id >> \(EventID.lineBits)", order: "id")
    static let lineTag = SealedTable(name: "line_tag", part: "id >> \(EventID.lineBits)", order: "id")
    static let repeated = SealedTable(name: "repeated", part: "id >> \(EventID.lineBits)", order: "id")
    static let circumstance = SealedTable(name: "circumstance", order: "id")
    static let annotation = SealedTable(name: "annotation", order: "id")
    static let correlation = SealedTable(name: "correlation", order: "what")
    /// What a correlation finds.
    static let findings =
        [
            ("same_answer", "delivery"), ("shared_source", "source"), ("log_pair", "place"),
            ("exposure", "delivery"), ("candidate", "delivery, rank"), ("unresolved", "delivery"),
            ("affected", "account"), ("tally", "circumstance"), ("condition", "rank"), ("foremost_receiver", "account"),
            ("key_change", "place"), ("key_remedy", "place"), ("fix", "place"), ("neighbour", "place"),
            ("collision", "rowid"), ("clock_offset", "clock"), ("rollout_rate", "rowid"), ("change_point", "rowid"),
            ("silence", "rowid"), ("assumption", "place"), ("directory_problem", "place"),
            ("identity_crossing", "place"),
            ("node_without_fills", "rowid"), ("traffic", "from_ts"),
        ].map { SealedTable(name: $0.0, order: $0.1) } + [correlation]

    static let all =
        events + [name, frame, source, reject, lineDigest, lineTag, repeated, circumstance, annotation] + findings
    /// Those that are held against their seals before anything is written.
    static let first = [source, circumstance]
    /// Those whose parts are sources.
    static let bySource = events + [source, reject, lineDigest, lineTag, repeated]

    /// Hashes the rows as they stand in the case: of one part, or of each.
    ///
    /// - Parameter each: is shown every row, in order.
    func hashes(
        _ db: Database, part only: Int64? = nil, each: (EventRow) throws -> Void = { _ in }
    ) throws -> [Int64: RowHash] {
        let condition = only.map { part in
            // The rows of a source stand together, and need no look at the others.
            isEvents
                ? "WHERE id BETWEEN \(EventID.range(of: part).lowerBound) AND \(EventID.range(of: part).upperBound)"
                : "WHERE \(self.part) = \(part)"
        }
        let statement = try db.makeStatement(
            sql: "SELECT *, \(part) FROM \(name) \(condition ?? "") ORDER BY \(order)")
        let row = EventRow(statement)
        let columns = Int32(statement.columnCount) - 1
        var hashes: [Int64: RowHash] = [:]
        let rare = rareColumns
        var (current, cells): (Int64, RowEncoder) = (0, RowEncoder())
        while try row.step() {
            try each(row)
            let part = row.integer(columns)
            guard isEvents else {
                row.add(columns, to: &hashes[part, default: RowHash()])
                continue
            }
            if cells.count > 0, part != current || cells.count >= 1000 {
                hashes[current, default: RowHash()].add(cells)
                cells = RowEncoder()
            }
            current = part
            cells.add(row.integer(0)) { cell in
                // A row ends early if all that few rows have is missing (see `EventEncoder`).
                let isPlain = rare.allSatisfy { row.optional($0.position) == $0.absent }
                for column in 1..<(isPlain ? columns - Int32(rare.count) : columns) {
                    cell.set(row.optional(column) ?? RowEncoder.null)
                }
            }
        }
        if cells.count > 0 { hashes[current, default: RowHash()].add(cells) }
        return hashes
    }

    /// The columns that few rows of events have, which are the last, and what stands in the others.
    private var rareColumns: [(position: Int32, absent: Int64?)] {
        guard let table = EventTable.all.first(where: { $0.name == name }) else { return [] }
        return (table.firstRare..<table.width).map { position in
            if case .null = table[position].absence { return (Int32(position), nil) }
            return (Int32(position), 0)
        }
    }
}
