public import Correlation
import Foundation
import LogBytes
import LogRecords

/// What a run on a dump would read, as what, and about how long it would take, told from the beginnings of its files.
/// Nothing is written.
public struct DryRun: Sendable {
    /// The files that one profile reads.
    public struct Group: Sendable {
        public var profile: String
        public var files = 0
        /// As found.
        public var bytes: UInt64 = 0
    }

    /// A file that the run would not read.
    public struct Stranger: Sendable {
        public var name: String
        public var reason: String
    }

    /// By the bytes that they have, most first. A container stands with the profile of its first member.
    public private(set) var groups: [Group] = []
    public private(set) var strangers: [Stranger] = []
    /// FIFOs and the standard input, which can be read only once.
    public private(set) var pipes: [String] = []
    /// How many lines there are, by those of the files that were tried; 0 if none was.
    public private(set) var lines = 0.0
    /// Formats of which files tell of answers, if there are several: two of them may tell of the same ones, which only all their
    /// lines show.
    public private(set) var answerProfiles: [String] = []
    /// For the whole run, seconds, at least and at most.
    public private(set) var seconds = 0.0...0.0

    /// What the files' first lines leave open of the assumptions that the counts would rest on.
    public private(set) var open: [LedgerEntry] = []

    /// About how many bytes the case file will have.
    public var caseBytes: Double { lines * Self.caseBytesPerLine }

    /// Benchmarks/Benchmarks.md: 53 bytes an event where names repeat, more where they do not.
    private static let caseBytesPerLine = 60.0
    /// How long the whole run takes, for one of what reading its lines takes, with nothing kept of them, on one core. In
    /// the benchmark's run that is 3.5 of 10 seconds; other dumps have more exposures, or fewer names.
    private static let whole = 2.0...3.6
    /// How long lines are read to see how fast that goes.
    private static let trialSeconds = 0.7
    private static let triedFiles = 3

    private struct Enough: Error {}

    /// - Parameter statements: what the operator states of the dump.
    /// - Throws: `LogBytesError` for a missing root.
    public init(
        of options: Ingest.Options, _ statements: Ledger.Statements = Ledger.Statements(), progress: Progress
    ) throws {
        let (library, limits) = (options.library, options.limits)
        let tree = try LogTree.find(options.roots)
        progress.filesTotal.store(tree.files.count, ordering: .relaxed)
        progress.bytesTotal.store(tree.files.count, ordering: .relaxed)
        strangers = tree.skipped.map { Stranger(name: $0.name, reason: "\($0.reason)") }
        var recognized: [(file: FoundFile, profile: Profile)] = []
        for file in tree.files {
            if file.isPipe {
                pipes.append(file.name)
                continue
            }
            switch Self.look(at: file, library, limits) {
            case .success(let profile): recognized.append((file, profile))
            case .failure(let stranger): strangers.append(Stranger(name: file.name, reason: stranger.reason))
            }
            progress.bytesRead.add(1, ordering: .relaxed)
            if progress.isCancelled.load(ordering: .relaxed) { throw AnalysisError.interrupted }
        }
        groups = Dictionary(grouping: recognized) { $0.profile.label }.map { label, found in
            Group(profile: label, files: found.count, bytes: found.reduce(0) { $0 + $1.file.size })
        }.sorted { ($0.bytes, $1.profile) > ($1.bytes, $0.profile) }
        let telling = Set(recognized.filter { $0.profile.recordKinds.contains(.delivery) }.map(\.profile.label))
        answerProfiles = telling.count > 1 ? telling.sorted() : []
        estimate(recognized, limits, options.jobs(for: tree))
        var foresight = Foresight(limits: limits, nodeFromPath: library.nodeFromPath)
        for (_, found) in Dictionary(grouping: recognized, by: \.profile.label).sorted(by: { $0.key < $1.key }) {
            foresight.add(found.map(\.file), found[0].profile)
        }
        open = foresight.open(statements)
    }

    private struct Reason: Error { var reason: String }

    private static func look(
        at file: FoundFile, _ library: ProfileLibrary, _ limits: Limits
    ) -> Result<Profile, Reason> {
        var found: Profile?
        var reason = "has no line"
        do {
            let outcome = try LogFile(file, limits: limits).forEachMember { member in
                let isAlone = member.name == nil
                found = member.profile(by: FormatSniffer(library))
                try member.peek { bytes in
                    guard found == nil else { throw Enough() }
                    guard bytes.byteCount > 0 else { return }
                    let likeness = library.resemblance(bytes).map { "; \($0)" } ?? ""
                    reason = "no profile fits its first lines\(likeness)"
                    // Of a container another member may be a log; the rest of a plain file is not.
                    if isAlone { throw Enough() }
                }
            }
            if let damage = outcome.damage ?? outcome.members.lazy.compactMap(\.damage).first { reason = "\(damage)" }
        } catch is Enough {
        } catch {
            reason = "\(error)"
        }
        return found.map(Result.success) ?? .failure(Reason(reason: reason))
    }

    /// Reads some of the largest files' lines and takes the others for alike.
    private mutating func estimate(_ files: [(file: FoundFile, profile: Profile)], _ limits: Limits, _ jobs: Int) {
        var tried = (lines: 0.0, bytes: 0.0, seconds: 0.0)
        for (file, profile) in files.sorted(by: { $0.file.size > $1.file.size }).prefix(Self.triedFiles) {
            let trial = Self.read(file, profile, limits)
            tried = (tried.lines + trial.lines, tried.bytes + trial.bytes, tried.seconds + trial.seconds)
        }
        guard tried.bytes > 0, tried.lines > 0 else { return }
        let bytes = Double(files.reduce(0) { $0 + $1.file.size })
        lines = bytes * tried.lines / tried.bytes
        let reading = lines * tried.seconds / tried.lines
        // Readers share their part; the writer and what follows do not.
        let shared = reading * (1 - 1 / Double(max(1, jobs)))
        seconds = max(0, reading * Self.whole.lowerBound - shared)...(reading * Self.whole.upperBound - shared)
    }

    /// How many lines a file has in how many of its bytes, and how long it took to read them.
    private static func read(
        _ file: FoundFile, _ profile: Profile, _ limits: Limits
    ) -> (lines: Double, bytes: Double, seconds: Double) {
        guard let open = try? LogFile(file, limits: limits) else { return (0, 0, 0) }
        let clock = ContinuousClock()
        let began = clock.now
        var lines = 0
        var batch = RecordBatch()
        _ = try? open.forEachMember { member in
            var parser = LineParser(profile: profile, known: ThreadInternCache(StringInterner()))
            var isOver = false
            member.forEachLine { bytes, line in
                _ = parser.parse(bytes, id: EventID(source: 1, line: Int64(line.number)), into: &batch)
                lines += 1
                if lines % 4096 == 0 {
                    parser.settle(&batch)
                    batch.removeAll()
                    isOver = clock.now - began > .seconds(trialSeconds / Double(triedFiles))
                }
                return !isOver
            }
            parser.settle(&batch)
            if isOver { throw Enough() }
        }
        return (Double(lines), Double(open.bytesRead), (clock.now - began) / .seconds(1))
    }
}
