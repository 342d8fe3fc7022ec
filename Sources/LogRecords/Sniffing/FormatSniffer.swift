import CBytes
package import Interning

/// Finds the profiles of one file after the other. One for each reading thread.
///
/// A user's profile that fits at least half of a file's first lines comes before every shipped one. Among others the one
/// that fits most lines wins, then the one that asks for most fields, then the one that reads most fields, then the first
/// by name. What was found of earlier files makes it quicker and never changes the answer.
public final class FormatSniffer {
    private let library: ProfileLibrary
    private let slices: FieldSlices
    private var names = StringInterner()
    /// What fitted the file before, and a parser for trying it on the next.
    private var last: (index: Int, parser: LineParser)?
    /// Of each profile, for scouts.
    private lazy var scanners = library.profiles.map { LineScanner($0) }
    /// Members with which none of the best so many profiles can read a line.
    private var unread: (members: MemberIndex.Members, count: Int)?
    /// Files since `names` was emptied, which it is before it holds too much.
    private var trials = 0
    private static let mostTrials = 1000
    /// For the envelopes that come off first.
    private let wrappers = Envelope.allCases.filter(\.isUnambiguous).map { EnvelopeDecoder($0) }

    public init(_ library: ProfileLibrary) {
        self.library = library
        slices = FieldSlices(count: library.profiles.reduce(0) { max($0, $1.fields.count) })
    }

    /// - Parameters:
    ///   - sample: the file's first bytes; a cut last line does not count, unless it is the only one.
    ///   - isWhole: whether they are all of them, so that the last line is whole without a line feed.
    /// - Returns: nil if no profile fits at least half of the lines.
    public func recognize(_ sample: RawSpan, isWhole: Bool = false) -> Profile? {
        trials += 1
        if trials > Self.mostTrials { (names, last, trials) = (StringInterner(), nil, 0) }
        guard var profile = again(sample, isWhole) ?? anew(Self.lines(sample, isWhole: isWhole)) else { return nil }
        profile.sessions = library.sessions
        profile.longestAnswer = library.longestAnswer
        profile.foldsAccounts = library.foldsAccounts
        return profile
    }

    /// The profile of which a sample has the most lines, where none fits half of its first ones: a server's log may begin
    /// with what it said of its start, with another program's lines, or with a line that is too long to be looked at.
    ///
    /// A table names its columns first, so it is not looked for here.
    ///
    /// - Returns: nil if no profile fits two lines, or one of a few.
    public func recognizeAnywhere(_ sample: RawSpan, isWhole: Bool = false) -> Profile? {
        let lines = Self.lines(sample, isWhole: isWhole, most: .max)
        guard var profile = anew(Array(lines.prefix(Self.mostLines))) ?? findAnywhere(lines, library.ranked, depth: 0)
        else { return nil }
        profile.sessions = library.sessions
        profile.longestAnswer = library.longestAnswer
        profile.foldsAccounts = library.foldsAccounts
        return profile
    }

    private func findAnywhere(_ lines: [[UInt8]], _ groups: [[Int]], depth: Int) -> Profile? {
        let bare = lines.filter { !$0.isEmpty }
        guard !bare.isEmpty else { return nil }
        func inside(_ envelopes: [Envelope], _ groups: [[Int]]) -> Profile? {
            guard depth < Self.mostEnvelopes else { return nil }
            for (envelope, inner) in Self.unwrapped(lines, by: envelopes) {
                guard var profile = findAnywhere(inner, groups, depth: depth + 1) else { continue }
                profile.envelopes.insert(envelope, at: 0)
                return profile
            }
            return nil
        }
        for group in groups where !group.isEmpty {
            if let profile = inside(Envelope.allCases.filter(\.isUnambiguous), [group]) { return profile }
            let candidates = group.filter { library.profiles[$0].mayBeginLate && library.scouts[$0].hasMembers(bare) }
            let counts = candidates.map { index in
                var parser = LineParser(profile: library.profiles[index], names: names)
                return (index: index, count: parser.records(bare))
            }
            let best = counts.max { $0.count < $1.count }
            if let best, best.count >= (bare.count < 16 ? 1 : 2) { return library.profiles[best.index] }
        }
        return inside(Envelope.allCases.filter { !$0.isUnambiguous }, groups)
    }

    /// The profile of the file before, if it reads every line of this one too, and none that would come before it can read
    /// the first line: such a one cannot read every line.
    private func again(_ sample: RawSpan, _ isWhole: Bool) -> Profile? {
        guard let index = last?.index, let better, !mayBeWrapped(sample, index) else { return nil }
        var isFirst = true
        var batch = RecordBatch()
        last?.parser.beginSource()
        let isFit = Self.allLines(of: sample, isWhole) { line in
            if isFirst, canRead(line, better) { return false }
            isFirst = false
            return last?.parser.use(of: line, EventID(source: 1, line: 1), into: &batch) != nil
                && last?.parser.rest == nil
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
            library.profiles[index].isSame(as: parser.profile), !mayBeWrapped(sample, index),
            // The only line of all may be cut, and one with NULs inside is several.
            sample.withUnsafeBytes({ Bytes.index(of: 0x0a, in: $0) != nil && Bytes.index(of: 0, in: $0) == nil })
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
                // Somebody must be told of it, or there is more on the line.
                if case .rejected = outcome { return false }
                if parser.rest != nil { return false }
                if outcome == .accepted { lines.accepted += 1 } else { lines.ignored += 1 }
                return use != nil
            } && !isFirst
        }
        return isRead ? lines : nil
    }

    /// Whether any of those profiles can read a line.
    private func canRead(_ line: UnsafeRawBufferPointer, _ indices: ArraySlice<Int>) -> Bool {
        let isObject = line.first == UInt8(ascii: "{")
        let members = isObject ? library.members.members(of: line) : nil
        // Nearly always they all ask for what the line does not have, and the file before began with the same members.
        if let members, let unread, unread.members == members, unread.count == indices.count { return false }
        let candidates =
            members.map { members in indices.filter { library.members.mayFit($0, members) }[...] } ?? indices
        if let members, candidates.isEmpty { unread = (members, indices.count) }
        if candidates.isEmpty { return false }
        let lines = [Array(line)]
        let scanners = scanners
        return candidates.contains { index in
            let scanner = scanners[index]
            scanner?.beginSource()
            return library.scouts[index].mayFit(lines, slices, scanner)
                && Self.fit(library.profiles[index], lines, names) != nil
        }
    }

    private func anew(_ lines: [[UInt8]]) -> Profile? { find(lines, library.ranked, depth: 0) }

    /// The profile of lines that a collector may have wrapped. An envelope that cannot be a server's own line comes off
    /// before a profile is tried, of the user's own as of the shipped; any other only where none fits.
    private func find(_ lines: [[UInt8]], _ groups: [[Int]], depth: Int) -> Profile? {
        guard !lines.isEmpty else { return nil }
        let bare = lines.filter { !$0.isEmpty }
        let sure =
            depth < Self.mostEnvelopes ? Self.unwrapped(lines, by: Envelope.allCases.filter(\.isUnambiguous)) : []
        for group in groups where !group.isEmpty {
            if let profile = inside(sure, [group], depth) ?? recognize(bare, group) { return profile }
        }
        guard depth < Self.mostEnvelopes else { return nil }
        return inside(Self.unwrapped(lines, by: Envelope.allCases.filter { !$0.isUnambiguous }), groups, depth)
    }

    private static let mostEnvelopes = 3

    /// The profile of lines that were taken out of one of several envelopes.
    private func inside(
        _ wrapped: [(envelope: Envelope, lines: [[UInt8]])], _ groups: [[Int]], _ depth: Int
    ) -> Profile? {
        for (envelope, lines) in wrapped {
            guard var profile = find(lines, groups, depth: depth + 1) else { continue }
            profile.envelopes.insert(envelope, at: 0)
            return profile
        }
        return nil
    }

    private static func unwrapped(
        _ lines: [[UInt8]], by envelopes: [Envelope]
    ) -> [(envelope: Envelope, lines: [[UInt8]])] {
        envelopes.map { ($0, unwrapped(lines, $0)) }.filter { !$0.1.isEmpty }
    }

    /// Whether a line of a file may be in an envelope that comes off before that profile is tried.
    private func mayBeWrapped(_ sample: RawSpan, _ index: Int) -> Bool {
        // No shipped profile's members are an envelope's.
        if case .json = library.profiles[index].syntax, index >= library.profiles.count - library.shippedCount {
            return false
        }
        return !Self.forEachLine(of: sample) { line in !wrappers.contains { $0.mayHold(line) } }
    }

    /// The lines inside; none if fewer than half are in this envelope.
    package static func unwrapped(_ lines: [[UInt8]], _ envelope: Envelope) -> [[UInt8]] {
        let unwrapper = EnvelopeDecoder(envelope)
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

    private func recognize(_ lines: [[UInt8]], _ group: [Int]) -> Profile? {
        guard !lines.isEmpty else { return nil }
        var best: (index: Int, fit: Int)?
        for index in group {
            guard library.scouts[index].mayFit(lines, slices),
                let fit = Self.fit(library.profiles[index], lines, names), fit > best?.fit ?? 0
            else { continue }
            best = (index, fit)
            // Those that follow cannot fit more lines, and yield to it if they fit as many.
            if fit == lines.count { break }
        }
        guard let best else { return nil }
        let profile = library.profiles[best.index]
        last = (best.index, LineParser(profile: profile, names: names))
        return profile
    }

    /// Whether a profile can use at least half of a file's first lines, in an envelope or not.
    public static func fits(_ profile: Profile, _ sample: RawSpan) -> Bool {
        fits(profile, lines(sample), depth: 0)
    }

    private static func fits(_ profile: Profile, _ lines: [[UInt8]], depth: Int) -> Bool {
        if lines.isEmpty { return false }
        if fit(profile, lines.filter { !$0.isEmpty }, StringInterner()) != nil { return true }
        return depth < 3
            && Envelope.allCases.contains { fits(profile, unwrapped(lines, $0), depth: depth + 1) }
    }

    /// How many of the lines the profile can use, if at least half.
    package static func fit(_ profile: Profile, _ lines: [[UInt8]], _ names: StringInterner) -> Int? {
        var parser = LineParser(profile: profile, names: names)
        return parser.fit(lines)
    }

    /// How many of a file's lines are looked at.
    private static let mostLines = 200

    static func lines(_ sample: RawSpan, isWhole: Bool = false, most: Int = mostLines) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        _ = forEachLine(of: sample, isWhole: isWhole, most: most) { line in
            lines.append(Array(line))
            return true
        }
        return lines
    }

    /// Whether all lines but empty ones are so.
    private static func allLines(
        of sample: RawSpan, _ isWhole: Bool, are isSo: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        forEachLine(of: sample, isWhole: isWhole) { $0.isEmpty || isSo($0) }
    }

    /// - Parameter body: gets each line, as long as it returns true.
    /// - Returns: whether it always did.
    private static func forEachLine(
        of sample: RawSpan, isWhole: Bool = false, most: Int = mostLines, _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        sample.withUnsafeBytes { bytes in
            let hasNULs = Bytes.index(of: 0, in: bytes) != nil
            var start = 0
            for number in 0..<most {
                // A hole that a log's rotation left is no part of a line.
                while hasNULs, start < bytes.count, bytes[start] == 0 { start += 1 }
                let found = bytes.baseAddress.map {
                    line_end($0.assumingMemoryBound(to: UInt8.self), start, bytes.count)
                }
                // What follows the last line's end may be cut.
                guard let found, found.next > 0 || number == 0 || isWhole && start < bytes.count else { break }
                var line = bytes[start..<Int(found.end)]
                // Nor is one inside a line, behind which another begins; a length in eight bytes stands before a journal's value.
                if hasNULs, let hole = line.lastIndex(of: 0), hole + 1 < line.endIndex, hole - line.startIndex != 7 {
                    line = line[(hole + 1)...]
                }
                guard body(UnsafeRawBufferPointer(rebasing: line)) else { return false }
                guard found.next > 0 else { break }
                start = Int(found.next)
            }
            return true
        }
    }
}

extension Profile {
    /// Whether a log of it may begin behind other lines: not where the first line names the columns, nor where any line of
    /// an application that names an account would do.
    fileprivate var mayBeginLate: Bool {
        if case .delimited(_, _, nil) = syntax { return false }
        // Bare columns fit too much.
        guard !required.isEmpty || syntax.isPattern, !name.hasSuffix("-thin") else { return false }
        return isLog
    }
}

extension Profile.Syntax {
    fileprivate var isPattern: Bool { if case .pattern = self { true } else { false } }
}
