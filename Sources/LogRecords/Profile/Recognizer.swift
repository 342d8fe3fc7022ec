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
        let lines = Self.lines(sample)
        guard var profile = recognize(lines.filter { !$0.isEmpty }) ?? recognizeWrapped(lines, depth: 0) else {
            return nil
        }
        profile.sessions = library.sessions
        return profile
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
        trials += 1
        if trials > Self.mostTrials { (names, last, trials) = (NameTable(), nil, 0) }
        for group in library.ranked {
            if let again = fitsAgain(lines, among: group) { return again }
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

    /// The profile of the file before, if it reads every line of this one too, and none that would come before it can read
    /// the first line: such a one cannot read every line.
    private func fitsAgain(_ lines: [[UInt8]], among group: [Int]) -> Profile? {
        guard let index = last?.index, let rank = group.firstIndex(of: index) else { return nil }
        let first = [lines[0]]
        for rival in group[..<rank]
        where library.scouts[rival].mayFit(first, slices) && Self.fit(library.profiles[rival], first, names) != nil {
            return nil
        }
        last?.parser.beginSource()
        guard last?.parser.fit(lines) == lines.count else { return nil }
        return library.profiles[index]
    }

    /// How many of the lines the profile can use, if at least half.
    static func fit(_ profile: Profile, _ lines: [[UInt8]], _ names: NameTable) -> Int? {
        var parser = LineParser(profile: profile, names: names)
        return parser.fit(lines)
    }

    static func lines(_ sample: RawSpan) -> [[UInt8]] {
        sample.withUnsafeBytes { bytes in
            var parts = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            if parts.count > 1 { parts.removeLast() }
            return parts.prefix(200).map { part in
                var line = Array(part)
                if line.last == 0x0d { line.removeLast() }
                return line
            }
        }
    }
}

extension LineParser {
    /// How many of a source's first lines it can use, if at least half.
    fileprivate mutating func fit(_ lines: [[UInt8]]) -> Int? {
        var batch = RecordBatch()
        var usable = 0
        var headers = 0
        for (number, line) in lines.enumerated() {
            let outcome = parse(line.span.bytes, id: EventID(source: 1, line: Int64(number + 1)), into: &batch)
            switch outcome {
            case .accepted where hasRequiredFields: usable += 1
            case .ignored where hasRequiredFields: usable += 1
            // A header or a directive is not against a profile whose columns are there, but alone it is not for it.
            case .ignored where hasRequiredColumns: headers += 1
            default: break
            }
        }
        forgetNames()
        let fit = usable + headers
        return fit * 2 >= lines.count && (usable > 0 || fit == lines.count) ? fit : nil
    }
}
