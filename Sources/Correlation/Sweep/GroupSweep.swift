public import LogRecords

/// The correlation of some keys of a dump whose events come as a stream, key by key, in order of their clocks' own
/// times: what one machine does with a whole case, so that any split of the keys over machines finds the same.
///
/// Each key's fills, purges and frame ids are told before its events (`foretell`), for one machine knows them all
/// before it judges anything. Then every delivery is screened and every event followed, as a case's are; what the sweep
/// finds under a key that turns out to be uncontested does not count, for the survey has cleared it. Such findings are
/// held back until that is known, and there are next to none of them. The events, too, are held back as long as they are few:
/// of an uncontested key nobody need follow any.
public struct GroupSweep {
    private var sweep: Sweep
    private var order: ReorderBuffer
    private let clocks: Clocks
    private var key = SymbolID.absent
    /// What the sweep found under this key as long as it is uncontested.
    private var held: [(Delivery, Finding)] = []
    private var heldClear = 0
    /// Events under this key that were not followed yet, their times corrected, and the earliest moment by their own clock.
    private var waiting: [(event: KeyEvent, uncorrected: Int64)] = []
    private static let mostWaiting = 4096
    private var lostBefore = 0
    private var cleared = 0
    private var lost = 0

    /// - Parameter survey: knows what all fills of the dump show, and no key.
    public init(judge: Judge, clocks: Clocks, deliveringNodes: [SymbolID], survey: UncontestedKeys) {
        sweep = Sweep(judge: judge, clocks: clocks, deliveringNodes: deliveringNodes, survey: survey)
        order = ReorderBuffer(clocks)
        self.clocks = clocks
    }

    /// Takes note of a fill to come.
    public mutating func foretell(_ fill: Fill) { sweep.survey?.add(fill, sweep.judge.directory) }

    /// Takes note of a purge to come, after the fills.
    public mutating func foretell(_ purge: Purge) { sweep.survey?.add(purge) }

    /// Takes note of what a fill anywhere says of a frame id.
    public mutating func foretell(_ entry: FrameIndex.Entry, of frame: SymbolID) {
        sweep.judge.frames.add(entry, of: frame)
    }

    /// Takes the next event and emits all but clear deliveries, once nothing to come can concern them.
    public mutating func add(_ event: KeyEvent, emit: (Delivery, Finding) throws -> Void) throws {
        if event.key != key {
            try finish(emit: emit)
            key = event.key
        }
        let corrected = event.corrected(by: clocks)
        if case .delivery(let delivery) = corrected, case .judged(let finding) = sweep.screen(delivery), let finding {
            if finding.certainty == .clear, finding.content == .frame {
                cleared += 1
            } else {
                try emit(delivery, finding)
            }
        }
        guard key.isPresent else { return }
        waiting.append((corrected, event.time.earliest))
        let isFollowed = sweep.survey?.isFollowed(key) == true
        if isFollowed || waiting.count >= Self.mostWaiting { followWaiting() }
        if isFollowed { try release(emit) }
    }

    /// Follows the events that wait.
    private mutating func followWaiting() {
        var found: [(Delivery, Finding)] = []
        for (event, uncorrected) in waiting {
            order.add(event, uncorrected: uncorrected) { event in sweep.add(event) { found.append(($0, $1)) } }
        }
        waiting.removeAll(keepingCapacity: true)
        hold(found)
    }

    /// Emits what is left of the last key.
    public mutating func finish(emit: (Delivery, Finding) throws -> Void) throws {
        let isFollowed = key.isPresent && sweep.survey?.isFollowed(key) == true
        if isFollowed { followWaiting() } else { waiting.removeAll(keepingCapacity: true) }
        var found: [(Delivery, Finding)] = []
        order.finish { event in sweep.add(event) { found.append(($0, $1)) } }
        sweep.finish { found.append(($0, $1)) }
        hold(found)
        if isFollowed {
            try release(emit)
            lost += sweep.lostFills - lostBefore
        }
        (held, heldClear, lostBefore, key) = ([], 0, sweep.lostFills, .absent)
    }

    /// Deliveries that are clear and were not emitted, of all keys that are finished.
    public var clearedCount: Int { cleared + (sweep.survey?.clearedCount ?? 0) }

    /// Requests that asked the origin, under the finished keys, without a line of it in the origin's log.
    public var lostFills: Int { lost + (sweep.survey?.lostFills ?? 0) }

    private mutating func hold(_ found: [(Delivery, Finding)]) {
        for one in found {
            if one.1.certainty == .clear { heldClear += 1 } else { held.append(one) }
        }
    }

    private mutating func release(_ emit: (Delivery, Finding) throws -> Void) throws {
        for (delivery, finding) in held { try emit(delivery, finding) }
        cleared += heldClear
        held.removeAll(keepingCapacity: true)
        heldClear = 0
    }
}
