import Analysis
import Casefile
import Correlation
public import Foundation
import Interning
import LogBytes
import LogRecords

/// The second stage of a job: learns from a few of the records what every machine must know of the whole dump.
///
/// Sources come first, then deliveries, then the rest. Of deliveries and fills it needs an example of each node, clock and kind,
/// and what `TieSample` takes.
public struct JobContextBuilder {
    private let names = StringInterner()
    private let output: BlockOutput
    private let skew: Int64?
    private var sources = JobSources()
    private var ties = ClockConstraints()
    private var survey = UncontestedKeys(clocks: Clocks())
    private var deliveringNodes: Set<SymbolID> = []
    private var hasFill = false
    private var roots: [String] = []
    private var areSourcesWritten = false

    /// - Parameter skew: the stated bound, microseconds; nil: offsets are estimated.
    public init(skew: Int64?, to file: FileHandle) {
        self.skew = skew
        output = BlockOutput(file, names)
    }

    /// Reads records of a file, a folder or `-`.
    ///
    /// - Throws: `AnalysisError.badBlock` for a record that cannot be read, or whose source is not among them.
    public mutating func take(_ path: String) throws {
        roots.append(path)
        try BlockInput.eachBlock(of: [path]) { packed in
            switch packed.type {
            case .source: try packed.open(names).each { try sources.add($0) }
            case .delivery, .fill, .purge, .account, .camera, .grant, .rollout:
                // What belongs to a part is judged there.
                guard packed.header.part < 0 else { return }
                try writeSources()
                try packed.open(names).each { try take($0) }
            default: break
            }
        }
    }

    /// Writes the facts.
    ///
    /// - Throws: `AnalysisError.noUsableData` if there is no delivery.
    public mutating func finish() throws {
        try writeSources()
        guard sources.counting.contains(where: { $0.deliveries > 0 }) else {
            let unread = sources.all.filter { [.unrecognized, .damaged, .unreadable].contains($0.row.state) }
            throw AnalysisError.noUsableData(
                roots: roots, found: sources.all.count,
                unread: unread.map { "\($0.row.displayName): \($0.row.reason ?? $0.row.state.rawValue)" })
        }
        try write()
    }

    private mutating func take(_ line: RecordBlock) throws {
        guard try sources.rank(line) > 0 else { return }
        let id = EventID(source: 0, line: try line.needed(.line))
        let isExample = line.number(.isExample) == 1
        switch line.type {
        case .delivery:
            guard !hasFill else { throw ExchangeProblem("a delivery behind a fill; deliveries come before") }
            let delivery = try line.delivery(id)
            deliveringNodes.insert(delivery.node)
            if isExample { ties.see(delivery.clock) } else { ties.add(delivery) }
        case .fill:
            hasFill = true
            let fill = try line.fill(id)
            if isExample { ties.see(fill.clock) } else { ties.add(fill) }
            // Of its keys nothing is asked.
            survey.add(Fill(id: id, time: fill.time, kind: fill.kind, node: fill.node), Directory())
        case .purge: ties.see(try line.purge(id).clock)
        default: try output.append(line.type) { $0.add(line) }
        }
    }

    // MARK: Facts

    /// Writes the sources once all are known, ahead of all else.
    private mutating func writeSources() throws {
        guard !areSourcesWritten else { return }
        areSourcesWritten = true
        sources.settle()
        for source in sources.all {
            try SourceLine.write(
                source.row, tag: source.tag, deliveries: source.deliveries, sent: source.sent, rank: source.rank,
                parts: sources.parts, to: output)
        }
        try output.finish()
    }

    private func write() throws {
        let offsets = ties.offsets()
        let counting = sources.counting.map(\.row)
        try output.record(.survey) {
            $0.add(.tellsSent, survey.tellsSent ? 1 : 0)
            $0.add(.tellsRevalidations, survey.tellsRevalidations ? 1 : 0)
            $0.add(.isOriginDirect, ties.isOriginDirect(Clocks(offsets: offsets)) ? 1 : 0)
            $0.add(.skew, skew)
            $0.add(.parts, sources.parts)
            $0.add(.firstTime, counting.compactMap(\.firstStamp).min() ?? 0)
            $0.add(.lastTime, counting.compactMap(\.lastStamp).max() ?? 0)
        }
        for offset in offsets { try write(offset) }
        for node in survey.fillingNodes.map({ names.text($0) }).sorted() {
            try output.record(.fillingNode) { $0.add(.node, node) }
        }
        for node in deliveringNodes.map({ names.text($0) }).sorted() {
            try output.record(.deliveringNode) { $0.add(.node, node) }
        }
        try output.finish()
    }

    private func write(_ offset: ClockOffset) throws {
        try output.record(.clock) {
            $0.add(.clock, offset.clock)
            $0.add(.basis, offset.basis.rawValue)
            $0.add(.samples, offset.samples)
            $0.add(.rejected, offset.rejected)
            $0.add(.bound, offset.bound)
        }
        for knot in offset.knots {
            try output.record(.knot) {
                $0.add(.clock, offset.clock)
                $0.add(.time, knot.at)
                $0.add(.offset, knot.offset)
            }
        }
    }
}
