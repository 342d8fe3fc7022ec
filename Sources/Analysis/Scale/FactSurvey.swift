import Casefile
import Correlation
public import Foundation
import LogBytes
import LogRecords

/// The second stage of a job: learns from a few of the records what every machine must know of the whole dump.
///
/// Sources come first, then deliveries, then the rest. Of deliveries and fills it needs those that can tie clocks (see
/// `Sample`), and at least one for each node, clock and kind; more do no harm.
public struct FactSurvey {
    private let names = NameTable()
    private let output: ExchangeOutput
    private let skew: Int64?

    private struct Source {
        var row: SourceRow
        var tag: String
        var deliveries: Int64
        var sent: Int64
        var rank: Int64 = 0
    }

    private var sources: [Source] = []
    /// Settled once the first other record comes.
    private var sample: Sample?
    private var counted: Set<String> = []
    private var known: Set<String> = []
    private var hasOriginLog = false
    private var ties = ClockTies()
    private var survey = KeySurvey(clocks: Clocks())
    private var deliveringNodes: Set<NameID> = []
    private var directory: [DirectoryLine] = []
    private var hasFill = false
    private var roots: [String] = []

    /// - Parameter skew: the stated bound, microseconds; nil: offsets are estimated.
    public init(skew: Int64?, to file: FileHandle) {
        self.skew = skew
        output = ExchangeOutput(file)
    }

    /// Reads records of a file, a folder or `-`.
    ///
    /// - Throws: `AnalysisError.badLine` for a record that cannot be read, or whose source is not among them.
    public mutating func take(_ path: String) throws {
        let line = ExchangeLine(names)
        roots.append(path)
        try ExchangeInput.eachLine(of: [path]) { bytes in
            try line.load(bytes)
            try take(line)
        }
    }

    /// Writes the facts.
    ///
    /// - Throws: `AnalysisError.noUsableData` if there is no delivery.
    public mutating func finish() throws {
        try settle()
        guard sources.contains(where: { $0.rank > 0 && $0.deliveries > 0 }) else {
            let unread = sources.filter { [.unrecognized, .damaged, .unreadable].contains($0.row.state) }
            throw AnalysisError.noUsableData(
                roots: roots, found: sources.count,
                unread: unread.map { "\($0.row.displayName): \($0.row.reason ?? $0.row.state.rawValue)" })
        }
        try write()
    }

    private mutating func take(_ line: ExchangeLine) throws {
        let type = try line.type()
        if type == .source { return try add(source: line) }
        if type == .reject { return }
        try settle()
        let tag = line.text(.source) ?? ""
        guard counted.contains(tag) else {
            guard known.contains(tag) else {
                throw ExchangeProblem("its source \(tag) is not among the sources; was that file read to its end?")
            }
            return
        }
        let id = EventID(source: 0, line: try line.needed(.line))
        switch type {
        case .delivery:
            guard !hasFill else { throw ExchangeProblem("a delivery behind a fill; deliveries come before") }
            let delivery = try line.delivery(id)
            deliveringNodes.insert(delivery.node)
            if hasOriginLog, sample?.contains(tag, line: id.line) == true { ties.add(delivery) }
        case .fill where line.isAhead:
            hasFill = true
            let fill = try line.fill(id)
            ties.add(fill)
            // Of its keys nothing is asked.
            survey.add(Fill(id: id, time: fill.time, kind: fill.kind, node: fill.node), Directory())
        case .purge where line.isAhead: ties.see(try line.purge(id).clock)
        case .account, .camera, .grant, .rollout: directory.append(try DirectoryLine(line, type))
        default: break
        }
    }

    private mutating func add(source line: ExchangeLine) throws {
        guard sample == nil else { throw ExchangeProblem("a source behind other records; sources come first") }
        guard let tag = line.text(.source), known.insert(tag).inserted else {
            throw ExchangeProblem(
                "a second source of the name \(line.text(.path) ?? "?"); give files of one name under different roots")
        }
        sources.append(
            Source(
                row: try SourceLine.read(line, id: 0), tag: tag, deliveries: try line.needed(.deliveries),
                sent: try line.needed(.sent)))
    }

    /// Numbers the sources that count, once all are known: by their labels, of equal files the first by name.
    private mutating func settle() throws {
        guard sample == nil else { return }
        var firstPath: [String: String] = [:]
        for source in sources where source.row.state != .unreadable {
            guard let digest = source.row.sha256 else { continue }
            let path = source.row.path
            if firstPath[digest].map({ path.utf8.lexicographicallyPrecedes($0.utf8) }) != false {
                firstPath[digest] = path
            }
        }
        sources.sort {
            ($0.row.label ?? "", $0.row.path, $0.row.member ?? "", $0.tag)
                < ($1.row.label ?? "", $1.row.path, $1.row.member ?? "", $1.tag)
        }
        var rank: Int64 = 0
        for index in sources.indices {
            let row = sources[index].row
            if let digest = row.sha256, row.state != .unreadable, let first = firstPath[digest],
                ExactText(first) != ExactText(row.path)
            {
                sources[index].row.state = .duplicate
                sources[index].row.reason = "same bytes as \(first)"
                continue
            }
            guard row.state == .complete || row.state == .damaged else { continue }
            rank += 1
            sources[index].rank = rank
            counted.insert(sources[index].tag)
        }
        let counting = sources.filter { $0.rank > 0 }
        hasOriginLog = counting.contains { $0.sent > 0 }
        sample = Sample(counting.filter { $0.deliveries > 0 }.map { ($0.tag, $0.row.lines) })
    }

    // MARK: Facts

    private func write() throws {
        var text = ExchangeText(names)
        for source in sources {
            SourceLine.write(
                source.row, tag: source.tag, deliveries: source.deliveries, sent: source.sent, rank: source.rank,
                to: &text)
        }
        for record in directory {
            record.write(to: &text)
            try output.flush(&text)
        }
        let offsets = ties.offsets()
        let counting = sources.filter { $0.rank > 0 }.map(\.row)
        text.line(.survey) {
            $0.add(.tellsSent, survey.tellsSent ? 1 : 0)
            $0.add(.tellsRevalidations, survey.tellsRevalidations ? 1 : 0)
            $0.add(.isOriginDirect, ties.isOriginDirect(Clocks(offsets: offsets)) ? 1 : 0)
            $0.add(.skew, skew)
            $0.add(.firstTime, counting.compactMap(\.firstStamp).min() ?? 0)
            $0.add(.lastTime, counting.compactMap(\.lastStamp).max() ?? 0)
        }
        for offset in offsets {
            text.line(.clock) {
                $0.add(.clock, offset.clock)
                $0.add(.basis, offset.basis.rawValue)
                $0.add(.samples, offset.samples)
                $0.add(.rejected, offset.rejected)
                $0.add(.bound, offset.bound)
            }
            for knot in offset.knots {
                text.line(.knot) {
                    $0.add(.clock, offset.clock)
                    $0.add(.time, knot.at)
                    $0.add(.offset, knot.offset)
                }
            }
        }
        for node in survey.fillingNodes.map({ names.text($0) }).sorted() {
            text.line(.fillingNode) { $0.add(.node, node.isEmpty ? nil : node) }
        }
        for node in deliveringNodes.map({ names.text($0) }).sorted() {
            text.line(.deliveringNode) { $0.add(.node, node.isEmpty ? nil : node) }
        }
        try output.flush(&text, isLast: true)
    }
}

/// Which deliveries tie clocks: all of a small dump; of a large one some stretches of lines, as
/// `EventReader.sampleDeliveries` takes them.
struct Sample {
    private struct Share {
        var lines: Int64
        var blocks: Int64
    }

    private let shares: [String: Share]
    private let isWhole: Bool
    private static let blocks: Int64 = 1024
    private static let blockLines: Int64 = 64

    /// - Parameter sources: those that have deliveries, by tag, with how many lines each has.
    init(_ sources: [(tag: String, lines: Int64)]) {
        let total = sources.reduce(0) { $0 + $1.lines }
        isWhole = total <= Self.blocks * Self.blockLines
        shares = Dictionary(
            uniqueKeysWithValues: sources.map { tag, lines in
                (tag, Share(lines: lines, blocks: max(1, lines * Self.blocks / max(total, 1))))
            })
    }

    func contains(_ tag: String, line: Int64) -> Bool {
        guard let share = shares[tag] else { return false }
        if isWhole { return true }
        // The last block that begins before the line.
        let block = (line * share.blocks + share.lines - 1) / share.lines - 1
        let first = share.lines * block / share.blocks
        return line > first && line <= first + Self.blockLines
    }
}
