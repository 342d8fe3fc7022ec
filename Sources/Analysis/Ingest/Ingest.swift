public import Casefile
import Crypto
import Foundation
import GRDB
public import LogBytes
public import LogRecords

/// Reads a dump into a case: readers decompress and parse, an encoder makes rows beside them, and one writer inserts.
///
/// Each file counts wholly or not at all: its events lie in the case as soon as they are read, but its source is
/// `pending` until its end, and a run begins by taking out what an interrupted one left pending. A file is known by
/// the SHA-256 of its bytes, so reading a dump twice, or one file under two names, counts it once.
public struct Ingest {
    public struct Options: Sendable {
        /// Files and folders.
        public var roots: [String]
        public var library: ProfileLibrary
        public var limits = Limits()
        /// Reading threads; nil: as many as suit the files. The encoder and the writer are two more, which do less than a
        /// reader does.
        public var jobs: Int?

        public init(roots: [String], library: ProfileLibrary) {
            self.roots = roots
            self.library = library
        }

        /// How many threads read a dump's files: one for each processor but one, for a large file is decompressed on a thread
        /// of its own; one for each if files are small and have none (see `ReadAhead`).
        func jobs(for tree: LogTree) -> Int {
            if let jobs { return jobs }
            let processors = ProcessInfo.processInfo.activeProcessorCount
            let areSmall = tree.byteCount < UInt64(tree.files.count) * Self.leastLarge
            return max(1, areSmall ? min(processors, tree.files.count) : processors - 1)
        }

        /// Of a file on the disk, bytes: about what holds 8 MiB of compressed log.
        private static let leastLarge: UInt64 = 1 << 20
    }

    /// Batches on their way to the writer: as many as are read while it inserts what it has gathered.
    private static let pipeCapacity = 32
    /// Batches on their way to the encoder, which does little else than wait for them.
    private static let recordCapacity = 4

    private let caseFile: CaseFile
    private let options: Options
    private let progress: Progress

    public init(_ caseFile: CaseFile, _ options: Options, progress: Progress = Progress()) {
        self.caseFile = caseFile
        self.options = options
        self.progress = progress
    }

    /// - Returns: the case's events in order of reading, for `Correlator`, if it held none before.
    /// - Throws: `LogBytesError` for a missing root, `AnalysisError.formatFitsNothing`, `AnalysisError.noUsableData` if the case holds no delivery when all
    ///   is read, `AnalysisError.interrupted` if it was cancelled, `CaseFileError`.
    @discardableResult
    public func run() throws -> EventSpool? {
        while true {
            let (events, mustReadAgain) = try readOnce()
            // Each time the case has fewer sources whose files are no longer what they were: it comes to an end.
            if !mustReadAgain { return events }
        }
    }

    private func readOnce() throws -> (events: EventSpool?, mustReadAgain: Bool) {
        let tree = try LogTree.find(options.roots)
        progress.filesTotal.store(tree.files.count, ordering: .relaxed)
        progress.bytesTotal.store(Int(tree.byteCount), ordering: .relaxed)
        try GivenFormats.requireFit(tree.files, options.library, options.limits)
        return try caseFile.writeInSteps { db in
            try begin(tree, db)
            let listed = try SourceRow.all(db)
            let unreadable = Set(listed.filter { $0.state == .unreadable }.map { ExactText($0.path) })
            let known = Self.known(listed)
            let numbers = SourceNumbers(
                after: try Int64.fetchOne(db, sql: "SELECT max(id) FROM source") ?? 0,
                digests: Set(known.compactMap(\.sha256)))
            try db.inTransaction {
                for entry in tree.skipped where !unreadable.contains(ExactText(entry.name)) {
                    try note(entry, numbers, db)
                }
                return .commit
            }
            try CaseFile.dropIndexes(db)
            let trace = try CaseFile.hasEvents(db) ? nil : EventSpool(folder: caseFile.folder)
            let writer = IngestWriter(db, try EventWriter(db, caseFile, trace: trace), listed: listed)
            try read(tree, numbers, known: known, to: writer, db)
            if progress.isCancelled.load(ordering: .relaxed) { throw AnalysisError.interrupted }
            let settled = try settle(writer, isFresh: listed.isEmpty, db)
            if settled.mustReadAgain { return (nil, true) }
            guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM delivery)") == true else {
                throw AnalysisError.noUsableData(
                    roots: options.roots, found: tree.files.count + tree.skipped.count,
                    unread: try SourceRow.unread(db).map { "\($0.displayName): \($0.reason ?? $0.state.rawValue)" })
            }
            return (settled.hasTakenLinesOut ? nil : trace, false)
        }
    }

    /// Takes away what an interrupted run half read, and notes in the journal what is read now.
    private func begin(_ tree: LogTree, _ db: Database) throws {
        try db.inTransaction {
            try caseFile.requireUntouched(db)
            try ImportedCase.refuse(db, path: caseFile.path, to: "add logs")
            try refuseOtherReading(db)
            let removed = try SourceRow.removePending(db)
            var facts = [
                "roots": options.roots.joined(separator: "\n"), "files": "\(tree.files.count)",
                "half_read": "\(removed)",
            ]
            for (fact, value) in readingFacts { facts[fact.rawValue] = value }
            try Journal.append(.ingestBegun, facts, arguments: caseFile.arguments, to: db)
            return .commit
        }
    }

    /// The sources that need not be read again.
    ///
    /// What no profile fitted is, for there may be one now; in an archive too, beside what was read. So is what could not be
    /// read to its end.
    private static func known(_ listed: [SourceRow]) -> [SourceRow] {
        let again = Set(listed.filter { $0.state == .unrecognized || $0.isCutShort }.map(\.sha256))
        return listed.filter { $0.state != .unreadable && !again.contains($0.sha256) }
    }

    /// Reads files on threads of their own, encodes on another, and writes on this one.
    private func read(
        _ tree: LogTree, _ numbers: SourceNumbers, known: [SourceRow], to writer: IngestWriter, _ db: Database
    ) throws {
        let jobs = options.jobs(for: tree)
        let records = BoundedChannel<[ReadingStep<RecordBatch>]>(capacity: Self.recordCapacity, writers: jobs)
        let rows = BoundedChannel<[ReadingStep<EventRows>]>(capacity: Self.pipeCapacity, writers: 1)
        let reader = SourceReader(
            library: options.library, limits: options.limits, pipe: records, progress: progress,
            sourceNumbers: numbers, knownSizes: Set(known.map(\.size)), handsNamesOver: jobs == 1)
        let failure = Failure()
        start(jobs, reader, tree.files, failure)
        Thread.detachNewThread { [circumstances = writer.events.circumstances, caseFile] in
            var encoder = IngestEncoder(circumstances, caseFile.nameCache())
            encoder.run(from: records, to: rows)
        }
        defer { rows.close() }
        try writer.write(rows)
        try SourceRow.dropIndex(db)
        try CaseFile.buildIndexes(db)
        if let error = failure.error { throw error }
    }

    /// Finds what stands in several sources, and notes in the journal what this run has read.
    private func settle(_ writer: IngestWriter, isFresh: Bool, _ db: Database) throws -> RepeatSettlement.Outcome {
        var settled = RepeatSettlement.Outcome()
        // Deferred: to begin at once would lock the writer's image too, which is read-only.
        try db.inTransaction(.deferred) {
            var settlement = RepeatSettlement(db)
            settled = try settlement.run(roots: options.roots, isFresh: isFresh, isSeen: writer.hasSeen)
            if settled.superseded > 0 || settled.mustReadAgain { try IngestWriter.forgetFindings(db) }
            try Derivations.note(options.library.profiles, db)
            try noteEnd(db, settled)
            return .commit
        }
        return settled
    }

    /// How lines are read, beside their profiles.
    private var readingFacts: [Journal.ReadingFact: String] {
        let library = options.library
        var facts: [Journal.ReadingFact: String] = [:]
        if library.foldsAccounts { facts[.foldAccounts] = "stated" }
        facts[.sessions] = library.sessions.digest
        if library.longestAnswer != Profile.longestAnswer { facts[.longestAnswer] = "\(library.longestAnswer)" }
        facts[.nodeFromPath] = library.nodeFromPath?.template
        return facts
    }

    /// What was read stays as it was read: lines that another option would read in another way must not stand beside it.
    private func refuseOtherReading(_ db: Database) throws {
        guard let before = try Journal.readingFacts(db) else { return }
        let now = readingFacts
        for fact in Journal.ReadingFact.allCases where before[fact] != now[fact] {
            let wayOut = "or make a new case of the whole dump"
            let reason: String =
                switch (fact, before[fact]) {
                case (.foldAccounts, .some): "was read with --fold-accounts; give it again, \(wayOut)"
                case (.foldAccounts, nil): "was read without --fold-accounts; leave it out, \(wayOut)"
                case (.sessions, .some):
                    now[fact] == nil
                        ? "was read with --sessions; give the same table again, \(wayOut)"
                        : "was read with --sessions and another table; give the same table again, \(wayOut)"
                case (.sessions, nil): "was read without --sessions; leave it out, \(wayOut)"
                case (.longestAnswer, let microseconds):
                    "was read with --longest \(Self.seconds(microseconds)); give that again, \(wayOut)"
                case (.nodeFromPath, let template?):
                    "was read with --node-from-path \(template); give it again, \(wayOut)"
                case (.nodeFromPath, nil): "was read without --node-from-path; leave it out, \(wayOut)"
                }
            throw AnalysisError.notForThisCase(path: caseFile.path, reason: reason)
        }
    }

    /// A bound as it is stated on the command line.
    private static func seconds(_ microseconds: String?) -> String {
        let seconds = Double(microseconds.flatMap { Int64($0) } ?? Profile.longestAnswer) / 1_000_000
        return seconds == seconds.rounded() ? "\(Int64(seconds))" : "\(seconds)"
    }

    /// The entry's input is what `sha256sum` would print of the sources, hashed.
    private func noteEnd(_ db: Database, _ settled: RepeatSettlement.Outcome) throws {
        let sums = try Row.fetchOne(db, sql: "SELECT count(*), coalesce(sum(lines), 0) FROM source")
        let profiles = options.library.own.map {
            ("profile \($0.name)", SHA256.hash(data: Data($0.text.utf8)).hexadecimal)
        }
        var facts = [
            "sources": "\(try sums?.decode(Int64.self, atIndex: 0) ?? 0)",
            "lines": "\(try sums?.decode(Int64.self, atIndex: 1) ?? 0)",
            "superseded": "\(settled.superseded)",
        ]
        if options.library.foldsAccounts { facts["fold_accounts"] = "stated" }
        facts["node_from_path"] = options.library.nodeFromPath?.template
        try Journal.append(
            .ingest, facts.merging(profiles) { first, _ in first }, arguments: caseFile.arguments,
            input: try SourceRow.digest(db), to: db)
    }

    /// Starts the reading threads; each takes the next file when it is done with one.
    private func start(_ jobs: Int, _ reader: SourceReader, _ files: [FoundFile], _ failure: Failure) {
        let queue = FileQueue(files)
        for _ in 0..<jobs {
            let thread = Thread { [caseFile] in
                defer { reader.pipe.finish() }
                let desk = SourceReader.Desk(
                    caseFile, reader.library, reader.limits, handsNamesOver: reader.handsNamesOver)
                while let file = queue.next() {
                    do {
                        guard try reader.read(file, desk) else { return }
                        reader.progress.filesRead.add(1, ordering: .relaxed)
                    } catch {
                        failure.error = error
                        reader.pipe.close()
                        return
                    }
                }
                _ = reader.deliver(desk)
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    private func note(_ entry: SkippedEntry, _ numbers: SourceNumbers, _ db: Database) throws {
        var source = SourceRow(id: numbers.next(), path: entry.name, size: 0, state: .unreadable, location: nil)
        source.reason = "\(entry.reason)"
        try source.save(db)
    }
}

/// The files still to read, shared by the readers.
private final class FileQueue: @unchecked Sendable {
    // Checked by hand: `files` is only touched under `lock`.
    private let lock = NSLock()
    private var files: ArraySlice<FoundFile>

    init(_ files: [FoundFile]) { self.files = files[...] }

    func next() -> FoundFile? { lock.withLock { files.popFirst() } }
}

/// The first error of a reader.
private final class Failure: @unchecked Sendable {
    // Checked by hand: `first` is only touched under `lock`.
    private let lock = NSLock()
    private var first: (any Error)?

    var error: (any Error)? {
        get { lock.withLock { first } }
        set { lock.withLock { first = first ?? newValue } }
    }
}
