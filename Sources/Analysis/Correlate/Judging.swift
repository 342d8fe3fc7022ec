import Casefile
import Correlation
import LogRecords
import Synchronization

/// A pass of judgement over all deliveries of a case: those that need no history as they come, the others key by key.
struct Judging {
    private let reader: EventReader
    private var judge: Judge
    private let clocks: Clocks
    private var keys: UncontestedKeys
    private var seen = 0
    /// Requests that fetched and of whose fill no log has a line.
    private(set) var lostFills = 0
    /// What the pass saw of the assumptions behind it.
    private(set) var observations = Observations()
    /// Fresh hits in the later half of the dump that were looked up by key, and those whose key no fill names.
    var hits: (all: Int, withoutFill: Int, keys: Int) { (keys.hits, keys.hitsWithoutFill, keys.keysWithoutFill.count) }

    /// Answers that fetched and name no key, where no log tells fills.
    var fillsWithoutKey: Int { keys.fillsWithoutKey }
    /// Misses in the later half of the dump without a line in the origin's log, under keys that it had not named by then.
    var fetchesBeforeAnyFill: Int { keys.missesWithoutFill + observations.fetchesBeforeAnyFill }

    /// - Parameters:
    ///   - keys: what all fills and purges show.
    ///   - middle: of the dump's time, microseconds.
    ///   - window: the deliveries that count.
    init(
        _ reader: EventReader, _ survey: EventSurvey, keys: UncontestedKeys, middle: Int64,
        rules: ServingRules = ServingRules(), window: TimeWindow = .all
    ) {
        self.reader = reader
        self.keys = keys
        self.keys.middle = middle
        clocks = survey.clocks
        judge = Judge(
            directory: survey.directory, frames: survey.frames, rollouts: survey.rollouts, clocks: survey.clocks,
            rules: rules, window: window)
        // Where no log tells fills, the lines do.
        judge.frames.areLinesAlike = survey.fillCount == 0
    }

    /// Judges every delivery, and takes note of what the causes, the scope and the rates want to know of it.
    mutating func judgeFirst(
        _ traitSurvey: inout TraitSurvey, _ pathSurvey: inout PathSurvey, _ writer: inout FindingWriter,
        _ traits: SpillFile<DeliveryTraits>, progress: (Int, Int) throws -> Void
    ) throws {
        let judge = judge
        /// Of deliveries judged by themselves, until they are written.
        let judged = Mutex<[Finding]>([])
        func writeJudged() throws {
            let findings = judged.withLock { all in
                defer { all = [] }
                return all
            }
            for finding in findings { try writer.write(finding) }
        }
        var keys = keys
        self.keys = UncontestedKeys(clocks: clocks)
        // Each block passes three threads: it is unpacked, then noted, then judged.
        try pipelined { hand in
            try prefetching { (hand: ((block: [Delivery], circumstances: [Int32])) throws -> Void) in
                try eachCorrectedBlock { try hand(($0, $1)) }
            } use: { block, circumstances in
                let noted = traitSurvey.add(block, circumstances)
                hand((block, noted))
                try traits.append(noted.traits)
                try writeJudged()
                seen += block.count
                try progress(seen, reader.deliveryCount)
            }
        } to: { (block: [Delivery], noted: TraitSurvey.Noted) in
            pathSurvey.add(block, noted)
            let findings = judge.screen(block, &keys)
            judged.withLock { $0 += findings }
        }
        self.keys = keys
        try writeJudged()
        if keys.areLinesAlike { self.judge.frames.areLinesAlike = true }
        try followKeys(nodes: pathSurvey.activity.active, &writer, progress)
    }

    /// Judges every delivery, all else being known from the first pass.
    ///
    /// - Parameter nodes: that have deliveries.
    mutating func judgeAgain(
        nodes: [SymbolID], _ writer: inout FindingWriter, progress: (Int, Int) throws -> Void
    ) throws {
        try eachCorrectedBlock { block, _ in
            for finding in judge.screen(block, &keys) { try writer.write(finding) }
        }
        if keys.areLinesAlike { judge.frames.areLinesAlike = true }
        seen = reader.deliveryCount
        try followKeys(nodes: nodes, &writer, progress)
    }

    private func eachCorrectedBlock(_ body: ([Delivery], [Int32]) throws -> Void) throws {
        let isCorrecting = clocks.isCorrecting
        try reader.eachDeliveryBlock { block, circumstances in
            guard isCorrecting else { return try body(block, circumstances) }
            var block = block
            for index in block.indices {
                block[index].time = clocks.corrected(block[index].time, block[index].clock)
            }
            try body(block, circumstances)
        }
    }

    /// Follows the keys through time that need it, once all deliveries are screened.
    private mutating func followKeys(
        nodes: [SymbolID], _ writer: inout FindingWriter, _ progress: (Int, Int) throws -> Void
    ) throws {
        writer.countCleared(keys.clearedCount)
        lostFills = keys.lostFills
        let contested = keys.keepContested()
        var pass = KeyPass(Sweep(judge: judge, clocks: clocks, deliveringNodes: nodes, survey: keys), clocks)
        func keep(_ finding: Finding) throws {
            try writer.write(finding)
            seen += 1
            if seen % 10_000 == 0 { try progress(seen, reader.deliveryCount) }
        }
        guard let events = try reader.fewEvents(under: contested) else {
            try reader.eachSorted(under: contested) { try pass.follow($0, emit: keep) }
            try pass.finish(emit: keep)
            return note(pass)
        }
        var (half, other) = events.halves()
        var otherPass = pass
        var (findings, otherFindings): ([Finding], [Finding]) = ([], [])
        forkJoin {
            half.each { pass.follow($0) { findings.append($0) } }
            pass.finish { findings.append($0) }
        } _: {
            other.each { otherPass.follow($0) { otherFindings.append($0) } }
            otherPass.finish { otherFindings.append($0) }
        }
        for finding in findings { try keep(finding) }
        for finding in otherFindings { try keep(finding) }
        note(pass)
        note(otherPass)
    }

    private mutating func note(_ pass: KeyPass) {
        lostFills += pass.lostFills
        observations.add(pass.observations)
    }
}

/// Follows keys through time whose events come in order of their own clocks' times.
private struct KeyPass {
    private var sweep: Sweep
    private var order: ReorderBuffer
    private let clocks: Clocks
    private let isCorrecting: Bool

    init(_ sweep: Sweep, _ clocks: Clocks) {
        self.sweep = sweep
        self.clocks = clocks
        isCorrecting = clocks.isCorrecting
        order = ReorderBuffer(clocks)
    }

    var lostFills: Int { sweep.lostFills }
    var observations: Observations { sweep.observations }

    mutating func follow(_ event: KeyEvent, emit: (Finding) throws -> Void) rethrows {
        guard isCorrecting else { return try sweep.add(event) { try emit($1) } }
        try order.add(event.corrected(by: clocks), uncorrected: event.time.earliest) {
            try sweep.add($0) { try emit($1) }
        }
    }

    mutating func finish(emit: (Finding) throws -> Void) rethrows {
        try order.finish { try sweep.add($0) { try emit($1) } }
        try sweep.finish { try emit($1) }
    }
}
