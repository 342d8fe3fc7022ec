import GRDB
public import LogRecords

extension EventReader {
    /// The first and the last time stamp of the events, microseconds; both 0 if there is none.
    public func span() throws -> ClosedRange<Int64> {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT min(first_ts), max(last_ts) FROM source WHERE state IN ('complete', 'damaged')")
        guard let row, let first = try row.decode(Int64?.self, atIndex: 0),
            let last = try row.decode(Int64?.self, atIndex: 1)
        else { return 0...0 }
        return first...max(first, last)
    }

    /// Calls `body` for deliveries from all over the dump, without reading it all: every one of a small case, and of a
    /// large one `blocks` stretches of `lines` lines each, evenly over each source's lines.
    ///
    /// The same dump gives the same sample in whatever order it was read.
    public func sampleDeliveries(blocks: Int = 1024, lines: Int = 64, _ body: (Delivery) throws -> Void) throws {
        let sources = try Row.fetchAll(
            db,
            sql: """
                SELECT s.id, s.lines FROM source s WHERE s.state IN ('complete', 'damaged')
                    AND EXISTS (SELECT 1 FROM delivery d WHERE d.id >= s.id << 36 AND d.id < (s.id + 1) << 36)
                ORDER BY s.label, s.id
                """)
        let total = try sources.reduce(0) { try $0 + $1.decode(Int.self, forColumn: "lines") }
        for source in sources {
            let (id, count): (Int64, Int) = try (source.decode(forColumn: "id"), source.decode(forColumn: "lines"))
            let isWhole = total <= blocks * lines
            let share = isWhole ? 1 : max(1, count * blocks / total)
            for block in 0..<share {
                let first = isWhole ? 0 : Int64(count) * Int64(block) / Int64(share)
                let last = isWhole ? Int64(count) : min(first + Int64(lines), Int64(count))
                let bounds = [EventID(source: id, line: first + 1), EventID(source: id, line: last)]
                try each("SELECT * FROM delivery WHERE id BETWEEN ? AND ? ORDER BY id", bounds.map(\.rawValue)) {
                    if let line = asCounted(try $0.delivery(circumstances)) { try body(line) }
                }
            }
        }
    }

    /// Some deliveries of each of some sources, from all over its lines: about as many of each as asked for.
    ///
    /// - Parameter most: how many sources are looked at; of more, as many evenly over all.
    public func sampleLines(of sources: [Int64], perSource: Int, most: Int) throws -> [Delivery] {
        let statement = try db.makeStatement(sql: "SELECT * FROM delivery WHERE id BETWEEN ? AND ?")
        let length = try db.makeStatement(sql: "SELECT lines FROM source WHERE id = ?")
        let block = min(16, perSource)
        let step = max(1, (sources.count + most - 1) / most)
        var sample: [Delivery] = []
        for source in stride(from: 0, to: sources.count, by: step).map({ sources[$0] }) {
            let count = try Int64.fetchOne(length, arguments: [source]) ?? 0
            let blocks = count <= perSource ? 1 : Int64(perSource / block)
            for place in 0..<blocks {
                let first = count * place / blocks + 1
                let last = count <= perSource ? count : min(first + Int64(block) - 1, count)
                try statement.setArguments(
                    StatementArguments([first, last].map { EventID(source: source, line: $0).rawValue }))
                let row = EventRow(statement)
                while try row.step() { sample.append(doubles.unified(try row.delivery(circumstances))) }
            }
        }
        return sample
    }
}
