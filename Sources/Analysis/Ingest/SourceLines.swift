import Casefile
import LogBytes
import LogRecords

/// Counts a source's lines and gathers its records.
struct SourceLines {
    let source: Int64
    var parser: LineParser
    private(set) var batch: RecordBatch
    private(set) var rejects: [RejectRow] = []
    private var digests = LineDigests()
    /// What there is to say of the lines before the first.
    private var note: String?
    private(set) var sinceFlush = 0
    private var lines: Int64 = 0
    private var accepted: Int64
    private var ignored: Int64
    private var rejected: Int64 = 0
    private var first: Int64?
    private var last: Int64?
    /// The node that lines name; nil: none did yet. And whether others name another.
    private var node: SymbolID?
    private var areNodesSeveral = false
    /// A batch has them one kind after the other.
    private var runs = (deliveries: TimeRun(), fills: TimeRun())
    /// Where the last line ends, in the member's bytes.
    private var end: UInt64 = 0
    private var isCut = false
    /// How many of the first lines were read already.
    private let read: Int64
    /// Whether the file may be one that its server is writing to.
    private let isPlain: Bool

    /// - Parameters:
    ///   - isPlain: whether the source is neither compressed nor in a container.
    ///   - first: the lines that the parser has read of the source.
    ///   - batch: their records.
    init(
        source: Int64, isPlain: Bool, parser: consuming LineParser,
        _ first: FormatSniffer.FirstLines = FormatSniffer.FirstLines(),
        _ batch: consuming RecordBatch = RecordBatch()
    ) {
        self.isPlain = isPlain
        self.source = source
        self.parser = parser
        self.batch = batch
        (read, accepted, ignored) = (first.count, first.accepted, first.ignored)
    }

    /// Counts lines that stand before those that will be taken.
    mutating func pass(_ passed: PassedLines) {
        if passed.count == 0 { return }
        lines += passed.count
        ignored += passed.count
        digests = passed.digests
        note = passed.note
    }

    /// - Returns: where the line's next record begins; nil if it has no other.
    mutating func take(_ bytes: RawSpan, _ line: LogLine) -> Int? {
        lines += 1
        sinceFlush += 1
        digests.append(bytes)
        end = line.offset + line.byteCount
        if lines <= read { return nil }
        switch line.extent {
        case .tooLong:
            reject(bytes, line, RejectReason.tooLong.rawValue)
            return nil
        case .cut:
            // Its last field may have lost digits, and a wrong account is worse than none.
            reject(bytes, line, RejectReason.cut.rawValue)
            return nil
        case .whole: break
        }
        if line.hole == .around {
            reject(bytes, line, RejectReason.holed.rawValue)
            return nil
        }
        let id = EventID(source: source, line: Int64(line.number))
        let edges = LineParser.OpenEdges(
            start: line.hole == .before, end: isPlain && !line.hasLineFeed || line.hole == .behind)
        switch parser.parse(bytes, id: id, open: edges, into: &batch) {
        case .accepted: accepted += 1
        case .ignored: ignored += 1
        case .rejected(let reason, _): reject(bytes, line, parser.explanation(of: reason, bytes))
        }
        return parser.rest
    }

    private mutating func reject(_ bytes: RawSpan, _ line: LogLine, _ reason: String) {
        rejected += 1
        rejects.append(
            RejectRow(
                source: source, line: Int64(line.number), offset: Int64(line.offset), reason: reason,
                sample: bytes.withUnsafeBytes { VisibleText.of($0.prefix(SourceReader.sampleBytes)) }))
    }

    /// Counts what the parser still held at the end of the source.
    ///
    /// - Parameter byteCount: of the member. A line that nothing ends may be the beginning of one that another copy has
    ///   whole.
    mutating func finish(_ byteCount: UInt64) {
        isCut = byteCount == end
        for line in parser.finish(source: source, into: &batch) {
            rejected += 1
            accepted -= 1
            rejects.append(
                RejectRow(
                    source: source, line: line, offset: 0, reason: RejectReason.unfinished.rawValue, sample: ""))
        }
    }

    /// Hands out what was gathered.
    mutating func take<Result>(_ body: (RecordBatch, [RejectRow], LineDigests) throws -> Result) rethrows -> Result {
        parser.handOver(&batch)
        for delivery in batch.deliveries {
            note(delivery.time.stamp, delivery.id, delivery.node)
            runs.deliveries.add(delivery.time.stamp, line: delivery.id.line)
        }
        for fill in batch.fills {
            note(fill.time.stamp, fill.id, fill.node)
            runs.fills.add(fill.time.stamp, line: fill.id.line)
        }
        for purge in batch.purges { note(purge.time.stamp, purge.id, purge.node) }
        if isCut { digests.forgetLast() }
        for rollout in batch.rollouts { note(rollout.time.stamp) }
        defer {
            batch.removeAll()
            rejects = []
            digests.removeAll()
            sinceFlush = 0
        }
        return try body(batch, rejects, digests)
    }

    private mutating func note(_ stamp: Int64, _ event: EventID, _ node: SymbolID) {
        digests.note(event)
        note(stamp)
        if node != self.node {
            areNodesSeveral = areNodesSeveral || self.node != nil
            self.node = node
        }
    }

    private mutating func note(_ stamp: Int64) {
        first = min(first ?? stamp, stamp)
        last = max(last ?? stamp, stamp)
    }

    /// The parser, once there is nothing more to read.
    consuming func takeParser() -> LineParser { parser }

    /// How much of a log format a note shows.
    private static let longestFormat = 240

    func store(into row: inout SourceRow) {
        row.lines = lines
        row.accepted = accepted
        row.ignored = ignored
        row.rejected = rejected
        row.firstStamp = first
        row.lastStamp = last
        row.goesBack = runs.deliveries.goesBack || runs.fills.goesBack
        row.node = areNodesSeveral ? 0 : node?.stored
        var notes = [note].compactMap(\.self) + parser.columnNotes
        if let reason = runs.deliveries.reason ?? runs.fills.reason { notes.append(reason) }
        if lines > 0, accepted == 0, rejected == 0, parser.profile.isLog {
            notes.append("all of its lines were ignored: its profile takes none of them for a record")
        }
        if let format = parser.profile.formatOption {
            let text = format.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let isLong = text.count > Self.longestFormat
            notes.append("read by \(isLong ? text.prefix(Self.longestFormat) + "…" : text[...])")
        }
        if parser.profile.isForced { notes.append("read by \(parser.profile.name), as was asked for by name") }
        if !notes.isEmpty { row.reason = notes.joined(separator: "; ") }
    }
}
