public import GRDB
public import LogRecords

/// Lines that stand in two sources, or twice in one: whether their rows are the same, and how one of them ceases to count.
public enum RepeatedLines {
    /// Whether two runs of lines, of two sources, have given the same rows, line by line.
    ///
    /// Lines of the same digest need not be the same, and the same line need not mean the same in two sources; what counts is
    /// in their rows.
    public static func haveSameRows(
        _ first: EventID, _ other: EventID, count: Int64, _ db: Database
    ) throws -> Bool {
        let (start, end) = (first.rawValue, first.rawValue + count - 1)
        let distance = other.rawValue - first.rawValue
        for table in SourceRow.eventTables {
            let same = try db.columns(in: table).map(\.name).filter { $0 != "id" }.map { column in
                // A frame id may have several numbers.
                ["frame", "validator"].contains(column)
                    ? "(x.\(column) IS y.\(column) OR (SELECT text FROM frame WHERE id = x.\(column)) "
                        + "IS (SELECT text FROM frame WHERE id = y.\(column)))"
                    : "x.\(column) IS y.\(column)"
            }
            let sql = """
                SELECT (SELECT count(*) FROM \(table) WHERE id BETWEEN ?1 AND ?2),
                    (SELECT count(*) FROM \(table) WHERE id BETWEEN ?1 + ?3 AND ?2 + ?3),
                    (SELECT count(*) FROM \(table) x JOIN \(table) y ON y.id = x.id + ?3
                        WHERE x.id BETWEEN ?1 AND ?2 AND \(same.joined(separator: " AND ")))
                """
            let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [start, end, distance])
            guard let row else { return false }
            let counts: [Int] = try (0..<3).map { try row.decode(atIndex: $0) }
            guard counts[0] == counts[1], counts[0] == counts[2] else { return false }
        }
        return true
    }

    /// Whether a run of lines is stamped earlier than a line before it, so that the log had gone on when it came; or was taken
    /// out before.
    ///
    /// - Parameters:
    ///   - first: where the run begins.
    ///   - original: where the same lines stand before, so many of them.
    public static func cameLater(
        _ first: EventID, than original: EventID, count: Int64, _ db: Database
    ) throws -> Bool {
        if try of(first.source, db).contains(where: { $0.contains(first.line) }) { return true }
        func stamp(_ rows: String, from low: Int64, to high: Int64) throws -> Int64? {
            let tables = ["delivery", "fill", "purge"].map {
                "SELECT * FROM (SELECT id, ts FROM \($0) WHERE id BETWEEN ?1 AND ?2 ORDER BY \(rows) LIMIT 1)"
            }
            let sql = "SELECT ts FROM (\(tables.joined(separator: " UNION ALL "))) ORDER BY \(rows) LIMIT 1"
            return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [low, high])
        }
        let events = EventID.range(of: first.source)
        guard let start = try stamp("id", from: first.rawValue, to: events.upperBound) else { return false }
        let before = try stamp("id DESC", from: events.lowerBound, to: first.rawValue - 1)
        let latest = try stamp("ts DESC", from: original.rawValue, to: original.rawValue + count - 1)
        return [before, latest].contains { $0 ?? .min > start }
    }

    /// Takes lines of a source out of the counts, for they count where they stand first, or in another source.
    ///
    /// - Parameter stretches: the lines, and the first of them in the other source.
    public static func takeOut(
        _ stretches: [(lines: ClosedRange<Int64>, original: EventID)], of source: inout SourceRow, _ db: Database
    ) throws {
        for (lines, original) in stretches {
            try remove(lines, of: &source, db)
            try RowStatement("INSERT OR REPLACE INTO repeated VALUES (?, ?, ?)", db).execute([
                EventID(source: source.id, line: lines.lowerBound).rawValue.databaseValue,
                lines.upperBound.databaseValue, original.rawValue.databaseValue,
            ])
        }
        try Seals.renew(source: source.id, db)
    }

    /// Takes all of a source out of the counts; its line digests stay.
    public static func takeOutAll(of source: inout SourceRow, _ db: Database) throws {
        try remove(1...max(source.lines, 1), of: &source, db)
        try forget(source.id, db)
        (source.ignored, source.accepted, source.rejected) = (source.lines, 0, 0)
        source.state = .duplicate
        try Seals.renew(source: source.id, db)
    }

    /// Which lines of a source were taken out.
    public static func of(_ source: Int64, _ db: Database) throws -> [ClosedRange<Int64>] {
        let events = EventID.range(of: source)
        return try Row.fetchAll(
            db.cachedStatement(sql: "SELECT id, last FROM repeated WHERE id BETWEEN ? AND ? ORDER BY id"),
            arguments: [events.lowerBound, events.upperBound]
        ).map { row in
            let first = EventID(rawValue: try row.decode(atIndex: 0)).line
            return first...max(try row.decode(atIndex: 1), first)
        }
    }

    /// The sources of which lines were taken out.
    public static func sources(_ db: Database) throws -> [Int64] {
        try Int64.fetchAll(db, sql: "SELECT DISTINCT id >> \(EventID.lineBits) FROM repeated")
    }

    /// Forgets which lines of a source were taken out, before it is told anew.
    public static func forget(_ source: Int64, _ db: Database) throws {
        let events = EventID.range(of: source)
        try RowStatement("DELETE FROM repeated WHERE id BETWEEN ? AND ?", db).execute([
            events.lowerBound.databaseValue, events.upperBound.databaseValue,
        ])
    }

    private static func remove(_ lines: ClosedRange<Int64>, of source: inout SourceRow, _ db: Database) throws {
        let bounds = [
            EventID(source: source.id, line: lines.lowerBound).rawValue,
            EventID(source: source.id, line: lines.upperBound).rawValue,
        ].map(\.databaseValue)
        let events = SourceRow.eventTables.map { "SELECT id FROM \($0) WHERE id BETWEEN ?1 AND ?2" }
        let accepted = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM (\(events.joined(separator: " UNION ")))"),
            arguments: StatementArguments(bounds))
        let rejected = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM reject WHERE source = ? AND line BETWEEN ? AND ?"),
            arguments: [source.id, lines.lowerBound, lines.upperBound])
        for table in SourceRow.eventTables {
            try RowStatement("DELETE FROM \(table) WHERE id BETWEEN ? AND ?", db).execute(bounds)
        }
        try RowStatement("DELETE FROM reject WHERE source = ? AND line BETWEEN ? AND ?", db)
            .execute([source.id, lines.lowerBound, lines.upperBound].map(\.databaseValue))
        source.accepted -= accepted ?? 0
        source.rejected -= rejected ?? 0
        source.ignored += (accepted ?? 0) + (rejected ?? 0)
    }
}
