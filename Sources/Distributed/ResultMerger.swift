import Analysis
import Casefile
import Correlation
import GRDB
import Interning
import LogRecords

/// What the lines of a job's result add up to, whatever parts they were counted in.
struct ResultMerger {
    private(set) var findings: [Finding] = []
    private(set) var counts: [String: Int] = [:]
    private(set) var collisions: [KeyCollisions.Collision] = []
    private(set) var notes: CauseNotes
    private(set) var traits: [CountedTraits] = []
    private(set) var slots: DeliverySlots
    private(set) var paths: AccountPaths
    private(set) var deliveryActivity = Activity()
    private(set) var fillActivity = Activity()
    /// By the number of the circumstance.
    private(set) var tally: [PathSurvey.Tally] = []
    private(set) var traffic = Traffic()
    /// That deliveries name.
    private(set) var clocks: Set<SymbolID> = []

    /// What tasks find and count.
    static let results: Set<ExchangeType> = [
        .finding, .candidate, .count, .collision, .traits, .firstFill, .slot, .path, .reach, .minute, .tally, .traffic,
    ]
    /// What their findings lead to.
    static let records: Set<ExchangeType> = [.delivery, .fill, .sent, .purge, .reject]

    private let facts: JobContext
    private let db: Database
    private let circumstances: DeliveryContextTable
    private let insertDelivery: RecordInsert<DeliveryRow>
    private let insertFill: RecordInsert<Fill>
    private let insertPurge: RecordInsert<Purge>
    private var candidates: [EventID: [(rank: Int64, candidate: Candidate)]] = [:]
    private var owners: [EventID: Int64] = [:]

    private var found: Set<EventID> = []
    private var candidateFills: Set<EventID> = []
    /// The exposed thumbnails.
    private var thumbnails: Set<Look> = []

    init(_ facts: JobContext, _ names: StringInterner, _ frames: StringInterner, _ db: Database) throws {
        self.facts = facts
        self.db = db
        circumstances = try DeliveryContextTable(db)
        notes = CauseNotes(facts.directory, facts.rollouts, names)
        slots = DeliverySlots(facts.span)
        paths = AccountPaths(facts.directory, facts.rollouts)
        insertDelivery = try RecordInsert(db, onConflict: .ignore)
        insertFill = try RecordInsert(db, onConflict: .ignore)
        insertPurge = try RecordInsert(db, onConflict: .ignore)
    }

    /// Takes what a task found or counted.
    mutating func take(_ line: RecordBlock) throws {
        switch line.type {
        case .finding: try addFinding(line)
        case .candidate: try addCandidate(line)
        case .count: counts[line.text(.name) ?? "", default: 0] += try Self.count(line, .count)
        case .collision: try addCollision(line)
        case .traits: try addTraits(line)
        case .firstFill:
            notes.add(
                Fill(
                    id: EventID(rawValue: 0), time: EventTime(try line.needed(.time)), node: line.name(.node),
                    key: line.name(.key)))
        case .slot:
            guard slots.add(try Self.count(line, .count), of: line.name(.node), in: Int(try line.needed(.slot))) else {
                throw ExchangeProblem("a slot outside the surveyed time; are facts and results of one job?")
            }
        case .path: paths.add(try Self.count(line, .count), on: path(line))
        case .reach:
            paths.add(
                line.name(.account), on: path(line), AccountPaths.Reason(rawValue: try line.flags().rawValue),
                frames: try Self.count(line, .count))
        case .minute: try addMinute(line)
        case .tally: try addTally(line)
        case .traffic:
            traffic.add(
                at: try line.needed(.time), deliveries: try Self.count(line, .deliveries),
                others: try Self.count(line, .others))
        default: break
        }
    }

    /// How many of something: so many that sums of them do not overflow.
    private static func count(_ line: RecordBlock, _ field: ExchangeField) throws -> Int {
        let count = try line.needed(field)
        guard (0...1 << 48).contains(count) else { throw ExchangeProblem("a count of \(count)") }
        return Int(count)
    }

    /// Takes a record, once all findings are settled, and brings it into the case if they lead to it: the deliveries
    /// found and their fills, the purges, the rejects, and after an exposed thumbnail the looks at the same camera.
    mutating func takeRecord(_ line: RecordBlock) throws {
        guard let id = try facts.event(line) else { return }
        switch line.type {
        case .delivery:
            let delivery = try line.delivery(id)
            if found.contains(id) || isLook(delivery) { try insert(delivery) }
        case .fill, .sent: if candidateFills.contains(id) { try insertFill.execute(try line.fill(id)) }
        case .purge: if line.number(.isExpiry) != 1 { try insertPurge.execute(try line.purge(id)) }
        // Lines of a file that is there twice are rejected once.
        default: try line.reject(id).insert(db)
        }
    }

    /// Whether a delivery may be a look at the full frame of an exposed thumbnail.
    private func isLook(_ delivery: Delivery) -> Bool {
        thumbnails.contains(Look(requester: delivery.requester, camera: delivery.camera))
    }

    /// Puts together what came in different lines, once all are there.
    mutating func settle(_ path: String) throws {
        for index in findings.indices {
            let id = findings[index].delivery
            let all = (candidates[id] ?? []).sorted { $0.rank < $1.rank }
            guard all.count == owners[id] ?? 0 else {
                throw AnalysisError.notForThisCase(
                    path: path,
                    reason:
                        "line \(id.line) of source \(id.source) has \(all.count) candidates in the result and should have \(owners[id] ?? 0); it is incomplete"
                )
            }
            findings[index].candidates = all.map(\.candidate)
        }
        (candidates, owners) = ([:], [:])
        findings.sort { $0.delivery < $1.delivery }
    }

    /// Stores what records have in common, once all are taken.
    ///
    /// - Throws: `AnalysisError.notForThisCase` if records of findings are missing.
    func finish(_ path: String) throws {
        let missing = found.count - (try Int.fetchOne(db, sql: "SELECT count(*) FROM delivery") ?? 0)
        guard missing <= 0 else {
            throw AnalysisError.notForThisCase(
                path: path, reason: "\(missing) deliveries that were found are not in the result; it is incomplete")
        }
        try circumstances.store(db)
    }

    // MARK: Lines

    private func event(_ line: RecordBlock) throws -> EventID {
        guard let id = try facts.event(line) else {
            throw ExchangeProblem("of a source that does not count; are facts and results of one job?")
        }
        return id
    }

    private func path(_ line: RecordBlock) -> AccountPaths.Path {
        AccountPaths.Path(names: ExchangeField.ofPath.map { line.name($0) })
    }

    private func insert(_ delivery: Delivery) throws {
        let number = circumstances.number(DeliveryContext(delivery))
        try insertDelivery.execute(DeliveryRow(delivery, circumstance: Int64(number)))
    }

    private mutating func addFinding(_ line: RecordBlock) throws {
        let id = try event(line)
        guard let certainty = try line.word(.certainty, Certainty.allCases, Certainty.allCases.map(\.label)) else {
            throw ExchangeProblem("a finding without its certainty")
        }
        var finding = Finding(
            delivery: id, content: line.text(.content) == "redisplay" ? .redisplay : .frame, certainty: certainty)
        finding.evidence = try line.word(.evidence, Evidence.allCases, Evidence.allCases.map(\.label))
        finding.cause = try line.word(.cause, UnresolvedCause.allCases, UnresolvedCause.allCases.map(\.label))
        finding.rolloutAtDelivery = line.name(.rolloutAtDelivery)
        finding.mayBeOfUnnamed = line.number(.others) ?? 0 != 0
        owners[id] = try line.needed(.owners)
        if let look = Look(ofFinding: line) { thumbnails.insert(look) }
        found.insert(id)
        findings.append(finding)
    }

    private mutating func addCandidate(_ line: RecordBlock) throws {
        guard let relation = try line.word(.relation, Relation.allCases, Relation.allCases.map(\.label)) else {
            throw ExchangeProblem("a candidate without its relation")
        }
        let candidate = Candidate(
            origin: FrameOrigin(owner: line.name(.owner), camera: line.name(.camera)), fill: try fill(line),
            relation: relation, rolloutAtFill: line.name(.rolloutAtFill))
        if let fill = candidate.fill { candidateFills.insert(fill) }
        candidates[try event(line), default: []].append((try line.needed(.rank), candidate))
    }

    private func fill(_ line: RecordBlock) throws -> EventID? {
        guard let tag = line.text(.fillSource) else { return nil }
        return try facts.event(tag, line.needed(.fillLine))
    }

    private mutating func addCollision(_ line: RecordBlock) throws {
        guard let fill = try fill(line) else { throw ExchangeProblem("a collision without its fill") }
        collisions.append(
            KeyCollisions.Collision(
                place: KeyCollisions.Place(node: line.name(.node), key: line.name(.key)),
                owners: Int(try line.needed(.owners)), cameras: Int(try line.needed(.cameras)),
                fills: Int(try line.needed(.fills)), first: try line.needed(.first), last: try line.needed(.last),
                since: try line.needed(.time), sinceFill: fill, version: line.name(.version)))
    }

    private mutating func addTraits(_ line: RecordBlock) throws {
        var delivery = Delivery(id: EventID(rawValue: 0), time: EventTime(try line.needed(.time)))
        delivery.client = line.name(.client)
        delivery.network = line.name(.network)
        delivery.camera = line.name(.camera)
        delivery.node = line.name(.node)
        delivery.cacheStatus = try line.cacheStatus()
        delivery.kind = line.name(.kind)
        delivery.extra = line.name(.extra)
        delivery.key = line.name(.key)
        delivery.rttMilliseconds = try line.small(.rttMs, absent: -1)
        delivery.lossBasisPoints = try line.small(.lossBp, absent: -1)
        traits.append(
            notes.add(delivery, rolloutAtFill: line.name(.rolloutAtFill), count: try Self.count(line, .count)))
    }

    private mutating func addMinute(_ line: RecordBlock) throws {
        let isOfFills = line.text(.log) == "fills"
        func add(to activity: inout Activity) throws {
            if let lines = line.number(.lines) {
                activity.add(lines, of: line.name(.node))
            } else {
                activity.add(
                    first: try line.needed(.first), last: try line.needed(.last), lines: try line.needed(.count),
                    of: line.name(.node))
            }
        }
        if isOfFills { try add(to: &fillActivity) } else { try add(to: &deliveryActivity) }
    }

    private mutating func addTally(_ line: RecordBlock) throws {
        var delivery = Delivery(id: EventID(rawValue: 0), time: EventTime(0), clock: line.name(.clock))
        delivery.node = line.name(.node)
        delivery.client = line.name(.client)
        delivery.network = line.name(.network)
        delivery.kind = line.name(.kind)
        delivery.extra = line.name(.extra)
        delivery.cacheWord = line.name(.cacheWord)
        delivery.status = try line.small(.status, absent: 0)
        delivery.cacheStatus = try line.cacheStatus()
        // An empty answer carried none.
        if line.text(.content) == "none" { delivery.bytes = 0 }
        delivery.flags = try line.flags()
        clocks.insert(delivery.clock)
        tally.add(
            try Self.count(line, .count), of: circumstances.number(DeliveryContext(delivery)),
            first: try line.needed(.first), last: try line.needed(.last))
    }
}
