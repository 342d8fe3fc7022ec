public import Analysis
public import Casefile
import Correlation
import GRDB
import LogBytes
public import LogRecords

/// Brings what a job on many machines has found into a case, and draws the conclusions from it as `correlate` does.
///
/// Of deliveries the case then has the exposures, the unresolved ones and those that may be looks at an exposed frame, of
/// fills those that candidates name; the rest stays where the job has it.
public struct ResultImport {
    private let caseFile: CaseFile
    private let options: Correlator.Options
    private let library: ProfileLibrary

    /// - Parameters:
    ///   - options: their skew is not asked for; it was stated to `JobContextBuilder`.
    ///   - library: tells how the sources' fields were derived.
    public init(_ caseFile: CaseFile, _ options: Correlator.Options, library: ProfileLibrary) {
        (self.caseFile, self.options, self.library) = (caseFile, options, library)
    }

    /// Reads the facts and the results of a job, in files and folders of any order. All of it comes into the case, or
    /// nothing.
    ///
    /// - Parameters:
    ///   - factPaths: what `JobContextBuilder` wrote.
    ///   - paths: what `PartitionSweep` wrote, and the records, or those that findings lead to.
    /// - Throws: `AnalysisError.notForThisCase` if the case is not empty, `AnalysisError.badBlock` for a block that does not
    ///   fit.
    public func run(facts factPaths: [String], _ paths: [String]) throws {
        try caseFile.writeUntouched { db in
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM source") == 0 else {
                throw AnalysisError.notForThisCase(
                    path: caseFile.path, reason: "has sources already; a result comes into a case of its own")
            }
            let facts = try JobContext(factPaths, caseFile.names)
            try write(facts, db)
            var gathering = try ResultMerger(facts, caseFile.names, caseFile.frames, db)
            try read(paths, facts, into: &gathering)
            try gathering.finish(caseFile.path)
            try CaseFile.buildIndexes(db)
            var writer = try FindingWriter(db)
            for finding in gathering.findings { try writer.write(finding) }
            writer.countCleared(gathering.counts["deliveries_clear"] ?? 0)
            writer.countShownAgain(gathering.counts["shown_again"] ?? 0)
            var stated = options
            stated.skew = facts.skew
            let figures = try conclusions(gathering, facts, db).store(writer, stated)
            try Seals.renewAll(db)
            try Journal.append(.imported, figures, arguments: caseFile.arguments, to: db)
            try Derivations.note(library.profiles, db)
        }
    }

    private func read(_ paths: [String], _ facts: JobContext, into gathering: inout ResultMerger) throws {
        try BlockInput.eachBlock(of: paths) { packed in
            guard ResultMerger.results.contains(packed.type) else { return }
            try packed.open(caseFile.names, frames: caseFile.frames).each { try gathering.take($0) }
        }
        try gathering.settle(caseFile.path)
        let deliveries = facts.sources.reduce(0) { $0 + ($1.row.id > 0 ? $1.deliveries : 0) }
        guard gathering.counts["deliveries"] ?? 0 == deliveries else {
            throw AnalysisError.notForThisCase(
                path: caseFile.path,
                reason:
                    "the tasks judged \(gathering.counts["deliveries"] ?? 0) deliveries, and the sources have \(deliveries); bring the whole result of one job, once"
            )
        }
        try BlockInput.eachBlock(of: paths) { packed in
            guard ResultMerger.records.contains(packed.type) else { return }
            try packed.open(caseFile.names, frames: caseFile.frames).each { try gathering.takeRecord($0) }
        }
    }

    private func conclusions(_ gathering: ResultMerger, _ facts: JobContext, _ db: Database) throws -> Conclusions {
        let others = gathering.clocks.union(facts.offsets.map(\.clock))
        let counted = gathering.traits
        let reader = try EventReader(db, of: caseFile, trace: EventSpool(folder: caseFile.folder))
        let tables = try DirectoryTables(db)
        let problems = try DirectoryProblems(
            gathering.paths, facts.directory, grants: facts.grants, caseFile.names, db, hasAccounts: tables.hasAccounts)
        try problems.store()
        return Conclusions(
            caseFile: caseFile, exposures: try reader.exposures(folder: caseFile.folder), rollouts: facts.rollouts,
            notes: gathering.notes, paths: gathering.paths,
            slots: gathering.slots, countTraits: { $0.count(counted) }, collisions: gathering.collisions,
            deliveryActivity: gathering.deliveryActivity, fillActivity: gathering.fillActivity,
            tally: gathering.tally, traffic: gathering.traffic,
            offsets: facts.offsets
                + others.subtracting(facts.offsets.map(\.clock)).sorted().map { .assumed($0) },
            skew: facts.clocks.widest(among: others),
            lostFills: gathering.counts["fetches_without_fill"] ?? 0,
            ledger: try tables.ledger(
                ofFills: !gathering.fillActivity.active.isEmpty, tally: gathering.tally, problems, reader,
                caseFile.names), keyStudy: nil)
    }

    private func write(_ facts: JobContext, _ db: Database) throws {
        var next = Int64(facts.numbers.count)
        var listed: Set<ExactText> = []
        for var source in facts.sources.map(\.row) {
            if source.state == .duplicate {
                // Of a container that is there twice the file is named, not its members.
                guard listed.insert(ExactText(source.path)).inserted else { continue }
                var copy = SourceRow(
                    id: 0, path: source.path, size: source.size, state: .duplicate, location: source.location)
                (copy.sha256, copy.compression, copy.reason) = (source.sha256, source.compression, source.reason)
                source = copy
            }
            if source.id == 0 {
                next += 1
                source.id = next
            }
            try source.save(db)
        }
        func insert<Record: EventRecord>(_ records: [Record]) throws {
            let insert = try RecordInsert<Record>(db)
            for record in records { try insert.execute(record) }
        }
        try insert(facts.rolloutRecords)
        try insert(facts.accounts)
        try insert(facts.cameras)
        try insert(facts.grants)
    }
}
