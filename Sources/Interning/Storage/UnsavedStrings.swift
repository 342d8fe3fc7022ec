/// Names that were numbered since they were asked for last, for the writer to store.
public struct UnsavedStrings {
    /// What one shard gave.
    private struct Run {
        /// The index of its first text, and the one behind its last.
        var first: Int
        var end: Int
        /// Where its first text is in `ends`.
        let place: Int
    }

    /// By shard.
    private var runs: [Run] = []
    /// The texts end to end, one shard's behind the other's, and where each ends.
    private var texts: [UInt8] = []
    private var ends: [Int] = []

    /// How many there are at most.
    public var count: Int { ends.count }
    /// How many bytes their texts have.
    public var byteCount: Int { texts.count }
    /// By shard, the next name's index.
    var nextIndexes: [Int] { runs.map(\.end) }

    /// Begins the next shard's run.
    mutating func begin(at index: Int) { runs.append(Run(first: index, end: index, place: ends.count)) }

    /// Adds the next text of the shard; an empty one is no name's.
    mutating func append(_ text: UnsafeRawBufferPointer) {
        texts.append(contentsOf: text)
        ends.append(texts.count)
        runs[runs.count - 1].end += 1
    }

    /// Calls `body` with each by rising number, and with its UTF-8 text, which is valid during the call only.
    package func each(_ body: (SymbolID, _ text: UnsafeRawBufferPointer) throws -> Void) rethrows {
        let filled = runs.filter { $0.first < $0.end }
        guard let first = filled.map(\.first).min(), let end = filled.map(\.end).max() else { return }
        try texts.withUnsafeBytes { texts in
            for index in first..<end {
                for (shard, run) in runs.enumerated() where run.first <= index && index < run.end {
                    let place = run.place + index - run.first
                    let start = place == 0 ? 0 : ends[place - 1]
                    if start == ends[place] { continue }
                    try body(
                        SymbolID(index: Int32(index), shard: shard),
                        UnsafeRawBufferPointer(rebasing: texts[start..<ends[place]]))
                }
            }
        }
    }
}
