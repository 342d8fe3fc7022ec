import Casefile
import Correlation
import LogRecords

/// What every machine of a job must know of the whole dump to judge its own part of it: what `strayframe survey` found.
struct JobFacts {
    /// A source, and the tag by which records name it.
    struct Source {
        var row: SourceRow
        var tag: String
    }

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
    private(set) var deliveringNodes: [NameID] = []
    private var fillingNodes: Set<NameID> = []
    private var tellsSent = false
    private var tellsRevalidations = false
    private var isOriginDirect = true

    /// - Parameter paths: files with facts; lines of other types are passed over.
    /// - Throws: `AnalysisError.badLine`, or `AnalysisError.cannotRead` if there is no survey among them.
    init(_ paths: [String], _ names: NameTable) throws {
        let line = ExchangeLine(names)
        var hasSurvey = false
        var directory: [DirectoryLine] = []
        try ExchangeInput.eachLine(of: paths) { bytes in
            try line.load(bytes)
            let type = try line.type()
            switch type {
            case .source: try add(source: line)
            case .account, .camera, .grant, .rollout: directory.append(try DirectoryLine(line, type))
            case .survey:
                hasSurvey = true
                try add(survey: line)
            case .clock, .knot: try add(clock: line, type)
            case .fillingNode: fillingNodes.insert(line.name(.node))
            case .deliveringNode: deliveringNodes.append(line.name(.node))
            default: break
            }
        }
        guard hasSurvey else {
            throw AnalysisError.cannotRead(
                path: paths.joined(separator: ", "), reason: "no facts in it; 'strayframe survey' writes them")
        }
        for one in directory { try add(one) }
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
    var keySurvey: KeySurvey {
        KeySurvey(
            clocks: clocks, tellsSent: tellsSent, tellsRevalidations: tellsRevalidations,
            isOriginDirect: isOriginDirect, fillingNodes: fillingNodes)
    }

    /// Which event a record's line is.
    ///
    /// - Returns: nil if its source does not count.
    /// - Throws: `ExchangeProblem` if no such source was surveyed.
    func event(_ line: ExchangeLine) throws -> EventID? {
        try event(line.text(.source) ?? "", line.needed(.line))
    }

    func event(_ tag: String, _ number: Int64) throws -> EventID? {
        if let source = numbers[tag] { return EventID(source: source, line: number) }
        guard uncounted.contains(tag) else {
            throw ExchangeProblem("its source \(tag) was not surveyed; was that file read to its end?")
        }
        return nil
    }

    /// The tag of an event's source.
    func tags() -> [String] {
        var tags = [String](repeating: "", count: numbers.count + 1)
        for (tag, number) in numbers { tags[Int(number)] = tag }
        return tags
    }

    private mutating func add(source line: ExchangeLine) throws {
        // Without a rank it is a record of `normalize`.
        guard let rank = try line.number(.rank), let tag = line.text(.source) else { return }
        sources.append(Source(row: try SourceLine.read(line, id: rank), tag: tag))
        if rank > 0 { numbers[tag] = rank } else { uncounted.insert(tag) }
    }

    private mutating func add(survey line: ExchangeLine) throws {
        tellsSent = try line.needed(.tellsSent) != 0
        tellsRevalidations = try line.needed(.tellsRevalidations) != 0
        isOriginDirect = try line.needed(.isOriginDirect) != 0
        skew = try line.number(.skew)
        let first = try line.needed(.firstTime)
        span = first...max(first, try line.needed(.lastTime))
    }

    private mutating func add(clock line: ExchangeLine, _ type: ExchangeType) throws {
        let clock = line.name(.clock)
        if type == .knot {
            guard let place = offsets.firstIndex(where: { $0.clock == clock }) else {
                throw ExchangeProblem("a knot before its clock")
            }
            offsets[place].knots.append(
                ClockOffset.Knot(at: try line.needed(.time), offset: try line.needed(.offset)))
            return
        }
        guard let basis = line.text(.basis).flatMap({ ClockOffset.Basis(rawValue: $0) }) else {
            throw ExchangeProblem("a clock without its basis")
        }
        offsets.append(
            ClockOffset(
                clock: clock, basis: basis, samples: Int(try line.needed(.samples)),
                rejected: Int(try line.needed(.rejected)), bound: try line.needed(.bound), knots: []))
    }

    private mutating func add(_ one: DirectoryLine) throws {
        guard let id = try event(one.tag, one.number) else { return }
        switch one.record {
        case .account(var record):
            record.id = id
            accounts.append(record)
        case .camera(var record):
            record.id = id
            cameras.append(record)
        case .grant(var record):
            record.id = id
            grants.append(record)
        case .rollout(var record):
            record.id = id
            rolloutRecords.append(record)
        }
    }
}

/// A record of the directory, as long as its source's number is not known.
struct DirectoryLine {
    enum Record {
        case account(AccountRecord)
        case camera(CameraRecord)
        case grant(GrantRecord)
        case rollout(Rollout)
    }

    let tag: String
    let number: Int64
    let record: Record

    init(_ line: ExchangeLine, _ type: ExchangeType) throws {
        tag = line.text(.source) ?? ""
        number = try line.needed(.line)
        let id = EventID(rawValue: 0)
        switch type {
        case .account: record = .account(line.account(id))
        case .camera: record = .camera(try line.camera(id))
        case .grant: record = .grant(try line.grant(id))
        default: record = .rollout(try line.rollout(id))
        }
    }

    func write(to text: inout ExchangeText) {
        let id = EventID(source: 0, line: number)
        switch record {
        case .account(var record):
            record.id = id
            text.write(record, from: tag)
        case .camera(var record):
            record.id = id
            text.write(record, from: tag)
        case .grant(var record):
            record.id = id
            text.write(record, from: tag)
        case .rollout(var record):
            record.id = id
            text.write(record, from: tag)
        }
    }
}
