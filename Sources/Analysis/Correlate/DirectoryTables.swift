package import Casefile
package import Correlation
import Foundation
package import GRDB
package import Interning
import LogRecords

/// What a case's tables and sources say of the assumptions behind its counts.
package struct DirectoryTables {
    private let db: Database
    /// Whether there is a table of grants, be it without rows: a header alone says that nobody was granted anything.
    let hasGrants: Bool
    package let hasAccounts: Bool

    private static let counted = "state IN ('complete', 'damaged')"

    package init(_ db: Database) throws {
        self.db = db
        func has(_ table: String, _ profile: String) throws -> Bool {
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM \(table) t JOIN source s ON s.id = t.id >> \(EventID.lineBits) WHERE s.\(Self.counted))
                        OR EXISTS (SELECT 1 FROM source WHERE profile LIKE '\(profile)%' AND \(Self.counted))
                    """) == true
        }
        hasGrants = try has("granted", "directory-grants")
        hasAccounts = try has("account", "directory-accounts")
    }

    /// Gathers what a first pass and the tables tell.
    func figures(
        _ judging: Judging, _ survey: EventSurvey, _ paths: PathSurvey, _ reader: EventReader, _ names: StringInterner
    ) throws -> Ledger.Figures {
        var figures = Ledger.Figures()
        figures.observations = judging.observations
        (figures.hits, figures.hitsWithoutFill, figures.keysWithoutFill) = judging.hits
        figures.lostFills = judging.lostFills
        figures.fillsWithoutKey = judging.fillsWithoutKey
        figures.unreadFillLines = judging.unreadFillLines
        figures.fetchesUnderUnfilledKeys = judging.fetchesUnderUnfilledKeys
        figures.hasShield = survey.hasShield(above: paths.activity.active)
        figures.fetchesBeforeAnyFill = judging.fetchesBeforeAnyFill
        figures.foreignValidators = try foreignValidators(judging.observations)
        figures.isOriginDirect = survey.answersFetches
        figures.tellsFills = survey.fillCount > 0
        for (_, log) in survey.revalidations {
            if log.withoutValidator == log.all {
                figures.revalidationsOfLogsWithoutValidators += log.all
            } else {
                figures.revalidations += log.all
                figures.revalidationsWithoutValidator += log.withoutValidator
            }
        }
        (figures.hasGrants, figures.hasAccounts) = (hasGrants, hasAccounts)
        add(paths.tally, reader, names, to: &figures)
        try addSources(to: &figures)
        let offsets = survey.offsets(with: paths.clocks)
        figures.clocks = offsets.count
        figures.zones = survey.zones.map { (names.text($0.clock), $0.seconds) }
        figures.logsRunningBack =
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM source WHERE reason LIKE '%' || ? || '%' AND \(Self.counted)",
                arguments: [TimeRun.complaint]) ?? 0
        figures.fillSilence = Self.silence(survey.fillActivity, paths.activity)
        figures.untiedClocks = offsets.count { $0.basis == .assumed }
        return figures
    }

    /// What can be said of a job that other machines did: nobody asked the keys' histories there.
    package func ledger(
        ofFills tellsFills: Bool, tally: [PathSurvey.Tally], _ problems: DirectoryProblems, _ reader: EventReader,
        _ names: StringInterner
    ) throws -> Ledger {
        var figures = Ledger.Figures()
        (figures.hasGrants, figures.hasAccounts, figures.tellsFills) = (hasGrants, hasAccounts, tellsFills)
        figures.isOfJob = true
        add(tally, reader, names, to: &figures)
        try addSources(to: &figures)
        problems.add(to: &figures)
        return Ledger(figures)
    }

    private func add(
        _ tally: [PathSurvey.Tally], _ reader: EventReader, _ names: StringInterner, to figures: inout Ledger.Figures
    ) {
        for (number, one) in tally.enumerated() where one.deliveries > 0 {
            guard let shared = reader.circumstances[number]?.example, shared.content == .frame else { continue }
            let count = one.deliveries
            figures.deliveries += count
            if shared.cacheStatus.asksOrigin, !shared.flags.contains(.aborted) { figures.fetches += count }
            if shared.cacheStatus == .unknown {
                if shared.cacheWord.isPresent {
                    figures.unknownVerdicts[names.text(shared.cacheWord), default: 0] += count
                } else {
                    figures.withoutVerdict += count
                }
            }
            if shared.flags.contains(.startUnknown) { figures.startUnknown += count }
            if shared.flags.contains(.mayBeRepeat) { figures.mayBeRepeats += count }
            if shared.flags.contains(.replaceableHeaders), !shared.cacheStatus.bringsBody {
                figures.replaceableHeaders += count
            }
            if !shared.node.isPresent { figures.withoutNode += count }
        }
    }

    /// The longest silence of a log of fills, while deliveries went on all the time.
    static func silence(_ fills: Activity, _ deliveries: Activity) -> (seconds: Int, from: Int64)? {
        // As many as it takes to tell that they went on.
        let fewest = 3
        return LogGaps(fills, leastByMean: 10).all.sorted {
            ($1.until - $1.from, $0.from) < ($0.until - $0.from, $1.from)
        }.first {
            silence in
            var minutes: Set<Int64> = []
            deliveries.eachMinute { node, first, last, _ in
                guard !silence.node.isPresent || node == silence.node, last > silence.from, first < silence.until else {
                    return
                }
                minutes.insert(first / Activity.minute)
            }
            return minutes.count >= fewest
        }.map { (Int(($0.until - $0.from) / 1_000_000), $0.from) }
    }

    /// How many validators are of frames that were sent under another key: some may have been stored before the logs begin.
    private func foreignValidators(_ seen: Observations) throws -> Int {
        let frames = seen.foreignFrames.sorted()
        guard !frames.isEmpty else { return 0 }
        let known = try Int.fetchOne(
            db,
            sql: """
                SELECT count(DISTINCT frame) FROM fill
                WHERE frame IN (\(frames.map { "\($0.rawValue)" }.joined(separator: ", ")))
                """)
        return (known ?? 0) * 2 < frames.count ? 0 : seen.foreignValidators
    }

    private func addSources(to figures: inout Ledger.Figures) throws {
        figures.unreadRows =
            try Int.fetchOne(
                db, sql: "SELECT sum(rejected) FROM source WHERE profile LIKE 'directory-%' AND \(Self.counted)") ?? 0
        figures.unreadFilesOfRights = try UnreadRows.filesOfRights(db)
        figures.foldsAccounts = try !Journal.ingestFacts("fold_accounts", db).isEmpty
        figures.nodesFromPaths = try Journal.ingestFacts("node_from_path", db)
        if !figures.nodesFromPaths.isEmpty {
            let templates = try figures.nodesFromPaths.map { text throws(ProfileProblem) in try NodeFromPath(text) }
            figures.filesNamedByPath = try SourceRow.all(db).count { source in
                (source.state == .complete || source.state == .damaged)
                    && source.profile?.hasPrefix("directory-") == false
                    && templates.contains { source.node(by: $0) != nil }
            }
        }
        if figures.withoutNode > 0 { figures.overlappingLogs = try overlappingLogs() }
    }

    /// How many files of one format name no node and overlap in time with another such file, by more than a rotation does.
    private func overlappingLogs() throws -> Int {
        let spans = try Row.fetchAll(
            db,
            sql: """
                SELECT profile, first_ts, last_ts FROM source s WHERE \(Self.counted) AND first_ts IS NOT NULL AND EXISTS (
                    SELECT 1 FROM (SELECT circumstance FROM delivery
                        WHERE id BETWEEN s.id << \(EventID.lineBits) AND (s.id + 1) << \(EventID.lineBits) LIMIT 1) d
                    JOIN circumstance x ON x.id = d.circumstance WHERE x.node IS NULL)
                ORDER BY profile, first_ts, last_ts
                """)
        var overlapping: Set<Int> = []
        /// Of the files of the profile so far: the latest end, and whose it is.
        var latest: (profile: String?, until: Int64, index: Int)?
        for (index, span) in spans.enumerated() {
            let (profile, first, last): (String?, Int64, Int64) =
                try (span.decode(atIndex: 0), span.decode(atIndex: 1), span.decode(atIndex: 2))
            if let known = latest, known.profile == profile {
                if first + Self.rotation < known.until { overlapping.formUnion([known.index, index]) }
                if last > known.until { latest = (profile, last, index) }
            } else {
                latest = (profile, last, index)
            }
        }
        return overlapping.count
    }

    /// How far the files of one log may overlap, microseconds: requests under way when it is rotated.
    private static let rotation: Int64 = 1_000_000
}
