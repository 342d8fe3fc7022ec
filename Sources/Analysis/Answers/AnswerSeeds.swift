import Casefile
import Correlation
import LogRecords

/// What is looked for in all logs.
struct AnswerSeeds {
    let anchors: [Anchor]
    private var wanted: Set<UInt64> = []
    /// Of whom or what lines are, so that most are passed over at once.
    private(set) var names = (requesters: NameSet(), cameras: NameSet(), keys: NameSet())

    init(_ anchors: [Anchor]) { self.anchors = anchors }

    mutating func add(_ line: AnswerLine) {
        for anchor in anchors {
            guard let value = anchor.value(line) else { continue }
            wanted.insert(value)
            switch anchor {
            case .request: break
            case .accountAndCamera, .accountAndKey, .account: names.requesters.insert(line.delivery.requester)
            case .camera: names.cameras.insert(line.delivery.camera)
            case .key: names.keys.insert(line.delivery.key)
            }
        }
    }

    /// What a line shares with the seeds.
    func values(_ brief: EventTrace.Brief) -> [UInt64] {
        anchors.compactMap { $0.value(requester: brief.requester, camera: brief.camera, key: brief.key) }
            .filter(wanted.contains)
    }
}

/// Lines that may have a partner in another log.
struct SeededLines {
    private var lines: [(id: EventID, log: Int32, values: [UInt64])] = []
    /// By what a line shares with others: the log of the first.
    private var logs: [UInt64: Int32] = [:]
    /// What lines of several logs share.
    private var several: Set<UInt64> = []

    var count: Int { lines.count }

    mutating func add(_ brief: EventTrace.Brief, _ log: Int32, _ wanted: AnswerSeeds) {
        let values = wanted.values(brief)
        if values.isEmpty { return }
        lines.append((brief.id, log, values))
        for value in values {
            if let first = logs[value] {
                if first != log { several.insert(value) }
            } else {
                logs[value] = log
            }
        }
    }

    var shared: [EventID] { lines.filter { $0.values.contains(where: several.contains) }.map(\.id) }

    var comparable: [Int32: Double] {
        var (all, kept): ([Int32: Int], [Int32: Int]) = ([:], [:])
        for line in lines {
            all[line.log, default: 0] += 1
            if line.values.contains(where: several.contains) { kept[line.log, default: 0] += 1 }
        }
        return all.reduce(into: [:]) { $0[$1.key] = Double(kept[$1.key] ?? 0) / Double($1.value) }
    }
}
