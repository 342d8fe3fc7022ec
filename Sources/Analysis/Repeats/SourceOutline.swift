import Casefile
import GRDB

/// What is known of a source's lines without keeping them: enough to find it in another source.
struct SourceOutline {
    let source: Int64
    /// Whether its rows are in the case, or were taken out before.
    let hasRows: Bool
    /// Whether its time goes back from one line to the next.
    let goesBack: Bool
    /// How many lines it has.
    private(set) var lines: Int64 = 0
    /// Its first and last line that a delivery, a fill or a purge stands on; 0 if it is no log of traffic. What stands around
    /// them, such as a header, or the beginning of a line that was still being written, is another in each copy.
    private(set) var first: Int64 = 0
    private(set) var last: Int64 = 0
    /// The digests of the first line of traffic and the line after it, by which copies of its beginning are found; 0 if it
    /// has none.
    private(set) var start: UInt64 = 0
    /// Whether the lines from the first to the last of traffic are one and the same.
    private(set) var isUniform = true
    private(set) var whole = LineFingerprint()
    private(set) var untilFirst = LineFingerprint()
    private(set) var throughFirst = LineFingerprint()
    private(set) var untilLast = LineFingerprint()

    init(source: Int64, hasRows: Bool, goesBack: Bool) {
        (self.source, self.hasRows, self.goesBack) = (source, hasRows, goesBack)
    }

    /// How many lines there are from the first to the last of traffic.
    var runLength: Int64 { first == 0 ? 0 : last - first + 1 }

    /// Of those lines.
    var run: LineFingerprint { untilLast.removing(untilFirst, before: runLength) }

    private var firstDigest: UInt32 = 0

    mutating func add(_ words: UnsafeBufferPointer<UInt32>) {
        for word in words {
            lines += 1
            let isTraffic = word & 1 == 1
            if first == 0, isTraffic { (first, untilFirst, firstDigest) = (lines, whole, word >> 1) }
            whole.append(word)
            if first == 0 { continue }
            if lines == first { throughFirst = whole }
            if lines == first + 1 { start = Self.pair(firstDigest, word >> 1) }
            if !isTraffic { continue }
            if word >> 1 != firstDigest { isUniform = false }
            (last, untilLast) = (lines, whole)
        }
    }

    static func pair(_ one: UInt32, _ other: UInt32) -> UInt64 { UInt64(one) << 32 | UInt64(other) }

    /// Whether its lines are to count, and not those of the other, where both have them. It depends on the lines alone, not
    /// on names or on the order of reading.
    func outranks(_ other: SourceOutline) -> Bool {
        (runLength, run.value, lines, whole.value) > (other.runLength, other.run.value, other.lines, other.whole.value)
    }

    /// Those of all sources that have line digests and are wholly read, by rising number.
    static func all(_ db: Database) throws -> [SourceOutline] {
        let read = try SourceRow.withLines(db)
        var next = read.startIndex
        var outlines: [SourceOutline] = []
        outlines.reserveCapacity(read.count)
        try LineDigests.each(db) { source, words in
            while next < read.endIndex, read[next].id < source { next += 1 }
            guard next < read.endIndex, read[next].id == source else { return }
            if outlines.last?.source != source {
                outlines.append(
                    SourceOutline(source: source, hasRows: read[next].counts, goesBack: read[next].goesBack))
            }
            outlines[outlines.count - 1].add(words)
        }
        return outlines
    }
}
