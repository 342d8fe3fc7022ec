/// The beginnings of sources, to be found in others.
struct StartTable {
    /// How many sources that begin alike are held against one end: logs begin with a time, so these are copies of one log, and of
    /// copies within one another only the longest is left.
    static let mostCompared = 64

    /// Sources that begin alike.
    struct Group {
        var places: [Int] = []
        /// How many lines they have, from the shortest, each once.
        var lengths: [Int64] = []
        /// By what they hold.
        var byRun: [Run: [Int]] = [:]
    }

    struct Run: Hashable {
        var length: Int64
        var fingerprint: LineFingerprint
    }

    private(set) var groups: [Group] = []
    private var byStart: [UInt64: Int] = [:]
    /// A bit for each start, at a place that its digests give, so that few lines are looked up.
    private var filter = [UInt64](repeating: 0, count: 1)
    private var shift: UInt64 = 63

    init() {}

    /// - Parameter places: of the sources that may be in others.
    init(_ outlines: [SourceOutline], of places: [Int]) {
        let such = places.filter { outlines[$0].runLength > 1 }
        // 64 bits for each, at least 2 KiB and at most 2 MiB.
        let bits = min(24, max(14, 70 - UInt64(max(such.count, 1)).leadingZeroBitCount))
        filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        shift = UInt64(64 - bits)
        for place in such {
            let outline = outlines[place]
            let group = byStart[outline.start] ?? groups.count
            if group == groups.count {
                groups.append(Group())
                byStart[outline.start] = group
                let slot = slot(outline.start)
                filter[slot >> 6] |= 1 << UInt64(slot & 63)
            }
            groups[group].places.append(place)
            groups[group].byRun[Run(length: outline.runLength, fingerprint: outline.run), default: []].append(place)
        }
        for group in groups.indices {
            groups[group].lengths = Set(groups[group].byRun.keys.map(\.length)).sorted()
            groups[group].places.sort { outlines[$0].outranks(outlines[$1]) }
        }
    }

    func places(_ group: Int) -> [Int] { groups[group].places }

    @inline(__always)
    private func slot(_ start: UInt64) -> Int { Int((start &* 0x9e37_79b9_7f4a_7c15) >> shift) }

    /// The group of sources that begin with these two lines.
    @inline(__always)
    func group(_ start: UInt64) -> Int? {
        let slot = slot(start)
        guard filter[slot >> 6] >> UInt64(slot & 63) & 1 == 1 else { return nil }
        return byStart[start]
    }
}

/// One pass over a source's lines that finds in it the beginnings of sources, and those that are there as a whole.
struct StartScan {
    /// A line with which a source's lines may begin.
    struct Start {
        var group: Int
        var line: Int64
        /// Of the lines before it.
        var before: LineFingerprint
        /// The next length of the group's sources that is looked at.
        var next = 0
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
    private var line: Int64 = 0
    private var fingerprint = LineFingerprint()
    private var beforeLast = LineFingerprint()
    private var previous: UInt32 = 0
    /// The next line at which a source of a group would end.
    private var nextEnd = Int64.max

    init(_ place: Int, _ outline: SourceOutline, _ table: StartTable) {
        (self.place, self.outline, self.table) = (place, outline, table)
    }

    mutating func add(_ words: UnsafeBufferPointer<UInt32>) {
        for word in words {
            line += 1
            let digest = word >> 1
            if line > 1, let group = table.group(SourceOutline.pair(previous, digest)) { begin(group) }
            beforeLast = fingerprint
            previous = digest
            fingerprint.append(word)
            if line == nextEnd { compare() }
        }
    }

    private mutating func begin(_ group: Int) {
        let first = line - 1
        let isItself = table.groups[group].places == [place] && first == outline.first
        guard !isItself, first >= outline.first, first < outline.last, starts.count < Self.mostStarts else { return }
        foundStart = true
        let start = Start(group: group, line: first, before: beforeLast)
        nextEnd = min(nextEnd, first + table.groups[group].lengths[0] - 1)
        starts.append(start)
    }

    /// Looks which sources end at this line.
    private mutating func compare() {
        nextEnd = .max
        for index in starts.indices {
            let start = starts[index]
            let group = table.groups[start.group]
            guard start.next < group.lengths.count else { continue }
            let length = group.lengths[start.next]
            if start.line + length - 1 == line {
                let run = StartTable.Run(
                    length: length, fingerprint: fingerprint.removing(start.before, before: length))
                for other in group.byRun[run] ?? [] where other != place { contained.append((other, start.line)) }
                starts[index].next += 1
            }
            if starts[index].next < group.lengths.count {
                nextEnd = min(nextEnd, start.line + group.lengths[starts[index].next] - 1)
            }
        }
    }
}
