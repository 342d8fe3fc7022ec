import Analysis
import Casefile
import Correlation
import Foundation
import Interning
import LogRecords

/// What is known of the groups so far.
struct SweepDesk {
    let names = StringInterner()
    let facts: JobContext
    let output: BlockOutput
    let tags: [SymbolID]
    private let clocks: Clocks
    private let most: Int
    private(set) var stream: GroupSweep
    private(set) var collisions: KeyCollisions
    private(set) var traits: TraitSurvey
    private(set) var paths: PathSurvey
    private(set) var fillActivity = Activity()

    private var turn = PartRecords.Turn.fillAhead
    private var earliest: Int64 = 0
    /// Events of one group and moment, and what puts them in order.
    private var moment: [(event: KeyEvent, kind: UInt8, id: EventID)] = []
    /// Deliveries to be noted, their times corrected, and the numbers of their circumstances.
    private var block: [Delivery] = []
    private var circumstances: [Int32] = []
    private var circumstanceNumbers: [DeliveryContext: Int32] = [:]
    private(set) var circumstanceExamples: [Delivery] = []
    private var lastCircumstance: (DeliveryContext, Int32)?
    /// How many deliveries have each traits, and one of each group.
    private(set) var traitCounts: [DeliveryTraits: Int] = [:]
    private(set) var groupExamples: [Int32: Delivery] = [:]
    /// The group's key, if any of its deliveries is an exposure.
    private var exposedKey = SymbolID.absent
    private(set) var shownAgain = 0
    /// Deliveries of sources that count.
    private(set) var taken = 0
    private static let mostTraits = 500_000
    private static let blockSize = 1024

    /// - Parameter paths: files that `strayframe survey` wrote.
    init(_ paths: [String], _ file: FileHandle) throws {
        facts = try JobContext(paths, names)
        tags = facts.tags(names)
        clocks = facts.clocks
        output = BlockOutput(file, names)
        most = names.count + PartitionSweep.mostNames
        let (directory, rollouts) = (facts.directory, facts.rollouts)
        stream = GroupSweep(
            judge: Judge(directory: directory, frames: FrameIndex(), rollouts: rollouts, clocks: clocks),
            clocks: clocks, deliveringNodes: facts.deliveringNodes, survey: facts.keySurvey)
        collisions = KeyCollisions(directory)
        collisions.clocks = clocks
        traits = TraitSurvey(CauseNotes(directory, rollouts, names), DeliverySlots(facts.span))
        self.paths = PathSurvey(AccountPaths(directory, rollouts))
    }

    /// Whether it knows so many names that it should begin anew.
    var isFull: Bool { names.count > most }

    mutating func take(_ turned: PartRecords.Turned) throws {
        let line = turned.block
        if turned.isFirst {
            try finishGroup()
        } else if turned.turn != turn || turned.earliest != earliest {
            try finishMoment()
        }
        (turn, earliest) = (turned.turn, turned.earliest)
        guard let id = try facts.event(line) else { return }
        switch line.type {
        case .frame: try foretellFrame(id, line)
        case .fill, .sent:
            let fill = try line.fill(id)
            if turn.isAhead { foretell(fill) } else { moment.append((.fill(fill), 0, id)) }
        case .purge:
            let purge = try line.purge(id)
            if turn.isAhead {
                stream.foretell(purge)
                collisions.add(purge)
            } else {
                moment.append((.purge(purge), 1, id))
            }
        default:
            taken += 1
            moment.append((.delivery(try line.delivery(id)), 2, id))
        }
    }

    /// Counts out all that was noted.
    mutating func finish() throws {
        try finishGroup()
        note()
        try writeTraits()
        try writeCounts()
        try output.finish()
    }

    // MARK: Groups

    private mutating func foretell(_ fill: Fill) {
        stream.foretell(fill)
        traits.notes.add(fill)
        collisions.notice(fill)
    }

    private mutating func foretellFrame(_ id: EventID, _ line: RecordBlock) throws {
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
            case .delivery(let delivery): try note(delivery)
            }
            try follow { try $0.add(event, emit: $1) }
        }
    }

    /// Judges what is left of a group.
    mutating func finishGroup() throws {
        try finishMoment()
        try follow { try $0.finish(emit: $1) }
        guard exposedKey.isPresent else { return }
        // What the rollout at the fill is guessed by, for deliveries under this key.
        for (node, at) in traits.notes.firstFills(of: exposedKey) {
            try output.record(.firstFill) {
                $0.add(.key, exposedKey)
                $0.add(.node, node)
                $0.add(.time, at)
            }
        }
        exposedKey = .absent
    }

    private mutating func follow(
        _ body: (inout GroupSweep, (Delivery, Finding) throws -> Void) throws -> Void
    ) throws {
        var found: [(Delivery, Finding)] = []
        try body(&stream) { found.append(($0, $1)) }
        for (delivery, finding) in found { try write(delivery, finding) }
    }

    // MARK: Findings

    private mutating func write(_ delivery: Delivery, _ finding: Finding) throws {
        let isRedisplay = finding.content == .redisplay
        guard finding.isExposure || finding.cause != nil && !isRedisplay else {
            if isRedisplay { shownAgain += 1 }
            return
        }
        if finding.isExposure, !isRedisplay { exposedKey = delivery.key }
        var raw = delivery
        raw.time = clocks.uncorrected(delivery.time, delivery.clock)
        let tag = tags[Int(delivery.id.source)]
        try output.append(.delivery) { $0.add(raw, from: tag) }
        try output.record(.finding) {
            $0.add(.source, tag)
            $0.add(.line, delivery.id.line)
            $0.add(.content, isRedisplay ? "redisplay" : nil)
            $0.add(.certainty, finding.certainty.label)
            $0.add(.evidence, finding.evidence?.label)
            $0.add(.cause, finding.cause?.label)
            $0.add(.rolloutAtDelivery, finding.rolloutAtDelivery)
            $0.add(.owners, finding.candidates.count)
            $0.add(.others, finding.mayBeOfUnnamed ? 1 : 0, ifNot: 0)
            // By these the looks that followed it are found.
            $0.add(.requester, delivery.requester)
            $0.add(.camera, delivery.camera)
            $0.add(.kind, delivery.kind)
        }
        for (index, candidate) in finding.candidates.enumerated() {
            try output.record(.candidate) {
                $0.add(.source, tag)
                $0.add(.line, delivery.id.line)
                $0.add(.rank, index + 1)
                $0.add(.owner, candidate.origin.owner)
                $0.add(.camera, candidate.origin.camera)
                $0.add(.fillSource, candidate.fill.map { tags[Int($0.source)] } ?? .absent)
                $0.add(.fillLine, candidate.fill?.line)
                $0.add(.relation, candidate.relation.label)
                $0.add(.rolloutAtFill, candidate.rolloutAtFill)
            }
        }
    }

    // MARK: Counts

    private mutating func note(_ delivery: Delivery) throws {
        var corrected = delivery
        corrected.time = clocks.corrected(delivery.time, delivery.clock)
        block.append(corrected)
        circumstances.append(number(of: DeliveryContext(delivery), delivery))
        if block.count == Self.blockSize { note() }
        if traitCounts.count > Self.mostTraits {
            note()
            try writeTraits()
        }
    }

    private mutating func number(of circumstance: DeliveryContext, _ delivery: Delivery) -> Int32 {
        if let (last, number) = lastCircumstance, last == circumstance { return number }
        let number = circumstanceNumbers[circumstance] ?? Int32(circumstanceExamples.count)
        if Int(number) == circumstanceExamples.count {
            circumstanceNumbers[circumstance] = number
            circumstanceExamples.append(delivery)
        }
        lastCircumstance = (circumstance, number)
        return number
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

    private mutating func writeTraits() throws {
        // In an order in which most columns change seldom.
        let sorted = traitCounts.sorted {
            ($0.key.group, $0.key.roundTrip, $0.key.loss) < ($1.key.group, $1.key.roundTrip, $1.key.loss)
        }
        for (one, count) in sorted {
            guard let delivery = groupExamples[one.group] else { continue }
            try output.record(.traits) { $0.add(one, count, delivery, traits.notes) }
        }
        traitCounts.removeAll(keepingCapacity: true)
    }
}
