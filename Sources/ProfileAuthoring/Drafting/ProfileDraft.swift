import Interning
public import LogRecords
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
    ///   - timeFormat: how time stamps are written, in strptime's words; nil: in a usual notation, or one that is guessed.
    /// - Returns: nil if the lines have no shape in common, or no time and no directory's columns.
    /// - Throws: `ProfileProblem` if what was written is no profile after all.
    public init?(of lines: [[UInt8]], name: String, timeFormat: String? = nil) throws(ProfileProblem) {
        let given = timeFormat.flatMap(TimeFormat.init)
        if given == nil, let timeFormat {
            throw ProfileProblem(
                "'\(timeFormat)' is no date with its time in strptime's words, as %d.%m.%Y %H:%M:%S.%f")
        }
        guard let best = Reading.best(of: lines.filter { !$0.isEmpty }, given) else { return nil }
        text = Self.yaml(name, best)
        let profile = try ProfileReader.read(text)
        lineCount = best.lines.count
        usableCount = FormatSniffer.fit(profile, best.lines, StringInterner()) ?? 0
        envelopes = best.envelopes.map(\.rawValue)
    }

    /// One way to take the lines: as they are, or as what is inside of envelopes.
    private struct Reading {
        var lines: [[UInt8]]
        var envelopes: [Envelope]
        var syntax: DraftSyntax
        var roles: DraftRoles
        var records: DraftRecords
        var timeFormat: TimeFormat?

        /// Stamps that logs are seen to have beside the usual ones. Of those that fit all values the first is taken.
        private static let timeFormats = [
            "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S,%f", "%d-%m-%Y %H:%M:%S",
            "%d-%m-%Y %H:%M:%S.%f",
            "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%f",
            "%m/%d/%Y %I:%M:%S %p", "%a %b %d %H:%M:%S %Y", "%b %d %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%Y%m%d %H%M%S",
            "%Y%m%dT%H%M%S%z", "%Y%m%d%H%M%S",
        ].compactMap(TimeFormat.init)

        /// - Parameter given: how the log's time stamps are written; nil: in a usual notation, or one of those above.
        /// - Returns: nil if no record comes of the lines.
        init?(_ lines: [[UInt8]], in envelopes: [Envelope], _ given: TimeFormat?) {
            // A line that is far longer than others says no more about their shape.
            let texts = lines.filter { $0.count <= 1 << 16 && !$0.contains(0) }
                .map { String(decoding: $0, as: UTF8.self) }
            var best: Reading?
            for syntax in texts.isEmpty ? [] : DraftSyntax.all(texts) {
                let usual = Reading(lines, envelopes, syntax, given)
                let reading =
                    usual
                    ?? (given == nil
                        ? Self.timeFormats.lazy.compactMap { Reading(lines, envelopes, syntax, $0) }.first : nil)
                guard let reading, reading.roles.sources.count > best?.roles.sources.count ?? 0 else { continue }
                best = reading
            }
            guard let best else { return nil }
            self = best
        }

        private init?(_ lines: [[UInt8]], _ envelopes: [Envelope], _ syntax: DraftSyntax, _ format: TimeFormat?) {
            self.lines = lines
            self.envelopes = envelopes
            self.syntax = syntax.timed(format)
            timeFormat = format
            roles = DraftRoles(self.syntax.fields)
            records = DraftRecords(roles, self.syntax)
            if records.sections.isEmpty { return nil }
        }

        /// The one that finds a place for most. A time before the text may be a collector's or the server's own: what is
        /// inside is taken if it says as much without it, and by names.
        static func best(of lines: [[UInt8]], _ given: TimeFormat?, in envelopes: [Envelope] = []) -> Reading? {
            var best = Reading(lines, in: envelopes, given)
            guard envelopes.count < 3 else { return best }
            for envelope in Envelope.allCases {
                let inside = FormatSniffer.unwrapped(lines, envelope).filter { !$0.isEmpty }
                guard !inside.isEmpty, let inner = Self.best(of: inside, given, in: envelopes + [envelope]) else {
                    continue
                }
                let (found, before) = (inner.roles.sources.count, best?.roles.sources.count ?? 0)
                let isOutermost = best?.envelopes.count == envelopes.count
                if found > before || found == before && isOutermost && inner.syntax.isNamed { best = inner }
            }
            return best
        }
    }

    // MARK: Writing

    private static func yaml(_ name: String, _ reading: Reading) -> String {
        let (syntax, roles, records) = (reading.syntax, reading.roles, reading.records)
        var lines = [
            "# A draft, from the log's own lines. Behind each guess stand values that it was taken from: look at each.",
            "name: \(scalar(name))", "title: \(quoted("\(name), drafted"))",
        ]
        lines += syntax.keys.map { "\($0.0): \($0.1)" }
        if syntax.isNamed {
            let required = records.telling.map(scalar)
            if !required.isEmpty { lines.append("recognize: [\(required.joined(separator: ", "))]") }
        }
        if let format = reading.timeFormat {
            let isOfDays = format.text.hasPrefix("%d/%m") || format.text.hasPrefix("%m/%d")
            let doubt = isOfDays ? "# is the day first, or the month?" : ""
            lines.append(line("time_format: \(quoted(format.text))", note: doubt))
        }
        if !roles.ownVerdicts.isEmpty {
            let words = roles.ownVerdicts.map { "\(scalar($0)): unknown" }.joined(separator: ", ")
            lines.append(
                pad("cache_status: {\(words)}")
                    + "# of each: hit, stale, miss, revalidated, collapsed, shared, bypass or unknown")
        }
        for section in records.sections {
            lines.append("\(section.kind.rawValue):")
            if let condition = section.condition { lines.append("  when: \(condition)") }
            for (role, source) in section.sources {
                let doubts = [source.doubt, role == .time ? timeDoubt(source.field, section.kind) : nil].compactMap(
                    \.self)
                let doubt = doubts.isEmpty ? "" : " - \(doubts.joined(separator: " "))"
                lines.append(pad("  \(role.label): \(source.yaml)") + "# \(source.field.examples)\(doubt)")
            }
        }
        lines += proposedFill(records, roles)
        let others = syntax.fields.filter { !roles.used.contains($0.name) && $0.name != records.operation }
        if !others.isEmpty { lines.append("# Not used:") }
        for field in others { lines.append(pad("#   \(VisibleText.of(field.name))") + field.examples) }
        lines += records.lacking.map { "# \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What stamps leave open: whose zone, and which end of an answer.
    private static func timeDoubt(_ field: DraftField, _ kind: Profile.RecordKind) -> String? {
        let end = kind == .delivery ? "the answer's end? else 'marks: start'" : nil
        let zone = field.hasNoZone ? "UTC? else 'zone: Europe/Berlin' above" : nil
        return [end, zone].compactMap(\.self).joined(separator: "; ").nonempty
    }

    /// A section for the lines that may say what a cache stored, to be taken if they do: as it stands, such a line counts as a fill
    /// only where no log tells fills, and makes less certain.
    private static func proposedFill(_ records: DraftRecords, _ roles: DraftRoles) -> [String] {
        guard let delivery = records.sections.first(where: { $0.kind == .delivery }),
            !records.sections.contains(where: { $0.kind == .fill })
        else { return [] }
        let sources = delivery.sources.filter { DraftRecords.fillRoles.contains($0.0) }
        guard sources.contains(where: { $0.0 == .key || $0.0 == .frame }) else { return [] }
        var lines: [String] = []
        if let cache = roles.sources[.cache]?.field {
            let words = Set(cache.present).filter { CacheStatus(logged: $0) == .miss }.sorted()
            guard !words.isEmpty else { return [] }
            lines.append(
                "# Where no log tells fills, a MISS stands for one. If this cache stores what it fetches, each time, say so:"
            )
            lines.append("# fill:")
            lines.append("#   when: {\(scalar(cache.name)): [\(words.map(quoted).joined(separator: ", "))]}")
        } else {
            lines.append(
                "# Is it an origin's log, and those who ask are caches? Then it tells fills, and no deliveries:")
            lines.append("# fills: sent")
            lines.append("# fill:")
        }
        return lines + sources.map { "#   \($0.0.label): \($0.1.yaml)" }
    }

    /// The text with a note behind it, if there is one.
    private static func line(_ text: String, note: String) -> String { note.isEmpty ? text : pad(text) + note }

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
    /// Itself, or nil if nothing is in it.
    fileprivate var nonempty: String? { isEmpty ? nil : self }

    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
