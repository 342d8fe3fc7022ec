import Analysis
import Casefile
public import Foundation
import Interning
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
        /// Among how many parts the records are dealt out: each is judged by itself.
        public var parts = Self.usualParts
        public static let usualParts = 64
        public var limits = Limits()

        public init(roots: [String], library: ProfileLibrary) {
            self.roots = roots
            self.library = library
        }
    }

    private let options: Options
    private let output: BlockOutput
    private let rejectOutput: BlockOutput
    private let names = StringInterner()
    private let known: ThreadInternCache
    private var events: EventBuffer
    private var examples = ExampleRecords()
    private var damaged: [String] = []

    public init(_ options: Options, to file: FileHandle) throws {
        self.options = options
        let output = BlockOutput(file, names)
        self.output = output
        rejectOutput = try options.rejects.map { [names] in try BlockOutput(path: $0, names) } ?? output
        known = ThreadInternCache(names)
        events = EventBuffer(names, parts: options.parts)
    }

    /// Reads every file and writes its records.
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
        try read(tree, named: options.name)
        try finish()
    }

    /// Reads each of some files that are named otherwise than by their paths, and writes its records.
    ///
    /// - Throws: as `run` does.
    public mutating func run(_ listed: [(path: String, name: String)]) throws {
        for one in listed { try read(try LogTree.find([one.path]), named: one.name) }
        try finish()
    }

    private mutating func read(_ tree: LogTree, named name: String?) throws {
        for found in tree.files { try read(found, named: name ?? found.name) }
        for entry in tree.skipped {
            let path = name ?? entry.name
            var source = SourceRow(id: 0, path: path, size: 0, state: .unreadable, location: nil)
            source.reason = "\(entry.reason)"
            try SourceLine.write(
                source, tag: SourceLine.tag(path, member: 0), deliveries: 0, sent: 0, rank: nil,
                parts: options.parts, to: output)
        }
    }

    private mutating func finish() throws {
        try events.write(to: output)
        try output.finish()
        try rejectOutput.finish()
        guard damaged.isEmpty else { throw AnalysisError.damagedInput(damaged) }
    }

    private func newSource(_ found: FoundFile, _ name: String, id: Int64) -> SourceRow {
        SourceRow(
            id: id, path: name, size: Int64(found.size), state: .pending,
            location: found.isPipe ? nil : found.path)
    }

    private struct Counts {
        var deliveries: Int64 = 0
        var sent: Int64 = 0
    }

    private mutating func read(_ found: FoundFile, named name: String) throws {
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
            var source = newSource(found, name, id: Int64(read.count))
            source.member = member.name
            counts.append(try readMember(&member, &source, SourceLine.tag(name, member: read.count)))
            read.append(source)
        }
        var next = Int64(read.count)
        let sources = SourceReader.settled(read, outcome) {
            defer { next += 1 }
            return newSource(found, name, id: next)
        }
        for source in sources {
            let count = source.id < counts.count ? counts[Int(source.id)] : Counts()
            try SourceLine.write(
                source, tag: SourceLine.tag(name, member: Int(source.id)), deliveries: count.deliveries,
                sent: count.sent, rank: nil, parts: options.parts, to: output)
            if source.state == .damaged {
                damaged.append("\(source.displayName): \(source.reason ?? "is damaged")")
            }
        }
    }

    private mutating func readMember(_ member: inout LogMember, _ source: inout SourceRow, _ tag: String) throws
        -> Counts
    {
        guard member.peek({ $0.byteCount > 0 }) else { return Counts() }
        let recognizer = FormatSniffer(options.library)
        var passed = PassedLines()
        guard
            let profile = member.profileAtOnce(by: recognizer)
                ?? SourceReader.profileLater(&member, &source, options.library, recognizer, &passed)
        else { return Counts() }
        source.profile = profile.label
        var parser = LineParser(profile: profile, known: known)
        parser.beginSource(node: source.node(by: options.library.nodeFromPath))
        let tag = names.intern(tag)
        let number = events.begin(tag)
        examples.begin()
        var lines = SourceLines(source: number, isPlain: member.packing == Packing(), parser: parser)
        lines.pass(passed)
        var counts = Counts()
        try member.forEachRecord { bytes, line in
            let next = lines.take(bytes, line).map { LineUse.rest(from: $0) } ?? .next
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
        _ lines: inout SourceLines, _ tag: SymbolID, _ counts: inout Counts
    ) throws {
        try lines.take { batch, rejects, _ in
            for delivery in batch.deliveries {
                events.add(delivery)
                if examples.isNew(delivery) { try output.append(.delivery) { $0.add(example: delivery, from: tag) } }
            }
            for var fill in batch.fills {
                // As a case keeps it: when it had begun is known of deliveries alone.
                fill.time.begunBy = fill.time.latest
                if fill.kind == .sent { counts.sent += 1 }
                events.add(fill)
                if examples.isNew(fill) { try output.append(.fill) { $0.add(example: fill, from: tag) } }
            }
            for var purge in batch.purges {
                purge.time.begunBy = purge.time.latest
                events.add(purge)
                if examples.isNew(purge) { try output.append(.purge) { $0.add(example: purge, from: tag) } }
            }
            for rollout in batch.rollouts { try output.append(.rollout) { $0.add(rollout, from: tag) } }
            for account in batch.accounts { try output.append(.account) { $0.add(account, from: tag) } }
            for camera in batch.cameras { try output.append(.camera) { $0.add(camera, from: tag) } }
            for grant in batch.grants { try output.append(.grant) { $0.add(grant, from: tag) } }
            counts.deliveries += Int64(batch.deliveries.count)
            for reject in rejects { try rejectOutput.append(.reject) { $0.add(reject, from: tag) } }
        }
        if events.isFull { try events.write(to: output) }
    }
}
