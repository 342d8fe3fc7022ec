import Correlation
import Interning
import LogRecords

/// Events in, findings out: what the evidence engine makes of a few fills, purges and deliveries.
///
/// Times are milliseconds, names are small numbers: accounts and cameras share theirs, so that camera 1 is account 1's.
struct Replay {
    static let accounts: [Int32] = [1, 2, 3]
    /// Numbers of cameras, keys, nodes and frames begin here.
    static let (camera, key, node, frame): (Int32, Int32, Int32, Int32) = (100, 200, 300, 400)

    private(set) var fills: [Fill] = []
    private(set) var purges: [Purge] = []
    private(set) var deliveries: [Delivery] = []
    var rules = ServingRules()
    var knowsRights = true
    /// The rows of the table of cameras.
    var cameras = Self.accounts
    var isOriginDirect = true
    private var line: Int64 = 0

    init() {}

    private mutating func id() -> EventID {
        line += 1
        return EventID(source: 1, line: line)
    }

    static func time(_ end: Int, took: Int = 0) -> EventTime {
        let (end, took) = (Int64(end) * 1000, Int64(took) * 1000)
        return EventTime(stamp: end, earliest: end - took, latest: end, begunBy: end - took)
    }

    /// A frame of an account's camera stored by the cache, or sent by the origin.
    @discardableResult
    mutating func fill(
        _ at: Int, of account: Int32?, frame: Int32? = nil, kind: Fill.Kind = .stored, node: Int32? = 1, key: Int32 = 1,
        for requester: Int32? = nil, validator: Int32? = nil, ttl: Int32 = -1
    ) -> EventID {
        func name(_ number: Int32?, _ base: Int32) -> SymbolID {
            number.map { SymbolID(rawValue: base + $0) } ?? .absent
        }
        let id = id()
        fills.append(
            Fill(
                id: id, time: Self.time(at), clock: SymbolID(rawValue: Self.node), kind: kind,
                node: name(node, Self.node),
                key: name(key, Self.key), frame: name(frame, Self.frame), camera: name(account, Self.camera),
                requester: name(requester, 0), validator: name(validator, Self.frame), ttlSeconds: ttl))
        return id
    }

    mutating func purge(_ at: Int, node: Int32 = 1, key: Int32 = 1) {
        purges.append(
            Purge(
                id: id(), time: Self.time(at), clock: SymbolID(rawValue: Self.node),
                node: SymbolID(rawValue: Self.node + node), key: SymbolID(rawValue: Self.key + key)))
    }

    /// An answer to an account that asked for a camera, its own if none is named.
    @discardableResult
    mutating func delivery(
        _ end: Int, to account: Int32?, _ status: CacheStatus, took: Int = 0, camera: Int32?? = .none, node: Int32? = 1,
        key: Int32? = 1, frame: Int32? = nil, owner: Int32? = nil, http: Int32 = 200, bytes: Int64 = 9000,
        flags: Delivery.Flags = []
    ) -> EventID {
        func name(_ number: Int32?, _ base: Int32) -> SymbolID {
            number.map { SymbolID(rawValue: base + $0) } ?? .absent
        }
        let id = id()
        deliveries.append(
            Delivery(
                id: id, time: Self.time(end, took: took), clock: SymbolID(rawValue: Self.node),
                node: name(node, Self.node), requester: name(account, 0), camera: name(camera ?? account, Self.camera),
                key: name(key, Self.key), frame: name(frame, Self.frame), owner: name(owner, 0), cacheStatus: status,
                status: http, bytes: bytes, flags: flags))
        return id
    }

    mutating func change(_ body: (inout [Delivery], inout [Fill], inout [Purge]) -> Void) {
        body(&deliveries, &fills, &purges)
    }

    // MARK: Judged

    private var directory: Directory {
        Directory(
            cameras: cameras.map {
                CameraRecord(
                    id: EventID(source: 9, line: Int64($0)), camera: SymbolID(rawValue: Self.camera + $0),
                    owner: SymbolID(rawValue: $0), owned: Validity())
            }, knowsRights: knowsRights)
    }

    /// What the engine finds of each delivery; clear ones that were not emitted are missing.
    ///
    /// - Parameter byLedger: whether what the events contradict is taken for granted no more, as in a run on a case.
    func findings(byLedger: Bool = false) -> [EventID: Finding] {
        let (findings, observations, fillsWithoutKey) = replayed()
        guard byLedger else { return findings }
        var figures = Ledger.Figures()
        figures.observations = observations
        figures.isOriginDirect = isOriginDirect
        figures.fillsWithoutKey = fillsWithoutKey
        (figures.tellsFills, figures.hasGrants) = (!fills.isEmpty, knowsRights)
        figures.deliveries = deliveries.count
        figures.fetches = deliveries.count { $0.cacheStatus.asksOrigin }
        figures.withoutNode = deliveries.count { !$0.node.isPresent }
        // Of each node a file of its own.
        figures.overlappingLogs = figures.withoutNode == deliveries.count ? 2 : 0
        let rules = Ledger(figures).rules
        guard !rules.areTrusting else { return findings }
        var again = self
        again.rules = rules
        return again.replayed().findings
    }

    private func replayed() -> (findings: [EventID: Finding], observations: Observations, fillsWithoutKey: Int) {
        let directory = directory
        var frames = FrameIndex()
        for fill in fills { frames.add(fill, directory) }
        if fills.isEmpty { for delivery in deliveries { frames.add(fetchedBy: delivery, directory) } }
        var nodes: [SymbolID] = []
        for delivery in deliveries where !nodes.contains(delivery.node) { nodes.append(delivery.node) }
        var survey = UncontestedKeys(clocks: Clocks())
        for fill in fills { survey.add(fill, directory) }
        survey.isOriginDirect = isOriginDirect
        for purge in purges { survey.add(purge) }
        frames.areLinesAlike = fills.isEmpty
        var judge = Judge(directory: directory, frames: frames, rollouts: RolloutSchedule(), rules: rules)
        var found: [EventID: Finding] = [:]
        for finding in judge.screen(deliveries, &survey) { found[finding.delivery] = finding }
        if survey.areLinesAlike { judge.frames.areLinesAlike = true }
        _ = survey.keepContested()
        var sweep = Sweep(judge: judge, clocks: Clocks(), deliveringNodes: nodes, survey: survey)
        for event in events { sweep.add(event) { found[$0.id] = $1 } }
        sweep.finish { found[$0.id] = $1 }
        return (found, sweep.observations, survey.fillsWithoutKey)
    }

    /// By key, under each in order of time; what changes an entry comes before what reads it.
    private var events: [KeyEvent] {
        let all =
            fills.map { (0, KeyEvent.fill($0)) } + purges.map { (1, KeyEvent.purge($0)) }
            + deliveries.map { (2, KeyEvent.delivery($0)) }
        return all.filter { $0.1.key.isPresent }.sorted {
            ($0.1.key, $0.1.time.earliest, $0.0) < ($1.1.key, $1.1.time.earliest, $1.0)
        }.map(\.1)
    }

    func observations() -> Observations { replayed().observations }

    /// The certainty of a delivery.
    func certainty(_ id: EventID) -> Certainty { findings()[id]?.certainty ?? .clear }

    /// The accounts that may be exposed by it.
    func owners(_ id: EventID) -> Set<Int32> {
        Set(findings()[id]?.candidates.map(\.origin.owner.rawValue) ?? [])
    }
}
