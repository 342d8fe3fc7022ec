/// Splits a simulation's logs into files as untidy as found ones: shuffled names, lines out of order, broken lines.
struct RandomFiles {
    private(set) var files: [LogFile] = []
    private let options: RandomOptions
    private var chance: SplitMix64

    /// The broken lines and what is wrong with them, by file and line.
    var broken: [(place: LogFile.Place, damage: String)] {
        files.flatMap { file in
            file.lines.enumerated().compactMap { index, line in
                line.damage.map { (LogFile.Place(file: file.path, line: index + 1), $0) }
            }
        }
    }

    init(_ simulation: Simulation, options: RandomOptions, chance: SplitMix64) {
        self.options = options
        self.chance = chance
        var numbers = Array(100..<(100 + 2 * options.nodes * options.filesPerNode))
        self.chance.shuffle(&numbers)
        for (folder, logs) in [("relay", simulation.relayLogs), ("cache", simulation.cacheLogs)] {
            for log in logs {
                for piece in split(log) {
                    let packing: Packing = self.chance.chance(0.4) ? .plain : .zstd(frames: self.chance.within(1...3))
                    let path = "\(folder)/part-\(numbers.removeLast())" + packing.suffix
                    files.append(LogFile(path: path, lines: piece, packing: packing))
                }
            }
        }
        addBroken()
        files.sort { $0.path < $1.path }
    }

    /// Stretches of time, with a few lines of each in another piece, and none further from its place than allowed.
    private mutating func split(_ log: [LogLine]) -> [[LogLine]] {
        let count = options.filesPerNode
        var pieces = [[LogLine]](repeating: [], count: count)
        for (index, line) in log.enumerated() {
            let piece = chance.chance(0.1) ? chance.below(count) : index * count / log.count
            pieces[piece].append(line)
        }
        return pieces.map { displaced($0) }
    }

    /// Sorts by the place plus a random part of the bound: no line passes more than `displacement` others.
    private mutating func displaced(_ lines: [LogLine]) -> [LogLine] {
        let keyed = lines.enumerated().map { index, line in
            (order: index + chance.below(options.displacement + 1), index: index, line: line)
        }
        return keyed.sorted { ($0.order, $0.index) < ($1.order, $1.index) }.map(\.line)
    }

    private mutating func addBroken() {
        for _ in 0..<options.broken {
            let file = chance.below(files.count)
            // The first line stays good, so that the file's format can be told.
            guard !files[file].lines.isEmpty else { continue }
            let at = chance.within(1...files[file].lines.count)
            let line = damaged(files[file].lines[at - 1])
            files[file].lines.insert(line, at: at)
        }
    }

    /// A broken copy of a line; what is broken already gives way to text of another kind.
    private mutating func damaged(_ line: LogLine) -> LogLine {
        let (text, damage) =
            switch line.damage == nil ? chance.below(4) : 3 {
            case 0: (String(line.text.prefix(chance.within(10...(line.text.count - 1)))), "truncated")
            case 1: (line.text.replacing("\"ts\":\"2021-", with: "\"ts\":\"2021-13-"), "time stamp")
            case 2: (line.text.replacing("\"ts\":", with: "\"st\":"), "no time stamp")
            default: ("~~~ rotated \(chance.below(1_000_000)) ~~~", "no JSON")
            }
        return LogLine(time: line.time, text: text, damage: damage)
    }
}

extension Packing {
    fileprivate var suffix: String {
        switch self {
        case .plain: ".ndjson"
        case .zstd: ".ndjson.zst"
        }
    }
}
