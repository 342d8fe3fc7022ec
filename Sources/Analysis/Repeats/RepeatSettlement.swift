import Casefile
import GRDB
import LogRecords

/// Makes each line of the case count once, however many of its sources have it.
///
/// What counts follows from the lines and names of the sources alone, so that a case which was read in steps, or while logs
/// grew and were rotated, ends as one that is read at once. It belongs to the transaction that ends an ingest.
struct RepeatSettlement {
    /// What was done.
    struct Outcome {
        /// Whether rows were taken out of a source that counts: what a run has at hand of them is no longer so.
        var hasTakenLinesOut = false
        /// How many files were replaced by what lies in their place now, and stand in it or elsewhere.
        var superseded = 0
        /// Whether sources are to be read again, for what had their lines is no longer in the case.
        var mustReadAgain = false
    }

    private let db: Database
    /// The sources in whose place something else lies now.
    private var stale: Set<Int64> = []
    private var outcome = Outcome()
    /// What the sources' notes will be.
    private var notes: [Int64: String] = [:]

    init(_ db: Database) { self.db = db }

    /// - Parameters:
    ///   - roots: of the run.
    ///   - isFresh: whether the case held no source before it.
    ///   - isSeen: whether the run found these bytes, which the case had, at this place.
    mutating func run(
        roots: [String], isFresh: Bool, isSeen: (_ location: String, _ sha256: String) -> Bool
    ) throws -> Outcome {
        if !isFresh {
            var replaced = try ReplacedFiles(db, roots: roots, isSeen: isSeen)
            try replaced.settle()
            stale = replaced.stale
            outcome.superseded = replaced.removed
        }
        var search = try RepeatSearch(db)
        if search.outlines.isEmpty, stale.isEmpty { return outcome }
        try search.run()
        while !stale.isEmpty {
            let superseded = try SupersededLogs(db, search, stale: stale).sources()
            if superseded.isEmpty { break }
            try supersede(superseded)
            search = try RepeatSearch(db)
            try search.run()
        }
        let inOthers = try settleEquals(search)
        try settleContained(search, inOthers)
        try supersede(ReplacedFiles.statements(among: stale, db))
        try settleOverlaps(search, inOthers)
        try markOrphans(search)
        try storeNotes()
        return outcome
    }

    // MARK: Same content

    /// - Returns: by place of the source that stands for equal ones, the source that is listed for them.
    private mutating func settleEquals(_ search: RepeatSearch) throws -> [Int: SourceRow] {
        var listed: [Int: SourceRow] = [:]
        for group in search.equals {
            var rows = try group.map { try row(search.outlines[$0].source) }
            rows.sort { rank($0) < rank($1) }
            var first = rows.removeFirst()
            if first.state == .duplicate, let holder = rows.firstIndex(where: { $0.state != .duplicate }) {
                Self.swapFiles(&first, &rows[holder])
                if stale.contains(first.id) != stale.contains(rows[holder].id) {
                    for id in [first.id, rows[holder].id] { stale.formSymmetricDifference([id]) }
                }
                swap(&first, &rows[holder])
                try first.save(db)
            }
            for var other in rows { try setAside(&other, "same content as \(first.displayName)") }
            listed[group[0]] = first
        }
        return listed
    }

    /// Of sources of the same content the first by name counts, of those whose file is still there.
    private func rank(_ row: SourceRow) -> (Int, String, String, String) {
        (stale.contains(row.id) ? 1 : 0, row.path, row.member ?? "", row.sha256 ?? "")
    }

    /// Lets each of two sources stand for the other's file, which has the same lines; the rows stay where they are.
    private static func swapFiles(_ one: inout SourceRow, _ other: inout SourceRow) {
        let states = (one.state, other.state)
        swap(&one, &other)
        swap(&one.id, &other.id)
        swap(&one.profile, &other.profile)
        swap(&one.node, &other.node)
        swap(&one.goesBack, &other.goesBack)
        for count in [\SourceRow.lines, \.accepted, \.ignored, \.rejected] {
            (one[keyPath: count], other[keyPath: count]) = (other[keyPath: count], one[keyPath: count])
        }
        for stamp in [\SourceRow.firstStamp, \.lastStamp] {
            (one[keyPath: stamp], other[keyPath: stamp]) = (other[keyPath: stamp], one[keyPath: stamp])
        }
        // A file's damage is its own.
        one.state = states.0 == .duplicate ? .duplicate : one.reason == nil ? .complete : .damaged
        other.state = states.1 == .duplicate ? .duplicate : other.reason == nil ? .complete : .damaged
    }

    // MARK: Content that is a part

    private mutating func settleContained(_ search: RepeatSearch, _ listed: [Int: SourceRow]) throws {
        var grown: [Int64: [String]] = [:]
        for (place, container) in search.containers.sorted(by: { $0.key < $1.key }) {
            let outline = search.outlines[place]
            let holder = search.outlines[container.source]
            var part = try listed[place] ?? row(outline.source)
            let whole = try row(listed[container.source]?.id ?? holder.source)
            // Equal copies name the one that is listed for them, which names where its lines are.
            let isBeginning = container.line == holder.first
            if isBeginning, !stale.contains(part.id) { grown[whole.id, default: []].append(part.displayName) }
            try setAside(&part, Self.words(1...outline.lines, whole) + (isBeginning ? ", which has grown from it" : ""))
        }
        for (source, names) in grown {
            let names = names.sorted()
            let others = names.count > 3 ? " and \(names.count - 3) more" : ""
            add("grown from " + names.prefix(3).joined(separator: ", ") + others, to: source)
        }
    }

    private static func words(_ lines: ClosedRange<Int64>, _ other: SourceRow) -> String {
        words(lines) + " as in \(other.displayName)"
    }

    private static func words(_ lines: ClosedRange<Int64>) -> String {
        "lines \(grouped(lines.lowerBound))–\(grouped(lines.upperBound))"
    }

    /// A number with a comma before each three digits.
    private static func grouped(_ number: Int64) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }

    /// Lets a source count no more, or forgets it if its file is no longer there.
    private mutating func setAside(_ row: inout SourceRow, _ note: String) throws {
        if stale.remove(row.id) != nil {
            outcome.superseded += 1
            return try SourceRow.remove(row.id, db)
        }
        notes[row.id] = note
        if row.state != .duplicate { try RepeatedLines.takeOutAll(of: &row, db) }
        try row.save(db)
    }

    // MARK: Overlaps

    private mutating func settleOverlaps(_ search: RepeatSearch, _ listed: [Int: SourceRow]) throws {
        var bySource: [Int64: [RepeatSearch.Overlap]] = [:]
        func source(_ place: Int) -> Int64 { listed[place]?.id ?? search.outlines[place].source }
        for overlap in search.overlaps { bySource[source(overlap.loser), default: []].append(overlap) }
        let before = Set(try RepeatedLines.sources(db))
        for id in before.union(bySource.keys).sorted() {
            guard var row = try SourceRow.numbered(id, db), row.state != .duplicate else { continue }
            let overlaps = (bySource[id] ?? []).sorted {
                ($0.lines.lowerBound, $0.winner) < ($1.lines.lowerBound, $1.winner)
            }
            if try !Self.areCovered(RepeatedLines.of(id, db), by: overlaps.map(\.lines)) {
                // Where its lines stood, they are no longer: it must be read again.
                try forsake(row)
                continue
            }
            try RepeatedLines.forget(id, db)
            try RepeatedLines.takeOut(
                overlaps.map { ($0.lines, EventID(source: source($0.winner), line: $0.line)) }, of: &row, db)
            for note in try notes(overlaps, of: id, source) { add(note, to: id) }
            try row.save(db)
            outcome.hasTakenLinesOut = true
        }
    }

    /// Where lines stand that do not count, winner by winner in order of the first line; of very many just how many.
    private func notes(
        _ overlaps: [RepeatSearch.Overlap], of id: Int64, _ source: (Int) -> Int64
    ) throws -> [String] {
        var order: [Int64] = []
        var lines: [Int64: [ClosedRange<Int64>]] = [:]
        for overlap in overlaps {
            let winner = source(overlap.winner)
            if lines[winner] == nil { order.append(winner) }
            lines[winner, default: []].append(overlap.lines)
        }
        return try order.flatMap { winner in
            let (row, ranges) = (try self.row(winner), lines[winner] ?? [])
            let place = winner == id ? "again, as lines before them" : "as in \(row.displayName)"
            if ranges.count <= Self.mostListed { return ranges.map { "\(Self.words($0)) \(place)" } }
            let count = Int64(ranges.reduce(0) { $0 + $1.count })
            let all = ranges[0].lowerBound...ranges[ranges.count - 1].upperBound
            return ["\(Self.grouped(count)) of the \(Self.words(all)) \(place)"]
        }
    }

    /// Of more stretches of one source's lines it is only said how many lines they are.
    private static let mostListed = 3

    /// Whether all of some lines are among others, which come in order.
    private static func areCovered(_ lines: [ClosedRange<Int64>], by others: [ClosedRange<Int64>]) -> Bool {
        var joined: [ClosedRange<Int64>] = []
        for range in others {
            if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        var place = joined.startIndex
        for range in lines {
            while place < joined.endIndex, joined[place].upperBound < range.lowerBound { place += 1 }
            guard place < joined.endIndex, joined[place].lowerBound <= range.lowerBound,
                range.upperBound <= joined[place].upperBound
            else { return false }
        }
        return true
    }

    // MARK: The rest

    /// Sources whose lines counted elsewhere, and do so no longer.
    private mutating func markOrphans(_ search: RepeatSearch) throws {
        let settled = Set(notes.keys)
        for outline in search.outlines where !outline.hasRows && !settled.contains(outline.source) {
            guard let row = try SourceRow.numbered(outline.source, db), row.state == .duplicate else { continue }
            try forsake(row)
        }
    }

    /// Takes sources out that say nothing which the dump, as it is now, does not.
    private mutating func supersede(_ sources: [Int64]) throws {
        for id in sources {
            stale.remove(id)
            outcome.superseded += 1
            try SourceRow.remove(id, db)
        }
    }

    /// Has a file read again, as not all of its rows are in the case.
    private mutating func forsake(_ row: SourceRow) throws {
        outcome.mustReadAgain = true
        // An archive is read as a whole.
        for member in try SourceRow.withDigest(row.sha256 ?? "", db) { try SourceRow.remove(member.id, db) }
        try SourceRow.remove(row.id, db)
        var unread = SourceRow(id: row.id, path: row.path, size: row.size, state: .unreadable, location: row.location)
        unread.reason = "what has its lines is no longer in the case; run again to read it"
        try unread.save(db)
    }

    private mutating func add(_ note: String, to source: Int64) {
        notes[source] = [notes[source], note].compactMap(\.self).joined(separator: "; ")
    }

    private func storeNotes() throws {
        for source in Set(try SourceRow.noted(db)).union(notes.keys).sorted() {
            guard var row = try SourceRow.numbered(source, db), row.note != notes[source] else { continue }
            row.note = notes[source]
            try row.save(db)
        }
    }

    private func row(_ source: Int64) throws -> SourceRow {
        guard let row = try SourceRow.numbered(source, db) else { throw DatabaseError(message: "no source \(source)") }
        return row
    }
}
