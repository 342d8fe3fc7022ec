/// Makes records of the fields that a scanner found on a line.
struct RecordBuilder {
    private let profile: Profile
    private let names: NameTable
    private let clock: NameID
    /// By map and role.
    private let plans: [Plan]
    private var recent: RecentNames
    private let known: NameCache
    private var days = DayReader()
    private var notation: TimeNotation?
    private var verdicts: [NameID: (status: CacheStatus, isAborted: Bool)] = [:]
    private var scratch: [UInt8] = []

    /// By map and role: all that the profile says; nil if it says nothing of the role.
    private let sources: [FieldSource?]

    /// Where a value comes from, made ready.
    private struct Plan {
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

        init(_ source: FieldSource?, _ names: NameTable) {
            guard let source else { return }
            isMapped = true
            (unit, isSum) = (source.unit, source.isSum)
            if source.fields.count == 1, source.template == nil {
                field = source.fields[0]
            } else {
                constant = source.constant.map { names.intern($0) } ?? .absent
                isSearched = !source.fields.isEmpty
            }
        }
    }

    init(profile: Profile, known: NameCache) {
        self.profile = profile
        notation = profile.notation
        self.known = known
        let names = known.names
        self.names = names
        clock = names.intern(profile.clock.isEmpty ? profile.name : profile.clock)
        sources = profile.maps.flatMap { map in Role.allCases.map { map[$0] } }
        plans = sources.map { Plan($0, names) }
        recent = RecentNames(count: plans.count)
    }

    /// One line and the map that reads it.
    private struct Line {
        let bytes: UnsafeRawBufferPointer
        let slices: FieldSlices
        let map: Int
        let id: EventID
    }

    mutating func build(
        _ bytes: UnsafeRawBufferPointer, _ slices: FieldSlices, id: EventID, into batch: inout RecordBatch
    ) -> LineOutcome {
        for conditions in profile.ignored where holds(conditions, bytes, slices) { return .ignored }
        var isRecord = false
        for index in profile.maps.indices where holds(profile.maps[index].conditions, bytes, slices) {
            do {
                try append(Line(bytes: bytes, slices: slices, map: index, id: id), to: &batch)
            } catch {
                return .rejected(error, offset: 0)
            }
            isRecord = true
        }
        return isRecord ? .accepted : .rejected(.noRecord, offset: 0)
    }

    private mutating func append(_ line: Line, to batch: inout RecordBatch) throws(RejectReason) {
        switch profile.maps[line.map].kind {
        case .delivery: batch.deliveries.append(try delivery(line))
        case .fill: batch.fills.append(try fill(line, profile.isOriginLog ? .sent : .stored))
        case .revalidation: batch.fills.append(try fill(line, .revalidated))
        case .purge: batch.purges.append(try purge(line))
        case .rollout: batch.rollouts.append(try rollout(line))
        case .account: batch.accounts.append(AccountRecord(id: line.id, account: try requiredName(.account, line)))
        case .camera:
            batch.cameras.append(
                CameraRecord(
                    id: line.id, camera: try requiredName(.camera, line), owner: try requiredName(.owner, line),
                    owned: try validity(line), model: name(.model, line)))
        case .grant:
            batch.grants.append(
                GrantRecord(
                    id: line.id, owner: try requiredName(.owner, line), camera: try requiredName(.camera, line),
                    grantee: try requiredName(.grantee, line), live: try validity(line)))
        case .session:
            batch.sessions.append(
                SessionRecord(
                    id: line.id, session: name(.session, line), address: name(.address, line),
                    account: try requiredName(.account, line), live: try validity(line)))
        }
    }

    private mutating func delivery(_ line: Line) throws(RejectReason) -> Delivery {
        let node = name(.node, line)
        var delivery = Delivery(id: line.id, time: try time(line), clock: node.isPresent ? node : clock, node: node)
        delivery.requester = name(.requester, line)
        delivery.camera = name(.camera, line)
        delivery.key = name(.key, line)
        delivery.frame = name(.frame, line)
        delivery.owner = name(.owner, line)
        delivery.frameCamera = name(.frameCamera, line)
        delivery.client = name(.client, line)
        delivery.network = name(.network, line)
        delivery.kind = name(.kind, line)
        delivery.rttMilliseconds = Int32(clamping: milliseconds(.rtt, line) ?? -1)
        delivery.lossBasisPoints = Int32(clamping: decimal(.loss, line, scale: 100) ?? -1)
        delivery.bytes = decimal(.bytes, line, scale: 1) ?? -1
        delivery.flags = profile.deliveryFlags
        if let status = value(.status, line) {
            guard let number = Self.decimal(status, scale: 1) else { throw .badStatus }
            delivery.status = Int32(clamping: number)
        }
        delivery.cacheWord = name(.cache, line)
        if delivery.cacheWord.isPresent {
            let verdict = verdict(delivery.cacheWord)
            delivery.cacheStatus = verdict.status
            if verdict.isAborted { delivery.flags.insert(.aborted) }
        }
        if isYes(.aborted, line) { delivery.flags.insert(.aborted) }
        let validator = name(.ifNoneMatch, line)
        if validator.isPresent || !plans[plan(.ifNoneMatch, line)].isMapped { delivery.flags.insert(.conditional) }
        // A 304 shows again the frame that the client holds: the one its validator names.
        if delivery.status == 304, delivery.flags.contains(.replaceableHeaders) {
            delivery.frame = validator
            delivery.owner = .absent
        } else if delivery.status == 304, !delivery.frame.isPresent {
            delivery.frame = validator
        }
        if let method = value(.method, line), method.elementsEqual("HEAD".utf8) { delivery.bytes = 0 }
        return delivery
    }

    private mutating func fill(_ line: Line, _ kind: Fill.Kind) throws(RejectReason) -> Fill {
        let node = name(.node, line)
        var fill = Fill(id: line.id, time: try time(line), clock: node.isPresent ? node : clock, kind: kind, node: node)
        fill.key = name(.key, line)
        fill.frame = name(.frame, line)
        fill.camera = name(.camera, line)
        fill.owner = name(.owner, line)
        fill.requester = name(.requester, line)
        fill.validator = name(.ifNoneMatch, line)
        fill.version = name(.version, line)
        fill.ttlSeconds = Int32(clamping: decimal(.ttl, line, scale: 1) ?? -1)
        guard fill.key.isPresent || fill.frame.isPresent else { throw .noName }
        return fill
    }

    private mutating func purge(_ line: Line) throws(RejectReason) -> Purge {
        let node = name(.node, line)
        let isExpiry = value(.kind, line).map { $0.elementsEqual("EXPIRE".utf8) } ?? false
        return Purge(
            id: line.id, time: try time(line), clock: node.isPresent ? node : clock, node: node,
            key: try requiredName(.key, line), isExpiry: isExpiry)
    }

    private mutating func rollout(_ line: Line) throws(RejectReason) -> Rollout {
        Rollout(id: line.id, time: try time(line), node: name(.node, line), name: try requiredName(.name, line))
    }

    /// What a cache's word means, by the profile and by the servers' manuals.
    private mutating func verdict(_ word: NameID) -> (status: CacheStatus, isAborted: Bool) {
        if let known = verdicts[word] { return known }
        let text = names.text(word)
        let status =
            profile.cacheWords[text.uppercased()] ?? CacheStatus(word: text) ?? CacheStatusField(text)?.status
            ?? .unknown
        verdicts[word] = (status, text.hasSuffix("_ABORTED"))
        return (status, text.hasSuffix("_ABORTED"))
    }

    // MARK: Values

    private func plan(_ role: Role, _ line: Line) -> Int { line.map * Role.allCases.count + role.rawValue }

    /// The field's bytes as written, or nil if the line has none or one that the profile calls absent.
    private func value(_ role: Role, _ line: Line) -> UnsafeRawBufferPointer? {
        let place = plan(role, line)
        let field = plans[place].field
        if field >= 0 { return present(field, line.bytes, line.slices) }
        return plans[place].isSearched ? sources[place].flatMap { value($0, line) } : nil
    }

    private func value(_ source: FieldSource, _ line: Line) -> UnsafeRawBufferPointer? {
        for field in source.fields {
            guard let bytes = present(field, line.bytes, line.slices) else { continue }
            guard let template = source.template else { return bytes }
            var found: Range<Int>?
            if template.match(bytes, found: { _, range in found = range }) == nil, let found, !found.isEmpty {
                return UnsafeRawBufferPointer(rebasing: bytes[found])
            }
        }
        return nil
    }

    private mutating func name(_ role: Role, _ line: Line) -> NameID {
        let place = plan(role, line)
        guard plans[place].isMapped else { return .absent }
        let constant = plans[place].constant
        if constant.isPresent { return constant }
        guard let bytes = value(role, line) else {
            return plans[place].isSearched ? nameBehindEscapes(place, line) : .absent
        }
        let field = plans[place].field
        let isPlain = field >= 0 && line.slices.isPlain(field) || Self.isPlain(bytes)
        guard role.isRepetitive else { return isPlain ? known.request(bytes) : number(bytes, role, line) }
        if let last = recent.number(of: bytes, at: place) { return last }
        let number = isPlain ? known.intern(bytes) : number(bytes, role, line)
        recent.keep(bytes, number, at: place)
        return number
    }

    private mutating func number(_ bytes: UnsafeRawBufferPointer, _ role: Role, _ line: Line) -> NameID {
        scratch.removeAll(keepingCapacity: true)
        escape(of: bytes, role, line).decode(bytes, into: &scratch)
        // An entity tag's quotes are HTTP's, not the frame id's (RFC 9110 section 8.8.3).
        if role == .ifNoneMatch || role == .frame { Self.unquoteTag(&scratch) }
        Self.makeText(&scratch)
        return scratch.withUnsafeBytes { names.intern($0) }
    }

    /// What a template finds in a field whose escapes hide the text that it looks for (`\/v1\/cameras`).
    private mutating func nameBehindEscapes(_ place: Int, _ line: Line) -> NameID {
        guard let source = sources[place], let template = source.template else { return .absent }
        for field in source.fields {
            guard let bytes = present(field, line.bytes, line.slices), bytes.contains(UInt8(ascii: "\\")) else {
                continue
            }
            scratch.removeAll(keepingCapacity: true)
            line.slices.escape(field).decode(bytes, into: &scratch)
            var found: Range<Int>?
            let stop = scratch.withUnsafeBytes { template.match($0, found: { _, range in found = range }) }
            guard stop == nil, let found, !found.isEmpty else { continue }
            var name = Array(scratch[found])
            Self.makeText(&name)
            return name.withUnsafeBytes { names.intern($0) }
        }
        return .absent
    }

    /// How the field that the value lies in writes its special characters.
    private func escape(of value: UnsafeRawBufferPointer, _ role: Role, _ line: Line) -> FieldSlices.Escape {
        for field in sources[plan(role, line)]?.fields ?? [] {
            guard let whole = line.slices.bytes(field, in: line.bytes), let start = whole.baseAddress,
                let place = value.baseAddress
            else { continue }
            if (start..<(start + whole.count)).contains(place) { return line.slices.escape(field) }
        }
        return .none
    }

    private mutating func requiredName(_ role: Role, _ line: Line) throws(RejectReason) -> NameID {
        let id = name(role, line)
        guard id.isPresent else { throw .noName }
        return id
    }

    private mutating func time(_ line: Line) throws(RejectReason) -> EventTime {
        guard let bytes = value(.time, line) else { throw .noTime }
        guard let stamp = stamp(bytes) else { throw .badTime }
        if let bytes = value(.started, line), let start = self.stamp(bytes),
            start.microseconds <= stamp.microseconds
        {
            return EventTime(
                stamp: stamp.microseconds, earliest: start.microseconds, latest: stamp.latest, begunBy: start.latest)
        }
        guard let duration = duration(.duration, line) else {
            return EventTime(stamp: stamp.microseconds, earliest: stamp.microseconds, latest: stamp.latest)
        }
        let unknown = duration.resolution - 1
        if profile.maps[line.map].marksStart {
            return EventTime(
                stamp: stamp.microseconds, earliest: stamp.microseconds,
                latest: stamp.latest + duration.microseconds + unknown, begunBy: stamp.latest)
        }
        return EventTime(
            stamp: stamp.microseconds, earliest: stamp.microseconds - duration.microseconds - unknown,
            latest: stamp.latest, begunBy: stamp.latest - duration.microseconds)
    }

    private mutating func stamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        notation == nil ? days.stamp(bytes) ?? Timestamp(bytes: bytes) : notation?.stamp(bytes)
    }

    private mutating func validity(_ line: Line) throws(RejectReason) -> Validity {
        var result = Validity()
        if let from = value(.from, line) {
            guard let stamp = Timestamp(bytes: from) else { throw .badTime }
            result.from = stamp.microseconds
        }
        if let until = value(.until, line) {
            guard let stamp = Timestamp(bytes: until) else { throw .badTime }
            result.until = stamp.microseconds
        }
        if let from = result.from, let until = result.until, until < from { throw .emptyInterval }
        return result
    }

    private mutating func decimal(_ role: Role, _ line: Line, scale: Int64) -> Int64? {
        let place = plan(role, line)
        guard plans[place].isMapped else { return nil }
        if plans[place].field < 0, let constant = sources[place]?.constant {
            return Int64(constant).map { $0 * scale }
        }
        return value(role, line).flatMap { Self.decimal($0, scale: scale) }
    }

    private mutating func milliseconds(_ role: Role, _ line: Line) -> Int64? {
        duration(role, line).map { $0.microseconds / 1000 }
    }

    private func duration(_ role: Role, _ line: Line) -> LoggedDuration? {
        let place = plan(role, line)
        guard plans[place].isMapped else { return nil }
        if plans[place].isSum, let source = sources[place] { return sum(source, line) }
        guard let bytes = value(role, line) else { return nil }
        return LoggedDuration(bytes: bytes, unit: plans[place].unit)
    }

    /// Lengths one behind the other; nil if one is missing or did not run (a timer of -1).
    private func sum(_ source: FieldSource, _ line: Line) -> LoggedDuration? {
        var sum: LoggedDuration?
        for field in source.fields {
            guard let bytes = present(field, line.bytes, line.slices),
                let part = LoggedDuration(bytes: bytes, unit: source.unit)
            else { return nil }
            sum = sum.map { $0 + part } ?? part
        }
        return sum
    }

    private mutating func isYes(_ role: Role, _ line: Line) -> Bool {
        let place = plan(role, line)
        guard plans[place].isMapped, let source = sources[place], let yes = source.yes else { return false }
        let bytes = source.fields.first.flatMap { line.slices.bytes($0, in: line.bytes) }
        return yes.contains { $0.elementsEqual(bytes.map(Array.init) ?? []) }
    }

    private func present(
        _ field: Int, _ bytes: UnsafeRawBufferPointer, _ slices: FieldSlices
    ) -> UnsafeRawBufferPointer? {
        guard let value = slices.bytes(field, in: bytes) else { return nil }
        if value.count > profile.longestAbsentValue { return value }
        for absent in profile.absentValues where absent.count == value.count && absent.elementsEqual(value) {
            return nil
        }
        return value
    }

    private func holds(_ conditions: [Condition], _ bytes: UnsafeRawBufferPointer, _ slices: FieldSlices) -> Bool {
        conditions.allSatisfy { condition in
            let value = slices.bytes(condition.field, in: bytes)
            switch condition.test {
            case .present: return present(condition.field, bytes, slices) != nil
            case .absent: return present(condition.field, bytes, slices) == nil
            case .isOneOf(let wanted):
                return value.map { value in wanted.contains { $0.elementsEqual(value) } } ?? false
            case .isNoneOf(let unwanted):
                return value.map { value in !unwanted.contains { $0.elementsEqual(value) } } ?? true
            }
        }
    }

    /// A decimal number times `scale`, cut off; nil if it is none.
    private static func decimal(_ bytes: UnsafeRawBufferPointer, scale: Int64) -> Int64? {
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
