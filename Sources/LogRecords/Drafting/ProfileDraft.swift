internal import Yams

/// A profile proposed for a log that nobody has described yet, from the log's own lines: a start to be looked at, not a
/// finding. What was guessed stands beside what it was guessed from.
public struct ProfileDraft: Sendable {
    /// The profile's YAML.
    public let text: String
    /// How many lines were looked at, and how many of them become records by it, or are headers.
    public let lineCount: Int
    public let usableCount: Int
    /// The collectors that have wrapped the lines, as `profiles` names them; the profile is for what is inside.
    public let envelopes: [String]

    /// - Parameters:
    ///   - lines: the log's first lines.
    ///   - name: what the profile shall be called.
    /// - Returns: nil if the lines have no shape in common, or no time and no directory's columns.
    /// - Throws: `ProfileProblem` if what was written is no profile after all.
    public init?(of lines: [[UInt8]], name: String) throws(ProfileProblem) {
        guard let best = Reading.best(of: lines.filter { !$0.isEmpty }) else { return nil }
        text = Self.yaml(name, best.syntax, best.roles, best.records)
        let profile = try ProfileReader.read(text)
        lineCount = best.lines.count
        usableCount = Recognizer.fit(profile, best.lines, NameTable()) ?? 0
        envelopes = best.envelopes.map(\.rawValue)
    }

    /// One way to take the lines: as they are, or as what is inside of envelopes.
    private struct Reading {
        var lines: [[UInt8]]
        var envelopes: [Envelope]
        var syntax: DraftSyntax
        var roles: DraftRoles
        var records: DraftRecords

        /// - Returns: nil if no record comes of the lines.
        init?(_ lines: [[UInt8]], in envelopes: [Envelope]) {
            // A line that is far longer than others says no more about their shape.
            let texts = lines.filter { $0.count <= 1 << 16 && !$0.contains(0) }
                .map { String(decoding: $0, as: UTF8.self) }
            guard let syntax = texts.isEmpty ? nil : DraftSyntax.of(texts) else { return nil }
            self.lines = lines
            self.envelopes = envelopes
            self.syntax = syntax
            roles = DraftRoles(syntax.fields)
            records = DraftRecords(roles, syntax)
            if records.sections.isEmpty { return nil }
        }

        /// The one that finds a place for most. A time before the text may be a collector's or the server's own: what is
        /// inside is taken if it says as much without it, and by names.
        static func best(of lines: [[UInt8]], in envelopes: [Envelope] = []) -> Reading? {
            var best = Reading(lines, in: envelopes)
            guard envelopes.count < 3 else { return best }
            for envelope in Envelope.allCases {
                let inside = Recognizer.unwrapped(lines, envelope).filter { !$0.isEmpty }
                guard !inside.isEmpty, let inner = Self.best(of: inside, in: envelopes + [envelope]) else { continue }
                let (found, before) = (inner.roles.sources.count, best?.roles.sources.count ?? 0)
                let isOutermost = best?.envelopes.count == envelopes.count
                if found > before || found == before && isOutermost && inner.syntax.isNamed { best = inner }
            }
            return best
        }
    }

    // MARK: Writing

    private static func yaml(
        _ name: String, _ syntax: DraftSyntax, _ roles: DraftRoles, _ records: DraftRecords
    ) -> String {
        var lines = [
            "# A draft, from the log's own lines. Behind each guess stand values that it was taken from: look at each.",
            "name: \(scalar(name))", "title: \(quoted("\(name), drafted"))",
        ]
        lines += syntax.keys.map { "\($0.0): \($0.1)" }
        if syntax.isNamed {
            let required = records.telling.map(scalar)
            if !required.isEmpty { lines.append("recognize: [\(required.joined(separator: ", "))]") }
        }
        for section in records.sections {
            lines.append("\(section.kind.rawValue):")
            if let condition = section.condition { lines.append("  when: \(condition)") }
            for (role, source) in section.sources {
                let doubt = source.doubt.map { " - \($0)" } ?? ""
                lines.append(pad("  \(role.label): \(source.yaml)") + "# \(source.field.examples)\(doubt)")
            }
        }
        let others = syntax.fields.filter { !roles.used.contains($0.name) && $0.name != records.operation }
        if !others.isEmpty { lines.append("# Not used:") }
        for field in others { lines.append(pad("#   \(VisibleText.of(field.name))") + field.examples) }
        lines += records.lacking.map { "# \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func pad(_ text: String) -> String {
        text + String(repeating: " ", count: max(1, 44 - text.count))
    }

    /// A text as YAML, in quotes where it must be.
    static func scalar(_ text: String) -> String {
        let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let isPlain = text.wholeMatch(of: #/[A-Za-z_@][A-Za-z0-9_.\-]*/#) != nil && text.first != "@"
        return isPlain && !words.contains(text.lowercased()) ? text : quoted(text)
    }

    /// A text in quotes.
    static func quoted(_ text: String) -> String {
        let isSimple = VisibleText.of(text) == text
        let node = Node(text, Tag(.str), isSimple ? .singleQuoted : .doubleQuoted)
        let written = (try? serialize(node: node, width: -1, allowUnicode: true)) ?? "''"
        return written.trimmingSuffix { $0.isNewline }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
