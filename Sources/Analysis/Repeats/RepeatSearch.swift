import Casefile
import GRDB
import LogRecords

/// Finds which lines of the case's sources are the same lines: whole sources, sources within others, and overlaps, in which the
/// end of one is the beginning of another.
///
/// It passes over the case's line digests, which costs some nanoseconds a line. A run of lines counts as the same if it has two
/// different lines at least and goes on until one of the two sources ends, or is longer (`InnerRuns`): a single line that comes
/// again may be another answer, unless it names its request (`RequestRepeats`). Longer runs and such lines may stand twice in
/// one source, too.
/// What digests find is held against the rows.
struct RepeatSearch {
    /// Where a source's lines stand, all of them, in another source.
    struct Place {
        var source: Int
        /// The line there that is the first line of traffic here.
        var line: Int64
    }

    /// Lines that two sources share.
    struct Overlap {
        /// Whose lines do not count.
        var loser: Int
        var lines: ClosedRange<Int64>
        var winner: Int
        /// The first of the lines there.
        var line: Int64
    }

    let outlines: [SourceOutline]
    /// The sources of the same lines, two or more of them, by their places in `outlines`. The first has the rows if any has.
    private(set) var equals: [[Int]] = []
    /// Of each source that is wholly in another.
    private(set) var containers: [Int: Place] = [:]
    private(set) var overlaps: [Overlap] = []

    private let db: Database
    /// By place: the place of the source that stands for it and its equals.
    private var standsFor: [Int]
    private var starts = StartTable()

    init(_ db: Database) throws {
        self.db = db
        outlines = try SourceOutline.all(db)
        standsFor = Array(outlines.indices)
    }

    mutating func run() throws {
        try findEquals()
        starts = StartTable(outlines, of: outlines.indices.filter { standsFor[$0] == $0 })
        let mayOverlap = try findContained()
        let counting = outlines.indices.filter { standsFor[$0] == $0 && containers[$0] == nil }
        if mayOverlap {
            starts = StartTable(outlines, of: counting)
            try findOverlaps()
        }
        let logs = counting.filter { outlines[$0].runLength > 0 }
        let goingBack = places(logs.filter { outlines[$0].goesBack })
        if !goingBack.isEmpty {
            // What came again may be of lines that count elsewhere.
            let none = TakenLines([])
            try addRuns(RequestRepeats(db, places: goingBack, taken: none).runsWithin())
            try addRuns(InnerRuns(db, outlines, places: goingBack, taken: none).runsWithin())
        }
        let overlapping = try SourceRow.overlapping(db)
        let places = places(logs.filter { overlapping.contains(outlines[$0].source) })
        if places.count < 2 { return }
        func outranks(_ one: Int, _ other: Int) -> Bool { outlines[one].outranks(outlines[other]) }
        try addRuns(RequestRepeats(db, places: places, taken: TakenLines(overlaps)).runs(outranks))
        try addRuns(InnerRuns(db, outlines, places: places, taken: TakenLines(overlaps)).runs(outranks))
    }

    /// Sources by their numbers.
    private func places(_ places: [Int]) -> [Int64: Int] {
        Dictionary(uniqueKeysWithValues: places.map { (outlines[$0].source, $0) })
    }

    /// Adds runs of lines that stand twice, where their rows are the same, too.
    private mutating func addRuns(_ runs: [Overlap]) throws {
        for run in runs {
            let count = Int64(run.lines.count)
            if try haveSameRows(run.winner, run.line, run.loser, run.lines.lowerBound, count: count) {
                overlaps.append(run)
            }
        }
    }

    // MARK: Equal ones

    private mutating func findEquals() throws {
        struct Content {
            var whole: UInt64
            var lines: Int64
            var place: Int
        }
        let ordered = outlines.enumerated().map { Content(whole: $1.whole.value, lines: $1.lines, place: $0) }
            .sorted { ($0.whole, $0.lines, $0.place) < ($1.whole, $1.lines, $1.place) }
        var next = ordered.startIndex
        while next < ordered.endIndex {
            let content = ordered[next]
            let end = ordered[next...].firstIndex { $0.whole != content.whole || $0.lines != content.lines }
            var rest = ordered[next..<(end ?? ordered.endIndex)].map(\.place)
            next += rest.count
            while rest.count > 1 {
                // One that has its rows first, for the others to be held against.
                let first = rest.firstIndex { outlines[$0].hasRows } ?? 0
                let one = rest.remove(at: first)
                let same = try rest.filter { try haveSameRows(one, 1, $0, 1, count: content.lines) }
                for other in same { standsFor[other] = one }
                if !same.isEmpty { equals.append([one] + same) }
                rest.removeAll { same.contains($0) }
            }
        }
    }

    /// Whether the rows of two runs of lines are the same, where neither was taken out before.
    private func haveSameRows(
        _ one: Int, _ line: Int64, _ other: Int, _ otherLine: Int64, count: Int64
    ) throws -> Bool {
        let (source, second) = (outlines[one].source, outlines[other].source)
        guard outlines[one].hasRows, outlines[other].hasRows else { return true }
        var next: Int64 = 0
        var cuts: [(start: Int64, end: Int64)] = []
        for range in try RepeatedLines.of(source, db) {
            cuts.append((range.lowerBound - line, range.upperBound - line + 1))
        }
        for range in try RepeatedLines.of(second, db) {
            cuts.append((range.lowerBound - otherLine, range.upperBound - otherLine + 1))
        }
        cuts.sort { $0.start < $1.start }
        cuts.append((count, count + 1))
        for (start, end) in cuts where end > next {
            let start = min(start, count)
            if start > next {
                let areSame = try RepeatedLines.haveSameRows(
                    EventID(source: source, line: line + next), EventID(source: second, line: otherLine + next),
                    count: start - next, db)
                if !areSame { return false }
            }
            next = end
        }
        return true
    }

    // MARK: One within another

    /// - Returns: whether there may be overlaps.
    private mutating func findContained() throws -> Bool {
        var found: [Int: Place] = [:]
        var mayOverlap = false
        try eachScan { scan in
            mayOverlap = mayOverlap || scan.foundStart
            let (here, outline) = (scan.place, outlines[scan.place])
            for (place, line) in scan.contained
            where outline.outranks(outlines[place]) && (!outlines[place].isUniform || line == outline.first) {
                if let known = found[place], !outline.outranks(outlines[known.source]) { continue }
                found[place] = Place(source: here, line: line)
            }
        }
        findSingleLines(&found)
        for (place, container) in found {
            let outline = outlines[place]
            if try haveSameRows(place, outline.first, container.source, container.line, count: outline.runLength) {
                containers[place] = container
            }
        }
        return mayOverlap
    }

    /// A source that has one line of traffic is in another if that begins as it does, with whatever stands before the line.
    private func findSingleLines(_ found: inout [Int: Place]) {
        struct Beginning: Hashable {
            var lines: Int64
            var fingerprint: LineFingerprint
        }
        func beginning(_ place: Int) -> Beginning {
            Beginning(lines: outlines[place].first, fingerprint: outlines[place].throughFirst)
        }
        let counting = outlines.indices.filter { standsFor[$0] == $0 }
        let singles = Dictionary(grouping: counting.filter { outlines[$0].runLength == 1 }, by: beginning)
        if singles.isEmpty { return }
        for place in counting where outlines[place].runLength > 1 {
            for single in singles[beginning(place)] ?? [] {
                if let known = found[single], !outlines[place].outranks(outlines[known.source]) { continue }
                found[single] = Place(source: place, line: outlines[place].first)
            }
        }
    }

    // MARK: Overlaps

    private mutating func findOverlaps() throws {
        /// Ends of sources that may be the beginning of another, by its place.
        var candidates: [Int: [(place: Int, line: Int64, count: Int64, run: LineFingerprint)]] = [:]
        try eachScan { scan in
            let outline = outlines[scan.place]
            for start in scan.starts where start.line < outline.last {
                let (count, run) = scan.end(from: start)
                for other in starts.longest(start.group)
                where other != scan.place && outlines[other].runLength > count {
                    candidates[other, default: []].append((scan.place, start.line, count, run))
                }
            }
        }
        for (place, ends) in candidates.sorted(by: { $0.key < $1.key }) {
            let lengths = try beginnings(of: place, ends.map { (count: $0.count, run: $0.run) })
            var longest: [Int: Int] = [:]
            for (index, end) in ends.enumerated() where lengths.contains(index) {
                if let known = longest[end.place], ends[known].count >= end.count { continue }
                longest[end.place] = index
            }
            for index in longest.values.sorted() {
                try add(ends[index].place, ends[index].line, place, ends[index].count)
            }
        }
    }

    /// Which of some runs a source begins with, apart from runs of one line again and again.
    private func beginnings(of place: Int, _ runs: [(count: Int64, run: LineFingerprint)]) throws -> Set<Int> {
        let outline = outlines[place]
        var (line, fingerprint, digest, isUniform) = (Int64(0), LineFingerprint(), UInt32(0), true)
        var found: Set<Int> = []
        let byCount = Dictionary(grouping: runs.indices) { runs[$0].count }
        let longest = byCount.keys.max() ?? 0
        try LineDigests.each(db, of: outline.source) { _, words in
            for word in words where line < outline.first + longest {
                line += 1
                if line < outline.first { continue }
                if line == outline.first { digest = word >> 1 }
                fingerprint.append(word)
                if word >> 1 != digest { isUniform = false }
                guard !isUniform, let indices = byCount[line - outline.first + 1] else { continue }
                for index in indices where runs[index].run == fingerprint { found.insert(index) }
            }
        }
        return found
    }

    /// Adds the overlap of a source's end and another's beginning.
    private mutating func add(_ one: Int, _ line: Int64, _ other: Int, _ count: Int64) throws {
        let beginning = outlines[other].first
        guard try haveSameRows(one, line, other, beginning, count: count) else { return }
        overlaps.append(
            outlines[one].outranks(outlines[other])
                ? Overlap(
                    loser: other, lines: beginning...(beginning + count - 1), winner: one, line: line)
                : Overlap(loser: one, lines: line...(line + count - 1), winner: other, line: beginning))
    }

    // MARK: Passing over the lines

    /// Calls `body` for each source that is neither the equal of another nor, if that is known, within another.
    private func eachScan(_ body: (StartScan) -> Void) throws {
        var scan: StartScan?
        var place = outlines.startIndex
        try LineDigests.each(db) { source, words in
            while place < outlines.endIndex, outlines[place].source < source { place += 1 }
            guard place < outlines.endIndex, outlines[place].source == source, standsFor[place] == place,
                containers[place] == nil, outlines[place].runLength > 1
            else { return }
            if scan?.place != place {
                scan.map(body)
                scan = StartScan(place, outlines[place], starts)
            }
            scan?.add(words)
        }
        scan.map(body)
    }
}
