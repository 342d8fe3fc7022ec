/// Finds the profiles of one file after the other. One for each reading thread.
///
/// A user's profile that fits at least half of a file's first lines comes before every shipped one. Among others the one
/// that fits most lines wins, then the one that asks for most fields, then the one that reads most fields, then the first
/// by name. What was found of earlier files makes it quicker and never changes the answer.
public final class Recognizer {
    private let library: ProfileLibrary
    private let slices: FieldSlices
    private var names = NameTable()
    /// What fitted the file before, and a parser for trying it on the next.
    private var last: (index: Int, parser: LineParser)?
    /// Of each profile, for scouts.
    private lazy var scanners = library.profiles.map { LineScanner($0) }
    /// Files since `names` was emptied, which it is before it holds too much.
    private var trials = 0
    private static let mostTrials = 1000

    public init(_ library: ProfileLibrary) {
        self.library = library
        slices = FieldSlices(count: library.profiles.reduce(0) { max($0, $1.fields.count) })
    }

    /// - Parameter sample: the file's first bytes; a cut last line does not count, unless it is the only one.
    /// - Returns: nil if no profile fits at least half of the lines.
    public func recognize(_ sample: RawSpan) -> Profile? {
        trials += 1
        if trials > Self.mostTrials { (names, last, trials) = (NameTable(), nil, 0) }
        guard var profile = again(sample) ?? anew(Self.lines(sample)) else { return nil }
        profile.sessions = library.sessions
        return profile
    }

    /// The profile of the file before, if it reads every line of this one too, and none that would come before it can read
    /// the first line: such a one cannot read every line.
    private func again(_ sample: RawSpan) -> Profile? {
        guard let index = last?.index, let better else { return nil }
        var isFirst = true
        var batch = RecordBatch()
        last?.parser.beginSource()
        let isFit = Self.allLines(of: sample) { line in
            if isFirst, canRead(line, better) { return false }
            isFirst = false
            return last?.parser.use(of: line, EventID(source: 1, line: 1), into: &batch) != nil
        }
        return isFit && !isFirst ? library.profiles[index] : nil
    }

    /// The profiles that would come before the last one if they fitted as many lines; nil if one might with fewer.
    private var better: ArraySlice<Int>? {
        // One of the user's own would come first if it fitted no more than half of the lines.
        guard let index = last?.index, let group = library.ranked.first(where: { !$0.isEmpty }),
            let rank = group.firstIndex(of: index)
        else { return nil }
        return group[..<rank]
    }

    /// What a parser has read of a source while it was recognised.
    public struct FirstLines: Sendable {
        public fileprivate(set) var count: Int64 = 0
        public fileprivate(set) var accepted: Int64 = 0
        public fileprivate(set) var ignored: Int64 = 0

        public init() {}
    }

    /// Reads a source's first lines by the profile of the source before, if that is sure to be what `recognize` would find,
    /// so that they are not read twice.
    ///
    /// - Parameters:
    ///   - sample: the file's first bytes.
    ///   - parser: the one that read the source before, ready for this one; if nil is returned, no longer.
    ///   - longest: the bytes of the longest line that may be parsed.
    ///   - batch: gets the records; is empty before, and if nil is returned.
    /// - Returns: nil if the source must be recognised.
    public func readOn(
        _ sample: RawSpan, _ parser: inout LineParser, source: Int64, longest: Int, into batch: inout RecordBatch
    ) -> FirstLines? {
        trials += 1
        guard trials <= Self.mostTrials, let index = last?.index, let better, parser.isPlain,
            library.profiles[index].isSame(as: parser.profile),
            // The only line of all may be cut.
            sample.withUnsafeBytes({ Bytes.index(of: 0x0a, in: $0) }) != nil
        else { return nil }
        var lines = FirstLines()
        var isFirst = true
        let isRead = parser.attempt(&batch) { parser, batch in
            Self.forEachLine(of: sample) { line in
                lines.count += 1
                guard !line.isEmpty else {
                    lines.ignored += 1
                    return true
                }
                guard line.count <= longest, !(isFirst && canRead(line, better)) else { return false }
                isFirst = false
                let (outcome, use) = parser.tryLine(line, EventID(source: source, line: lines.count), into: &batch)
                if outcome == .accepted { lines.accepted += 1 } else { lines.ignored += 1 }
                return use != nil
            } && !isFirst
        }
        return isRead ? lines : nil
    }

    /// Whether any of those profiles can read a line.
    private func canRead(_ line: UnsafeRawBufferPointer, _ indices: ArraySlice<Int>) -> Bool {
        let lines = [Array(line)]
        let scanners = scanners
        return indices.contains { index in
            let scanner = scanners[index]
            scanner?.beginSource()
            return library.scouts[index].mayFit(lines, slices, scanner)
                && Self.fit(library.profiles[index], lines, names) != nil
        }
    }

    private func anew(_ lines: [[UInt8]]) -> Profile? {
        recognize(lines.filter { !$0.isEmpty }) ?? recognizeWrapped(lines, depth: 0)
    }

    /// The profile of lines that a collector has wrapped.
    private func recognizeWrapped(_ lines: [[UInt8]], depth: Int) -> Profile? {
        guard depth < 3, !lines.isEmpty else { return nil }
        for envelope in Envelope.allCases {
            let inner = Self.unwrapped(lines, envelope)
            guard !inner.isEmpty,
                var profile = recognize(inner.filter { !$0.isEmpty }) ?? recognizeWrapped(inner, depth: depth + 1)
            else { continue }
            profile.envelopes.insert(envelope, at: 0)
            return profile
        }
        return nil
    }

    /// The lines inside; none if fewer than half are in this envelope.
    static func unwrapped(_ lines: [[UInt8]], _ envelope: Envelope) -> [[UInt8]] {
        let unwrapper = Unwrapper(envelope)
        var inner: [[UInt8]] = []
        var strangers = 0
        for (number, line) in lines.enumerated() {
            do {
                let result = try line.withUnsafeBytes { try unwrapper.take($0, number: Int64(number + 1)) }
                if case .line = result { inner.append(unwrapper.line) }
            } catch {
                strangers += 1
                if strangers * 2 > lines.count { return [] }
            }
        }
        return inner
    }

    private func recognize(_ lines: [[UInt8]]) -> Profile? {
        guard !lines.isEmpty else { return nil }
        for group in library.ranked {
            var best: (index: Int, fit: Int)?
            for index in group {
                guard library.scouts[index].mayFit(lines, slices),
                    let fit = Self.fit(library.profiles[index], lines, names), fit > best?.fit ?? 0
                else { continue }
                best = (index, fit)
                // Those that follow cannot fit more lines, and yield to it if they fit as many.
                if fit == lines.count { break }
            }
            if let best {
                let profile = library.profiles[best.index]
                last = (best.index, LineParser(profile: profile, names: names))
                return profile
            }
        }
        return nil
    }

    /// Whether a profile can use at least half of a file's first lines, in an envelope or not.
    public static func fits(_ profile: Profile, _ sample: RawSpan) -> Bool {
        fits(profile, lines(sample), depth: 0)
    }

    private static func fits(_ profile: Profile, _ lines: [[UInt8]], depth: Int) -> Bool {
        if lines.isEmpty { return false }
        if fit(profile, lines.filter { !$0.isEmpty }, NameTable()) != nil { return true }
        return depth < 3
            && Envelope.allCases.contains { fits(profile, unwrapped(lines, $0), depth: depth + 1) }
    }

    /// How many of the lines the profile can use, if at least half.
    static func fit(_ profile: Profile, _ lines: [[UInt8]], _ names: NameTable) -> Int? {
        var parser = LineParser(profile: profile, names: names)
        return parser.fit(lines)
    }

    /// How many of a file's lines are looked at.
    private static let mostLines = 200

    static func lines(_ sample: RawSpan) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        _ = forEachLine(of: sample) { line in
            lines.append(Array(line))
            return true
        }
        return lines
    }

    /// Whether all lines but empty ones are so.
    private static func allLines(of sample: RawSpan, are isSo: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        forEachLine(of: sample) { $0.isEmpty || isSo($0) }
    }

    /// - Parameter body: gets each line, as long as it returns true.
    /// - Returns: whether it always did.
    private static func forEachLine(of sample: RawSpan, _ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        sample.withUnsafeBytes { bytes in
            var start = 0
            for number in 0..<mostLines {
                let end = Bytes.index(of: 0x0a, in: bytes, from: start)
                // What follows the last line's end may be cut.
                guard end != nil || number == 0 else { break }
                let hasReturn = end.map { $0 > start && bytes[$0 - 1] == 0x0d } ?? (bytes.last == 0x0d)
                let line = bytes[start..<(end ?? bytes.count) - (hasReturn ? 1 : 0)]
                guard body(UnsafeRawBufferPointer(rebasing: line)) else { return false }
                guard let end else { break }
                start = end + 1
            }
            return true
        }
    }
}

extension LineParser {
    fileprivate enum Use {
        case record
        /// A header or a directive, which is not against a profile whose columns are there, but alone not for it.
        case header
    }

    /// What came of a source's next line, and what it is good for; nil: nothing.
    fileprivate mutating func tryLine(
        _ line: UnsafeRawBufferPointer, _ id: EventID, into batch: inout RecordBatch
    ) -> (outcome: LineOutcome, use: Use?) {
        let outcome = read(line.bytes, id: id, into: &batch)
        switch outcome {
        case .accepted where hasRequiredFields, .ignored where hasRequiredFields: return (outcome, .record)
        case .ignored where hasRequiredColumns: return (outcome, .header)
        default: return (outcome, nil)
        }
    }

    /// What a source's next line is good for, whose names nobody needs.
    fileprivate mutating func use(
        of line: UnsafeRawBufferPointer, _ id: EventID, into batch: inout RecordBatch
    ) -> Use? {
        defer { forgetNames() }
        return tryLine(line, id, into: &batch).use
    }

    /// How many of a source's first lines it can use, if at least half.
    fileprivate mutating func fit(_ lines: [[UInt8]]) -> Int? {
        var batch = RecordBatch()
        var usable = 0
        var headers = 0
        for (number, line) in lines.enumerated() {
            switch line.withUnsafeBytes({ use(of: $0, EventID(source: 1, line: Int64(number + 1)), into: &batch) }) {
            case .record: usable += 1
            case .header: headers += 1
            case nil: break
            }
        }
        let fit = usable + headers
        return fit * 2 >= lines.count && (usable > 0 || fit == lines.count) ? fit : nil
    }
}
