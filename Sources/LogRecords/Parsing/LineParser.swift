public import Interning

/// Turns the lines of one source after another into records, by one profile. Not shared by threads.
public struct LineParser {
    public let profile: Profile
    private var scanner: LineScanner?
    private var transactions: VarnishTransactions?
    /// The outermost envelope's first.
    private let unwrappers: [EnvelopeDecoder]
    private let deriver: FieldDeriver?
    /// Whether lines are of columns that the file may name: asked of every line.
    let hasColumns: Bool
    private let slices: FieldSlices
    private let known: ThreadInternCache
    private var builder: RecordBuilder
    /// Of a table of the directory.
    private var doubts: RowDoubts?
    private var open = OpenEdges()
    /// A record of which lines are missing yet.
    private var quoted: QuotedRecord?
    /// The lines of the record read last, if they were several.
    private var whole: [UInt8]?
    /// Lines that were held for such a record and gave none.
    private var strays: [Int64] = []
    /// Where the next record begins on the line read last, if it holds several; it is to be read as a line of its own. 0 where
    /// the line as a whole stands for another one.
    public private(set) var rest: Int?

    /// A parser for a few lines.
    ///
    /// - Parameter names: where the texts of this case are numbered.
    public init(profile: Profile, names: StringInterner) {
        self.init(profile: profile, known: ThreadInternCache(names, setBits: 4))
    }

    /// - Parameter known: the names that the reading thread met in other sources.
    public init(profile: Profile, known: ThreadInternCache) {
        self.profile = profile
        self.known = known
        scanner = LineScanner(profile)
        if scanner == nil { transactions = VarnishTransactions(fields: profile.fields) }
        if case .delimited = scanner { hasColumns = true } else { hasColumns = false }
        unwrappers = profile.envelopes.enumerated().map { EnvelopeDecoder($1, isOutermost: $0 == 0) }
        deriver = FieldDeriver(profile)
        slices = FieldSlices(count: profile.fields.count)
        builder = RecordBuilder(profile: profile, known: known)
        doubts = RowDoubts(profile)
    }

    /// Makes it ready for another source: nothing that one says counts for the next.
    ///
    /// - Parameter node: whose the lines are that name none.
    public mutating func beginSource(node: String? = nil) {
        if unwrappers.isEmpty, deriver == nil, let scanner {
            scanner.beginSource()
            builder.beginSource()
            if doubts != nil { doubts = RowDoubts(profile) }
            (quoted, whole, strays, rest) = (nil, nil, [], nil)
        } else {
            self = LineParser(profile: profile, known: known)
        }
        builder.name(node: node)
    }

    /// Reads one line, without its terminator, and adds its records to `batch`, where their names are numbered once
    /// `settle` is called.
    ///
    /// - Parameters:
    ///   - id: the source and the line's number.
    ///   - open: where the line may lack characters.
    public mutating func parse(
        _ line: RawSpan, id: EventID, open: OpenEdges = OpenEdges(), into batch: inout RecordBatch
    ) -> LineOutcome {
        if known.isNearlyFull { settle(&batch) }
        guard open.isAny, profile.isLog else { return read(line, id: id, into: &batch) }
        self.open = open
        if !unwrappers.allSatisfy({ $0.endsWithLine }) { self.open.end = false }
        // What fits an envelope begins with it.
        if !unwrappers.isEmpty { self.open.start = false }
        defer { self.open = OpenEdges() }
        return read(line, id: id, into: &batch)
    }

    /// Where a line may lack characters: a value there is taken for unknown.
    public struct OpenEdges: Sendable {
        /// NULs stand in place of what came before.
        var start = false
        /// The line may be being written yet, or NULs stand in place of what followed.
        var end = false

        public init(start: Bool = false, end: Bool = false) { (self.start, self.end) = (start, end) }

        fileprivate var isAny: Bool { start || end }
    }

    /// Numbers the names of all records in `batch`; until then some are pending in the `ThreadInternCache`.
    public mutating func settle(_ batch: inout RecordBatch) {
        if known.requested > 0 { known.resolve { batch.settle($0) } }
    }

    /// Numbers the names of all records in `batch`, or leaves it to another thread by `RecordBatch.settle(by:)`, if the cache
    /// hands its queue over.
    public mutating func handOver(_ batch: inout RecordBatch) {
        if known.handsOver { batch.pending = known.takeQueue() } else { settle(&batch) }
    }

    /// Reads lines whose records may be thrown away, and with them all that they name: between the two it stands as it will
    /// if they are kept.
    ///
    /// - Parameter body: reads the lines, each by the function that it gets; returns whether to keep them.
    /// - Returns: whether they are kept; not if they have a name that must be numbered at once and never was.
    mutating func attempt(_ batch: inout RecordBatch, _ body: (inout LineParser, inout RecordBatch) -> Bool) -> Bool {
        known.beginTrial()
        let isKept = body(&self, &batch)
        if known.endTrial(), isKept { return true }
        known.forget()
        batch.removeAll()
        return false
    }

    /// Leaves the names of all records read since `settle` without numbers.
    func forgetNames() { known.forget() }

    /// Reads one line, and leaves its names without numbers.
    mutating func read(_ line: RawSpan, id: EventID, into batch: inout RecordBatch) -> LineOutcome {
        line.withUnsafeBytes { bytes in
            do {
                return try unwrappers.isEmpty
                    ? read(bytes, id: id, into: &batch) : unwrap(bytes, level: 0, id: id, into: &batch)
            } catch let failure as ScanFailure {
                return .rejected(failure.reason, offset: failure.offset)
            } catch {
                return .rejected(.noRecord, offset: 0)
            }
        }
    }

    /// Takes a line out of the envelope at that level and those inside it.
    private mutating func unwrap(
        _ bytes: UnsafeRawBufferPointer, level: Int, id: EventID, into batch: inout RecordBatch
    ) throws -> LineOutcome {
        guard level < unwrappers.count else { return try read(bytes, id: id, into: &batch) }
        let unwrapper = unwrappers[level]
        defer { if level == 0 { rest = unwrapper.rest } }
        guard case .line(let first) = try unwrapper.take(bytes, number: id.line) else { return .accepted }
        let known = (batch.deliveries.count, batch.fills.count, batch.tags.count)
        let outcome = try unwrapper.line.withUnsafeBytes {
            try unwrap($0, level: level + 1, id: EventID(source: id.source, line: first), into: &batch)
        }
        guard unwrapper.isRepeat, batch.tags[known.2...].contains(where: { $0.kind == .request }) else {
            return outcome
        }
        // A message that names its request and came again tells of the same answer.
        batch.deliveries.removeSubrange(known.0...)
        batch.fills.removeSubrange(known.1...)
        batch.tags.removeSubrange(known.2...)
        return .ignored
    }

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, id: EventID, into batch: inout RecordBatch
    ) throws -> LineOutcome {
        if rest != nil { rest = nil }
        if bytes.isEmpty { return .ignored }
        if transactions != nil {
            switch try transactions?.add(bytes, line: id.line, into: slices) {
            case .record(let text, let firstLine):
                return text.withUnsafeBytes {
                    build($0, id: EventID(source: id.source, line: firstLine), into: &batch)
                }
            case .noAnswer: return .ignored
            default: return .accepted
            }
        }
        if hasColumns, case .delimited(let scanner) = scanner, scanner.spansLines {
            return try readQuoted(scanner, bytes, id: id, into: &batch)
        }
        guard try scanner?.scan(bytes, into: slices) == true else { return .ignored }
        // That of the outermost envelope counts, where there is one.
        if slices.rest >= 0, unwrappers.isEmpty { rest = slices.rest }
        if open.end { slices.removeThose(endingAt: bytes.count) }
        // A stamp that lacks its beginning is none.
        if open.start { slices.removeThose(startingAt: 0, except: profile.timeFields) }
        if !profile.cuts.isEmpty { slices.removeCut(profile.cuts) }
        return build(bytes, id: id, into: &batch)
    }

    /// Reads a line of a table, whose record may have begun on an earlier line.
    private mutating func readQuoted(
        _ scanner: DelimitedScanner, _ bytes: UnsafeRawBufferPointer, id: EventID, into batch: inout RecordBatch
    ) throws -> LineOutcome {
        slices.clear()
        whole = nil
        guard var record = quoted.take() else {
            do throws(ScanFailure) {
                guard try scanner.scan(bytes, into: slices) else { return .ignored }
            } catch {
                let record = QuotedRecord(bytes, number: id.line)
                guard error.reason == .openQuote, !record.mayBeWhole, hasRequiredColumns else { throw error }
                quoted = record
                return .accepted
            }
            return build(bytes, id: id, into: &batch)
        }
        record.add(bytes, number: id.line)
        if record.mayBeWhole {
            let outcome = try? record.text.withUnsafeBytes { text in
                guard try scanner.scan(text, into: slices) else { return LineOutcome.ignored }
                return build(text, id: EventID(source: id.source, line: record.lines[0].number), into: &batch)
            }
            if let outcome {
                whole = record.text
                return outcome
            }
        } else if !record.isTooLong {
            quoted = record
            return .accepted
        }
        return readApart(record, source: id.source, into: &batch)
    }

    /// Reads the lines behind a quote that does not end, each for itself; returns what came of the last one.
    private mutating func readApart(
        _ record: QuotedRecord, source: Int64, into batch: inout RecordBatch
    ) -> LineOutcome {
        strays.append(record.lines[0].number)
        var last = LineOutcome.accepted
        for index in record.lines.indices.dropFirst() {
            let (line, number) = (Array(record.bytes(index)), record.lines[index].number)
            do {
                last = try line.withUnsafeBytes {
                    try read($0, id: EventID(source: source, line: number), into: &batch)
                }
            } catch {
                let failure = error as? ScanFailure
                last = .rejected(failure?.reason ?? .noRecord, offset: failure?.offset ?? 0)
            }
            if index < record.lines.count - 1, last != .accepted { strays.append(number) }
        }
        return last
    }

    private mutating func build(
        _ bytes: UnsafeRawBufferPointer, id: EventID, into batch: inout RecordBatch
    ) -> LineOutcome {
        if doubts != nil { return buildRow(bytes, id: id, into: &batch) }
        guard let deriver else { return builder.build(slices.values(in: bytes), id: id, into: &batch) }
        deriver.extend(bytes, slices)
        builder.isRequesterInDoubt = deriver.isRequesterInDoubt
        return builder.build(slices.values(in: deriver.text.bytes), id: id, into: &batch)
    }

    /// Makes a record of a table's row, as far as it can be read.
    private mutating func buildRow(
        _ bytes: UnsafeRawBufferPointer, id: EventID, into batch: inout RecordBatch
    ) -> LineOutcome {
        let doubt = doubts?.read(slices.values(in: bytes), bytes, scanner) ?? RowDoubts.Row()
        if doubt.isUnusable, let problem = doubt.problem {
            // Whose sessions these were is not known for sure; that they were another's is not, either.
            for session in doubt.sessions {
                let name = Array(session.utf8).withUnsafeBytes { known.intern($0) }
                batch.sessions.append(
                    SessionRecord(
                        id: id, session: name, address: name,
                        account: Array("?".utf8).withUnsafeBytes { known.intern($0) }, live: Validity(),
                        openEnds: .both))
            }
            return .rejected(problem, offset: 0)
        }
        var text = bytes
        if let deriver {
            deriver.extend(bytes, slices)
            text = deriver.text.bytes
        }
        let outcome = builder.build(slices.values(in: text), id: id, openEnds: doubt.openEnds, into: &batch)
        if let problem = doubt.problem, outcome == .accepted { return .rejected(problem, offset: 0) }
        return outcome
    }

    /// Ends the source: what was held back for more lines to come is read as it stands.
    ///
    /// - Returns: the lines that were accepted and gave no record: the first ones of records that the source ended in the
    ///   middle of.
    public mutating func finish(source: Int64, into batch: inout RecordBatch) -> [Int64] {
        while let record = quoted.take() {
            if readApart(record, source: source, into: &batch) != .accepted, let last = record.lines.last,
                record.lines.count > 1
            {
                strays.append(last.number)
            }
        }
        defer { strays = [] }
        return strays + (transactions?.unfinished ?? []) + unwrappers.flatMap(\.unfinished)
    }

    /// What a person should know of a table's columns; empty for a log.
    public var columnNotes: [String] {
        guard let doubts else { return [] }
        let states = doubts.notes
        guard case .delimited(let scanner) = scanner, hasRequiredColumns else { return states + doubts.memberNotes }
        return states + ForeignColumns.notes(scanner, profile, doubts)
    }

    /// Columns of a file's own header that are nearly named as ones that the profile must be recognised by and the file lacks: one
    /// for each of these, or none.
    var slips: [(name: String, meant: String)] {
        guard case .delimited(let scanner) = scanner else { return [] }
        return ForeignColumns.slips(scanner, profile)
    }

    /// Whether a line says the same whatever `--sessions` knows, and none is in an envelope.
    var isPlain: Bool { unwrappers.isEmpty && (deriver == nil || profile.sessions.count == 0) }

    /// Whether the fields that the profile must be recognised by stand on the line read last; if it names none, whether
    /// any of its fields does. A line inside a transaction has them.
    var hasRequiredFields: Bool {
        if let transactions { return transactions.hasBegun }
        if quoted != nil { return true }
        if profile.required.isEmpty { return slices.hasAny }
        return profile.required.allSatisfy { $0.contains { slices.has($0) } }
    }

    /// Why a line was rejected, in words; of a pattern, which value did not fit.
    ///
    /// - Parameter line: the one that was parsed last.
    public func explanation(of reason: RejectReason, _ line: RawSpan) -> String {
        guard reason == .patternMismatch, case .pattern(let lines) = scanner else { return reason.rawValue }
        let patterns = lines.patterns
        let complaint =
            unwrappers.last.map { $0.line.withUnsafeBytes { patterns.complaint($0) } }
            ?? line.withUnsafeBytes { patterns.complaint($0) }
        return reason.rawValue + (complaint.map { ": \($0)" } ?? "")
    }

    /// The fields of the line read last as they stand on it, by name; none of a transaction of several lines.
    ///
    /// - Parameter line: that line.
    public func fields(of line: RawSpan) -> [(name: String, text: String)] {
        guard transactions == nil, quoted == nil else { return [] }
        let derived = Set(profile.derivations.map(\.output))
        func read(_ bytes: UnsafeRawBufferPointer) -> [(name: String, text: String)] {
            profile.fields.indices.filter { !derived.contains($0) }.compactMap { field in
                guard let place = slices.place(field), place.upperBound <= bytes.count else { return nil }
                return (profile.fields[field], String(decoding: bytes[place], as: UTF8.self))
            }
        }
        if let inner = unwrappers.last { return inner.line.withUnsafeBytes(read) }
        if let whole { return whole.withUnsafeBytes(read) }
        return line.withUnsafeBytes(read)
    }

    /// Whether the line read last has the field of that number.
    func hasField(_ field: Int) -> Bool { slices.has(field) }

    /// Whether a file's own header names its columns, among them those that the profile must be recognised by.
    var isTable: Bool {
        guard case .delimited(let scanner) = scanner, scanner.spansLines else { return false }
        return hasRequiredColumns
    }

    /// Whether a file's own header names the fields that the profile must be recognised by; if it names none, whether it
    /// names any of them.
    var hasRequiredColumns: Bool {
        guard case .delimited(let scanner) = scanner else { return false }
        let known = scanner.knownFields
        if profile.required.isEmpty { return !known.isEmpty }
        return profile.required.allSatisfy { $0.contains { known.contains($0) } }
    }
}
