import LogBytes
public import LogRecords

/// Tries the profiles on a file: which one recognises it, and what its first lines become.
public struct ProfileTrial {
    /// Lines of text for a person.
    public private(set) var report: [String] = []
    public private(set) var isRecognized = false

    /// - Throws: `LogBytesError` if the file cannot be opened.
    public init(of path: String, library: ProfileLibrary, lines wanted: Int) throws {
        let file = try LogFile(path: path)
        var text: [String] = []
        var isRecognized = false
        let outcome = file.forEachMember { member in
            let title = "\(member.name ?? path) (\(member.packing))"
            guard let profile = member.profile(by: FormatSniffer(library)) else {
                text.append("\(title): no profile fits its first lines" + Self.complaint(&member, library))
                return
            }
            isRecognized = true
            text.append("\(title): \(profile.label) - \(profile.title)")
            for field in profile.mapping { text.append("  \(field.kind.rawValue).\(field.field) <- \(field.source)") }
            let names = StringInterner()
            var parser = LineParser(profile: profile, names: names)
            member.forEachRecord { bytes, line in
                var batch = RecordBatch()
                let outcome = parser.parse(bytes, id: EventID(source: 1, line: Int64(line.number)), into: &batch)
                parser.settle(&batch)
                text.append("line \(line.number): " + bytes.withUnsafeBytes { VisibleText.of($0.prefix(200)) })
                if case .rejected(let reason, let offset) = outcome {
                    text.append("  = rejected at byte \(offset): \(parser.explanation(of: reason, bytes))")
                }
                let raw = parser.fields(of: bytes).map { "\($0.name)=\(VisibleText.of(String($0.text.prefix(80))))" }
                if !raw.isEmpty { text.append("  < " + raw.joined(separator: "  ")) }
                text.append(contentsOf: Self.describe(outcome, batch, names).map { "  = \($0)" })
                guard line.number < UInt64(wanted) else { return .stop }
                return parser.rest.map { .rest(from: $0) } ?? .next
            }
            var batch = RecordBatch()
            for line in parser.finish(source: 1, into: &batch) { text.append("line \(line): a record without its end") }
            parser.settle(&batch)
            text.append(contentsOf: Self.describe(.accepted, batch, names).map { "  = \($0)" })
            text.append(contentsOf: parser.columnNotes.map { "note: \($0)" })
            text.append(contentsOf: Self.unfilled(profile, text).map { "note: \($0)" })
        }
        for member in outcome.members { if let damage = member.damage { text.append("\(damage)") } }
        report = text
        self.isRecognized = isRecognized
    }

    /// The parts of a field that the profile takes and that no delivery shown has: the pattern hardly fits.
    private static func unfilled(_ profile: Profile, _ report: [String]) -> [String] {
        let shown = report.filter { $0.hasPrefix("  = delivery ") }
        guard !shown.isEmpty else { return [] }
        let named: Set = [
            "node", "requester", "camera", "key", "frame", "owner", "frame_camera", "client", "network", "kind",
        ]
        return profile.mapping.filter { field in
            field.kind == .delivery && named.contains(field.field) && field.source.hasPrefix("part of ")
                && !shown.contains { $0.contains(" \(field.field)=") }
        }.map { field in
            "no line shown has a \(field.field), which is \(field.source): a pattern has to fit that field from its first "
                + "character to its last, and '{_}' passes over text"
        }
    }

    /// Where the lines stop fitting what was given for them, else what they look like.
    private static func complaint(_ member: inout LogMember, _ library: ProfileLibrary) -> String {
        let stops = member.peek { sample in
            library.given.compactMap { given in
                given.profiles.compactMap { $0.misfit(sample) }.max { $0.offset < $1.offset }.map {
                    "; \(given.origin) stops fitting at byte \($0.offset) of line \($0.line): \($0.reason)"
                }
            }
        }
        if !stops.isEmpty { return stops.joined() }
        return member.peek { library.resemblance($0) }.map { "; \($0)" } ?? ""
    }

    /// What a delivery measures, as far as its line does: the moments between which the response lay, how long it
    /// took, its bytes, round trip.
    private static func measures(_ delivery: Delivery) -> String {
        var text = ""
        if delivery.time.earliest < delivery.time.stamp || delivery.time.begunBy < delivery.time.latest {
            text += " earliest=\(delivery.time.earliest.rfc3339) latest=\(delivery.time.latest.rfc3339)"
        }
        let length = delivery.time.latest - delivery.time.begunBy
        if length > 0, !delivery.flags.contains(.startUnknown) { text += " duration_ms=\(length / 1000)" }
        if delivery.bytes >= 0 { text += " bytes=\(delivery.bytes)" }
        if delivery.rttMilliseconds >= 0 { text += " rtt_ms=\(delivery.rttMilliseconds)" }
        if delivery.flags.contains(.aborted) { text += " aborted" }
        if delivery.content == .none { text += " (no frame)" }
        return text
    }

    private static func describe(_ outcome: LineOutcome, _ batch: RecordBatch, _ names: StringInterner) -> [String] {
        switch outcome {
        case .ignored: return ["ignored"]
        case .rejected: return []
        case .accepted: break
        }
        func list(_ kind: String, _ time: Int64?, _ fields: [(String, SymbolID)]) -> String {
            ([kind] + [time.map { "time=\($0.rfc3339)" }].compactMap { $0 }
                + fields.filter { $0.1.isPresent }.map { "\($0.0)=\(names.text($0.1))" }).joined(separator: " ")
        }
        return batch.deliveries.map {
            list(
                "delivery", $0.time.stamp,
                [
                    ("node", $0.node), ("requester", $0.requester), ("camera", $0.camera), ("key", $0.key),
                    ("frame", $0.frame),
                    ("owner", $0.owner), ("frame_camera", $0.frameCamera), ("cache", $0.cacheWord),
                    ("client", $0.client),
                    ("network", $0.network), ("kind", $0.kind),
                ]) + " status=\($0.status) cache_status=\($0.cacheStatus)" + Self.measures($0)
        }
            + batch.fills.map {
                list(
                    "fill (\($0.kind))", $0.time.stamp,
                    [
                        ("node", $0.node), ("key", $0.key), ("frame", $0.frame), ("camera", $0.camera),
                        ("owner", $0.owner),
                        ("requester", $0.requester), ("version", $0.version),
                    ])
            } + batch.purges.map { list("purge", $0.time.stamp, [("node", $0.node), ("key", $0.key)]) }
            + batch.rollouts.map {
                list("rollout", $0.time.stamp, [("node", $0.node), ("name", $0.name), ("note", $0.note)])
            }
            + batch.accounts.map { list("account", nil, [("account", $0.account)]) }
            + batch.cameras.map {
                list("camera", nil, [("camera", $0.camera), ("owner", $0.owner), ("model", $0.model)])
            }
            + batch.grants.map {
                list("grant", nil, [("owner", $0.owner), ("camera", $0.camera), ("grantee", $0.grantee)])
            }
    }
}
