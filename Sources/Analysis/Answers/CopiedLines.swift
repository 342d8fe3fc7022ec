import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds files of one profile and node that hold the same answers though not the same lines in order: sorted, merged, extracted or
/// written anew by another encoder.
///
/// Lines that say the same in all that a case keeps, to the stamp's last digit, are one answer's where half of a file's lines have
/// such a line in other files, beyond chance where stamps are coarse; a line counts as often as the file has it that has it most often. A sample decides which files are
/// asked, and then all of their lines are.
struct CopiedLines {
    private let db: Database
    private let reader: EventReader
    private let logs: AnswerLogs
    /// Files that may have lines of each other.
    private(set) var families: [Set<Int64>] = []
    /// Files too small to tell, whose stamps are coarse.
    private(set) var doubtful: Set<Int64> = []
    /// Files that share lines, and those of which it is in doubt.
    private(set) var pairs: [Ledger.SharedAnswers.Pair] = []
    private(set) var doubtfulPairs: [Ledger.SharedAnswers.Pair] = []

    init(_ db: Database, _ reader: EventReader, _ logs: AnswerLogs) {
        (self.db, self.reader, self.logs) = (db, reader, logs)
    }

    /// Where a content stands.
    private struct Sighting {
        var content: UInt64
        var source: Int64
    }

    /// Looks which files share lines.
    ///
    /// - Parameters:
    ///   - lines: that may stand in several files.
    ///   - counts: by file, how many lines were asked of it.
    mutating func compare(_ lines: [Delivery], counts: [Int64: Int]) {
        var coarse: Set<Int64> = []
        var sightings = lines.map { line -> Sighting in
            if !line.isStampFine { coarse.insert(line.id.source) }
            return Sighting(
                content: line.contentDigest(format: logs.format(line.id.source)), source: line.id.source)
        }
        sightings.sort { ($0.content, $0.source) < ($1.content, $1.source) }
        var shared: [Int64: Int] = [:]
        var partners: [Int64: [Int64: Int]] = [:]
        sightings.eachStretch(by: \.content) { same in
            guard same.first?.source != same.last?.source else { return }
            let counts = Self.counts(same)
            let sources = counts.keys.prefix(Self.mostPartners)
            for (source, _) in counts {
                shared[source, default: 0] += Self.common(counts[source] ?? 0, of: source, counts)
            }
            for one in sources {
                for other in sources where one != other { partners[one, default: [:]][other, default: 0] += 1 }
            }
        }
        let files =
            coarse.isEmpty ? [:] : Dictionary(grouping: sightings, by: \.content).mapValues { Self.counts($0[...]) }
        for (source, count) in shared.sorted(by: { logs.path($0.key) < logs.path($1.key) }) {
            guard let asked = counts[source], asked > 0 else { continue }
            let share = Double(count) / Double(asked)
            guard share >= LogComparison.leastShare, let found = partners[source] else { continue }
            let chance = coarse.contains(source) ? chance(lines, of: source, among: files, asked: asked) : 0
            let isDoubtful =
                coarse.contains(source)
                && (asked < LogComparison.fewestLines || share - chance < LogComparison.leastShare * (1 - chance))
            if isDoubtful {
                doubtful.insert(source)
            } else {
                unite(Set(found.keys).union([source]))
            }
            // Of two that hold the same the smaller is listed.
            let others = found.keys.sorted { logs.path($0) < logs.path($1) }
            let isLargest = others.allSatisfy {
                (logs.lineCount($0), logs.path($0)) < (logs.lineCount(source), logs.path(source))
            }
            if !isDoubtful, isLargest { continue }
            let more = others.count > 1 ? " and \(others.count - 1) more" : ""
            let pair = Ledger.SharedAnswers.Pair(
                logs: [logs.path(source), logs.path(others[0]) + more], asked: asked, share: share,
                coincidence: chance)
            if isDoubtful { doubtfulPairs.append(pair) } else { pairs.append(pair) }
        }
    }

    /// By how much lines are moved to see how many then say what one of another file does, microseconds.
    private static let shifts: [Int64] = [-5_000_000, -3_000_000, -2_000_000, 2_000_000, 3_000_000, 5_000_000]

    /// The share of a file's lines that would say what one of another file does if they had been written some seconds earlier or
    /// later: accounts that look at one still again and again have alike lines in every second.
    ///
    /// - Parameter files: how often each content stands in which file.
    private func chance(
        _ lines: [Delivery], of source: Int64, among files: [UInt64: [Int64: Int]], asked: Int
    ) -> Double {
        let own = lines.filter { $0.id.source == source }
        let most =
            Self.shifts.map { shift in
                let moved = own.reduce(into: [UInt64: Int]()) {
                    $0[$1.contentDigest(format: logs.format(source), moved: shift), default: 0] += 1
                }
                return moved.reduce(0) { $0 + Self.common($1.value, of: source, files[$1.key] ?? [:]) }
            }.max() ?? 0
        return Double(most) / Double(asked)
    }

    /// How often a content stands in which file.
    private static func counts(_ same: ArraySlice<Sighting>) -> [Int64: Int] {
        same.reduce(into: [:]) { $0[$1.source, default: 0] += 1 }
    }

    /// How many of a file's lines of one content another file has, too.
    private static func common(_ count: Int, of source: Int64, _ counts: [Int64: Int]) -> Int {
        min(count, counts.filter { $0.key != source }.values.max() ?? 0)
    }

    /// Of one content's files so many are looked at.
    private static let mostPartners = 64

    private mutating func unite(_ sources: Set<Int64>) {
        var all = sources
        families.removeAll { family in
            guard !family.isDisjoint(with: all) else { return false }
            all.formUnion(family)
            return true
        }
        families.append(all)
    }

    /// Lets each answer of those files count once.
    ///
    /// - Returns: how many lines were looked at.
    func settle(into answers: inout SameAnswers) throws -> Int {
        var asked = 0
        for family in families {
            let lines = try self.lines(of: family, answers)
            asked += lines.count
            try eachContent(lines) { bySource in
                let winner = bySource.max {
                    ($0.count, $1[0].tieBreak) < ($1.count, $0[0].tieBreak)
                }
                guard let winner else { return }
                for others in bySource where others[0].source != winner[0].source {
                    for (other, counted) in zip(others, winner) { try answers.add([other.id], countedBy: counted.id) }
                }
            }
        }
        return asked
    }

    /// Leaves in doubt the lines of files that are too small to tell.
    ///
    /// - Returns: how many lines that are.
    func doubt(into answers: inout SameAnswers) throws -> Int {
        var doubted = 0
        for source in doubtful.sorted() where !families.contains(where: { $0.contains(source) }) {
            try reader.eachDelivery(of: [source]) { line in
                if line.content != .none, answers.doubt(line) { doubted += 1 }
            }
        }
        return doubted
    }

    private struct Line {
        var content: UInt64
        var tieBreak: Int64
        var id: EventID
        var source: Int64 { id.source }
    }

    private func lines(of family: Set<Int64>, _ answers: SameAnswers) throws -> [Line] {
        var lines: [Line] = []
        for source in family.sorted() {
            var requests = try LineTags.Column(.request, of: source, db)
            try reader.eachDelivery(of: [source]) { line in
                guard let line = answers.asCounted(line), line.content != .none else { return }
                let content = line.contentDigest(
                    format: logs.format(source), request: requests.digest(ofLine: line.id.line))
                lines.append(Line(content: content, tieBreak: reader.tieBreak(line.id), id: line.id))
            }
        }
        lines.sort { ($0.content, $0.source, $0.tieBreak) < ($1.content, $1.source, $1.tieBreak) }
        return lines
    }

    /// Calls `body` with the lines of each content that stands in several files, file by file.
    private func eachContent(_ lines: [Line], _ body: ([[Line]]) throws -> Void) rethrows {
        try lines.eachStretch(by: \.content) { same in
            guard same.first?.source != same.last?.source else { return }
            try body(Array(Dictionary(grouping: same, by: \.source).values))
        }
    }
}
