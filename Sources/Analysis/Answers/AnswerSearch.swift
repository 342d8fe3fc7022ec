import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds logs that tell of the same answers, and settles which line of each answer counts.
///
/// A few thousand lines, drawn by what they share with lines of other logs, decide whether two logs are one answer's; only then is
/// everything matched. A dump with one log is not looked at, and one whose logs share no account and camera hardly.
struct AnswerSearch {
    private let db: Database
    private let reader: EventReader
    private let folder: String
    private var logs: AnswerLogs
    private var figures = Ledger.SharedAnswers()
    /// How much each log tells.
    private var richness: [Int32: Int] = [:]
    /// The share of each log's drawn lines that have something in common with lines of another log; the others are not compared.
    private var comparable: [Int32: Double] = [:]
    /// What was found so far.
    private var answers: SameAnswers
    /// By source: the logs in which its answers count.
    private var others: [Int64: String] = [:]

    /// Anchors are drawn from so many lines, and lines are compared up to so many.
    private static let seeds = 4096
    private static let mostLines = 65_536
    private static let mostRequests = 32_768
    /// Lines that are matched at once.
    private static let linesAtOnce = 200_000
    /// Each part keeps some megabytes in memory until it is written to a file.
    private static let mostParts = 32

    /// - Parameters:
    ///   - names: of the case.
    ///   - folder: where scratch files are made if there is much to keep.
    init(_ db: Database, _ reader: EventReader, _ names: NameTable, folder: String) throws {
        (self.db, self.reader, self.folder) = (db, reader, folder)
        logs = try AnswerLogs(db, names)
        answers = try SameAnswers(db)
    }

    /// - Returns: the answers with several lines, and what is to be said of it all.
    mutating func run() throws -> (answers: SameAnswers, figures: Ledger.SharedAnswers) {
        try StepSearch(db, reader).run(into: &answers)
        figures.steps = answers.setAside.count
        let byRequest = try tiesByRequest()
        let lines = try comparedLines()
        figures.logs = logs.logs.count
        let tied = Set(byRequest.map { [$0.first, $0.other] })
        let ties =
            byRequest
            + ties(lines) { told, one, other in
                // Where lines name their answers, nothing else is asked.
                tied.isDisjoint(with: [[one, other], [other, one]]) ? Self.common(told[Int(one)], told[Int(other)]) : []
            }
        if !ties.isEmpty { try match(ties) }
        try note()
        figures.setAside = answers.setAside.count - figures.steps
        for (pair, isSame) in figures.merged.map({ ($0, true) })
            + [figures.closest].compactMap({ $0 }).map({ ($0, false) })
        {
            try answers.note(
                logs: pair.logs, asked: pair.asked, share: pair.share, byChance: pair.coincidence, isSame: isSame)
        }
        return (answers, figures)
    }

    /// Notes where the answers of each source count that do not count by its own lines.
    private mutating func note() throws {
        if answers.isEmpty { return }
        for source in answers.setAside.countBySource.keys where others[source] == nil {
            others[source] = "other lines of the same log"
        }
        try answers.note(others)
    }

    // MARK: Lines to compare

    /// Whether two logs were written at one time, as far as their clocks can be trusted.
    private func overlap(_ one: Int, _ other: Int) -> Bool {
        let (a, b) = (logs.logs[one], logs.logs[other])
        return a.first <= b.last + LogComparison.reach && b.first <= a.last + LogComparison.reach
    }

    /// Of each log lines whose accounts and cameras other logs were seen to share.
    private mutating func comparedLines() throws -> [AnswerLine] {
        guard logs.sourceCount > 0 else { return [] }
        var seeds: [AnswerLine] = []
        let share = max(1, Self.seeds / max(1, logs.sourceCount))
        for source in try reader.sampleLines(of: logs.sourceNumbers, perSource: share, most: Self.seeds) {
            guard let log = logs.number(of: source.id.source, source.node) else { continue }
            seeds.append(AnswerLine(source, log: log, tieBreak: 0))
        }
        let count = logs.logs.count
        let overlapping = (0..<count).contains { one in (0..<one).contains { overlap(one, $0) } }
        guard overlapping else { return [] }
        let anchors = Self.anchors(seeds, logs: count)
        noteSeeds(seeds)
        // Of more lines than can be compared, those that share something with fewer of the seeds.
        var step = 1
        while true {
            var wanted = AnswerSeeds(anchors)
            for place in stride(from: 0, to: seeds.count, by: step) { wanted.add(seeds[place]) }
            var found = SeededLines()
            try reader.eachBrief(wanted.names) { brief, node in
                guard let log = logs.number(of: brief.id.source, node) else { return true }
                found.add(brief, log, wanted)
                return found.count <= Self.mostLines
            }
            if found.count <= Self.mostLines || step >= seeds.count {
                comparable = found.comparable
                return try lines(found.shared)
            }
            step *= 2
        }
    }

    /// Notes which pairs of logs were asked whether they share anything.
    private mutating func noteSeeds(_ seeds: [AnswerLine]) {
        let count = logs.logs.count
        let told = Self.tellings(seeds, logs: count)
        var drawn = Array(repeating: 0, count: count)
        for line in seeds { drawn[Int(line.log)] += 1 }
        let order = (0..<count).filter { drawn[$0] >= LogComparison.fewestLines }.sorted {
            logs.logs[$0].order < logs.logs[$1].order
        }
        for (place, one) in order.enumerated() {
            for other in order[..<place] where overlap(one, other) && !Self.common(told[one], told[other]).isEmpty {
                figures.compared += 1
                if figures.closest == nil {
                    figures.closest = Ledger.SharedAnswers.Pair(
                        logs: [logs.logs[other].name, logs.logs[one].name],
                        asked: seeds.count { [Int32(one), Int32(other)].contains($0.log) }, share: 0, coincidence: 0)
                }
            }
        }
    }

    /// - Parameter requests: the ids of the requests that lines name.
    private mutating func lines(_ ids: [EventID], requests: [EventID: UInt64] = [:]) throws -> [AnswerLine] {
        var lines: [AnswerLine] = []
        for line in try reader.deliveries(ids) {
            guard let delivery = answers.asCounted(line), delivery.content != .none else { continue }
            if let log = logs.number(of: delivery.id.source, delivery.node) {
                lines.append(
                    AnswerLine(
                        delivery, log: log, tieBreak: reader.tieBreak(delivery.id), request: requests[delivery.id] ?? 0)
                )
            }
        }
        return lines
    }

    /// The anchors by which some logs can be compared: with accounts wherever both name them.
    private static func anchors(_ seeds: [AnswerLine], logs: Int) -> [Anchor] {
        let told = tellings(seeds, logs: logs)
        var wanted: Set<Anchor> = []
        for one in 0..<logs {
            for other in 0..<one { wanted.formUnion(common(told[one], told[other])) }
        }
        return Anchor.allCases.filter(wanted.contains)
    }

    /// Of each log the anchors that most of its lines have.
    private static func tellings(_ lines: [AnswerLine], logs: Int) -> [Set<Anchor>] {
        var (all, having) = (Array(repeating: 0, count: logs), Array(repeating: [Anchor: Int](), count: logs))
        for line in lines {
            all[Int(line.log)] += 1
            for anchor in Anchor.allCases where anchor.value(line) != nil {
                having[Int(line.log)][anchor, default: 0] += 1
            }
        }
        return (0..<logs).map { log in Set(having[log].filter { $0.value * 2 > all[log] }.keys) }
    }

    /// By what two logs may be compared, the narrowest first.
    private static func common(_ one: Set<Anchor>, _ other: Set<Anchor>) -> [Anchor] {
        let common = Anchor.allCases.filter { one.contains($0) && other.contains($0) }
        // An account alone is for logs that have nothing else in common: it holds many lines.
        let byAccount = common.filter(\.namesAccount)
        if byAccount.isEmpty { return common }
        let narrow = byAccount.filter { $0 != .account }
        return narrow.isEmpty ? byAccount : narrow
    }

    // MARK: Logs that name requests

    /// The logs of which most lines name one request each, and that name the same ones.
    ///
    /// They are compared by requests that are drawn by their ids, so that one is drawn in all logs or in none.
    private mutating func tiesByRequest() throws -> [LogTie] {
        guard try LineTags.exist(db) else { return [] }
        let step = UInt64(max(1, try LineTags.count(db) / Self.mostRequests))
        var drawn: [EventID: UInt64] = [:]
        var (seen, areShared): (Set<UInt64>, Bool) = ([], false)
        try LineTags.each(.request, db) { tag, _ in
            guard tag.digest % step == 0 else { return }
            drawn[tag.delivery] = tag.digest
            if !seen.insert(tag.digest).inserted { areShared = true }
        }
        guard areShared else { return [] }
        let lines = try lines(drawn.keys.sorted(), requests: drawn)
        var ids = Array(repeating: Set<UInt64>(), count: logs.logs.count)
        for line in lines { ids[Int(line.log)].insert(line.request) }
        // What is on many lines of a log is a session's id, or a trace's, whatever it is called.
        let naming = ids.indices.filter { log in
            let count = lines.count { $0.log == Int32(log) }
            return count > 0 && ids[log].count * 4 >= count * 3
        }
        comparable = Dictionary(uniqueKeysWithValues: naming.map { (Int32($0), 1) })
        let areNaming = Set(naming.map(Int32.init))
        return ties(lines) { _, one, other in areNaming.isSuperset(of: [one, other]) ? [.request] : [] }
    }

    // MARK: Logs of one answer

    /// - Parameter anchors: by what two logs may be compared.
    private mutating func ties(
        _ lines: [AnswerLine], by anchors: (_ told: [Set<Anchor>], Int32, Int32) -> [Anchor]
    ) -> [LogTie] {
        let count = logs.logs.count
        var byLog = Array(repeating: [AnswerLine](), count: count)
        if lines.isEmpty { return [] }
        for line in lines { byLog[Int(line.log)].append(line) }
        for log in byLog.indices { byLog[log].sort { ($0.ended, $0.tieBreak) < ($1.ended, $1.tieBreak) } }
        for (log, lines) in byLog.enumerated() where !lines.isEmpty {
            richness[Int32(log)] = AnswerLine.richness(lines)
        }
        let told = Self.tellings(lines, logs: count)
        let order = (0..<count).sorted { logs.logs[$0].order < logs.logs[$1].order }
        var found: [Pair] = []
        for (place, one) in order.enumerated() {
            for other in order[..<place] where overlap(one, other) {
                let anchors = anchors(told, Int32(one), Int32(other))
                guard let pair = compare(byLog[one], byLog[other], anchors) else { continue }
                found.append(pair)
            }
        }
        return accepted(found, byLog)
    }

    /// Two logs and how their comparison ended.
    private struct Pair {
        var outcome: LogComparison.Outcome
        /// The share of the smaller log that could be asked at all.
        var comparable: Double
        var first: Int
        var other: Int
        /// The lines that were asked, of the whole log's by their places.
        var offsets: (first: Int, other: Int)
    }

    /// - Returns: nil if nothing can be asked.
    private func compare(_ a: [AnswerLine], _ b: [AnswerLine], _ anchors: [Anchor]) -> Pair? {
        func within(_ lines: [AnswerLine], _ others: [AnswerLine]) -> Range<Int> {
            guard let first = others.first?.delivery.time.latest, let last = others.last?.delivery.time.latest else {
                return 0..<0
            }
            let from = lines.firstIndex { $0.delivery.time.latest >= first - Self.edge } ?? lines.count
            let until = lines.lastIndex { $0.delivery.time.latest <= last + Self.edge }.map { $0 + 1 } ?? 0
            return from..<max(from, until)
        }
        let (ofA, ofB) = (within(a, b), within(b, a))
        guard let fewest = anchors.map(LogComparison.fewest).min(), min(ofA.count, ofB.count) >= fewest else {
            return nil
        }
        let isASmaller = ofA.count <= ofB.count
        let (first, other) = isASmaller ? (a, b) : (b, a)
        let (ofFirst, ofOther) = isASmaller ? (ofA, ofB) : (ofB, ofA)
        let outcome = LogComparison(Array(first[ofFirst]), Array(other[ofOther])).outcome(anchors)
        return Pair(
            outcome: outcome, comparable: comparable[first[0].log] ?? 0, first: Int(first[0].log),
            other: Int(other[0].log),
            offsets: (ofFirst.lowerBound, ofOther.lowerBound))
    }

    /// Lines this far outside the time that two logs share are not asked for: nobody expects them in the other.
    private static let edge: Int64 = 1_000_000

    /// The pairs that are one answer's: by their own share, or because one of them shares enough with several logs together, as
    /// a shield does with its edges.
    private mutating func accepted(_ pairs: [Pair], _ byLog: [[AnswerLine]]) -> [LogTie] {
        var isAccepted = pairs.map {
            $0.outcome.tie != nil && $0.outcome.excess * $0.comparable >= LogComparison.leastShare
        }
        for log in byLog.indices where !byLog[log].isEmpty {
            let own = pairs.indices.filter {
                pairs[$0].outcome.tie != nil && [pairs[$0].first, pairs[$0].other].contains(log)
            }
            guard own.count > 1, own.contains(where: { !isAccepted[$0] }) else { continue }
            var (found, chance) = (Set<Int>(), 0.0)
            for index in own {
                let pair = pairs[index]
                let isFirst = pair.first == log
                let places = isFirst ? pair.outcome.found.first : pair.outcome.found.other
                found.formUnion(places.map { $0 + (isFirst ? pair.offsets.first : pair.offsets.other) })
                chance += pair.outcome.coincidence
            }
            guard chance < 1 else { continue }
            let share = Double(found.count) / Double(byLog[log].count) * (comparable[Int32(log)] ?? 0)
            if (share - chance) / (1 - chance) >= LogComparison.leastShare {
                for index in own { isAccepted[index] = true }
            }
        }
        for (index, pair) in pairs.enumerated() {
            let names = [pair.first, pair.other].map { logs.logs[$0] }.sorted { $0.order < $1.order }.map(\.name)
            let one = Ledger.SharedAnswers.Pair(
                logs: names, asked: pair.outcome.asked, share: pair.outcome.share * pair.comparable,
                coincidence: pair.outcome.coincidence * pair.comparable, isByTimeAlone: pair.outcome.isByTimeAlone,
                isByRequest: pair.outcome.anchor == .request)
            if isAccepted[index] {
                figures.merged.append(one)
                // Where both give stored frames and neither says where it stands.
                let areUnnamedCaches = [pair.first, pair.other].allSatisfy {
                    !logs.logs[$0].namesNode && byLog[$0].contains { $0.delivery.isFromOwnStore }
                }
                if areUnnamedCaches, let places = pair.outcome.tie?.places, places != .same,
                    figures.unnamedServers.isEmpty
                {
                    figures.unnamedServers = names
                }
            } else if one.excess >= figures.closest?.excess ?? 0 {
                figures.closest = one
            }
        }
        return pairs.indices.filter { isAccepted[$0] }.compactMap { pairs[$0].outcome.tie }
    }

    // MARK: Every answer

    /// Matches all lines of the logs that are tied, group of logs by group of logs.
    private mutating func match(_ ties: [LogTie]) throws {
        for (logs, ties) in Self.families(ties) {
            let lines = try partitions(logs, ties)
            for part in lines {
                var all: [AnswerLine] = []
                try part.eachBlock { all += $0 }
                var groups = AnswerGroups(ties, richness: richness)
                for answer in groups.answers(all) {
                    try answers.add(answer.counted, isCompleted: answer.isCompleted, others: answer.others)
                }
                figures.answers += all.count
            }
            for log in logs.sorted() {
                let names = logs.filter { $0 != log }.map { self.logs.logs[Int($0)] }.sorted { $0.order < $1.order }
                    .map(\.name)
                for source in self.logs.logs[Int(log)].sources {
                    others[source] =
                        names.prefix(3).joined(separator: ", ")
                        + (names.count > 3 ? " and \(names.count - 3) more" : "")
                }
            }
        }
    }

    /// Logs that are tied to each other, directly or by others.
    private static func families(_ ties: [LogTie]) -> [(logs: Set<Int32>, ties: [LogTie])] {
        var families: [(logs: Set<Int32>, ties: [LogTie])] = []
        for tie in ties {
            var (logs, own) = (Set([tie.first, tie.other]), [tie])
            families.removeAll { family in
                guard !family.logs.isDisjoint(with: logs) else { return false }
                logs.formUnion(family.logs)
                own += family.ties
                return true
            }
            families.append((logs, own))
        }
        return families
    }

    /// All lines of some logs, so divided that lines of one answer are together.
    private mutating func partitions(_ tied: Set<Int32>, _ ties: [LogTie]) throws -> [TraceFile<AnswerLine>] {
        let sources = Set(tied.flatMap { logs.logs[Int($0)].sources }).sorted()
        let count =
            try Int.fetchOne(
                db,
                sql: "SELECT sum(accepted) FROM source WHERE id IN (\(sources.map(String.init).joined(separator: ",")))"
            ) ?? 0
        // What every tie goes by: lines without it have no partner.
        let isByAccount = ties.allSatisfy { $0.anchor.namesAccount && $0.anchor != .request }
        let isByCamera = ties.allSatisfy { $0.anchor == .camera }
        let isByKey = ties.allSatisfy { $0.anchor == .key }
        let isByRequest = ties.allSatisfy { $0.anchor == .request }
        let parts =
            isByAccount || isByCamera || isByKey || isByRequest
            ? min(Self.mostParts, max(1, count / Self.linesAtOnce)) : 1
        let files = (0..<parts).map { _ in TraceFile<AnswerLine>(folder: folder) }
        let namesRequests = ties.contains { $0.anchor == .request }
        var requests: (source: Int64, ids: LineTags.Column)?
        try reader.eachDelivery(of: sources) { line in
            guard let delivery = answers.asCounted(line) else { return }
            if namesRequests, requests?.source != delivery.id.source {
                requests = (delivery.id.source, try LineTags.Column(.request, of: delivery.id.source, db))
            }
            guard delivery.content != .none, let log = logs.known(delivery.id.source, delivery.node), tied.contains(log)
            else { return }
            let request = requests?.ids.digest(ofLine: delivery.id.line) ?? 0
            if isByRequest, request == 0 { return }
            let name = isByAccount ? delivery.requester : isByCamera ? delivery.camera : delivery.key
            let spread = isByRequest ? Int(request >> 40) : Int(UInt32(bitPattern: name.rawValue) &* 0x9e37_79b9 >> 8)
            try files[spread % parts].append(
                AnswerLine(delivery, log: log, tieBreak: reader.tieBreak(delivery.id), request: request))
        }
        return files
    }
}
