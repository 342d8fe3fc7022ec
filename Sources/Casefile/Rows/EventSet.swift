public import LogRecords

/// A set of events: a bit for each line up to a source's last one that is in it.
public struct EventSet: Sendable {
    private var lines: [Int64: [UInt64]] = [:]
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }

    public mutating func insert(_ id: EventID) {
        let word = Int(id.line >> 6)
        let bit = UInt64(1) << UInt64(id.line & 63)
        func insert(_ words: inout [UInt64]) -> Bool {
            if word >= words.count {
                words.append(contentsOf: repeatElement(0, count: max(word + 1 - words.count, words.count)))
            }
            defer { words[word] |= bit }
            return words[word] & bit == 0
        }
        if insert(&lines[id.source, default: []]) { count += 1 }
    }

    public func contains(_ id: EventID) -> Bool {
        guard let words = lines[id.source] else { return false }
        let word = Int(id.line >> 6)
        return word < words.count && words[word] >> UInt64(id.line & 63) & 1 == 1
    }

    /// How many are of each source.
    public var countBySource: [Int64: Int] { lines.mapValues { $0.reduce(0) { $0 + $1.nonzeroBitCount } } }
}
