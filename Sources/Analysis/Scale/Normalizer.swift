import Casefile
public import Foundation
public import LogBytes
public import LogRecords

/// The first stage of a job: raw logs in, normalised records out, by the same parsers as `ingest` has.
public struct Normalizer {
    public struct Options: Sendable {
        /// Files and folders, or `-`.
        public var roots: [String]
        public var library: ProfileLibrary
        /// What the one file is called, instead of its own name.
        public var name: String?
        /// Where rejected lines go; nil: among the records.
        public var rejects: String?
        public var limits = Limits()

        public init(roots: [String], library: ProfileLibrary) {
            self.roots = roots
            self.library = library
        }
    }

    private let options: Options
    private let output: ExchangeOutput
    private let rejectOutput: ExchangeOutput
    private let names = NameTable()
    private let known: NameCache
    private var text: ExchangeText
    private var rejectText: ExchangeText
    private var sourceCount: Int64 = 0
    private var damaged: [String] = []

    public init(_ options: Options, to file: FileHandle) throws {
        self.options = options
        output = ExchangeOutput(file)
        rejectOutput = try options.rejects.map { try ExchangeOutput(path: $0) } ?? output
        known = NameCache(names)
        text = ExchangeText(names)
        rejectText = ExchangeText(names)
    }

    /// Reads every file and writes its records; its source comes behind them.
    ///
    /// - Throws: `LogBytesError` for a missing root, `AnalysisError.damagedInput` once all is read if any file could not be
    ///   read to its end.
    public mutating func run() throws {
        let tree = try LogTree.find(options.roots)
        if options.name != nil, tree.files.count != 1 {
            throw AnalysisError.cannotRead(
                path: options.roots.joined(separator: ", "),
                reason: "a name is for one file, and here are \(tree.files.count)")
        }
        for found in tree.files { try read(found) }
        for entry in tree.skipped {
            var source = SourceRow(id: 0, path: entry.name, size: 0, state: .unreadable, location: nil)
            source.reason = "\(entry.reason)"
            SourceLine.write(
                source, tag: SourceLine.tag(entry.name, member: 0), deliveries: 0, sent: 0, rank: nil, to: &text)
        }
        try output.flush(&text, isLast: true)
        try rejectOutput.flush(&rejectText, isLast: true)
        guard damaged.isEmpty else { throw AnalysisError.damagedInput(damaged) }
    }

    private func newSource(_ found: FoundFile, id: Int64) -> SourceRow {
        SourceRow(
            id: id, path: options.name ?? found.name, size: Int64(found.size), state: .pending,
            location: found.isPipe ? nil : found.path)
    }

    private struct Counts {
        var deliveries: Int64 = 0
        var sent: Int64 = 0
    }

    private mutating func read(_ found: FoundFile) throws {
        let name = options.name ?? found.name
        let file: LogFile
        do {
            file = try LogFile(found, limits: options.limits)
        } catch {
            damaged.append("\(name): \(error)")
            return
        }
        var read: [SourceRow] = []
        var counts: [Counts] = []
        let outcome = try file.forEachMember { member in
            var source = newSource(found, id: Int64(read.count))
            source.member = member.name
            counts.append(try readMember(&member, &source, SourceLine.tag(name, member: read.count)))
            read.append(source)
        }
        var next = Int64(read.count)
        let sources = SourceReader.settled(read, outcome) {
            defer { next += 1 }
            return newSource(found, id: next)
        }
        for source in sources {
            let count = source.id < counts.count ? counts[Int(source.id)] : Counts()
            SourceLine.write(
                source, tag: SourceLine.tag(name, member: Int(source.id)), deliveries: count.deliveries,
                sent: count.sent, rank: nil, to: &text)
            if source.state == .damaged {
                damaged.append("\(source.displayName): \(source.reason ?? "is damaged")")
            }
        }
        try output.flush(&text)
    }

    private mutating func readMember(_ member: inout LogMember, _ source: inout SourceRow, _ tag: String) throws
        -> Counts
    {
        guard member.peek({ $0.byteCount > 0 }) else { return Counts() }
        let recognizer = Recognizer(options.library)
        var passed = PassedLines()
        guard
            let profile = member.profileAtOnce(by: recognizer)
                ?? SourceReader.profileLater(&member, &source, options.library, recognizer, &passed)
        else { return Counts() }
        source.profile = profile.label
        var parser = LineParser(profile: profile, known: known)
        parser.beginSource(node: source.node(by: options.library.nodeFromPath))
        var lines = SourceReader.SourceLines(source: 0, isPlain: member.packing == Packing(), parser: parser)
        lines.pass(passed)
        var counts = Counts()
        try member.forEachRecord { bytes, line in
            let next = lines.take(bytes, line).map { LogMember.LineUse.rest(from: $0) } ?? .next
            guard lines.batch.count >= SourceReader.batchSize || lines.rejects.count >= SourceReader.batchSize else {
                return next
            }
            try write(&lines, tag, &counts)
            return next
        }
        lines.finish(member.byteCount)
        try write(&lines, tag, &counts)
        lines.store(into: &source)
        return counts
    }

    private mutating func write(
        _ lines: inout SourceReader.SourceLines, _ tag: String, _ counts: inout Counts
    ) throws {
        try lines.take { batch, rejects, _ in
            for delivery in batch.deliveries { text.write(delivery, from: tag) }
            for var fill in batch.fills {
                // As a case keeps it: when it had begun is known of deliveries alone.
                fill.time.begunBy = fill.time.latest
                if fill.kind == .sent { counts.sent += 1 }
                text.write(fill, from: tag, .ahead)
                text.write(fill, from: tag, .inTime)
            }
            for var purge in batch.purges {
                purge.time.begunBy = purge.time.latest
                text.write(purge, from: tag, .ahead)
                text.write(purge, from: tag, .inTime)
            }
            for rollout in batch.rollouts { text.write(rollout, from: tag) }
            for account in batch.accounts { text.write(account, from: tag) }
            for camera in batch.cameras { text.write(camera, from: tag) }
            for grant in batch.grants { text.write(grant, from: tag) }
            counts.deliveries += Int64(batch.deliveries.count)
            if options.rejects == nil {
                for reject in rejects { Self.write(reject, tag, &text) }
            } else {
                for reject in rejects { Self.write(reject, tag, &rejectText) }
                try rejectOutput.flush(&rejectText)
            }
            try output.flush(&text)
        }
    }

    private static func write(_ reject: RejectRow, _ tag: String, _ text: inout ExchangeText) {
        text.line(.reject) {
            $0.add(.source, tag)
            $0.add(.line, reject.line)
            $0.add(.offset, reject.offset)
            $0.add(.reason, reject.reason)
            $0.add(.sample, reject.sample)
        }
    }
}
