@testable import LogRecords

/// What a profile makes of some lines, as a source of them would be read.
struct Parsed {
    let names = NameTable()
    private(set) var batch = RecordBatch()
    private(set) var outcomes: [LineOutcome] = []
    /// The first lines of transactions that did not end.
    private(set) var unfinished: [Int64] = []

    init(_ lines: [[UInt8]], _ profile: Profile) {
        var parser = LineParser(profile: profile, names: names)
        for (index, line) in lines.enumerated() {
            let id = EventID(source: 1, line: Int64(index + 1))
            outcomes.append(parser.parse(line.span.bytes, id: id, into: &batch))
        }
        parser.settle(&batch)
        unfinished = parser.finish()
    }

    /// - Parameter shipped: a shipped profile's name.
    init(_ lines: String..., shipped: String) throws {
        guard let profile = try ProfileLibrary().profile(named: shipped) else { throw NoSuchProfile(name: shipped) }
        self.init(lines.map { Array($0.utf8) }, profile)
    }

    /// - Parameter yaml: a profile of one's own.
    init(_ lines: String..., yaml: String) throws {
        self.init(lines.map { Array($0.utf8) }, try ProfileReader.read(yaml))
    }

    struct NoSuchProfile: Error { var name: String }

    func text(_ id: NameID?) -> String { id.map { names.text($0) } ?? "" }
}

/// Numbers that a seed decides (splitmix64, Steele et al. 2014), so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
