import Analysis
import Casefile
import Correlation
import Interning
import LogRecords

/// What every machine of a job must know of the whole dump to judge its own part of it: what `strayframe survey` found.
struct JobContext {
    /// A source, the tag by which records name it, and how many of its records are deliveries.
    struct Source {
        var row: SourceRow
        var tag: String
        var deliveries: Int64
    }

    /// Numbers have room in an `EventID` beside the lines'.
    private static let mostSources: Int64 = 1 << 26
    private(set) var sources: [Source] = []
    /// The numbers of the sources that count, by tag, in the order in which events of equal times are taken.
    private(set) var numbers: [String: Int64] = [:]
    private var uncounted: Set<String> = []
    private(set) var accounts: [AccountRecord] = []
    private(set) var cameras: [CameraRecord] = []
    private(set) var grants: [GrantRecord] = []
    private(set) var rolloutRecords: [Rollout] = []
    /// Of each clock that fills, purges and the sampled deliveries name.
    private(set) var offsets: [ClockOffset] = []
    /// As it was stated; nil: offsets are estimated.
    private(set) var skew: Int64?
    private(set) var span: ClosedRange<Int64> = 0...0
    private(set) var deliveringNodes: [SymbolID] = []
    /// Among how many parts the records are dealt out.
    private(set) var parts = 1
    private var fillingNodes: Set<SymbolID> = []
    private var tellsSent = false
    private var tellsRevalidations = false
    private var isOriginDirect = true

    /// - Parameter paths: files with facts; lines of other types are passed over.
    /// - Throws: `AnalysisError.badBlock`, or `AnalysisError.cannotRead` if there is no survey among them.
    init(_ paths: [String], _ names: StringInterner) throws {
        var hasSurvey = false
        var knots: [(clock: SymbolID, knot: ClockOffset.Knot)] = []
        try BlockInput.eachBlock(of: paths) { packed in
            switch packed.type {
            case .source: try packed.open(names).each { try add(source: $0) }
            case .account, .camera, .grant, .rollout: try packed.open(names).each { try add($0) }
            case .survey:
                hasSurvey = true
                try packed.open(names).each { try add(survey: $0) }
            case .clock: try packed.open(names).each { try add(clock: $0) }
            case .knot:
                try packed.open(names).each {
                    let knot = ClockOffset.Knot(at: try $0.needed(.time), offset: try $0.needed(.offset))
                    knots.append(($0.name(.clock), knot))
                }
            case .fillingNode: try packed.open(names).each { fillingNodes.insert($0.name(.node)) }
            case .deliveringNode: try packed.open(names).each { deliveringNodes.append($0.name(.node)) }
            default: break
            }
        }
        for (clock, knot) in knots {
            if let place = offsets.firstIndex(where: { $0.clock == clock }) { offsets[place].knots.append(knot) }
        }
        guard hasSurvey else { throw Self.missing(paths) }
        accounts.sort { $0.id < $1.id }
        cameras.sort { $0.id < $1.id }
        grants.sort { $0.id < $1.id }
        rolloutRecords.sort {
            ($0.time.stamp, names.text($0.name), $0.id) < ($1.time.stamp, names.text($1.name), $1.id)
        }
    }

    var directory: Directory { Directory(cameras: cameras, grants: grants, knowsRights: hasGrants) }
    /// Whether there is a table of grants, be it without rows.
    private var hasGrants: Bool {
        !grants.isEmpty
            || sources.contains { source in
                [.complete, .damaged].contains(source.row.state)
                    && source.row.profile?.hasPrefix("directory-grants") == true
            }
    }
    var rollouts: RolloutSchedule { RolloutSchedule(rolloutRecords) }
    var clocks: Clocks {
        skew.map { Clocks(skew: $0) } ?? Clocks(offsets: offsets)
    }

    /// A survey that knows what all fills show, and no key.
    var keySurvey: UncontestedKeys {
        UncontestedKeys(
            clocks: clocks, tellsSent: tellsSent, tellsRevalidations: tellsRevalidations,
            isOriginDirect: isOriginDirect, fillingNodes: fillingNodes)
    }

    /// Which event a record's line is.
    ///
    /// - Returns: nil if its source does not count.
    /// - Throws: `ExchangeProblem` if no such source was surveyed.
    func event(_ line: RecordBlock) throws -> EventID? {
        let source = try line.memo(.source) { try number(of: $0) } ?? number(of: "")
        return source == 0 ? nil : EventID(source: source, line: try Self.checked(line.needed(.line)))
    }

    func event(_ tag: String, _ line: Int64) throws -> EventID? {
        let source = try number(of: tag)
        return source == 0 ? nil : EventID(source: source, line: try Self.checked(line))
    }

    /// A number that has room in an `EventID`.
    private static func checked(_ line: Int64) throws -> Int64 {
        guard (0..<1 << EventID.lineBits).contains(line) else { throw ExchangeProblem("a line \(line)") }
        return line
    }

    /// A source's number; 0 if it does not count.
    private func number(of tag: String) throws -> Int64 {
        if let source = numbers[tag] { return source }
        guard uncounted.contains(tag) else {
            throw ExchangeProblem("its source \(tag) was not surveyed; was that file read to its end?")
        }
        return 0
    }

    /// By the number of a source that counts: its tag.
    func tags(_ names: StringInterner) -> [SymbolID] {
        var tags = [SymbolID](repeating: .absent, count: Int(numbers.values.max() ?? 0) + 1)
        for (tag, number) in numbers { tags[Int(number)] = names.intern(tag) }
        return tags
    }

    private mutating func add(source line: RecordBlock) throws {
        // Without a rank it is a record of `normalize`.
        guard let rank = line.number(.rank), let tag = line.text(.source) else { return }
        guard (0..<Self.mostSources).contains(rank) else { throw ExchangeProblem("a source of number \(rank)") }
        sources.append(
            Source(row: try SourceLine.read(line, id: rank), tag: tag, deliveries: try line.needed(.deliveries)))
        if rank > 0 { numbers[tag] = rank } else { uncounted.insert(tag) }
    }

    /// Among how many parts the records are dealt out, as a source or the survey says.
    static func parts(_ line: RecordBlock) throws -> Int {
        let parts = try line.needed(.parts)
        guard (1...Int64(Int32.max)).contains(parts) else { throw ExchangeProblem("\(parts) parts") }
        return Int(parts)
    }

    /// Among how many parts the records of a job are dealt out, as its facts say.
    static func parts(_ facts: [String], _ names: StringInterner) throws -> Int {
        var parts: Int?
        try BlockInput.eachBlock(of: facts) { packed in
            guard packed.type == .survey else { return }
            try packed.open(names).each { parts = try Self.parts($0) }
        }
        guard let parts else { throw missing(facts) }
        return parts
    }

    private static func missing(_ paths: [String]) -> AnalysisError {
        .cannotRead(
            path: paths.joined(separator: ", "), reason: "no facts in it; 'strayframe survey' writes them")
    }

    /// Makes sure that all records of a block are of its part.
    func check(_ block: RecordBlock, isIn part: Int) throws {
        try block.each { line in
            guard ExchangePlace.part(line.place().digest, of: parts) == part else {
                throw ExchangeProblem("a record of another part in part \(part); do facts and blocks belong together?")
            }
        }
    }

    private mutating func add(survey line: RecordBlock) throws {
        tellsSent = try line.needed(.tellsSent) != 0
        tellsRevalidations = try line.needed(.tellsRevalidations) != 0
        isOriginDirect = try line.needed(.isOriginDirect) != 0
        skew = line.number(.skew)
        parts = try Self.parts(line)
        let first = try line.needed(.firstTime)
        span = first...max(first, try line.needed(.lastTime))
    }

    private mutating func add(clock line: RecordBlock) throws {
        let clock = line.name(.clock)
        guard let basis = line.text(.basis).flatMap({ ClockOffset.Basis(rawValue: $0) }) else {
            throw ExchangeProblem("a clock without its basis")
        }
        offsets.append(
            ClockOffset(
                clock: clock, basis: basis, samples: Int(try line.needed(.samples)),
                rejected: Int(try line.needed(.rejected)), bound: try line.needed(.bound), knots: []))
    }

    private mutating func add(_ line: RecordBlock) throws {
        guard let id = try event(line) else { return }
        switch line.type {
        case .account: accounts.append(try line.account(id))
        case .camera: cameras.append(try line.camera(id))
        case .grant: grants.append(try line.grant(id))
        default: rolloutRecords.append(try line.rollout(id))
        }
    }
}
