import Casefile
import Correlation
public import Foundation
import LogBytes
import LogRecords

/// The last stage of a job on many machines: judges the deliveries of some groups of records, as the correlation of a
/// case does, and counts what the conclusions need to know of them.
///
/// Records come group by group, each group in order (see `ExchangeText.write`). What is kept is one group's history, as
/// in the sweep, and the names met; when these are many, all is counted out and begun anew at the next group.
public struct PartitionSweep {
    /// Names that may be met before what is known of them is given up, some hundred bytes each.
    static let mostNames = 2_000_000

    private let facts: [String]
    private let output: ExchangeOutput

    /// - Parameter facts: files that `strayframe survey` wrote.
    public init(facts: [String], to file: FileHandle) {
        self.facts = facts
        output = ExchangeOutput(file)
    }

    /// - Throws: `AnalysisError.badLine` for a line that is not in its place, or not to be read.
    public func run(_ paths: [String]) throws {
        var desk = try SweepDesk(facts)
        try ExchangeInput.eachLine(of: paths) { bytes in
            if try !desk.take(bytes) {
                try desk.finish()
                try output.flush(&desk.text, isLast: true)
                desk = try SweepDesk(facts)
                _ = try desk.take(bytes)
            }
            try output.flush(&desk.text)
        }
        try desk.finish()
        try output.flush(&desk.text, isLast: true)
    }
}

/// What is known of the groups so far.
private struct SweepDesk {
    var text: ExchangeText
    private let facts: JobFacts
    private let tags: [String]
    private let clocks: Clocks
    private let line: ExchangeLine
    private let most: Int
    private var stream: KeyStream
    private var collisions: KeyCollisions
    private var traits: TraitSurvey
    private var paths: PathSurvey
    private var fillActivity = Activity()

    private var group: String?
    private var order = ""
    /// Events of one group and moment, and what puts them in order.
    private var moment: [(event: KeyEvent, kind: UInt8, id: EventID)] = []
    /// Deliveries to be noted, their times corrected, and the numbers of their circumstances.
    private var block: [Delivery] = []
    private var circumstances: [Int32] = []
    private var circumstanceNumbers: [Circumstance: Int32] = [:]
    private var circumstanceExamples: [Delivery] = []
    /// How many deliveries have each traits, and one of each group.
    private var traitCounts: [DeliveryTraits: Int] = [:]
    private var groupExamples: [Int32: Delivery] = [:]
    /// The group's key, if any of its deliveries is an exposure.
    private var exposedKey = NameID.absent
    private var shownAgain = 0
    private static let mostTraits = 500_000
    private static let blockSize = 1024

    init(_ paths: [String]) throws {
        let names = NameTable()
        facts = try JobFacts(paths, names)
        tags = facts.tags()
        clocks = facts.clocks
        line = ExchangeLine(names)
        text = ExchangeText(names)
        most = names.count + PartitionSweep.mostNames
        let (directory, rollouts) = (facts.directory, facts.rollouts)
        stream = KeyStream(
            judge: Judge(directory: directory, frames: FrameIndex(), rollouts: rollouts, clocks: clocks),
            clocks: clocks, deliveringNodes: facts.deliveringNodes, survey: facts.keySurvey)
        collisions = KeyCollisions(directory)
        collisions.clocks = clocks
        traits = TraitSurvey(CauseNotes(directory, rollouts, names), DeliverySlots(facts.span))
        self.paths = PathSurvey(AccountPaths(directory, rollouts))
    }

    /// - Returns: false if it is full, and the line is for the next one.
    mutating func take(_ bytes: RawSpan) throws -> Bool {
        try line.load(bytes)
        let type = try line.type()
        guard let group = line.text(.group) else { return true }
        guard let order = line.text(.order) else { throw ExchangeProblem("no 'order'") }
        if group != self.group {
            try finishGroup()
            if line.names.count > most || traitCounts.count > Self.mostTraits { return false }
            self.group = group
            self.order = ""
        }
        guard order >= self.order else { throw ExchangeProblem("out of order in its group; sort the records") }
        if order != self.order { try finishMoment() }
        self.order = order
        guard let id = try facts.event(line) else { return true }
        switch type {
        case .frame: try foretellFrame(id)
        case .fill:
            let fill = try line.fill(id)
            if line.isAhead { foretell(fill) } else { moment.append((.fill(fill), 0, id)) }
        case .purge:
            let purge = try line.purge(id)
            if line.isAhead {
                stream.foretell(purge)
                collisions.add(purge)
            } else {
                moment.append((.purge(purge), 1, id))
            }
        case .delivery: moment.append((.delivery(try line.delivery(id)), 2, id))
        default: throw ExchangeProblem("a \(type.rawValue) in a group of records")
        }
        return true
    }

    /// Counts out all that was noted.
    mutating func finish() throws {
        try finishGroup()
        note()
        writeCounts()
    }

    // MARK: Groups

    private mutating func foretell(_ fill: Fill) {
        stream.foretell(fill)
        traits.notes.add(fill)
        collisions.notice(fill)
    }

    private mutating func foretellFrame(_ id: EventID) throws {
        stream.foretell(
            FrameIndex.Entry(
                origin: FrameOrigin(owner: line.name(.owner), camera: line.name(.camera)), fill: id,
                filledAt: try line.needed(.time), node: line.name(.node), tieBreak: id.rawValue),
            of: line.frame(.frame))
    }

    /// Follows the events of a moment: what changes an entry before what reads it, and else in order of sources and lines.
    private mutating func finishMoment() throws {
        guard !moment.isEmpty else { return }
        let events = moment.count > 1 ? moment.sorted { ($0.kind, $0.id) < ($1.kind, $1.id) } : moment
        moment.removeAll(keepingCapacity: true)
        for (event, _, id) in events {
            switch event {
            case .fill(let fill):
                fillActivity.add(fill)
                collisions.add(fill, tieBreak: id.rawValue)
            case .purge: break
            case .delivery(let delivery): note(delivery)
            }
            try follow { try $0.add(event, emit: $1) }
        }
    }

    private mutating func finishGroup() throws {
        try finishMoment()
        try follow { try $0.finish(emit: $1) }
        guard exposedKey.isPresent else { return }
        // What the rollout at the fill is guessed by, for deliveries under this key.
        for (node, at) in traits.notes.firstFills(of: exposedKey) {
            text.line(.firstFill) {
                $0.add(.key, exposedKey)
                $0.add(.node, node)
                $0.add(.time, at)
            }
        }
        exposedKey = .absent
    }

    private mutating func follow(
        _ body: (inout KeyStream, (Delivery, Finding) throws -> Void) throws -> Void
    ) throws {
        var found: [(Delivery, Finding)] = []
        try body(&stream) { found.append(($0, $1)) }
        for (delivery, finding) in found { write(delivery, finding) }
    }

    // MARK: Findings

    private mutating func write(_ delivery: Delivery, _ finding: Finding) {
        let isRedisplay = finding.content == .redisplay
        guard finding.isExposure || finding.cause != nil && !isRedisplay else {
            if isRedisplay { shownAgain += 1 }
            return
        }
        if finding.isExposure, !isRedisplay { exposedKey = delivery.key }
        var raw = delivery
        raw.time = clocks.uncorrected(delivery.time, delivery.clock)
        let tag = tags[Int(delivery.id.source)]
        text.write(raw, from: tag)
        text.line(.finding) {
            $0.place(tag, delivery.id)
            $0.add(.content, isRedisplay ? "redisplay" : nil)
            $0.add(.certainty, finding.certainty.label)
            $0.add(.evidence, finding.evidence?.label)
            $0.add(.cause, finding.cause?.label)
            $0.add(.rolloutAtDelivery, finding.rolloutAtDelivery)
            $0.add(.owners, finding.candidates.count)
            // By these the looks that followed it are found.
            $0.add(.requester, delivery.requester)
            $0.add(.camera, delivery.camera)
            $0.add(.kind, delivery.kind)
        }
        for (index, candidate) in finding.candidates.enumerated() {
            text.line(.candidate) {
                $0.place(tag, delivery.id)
                $0.add(.rank, index + 1)
                $0.add(.owner, candidate.origin.owner)
                $0.add(.camera, candidate.origin.camera)
                $0.add(.fillSource, candidate.fill.map { tags[Int($0.source)] })
                $0.add(.fillLine, candidate.fill?.line)
                $0.add(.relation, candidate.relation.label)
                $0.add(.rolloutAtFill, candidate.rolloutAtFill)
            }
        }
    }

    // MARK: Counts

    private mutating func note(_ delivery: Delivery) {
        var corrected = delivery
        corrected.time = clocks.corrected(delivery.time, delivery.clock)
        let circumstance = Circumstance(delivery)
        var number = circumstanceNumbers[circumstance]
        if number == nil {
            number = Int32(circumstanceExamples.count)
            circumstanceNumbers[circumstance] = number
            circumstanceExamples.append(delivery)
        }
        block.append(corrected)
        circumstances.append(number ?? 0)
        if block.count == Self.blockSize { note() }
    }

    private mutating func note() {
        let noted = traits.add(block, circumstances)
        paths.add(block, noted)
        for one in noted.traits { traitCounts[one.timeless, default: 0] += 1 }
        for (delivery, group) in zip(block, noted.groups) where delivery.content == .frame {
            if groupExamples[group] == nil { groupExamples[group] = delivery }
        }
        block.removeAll(keepingCapacity: true)
        circumstances.removeAll(keepingCapacity: true)
    }

    private mutating func writeCounts() {
        write("deliveries_clear", stream.clearedCount)
        write("shown_again", shownAgain)
        write("fetches_without_fill", stream.lostFills)
        for one in collisions.all { write(one) }
        for (one, count) in traitCounts { write(one, count) }
        // Copies, so that what is gone through is not what is written to.
        let (slots, accounts) = (traits.slots, paths.paths)
        slots.eachCount { node, slot, deliveries in
            text.line(.slot) {
                $0.add(.node, node)
                $0.add(.slot, slot)
                $0.add(.count, deliveries)
            }
        }
        accounts.eachPath { path, deliveries in
            text.line(.path) {
                $0.add(path)
                $0.add(.count, deliveries)
            }
        }
        accounts.eachReach { account, path, reason, frames in
            text.line(.reach) {
                $0.add(.account, account)
                $0.add(path)
                $0.add(.flags, reason.rawValue)
                $0.add(.count, frames)
            }
        }
        write(paths.activity, of: "deliveries")
        write(fillActivity, of: "fills")
        for (number, one) in paths.tally.enumerated() where one.deliveries > 0 {
            write(circumstanceExamples[number], one)
        }
        for one in paths.traffic.stretches where one.deliveries + one.others > 0 {
            text.line(.traffic) {
                $0.add(.time, one.from)
                $0.add(.deliveries, one.deliveries)
                $0.add(.others, one.others)
            }
        }
    }

    private mutating func write(_ what: String, _ count: Int) {
        guard count > 0 else { return }
        text.line(.count) {
            $0.add(.name, what)
            $0.add(.count, count)
        }
    }

    private mutating func write(_ collision: KeyCollisions.Collision) {
        text.line(.collision) {
            $0.add(.node, collision.place.node)
            $0.add(.key, collision.place.key)
            $0.add(.owners, collision.owners)
            $0.add(.cameras, collision.cameras)
            $0.add(.fills, collision.fills)
            $0.add(.first, collision.first)
            $0.add(.last, collision.last)
            $0.add(.time, collision.since)
            $0.add(.fillSource, tags[Int(collision.sinceFill.source)])
            $0.add(.fillLine, collision.sinceFill.line)
            $0.add(.version, collision.version)
        }
    }

    /// One of the deliveries stands for their attributes.
    private mutating func write(_ one: DeliveryTraits, _ count: Int) {
        guard let delivery = groupExamples[one.group] else { return }
        text.line(.traits) {
            $0.add(.client, delivery.client)
            $0.add(.network, delivery.network)
            $0.add(.camera, delivery.camera)
            $0.add(.node, delivery.node)
            $0.add(.cacheStatus, CacheStatus.labels[Int(delivery.cacheStatus.rawValue)])
            $0.add(.kind, delivery.kind)
            $0.add(.extra, delivery.extra)
            $0.add(.key, delivery.key)
            $0.add(.time, delivery.time.stamp)
            $0.add(.rolloutAtFill, traits.notes.rolloutAtFill(ofGroup: one.group))
            if one.roundTrip >= 0 { $0.add(.rttMs, one.roundTrip) }
            if one.loss >= 0 { $0.add(.lossBp, one.loss) }
            $0.add(.count, count)
        }
    }

    private mutating func write(_ activity: Activity, of log: String) {
        activity.eachMinute { node, first, last, lines in
            text.line(.minute) {
                $0.add(.log, log)
                $0.add(.node, node)
                $0.add(.first, first)
                $0.add(.last, last)
                $0.add(.count, lines)
            }
        }
        for (node, lines) in activity.lines {
            text.line(.minute) {
                $0.add(.log, log)
                $0.add(.node, node)
                $0.add(.lines, lines)
            }
        }
    }

    private mutating func write(_ delivery: Delivery, _ one: PathSurvey.Tally) {
        text.line(.tally) {
            $0.add(.clock, delivery.clock)
            $0.add(.node, delivery.node)
            $0.add(.client, delivery.client)
            $0.add(.network, delivery.network)
            $0.add(.kind, delivery.kind)
            $0.add(.extra, delivery.extra)
            $0.add(.cacheWord, delivery.cacheWord)
            $0.add(.status, delivery.status)
            $0.add(.cacheStatus, CacheStatus.labels[Int(delivery.cacheStatus.rawValue)])
            $0.add(.content, delivery.content == .none ? "none" : nil)
            $0.add(.flags, delivery.flags.rawValue)
            $0.add(.count, one.deliveries)
            $0.add(.first, one.first)
            $0.add(.last, one.last)
        }
    }
}

extension ExchangeText {
    fileprivate mutating func add(_ path: AccountPaths.Path) {
        for (field, name) in zip(ExchangeField.ofPath, path.names) { add(field, name) }
    }
}

extension ExchangeField {
    /// In the order of `AccountPaths.Path.names`.
    static let ofPath: [ExchangeField] = [.client, .model, .node, .kind, .network, .rolloutAtDelivery]
}
