/// Works out what a profile derives from a line's fields, and writes it behind the line, where it is a field like any
/// other. One for each source; a profile that derives nothing needs none.
final class Deriver {
    private let profile: Profile
    private let sessions: SessionTable
    /// Those that ask the session table come last: the line's time must be known.
    private let derivations: [Derivation]
    private let times: [Int]
    private var notation: TimeNotation?
    /// The line read last, with the derived values behind it.
    private(set) var text: [UInt8] = []
    /// What earlier lines of a session said, by session.
    private var carried: [[UInt8]: [Int: [UInt8]]] = [:]
    private var oldest: [[UInt8]] = []
    /// Sessions remembered at most; the ones that began first are forgotten.
    private static let mostSessions = 1 << 18

    /// - Returns: nil if the profile derives nothing.
    init?(_ profile: Profile) {
        guard !profile.derivations.isEmpty || profile.carry != nil else { return nil }
        self.profile = profile
        sessions = profile.sessions
        notation = profile.notation
        derivations = profile.derivations.filter { !$0.asksSessions } + profile.derivations.filter(\.asksSessions)
        times = profile.maps.lazy.compactMap { $0[.time]?.fields }.first ?? []
    }

    /// Sets the derived fields in `slices`, which then describe `text`.
    func extend(_ line: UnsafeRawBufferPointer, _ slices: FieldSlices) {
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: line)
        // Before, so that derivations have what is carried; after, so that what they give is.
        if let carry = profile.carry { take(carry, slices) }
        for derivation in derivations {
            if let value = value(derivation, slices) { set(derivation.output, value, slices) }
        }
        if let carry = profile.carry { take(carry, slices) }
    }

    private func set(_ field: Int, _ value: [UInt8], _ slices: FieldSlices) {
        let start = text.count
        text.append(contentsOf: value)
        slices.set(field, start: start, end: text.count)
    }

    /// The field's text, or nil if the line has none.
    private func read(_ field: Int, _ slices: FieldSlices) -> [UInt8]? {
        text.withUnsafeBytes { line in
            guard let bytes = slices.bytes(field, in: line),
                !profile.absentValues.contains(where: { $0.elementsEqual(bytes) })
            else { return nil }
            var value: [UInt8] = []
            value.reserveCapacity(bytes.count)
            slices.escape(field).decode(bytes, into: &value)
            return value
        }
    }

    private func value(_ derivation: Derivation, _ slices: FieldSlices) -> [UInt8]? {
        if let joiner = derivation.joiner {
            let parts = derivation.inputs.compactMap { read($0, slices) }
            guard parts.count == derivation.inputs.count else { return nil }
            return steps(derivation, Array(parts.joined(separator: joiner)), slices)
        }
        for input in derivation.inputs {
            if let value = read(input, slices).flatMap({ steps(derivation, $0, slices) }) { return value }
        }
        return derivation.constant
    }

    private func steps(_ derivation: Derivation, _ value: [UInt8], _ slices: FieldSlices) -> [UInt8]? {
        var value = value
        for step in derivation.steps {
            guard let next = apply(step, value, slices), !next.isEmpty else { return nil }
            value = next
        }
        return value
    }

    private func apply(_ step: Derivation.Step, _ value: [UInt8], _ slices: FieldSlices) -> [UInt8]? {
        switch step {
        case .percent: return WebText.percentDecoded(value)
        case .haproxy: return WebText.percentDecoded(value, mark: UInt8(ascii: "#"))
        case .base64: return WebToken.base64(value)
        case .query(let name): return WebText.parameter(name, ofQuery: value)
        case .cookie(let name): return WebText.cookie(name, of: value)
        case .claim(let name): return WebToken.claim(name, of: value)
        case .cacheParameter(let name):
            return CacheStatusField(String(decoding: value, as: UTF8.self))?.parameters[name].map { Array($0.utf8) }
        case .extract(let template):
            var found: Range<Int>?
            let stop = value.withUnsafeBytes { template.match($0, found: { _, range in found = range }) }
            return stop == nil ? found.map { Array(value[$0]) } : nil
        case .lowercase: return Array(String(decoding: value, as: UTF8.self).lowercased().utf8)
        case .url: return WebText.normalizedURL(value)
        case .words(let words): return words[String(decoding: value, as: UTF8.self)].map { Array($0.utf8) }
        case .account(let column):
            guard let stamp = times.lazy.compactMap({ self.read($0, slices) }).first.flatMap({ self.stamp($0) }) else {
                return nil
            }
            return sessions.account(of: value, in: column, stamp.microseconds, stamp.latest)
        }
    }

    private func stamp(_ text: [UInt8]) -> Timestamp? {
        text.withUnsafeBytes { notation == nil ? Timestamp(bytes: $0) : notation?.stamp($0) }
    }

    // MARK: Sessions that span lines

    private func take(_ carry: Carry, _ slices: FieldSlices) {
        guard let session = read(carry.by, slices) else { return }
        var known = carried[session]
        if known == nil {
            if carried.count >= Self.mostSessions { forget() }
            oldest.append(session)
        }
        for field in carry.fields {
            if let value = read(field, slices) {
                known = known ?? [:]
                known?[field] = value
            } else if let value = known?[field] {
                set(field, value, slices)
            }
        }
        carried[session] = known ?? [:]
    }

    private func forget() {
        for session in oldest.prefix(Self.mostSessions / 2) { carried[session] = nil }
        oldest.removeFirst(min(oldest.count, Self.mostSessions / 2))
    }
}
