import Casefile
import Correlation
import GRDB
import LogRecords

extension AnswerSearch {
    /// Lines that are matched at once.
    private static let linesAtOnce = 200_000
    /// Each part keeps some megabytes in memory until it is written to a file.
    private static let mostParts = 32

    /// Notes that two logs may be one answer's if one's clock is set by hours.
    mutating func noteShift(
        _ a: [AnswerLine], _ b: [AnswerLine], _ comparable: [Int32: Double], _ anchors: [Anchor]
    ) {
        let (first, other) = a.count <= b.count ? (a, b) : (b, a)
        guard let anchor = anchors.first, let log = first.first?.log,
            let shift = ClockShift(first, other, anchor),
            shift.share * (comparable[log] ?? 0) >= LogComparison.leastShare
        else { return }
        shifted.append(shift)
        figures.undecided.append(
            Ledger.SharedAnswers.Pair(
                logs: [shift.tie.first, shift.tie.other].map { logs.logs[Int($0)].name }, asked: shift.asked,
                share: shift.share, coincidence: shift.coincidence, offset: shift.offset))
    }

    /// Leaves in doubt the lines of two logs that would be one answer's if one of their clocks were set by some hours.
    mutating func doubt(_ shift: ClockShift) throws {
        let tied: Set<Int32> = [shift.tie.first, shift.tie.other]
        for part in try partitions(tied, [shift.tie]) {
            try part.eachBlock { block in
                for line in block where answers.doubt(line.delivery) { figures.doubted += 1 }
            }
        }
    }

    /// Leaves in doubt the lines of two logs that may tell of one answer, where clients ask too often to say whether they do.
    mutating func doubt(_ tie: LogTie) throws {
        for part in try partitions([tie.first, tie.other], [tie]) {
            var all: [AnswerLine] = []
            try part.eachBlock { all += $0 }
            var groups = AnswerGroups([tie], richness: richness)
            for line in groups.candidates(all) where answers.doubt(line) { figures.doubted += 1 }
        }
    }

    /// Matches all lines of the logs that are tied, group of logs by group of logs.
    mutating func match(_ ties: [LogTie]) throws {
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
    private mutating func partitions(_ tied: Set<Int32>, _ ties: [LogTie]) throws -> [SpillFile<AnswerLine>] {
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
        let files = (0..<parts).map { _ in SpillFile<AnswerLine>(folder: folder) }
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
            try files[spread % parts].append(lineReader.line(delivery, log: log, request: request))
        }
        return files
    }
}
