/// The beginnings of sources, to be found in others.
struct StartTable {
    /// How many sources that begin alike are held against one end: logs begin with a time, so these are copies of one log, and of
    /// copies within one another only the longest is left.
    static let mostCompared = 64

    /// A source that may be in others.
    private struct Entry {
        var start: UInt64
        var length: Int64
        var run: UInt64
        var place: Int
    }

    /// By their beginnings; of those that begin alike the shortest first, then by what they hold.
    private var entries: [Entry] = []
    /// A bit for each start, at a place that its digests give, so that few lines are looked up.
    private var filter = [UInt64](repeating: 0, count: 1)
    private var shift: UInt64 = 63
    /// By place: whether no other source begins as it does.
    private var isAlone: [Bool] = []

    init() {}

    /// - Parameter places: of the sources that may be in others.
    init(_ outlines: [SourceOutline], of places: [Int]) {
        entries = places.filter { outlines[$0].runLength > 1 }.map {
            Entry(
                start: outlines[$0].start, length: outlines[$0].runLength, run: outlines[$0].run.value, place: $0)
        }
        entries.sort { ($0.start, $0.length, $0.run, $0.place) < ($1.start, $1.length, $1.run, $1.place) }
        // 64 bits for each, at least 2 KiB and at most 2 MiB.
        let bits = min(24, max(14, 70 - UInt64(max(entries.count, 1)).leadingZeroBitCount))
        filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        shift = UInt64(64 - bits)
        isAlone = [Bool](repeating: false, count: outlines.count)
        for (rank, entry) in entries.enumerated() {
            let slot = slot(entry.start)
            filter[slot >> 6] |= 1 << UInt64(slot & 63)
            let follows = rank > 0 && entries[rank - 1].start == entry.start
            let isFollowed = rank + 1 < entries.count && entries[rank + 1].start == entry.start
            isAlone[entry.place] = !follows && !isFollowed
        }
    }

    @inline(__always)
    private func slot(_ start: UInt64) -> Int { Int((start &* 0x9e37_79b9_7f4a_7c15) >> shift) }

    /// The sources that begin with these two lines, as a range of ranks.
    @inline(__always)
    func group(_ start: UInt64) -> Range<Int>? {
        let slot = slot(start)
        guard filter[slot >> 6] >> UInt64(slot & 63) & 1 == 1 else { return nil }
        let first = rank { $0.start < start }
        let end = rank { $0.start <= start }
        return first < end ? first..<end : nil
    }

    func beginsAlone(_ place: Int) -> Bool { place < isAlone.count && isAlone[place] }

    func length(_ rank: Int) -> Int64 { entries[rank].length }

    /// The longest sources of a group, which are the ones that are held against an end.
    func longest(_ group: Range<Int>) -> [Int] { group.suffix(Self.mostCompared).map { entries[$0].place } }

    /// The first rank of a longer source of a group; its end if there is none.
    func rank(after length: Int64, in group: Range<Int>) -> Int {
        min(
            group.upperBound,
            rank(from: group.lowerBound) { entry, start in (entry.start, entry.length) <= (start, length) })
    }

    /// The sources of a group that hold just that.
    func places(_ length: Int64, _ run: LineFingerprint, in group: Range<Int>) -> [Int] {
        let first = rank(from: group.lowerBound) { entry, start in
            (entry.start, entry.length, entry.run) < (start, length, run.value)
        }
        return entries[first..<max(first, group.upperBound)].prefix { $0.length == length && $0.run == run.value }.map(
            \.place)
    }

    private func rank(from member: Int, _ isBefore: (Entry, UInt64) -> Bool) -> Int {
        let start = entries[member].start
        return rank { isBefore($0, start) }
    }

    /// The first rank of an entry that is not before what is looked for.
    private func rank(_ isBefore: (Entry) -> Bool) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(entries[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// One pass over a source's lines that finds in it the beginnings of sources, and those that are there as a whole.
struct StartScan {
    /// A line with which sources may begin.
    struct Start {
        /// Their ranks.
        var group: Range<Int>
        var line: Int64
        /// Of the lines before it.
        var before: LineFingerprint
        /// The rank of the next of them that may end there.
        var next: Int
    }

    /// So many are followed in a source; more come only of lines without a time.
    private static let mostStarts = 1024

    let place: Int
    private(set) var starts: [Start] = []
    /// Sources that are wholly there, and where they begin.
    private(set) var contained: [(place: Int, line: Int64)] = []
    /// Whether any source but this begins there, or this one again.
    private(set) var foundStart = false

    private let outline: SourceOutline
    private let table: StartTable
    /// The second line of a beginning that is only its own; 0 if others begin alike.
    private let ownStart: Int64
    private var line: Int64 = 0
    private var fingerprint = LineFingerprint()
    private var beforeLast = LineFingerprint()
    private var untilLast = LineFingerprint()
    private var previous: UInt32 = 0
    /// The next line at which a source of a group would end.
    private var nextEnd = Int64.max

    init(_ place: Int, _ outline: SourceOutline, _ table: StartTable) {
        (self.place, self.outline, self.table) = (place, outline, table)
        ownStart = table.beginsAlone(place) ? outline.first + 1 : 0
    }

    mutating func add(_ words: UnsafeBufferPointer<UInt32>) {
        for word in words {
            line += 1
            // To look for its own beginning would be most of the work for a short source.
            if line > 1, line != ownStart, let group = table.group(SourceOutline.pair(previous >> 1, word >> 1)) {
                begin(group)
            }
            // Fingerprints begin with the first line that matters, which most sources do not have.
            if !starts.isEmpty {
                beforeLast = fingerprint
                fingerprint.append(word)
                if line == outline.last { untilLast = fingerprint }
                if line == nextEnd { compare() }
            }
            previous = word
        }
    }

    /// The last lines of traffic, from a start on.
    func end(from start: Start) -> (count: Int64, run: LineFingerprint) {
        let count = outline.last - start.line + 1
        return (count, untilLast.removing(start.before, before: count))
    }

    private mutating func begin(_ group: Range<Int>) {
        let first = line - 1
        guard first >= outline.first, first < outline.last, starts.count < Self.mostStarts else { return }
        foundStart = true
        if starts.isEmpty { fingerprint.append(previous) }
        nextEnd = min(nextEnd, first + table.length(group.lowerBound) - 1)
        starts.append(Start(group: group, line: first, before: beforeLast, next: group.lowerBound))
    }

    /// Looks which sources end at this line.
    private mutating func compare() {
        nextEnd = .max
        for index in starts.indices where starts[index].next < starts[index].group.upperBound {
            let start = starts[index]
            let length = table.length(start.next)
            if start.line + length - 1 == line {
                let run = fingerprint.removing(start.before, before: length)
                for other in table.places(length, run, in: start.group) where other != place {
                    contained.append((other, start.line))
                }
                starts[index].next = table.rank(after: length, in: start.group)
                if starts[index].next == start.group.upperBound { continue }
            }
            nextEnd = min(nextEnd, start.line + table.length(starts[index].next) - 1)
        }
    }
}
