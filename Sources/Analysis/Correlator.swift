internal import CMalloc
public import Casefile
public import Correlation
import GRDB
import LogRecords
import Synchronization

/// Runs the correlation over a case and stores what it finds, all or nothing.
public struct Correlator {
    /// What a run is told.
    public struct Options: Sendable {
        /// Nil: taken from the cause that the conditions name, or else the whole dump.
        public var scope: Scope?
        /// The bound on the difference of two nodes' clocks, microseconds, which then are compared as they are. Nil:
        /// each clock's offset is estimated from the dump and corrected.
        public var skew: Int64?
        /// How long after a thumbnail a look at the full frame counts as opening it, microseconds.
        public var openedWithin: Int64 = 600_000_000

        /// Whether a case may be correlated whose last ingest did not come to its end; its counts then lack what was not read.
        public var isIncompleteAccepted = false

        public init() {}
    }

    private let caseFile: CaseFile
    private let options: Options
    private let trace: EventTrace?

    /// - Parameter trace: of the case's events, if the run that read them has one; else they are read from the case.
    public init(_ caseFile: CaseFile, _ options: Options, trace: EventTrace? = nil) {
        self.caseFile = caseFile
        self.options = options
        self.trace = trace
    }

    /// - Parameter progress: called now and then with the number of deliveries looked at, and how many there are; those whose
    ///   key must be followed are looked at twice. What it throws ends the run, and the case stays as it was.
    /// - Throws: `CaseFileError`, or `AnalysisError.noDeliveries` if the case has none.
    public func run(progress: (Int, Int) throws -> Void = { _, _ in }) throws {
        try caseFile.writeUntouched { db in
            try ResultImport.refuse(db, path: caseFile.path, to: "correlate")
            if !options.isIncompleteAccepted, try Journal.unfinishedIngest(db) != nil {
                throw AnalysisError.unfinishedIngest(path: caseFile.path)
            }
            let doubles = caseFile.frames.doubles()
            caseFile.shrinkNames()
            #if canImport(Glibc)
                // What the reading threads left between what is still in use.
                malloc_trim(0)
            #endif
            let reader = try EventReader(db, of: caseFile, trace: trace, doubles: doubles)
            var survey = try EventSurvey(reader, caseFile.names, skew: options.skew)
            var traitSurvey = TraitSurvey(survey.takeNotes(), DeliverySlots(try reader.span()))
            var pathSurvey = PathSurvey(AccountPaths(survey.directory, survey.rollouts))
            var writer = try FindingWriter(db)
            let traits = TraceFile<DeliveryTraits>(folder: caseFile.folder)
            let lostFills = try judge(reader, &survey, &traitSurvey, &pathSurvey, &writer, traits, progress)
            let conclusions = Conclusions(
                caseFile: caseFile, exposures: try reader.exposures(folder: caseFile.folder), rollouts: survey.rollouts,
                notes: traitSurvey.notes,
                paths: pathSurvey.paths, slots: traitSurvey.slots,
                countTraits: { study in try traits.eachBlock { study.count($0) } },
                collisions: try survey.collisions(reader), deliveryActivity: pathSurvey.activity,
                fillActivity: survey.fillActivity, tally: pathSurvey.tally, traffic: pathSurvey.traffic,
                offsets: survey.offsets(with: pathSurvey.clocks), skew: survey.skew(with: pathSurvey.clocks),
                lostFills: lostFills)
            try Journal.append(
                .correlate, try conclusions.store(writer, options), arguments: caseFile.arguments, to: db)
        }
    }

    /// Judges every delivery and takes note of it: those that need no history as they come, the others key by key.
    ///
    /// - Parameter traits: gets what the study of causes wants to know of each.
    /// - Returns: how many requests fetched from an origin whose log has no line of it.
    private func judge(
        _ reader: EventReader, _ survey: inout EventSurvey, _ traitSurvey: inout TraitSurvey,
        _ pathSurvey: inout PathSurvey, _ writer: inout FindingWriter, _ traits: TraceFile<DeliveryTraits>,
        _ progress: (Int, Int) throws -> Void
    ) throws -> Int {
        let (clocks, isCorrecting) = (survey.clocks, survey.clocks.isCorrecting)
        let judge = Judge(directory: survey.directory, frames: survey.frames, rollouts: survey.rollouts, clocks: clocks)
        var keys = survey.takeKeys()
        var seen = 0
        /// Of deliveries judged by themselves, until they are written.
        let judged = Mutex<[Finding]>([])
        func writeJudged() throws {
            let findings = judged.withLock { all in
                defer { all = [] }
                return all
            }
            for finding in findings { try writer.write(finding) }
        }
        // Each block passes three threads: it is unpacked, then noted, then judged.
        try handOn { hand in
            try makeAhead { (hand: ((block: [Delivery], circumstances: [Int32])) throws -> Void) in
                try reader.eachDeliveryBlock { block, circumstances in
                    var block = block
                    if isCorrecting {
                        for index in block.indices {
                            block[index].time = clocks.corrected(block[index].time, block[index].clock)
                        }
                    }
                    try hand((block, circumstances))
                }
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
        try writeJudged()
        writer.countCleared(keys.clearedCount)
        let lostFills = keys.lostFills
        let contested = keys.keepContested()
        var pass = KeyPass(
            Sweep(judge: judge, clocks: clocks, deliveringNodes: pathSurvey.activity.active, survey: keys), clocks)
        func keep(_ finding: Finding) throws {
            try writer.write(finding)
            seen += 1
            if seen % 10_000 == 0 { try progress(seen, reader.deliveryCount) }
        }
        guard let events = try reader.fewEvents(under: contested) else {
            try reader.eachSorted(under: contested) { try pass.follow($0, emit: keep) }
            try pass.finish(emit: keep)
            return lostFills + pass.lostFills
        }
        var (half, other) = events.halves()
        var otherPass = pass
        var (findings, otherFindings): ([Finding], [Finding]) = ([], [])
        together {
            half.each { pass.follow($0) { findings.append($0) } }
            pass.finish { findings.append($0) }
        } _: {
            other.each { otherPass.follow($0) { otherFindings.append($0) } }
            otherPass.finish { otherFindings.append($0) }
        }
        for finding in findings { try keep(finding) }
        for finding in otherFindings { try keep(finding) }
        return lostFills + pass.lostFills + otherPass.lostFills
    }
}

/// Follows keys through time whose events come in order of their own clocks' times.
private struct KeyPass {
    private var sweep: Sweep
    private var order: KeyOrder
    private let clocks: Clocks
    private let isCorrecting: Bool

    init(_ sweep: Sweep, _ clocks: Clocks) {
        self.sweep = sweep
        self.clocks = clocks
        isCorrecting = clocks.isCorrecting
        order = KeyOrder(clocks)
    }

    var lostFills: Int { sweep.lostFills }

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
