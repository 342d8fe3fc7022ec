public import LogRecords

/// Finds which lines of several logs tell of one answer, which of them counts, and what the others add to it.
///
/// Pure: it is given lines that can only have partners among each other, in any order.
public struct AnswerGroups {
    /// Lines of one answer.
    public struct Answer: Sendable {
        /// The line that counts, with what the others add.
        public var counted: Delivery
        /// Whether they add anything.
        public var isCompleted: Bool
        public var others: [EventID]
    }

    private let ties: [LogTie]
    /// How much each log tells on most of its lines, by its number.
    private let richness: [Int32: Int]
    private var lines: [AnswerLine] = []
    /// By line: the line before it in its group, and itself at the group's head (a union-find forest).
    private var heads: [Int32] = []
    /// Of a group's head: the logs of its lines; only of groups with several.
    private var members: [Int32: [Int32]] = [:]
    /// Lines that may as well be a line of another answer.
    private var isAmbiguous: [Bool] = []

    /// - Parameters:
    ///   - ties: of logs that are one answer's.
    ///   - richness: of each log, as `AnswerLine.richness` has it.
    public init(_ ties: [LogTie], richness: [Int32: Int]) {
        self.richness = richness
        // What is told by an id comes first, then what lies closest in time.
        self.ties = ties.sorted {
            ($0.anchor == .request ? 0 : 1, $0.delay.upperBound - $0.delay.lowerBound, $0.first, $0.other)
                < ($1.anchor == .request ? 0 : 1, $1.delay.upperBound - $1.delay.lowerBound, $1.first, $1.other)
        }
    }

    /// - Returns: the answers that have several lines, in order of the counted line's place.
    public mutating func answers(_ unordered: [AnswerLine]) -> [Answer] {
        let ranges = order(unordered)
        heads = Array(0..<Int32(lines.count))
        isAmbiguous = Array(repeating: false, count: lines.count)
        members = [:]
        for tie in ties {
            if let first = ranges[tie.first], let other = ranges[tie.other] { join(first, other, tie) }
        }
        return members.keys.sorted().map { head in answer(of: members[head] ?? []) }.sorted {
            $0.counted.id < $1.counted.id
        }
    }

    /// - Returns: the lines that may tell of an answer of which another line tells.
    public mutating func candidates(_ unordered: [AnswerLine]) -> [Delivery] {
        let ranges = order(unordered)
        var found: Set<Int32> = []
        for tie in ties {
            guard let first = ranges[tie.first], let other = ranges[tie.other] else { continue }
            found.formUnion(AnswerMatching(lines, first, other, tie).candidates())
        }
        return found.sorted().map { lines[Int($0)].delivery }
    }

    /// Puts lines in order of their logs, and of time in each.
    ///
    /// - Returns: where each log's lines are.
    private mutating func order(_ unordered: [AnswerLine]) -> [Int32: Range<Int>] {
        lines = unordered.sorted {
            ($0.log, $0.ended, $0.tieBreak) < ($1.log, $1.ended, $1.tieBreak)
        }
        var ranges: [Int32: Range<Int>] = [:]
        var start = 0
        while start < lines.count {
            let log = lines[start].log
            let end = lines[start...].firstIndex { $0.log != log } ?? lines.count
            ranges[log] = start..<end
            start = end
        }
        return ranges
    }

    // MARK: Partners

    /// Gives each line at most one partner.
    private mutating func join(_ first: Range<Int>, _ other: Range<Int>, _ tie: LogTie) {
        var matching = AnswerMatching(lines, first, other, tie)
        matching.run()
        for pair in matching.pairs.sorted(by: { $0.first < $1.first }) {
            if !pair.isSure { (isAmbiguous[Int(pair.first)], isAmbiguous[Int(pair.other)]) = (true, true) }
            unite(pair.first, pair.other)
        }
    }

    private func head(_ line: Int32) -> Int32 {
        var line = line
        while heads[Int(line)] != line { line = heads[Int(line)] }
        return line
    }

    /// One answer has at most one line in each log.
    private mutating func unite(_ one: Int32, _ other: Int32) {
        let (a, b) = (min(head(one), head(other)), max(head(one), head(other)))
        if a == b { return }
        let (left, right) = (members[a] ?? [a], members[b] ?? [b])
        let logs = Set(left.map { lines[Int($0)].log })
        if right.contains(where: { logs.contains(lines[Int($0)].log) }) {
            for line in left + right { isAmbiguous[Int(line)] = true }
            return
        }
        heads[Int(b)] = a
        members[b] = nil
        members[a] = left + right
    }

    // MARK: The line that counts

    private func answer(of group: [Int32]) -> Answer {
        let ranked = group.sorted { rank(Int($0)).lexicographicallyPrecedes(rank(Int($1))) }
        let first = Int(ranked[0])
        var counted = lines[first].delivery
        var isCompleted = false
        for place in ranked.dropFirst() {
            let other = lines[Int(place)].delivery
            var completed = counted
            if isAmbiguous[first] || isAmbiguous[Int(place)] {
                // Who was answered is what they were matched by; the rest may be another answer's.
            } else {
                completed.complete(from: other, tie(first, Int(place)), places(first, Int(place)))
            }
            if !completed.isAsTold(counted) { isCompleted = true }
            counted = completed
        }
        return Answer(
            counted: counted, isCompleted: isCompleted,
            others: ranked.dropFirst().map { lines[Int($0)].delivery.id }.sorted())
    }

    /// The line that tells the most comes first: who was answered, whose frame it was, and which frame; then the log that does,
    /// with what the cache said and under which key, on which node, of which camera. Of logs that tell as much, the one nearer to
    /// where the frame came from counts, for its cache is the one that was asked last.
    private func rank(_ line: Int) -> [Int] {
        let log = lines[line].log
        let behind = ties.count {
            $0.places == .firstIsOuter && $0.first == log || $0.places == .otherIsOuter && $0.other == log
        }
        return [
            -(lines[line].delivery.richness >> Delivery.ofLogs), -(richness[log] ?? 0), behind, Int(log),
            Int(lines[line].tieBreak),
        ]
    }

    /// What ties the logs of two lines, if anything does.
    private func tie(_ one: Int, _ other: Int) -> LogTie? {
        let logs = [lines[one].log, lines[other].log]
        return ties.first { logs == [$0.first, $0.other] || logs == [$0.other, $0.first] }
    }

    /// Where two lines were written, as seen from the first; nil if their logs are not tied to each other.
    private func places(_ one: Int, _ other: Int) -> LogTie.Places? {
        guard let tie = tie(one, other) else { return nil }
        switch tie.places {
        case .firstIsOuter where tie.first != lines[one].log: return .otherIsOuter
        case .otherIsOuter where tie.first != lines[one].log: return .firstIsOuter
        default: return tie.places
        }
    }
}

extension AnswerLine {
    /// How much a log tells on most of its lines, by some of them.
    public static func richness(_ lines: [AnswerLine]) -> Int {
        (0..<Delivery.richnessParts).reduce(0) { sum, part in
            lines.count { $0.delivery.richness >> part & 1 == 1 } * 2 > lines.count ? sum | 1 << part : sum
        }
    }
}

extension Delivery {
    /// How many of the lowest parts of `richness` are asked of logs and not of lines: a line without a key in a log that has keys
    /// says that there was none.
    fileprivate static let ofLogs = 9
    fileprivate static let richnessParts = 12

    /// How much a line tells of its answer: what weighs more stands higher.
    fileprivate var richness: Int {
        let isVerdictKnown = cacheStatus != .unknown
        let hasOwnHeaders = !flags.contains(.replaceableHeaders) || cacheStatus.bringsBody || content == .redisplay
        let told = [
            requester.isPresent && !flags.contains(.requesterInDoubt), owner.isPresent && hasOwnHeaders,
            frame.isPresent && hasOwnHeaders, isVerdictKnown && key.isPresent, isVerdictKnown, key.isPresent,
            node.isPresent, camera.isPresent, !flags.contains(.startUnknown), frameCamera.isPresent,
            bytes >= 0, status != 0,
        ]
        return told.reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
    }

    /// Adds what another line for the same answer tells, where it holds for this one too.
    ///
    /// - Parameter places: of this line's log and the other's; nil or apart: nothing of what a cache said may be carried over, for a
    ///   verdict at one server is none at another.
    fileprivate mutating func complete(from other: Delivery, _ tie: LogTie?, _ places: LogTie.Places?) {
        if !requester.isPresent { requester = other.requester }
        if !camera.isPresent { camera = other.camera }
        if requester.isPresent, other.requester.isPresent, requester != other.requester {
            flags.insert(.requesterInDoubt)
        }
        if other.flags.contains(.requesterInDoubt), requester == other.requester { flags.insert(.requesterInDoubt) }
        // An answer whose end one of its servers saw did not reach the client whole.
        if other.flags.contains(.aborted) { flags.insert(.aborted) }
        if places == .same, tie?.isOneClock == true { narrow(to: other) }
        let mayWearForeignHeaders = Flags([.replaceableHeaders, .mergeableHeaders])
        if places == .same {
            if !node.isPresent { node = other.node }
            if cacheStatus == .unknown, !cacheWord.isPresent {
                (cacheStatus, cacheWord) = (other.cacheStatus, other.cacheWord)
            }
            // Where both name keys and do not mean the same by them, no key is one too.
            if !key.isPresent, tie?.haveKeys == false || tie?.agreements.contains(.key) == true { key = other.key }
        }
        if !owner.isPresent, !frame.isPresent || frame == other.frame || !other.frame.isPresent {
            // What a revalidation may have put there is no word of the body, whoever wrote it down.
            let isOwn =
                flags.isDisjoint(with: mayWearForeignHeaders)
                && other.flags.isDisjoint(with: mayWearForeignHeaders)
            // What another server said is this answer's if the body passed both.
            let isPassedOn = places == .same || places == .otherIsOuter || !isFromOwnStore
            if isOwn, isPassedOn {
                if !frame.isPresent { frame = other.frame }
                (owner, frameCamera) = (other.owner, other.frameCamera)
            }
        }
    }

    /// Bounds when it happened by what another line of the same clock tells of it.
    private mutating func narrow(to other: Delivery) {
        let earliest = max(time.earliest, other.time.earliest)
        let latest = min(time.latest, other.time.latest)
        guard earliest <= latest else { return }
        let begunBy = min(max(min(time.begunBy, other.time.begunBy), earliest), latest)
        time = EventTime(stamp: time.stamp, earliest: earliest, latest: latest, begunBy: begunBy)
        if !other.flags.contains(.startUnknown) { flags.remove(.startUnknown) }
    }

    /// Whether it tells what another does.
    fileprivate func isAsTold(_ other: Delivery) -> Bool {
        requester == other.requester && camera == other.camera && node == other.node && key == other.key
            && cacheStatus == other.cacheStatus && cacheWord == other.cacheWord && frame == other.frame
            && time == other.time && owner == other.owner && frameCamera == other.frameCamera && flags == other.flags
    }
}
