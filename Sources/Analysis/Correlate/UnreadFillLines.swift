import Casefile
import Correlation
import GRDB
import Interning
import LogRecords

/// Finds when the lines of a case were that could not be used and may have told a fill or a purge.
struct UnreadFillLines {
    private let db: Database
    private let survey: EventSurvey
    /// Beyond so many stretches the whole of a source is open.
    private static let mostRuns = 10_000

    init(_ db: Database, _ survey: EventSurvey) { (self.db, self.survey) = (db, survey) }

    /// Lines that were rejected one behind the other.
    private struct Run {
        var first: Int64
        var last: Int64
        var count: Int { Int(last - first + 1) }
    }

    func find() throws -> UnreadFills {
        var found = survey.fillsWithoutKey
        let sources = try Row.fetchAll(
            db,
            sql: """
                SELECT id, node, goes_back FROM source
                WHERE state IN ('complete', 'damaged') AND rejected > 0 AND profile NOT LIKE 'directory-%' ORDER BY id
                """)
        for row in sources {
            let source = try row.decode(Int64.self, atIndex: 0)
            let named = try row.decode(Int64?.self, atIndex: 1)
            let node = named.flatMap { Int32(exactly: $0) }.map { SymbolID(rawValue: $0) } ?? .absent
            let tellsFills = try hasEvent("fill", source) || hasEvent("purge", source)
            // An answer's line stands for a fill only where no other log tells it.
            guard tellsFills || survey.isUntold(node) else { continue }
            let runs = try runs(source)
            let isOrdered = try row.decode(Int.self, atIndex: 2) == 0 && runs.count <= Self.mostRuns
            for run in runs {
                let span = isOrdered ? try span(of: run, source, isOfAnswers: !tellsFills) : Int64.min...Int64.max
                found.add(span, of: node, lines: run.count)
            }
        }
        found.settle()
        return found
    }

    private func hasEvent(_ table: String, _ source: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id >= ? AND id < ?)",
            arguments: [source << EventID.lineBits, (source + 1) << EventID.lineBits]) == true
    }

    private func runs(_ source: Int64) throws -> [Run] {
        var runs: [Run] = []
        let lines = try Int64.fetchCursor(
            db, sql: "SELECT line FROM reject WHERE source = ? AND reason <> ? ORDER BY line",
            arguments: [source, RejectReason.noRecord.rawValue])
        while let line = try lines.next() {
            if let last = runs.last, last.last + 1 == line {
                runs[runs.count - 1].last = line
            } else {
                runs.append(Run(first: line, last: line))
            }
        }
        return runs
    }

    /// The time between the records before and behind a run.
    ///
    /// - Parameter isOfAnswers: lines that are written when an answer ends: it may have been stored as long before as one takes.
    private func span(of run: Run, _ source: Int64, isOfAnswers: Bool) throws -> ClosedRange<Int64> {
        let start = source << EventID.lineBits
        let before = try neighbour("id >= ? AND id < ? ORDER BY id DESC", start, start + run.first)
        let behind = try neighbour("id > ? AND id < ? ORDER BY id", start + run.last, start + 1 << EventID.lineBits)
        let (a, b) = (before ?? .min, behind ?? .max)
        let from = min(a, b)
        // What the next line tells came later, and replaced it.
        let until = max(from, max(a, b) - 1)
        guard isOfAnswers, from > .min + Profile.longestAnswer else { return from...until }
        return from - Profile.longestAnswer...until
    }

    private func neighbour(_ condition: String, _ a: Int64, _ b: Int64) throws -> Int64? {
        var nearest: (id: Int64, stamp: Int64)?
        for table in ["delivery", "fill", "purge"] {
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT id, ts FROM \(table) WHERE \(condition) LIMIT 1", arguments: [a, b])
            else { continue }
            let (id, stamp) = try (row.decode(Int64.self, atIndex: 0), row.decode(Int64.self, atIndex: 1))
            let isNearer = nearest.map { condition.hasSuffix("DESC") ? id > $0.id : id < $0.id } ?? true
            if isNearer { nearest = (id, stamp) }
        }
        return nearest?.stamp
    }
}
