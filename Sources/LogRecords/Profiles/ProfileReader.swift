internal import Yams

/// Reads a profile from YAML. The form, with every key:
///
/// ```yaml
/// name: nginx-json                   # what reports call it
/// title: nginx access log in JSON    # for people
/// syntax: json                       # json, logfmt, pattern, csv, tsv, delimited, w3c or varnishlog
/// pattern: '{time} {account} …'      # for pattern: see LineTemplate; of a list the first that fits
/// columns: [a, b]                    # for csv, tsv and delimited; without it the first line names them; '...' for more
/// delimiter: ';'                     # for delimited
/// escapes: none                      # for pattern: none if a backslash escapes nothing in this log, json if as in JSON
/// blanks: single                     # for pattern, if a blank is one blank of the line, not several
/// recognize: [account, [uri, path]]  # fields that a line must have; of a list in the list one is enough
/// derive:                            # values taken out of fields, by name: see DerivationReader
///   account: {field: uri, query: acct}
/// carry: {by: session, fields: [a]}  # a line without them takes them over from an earlier one of the same session
/// cut_at: {uri: 254}                 # fields that this server cuts to so many bytes: one as long is not known
/// zone: Europe/Berlin                # of stamps without an offset from UTC (else UTC)
/// year: 2019                         # of the first stamp, where stamps have none
/// time_format: '%d.%m.%Y %H:%M:%S'   # of stamps in no usual notation, in strptime's words; %f is a fraction
/// inherits: nginx-json               # all that this profile does not say is as that one says
/// used: on-request                   # only if it is asked for by name: other logs' lines could fit it
/// clock: relay                       # whose clock it is, if a line names no node
/// absent: ['-', '']                  # values that mean "nothing here"
/// cache_status: {fresh: hit}         # words for hit, stale, miss, revalidated, collapsed, shared, bypass beyond the known ones
/// headers: replaceable               # the frame on a line may come from a header that outlived its body
/// validators: client                 # this cache revalidates with the client's If-None-Match
/// fills: sent                        # its fills say what an origin sent, not what a cache stored
/// parts: unmarked                    # lines of subrequests look as answers' own do: what comes again at once may be of one answer
/// ranges: passed-on                  # a range that it does not have goes to the origin, and the answer is not stored
/// ignore:                            # lines that are no records; each entry a list of conditions
///   - {account: absent}
/// delivery:                          # also fill, revalidation, purge, rollout, account, camera, grant
///   when: {status: ['200', '206']}   # conditions: a value, a list of values, present, absent, {not: [values]}
///   marks: start                     # the time stamp marks the start of the response (else its end)
///   time: ts
///   duration: {field: rt, unit: s}   # unit: s, ms, us, ns or zap; {sum: [wait, transfer], unit: ms} adds
///   bytes: {field: size, dash: 0}    # what '-' stands for, where it is a number
///   aborted: {field: end, yes: ['?D*']}  # values that mean yes: '?' is any character, '*' at the end any more
///   tier: {field: is_edge, yes: ['0']}   # another cache was answered, no client: a MISS is a fill, else the line tells nothing
///   interim: {field: step, yes: [start]} # a later line tells of the answer: this one is no record
///   camera: {field: uri, extract: '/v1/cameras/{value}/{_}'}
///   node: {value: edge-1}            # the same on every line
///   owner: [owner, owner_account]    # the first that has a value
///   extra: {firmware: fw, site: pop} # of a delivery: what else its conditions may be told by
/// ```
struct ProfileReader {
    /// The source fields met so far; a field's number is its place.
    var fields: [String] = []
    var derivations: [Derivation] = []

    /// - Parameter base: the text of the profile of that name, for one that inherits.
    /// - Throws: `ProfileProblem` with the line of the text that is wrong.
    static func read(_ text: String, base: (String) -> String? = { _ in nil }) throws(ProfileProblem) -> Profile {
        var reader = ProfileReader()
        return try reader.profile(try ProfileInheritance.mapping(text, base: base), text)
    }

    private static let ownKeys = [
        "name", "title", "syntax", "pattern", "columns", "delimiter", "escapes", "blanks", "recognize", "clock",
        "absent",
        "cache_status", "headers", "validators", "fills", "ignore", "inherits", "derive", "carry", "zone", "year",
        "used", "cut_at", "time_format", "parts", "ranges",
    ]

    private mutating func profile(_ mapping: Node.Mapping, _ text: String) throws(ProfileProblem) -> Profile {
        try check(mapping, allowed: Self.ownKeys + Profile.RecordKind.allCases.map(\.rawValue))
        guard let name = mapping["name"]?.string, !name.isEmpty else { throw ProfileProblem("has no name", line: 1) }
        let syntax = try syntax(mapping)
        // What stands on a line is known beforehand, so that a slip of the pen can be found here.
        var known: (key: String, names: [String])?
        if case .pattern(let patterns) = syntax { known = ("pattern", patterns.names) }
        if case .delimited(_, _, let columns?) = syntax { known = ("columns", columns) }
        fields = known?.names ?? []
        if let derive = mapping["derive"] { try readDerivedFields(derive) }
        var required: [[Int]] = []
        for node in mapping["recognize"]?.sequence ?? [] { required.append(numbers(try strings(node))) }
        var maps: [RecordMap] = []
        for kind in Profile.RecordKind.allCases {
            if let node = mapping[kind.rawValue] { maps.append(try recordMap(kind, node)) }
        }
        guard !maps.isEmpty else {
            throw ProfileProblem("says of no line what it is: give it a delivery, fill, … section", line: 1)
        }
        var ignored: [[Condition]] = []
        for node in mapping["ignore"]?.sequence ?? [] { ignored.append(try conditions(node)) }
        let carry = try mapping["carry"].map { node throws(ProfileProblem) in try readCarry(node) }
        let derived = Set(
            derivations.map { fields[$0.output] } + [carry?.added.map { fields[$0.output] }].compactMap(\.self))
        if let known, let stranger = fields.first(where: { !known.names.contains($0) && !derived.contains($0) }) {
            throw ProfileProblem("field '\(stranger)' is not in the \(known.key)", line: mapping[known.key]?.mark?.line)
        }
        let states = stateColumns(maps, syntax)
        var flags: Delivery.Flags = []
        switch try word("headers", of: ["replaceable", "mergeable"], mapping) {
        case "replaceable": flags.insert(.replaceableHeaders)
        case "mergeable": flags.insert(.mergeableHeaders)
        default: break
        }
        if try word("validators", of: ["client"], mapping) == "client" { flags.insert(.forwardsValidator) }
        var cuts: [(field: Int, at: Int)] = []
        for (field, length) in mapping["cut_at"]?.mapping ?? [:] {
            guard let most = length.int, most > 0 else {
                throw ProfileProblem(
                    "cut_at is {field: number of bytes}, not '\(length.string ?? "")'", line: length.mark?.line)
            }
            cuts.append((numbers([field.string ?? ""])[0], most))
        }
        let absent = try (mapping["absent"].map { node throws(ProfileProblem) in try strings(node) } ?? ["", "-"])
            .map { Array($0.utf8) }
        var profile = Profile(
            name: name, title: mapping["title"]?.string ?? name, text: text, syntax: syntax, fields: fields,
            required: required, clock: mapping["clock"]?.string ?? "",
            absentValues: absent, longestAbsentValue: absent.reduce(0) { max($0, $1.count) },
            cacheWords: try cacheWords(mapping), deliveryFlags: flags,
            isOriginLog: try word("fills", of: ["stored", "sent"], mapping) == "sent", ignored: ignored, maps: maps)
        profile.isOnRequest = try word("used", of: ["on-request", "always"], mapping) == "on-request"
        profile.mayHoldParts = try word("parts", of: ["unmarked", "marked"], mapping) == "unmarked"
        profile.passesRanges = try word("ranges", of: ["passed-on", "fetched-whole"], mapping) == "passed-on"
        (profile.cuts, profile.stateColumns) = (cuts, states)
        (profile.derivations, profile.carry, profile.notation) = (derivations, carry, try notation(mapping))
        profile.prepare()
        return profile
    }

    /// The columns that a table of grants or cameras may have besides those that the profile names.
    private mutating func stateColumns(_ maps: [RecordMap], _ syntax: Profile.Syntax) -> [StateColumn] {
        guard maps.contains(where: { $0.kind == .grant || $0.kind == .camera }) else { return [] }
        var known = StateColumn.names
        switch syntax {
        case .json, .logfmt:
            if maps.contains(where: { $0.kind == .grant }) { known.append((.ended, StateColumn.endTimes)) }
        case .delimited(_, _, nil): break
        // Its fields are those that the profile says.
        default: known = known.map { kind, names in (kind, names.filter(fields.contains)) }
        }
        // What a record is made of is no state of it.
        let taken = Set(maps.flatMap { map in Role.allCases.flatMap { map[$0]?.fields ?? [] } })
        return known.flatMap { kind, names in numbers(names).map { StateColumn(field: $0, kind: kind) } }
            .filter { !taken.contains($0.field) }
    }

    private func notation(_ mapping: Node.Mapping) throws(ProfileProblem) -> TimeNotation? {
        guard ["zone", "year", "time_format"].contains(where: { mapping[$0] != nil }) else { return nil }
        let zone = mapping["zone"]?.string.flatMap(TimeNotation.zone)
        if zone == nil, let node = mapping["zone"] {
            throw ProfileProblem(
                "zone '\(node.string ?? "")' is not one of the time zone database, as Europe/Berlin",
                line: node.mark?.line)
        }
        let year = mapping["year"]?.string.flatMap(Int.init)
        if year == nil, let node = mapping["year"] {
            throw ProfileProblem("year '\(node.string ?? "")' is not a number", line: node.mark?.line)
        }
        let format = mapping["time_format"]?.string.flatMap(TimeFormat.init)
        if format == nil, let node = mapping["time_format"] {
            throw ProfileProblem(
                "time_format '\(node.string ?? "")' is no date with its time in strptime's words, as %d.%m.%Y %H:%M:%S.%f",
                line: node.mark?.line)
        }
        return TimeNotation(zone: zone, year: year, format: format)
    }

    private func syntax(_ mapping: Node.Mapping) throws(ProfileProblem) -> Profile.Syntax {
        let columns = try mapping["columns"].map { node throws(ProfileProblem) in try strings(node) }
        switch mapping["syntax"]?.string {
        case "json": return .json
        case "logfmt": return .logfmt
        case "w3c": return .w3c
        case "varnishlog": return .varnishlog
        case "csv": return .delimited(separator: UInt8(ascii: ","), isQuoted: true, columns: columns)
        case "tsv": return .delimited(separator: 0x09, isQuoted: false, columns: columns)
        case "delimited":
            guard let delimiter = mapping["delimiter"]?.string?.utf8.first else {
                throw ProfileProblem("syntax delimited needs a delimiter", line: mapping["syntax"]?.mark?.line)
            }
            return .delimited(separator: delimiter, isQuoted: true, columns: columns)
        case "pattern":
            guard let node = mapping["pattern"] else {
                throw ProfileProblem("syntax pattern needs a pattern", line: mapping["syntax"]?.mark?.line)
            }
            let escapes = try word("escapes", of: ["none", "backslash", "json"], mapping)
            let hasSingleBlanks = try word("blanks", of: ["single", "several"], mapping) == "single"
            var patterns = LinePatterns(escape: escapes == "none" ? .none : escapes == "json" ? .json : .backslash)
            for text in node.sequence.map(Array.init) ?? [node] {
                patterns.add(
                    try template(
                        text.string ?? "", honoursEscapes: escapes != "none", hasSingleBlanks: hasSingleBlanks,
                        line: text.mark?.line))
            }
            return .pattern(patterns)
        case let other:
            throw ProfileProblem(
                "syntax '\(other ?? "")' is not one of json, logfmt, pattern, csv, tsv, delimited, w3c, varnishlog",
                line: mapping["syntax"]?.mark?.line ?? 1)
        }
    }

    private func template(
        _ text: String, honoursEscapes: Bool = true, hasSingleBlanks: Bool = false, line: Int?
    ) throws(ProfileProblem) -> LineTemplate {
        do {
            return try LineTemplate(text, honoursEscapes: honoursEscapes, hasSingleBlanks: hasSingleBlanks)
        } catch {
            throw ProfileProblem(error.message, line: line)
        }
    }

    private func cacheWords(_ mapping: Node.Mapping) throws(ProfileProblem) -> [String: CacheStatus] {
        var words: [String: CacheStatus] = [:]
        for (word, status) in mapping["cache_status"]?.mapping ?? [:] {
            guard let meaning = CacheStatus.allCases.first(where: { "\($0)" == status.string }) else {
                let known = CacheStatus.allCases.map { "\($0)" }.joined(separator: ", ")
                throw ProfileProblem("'\(status.string ?? "")' is not one of \(known)", line: status.mark?.line)
            }
            words[(word.string ?? "").uppercased()] = meaning
        }
        return words
    }

    private mutating func recordMap(_ kind: Profile.RecordKind, _ node: Node) throws(ProfileProblem) -> RecordMap {
        guard let mapping = node.mapping else {
            throw ProfileProblem("'\(kind.rawValue)' is not a mapping of fields", line: node.mark?.line)
        }
        let own = ["when", "marks"] + (kind == .delivery ? ["extra"] : [])
        try check(mapping, allowed: own + Role.allCases.map(\.label))
        var map = RecordMap(kind: kind)
        let marks = try word("marks", of: ["start", "end", "instant"], mapping)
        (map.marksStart, map.marksInstant) = (marks == "start", marks == "instant")
        if let when = mapping["when"] { map.conditions = try conditions(when) }
        for (key, value) in mapping {
            guard let role = Role(label: key.string ?? "") else { continue }
            map[role] = try fieldSource(value)
            guard role.isQuestion == (map[role]?.yes != nil) else {
                throw ProfileProblem(
                    role.isQuestion
                        ? "'\(role.label)' is a question: {field: \(role.label), yes: [values that mean yes]}"
                        : "'\(role.label)' is no question and takes no 'yes'", line: key.mark?.line)
            }
            if [.tier, .interim, .transaction, .steps].contains(role), kind != .delivery {
                throw ProfileProblem("only a delivery has '\(role.label)'", line: key.mark?.line)
            }
        }
        if let extra = mapping["extra"] { map.extras = try extras(extra) }
        return map
    }

    /// What conditions are told by already.
    private static let taken = [
        "client", "network", "model", "node", "cache", "rollout_at_fill", "rollout_at_delivery", "kind", "key", "hour",
        "rtt_ms", "loss_pct",
    ]

    private mutating func extras(_ node: Node) throws(ProfileProblem) -> [(name: String, source: FieldSource)] {
        guard let mapping = node.mapping, mapping.count <= ExtraFields.most else {
            throw ProfileProblem(
                "extra is a mapping of names to fields, \(ExtraFields.most) at most", line: node.mark?.line)
        }
        var extras: [(name: String, source: FieldSource)] = []
        for (key, value) in mapping {
            let name = key.string ?? ""
            guard name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, !Self.taken.contains(name) else {
                throw ProfileProblem(
                    "an extra field's name is lower case, digits and '_', and none of \(Self.taken.joined(separator: ", "))",
                    line: key.mark?.line)
            }
            extras.append((name, try fieldSource(value)))
        }
        return extras.sorted { $0.name < $1.name }
    }

    private mutating func fieldSource(_ node: Node) throws(ProfileProblem) -> FieldSource {
        var source = FieldSource()
        guard let mapping = node.mapping else {
            source.fields = try outputs(node)
            return source
        }
        try check(mapping, allowed: Self.sourceKeys)
        if Self.derives(mapping) {
            source.fields = [try derive(mapping, node)]
        } else if let sum = mapping["sum"] {
            source.fields = try outputs(sum)
            source.isSum = true
        } else {
            if let field = mapping["field"] { source.fields = try outputs(field) }
            source.constant = mapping["value"]?.string
            if let extract = mapping["extract"] { source.template = try valueTemplate(extract) }
        }
        if let unit = mapping["unit"]?.string {
            guard let known = LoggedDuration.Unit(rawValue: unit) else {
                throw ProfileProblem("unit '\(unit)' is not one of s, ms, us, ns, zap", line: node.mark?.line)
            }
            source.unit = known
        }
        if let yes = mapping["yes"] { source.yes = Answers(try strings(yes)) }
        if let dash = mapping["dash"] {
            guard let number = dash.string.flatMap(Int64.init) else {
                throw ProfileProblem("dash '\(dash.string ?? "")' is not a whole number", line: dash.mark?.line)
            }
            source.dash = number
        }
        guard !source.fields.isEmpty || source.constant != nil else {
            throw ProfileProblem("needs a field or a value", line: node.mark?.line)
        }
        return source
    }

    /// A template with the one value that it takes out.
    func valueTemplate(_ node: Node) throws(ProfileProblem) -> LineTemplate {
        let template = try template(node.string ?? "", line: node.mark?.line)
        guard template.names == ["value"] else {
            throw ProfileProblem("extract needs exactly one {value}: \(node.string ?? "")", line: node.mark?.line)
        }
        return template
    }

    private mutating func conditions(_ node: Node) throws(ProfileProblem) -> [Condition] {
        guard let mapping = node.mapping else {
            throw ProfileProblem("a condition is {field: value}", line: node.mark?.line)
        }
        var conditions: [Condition] = []
        for (field, test) in mapping {
            let number = numbers([field.string ?? ""])[0]
            if let unwanted = test.mapping?["not"] {
                conditions.append(
                    Condition(field: number, test: .isNoneOf(try strings(unwanted).map { Array($0.utf8) })))
            } else if test.string == "present" {
                conditions.append(Condition(field: number, test: .present))
            } else if test.string == "absent" {
                conditions.append(Condition(field: number, test: .absent))
            } else {
                conditions.append(Condition(field: number, test: .isOneOf(try strings(test).map { Array($0.utf8) })))
            }
        }
        return conditions
    }

    mutating func numbers(_ names: [String]) -> [Int] {
        names.map { name in
            if let known = fields.firstIndex(of: name) { return known }
            fields.append(name)
            return fields.count - 1
        }
    }

    /// The value of a key that takes one of a few words; nil if it is not there.
    func word(
        _ key: String, of known: [String], _ mapping: Node.Mapping
    ) throws(ProfileProblem) -> String? {
        guard let node = mapping[key] else { return nil }
        guard let word = node.string, known.contains(word) else {
            throw ProfileProblem(
                "\(key) '\(node.string ?? "")' is not one of \(known.joined(separator: ", "))", line: node.mark?.line)
        }
        return word
    }

    /// A scalar as a list of one, or a list of scalars.
    func strings(_ node: Node) throws(ProfileProblem) -> [String] {
        if let sequence = node.sequence {
            var result: [String] = []
            for item in sequence {
                guard let string = item.string else { throw ProfileProblem("is not text", line: item.mark?.line) }
                result.append(string)
            }
            return result
        }
        guard let string = node.string else {
            throw ProfileProblem("is not text or a list of texts", line: node.mark?.line)
        }
        return [string]
    }

    func check(_ mapping: Node.Mapping, allowed: [String]) throws(ProfileProblem) {
        for (key, _) in mapping where !allowed.contains(key.string ?? "") {
            throw ProfileProblem(
                "'\(key.string ?? "")' is not one of \(allowed.joined(separator: ", "))", line: key.mark?.line)
        }
    }
}
