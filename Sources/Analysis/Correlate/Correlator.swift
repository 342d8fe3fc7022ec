internal import CMalloc
public import Casefile
public import Correlation
import GRDB
import LogRecords

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
            try requireFit(db)
            let events = try readEvents(db)
            var survey = try surveyFills(events)
            var judgement = try judge(events, &survey, db, progress)
            let answers = try questionDump(events, survey, judgement, db)
            if !answers.ledger.rules.areTrusting {
                try judgeAgain(events, survey, answers.ledger.rules, &judgement, db, progress)
            }
            try conclude(events, survey, judgement, answers, db)
        }
    }

    private func requireFit(_ db: Database) throws {
        try ResultImport.refuse(db, path: caseFile.path, to: "correlate")
        if !options.isIncompleteAccepted, try Journal.unfinishedIngest(db) != nil {
            throw AnalysisError.unfinishedIngest(path: caseFile.path)
        }
        try options.scope?.requireKnownValues(db)
    }

    // MARK: Stage 1, the events

    /// The events of a case, each answer once, and the tables beside them.
    private struct Events {
        let reader: EventReader
        let tables: DirectoryTables
        /// How answers that several logs have were found to be one.
        let sharedAnswers: Ledger.SharedAnswers
        /// Of the deliveries, microseconds.
        let span: ClosedRange<Int64>
        var middle: Int64 { span.lowerBound + (span.upperBound - span.lowerBound) / 2 }
    }

    private func readEvents(_ db: Database) throws -> Events {
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
        return Events(
            reader: reader, tables: try DirectoryTables(db), sharedAnswers: shared.figures, span: try reader.span())
    }

    // MARK: Stage 2, fills, purges and clocks

    private func surveyFills(_ events: Events) throws -> EventSurvey {
        try EventSurvey(
            events.reader, caseFile.names, skew: options.skew,
            knowsRights: events.tables.hasGrants || options.statements.areNoGrants,
            areTiersUnnamed: !events.sharedAnswers.unnamedServers.isEmpty)
    }

    // MARK: Stage 3, every delivery

    /// What a judgement of every delivery found and noted.
    private struct Judgement {
        var judging: Judging
        var writer: FindingWriter
        var traits: TraitSurvey
        var paths: PathSurvey
        /// Of the deliveries that carried a frame, for the study of causes.
        let deliveryTraits: SpillFile<DeliveryTraits>
    }

    private func judge(
        _ events: Events, _ survey: inout EventSurvey, _ db: Database, _ progress: (Int, Int) throws -> Void
    ) throws -> Judgement {
        let (notes, keys) = (survey.takeNotes(), survey.takeKeys())
        var judgement = Judgement(
            judging: Judging(events.reader, survey, keys: keys, middle: events.middle, window: options.window),
            writer: try FindingWriter(db),
            traits: TraitSurvey(notes, DeliverySlots(events.span), options.window),
            paths: PathSurvey(AccountPaths(survey.directory, survey.rollouts), options.window),
            deliveryTraits: SpillFile(folder: caseFile.folder))
        try judgement.judging.judgeFirst(
            &judgement.traits, &judgement.paths, &judgement.writer, judgement.deliveryTraits, progress: progress)
        return judgement
    }

    // MARK: Stage 4, what the dump says of the assumptions

    private struct Answers {
        let ledger: Ledger
        let problems: DirectoryProblems
        let crossings: CrossingSearch
    }

    private func questionDump(
        _ events: Events, _ survey: EventSurvey, _ judgement: Judgement, _ db: Database
    ) throws -> Answers {
        let (reader, paths) = (events.reader, judgement.paths)
        var figures = try events.tables.figures(judgement.judging, survey, paths, reader, caseFile.names)
        figures.sharedAnswers = events.sharedAnswers
        let seen = figures.observations
        if figures.hits > 0, seen.originKeysUnnamed > 0, seen.originKeysUnnamed < seen.originKeys {
            let other = try OtherKeys(reader, survey.clocks)
            figures.answersUnderOtherKeys = (other.asked, other.found)
        }
        let problems = try DirectoryProblems(
            paths.paths, survey.directory, grants: try reader.grants(), caseFile.names, db,
            hasAccounts: events.tables.hasAccounts)
        problems.add(to: &figures)
        var crossings = CrossingSearch(db, reader, survey.clocks)
        try crossings.run(caseFile.names)
        crossings.add(to: &figures)
        return Answers(ledger: Ledger(figures, options.statements), problems: problems, crossings: crossings)
    }

    /// Judges every delivery without the assumptions that the dump contradicts.
    private func judgeAgain(
        _ events: Events, _ survey: EventSurvey, _ rules: ServingRules, _ judgement: inout Judgement, _ db: Database,
        _ progress: (Int, Int) throws -> Void
    ) throws {
        judgement.writer = try FindingWriter(db)
        judgement.judging = Judging(
            events.reader, survey, keys: try survey.keysAgain(events.reader), middle: events.middle, rules: rules,
            window: options.window)
        try judgement.judging.judgeAgain(
            nodes: judgement.paths.activity.active, &judgement.writer, progress: progress)
    }

    // MARK: Stage 5, the conclusions

    private func conclude(
        _ events: Events, _ survey: EventSurvey, _ judgement: Judgement, _ answers: Answers, _ db: Database
    ) throws {
        try answers.problems.store()
        try answers.crossings.store()
        let (reader, paths) = (events.reader, judgement.paths)
        let conclusions = Conclusions(
            caseFile: caseFile, exposures: try reader.exposures(folder: caseFile.folder), rollouts: survey.rollouts,
            notes: judgement.traits.notes, paths: paths.paths, slots: judgement.traits.slots,
            countTraits: { study in try judgement.deliveryTraits.eachBlock { study.count($0) } },
            collisions: try survey.collisions(reader), deliveryActivity: paths.activity,
            fillActivity: survey.fillActivity, tally: paths.tally, traffic: paths.traffic,
            offsets: survey.offsets(with: paths.clocks), skew: survey.skew(with: paths.clocks),
            lostFills: judgement.judging.lostFills, ledger: answers.ledger,
            keyStudy: KeyStudy(reader: reader, directory: survey.directory, window: options.window))
        try Journal.append(
            .correlate, try conclusions.store(judgement.writer, options), arguments: caseFile.arguments, to: db)
    }
}
