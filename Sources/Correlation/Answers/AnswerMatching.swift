import LogRecords

/// Pairs the lines of two logs that tell of the same answers.
///
/// Both logs' lines go in order of time, and each takes the earliest partner that is left: so as many as can be have one, and
/// lines of one order keep it. One server says the same of an answer in all of its logs, so the lines that do find each other
/// first; and it writes them in one order, so that a line between two that are known has its partner between theirs.
struct AnswerMatching {
    /// Two lines of one answer, by their places.
    struct Pair {
        var first: Int32
        var other: Int32
        /// Whether neither may as well be a line of another answer.
        var isSure: Bool
    }

    private let lines: [AnswerLine]
    private let tie: LogTie
    private let first: Range<Int>
    /// The other log's lines by what both share, in order of time.
    private var byAnchor: [UInt64: [Int32]] = [:]
    /// By a request's id: whether one line of the first log alone has it.
    private var isAlone: [UInt64: Bool] = [:]
    private var taken: Set<Int32> = []
    private(set) var pairs: [Pair] = []

    /// From so many pairs on the order of two logs is known, and so few of them may contradict it.
    private static let fewestInOrder = 50
    private static let mostDisorder = 0.002

    /// - Parameters:
    ///   - lines: of both logs and others, log by log, in order of time in each.
    ///   - first: the places of the tie's first log's.
    ///   - other: those of its other log's.
    init(_ lines: [AnswerLine], _ first: Range<Int>, _ other: Range<Int>, _ tie: LogTie) {
        (self.lines, self.first, self.tie) = (lines, first, tie)
        for index in other {
            if let value = value(lines[index]) { byAnchor[value, default: []].append(Int32(index)) }
        }
        if tie.anchor == .request {
            for index in first {
                if let value = value(lines[index]) { isAlone[value] = isAlone[value] == nil }
            }
        }
    }

    mutating func run() {
        if tie.places == .same { pair(isExact: true) }
        pair(isExact: false)
    }

    /// All lines that may have a partner.
    func candidates() -> [Int32] {
        let open = open(isExact: false)
        return open.partners.map(\.line) + open.counts.keys
    }

    /// Answers to nobody have nobody in common.
    private static let nobody: UInt64 = 0x6e6f_626f_6479

    /// What a line must share with its partner. One that names no account has its partner among those that do not, either.
    private func value(_ line: AnswerLine) -> UInt64? {
        let isForNobody = !line.delivery.requester.isPresent && tie.anchor != .request && tie.matching.namesAccount
        return isForNobody ? Self.nobody : tie.matching.value(line)
    }

    /// The lines that are left and may have a partner.
    private struct Open {
        /// By line of the first log, in order: the lines that may tell of the same answer.
        var partners: [(line: Int32, anchor: UInt64, all: [Int32])] = []
        /// By line of the other log: of how many it may be the partner.
        var counts: [Int32: Int] = [:]
    }

    /// - Parameter isExact: whether partners must say the same of all that one server knows of an answer.
    private mutating func pair(isExact: Bool) {
        let open = open(isExact: isExact)
        var sure = open.partners.filter { $0.all.count == 1 && open.counts[$0.all[0]] == 1 }.map {
            Pair(first: $0.line, other: $0.all[0], isSure: true)
        }
        if isExact { sure += inOrder(open, sure) }
        for pair in sure { taken.formUnion([pair.first, pair.other]) }
        pairs += sure
        for (line, _, all) in open.partners where !taken.contains(line) {
            guard let found = all.first(where: { !taken.contains($0) }) else { continue }
            taken.formUnion([line, found])
            pairs.append(Pair(first: line, other: found, isSure: false))
        }
    }

    private func open(isExact: Bool) -> Open {
        var open = Open()
        for index in first where !taken.contains(Int32(index)) {
            guard let value = value(lines[index]), let all = byAnchor[value] else { continue }
            let (line, areAlone) = (lines[index], all.count == 1 && isAlone[value] == true)
            let from = all.partitionIndex { lines[Int($0)].ended - line.ended >= tie.delay.lowerBound }
            var found: [Int32] = []
            for place in all[from...] {
                let delay = lines[Int(place)].ended - line.ended
                if delay > tie.delay.upperBound { break }
                let partner = lines[Int(place)].delivery
                guard !taken.contains(place),
                    tie.mayBeOne(line.delivery, partner, moved: delay, isAlone: areAlone),
                    tie.denials.isEmpty || Contradictions(line, lines[Int(place)]).isDisjoint(with: tie.denials),
                    !isExact || LogTie.sayTheSame(line.delivery, partner)
                else { continue }
                found.append(place)
                open.counts[place, default: 0] += 1
            }
            if !found.isEmpty { open.partners.append((Int32(index), value, found)) }
        }
        return open
    }

    // MARK: One order

    /// The pairs that follow from those that are sure, if both logs have these in one order: between two of them as many lines
    /// of each log as there are of the other are partners in order.
    private func inOrder(_ open: Open, _ sure: [Pair]) -> [Pair] {
        guard sure.count >= Self.fewestInOrder else { return [] }
        let known = sure.sorted { $0.first < $1.first }
        let back = zip(known, known.dropFirst()).count { $1.other < $0.other }
        guard Double(back) <= Self.mostDisorder * Double(known.count) else { return [] }
        struct Gap: Hashable {
            var number: Int
            var anchor: UInt64
        }
        let settled = Set(sure.flatMap { [$0.first, $0.other] })
        var gaps: [Gap: (lines: [(place: Int32, all: [Int32])], partners: Set<Int32>)] = [:]
        for (line, anchor, all) in open.partners where !settled.contains(line) {
            let next = known.partitionIndex { $0.first > line }
            let low = next > 0 ? known[next - 1].other : -1
            let high = next < known.count ? known[next].other : .max
            let gap = Gap(number: next, anchor: anchor)
            gaps[gap, default: ([], [])].lines.append((line, all))
            gaps[gap]?.partners.formUnion(all.filter { low < $0 && $0 < high && !settled.contains($0) })
        }
        return gaps.values.flatMap { lines, partners -> [Pair] in
            guard lines.count == partners.count else { return [] }
            let ordered = zip(lines.sorted { $0.place < $1.place }, partners.sorted())
            guard ordered.allSatisfy({ $0.all.contains($1) }) else { return [] }
            return ordered.map { Pair(first: $0.place, other: $1, isSure: true) }
        }
    }
}
