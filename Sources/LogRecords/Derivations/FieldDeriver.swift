/// Works out what a profile derives from a line's fields, and writes it behind the line, where it is a field like any
/// other. One for each source; a profile that derives nothing needs none.
///
/// Only what the line's records can ask for is derived: of alternatives, none behind the first that gives a value, but for the
/// requester's, which are held against each other.
final class FieldDeriver {
    /// The line read last, with the derived values behind it.
    let text = LineText()

    private let profile: Profile
    private let sessions: SessionTable
    private let derivations: [Derivation]
    /// By field: the place in `derivations` of what gives it; -1 for a field of the line itself.
    private let derivation: [Int]
    /// Whether it gives a requester, by its place in `derivations`.
    private let namesRequester: [Bool]
    /// Whether a query names two requesters on the line read last.
    private(set) var isRequesterInDoubt = false
    /// Where the parameter found last ends in `text`.
    private var parameterEnd = 0
    /// Whether a camera's segment of a URL's path is what it takes out, by its place in `derivations`.
    private let namesCamera: [Bool]
    private let demands: [Demand]
    private let times: [Int]
    private var notation: TimeNotation?
    private var days = DayReader()
    /// By field: whether it was derived for this line already, with or without a result.
    private var isDerived: [Bool]
    private var stamp: Timestamp?
    private var hasStamp = false
    private let claim = FieldSlices(count: 1)
    private var scratch: [UInt8] = []
    /// What earlier lines of a session said, by session.
    private var carried: [[UInt8]: [Int: [UInt8]]] = [:]
    private var oldest: [[UInt8]] = []
    /// Sessions remembered at most; the ones that began first are forgotten.
    private static let mostSessions = 1 << 18

    /// Fields that records ask for: the first that has a value, or all of them.
    private struct Demand {
        var fields: [Int]
        var wantsAll: Bool
    }

    /// - Returns: nil if the profile derives nothing.
    init?(_ profile: Profile) {
        guard !profile.derivations.isEmpty || profile.carry != nil else { return nil }
        self.profile = profile
        sessions = profile.sessions
        notation = profile.notation
        derivations = profile.derivations
        var givers = [Int](repeating: -1, count: profile.fields.count)
        for (place, derivation) in derivations.enumerated() { givers[derivation.output] = place }
        derivation = givers
        func outputs(_ role: Role) -> Set<Int> { Set(profile.maps.flatMap { $0[role]?.fields ?? [] }) }
        let (requesters, cameras) = (outputs(.requester), outputs(.camera))
        namesRequester = derivations.map { requesters.contains($0.output) }
        namesCamera = derivations.map { cameras.contains($0.output) }
        demands = Self.demands(profile).filter { $0.fields.contains { givers[$0] >= 0 } }
        isDerived = Array(repeating: false, count: profile.fields.count)
        times = profile.maps.lazy.compactMap { $0[.time]?.fields }.first ?? []
    }

    private static func demands(_ profile: Profile) -> [Demand] {
        let conditions = profile.ignored.joined() + profile.maps.flatMap(\.conditions)
        let sources = profile.maps.flatMap { map in
            Role.allCases.compactMap { role in map[role].map { ($0, role == .requester) } }
                + map.extras.map { ($0.source, false) }
        }
        return sources.map { Demand(fields: $0.fields, wantsAll: $0.isSum || $0.template != nil || $1) }
            + (profile.required + conditions.map { [$0.field] }).map { Demand(fields: $0, wantsAll: true) }
    }

    /// Sets the derived fields in `slices`, which then describe `text`.
    func extend(_ line: UnsafeRawBufferPointer, _ slices: FieldSlices) {
        text.begin(line)
        (stamp, hasStamp, isRequesterInDoubt) = (nil, false, false)
        for derivation in derivations { isDerived[derivation.output] = false }
        if let carry = profile.carry, let added = carry.added { setAdded(added.output, to: added.list, carry, slices) }
        // Before, so that derivations have what is carried; after, so that what they give is.
        if let carry = profile.carry {
            // Which session it is may itself have to be derived.
            take(carry, slices) { $0 == carry.by ? self.read($0, slices) : self.standing($0, slices) }
        }
        for demand in demands {
            for field in demand.fields where read(field, slices) != nil && !demand.wantsAll { break }
        }
        if let carry = profile.carry { take(carry, slices) { self.read($0, slices) } }
    }

    // MARK: Fields

    /// Where the field's text stands, derived if need be; nil if it has none.
    private func read(_ field: Int, _ slices: FieldSlices) -> Range<Int>? {
        let giver = derivation[field]
        if giver >= 0, !isDerived[field] {
            isDerived[field] = true
            if let value = value(giver, slices) {
                slices.set(field, start: value.lowerBound, end: value.upperBound)
            }
        }
        return standing(field, slices)
    }

    /// Where the text of a field that is there stands, without its escapes.
    private func standing(_ field: Int, _ slices: FieldSlices) -> Range<Int>? {
        guard let place = slices.place(field) else { return nil }
        let bytes = text[place]
        if bytes.count <= profile.longestAbsentValue,
            profile.absentValues.contains(where: { Bytes.areEqual(bytes, $0) })
        {
            return nil
        }
        let escape = slices.escape(field)
        guard let mark = escape.mark, Bytes.index(of: mark, in: bytes) != nil else { return place }
        scratch.removeAll(keepingCapacity: true)
        escape.decode(bytes, into: &scratch)
        return append(scratch)
    }

    private func append(_ value: [UInt8]) -> Range<Int> { value.withUnsafeBytes { text.append($0) } }

    // MARK: Derivations

    private func value(_ giver: Int, _ slices: FieldSlices) -> Range<Int>? {
        if let joiner = derivations[giver].joiner {
            return joined(giver, joiner, slices).flatMap { steps(giver, $0, slices) }
        }
        for index in derivations[giver].inputs.indices {
            if let input = read(derivations[giver].inputs[index], slices), let value = steps(giver, input, slices) {
                return value
            }
        }
        return derivations[giver].constant.map(append)
    }

    private func joined(_ giver: Int, _ joiner: [UInt8], _ slices: FieldSlices) -> Range<Int>? {
        var places: [Range<Int>] = []
        for input in derivations[giver].inputs {
            guard let place = read(input, slices) else { return nil }
            places.append(place)
        }
        // What was read last may end where the joined text begins, but only what is added from here on belongs to it.
        var whole: Range<Int>?
        for place in places {
            if let begun = whole { whole = begun.lowerBound..<append(joiner).upperBound }
            let part = text.append(atMost: place.count, of: place) {
                $1.copyMemory(from: $0)
                return $0.count
            }
            whole = (whole?.lowerBound ?? part.lowerBound)..<part.upperBound
        }
        return whole
    }

    private func steps(_ giver: Int, _ input: Range<Int>, _ slices: FieldSlices) -> Range<Int>? {
        var value = input
        for index in derivations[giver].steps.indices {
            guard var next = apply(derivations[giver].steps[index], value, slices), !next.isEmpty else { return nil }
            if namesRequester[giver] {
                holdAgainstOthers(next, derivations[giver].steps[index], of: value)
            } else if namesCamera[giver], case .extract(let template) = derivations[giver].steps[index],
                template.takesSegment
            {
                // Its escapes are not of the name (RFC 3986 section 2.3).
                next = unescaped(next, mark: UInt8(ascii: "%"))
            }
            value = next
        }
        return value
    }

    /// Notes whether a query has the parameter again, with another value: servers differ in which of them they take.
    private func holdAgainstOthers(_ value: Range<Int>, _ step: Derivation.Step, of query: Range<Int>) {
        guard case .query(let name) = step, parameterEnd < query.upperBound else { return }
        var end = parameterEnd - query.lowerBound
        // Nobody writes more of them.
        for _ in 0..<16 {
            guard let other = URLDecoding.parameter(name, ofQuery: text[query], behind: end) else { return }
            end = other.upperBound
            let place = (query.lowerBound + other.lowerBound)..<(query.lowerBound + other.upperBound)
            let decoded = text.append(atMost: place.count, of: place) {
                URLDecoding.decodePercent($0, plusIsBlank: true, into: $1)
            }
            if !decoded.isEmpty, !text[decoded].elementsEqual(text[value]) { break }
        }
        isRequesterInDoubt = true
    }

    private func apply(_ step: Derivation.Step, _ value: Range<Int>, _ slices: FieldSlices) -> Range<Int>? {
        switch step {
        case .percent: return unescaped(value, mark: UInt8(ascii: "%"))
        case .haproxy: return unescaped(value, mark: UInt8(ascii: "#"))
        case .base64: return text.append(atMost: value.count, of: value, JWTClaims.decodeBase64)
        case .query(let name):
            guard let found = part(of: value, { URLDecoding.parameter(name, ofQuery: $0) }) else { return nil }
            parameterEnd = found.upperBound
            guard URLDecoding.isFormEncoded(text[found]) else { return found }
            return text.append(atMost: found.count, of: found) {
                URLDecoding.decodePercent($0, plusIsBlank: true, into: $1)
            }
        case .cookie(let name): return part(of: value) { URLDecoding.cookie(name, of: $0) }
        case .claim(_, let scanner): return claim(scanner, value)
        case .cacheParameter(let name):
            let parameters = CacheStatusField(String(decoding: text[value], as: UTF8.self))?.parameters
            return parameters?[name].map { append(Array($0.utf8)) }
        case .members(_, let scanner): return members(scanner, value)
        case .extract(let template):
            return part(of: value, template.value)
        case .lowercase: return lowercased(value)
        case .url: return text.append(atMost: value.count + 1, of: value, URLDecoding.normalizeURL)
        case .words(let words): return words[Array(text[value])].map(append)
        case .account(let column):
            guard let stamp = lineStamp(slices) else { return nil }
            return sessions.account(of: text[value], in: column, stamp.microseconds, stamp.latest).map(append)
        }
    }

    /// A part of a value, as a place in the text.
    private func part(
        of value: Range<Int>, _ find: (UnsafeRawBufferPointer) -> Range<Int>?
    ) -> Range<Int>? {
        find(text[value]).map { (value.lowerBound + $0.lowerBound)..<(value.lowerBound + $0.upperBound) }
    }

    private func unescaped(_ value: Range<Int>, mark: UInt8) -> Range<Int> {
        guard Bytes.index(of: mark, in: text[value]) != nil else { return value }
        return text.append(atMost: value.count, of: value) { URLDecoding.decodePercent($0, mark: mark, into: $1) }
    }

    private func lowercased(_ value: Range<Int>) -> Range<Int> {
        guard text[value].allSatisfy({ $0 < 0x80 }) else {
            return append(Array(String(decoding: text[value], as: UTF8.self).lowercased().utf8))
        }
        return text.append(atMost: value.count, of: value) { bytes, room in
            for (index, byte) in bytes.enumerated() { room[index] = URLDecoding.lowercase(byte) }
            return bytes.count
        }
    }

    /// A claim's text, or a whole number's digits; of several texts in an array the first.
    private func claim(_ scanner: JSONScanner, _ token: Range<Int>) -> Range<Int>? {
        guard let encoded = part(of: token, JWTClaims.claims) else { return nil }
        let claims = text.append(atMost: encoded.count, of: encoded, JWTClaims.decodeBase64)
        claim.clear()
        guard (try? scanner.scan(text[claims], into: claim)) != nil, let found = claim.place(0) else { return nil }
        let place = (claims.lowerBound + found.lowerBound)..<(claims.lowerBound + found.upperBound)
        let isText = found.lowerBound > 0 && text[claims][found.lowerBound - 1] == UInt8(ascii: "\"")
        guard isText || JWTClaims.isWholeNumber(text[place]) else { return nil }
        guard claim.escape(0) == .json else { return place }
        scratch.removeAll(keepingCapacity: true)
        FieldSlices.Escape.json.decode(text[place], into: &scratch)
        return append(scratch)
    }

    /// The values of the one member that the scanner looks for in the objects of an array.
    private func members(_ scanner: JSONScanner, _ array: Range<Int>) -> Range<Int>? {
        guard array.count >= 2, text[array].first == UInt8(ascii: "["), text[array].last == UInt8(ascii: "]") else {
            return nil
        }
        var found: [[UInt8]] = []
        var rest = (array.lowerBound + 1)..<(array.upperBound - 1)
        while text[rest].contains(UInt8(ascii: "{")) {
            claim.clear()
            guard let next = try? scanner.scanFirst(text[rest], into: claim) ?? rest.count else { return nil }
            if let place = claim.place(0) {
                var value: [UInt8] = []
                claim.escape(0).decode(
                    text[(rest.lowerBound + place.lowerBound)..<(rest.lowerBound + place.upperBound)], into: &value)
                if !value.isEmpty, !found.contains(value) { found.append(value) }
            }
            rest = (rest.lowerBound + next)..<rest.upperBound
        }
        return append(found.isEmpty ? Array("[]".utf8) : Array(found.joined(separator: Self.between)))
    }

    /// Between the items of a list.
    private static let between = Array(", ".utf8)

    /// Of a list's items sets those that the session did not have; all, where the line has no list of its own.
    private func setAdded(_ output: Int, to list: Int, _ carry: Carry, _ slices: FieldSlices) {
        let own = read(list, slices).map { Array(text[$0]) }
        let known = read(carry.by, slices).flatMap { carried[Array(text[$0])]?[list] }
        guard let items = (own ?? known).map(Self.items) else { return }
        let before = own == nil ? [] : known.map(Self.items) ?? []
        let added = items.filter { !before.contains($0) }
        guard !added.isEmpty else { return }
        let place = append(Array(added.joined(separator: Self.between)))
        slices.set(output, start: place.lowerBound, end: place.upperBound)
    }

    private static func items(_ list: [UInt8]) -> [[UInt8]] {
        if list.elementsEqual("[]".utf8) { return [] }
        return list.split(separator: UInt8(ascii: ",")).map { Array($0.drop { $0 == 0x20 }) }
    }

    /// The line's own time, which the session table is asked about.
    private func lineStamp(_ slices: FieldSlices) -> Timestamp? {
        guard !hasStamp else { return stamp }
        hasStamp = true
        for field in times {
            guard let place = read(field, slices) else { continue }
            let bytes = text[place]
            stamp = notation == nil ? days.stamp(bytes) ?? Timestamp(bytes: bytes) : notation?.stamp(bytes)
            break
        }
        return stamp
    }

    // MARK: Sessions that span lines

    private func take(_ carry: Carry, _ slices: FieldSlices, _ read: (Int) -> Range<Int>?) {
        guard let session = read(carry.by).map({ Array(text[$0]) }) else { return }
        var known = carried[session]
        if known == nil {
            if carried.count >= Self.mostSessions { forget() }
            oldest.append(session)
        }
        for field in carry.fields {
            if let place = read(field) {
                known = known ?? [:]
                known?[field] = Array(text[place])
            } else if let value = known?[field] {
                let place = append(value)
                slices.set(field, start: place.lowerBound, end: place.upperBound)
            }
        }
        carried[session] = known ?? [:]
    }

    private func forget() {
        for session in oldest.prefix(Self.mostSessions / 2) { carried[session] = nil }
        oldest.removeFirst(min(oldest.count, Self.mostSessions / 2))
    }
}
