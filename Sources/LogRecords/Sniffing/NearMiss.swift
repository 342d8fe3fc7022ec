import Interning

/// Which profile comes nearest to lines that none fits, and what is wrong between them: the start for a profile of one's
/// own.
public struct NearMiss: Sendable, CustomStringConvertible {
    public let profile: String
    /// From 0 to 1.
    let degree: Double
    /// What the profile asks for and most lines do not have.
    let lacking: [String]
    /// Columns of a table that are nearly named as ones that it lacks.
    var slips: [(name: String, meant: String)] = []
    /// The line that names them, from 1.
    var header = 1
    /// The place in a line at which a pattern stops fitting, and what stands there.
    let stop: (offset: Int, text: String)?
    /// What is wrong with the times of the lines that it would read.
    var complaint: RejectReason?

    public var description: String {
        var words = "it looks most like \(profile)"
        for slip in slips {
            words += ", but column '\(slip.name)' in line \(header) is not known; did you mean '\(slip.meant)'?"
        }
        if !lacking.isEmpty { words += ", but lacks \(lacking.joined(separator: ", "))" }
        if let stop { words += ", but stops fitting at byte \(stop.offset): \(stop.text)" }
        if let complaint { words += ", but what stands there for a time is \(complaint.rawValue)" }
        if stop != nil, let options { words += "; if the format is your own, give it with \(options)" }
        return words
    }

    /// The options that take a format of the server's.
    private var options: String? {
        let known = [
            ("nginx-combined", "--nginx-log-format or --apache-log-format"), ("nginx", "--nginx-log-format"),
            ("ingress-nginx", "--nginx-log-format"), ("apache", "--apache-log-format"),
            ("varnishncsa", "--varnishncsa-format"), ("squid", "--squid-logformat"),
        ]
        return known.first { profile.hasPrefix($0.0) }?.1
    }
}

extension Profile {
    /// Where a file's first lines stop fitting it, in words: of the line that comes furthest.
    public func misfit(_ sample: RawSpan) -> (line: Int, offset: Int, reason: String)? {
        var parser = LineParser(profile: self, names: StringInterner())
        var batch = RecordBatch()
        var furthest: (line: Int, offset: Int, reason: String)?
        for (index, line) in FormatSniffer.lines(sample).prefix(50).enumerated() where !line.isEmpty {
            let bytes = line.span.bytes
            let outcome = parser.parse(bytes, id: EventID(source: 1, line: Int64(index + 1)), into: &batch)
            guard case .rejected(let reason, let offset) = outcome, offset >= furthest?.offset ?? 0 else { continue }
            if furthest == nil || offset > furthest?.offset ?? 0 {
                furthest = (index + 1, offset, parser.explanation(of: reason, bytes))
            }
        }
        return furthest
    }
}

extension ProfileLibrary {
    /// Nil if nothing comes near.
    public func resemblance(_ sample: RawSpan) -> NearMiss? {
        let all = FormatSniffer.lines(sample)
        let lines = all.filter { !$0.isEmpty }.prefix(50)
        var best: NearMiss?
        for profile in profiles {
            var found = Self.resemblance(of: Array(lines), to: profile)
            found?.header = 1 + all.prefix { $0.isEmpty }.count
            // Fewer than half in common is no likeness.
            if let found, found.degree >= 0.5, found.degree > best?.degree ?? 0 { best = found }
        }
        return best
    }

    /// The table whose header a line is but for slips of the pen.
    private static func table(_ line: [UInt8], _ profile: Profile) -> NearMiss? {
        // One word alone may be anything; a line of several is no header of one column.
        guard case .delimited(_, _, nil) = profile.syntax,
            profile.required.count > 1 || !line.contains(UInt8(ascii: " "))
        else { return nil }
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        _ = parser.parse(line.span.bytes, id: EventID(source: 1, line: 1), into: &batch)
        let slips = parser.slips
        return slips.isEmpty
            ? nil : NearMiss(profile: profile.name, degree: 1, lacking: [], slips: slips, stop: nil)
    }

    /// Whether a text begins, or goes on, with an object of JSON: no format of values apart from one another takes its members.
    private static func holdsObject(_ text: ArraySlice<UInt8>) -> Bool {
        guard let brace = text.firstIndex(of: UInt8(ascii: "{")) else { return false }
        let inside = text[(brace + 1)...].drop { $0 == 0x20 }
        return inside.first == UInt8(ascii: "\"")
    }

    private static func resemblance(of lines: [[UInt8]], to profile: Profile) -> NearMiss? {
        guard !lines.isEmpty else { return nil }
        if let table = table(lines[0], profile) { return table }
        if case .varnishlog = profile.syntax { return nil }
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        let groups = profile.required.isEmpty ? profile.fields.indices.map { [$0] } : profile.required
        var having = [Int](repeating: 0, count: groups.count)
        var stop: (offset: Int, text: String)?
        var complaint: RejectReason?
        var total = 0.0
        for (number, line) in lines.enumerated() {
            let outcome = parser.parse(line.span.bytes, id: EventID(source: 1, line: Int64(number + 1)), into: &batch)
            switch outcome {
            case .rejected(.patternMismatch, let offset):
                // The first blank or two fit any text.
                guard case .pattern = profile.syntax, offset >= 24, !holdsObject(line[..<offset]) else { continue }
                total += Double(offset) / Double(line.count) * 0.9
                stop = stop ?? (offset, String(decoding: line[offset...].prefix(24), as: UTF8.self))
            case .rejected(.malformedJSON, _), .rejected(.columnCount, _), .rejected(.openQuote, _),
                .rejected(.noColumns, _):
                continue
            default:
                if !profile.syntax.isJSON, holdsObject(line[...]) { continue }
                if case .rejected(let reason, _) = outcome, [.badTime, .sinceStart].contains(reason) {
                    complaint = reason
                }
                let found = groups.indices.filter { index in groups[index].contains { parser.hasField($0) } }
                for index in found { having[index] += 1 }
                total += Double(found.count) / Double(groups.count)
            }
        }
        let lacking = groups.indices.filter { having[$0] * 2 < lines.count && stop == nil }
            .map { index in groups[index].map { profile.fieldName($0) }.joined(separator: " or ") }
        return NearMiss(
            profile: profile.name, degree: total / Double(lines.count), lacking: lacking, stop: stop,
            complaint: complaint)
    }
}

extension Profile.Syntax {
    fileprivate var isJSON: Bool { if case .json = self { true } else { false } }
}
