import LogRecords

/// What the nodes' keys say about one entry per key, one cache per log, and entries that leave in writing: all three show in
/// the same way, by requests that found nothing fresh while the entry was.
struct EntrySurvey {
    /// The nodes where one logged key may be several entries.
    let nodesOfSeveral: Set<SymbolID>
    /// Whether logs that name no node, and overlap in time, may be several caches'.
    let areCachesUntold: Bool
    let entries: [LedgerEntry]

    /// Sound dumps were seen to have up to three in a thousand, such with variants 4 % and more.
    private static let fewest = 0.005
    /// The share in a log of a few lines from which it is too often, where the cache never shows that it refused to store.
    private static let fewestOfFew = 0.2

    init(_ figures: Ledger.Figures, _ statements: Ledger.Statements) {
        let question = Question(figures, statements)
        nodesOfSeveral = question.nodesOfSeveral
        areCachesUntold = question.areCachesUntold
        entries = [question.oneEntry, question.oneCache, question.leavingInWriting]
    }

    /// What the three assumptions are asked of, and the answers.
    private struct Question {
        private let figures: Ledger.Figures
        private let statements: Ledger.Statements
        /// Whether files without a node overlap in time.
        private let hasOverlap: Bool
        private let isTold: Bool
        /// Logs of two servers that tell of the same answers: a shield's store is not its edge's.
        private let tiers: [String]
        /// Whether too few requests were looked up to tell one cache from several.
        private let isUndecided: Bool
        let nodesOfSeveral: Set<SymbolID>
        private let lookups: Int
        private let missed: Int

        init(_ figures: Ledger.Figures, _ statements: Ledger.Statements) {
            (self.figures, self.statements) = (figures, statements)
            let nodes = figures.observations.nodes
            hasOverlap = figures.withoutNode > 0 && figures.overlappingLogs > 1
            isTold = statements.isOneEntryPerKey || statements.isOneCache
            tiers = isTold ? [] : figures.sharedAnswers?.unnamedServers ?? []
            isUndecided = hasOverlap && !isTold && (nodes[.absent]?.lookups ?? 0) < EntrySurvey.fewLookups
            var several = Set(
                nodes.filter { name, node in
                    !statements.isOneEntryPerKey && !(statements.isOneCache && !name.isPresent)
                        && EntrySurvey.isContradicted(node)
                }.keys)
            if hasOverlap, !isTold, isUndecided || (nodes[.absent]?.missedAfterHit ?? 0) >= EntrySurvey.fewMissed {
                several.insert(.absent)
            }
            if !tiers.isEmpty { several.insert(.absent) }
            nodesOfSeveral = several
            lookups = nodes.values.reduce(0) { $0 + $1.lookups }
            missed = nodes.values.reduce(0) { $0 + EntrySurvey.missed($1) }
        }

        private var isUnnamed: Bool { nodesOfSeveral.contains(.absent) }
        var areCachesUntold: Bool { isUnnamed && (hasOverlap && !isTold || !tiers.isEmpty) }

        private var figure: String {
            "\(missed) of \(lookups) requests found nothing fresh though the entry was, \(nodesOfSeveral.count) nodes concerned."
        }

        /// The counts do not tell which of the assumptions fails; what follows from each is the same.
        private var isElsewhere: Bool { nodesOfSeveral.contains { $0.isPresent } || isUnnamed && !hasOverlap }

        var oneEntry: LedgerEntry {
            statements.isOneEntryPerKey
                ? LedgerEntry(
                    .oneEntryPerKey, .stated, checked: lookups, against: missed,
                    "Stated with --one-entry: each cache holds one entry per key. \(figure)")
                : entry(.oneEntryPerKey, isElsewhere)
        }

        var leavingInWriting: LedgerEntry { entry(.entriesLeaveInWriting, isElsewhere) }

        private func entry(_ assumption: Assumption, _ isContradicted: Bool) -> LedgerEntry {
            if lookups == 0 { return LedgerEntry(assumption, .untestable, "No request found nothing fresh.") }
            let bursts = Set(nodesOfSeveral.flatMap { figures.observations.nodes[$0]?.missed.beginnings ?? [] })
                .sorted()
            return LedgerEntry(
                assumption, isContradicted ? .contradicted : .held, checked: lookups, against: missed,
                isContradicted ? figure + EntrySurvey.hint(bursts, assumption) : figure)
        }

        var oneCache: LedgerEntry {
            if statements.isOneCache {
                return LedgerEntry(
                    .oneCachePerLog, .stated, "Stated with --one-cache: one cache wrote all logs that name no node.")
            }
            if figures.withoutNode == 0, !figures.nodesFromPaths.isEmpty {
                let templates = figures.nodesFromPaths.map { "'\($0)'" }.joined(separator: ", ")
                return LedgerEntry(
                    .oneCachePerLog, .stated, checked: figures.filesNamedByPath,
                    "Stated with --node-from-path \(templates): the paths of \(figures.filesNamedByPath) files name the node of their lines that name none."
                )
            }
            if figures.withoutNode == 0 { return LedgerEntry(.oneCachePerLog, .unused, "Every line names its node.") }
            if !tiers.isEmpty {
                return LedgerEntry(
                    .oneCachePerLog, .contradicted, checked: figures.overlappingLogs,
                    "\(tiers.joined(separator: " and ")) tell of the same answers and name no node, and two servers wrote them, one before the other: no fill is taken to end another. State --node-from-path if their paths name nodes."
                )
            }
            if isUndecided {
                return LedgerEntry(
                    .oneCachePerLog, .untestable, checked: figures.overlappingLogs,
                    "\(figures.overlappingLogs) files of one format name no node and overlap in time, and of so few requests it cannot be told whether one cache wrote them: no fill is taken to end another, and what one file has filled is not all that answers of another may have carried. State --node-from-path if their paths name nodes, or --one-cache."
                )
            }
            if hasOverlap, !isUnnamed {
                return LedgerEntry(
                    .oneCachePerLog, .held, checked: figures.overlappingLogs,
                    "\(figures.overlappingLogs) files of one format name no node and overlap in time, but behave as one cache's."
                )
            }
            return entry(.oneCachePerLog, isUnnamed && hasOverlap)
        }
    }

    /// Which of them it is, as far as the times tell: what leaves by a restart or a purge of all leaves at once.
    private static func hint(_ bursts: [Int64], _ assumption: Assumption) -> String {
        if let first = bursts.first {
            return
                " Most in \(bursts.count) bursts, the first at \(first.rfc3339): keys that are gone all at once, as when a cache restarts or is emptied."
        }
        return assumption == .entriesLeaveInWriting
            ? " Spread over the time: variants or several caches, or entries that are evicted or purged one by one."
            : ""
    }

    private static func isContradicted(_ node: Observations.Node) -> Bool {
        let lookups = Double(node.lookups)
        if node.hits >= fewHits { return Double(node.missedAfterHit) > fewest * lookups }
        return node.missedAtAll > 0 && node.refusals == 0 && Double(node.missedAtAll) >= fewestOfFew * lookups
    }

    /// Two logs at one time are taken for one cache's only if so many requests could have shown that they are not, and hardly any
    /// did.
    private static let (fewLookups, fewMissed) = (100, 3)
    /// Of so few hits the longest age says little.
    private static let fewHits = 20

    private static func missed(_ node: Observations.Node) -> Int {
        node.hits < fewHits ? node.missedAtAll : node.missedAfterHit
    }
}
