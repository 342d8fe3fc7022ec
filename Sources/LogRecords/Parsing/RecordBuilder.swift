import Interning

/// Makes records of the fields that a scanner found on a line.
struct RecordBuilder {
    private let profile: Profile
    private let clock: SymbolID
    private let fields: FieldReader
    private let known: ThreadInternCache
    private var names: RecordNames
    private var times: RecordTimes
    private var verdicts: VerdictTable
    /// Fields of which a line must have one; empty if any line may be a record.
    private let telling: [Int]
    /// The first of them, which nearly all lines have; -1 if there is none.
    private let mostTelling: Int
    /// Whether some lines are none of the profile's.
    private let ignoresLines: Bool
    private var scratch: [UInt8] = []
    private var recentAnswers = RecentAnswers()
    /// Whether one source alone names two requesters on the line to be read.
    var isRequesterInDoubt = false

    init(profile: Profile, known: ThreadInternCache) {
        self.profile = profile
        self.known = known
        clock = known.names.intern(profile.clock.isEmpty ? profile.name : profile.clock)
        telling = Self.telling(profile)
        mostTelling = telling.first ?? -1
        ignoresLines = !profile.ignored.isEmpty
        fields = FieldReader(profile, known)
        names = RecordNames(fields, known, foldsAccounts: profile.foldsAccounts)
        times = RecordTimes(fields, profile)
        verdicts = VerdictTable(profile, known.names)
    }

    /// Forgets what a source's times told of the next ones.
    mutating func beginSource() {
        times.beginSource()
        recentAnswers.removeAll()
    }

    /// Names the node of the source's lines that name none. An origin's log of its own tells what it sent to any node.
    mutating func name(node: String?) {
        let isNodes = !profile.isOriginLog || profile.maps.contains { $0.kind == .delivery }
        names.pathNode = isNodes ? node.map { known.names.intern($0) } ?? .absent : .absent
    }

    /// - Parameter openEnds: of a table's row, what the line leaves open besides times that cannot be read.
    mutating func build(
        _ values: FieldValues, id: EventID, openEnds: OpenEnds = [], into batch: inout RecordBatch
    ) -> LineOutcome {
        if ignoresLines {
            for conditions in fields.ignored where fields.holds(conditions, values) { return .ignored }
        }
        // Any program writes JSON: of a server's own log, only what its requests have says that a line is one.
        if mostTelling >= 0, !values.has(mostTelling), !telling.contains(where: { values.has($0) }) {
            return .rejected(.noRecord, offset: 0)
        }
        var isRecord = false
        var isPart = false
        for index in fields.maps.indices {
            guard fields.holds(fields.maps[index].conditions, values) else { continue }
            do {
                let line = FieldReader.Line(values: values, map: index, id: id)
                if fields.maps[index].mayBePart, let isFill = try appendPart(line, to: &batch) {
                    isPart = true
                    if !isFill { continue }
                } else {
                    try append(line, openEnds, to: &batch)
                }
            } catch {
                return .rejected(error, offset: 0)
            }
            isRecord = true
        }
        return isRecord ? .accepted : isPart ? .ignored : .rejected(.noRecord, offset: 0)
    }

    /// What a JSON line must have something of to be a record: what its profile is recognised by, but for the time, which any
    /// line has, and what says that there was an answer and what was in it.
    private static func telling(_ profile: Profile) -> [Int] {
        guard case .json = profile.syntax else { return [] }
        let times = profile.timeFields
        let required = profile.required.joined().filter { !times.contains($0) }
        guard !required.isEmpty else { return [] }
        let roles: [Role] = [.status, .bytes, .cache, .requester, .camera, .key, .frame, .owner]
        let said = profile.maps.flatMap { map in roles.flatMap { map[$0]?.fields ?? [] } }
        return required + said.filter { !required.contains($0) && !times.contains($0) }
    }

    /// Keeps apart what a server writes of an answer besides the client's own line. What an upper tier fetched its store has from
    /// then on; of a tier that is not named nobody knows whose store it is.
    ///
    /// - Returns: whether the line is a fill; nil if it is the client's own.
    private mutating func appendPart(
        _ line: FieldReader.Line, to batch: inout RecordBatch
    ) throws(RejectReason) -> Bool? {
        if fields.isYes(.interim, line) { return false }
        guard fields.isYes(.tier, line) else { return nil }
        let answer = try delivery(line)
        guard answer.status == 200 || answer.status == 206, answer.content == .frame, answer.cacheStatus == .miss,
            answer.node.isPresent, answer.key.isPresent || answer.frame.isPresent
        else { return false }
        batch.fills.append(Fill(of: answer))
        return true
    }

    private mutating func append(
        _ line: FieldReader.Line, _ openEnds: OpenEnds, to batch: inout RecordBatch
    ) throws(RejectReason) {
        switch fields.maps[line.map].kind {
        case .delivery:
            var delivery = try delivery(line)
            let request = fields.mayHaveTags(line) ? appendTags(line, of: &delivery, to: &batch) : 0
            if profile.mayHoldParts { noteRepeat(of: &delivery, request: request) }
            batch.deliveries.append(delivery)
        case .fill: batch.fills.append(try fill(line, profile.isOriginLog ? .sent : .stored))
        case .revalidation: batch.fills.append(try fill(line, .revalidated))
        case .purge: batch.purges.append(try purge(line))
        case .rollout: batch.rollouts.append(try rollout(line))
        case .account:
            batch.accounts.append(AccountRecord(id: line.id, account: try names.requiredName(.account, line)))
        case .camera: try appendCamera(line, openEnds, to: &batch)
        case .grant: try appendGrant(line, openEnds, to: &batch)
        case .session: try appendSession(line, openEnds, to: &batch)
        }
    }

    /// Adds what is compared of a delivery's line and not kept.
    ///
    /// - Returns: the digest of the request's id; 0 if the line has none.
    private mutating func appendTags(
        _ line: FieldReader.Line, of delivery: inout Delivery, to batch: inout RecordBatch
    ) -> UInt64 {
        var request: UInt64 = 0
        for place in fields.maps[line.map].tags {
            let (role, kind) = fields.tags[place]
            guard let bytes = fields.value(role, line) else { continue }
            let tag: LineTag?
            if Bytes.index(of: UInt8(ascii: "\\"), in: bytes) != nil {
                scratch.removeAll(keepingCapacity: true)
                fields.escape(of: bytes, role, line).decode(bytes, into: &scratch)
                tag = scratch.withUnsafeBytes { LineTag(line.id, kind, $0) }
            } else {
                tag = LineTag(line.id, kind, bytes)
            }
            guard let tag else { continue }
            batch.tags.append(tag)
            switch kind {
            case .request: request = tag.digest
            case .transaction: noteRepeat(of: &delivery, tag.digest)
            // Without the URL it is every request's of one moment.
            case .steps: noteRepeat(of: &delivery, tag.digest ^ keyDigest(of: delivery))
            default: break
            }
        }
        return request
    }

    /// Notes whether a line may be of the same answer as one just before: of two that name one account, key and moment, and no
    /// request or the same, nothing tells that they are of two.
    private mutating func noteRepeat(of delivery: inout Delivery, request: UInt64) {
        guard delivery.requester.isPresent else { return }
        let moment = UInt64(bitPattern: delivery.time.stamp) &* 0x9e37_79b9_7f4a_7c15
        let account = known.digest(of: PendingID(unsettled: delivery.requester))
        noteRepeat(of: &delivery, moment ^ account ^ keyDigest(of: delivery) ^ request)
    }

    /// Of what a delivery was asked for by.
    private func keyDigest(of delivery: Delivery) -> UInt64 {
        let digest = known.digest(
            of: PendingID(unsettled: delivery.key.isPresent ? delivery.key : delivery.camera))
        // Not what an account of the same name has.
        return digest << 1 | digest >> 63
    }

    private mutating func noteRepeat(of delivery: inout Delivery, _ digest: UInt64) {
        guard delivery.content != .none, recentAnswers.add(digest) else { return }
        delivery.flags.insert(.mayBeRepeat)
    }

    /// A camera of which a time cannot be read has its owner all the same, and when is not known. The line is rejected then,
    /// so that somebody looks at it.
    private mutating func appendCamera(
        _ line: FieldReader.Line, _ doubts: OpenEnds, to batch: inout RecordBatch
    ) throws(RejectReason) {
        let (owned, openEnds, problem) = times.interval(line)
        batch.cameras.append(
            CameraRecord(
                id: line.id, camera: try names.requiredName(.camera, line), owner: try names.requiredName(.owner, line),
                owned: owned, model: names.name(.model, line), openEnds: openEnds.union(doubts)))
        if let problem { throw problem }
    }

    /// A grant whose times cannot be read is a grant all the same, as is a camera.
    private mutating func appendGrant(
        _ line: FieldReader.Line, _ doubts: OpenEnds, to batch: inout RecordBatch
    ) throws(RejectReason) {
        let (live, openEnds, problem) = times.interval(line)
        batch.grants.append(
            GrantRecord(
                id: line.id, owner: try names.requiredName(.owner, line), camera: try names.requiredName(.camera, line),
                grantee: try names.requiredName(.grantee, line), live: live, openEnds: openEnds.union(doubts)))
        if let problem { throw problem }
    }

    /// A session whose times cannot be read was an account's all the same, and when is not known.
    private mutating func appendSession(
        _ line: FieldReader.Line, _ doubts: OpenEnds, to batch: inout RecordBatch
    ) throws(RejectReason) {
        let (live, openEnds, problem) = times.interval(line)
        batch.sessions.append(
            SessionRecord(
                id: line.id, session: names.name(.session, line), address: names.name(.address, line),
                account: try names.requiredName(.account, line), live: live, openEnds: openEnds.union(doubts)))
        if let problem { throw problem }
    }

    private mutating func delivery(_ line: FieldReader.Line) throws(RejectReason) -> Delivery {
        let node = names.node(line)
        var delivery = Delivery(
            id: line.id, time: try times.time(line), clock: node.isPresent ? node : clock, node: node)
        delivery.requester = names.name(.requester, line)
        delivery.camera = names.name(.camera, line)
        delivery.key = names.name(.key, line)
        delivery.frame = names.name(.frame, line)
        delivery.owner = names.name(.owner, line)
        delivery.frameCamera = names.name(.frameCamera, line)
        delivery.client = names.name(.client, line)
        delivery.network = names.name(.network, line)
        delivery.kind = names.name(.kind, line)
        delivery.extra = names.extra(line)
        delivery.rttMilliseconds = Int32(clamping: fields.milliseconds(.rtt, line) ?? -1)
        delivery.lossBasisPoints = Int32(clamping: fields.decimal(.loss, line, scale: 100) ?? -1)
        delivery.bytes = fields.decimal(.bytes, line, scale: 1) ?? -1
        delivery.flags = profile.deliveryFlags
        if let status = fields.value(.status, line) {
            let number = FieldReader.decimal(status, scale: 1) ?? (status.elementsEqual("-1".utf8) ? -1 : nil)
            guard let number else { throw .badStatus }
            delivery.status = Int32(clamping: number)
            // The client, or the server behind, was gone before an answer began.
            if number <= 0 { delivery.flags.insert(.aborted) }
        }
        delivery.cacheWord = names.name(.cache, line)
        if delivery.cacheWord.isPresent {
            let verdict = verdicts.verdict(delivery.cacheWord)
            delivery.cacheStatus = verdict.status
            if verdict.isAborted { delivery.flags.insert(.aborted) }
            if verdict.isQuery { delivery.bytes = 0 }
        }
        if fields.isYes(.aborted, line) { delivery.flags.insert(.aborted) }
        noteOrigin(of: &delivery, line)
        let validator = names.name(.ifNoneMatch, line)
        if validator.isPresent || !fields.plans[fields.plan(.ifNoneMatch, line)].isMapped {
            delivery.flags.insert(.conditional)
        }
        // A 304 shows again the frame that the client holds: the one its validator names.
        if delivery.status == 304, delivery.flags.contains(.replaceableHeaders) {
            delivery.frame = validator
            delivery.owner = .absent
        } else if delivery.status == 304, !delivery.frame.isPresent {
            delivery.frame = validator
        }
        if let method = fields.value(.method, line), !Self.bringsFrame(method, delivery.cacheStatus) {
            delivery.bytes = 0
        }
        noteDoubts(of: &delivery, line)
        if delivery.frame.isPresent { known.keepFramesUnique() }
        return delivery
    }

    /// Corrects a verdict by what the line says of the origin.
    ///
    /// A Squid TCP_MISS that went to nobody joined an object on its way (seen with 5.7, 6.13 and 7.7); a Traffic Server
    /// TCP_REFRESH_MISS that the origin answered with a server error, or not at all, served the stale body (seen with 9.2). What a
    /// cache that passes ranges on fetched for one was not stored.
    private mutating func noteOrigin(of delivery: inout Delivery, _ line: FieldReader.Line) {
        guard delivery.cacheStatus == .miss else { return }
        if let from = fields.value(.fetchedFrom, line) {
            // The code alone, or with the peer's address behind it.
            let code = from.prefix { $0 != UInt8(ascii: "/") }
            let isNobody = ["HIER_NONE", "NONE"].contains { code.elementsEqual($0.utf8) }
            if isNobody { delivery.cacheStatus = .shared }
        }
        if let answer = fields.decimal(.originStatus, line, scale: 1), answer == 0 || answer >= 500,
            delivery.status == 0 || delivery.status < 400, known.names.text(delivery.cacheWord) == "TCP_REFRESH_MISS"
        {
            delivery.cacheStatus = .stale
        }
        // It went past the store.
        if profile.passesRanges, delivery.status == 206, delivery.cacheStatus == .miss {
            delivery.cacheStatus = .bypass
        }
    }

    /// Notes what a line leaves open: who received the answer, whether all of it, and when it began.
    private mutating func noteDoubts(of delivery: inout Delivery, _ line: FieldReader.Line) {
        if isRequesterInDoubt || fields.contradictsItself(.requester, line) { delivery.flags.insert(.requesterInDoubt) }
        let isShort = delivery.content == .frame && isShort(delivery.bytes, line)
        if isShort { delivery.flags.insert(.aborted) }
        guard fields.maps[line.map].canHideStart else { return }
        // Caddy says of an answer that broke off that it took no time, however long it took (seen with 2.11.4).
        if times.saysLength {
            guard isShort, fields.duration(.duration, line)?.microseconds == 0 else { return }
        }
        delivery.time.earliest -= profile.longestAnswer
        delivery.time.begunBy = delivery.time.latest
        delivery.flags.insert(.startUnknown)
    }

    /// Whether an answer ended before it was as long as it had announced.
    private func isShort(_ bytes: Int64, _ line: FieldReader.Line) -> Bool {
        fields.decimal(.contentLength, line, scale: 1).map { (0..<max($0, 0)).contains(bytes) } ?? false
    }

    /// Whether the answer to a request of that method can carry a frame: none to HEAD has content (RFC 9110 section 9.3.2), and
    /// what answers a method that changes or describes something (POST, PUT, DELETE, OPTIONS, PURGE…) is no stored frame:
    /// RFC 9111 section 4 answers GET and HEAD alone from what is stored. Where a cache was made to answer POST all the same, as
    /// nginx is by `proxy_cache_methods`, its verdict says so. A hit of OPTIONS is on a stored answer to OPTIONS (CloudFront
    /// Developer Guide, `CachedMethods`).
    private static func bringsFrame(_ method: UnsafeRawBufferPointer, _ status: CacheStatus) -> Bool {
        func isCalled(_ name: StaticString) -> Bool {
            method.count == name.utf8CodeUnitCount
                && zip(method, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
                    .allSatisfy { $0 & 0xdf == $1 }
        }
        if isCalled("GET") { return true }
        switch status {
        case .hit, .stale, .revalidated, .shared: return isCalled("POST")
        default: return false
        }
    }

    private mutating func fill(_ line: FieldReader.Line, _ kind: Fill.Kind) throws(RejectReason) -> Fill {
        let node = names.node(line)
        var fill = Fill(
            id: line.id, time: try times.time(line), clock: node.isPresent ? node : clock, kind: kind, node: node)
        fill.key = names.name(.key, line)
        fill.frame = names.name(.frame, line)
        fill.camera = names.name(.camera, line)
        fill.owner = names.name(.owner, line)
        fill.requester = names.name(.requester, line)
        fill.validator = names.name(.ifNoneMatch, line)
        fill.version = names.name(.version, line)
        fill.ttlSeconds = Int32(clamping: fields.decimal(.ttl, line, scale: 1) ?? -1)
        guard fill.key.isPresent || fill.frame.isPresent else { throw .noName }
        // Each names a frame that another line is the fill of.
        if fill.validator.isPresent || kind == .revalidated { known.keepFramesUnique() }
        return fill
    }

    private mutating func purge(_ line: FieldReader.Line) throws(RejectReason) -> Purge {
        let node = names.node(line)
        let isExpiry = fields.value(.kind, line).map { $0.elementsEqual("EXPIRE".utf8) } ?? false
        return Purge(
            id: line.id, time: try times.time(line), clock: node.isPresent ? node : clock, node: node,
            key: try names.requiredName(.key, line), isExpiry: isExpiry)
    }

    private mutating func rollout(_ line: FieldReader.Line) throws(RejectReason) -> Rollout {
        Rollout(
            id: line.id, time: try times.time(line), node: names.name(.node, line),
            name: try names.requiredName(.name, line),
            note: names.name(.note, line))
    }
}
