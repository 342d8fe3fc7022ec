/// Finds the values of a line's fields by what a profile says of each role. Never changes, so that it can be asked for
/// every field of every line without being copied.
final class FieldReader {
    private let profile: Profile
    /// By map and role.
    let plans: [Plan]
    /// By map and role: all that the profile says; nil if it says nothing of the role.
    private let sources: [Source?]
    /// By map: where its extra fields come from.
    let extras: [[(name: String, source: Source)]]
    /// By map and role: the values that mean yes.
    private let answers: [Answers?]

    /// A class, so that looking at it costs one count of references and not one for each of its parts.
    final class Source: Sendable {
        let fields: [Int]
        let template: LineTemplate?
        let constant: String?
        let unit: LoggedDuration.Unit
        let dash: Int64?

        init(_ source: FieldSource) {
            (fields, template, constant) = (source.fields, source.template, source.constant)
            (unit, dash) = (source.unit, source.dash)
        }
    }

    /// Where a value comes from, made ready.
    struct Plan {
        /// The field, where the profile names just one and takes it whole; else -1.
        var field = -1
        /// The number of a value that every line has.
        var constant = NameID.absent
        /// Whether the profile says anything of the role.
        var isMapped = false
        /// Whether the value may be found in one of several fields, or in a part of one.
        var isSearched = false
        var unit = LoggedDuration.Unit.milliseconds
        /// Whether the fields are lengths of time to be added.
        var isSum = false
        /// Whether there are several fields, of which the first that has a value is taken.
        var hasAlternatives = false
        /// Whether the value is a part of a field.
        var hasTemplate = false
        /// Whether a field that is there without a value stands for one.
        var hasDash = false

        fileprivate init(_ source: FieldSource?, _ names: NameTable) {
            guard let source else { return }
            isMapped = true
            (unit, isSum) = (source.unit, source.isSum)
            hasAlternatives = source.fields.count > 1 && !source.isSum
            (hasTemplate, hasDash) = (source.template != nil, source.dash != nil)
            if source.fields.count == 1, source.template == nil {
                field = source.fields[0]
            } else {
                constant = source.constant.map { names.intern($0) } ?? .absent
                isSearched = !source.fields.isEmpty
            }
        }
    }

    init(_ profile: Profile, _ known: NameCache) {
        self.profile = profile
        let all = profile.maps.flatMap { map in Role.allCases.map { map[$0] } }
        sources = all.map { $0.map(Source.init) }
        answers = all.map { $0?.yes }
        extras = profile.maps.map { map in map.extras.map { ($0.name, Source($0.source)) } }
        plans = profile.maps.flatMap { map in
            Role.allCases.map { Plan(map[$0], $0.namesFrame ? known.frames : known.names) }
        }
    }

    /// One line and the map that reads it.
    struct Line {
        let bytes: UnsafeRawBufferPointer
        let slices: FieldSlices
        let map: Int
        let id: EventID
    }

    // MARK: Values

    func plan(_ role: Role, _ line: Line) -> Int { line.map * Role.allCases.count + role.rawValue }

    /// The field's bytes as written, or nil if the line has none or one that the profile calls absent.
    @inline(__always)
    func value(_ role: Role, _ line: Line) -> UnsafeRawBufferPointer? {
        let place = plan(role, line)
        let field = plans[place].field
        if field >= 0 { return present(field, line.bytes, line.slices) }
        return plans[place].isSearched ? sources[place].flatMap { value($0, line) } : nil
    }

    func value(_ source: Source, _ line: Line) -> UnsafeRawBufferPointer? {
        for field in source.fields {
            if let value = value(field, source, line) { return value }
        }
        return nil
    }

    /// What one of a source's fields says.
    private func value(_ field: Int, _ source: Source, _ line: Line) -> UnsafeRawBufferPointer? {
        guard let bytes = present(field, line.bytes, line.slices) else { return nil }
        guard let template = source.template else { return bytes }
        guard let found = template.value(in: bytes), !found.isEmpty else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[found])
    }

    /// What a template finds in a field whose escapes hide the text that it looks for (`\/v1\/cameras`), decoded; nil if that
    /// is not what hides it.
    func valueBehindEscapes(_ role: Role, _ line: Line) -> [UInt8]? {
        let place = plan(role, line)
        guard plans[place].hasTemplate, let source = sources[place], let template = source.template else { return nil }
        for field in source.fields {
            guard let bytes = present(field, line.bytes, line.slices), bytes.contains(UInt8(ascii: "\\")) else {
                continue
            }
            var text: [UInt8] = []
            line.slices.escape(field).decode(bytes, into: &text)
            if let found = text.withUnsafeBytes(template.value), !found.isEmpty { return Array(text[found]) }
        }
        return nil
    }

    /// Whether a line has several values for a role, of which it takes the first, and they differ.
    func contradictsItself(_ role: Role, _ line: Line) -> Bool {
        let place = plan(role, line)
        guard plans[place].hasAlternatives, let source = sources[place] else { return false }
        var first: [UInt8]?
        for field in source.fields {
            guard let value = value(field, source, line) else { continue }
            var text: [UInt8] = []
            line.slices.escape(field).decode(value, into: &text)
            if let first, first != text { return true }
            first = text
        }
        return false
    }

    /// How the field that the value lies in writes its special characters.
    func escape(of value: UnsafeRawBufferPointer, _ role: Role, _ line: Line) -> FieldSlices.Escape {
        sources[plan(role, line)].map { escape(of: value, $0, line) } ?? .none
    }

    func escape(of value: UnsafeRawBufferPointer, _ source: Source, _ line: Line) -> FieldSlices.Escape {
        for field in source.fields {
            guard let whole = line.slices.bytes(field, in: line.bytes), let start = whole.baseAddress,
                let place = value.baseAddress
            else { continue }
            if (start..<(start + whole.count)).contains(place) { return line.slices.escape(field) }
        }
        return .none
    }

    func decimal(_ role: Role, _ line: Line, scale: Int64) -> Int64? {
        let place = plan(role, line)
        guard plans[place].isMapped else { return nil }
        if plans[place].field < 0, let constant = sources[place]?.constant {
            return Int64(constant).map { $0 * scale }
        }
        if let value = value(role, line) { return Self.decimal(value, scale: scale) }
        guard plans[place].hasDash, let source = sources[place], source.fields.contains(where: { line.slices.has($0) })
        else { return nil }
        return source.dash.map { $0 * scale }
    }

    func milliseconds(_ role: Role, _ line: Line) -> Int64? {
        duration(role, line).map { $0.microseconds / 1000 }
    }

    func duration(_ role: Role, _ line: Line) -> LoggedDuration? {
        let place = plan(role, line)
        guard plans[place].isMapped else { return nil }
        if plans[place].isSum, let source = sources[place] { return sum(source, line) }
        guard let bytes = value(role, line) else { return nil }
        return LoggedDuration(bytes: bytes, unit: plans[place].unit)
    }

    /// Lengths one behind the other; nil if one is missing or did not run (a timer of -1).
    private func sum(_ source: Source, _ line: Line) -> LoggedDuration? {
        var sum: LoggedDuration?
        for field in source.fields {
            guard let bytes = present(field, line.bytes, line.slices),
                let part = LoggedDuration(bytes: bytes, unit: source.unit)
            else { return nil }
            sum = sum.map { $0 + part } ?? part
        }
        return sum
    }

    /// Whether one of the fields has a value that means yes; where none is on the line, whether that does.
    func isYes(_ role: Role, _ line: Line) -> Bool {
        let place = plan(role, line)
        guard plans[place].isMapped, let yes = answers[place] else { return false }
        if plans[place].field >= 0 {
            return yes.holds(
                line.slices.bytes(plans[place].field, in: line.bytes)
                    ?? UnsafeRawBufferPointer(start: nil, count: 0))
        }
        var isThere = false
        for field in sources[place]?.fields ?? [] {
            guard let bytes = line.slices.bytes(field, in: line.bytes) else { continue }
            isThere = true
            if yes.holds(bytes) { return true }
        }
        return !isThere && yes.holds(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    @inline(__always)
    func present(
        _ field: Int, _ bytes: UnsafeRawBufferPointer, _ slices: FieldSlices
    ) -> UnsafeRawBufferPointer? {
        guard let value = slices.bytes(field, in: bytes) else { return nil }
        if value.count > profile.longestAbsentValue { return value }
        for absent in profile.absentValues where Bytes.areEqual(value, absent) {
            return nil
        }
        return value
    }

    func holds(_ conditions: [Condition], _ bytes: UnsafeRawBufferPointer, _ slices: FieldSlices) -> Bool {
        conditions.allSatisfy { condition in
            let value = slices.bytes(condition.field, in: bytes)
            switch condition.test {
            case .present: return present(condition.field, bytes, slices) != nil
            case .absent: return present(condition.field, bytes, slices) == nil
            case .isOneOf(let wanted):
                return value.map { value in wanted.contains { Bytes.areEqual(value, $0) } } ?? false
            case .isNoneOf(let unwanted):
                return value.map { value in !unwanted.contains { Bytes.areEqual(value, $0) } } ?? true
            }
        }
    }

    /// A decimal number times `scale`, cut off; nil if it is none.
    static func decimal(_ bytes: UnsafeRawBufferPointer, scale: Int64) -> Int64? {
        if bytes.count <= 9 {
            // Digits alone, which nearly all are.
            var value: Int64 = 0
            var index = 0
            while index < bytes.count, bytes[index] &- 48 < 10 {
                value = value * 10 + Int64(bytes[index] &- 48)
                index += 1
            }
            if index == bytes.count, index > 0 { return value * scale }
        }
        return LoggedDuration(bytes: bytes, unit: .seconds).map { $0.microseconds / (1_000_000 / scale) }
    }
}
