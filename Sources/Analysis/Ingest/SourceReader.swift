package import Casefile
import Interning
package import LogBytes
package import LogRecords
import Synchronization

/// What a reader tells the writer, in this order for each file: began, batches, …, finished.
///
/// `Events` are records until `IngestEncoder` makes rows of them.
enum ReadingStep<Events: Sendable>: Sendable {
    /// A source's events will follow.
    case began(SourceRow)
    case batch(source: Int64, Events, [RejectRow], LineDigests, LineTags)
    /// The file is read; its sources as they turned out.
    case finished([SourceRow])
    /// The case has these bytes already, or cannot have them.
    case noted(SourceRow)
}

extension ReadingStep<RecordBatch> {
    /// How much it is for the writer to do, in rows.
    fileprivate var weight: Int {
        // A batch whose lines are all ignored is no work, but it must not wait for ever.
        if case .batch(_, let records, let rejects, _, _) = self { max(32, records.count + rejects.count) } else { 32 }
    }
}

/// Reads one file of the dump after the other: bytes → lines → records → the pipe. Shared by the threads.
package struct SourceReader {
    let library: ProfileLibrary
    let limits: Limits
    let pipe: BoundedChannel<[ReadingStep<RecordBatch>]>
    let progress: Progress
    let sourceNumbers: SourceNumbers
    /// Sizes of files that the case has read already: only a file of such a size can be one of them.
    let knownSizes: Set<Int64>
    /// Whether names are numbered by the encoder: a reader that is alone has more to do than it.
    let handsNamesOver: Bool

    /// Lines per batch.
    package static let batchSize = 4096
    /// Bytes of a rejected line that the case keeps.
    static let sampleBytes = 240

    /// What a reading thread has of its own.
    final class Desk {
        let names: ThreadInternCache
        let lineBuffer: LineBuffer
        fileprivate let recognizer: FormatSniffer
        /// The last source's, for the next of its profile.
        fileprivate var parser: LineParser?
        /// What is not worth a turn of the writer yet: a dump can be very many small files.
        fileprivate var steps: [ReadingStep<RecordBatch>] = []
        fileprivate var weight = 0

        init(_ caseFile: CaseFile, _ library: ProfileLibrary, _ limits: Limits, handsNamesOver: Bool) {
            names = caseFile.nameCache(handsOver: handsNamesOver)
            recognizer = FormatSniffer(library)
            lineBuffer = LineBuffer(limits: limits)
        }

        /// Begins to read a source: finds its profile, and may read its first lines for it.
        ///
        /// - Parameter node: whose the lines are that name none.
        /// - Returns: nil if no profile fits.
        fileprivate func begin(
            _ source: Int64, node: String?, isPlain: Bool, _ sample: RawSpan, longest: Int
        ) -> SourceLines? {
            // Taken out, not copied: it has many parts to be counted.
            if var again = parser.take() {
                again.beginSource(node: node)
                var batch = RecordBatch()
                if let read = recognizer.readOn(sample, &again, source: source, longest: longest, into: &batch) {
                    return SourceLines(source: source, isPlain: isPlain, parser: again, read, batch)
                }
                parser = again
            }
            let isWhole = sample.byteCount < LogMember.maxPeekBytes
            return recognizer.recognize(sample, isWhole: isWhole).map {
                SourceLines(source: source, isPlain: isPlain, parser: parser(for: $0, node: node))
            }
        }

        /// A parser for a source of that profile.
        fileprivate func parser(for profile: Profile, node: String?) -> LineParser {
            guard var again = parser.take(), again.profile.isSame(as: profile) else {
                var new = LineParser(profile: profile, known: names)
                new.beginSource(node: node)
                return new
            }
            again.beginSource(node: node)
            return again
        }
    }

    /// - Parameter desk: the calling thread's.
    /// - Returns: false if the run was stopped.
    func read(_ found: FoundFile, _ desk: Desk) throws -> Bool {
        let size = Int64(found.size)
        if !found.isPipe, knownSizes.contains(size), let duplicate = digestOnly(found) {
            progress.bytesRead.add(Int(size), ordering: .relaxed)
            return send(.noted(duplicate), desk)
        }
        var sources: [SourceRow] = []
        var isStopped = false
        var bytesSeen = 0
        let file: LogFile
        do {
            file = try LogFile(found, limits: limits, through: desk.lineBuffer)
        } catch {
            var source = newSource(found)
            source.state = .unreadable
            source.reason = "\(error)"
            return send(.noted(source), desk)
        }
        let outcome = try file.forEachMember { member in
            guard !isStopped else { return }
            var source = newSource(found)
            source.member = member.name
            try readMember(&member, &source, desk, isStopped: &isStopped) {
                let consumed = Int(file.bytesRead)
                progress.bytesRead.add(consumed - bytesSeen, ordering: .relaxed)
                bytesSeen = consumed
            }
            sources.append(source)
        }
        guard !isStopped else { return false }
        progress.bytesRead.add(max(0, Int(size) - bytesSeen), ordering: .relaxed)
        return send(.finished(Self.settled(sources, outcome) { newSource(found) }), desk)
    }

    private func newSource(_ found: FoundFile) -> SourceRow {
        SourceRow(
            id: sourceNumbers.next(), path: found.name, size: Int64(found.size), state: .pending,
            location: found.isPipe ? nil : found.path)
    }

    /// The file's digest, if the case has it already.
    private func digestOnly(_ found: FoundFile) -> SourceRow? {
        guard let file = try? LogFile(path: found.path, limits: limits) else { return nil }
        let outcome = file.forEachMember { _ in }
        guard sourceNumbers.isKnown(outcome.sha256) else { return nil }
        var source = newSource(found)
        source.sha256 = outcome.sha256
        source.state = .duplicate
        return source
    }

    /// The file's sources with what only its end tells: digest, damage, and the members that could not be lent at all.
    ///
    /// - Parameter new: makes a source of the file.
    package static func settled(_ read: [SourceRow], _ outcome: FileOutcome, _ new: () -> SourceRow) -> [SourceRow] {
        var unmatched = read[...]
        var sources: [SourceRow] = []
        for member in outcome.members {
            var source = new()
            source.member = member.name
            if let next = unmatched.first, next.member == member.name { source = unmatched.removeFirst() }
            source.compression = "\(member.packing)"
            if member.skippedNULs > 0 {
                let holes = "\(member.skippedNULs) NUL bytes before or inside lines were passed over"
                source.reason = source.reason.map { "\($0); \(holes)" } ?? holes
            }
            if let damage = member.damage {
                source.state = .damaged
                source.reason = "\(damage)"
            }
            sources.append(source)
        }
        if sources.isEmpty { sources = [new()] }
        let digits = String(outcome.sha256.prefix(12))
        // Beyond a bound on entries the others were not read; those that were are none the worse.
        let left = outcome.members.isEmpty ? nil : outcome.damage.flatMap { $0.kind == .limit ? $0 : nil }
        for index in sources.indices {
            sources[index].size = Int64(outcome.size)
            sources[index].sha256 = outcome.sha256
            sources[index].label = sources[index].member == nil ? digits : "\(digits).\(index + 1)"
            if left == nil, let damage = outcome.damage, sources[index].state != .damaged {
                sources[index].state = .damaged
                sources[index].reason = "\(damage)"
            }
            if sources[index].state == .pending { sources[index].state = .complete }
        }
        if let left {
            var rest = new()
            (rest.size, rest.sha256, rest.label) = (Int64(outcome.size), outcome.sha256, digits)
            (rest.state, rest.reason) = (.damaged, "\(left)")
            sources.append(rest)
        }
        return sources
            + outcome.skipped.map { entry in
                var source = new()
                (source.member, source.sha256, source.state, source.reason) = (
                    entry.name, outcome.sha256, .unreadable, "\(entry.reason)"
                )
                return source
            }
    }

    private func readMember(
        _ member: inout LogMember, _ source: inout SourceRow, _ desk: Desk, isStopped: inout Bool,
        advanced: () -> Void
    ) throws {
        let isPlain = member.packing == Packing()
        let node = source.node(by: library.nodeFromPath)
        let (begun, isEmpty) = member.peek {
            (desk.begin(source.id, node: node, isPlain: isPlain, $0, longest: limits.maxLineBytes), $0.byteCount == 0)
        }
        guard !isEmpty else { return }
        var passed = PassedLines()
        let later = begun == nil ? Self.profileLater(&member, &source, library, desk.recognizer, &passed) : nil
        guard
            var lines = begun
                ?? later.map({
                    SourceLines(source: source.id, isPlain: isPlain, parser: desk.parser(for: $0, node: node))
                })
        else { return }
        lines.pass(passed)
        source.profile = lines.parser.profile.label
        guard send(.began(source), desk) else {
            isStopped = true
            return
        }
        member.forEachRecord { bytes, line in
            let next = lines.take(bytes, line).map { LineUse.rest(from: $0) } ?? .next
            guard lines.sinceFlush >= Self.batchSize else { return next }
            advanced()
            isStopped = !flush(&lines, desk)
            return isStopped ? .stop : next
        }
        lines.finish(member.byteCount)
        if !isStopped { isStopped = !flush(&lines, desk) }
        lines.store(into: &source)
        desk.parser = lines.takeParser()
    }

    /// The profile that fits a stretch behind a member's first lines. If none does, the member is read to its end, so that
    /// damage is told from a format that nobody knows.
    ///
    /// - Parameter passed: gets the lines before the stretch.
    package static func profileLater(
        _ member: inout LogMember, _ source: inout SourceRow, _ library: ProfileLibrary, _ recognizer: FormatSniffer,
        _ passed: inout PassedLines
    ) -> Profile? {
        if let near = member.profileFurther(by: recognizer) { return near }
        let resemblance = member.peek { library.resemblance($0) }
        let path = source.member ?? source.path
        let complaint = member.peek { RightsTable.complaint(of: $0, path: path) }
        if let later = member.profileLater(by: recognizer, &passed) { return later }
        source.state = .unrecognized
        source.reason =
            "no profile fits its first lines (\(passed.count) lines)" + (resemblance.map { "; \($0)" } ?? "")
            + (complaint.map { "; \($0)" } ?? "")
        return nil
    }

    /// Sends what has been read; false if the run is to stop.
    private func flush(_ lines: inout SourceLines, _ desk: Desk) -> Bool {
        progress.lines.add(lines.sinceFlush, ordering: .relaxed)
        progress.rejected.add(lines.rejects.count, ordering: .relaxed)
        let source = lines.source
        return send(lines.take { .batch(source: source, $0, $1, $2, LineTags($0.tags, $2)) }, desk)
            && !progress.isCancelled.load(ordering: .relaxed)
    }

    private func send(_ step: consuming ReadingStep<RecordBatch>, _ desk: Desk) -> Bool {
        desk.weight += step.weight
        desk.steps.append(step)
        return desk.weight < Self.batchSize || deliver(desk)
    }

    /// Hands the writer what it has not been sent yet; false if the run is to stop.
    func deliver(_ desk: Desk) -> Bool {
        let steps = desk.steps
        // Before they are handed on, for who gets them changes them where they lie.
        (desk.steps, desk.weight) = ([], 0)
        return steps.isEmpty || pipe.put(steps)
    }
}

extension SourceRow {
    /// Whose the lines are that name no node, by the member's path or else the file's.
    package func node(by template: NodeFromPath?) -> String? {
        template.flatMap { template in member.flatMap { template.node(of: $0) } ?? template.node(of: path) }
    }
}
