import Casefile
import LogRecords

/// The sources of a job, and which of them count: of files of equal bytes the first by name does.
struct JobSources {
    struct Source {
        var row: SourceRow
        var tag: String
        var deliveries: Int64
        var sent: Int64
        /// Its place among those that count, from 1 on; 0 for one that does not.
        var rank: Int64 = 0
    }

    private(set) var all: [Source] = []
    /// Among how many parts their records are dealt out.
    private(set) var parts = 1
    private var known: Set<String> = []
    private var isSettled = false

    /// Those that count.
    var counting: [Source] { all.filter { $0.rank > 0 } }
    /// Whether an origin's log tells fills.
    var hasOriginLog: Bool { counting.contains { $0.sent > 0 } }

    mutating func add(_ line: RecordBlock) throws {
        guard !isSettled else { throw ExchangeProblem("a source behind other records; sources come first") }
        guard let tag = line.text(.source), known.insert(tag).inserted else {
            throw ExchangeProblem(
                "a second source of the name \(line.text(.path) ?? "?"); give files of one name under different roots")
        }
        let parts = try JobContext.parts(line)
        guard all.isEmpty || parts == self.parts else {
            throw ExchangeProblem("sources of \(self.parts) and of \(parts) parts; give all tasks one number")
        }
        self.parts = parts
        all.append(
            Source(
                row: try SourceLine.read(line, id: 0), tag: tag, deliveries: try line.needed(.deliveries),
                sent: try line.needed(.sent)))
    }

    /// Numbers the sources that count, once all are known, by their labels.
    mutating func settle() {
        guard !isSettled else { return }
        isSettled = true
        var firstPath: [String: String] = [:]
        for source in all where source.row.state != .unreadable {
            guard let digest = source.row.sha256 else { continue }
            let path = source.row.path
            if firstPath[digest].map({ path.utf8.lexicographicallyPrecedes($0.utf8) }) != false {
                firstPath[digest] = path
            }
        }
        all.sort {
            ($0.row.label ?? "", $0.row.path, $0.row.member ?? "", $0.tag)
                < ($1.row.label ?? "", $1.row.path, $1.row.member ?? "", $1.tag)
        }
        var rank: Int64 = 0
        for index in all.indices {
            let row = all[index].row
            if let digest = row.sha256, row.state != .unreadable, let first = firstPath[digest],
                ExactText(first) != ExactText(row.path)
            {
                all[index].row.state = .duplicate
                all[index].row.reason = "same bytes as \(first)"
                continue
            }
            guard row.state == .complete || row.state == .damaged else { continue }
            rank += 1
            all[index].rank = rank
        }
    }

    /// The rank of a record's source; 0 for one that does not count. All sources are settled.
    ///
    /// - Throws: `ExchangeProblem` if there is no such source.
    func rank(_ line: RecordBlock) throws -> Int64 {
        try line.memo(.source) { tag in
            guard let source = all.first(where: { $0.tag == tag }) else {
                throw ExchangeProblem("its source \(tag) is not among the sources; was that file read to its end?")
            }
            return source.rank
        } ?? 0
    }
}

/// Which deliveries tie clocks: all of a small dump; of a large one some stretches of lines, as
/// `EventReader.sampleDeliveries` takes them.
struct Sample {
    private struct Share {
        var lines: Int64
        var blocks: Int64
    }

    /// By rank of the source.
    private let shares: [Int64: Share]
    private let isWhole: Bool
    private static let blocks: Int64 = 1024
    private static let blockLines: Int64 = 64

    /// - Parameter sources: those that count.
    init(_ sources: [JobSources.Source]) {
        let sources = sources.filter { $0.deliveries > 0 }
        let total = sources.reduce(0) { $0 + $1.row.lines }
        isWhole = total <= Self.blocks * Self.blockLines
        shares = Dictionary(
            uniqueKeysWithValues: sources.map { source in
                let lines = source.row.lines
                return (source.rank, Share(lines: lines, blocks: max(1, lines * Self.blocks / max(total, 1))))
            })
    }

    func contains(_ rank: Int64, line: Int64) -> Bool {
        guard let share = shares[rank], share.lines > 0 else { return false }
        if isWhole { return true }
        // The last block that begins before the line.
        let block = (line * share.blocks + share.lines - 1) / share.lines - 1
        let first = share.lines * block / share.blocks
        return line > first && line <= first + Self.blockLines
    }
}
