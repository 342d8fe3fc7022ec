import Casefile
import Correlation
import GRDB
import Interning
import LogRecords

/// Finds logs that tell of the same answers, and settles which line of each answer counts.
///
/// A few thousand lines, drawn by what they share with lines of other logs, decide whether two logs are one answer's; only then is
/// everything matched. A dump with one log is not looked at, and one whose logs share no account and camera hardly.
struct AnswerSearch {
    let db: Database
    let reader: EventReader
    let folder: String
    var logs: AnswerLogs
    var lineReader: AnswerLineReader
    var figures = Ledger.SharedAnswers()
    /// How much each log tells.
    var richness: [Int32: Int] = [:]
    /// What was found so far.
    var answers: SameAnswers
    /// By source: the logs in which its answers count.
    var others: [Int64: String] = [:]
    /// Logs that may be one answer's if one's clock is set by some hours.
    var shifted: [ClockShift] = []
    /// Logs that may be one answer's, where clients ask too often to say.
    var open: [LogTie] = []

    /// Anchors are drawn from so many lines, and lines are compared up to so many.
    private static let seeds = 4096
    private static let mostLines = 65_536
    private static let mostRequests = 32_768
    /// Files of so few lines are looked for whatever else there is.
    private static let fewLines = 16

    /// - Parameters:
    ///   - names: of the case.
    ///   - folder: where scratch files are made if there is much to keep.
    init(_ db: Database, _ reader: EventReader, _ names: StringInterner, folder: String) throws {
        (self.db, self.reader, self.folder) = (db, reader, folder)
        logs = try AnswerLogs(db, names)
        answers = try SameAnswers(db)
        lineReader = try AnswerLineReader(db, reader)
    }

    /// - Returns: the answers with several lines, and what is to be said of it all.
    mutating func run() throws -> (answers: SameAnswers, figures: Ledger.SharedAnswers) {
        try StepSearch(db, reader).run(into: &answers)
        figures.steps = answers.setAside.count
        figures.resent = try ResentLines(db, reader, logs).run(into: &answers)
        let (lines, comparable) = try comparedLines()
        let byRequest = try tiesByRequest()
        figures.logs = logs.logs.count
        let tied = Set(byRequest.map { [$0.first, $0.other] })
        let ties =
            byRequest
            + ties(lines, comparable) { told, one, other in
                // Where lines name their answers, nothing else is asked.
                tied.isDisjoint(with: [[one, other], [other, one]]) ? Self.common(told[Int(one)], told[Int(other)]) : []
            }
        if !ties.isEmpty { try match(ties) }
        for shift in shifted { try doubt(shift) }
        for tie in open { try doubt(tie) }
        try note()
        figures.setAside = answers.setAside.count - figures.steps - figures.resent
        for (pair, isSame) in figures.merged.map({ ($0, true) })
            + (figures.undecided + [figures.closest].compactMap { $0 }).map({ ($0, false) })
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
    private func overlap(_ one: Int, _ other: Int, reach: Int64 = LogComparison.reach) -> Bool {
        let (a, b) = (logs.logs[one], logs.logs[other])
        return a.first - reach <= b.last && b.first - reach <= a.last
    }

    /// Whether two logs would have been, if one of their clocks shows another time zone.
    private func mayBeShifted(_ one: Int, _ other: Int) -> Bool {
        logs.logs[one].profile != logs.logs[other].profile && overlap(one, other, reach: ClockShift.reach)
    }

    /// Of each log lines whose accounts and cameras other logs were seen to share; and the share of its drawn lines that have
    /// something in common with lines of another log, for the others are not compared.
    private mutating func comparedLines() throws -> (lines: [AnswerLine], comparable: [Int32: Double]) {
        guard logs.sourceCount > 0 else { return ([], [:]) }
        var seeds: [AnswerLine] = []
        let share = max(1, Self.seeds / max(1, logs.sourceCount))
        for source in try reader.sampleLines(of: logs.sourceNumbers, perSource: share, most: Self.seeds) {
            guard let log = logs.number(of: source.id.source, source.node) else { continue }
            seeds.append(AnswerLine(source, log: log, tieBreak: 0))
        }
        let count = logs.logs.count
        let overlapping = logs.overlapping
        let areSeveral = (0..<count).contains { one in
            (0..<one).contains { overlap(one, $0) || mayBeShifted(one, $0) }
        }
        guard areSeveral || !overlapping.isEmpty else { return ([], [:]) }
        let anchors = anchors(seeds, logs: count, hasCopies: !overlapping.isEmpty)
        noteSeeds(seeds)
        let small = seeds.filter {
            overlapping.contains($0.delivery.id.source) && logs.lineCount($0.delivery.id.source) <= Self.fewLines
        }.prefix(Self.seeds / 16)
        // Of more lines than can be compared, those that share something with fewer of the seeds.
        var step = 1
        while true {
            var wanted = AnswerSeeds(anchors)
            for place in stride(from: 0, to: seeds.count, by: step) { wanted.add(seeds[place]) }
            for seed in small { wanted.add(seed) }
            var found = SeededLines()
            try reader.eachBrief(wanted.names) { brief, node in
                guard let log = logs.number(of: brief.id.source, node) else { return true }
                found.add(brief, log, isOverlapping: overlapping.contains(brief.id.source), wanted)
                return found.count <= Self.mostLines
            }
            if found.count <= Self.mostLines || step >= seeds.count {
                if !overlapping.isEmpty { try settleCopies(found) }
                return (areSeveral ? try lines(found.shared.sorted()) : [], found.comparable)
            }
            step *= 2
        }
    }

    /// Lets answers count once that files of one profile and node have in common.
    private mutating func settleCopies(_ found: SeededLines) throws {
        let lines = try reader.deliveries(found.inSeveralFiles.sorted()).compactMap(answers.asCounted)
            .filter { $0.content != .none }
        var copies = CopiedLines(db, reader, logs)
        copies.compare(lines, counts: found.countByFile)
        figures.answers += try copies.settle(into: &answers)
        figures.doubted += try copies.doubt(into: &answers)
        figures.merged += copies.pairs
        figures.undecided += copies.doubtfulPairs
        for source in copies.families.joined() { others[source] = "other files of the same log" }
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
                lines.append(try lineReader.line(delivery, log: log, request: requests[delivery.id] ?? 0))
            }
        }
        return lines
    }

    /// The anchors by which some logs can be compared: with accounts wherever both name them.
    ///
    /// - Parameter hasCopies: whether the files of one log are compared, too.
    private func anchors(_ seeds: [AnswerLine], logs: Int, hasCopies: Bool) -> [Anchor] {
        let told = Self.tellings(seeds, logs: logs)
        var wanted: Set<Anchor> = []
        for one in 0..<logs {
            for other in 0..<one { wanted.formUnion(Self.common(told[one], told[other])) }
            if hasCopies { wanted.formUnion(Self.common(told[one], told[one])) }
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
        let whole = Dictionary(uniqueKeysWithValues: naming.map { (Int32($0), 1.0) })
        return ties(lines, whole, byRequest: true) { _, one, other in
            whole[one] != nil && whole[other] != nil ? [.request] : []
        }
    }

    // MARK: Logs of one answer

    /// - Parameters:
    ///   - comparable: the share of each log that `lines` are drawn from.
    ///   - byRequest: whether lines name requests, so that they are compared whatever the clocks say.
    ///   - anchors: by what two logs may be compared.
    private mutating func ties(
        _ lines: [AnswerLine], _ comparable: [Int32: Double], byRequest: Bool = false,
        by anchors: (_ told: [Set<Anchor>], Int32, Int32) -> [Anchor]
    ) -> [LogTie] {
        let count = logs.logs.count
        var byLog = Array(repeating: [AnswerLine](), count: count)
        if lines.isEmpty { return [] }
        for line in lines { byLog[Int(line.log)].append(line) }
        for log in byLog.indices {
            lineReader.learnResolution(of: &byLog[log])
            byLog[log].sort { ($0.ended, $0.tieBreak) < ($1.ended, $1.tieBreak) }
        }
        for (log, lines) in byLog.enumerated() where !lines.isEmpty {
            richness[Int32(log)] = AnswerLine.richness(lines)
        }
        let told = Self.tellings(lines, logs: count)
        let order = (0..<count).sorted { logs.logs[$0].order < logs.logs[$1].order }
        var found: [Pair] = []
        for (place, one) in order.enumerated() {
            for other in order[..<place] {
                let isNear = byRequest || overlap(one, other)
                guard isNear || mayBeShifted(one, other) else { continue }
                let anchors = anchors(told, Int32(one), Int32(other))
                let pair = isNear ? compare(byLog[one], byLog[other], comparable, anchors) : nil
                if let pair { found.append(pair) }
                if pair?.outcome.tie == nil, !byRequest, mayBeShifted(one, other) {
                    noteShift(byLog[one], byLog[other], comparable, anchors)
                }
            }
        }
        return accepted(found, byLog, comparable)
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
    private func compare(
        _ a: [AnswerLine], _ b: [AnswerLine], _ comparable: [Int32: Double], _ anchors: [Anchor]
    ) -> Pair? {
        func within(_ lines: [AnswerLine], _ others: [AnswerLine]) -> Range<Int> {
            guard let first = others.first?.delivery.time.latest, let last = others.last?.delivery.time.latest else {
                return 0..<0
            }
            let from = lines.firstIndex { $0.delivery.time.latest >= first - Self.edge } ?? lines.count
            let until = lines.lastIndex { $0.delivery.time.latest <= last + Self.edge }.map { $0 + 1 } ?? 0
            return from..<max(from, until)
        }
        // Where lines name requests, clocks are not asked.
        let (ofA, ofB) = anchors == [.request] ? (a.indices, b.indices) : (within(a, b), within(b, a))
        guard let fewest = anchors.map(LogComparison.fewest).min(), min(ofA.count, ofB.count) >= fewest else {
            return nil
        }
        let isASmaller = ofA.count <= ofB.count
        let (first, other) = isASmaller ? (a, b) : (b, a)
        let (ofFirst, ofOther) = isASmaller ? (ofA, ofB) : (ofB, ofA)
        let isOneFormat = logs.logs[Int(first[0].log)].profile == logs.logs[Int(other[0].log)].profile
        let outcome = LogComparison(Array(first[ofFirst]), Array(other[ofOther]), isOneFormat: isOneFormat)
            .outcome(anchors)
        return Pair(
            outcome: outcome, comparable: comparable[first[0].log] ?? 0, first: Int(first[0].log),
            other: Int(other[0].log),
            offsets: (ofFirst.lowerBound, ofOther.lowerBound))
    }

    /// Lines this far outside the time that two logs share are not asked for: nobody expects them in the other.
    private static let edge: Int64 = 1_000_000

    /// The pairs that are one answer's: by their own share, or because one of them shares enough with several logs together, as
    /// a shield does with its edges.
    private mutating func accepted(
        _ pairs: [Pair], _ byLog: [[AnswerLine]], _ comparable: [Int32: Double]
    ) -> [LogTie] {
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
        for (index, pair) in pairs.enumerated() { note(pair, isAccepted: isAccepted[index], byLog) }
        return pairs.indices.filter { isAccepted[$0] }.compactMap { pairs[$0].outcome.tie }
    }

    /// Notes how two logs compare.
    private mutating func note(_ pair: Pair, isAccepted: Bool, _ byLog: [[AnswerLine]]) {
        let names = [pair.first, pair.other].map { logs.logs[$0] }.sorted { $0.order < $1.order }.map(\.name)
        let one = Ledger.SharedAnswers.Pair(
            logs: names, asked: pair.outcome.asked, share: pair.outcome.share * pair.comparable,
            coincidence: pair.outcome.coincidence * pair.comparable, isByTimeAlone: pair.outcome.isByTimeAlone,
            isByRequest: pair.outcome.anchor == .request, contradictions: pair.outcome.contradictions.words,
            offset: pair.outcome.tie.map { ($0.delay.lowerBound + $0.delay.upperBound) / 2 } ?? 0)
        if isAccepted {
            figures.merged.append(one)
            // Where both give stored frames and neither says where it stands.
            let areUnnamedCaches = [pair.first, pair.other].allSatisfy {
                !logs.logs[$0].namesNode && byLog[$0].contains { $0.delivery.isFromOwnStore }
            }
            if areUnnamedCaches, let places = pair.outcome.tie?.places, places != .same, figures.unnamedServers.isEmpty
            {
                figures.unnamedServers = names
            }
            return
        }
        if one.excess >= figures.closest?.excess ?? 0 { figures.closest = one }
        if let tied = pair.outcome.open, tied.excess * pair.comparable >= LogComparison.leastShare {
            open.append(tied.tie)
            figures.undecided.append(
                Ledger.SharedAnswers.Pair(
                    logs: names, asked: pair.outcome.asked, share: tied.share * pair.comparable,
                    coincidence: tied.coincidence * pair.comparable))
        }
    }
}
