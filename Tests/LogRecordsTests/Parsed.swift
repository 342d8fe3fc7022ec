import Interning

@testable import LogRecords

/// What a profile makes of some lines, as a source of them would be read.
struct Parsed {
    let names = StringInterner()
    private(set) var batch = RecordBatch()
    private(set) var outcomes: [LineOutcome] = []
    /// The first lines of transactions that did not end.
    private(set) var unfinished: [Int64] = []

    /// - Parameter endIsOpen: whether the last line may lack characters.
    init(_ lines: [[UInt8]], _ profile: Profile, endIsOpen: Bool = false) {
        var parser = LineParser(profile: profile, names: names)
        for (index, line) in lines.enumerated() {
            let id = EventID(source: 1, line: Int64(index + 1))
            let open = LineParser.OpenEdges(end: endIsOpen && index == lines.count - 1)
            outcomes.append(parser.parse(line.span.bytes, id: id, open: open, into: &batch))
        }
        unfinished = parser.finish(source: 1, into: &batch)
        parser.settle(&batch)
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

    func text(_ id: SymbolID?) -> String { id.map { names.text($0) } ?? "" }
}
