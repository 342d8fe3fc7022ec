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

        /// The deliveries that count.
        public var window = TimeWindow.all

        /// What the operator states of the dump.
        public var statements = Ledger.Statements()
        /// Whether a case may be correlated whose last ingest did not come to its end; its counts then lack what was not read.
        public var isIncompleteAccepted = false

        public init() {}
    }

    private let caseFile: CaseFile
    private let options: Options
    private let trace: EventSpool?

    /// - Parameter trace: of the case's events, if the run that read them has one; else they are read from the case.
    public init(_ caseFile: CaseFile, _ options: Options, trace: EventSpool? = nil) {
        self.caseFile = caseFile
        self.options = options
        self.trace = trace
    }

    /// - Parameter progress: called now and then with the number of deliveries looked at, and how many there are; those whose
    ///   key must be followed are looked at twice. What it throws ends the run, and the case stays as it was.
    /// - Throws: `CaseFileError`, `ScopeProblem` if the scope asks for what no delivery has, or `AnalysisError.noDeliveries` if
    ///   the case has none.
    public func run(progress: (Int, Int) throws -> Void = { _, _ in }) throws {
        try caseFile.writeUntouched { db in
            try ResultImport.refuse(db, path: caseFile.path, to: "correlate")
            if !options.isIncompleteAccepted, try Journal.unfinishedIngest(db) != nil {
                throw AnalysisError.unfinishedIngest(path: caseFile.path)
            }
            try options.scope?.requireKnownValues(db)
            let doubles = caseFile.frames.doubles()
            caseFile.shrinkNames()
            #if canImport(Glibc)
                // What the reading threads left between what is still in use.
                malloc_trim(0)
            #endif
            var reader = try EventReader(db, of: caseFile, trace: trace, doubles: doubles)
            var search = try AnswerSearch(db, reader, caseFile.names, folder: caseFile.folder)
            let shared = try search.run()
            try reader.merge(shared.answers, folder: caseFile.folder)
            let tables = try DirectoryTables(db)
            var survey = try EventSurvey(
                reader, caseFile.names, skew: options.skew,
                knowsRights: tables.hasGrants || options.statements.areNoGrants,
                areTiersUnnamed: !shared.figures.unnamedServers.isEmpty)
            let span = try reader.span()
            let middle = span.lowerBound + (span.upperBound - span.lowerBound) / 2
            var traitSurvey = TraitSurvey(survey.takeNotes(), DeliverySlots(span), options.window)
            var pathSurvey = PathSurvey(AccountPaths(survey.directory, survey.rollouts), options.window)
            var writer = try FindingWriter(db)
            let traits = SpillFile<DeliveryTraits>(folder: caseFile.folder)
            var judging = Judging(reader, survey, keys: survey.takeKeys(), middle: middle, window: options.window)
            try judging.judgeFirst(&traitSurvey, &pathSurvey, &writer, traits, progress: progress)
            var figures = try tables.figures(judging, survey, pathSurvey, reader, caseFile.names)
            figures.sharedAnswers = shared.figures
            let seen = figures.observations
            if figures.hits > 0, seen.originKeysUnnamed > 0, seen.originKeysUnnamed < seen.originKeys {
                let other = try OtherKeys(reader, survey.clocks)
                figures.answersUnderOtherKeys = (other.asked, other.found)
            }
            let problems = try DirectoryProblems(
                pathSurvey.paths, survey.directory, grants: try reader.grants(), caseFile.names, db,
                hasAccounts: tables.hasAccounts)
            problems.add(to: &figures)
            var crossings = CrossingSearch(db, reader, survey.clocks)
            try crossings.run(caseFile.names)
            crossings.add(to: &figures)
            let ledger = Ledger(figures, options.statements)
            if !ledger.rules.areTrusting {
                // What the dump contradicts is taken for granted no more, and everything is judged again.
                writer = try FindingWriter(db)
                judging = Judging(
                    reader, survey, keys: try survey.keysAgain(reader), middle: middle, rules: ledger.rules,
                    window: options.window)
                try judging.judgeAgain(nodes: pathSurvey.activity.active, &writer, progress: progress)
            }
            try problems.store()
            try crossings.store()
            let conclusions = Conclusions(
                caseFile: caseFile, exposures: try reader.exposures(folder: caseFile.folder), rollouts: survey.rollouts,
                notes: traitSurvey.notes,
                paths: pathSurvey.paths, slots: traitSurvey.slots,
                countTraits: { study in try traits.eachBlock { study.count($0) } },
                collisions: try survey.collisions(reader), deliveryActivity: pathSurvey.activity,
                fillActivity: survey.fillActivity, tally: pathSurvey.tally, traffic: pathSurvey.traffic,
                offsets: survey.offsets(with: pathSurvey.clocks), skew: survey.skew(with: pathSurvey.clocks),
                lostFills: judging.lostFills, ledger: ledger,
                keyStudy: KeyStudy(reader: reader, directory: survey.directory, window: options.window))
            try Journal.append(
                .correlate, try conclusions.store(writer, options), arguments: caseFile.arguments, to: db)
        }
    }
}
