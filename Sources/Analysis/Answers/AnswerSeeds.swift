import Casefile
import Correlation
import Interning
import LogRecords

/// What is looked for in all logs.
struct AnswerSeeds {
    let anchors: [Anchor]
    private var wanted: Set<UInt64> = []
    /// Of whom or what lines are, so that most are passed over at once.
    private(set) var names = (requesters: SymbolSet(), cameras: SymbolSet(), keys: SymbolSet())

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
    func values(_ brief: EventSpool.Brief) -> [UInt64] {
        anchors.compactMap { $0.value(requester: brief.requester, camera: brief.camera, key: brief.key) }
            .filter(wanted.contains)
    }
}

/// Lines that may have a partner in another log, or be the same as one of another file of their own.
struct SeededLines {
    private struct Line {
        var id: EventID
        var log: Int32
        /// The file, where it may have lines of another of the same log; else what stands for the log.
        var file: Int64
        var values: [UInt64]
    }

    private var lines: [Line] = []
    /// By what a line shares with others: the log and the file of the first.
    private var first: [UInt64: (log: Int32, file: Int64)] = [:]
    /// What lines of several logs share, and of several files.
    private var inLogs: Set<UInt64> = []
    private var inFiles: Set<UInt64> = []

    var count: Int { lines.count }

    /// - Parameter isOverlapping: whether its file was written at the time of another of one profile and node.
    mutating func add(_ brief: EventSpool.Brief, _ log: Int32, isOverlapping: Bool, _ wanted: AnswerSeeds) {
        let values = wanted.values(brief)
        if values.isEmpty { return }
        let file = isOverlapping ? brief.id.source : -1 - Int64(log)
        lines.append(Line(id: brief.id, log: log, file: file, values: values))
        for value in values {
            if let known = first[value] {
                if known.log != log { inLogs.insert(value) }
                if known.file != file { inFiles.insert(value) }
            } else {
                first[value] = (log, file)
            }
        }
    }

    /// The lines that share something with lines of other logs.
    var shared: [EventID] { lines.filter { $0.values.contains(where: inLogs.contains) }.map(\.id) }

    /// The lines that share something with lines of other files, of those that may have lines of another.
    var inSeveralFiles: [EventID] {
        lines.filter { $0.file >= 0 && $0.values.contains(where: inFiles.contains) }.map(\.id)
    }

    /// How many lines of each such file there are.
    var countByFile: [Int64: Int] { lines.reduce(into: [:]) { if $1.file >= 0 { $0[$1.file, default: 0] += 1 } } }

    var comparable: [Int32: Double] {
        var (all, kept): ([Int32: Int], [Int32: Int]) = ([:], [:])
        for line in lines {
            all[line.log, default: 0] += 1
            if line.values.contains(where: inLogs.contains) { kept[line.log, default: 0] += 1 }
        }
        return all.reduce(into: [:]) { $0[$1.key] = Double(kept[$1.key] ?? 0) / Double($1.value) }
    }
}
