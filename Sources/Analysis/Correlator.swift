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
        /// The bound on the difference of two nodes' clocks, microseconds.
        public var skew = Clocks.defaultSkew
        /// How long after a thumbnail a look at the full frame counts as opening it, microseconds.
        public var openedWithin: Int64 = 600_000_000

        public init() {}
    }

    private let caseFile: CaseFile
    private let options: Options

    public init(_ caseFile: CaseFile, _ options: Options) {
        self.caseFile = caseFile
        self.options = options
    }

    /// - Parameter progress: called now and then with the number of deliveries looked at; what it throws ends the run,
    ///   and the case stays as it was.
    /// - Throws: `CaseFileError`, or `AnalysisError.noDeliveries` if the case has none.
    public func run(progress: (Int) throws -> Void = { _ in }) throws {
        try caseFile.write { db in
            let reader = try EventReader(db)
            let directory = Directory(cameras: try reader.cameras(), grants: try reader.grants())
            let rolloutRecords = try reader.rollouts()
            let rollouts = RolloutSchedule(rolloutRecords)
            let clocks = Clocks(skew: options.skew)
            var frames = FrameIndex()
            var survey = KeySurvey(clocks: clocks)
            var notes = CauseNotes(rolloutRecords)
            var collisions = KeyCollisions(directory)
            try reader.eachFill { fill in
                frames.add(fill, directory, tieBreak: reader.tieBreak(fill.id))
                survey.add(fill, directory)
                notes.add(fill)
                collisions.notice(fill)
            }
            if collisions.isAny { try reader.eachFill { collisions.add($0, tieBreak: reader.tieBreak($0.id)) } }
            try reader.eachPurge { survey.add($0) }
            let judge = Judge(directory: directory, frames: frames, rollouts: rollouts)
            try EventWriter(db, names: caseFile.names).writeNames()
            var writer = try FindingWriter(db)
            var activity = Activity()
            var paths = AccountPaths(directory, rollouts)
            var seen = 0
            try reader.eachDelivery { delivery in
                activity.add(delivery)
                paths.add(delivery)
                if delivery.content == .frame { notes.add(delivery) }
                if case .judged(let finding) = judge.screen(delivery, &survey), let finding {
                    try writer.write(finding)
                }
                seen += 1
                if seen % 10_000 == 0 { try progress(seen) }
            }
            writer.countCleared(survey.clearedCount)
            var sweep = Sweep(
                judge: judge, clocks: clocks, hasManyNodes: activity.nodeCount > 1, survey: survey)
            func keep(_ delivery: Delivery, _ finding: Finding) throws {
                try writer.write(finding)
                seen += 1
                if seen % 10_000 == 0 { try progress(seen) }
            }
            try reader.eachEvent(
                under: survey.contested, fill: { try sweep.add(.fill($0), emit: keep) },
                purge: { try sweep.add(.purge($0), emit: keep) }, delivery: { try sweep.add(.delivery($0), emit: keep) }
            )
            try sweep.finish(emit: keep)
            let finder = CauseFinder(
                reader: reader, exposures: ExposureReader(db), directory: directory, rollouts: rollouts,
                names: caseFile.names)
            let conditions = try finder.conditions(notes)
            let chosen = ChosenScope(stated: options.scope, conditions)
            if let conditions { try writer.write(conditions) }
            try writer.write(finder.affected(chosen.scope, conditions, paths))
            try writer.write(collisions, rollouts, caseFile.names)
            try writer.write(activity)
            try writer.markOpened(within: options.openedWithin)
            // A scope can name what no line does.
            try EventWriter(db, names: caseFile.names).writeNames()
            let figures = figures(writer.counts, chosen, conditions)
            try writer.write(figures: figures)
            try Journal.append("correlate", figures, to: db)
        }
    }

    private func figures(
        _ counts: FindingWriter.Counts, _ chosen: ChosenScope, _ conditions: Conditions?
    ) -> [String: String] {
        var figures = [
            "deliveries": "\(counts.deliveries)", "deliveries_clear": "\(counts.clear)",
            "shown_again": "\(counts.shownAgain)", "skew_us": "\(options.skew)",
            "opened_within_us": "\(options.openedWithin)",
        ]
        figures["scope"] = chosen.scope?.description
        figures["scope_basis"] = chosen.basis
        figures["cause"] = conditions?.sentence
        figures["conditions_tried"] = conditions.map { "\($0.tried)" }
        return figures
    }
}
