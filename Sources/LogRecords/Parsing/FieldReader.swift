import Interning

/// Finds the values of a line's fields by what a profile says of each role. Never changes, so that it can be asked for
/// every field of every line without being copied.
final class FieldReader {
    private let profile: Profile
    /// By map.
    let maps: UnsafeMutableBufferPointer<MapPlan>
    /// By map and role.
    let plans: UnsafeMutableBufferPointer<Plan>
    private let conditions: UnsafeMutableBufferPointer<ConditionPlan>
    private let tagFields: UnsafeMutableBufferPointer<Int>
    /// What is tagged on deliveries' lines.
    let tags: UnsafeMutableBufferPointer<(role: Role, kind: LineTag.Kind)>
    /// The fields of all searched plans.
    private let searchedFields: UnsafeMutableBufferPointer<Int>
    /// The values that conditions name.
    private let words: [[UInt8]]
    /// Each entry: conditions of which a line must fulfil all to be none of the profile's.
    let ignored: [Range<Int>]
    /// By map and role: all that the profile says; nil if it says nothing of the role.
    private let sources: [Source?]
    /// By map: where its extra fields come from.
    let extras: [[(name: String, source: Source)]]

    init(_ profile: Profile, _ known: ThreadInternCache) {
        self.profile = profile
        let all = profile.maps.flatMap { map in Role.allCases.map { map[$0] } }
        sources = all.map { $0.map(Source.init) }
        extras = profile.maps.map { map in map.extras.map { ($0.name, Source($0.source)) } }
        var searched: [Int] = []
        let allPlans = profile.maps.flatMap { map in
            Role.allCases.map { Plan(map[$0], $0.namesFrame ? known.frames : known.names, &searched) }
        }
        searchedFields = .allocate(capacity: searched.count)
        _ = searchedFields.initialize(from: searched)
        plans = .allocate(capacity: allPlans.count)
        _ = plans.initialize(from: allPlans)
        var tests: [ConditionPlan] = []
        var words: [[UInt8]] = []
        func ranged(_ conditions: [Condition]) -> Range<Int> {
            for condition in conditions {
                let first = words.count
                let test: ConditionPlan.Test
                switch condition.test {
                case .present: test = .present
                case .absent: test = .absent
                case .isOneOf(let wanted): (test, words) = (.isOneOf, words + wanted)
                case .isNoneOf(let unwanted): (test, words) = (.isNoneOf, words + unwanted)
                }
                tests.append(ConditionPlan(field: condition.field, test: test, words: first..<words.count))
            }
            return tests.count - conditions.count..<tests.count
        }
        ignored = profile.ignored.map(ranged)
        var tagged: [Int] = []
        var allTags: [(role: Role, kind: LineTag.Kind)] = []
        let allMaps = profile.maps.map { map in
            let (first, firstTag) = (tagged.count, allTags.count)
            allTags += Role.allCases.compactMap { role in map[role] == nil ? nil : role.tag.map { (role, $0) } }
            if map.kind == .delivery {
                tagged += Role.allCases.filter { $0.tag != nil }.flatMap { map[$0]?.fields ?? [] }
            }
            return MapPlan(map, ranged(map.conditions), first..<tagged.count, firstTag..<allTags.count)
        }
        tagFields = .allocate(capacity: tagged.count)
        _ = tagFields.initialize(from: tagged)
        tags = .allocate(capacity: allTags.count)
        _ = tags.initialize(from: allTags)
        maps = .allocate(capacity: allMaps.count)
        _ = maps.initialize(from: allMaps)
        conditions = .allocate(capacity: tests.count)
        _ = conditions.initialize(from: tests)
        self.words = words
    }

    deinit {
        plans.deallocate()
        maps.deallocate()
        conditions.deallocate()
        tagFields.deallocate()
        searchedFields.deallocate()
        tags.deallocate()
    }

    /// Whether a line has a field that may hold a tag: asked of each, for most logs have none.
    @inline(__always)
    func mayHaveTags(_ line: Line) -> Bool {
        for place in maps[line.map].tagFields where line.values.has(tagFields[place]) { return true }
        return false
    }

    /// One line and the map that reads it.
    struct Line {
        let values: FieldValues
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
        if field >= 0 { return present(field, line.values) }
        if !plans[place].isSearched { return nil }
        for index in plans[place].searched {
            if let value = part(searchedFields[index], plans[place].template, line) { return value }
        }
        return nil
    }

    func value(_ source: Source, _ line: Line) -> UnsafeRawBufferPointer? {
        let template = source.template.map(Unmanaged.passUnretained)
        for field in source.fields {
            if let value = part(field, template, line) { return value }
        }
        return nil
    }

    /// What one of a source's fields says: all that it holds, or what a template finds in it.
    @inline(__always)
    private func part(
        _ field: Int, _ template: Unmanaged<LineTemplate>?, _ line: Line
    ) -> UnsafeRawBufferPointer? {
        guard let bytes = present(field, line.values) else { return nil }
        guard let template else { return bytes }
        let found = template._withUnsafeGuaranteedRef { $0.value(in: bytes) }
        guard let found, !found.isEmpty else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[found])
    }

    /// What a template finds in a field whose escapes hide the text that it looks for (`\/v1\/cameras`), decoded; nil if that
    /// is not what hides it.
    func valueBehindEscapes(_ role: Role, _ line: Line) -> [UInt8]? {
        let place = plan(role, line)
        guard plans[place].hasTemplate, let source = sources[place], let template = source.template else { return nil }
        for field in source.fields {
            guard let bytes = present(field, line.values), bytes.contains(UInt8(ascii: "\\")) else {
                continue
            }
            var text: [UInt8] = []
            line.values.escape(field).decode(bytes, into: &text)
            if let found = text.withUnsafeBytes(template.value), !found.isEmpty { return Array(text[found]) }
        }
        return nil
    }

    /// Whether a line has several values for a role, of which it takes the first, and they differ.
    func contradictsItself(_ role: Role, _ line: Line) -> Bool {
        let plan = plans[plan(role, line)]
        guard plan.hasAlternatives else { return false }
        var first: (value: UnsafeRawBufferPointer, escape: FieldSlices.Escape)?
        for index in plan.searched {
            let field = searchedFields[index]
            guard let value = part(field, plan.template, line) else { continue }
            let escape = line.values.escape(field)
            guard let first else {
                first = (value, escape)
                continue
            }
            if first.escape == escape, first.value.elementsEqual(value) { continue }
            if Self.decoded(first.value, first.escape) != Self.decoded(value, escape) { return true }
        }
        return false
    }

    private static func decoded(_ value: UnsafeRawBufferPointer, _ escape: FieldSlices.Escape) -> [UInt8] {
        var text: [UInt8] = []
        escape.decode(value, into: &text)
        return text
    }

    /// How the field that the value lies in writes its special characters.
    func escape(of value: UnsafeRawBufferPointer, _ role: Role, _ line: Line) -> FieldSlices.Escape {
        sources[plan(role, line)].map { escape(of: value, $0, line) } ?? .none
    }

    func escape(of value: UnsafeRawBufferPointer, _ source: Source, _ line: Line) -> FieldSlices.Escape {
        for field in source.fields {
            guard let whole = line.values[field], let start = whole.baseAddress,
                let place = value.baseAddress
            else { continue }
            if (start..<(start + whole.count)).contains(place) { return line.values.escape(field) }
        }
        return .none
    }

    func decimal(_ role: Role, _ line: Line, scale: Int64) -> Int64? {
        let place = plan(role, line)
        guard plans[place].isMapped else { return nil }
        if plans[place].constant.isPresent, let constant = sources[place]?.constant {
            return Int64(constant).map { Self.scaled($0, scale) }
        }
        if let value = value(role, line) { return Self.decimal(value, scale: scale) }
        guard plans[place].hasDash, let source = sources[place], source.fields.contains(where: { line.values.has($0) })
        else { return nil }
        return source.dash.map { Self.scaled($0, scale) }
    }

    func milliseconds(_ role: Role, _ line: Line) -> Int64? {
        let plan = plans[plan(role, line)]
        if plan.field >= 0, plan.unit == .milliseconds, let bytes = present(plan.field, line.values),
            let whole = Self.shortDecimal(bytes, scale: 1)
        {
            return whole
        }
        return duration(role, line).map { $0.microseconds / 1000 }
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
            guard let bytes = present(field, line.values),
                let part = LoggedDuration(bytes: bytes, unit: source.unit)
            else { return nil }
            sum = sum.map { $0 + part } ?? part
        }
        return sum
    }

    /// Whether one of the fields has a value that means yes; where none is on the line, whether that does.
    func isYes(_ role: Role, _ line: Line) -> Bool {
        let place = plan(role, line)
        guard plans[place].isMapped, let yes = plans[place].yes else { return false }
        return yes._withUnsafeGuaranteedRef { isYes($0, place, line) }
    }

    private func isYes(_ yes: Answers, _ place: Int, _ line: Line) -> Bool {
        if plans[place].field >= 0 {
            return yes.holds(line.values[plans[place].field] ?? UnsafeRawBufferPointer(start: nil, count: 0))
        }
        var isThere = false
        for field in sources[place]?.fields ?? [] {
            guard let bytes = line.values[field] else { continue }
            isThere = true
            if yes.holds(bytes) { return true }
        }
        return !isThere && yes.holds(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    @inline(__always)
    func present(_ field: Int, _ values: FieldValues) -> UnsafeRawBufferPointer? {
        guard let value = values[field] else { return nil }
        if value.count > profile.longestAbsentValue { return value }
        for absent in profile.absentValues where Bytes.areEqual(value, absent) {
            return nil
        }
        return value
    }

    /// Whether a line fulfils all those conditions.
    func holds(_ range: Range<Int>, _ values: FieldValues) -> Bool {
        for index in range where !isFulfilled(index, values) { return false }
        return true
    }

    private func isFulfilled(_ index: Int, _ values: FieldValues) -> Bool {
        let condition = conditions[index]
        switch condition.test {
        case .present: return present(condition.field, values) != nil
        case .absent: return present(condition.field, values) == nil
        case .isOneOf: return isOne(of: condition.words, values[condition.field])
        case .isNoneOf: return !isOne(of: condition.words, values[condition.field])
        }
    }

    private func isOne(of range: Range<Int>, _ value: UnsafeRawBufferPointer?) -> Bool {
        guard let value else { return false }
        for index in range where Bytes.areEqual(value, words[index]) { return true }
        return false
    }

    /// A profile's own number times `scale`; one that is too large is the largest.
    private static func scaled(_ value: Int64, _ scale: Int64) -> Int64 {
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: scale)
        return isTooLarge ? (value < 0 ? .min : .max) : product
    }

    /// A decimal number times `scale`, cut off; nil if it is none. A comma may be a decimal mark or stand between thousands, so that
    /// a number with one is not known.
    ///
    /// - Parameter scale: a power of ten, a million at most.
    static func decimal(_ bytes: UnsafeRawBufferPointer, scale: Int64) -> Int64? {
        if let short = shortDecimal(bytes, scale: scale) { return short }
        if Bytes.index(of: UInt8(ascii: ","), in: bytes) != nil { return nil }
        return LoggedDuration(bytes: bytes, unit: .seconds).map { $0.microseconds / (1_000_000 / scale) }
    }

    /// The same of up to nine digits, with or without a point among them, as nearly all numbers are; nil of anything else.
    private static func shortDecimal(_ bytes: UnsafeRawBufferPointer, scale: Int64) -> Int64? {
        guard let base = bytes.baseAddress, bytes.count <= 9 else { return nil }
        var value: Int64 = 0
        var index = 0
        while index < bytes.count {
            let digit = base.load(fromByteOffset: index, as: UInt8.self) &- 48
            if digit > 9 { break }
            value = value &* 10 &+ Int64(digit)
            index += 1
        }
        if index == bytes.count { return index > 0 ? value * scale : nil }
        guard index > 0, index + 1 < bytes.count, bytes[index] == UInt8(ascii: ".") else { return nil }
        value *= scale
        var step = scale
        for place in (index + 1)..<bytes.count {
            let digit = base.load(fromByteOffset: place, as: UInt8.self) &- 48
            if digit > 9 { return nil }
            step /= 10
            value += Int64(digit) * step
        }
        return value
    }
}
