public import Casefile
public import Correlation
import GRDB
import LogRecords

/// Runs the correlation over a case and stores what it finds, all or nothing.
public struct Correlator {
    /// What a run is told.
    public struct Options: Sendable {
        /// Nil: the whole dump is the scope.
        public var scope: Scope?
        /// The bound on the difference of two nodes' clocks, microseconds, which then are compared as they are. Nil:
        /// each clock's offset is estimated from the dump and corrected.
        public var skew: Int64?
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
            let rollouts = RolloutSchedule(try reader.rollouts())
            var ties = ClockTies()
            if try reader.hasOriginLog() { try reader.sampleDeliveries { ties.add($0) } }
            var frames = FrameIndex()
            var survey = KeySurvey(clocks: Clocks())
            try reader.eachFill { fill in
                ties.add(fill)
                frames.add(fill, directory, tieBreak: reader.tieBreak(fill.id))
                survey.add(fill, directory)
            }
            try reader.eachPurge {
                survey.add($0)
                ties.see($0.clock)
            }
            var offsets = ties.offsets()
            let clocks = options.skew.map { Clocks(skew: $0) } ?? Clocks(offsets: offsets)
            let isCorrecting = clocks.isCorrecting
            survey.clocks = clocks
            let judge = Judge(directory: directory, frames: frames, rollouts: rollouts)
            var affected = AffectedAccounts(options.scope, directory, caseFile.names)
            try EventWriter(db, names: caseFile.names).writeNames()
            var writer = try FindingWriter(db)
            var activity = Activity()
            var counts = DeliveryCounts(try reader.span())
            var seen = 0
            try reader.eachDelivery { logged in
                activity.add(logged)
                ties.see(logged.clock)
                var delivery = logged
                if isCorrecting { delivery.time = clocks.corrected(delivery.time, delivery.clock) }
                if delivery.content != .none {
                    let rollout = rollouts.inForce(on: delivery.node, at: delivery.time.stamp)
                    affected.add(delivery, rollout: rollout)
                    if delivery.content == .frame { counts.add(delivery, rollout: rollout) }
                }
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
            var order = KeyOrder(clocks)
            func follow(_ event: KeyEvent) throws {
                guard isCorrecting else { return try sweep.add(event, emit: keep) }
                try order.add(event.corrected(by: clocks), uncorrected: event.time.earliest) {
                    try sweep.add($0, emit: keep)
                }
            }
            try reader.eachEvent(
                under: survey.contested, fill: { try follow(.fill($0)) }, purge: { try follow(.purge($0)) },
                delivery: { try follow(.delivery($0)) })
            try order.finish { try sweep.add($0, emit: keep) }
            try sweep.finish(emit: keep)
            try writer.write(affected)
            try writer.write(activity)
            counts.close()
            try RateWriter(db: db, counts: counts, rollouts: rollouts).write()
            try writer.markOpened(within: options.openedWithin)
            // The sample may have missed a clock, which then is tied to none.
            for clock in ties.seen where !offsets.contains(where: { $0.clock == clock }) {
                offsets.append(.assumed(clock))
            }
            try writer.write(offsets, isCorrected: options.skew == nil)
            let figures = figures(
                writer.counts, skew: clocks.widest(among: ties.seen), lostFills: survey.lostFills + sweep.lostFills)
            try writer.write(figures: figures)
            try Journal.append("correlate", figures, to: db)
        }
    }

    private func figures(_ counts: FindingWriter.Counts, skew: Int64, lostFills: Int) -> [String: String] {
        var figures = [
            "deliveries": "\(counts.deliveries)", "deliveries_clear": "\(counts.clear)",
            "shown_again": "\(counts.shownAgain)", "fetches_without_fill": "\(lostFills)", "skew_us": "\(skew)",
            "opened_within_us": "\(options.openedWithin)",
        ]
        figures["scope"] = options.scope?.description
        return figures
    }
}
