import Interning
import LogRecords

/// The records of one part of a job, put into the order in which they are judged: by key, of each key what must be told ahead
/// (fills, frames, purges), then all in order of time.
///
/// As many as fit stay in memory; the rest lie sorted in files, and are merged.
struct PartRecords {
    /// When a record is taken up among those of its group.
    enum Turn: UInt8 {
        /// Fills and purges stand twice: ahead of their key's other records, and at their time.
        case fillAhead, frame, purgeAhead, inTime

        var isAhead: Bool { self != .inTime }
    }

    /// Where one of the records in memory is in the order.
    private struct Entry {
        let digest: UInt64
        let earliest: Int64
        let group: Int32
        let turn: Turn
        let block: Int32
        let row: Int32
    }

    private let names: StringInterner
    private let most: Int
    private var blocks: [RecordBlock] = []
    private var entries: [Entry] = []
    private var runs: [RecordRun] = []
    /// How many records stay in memory, some hundred bytes each.
    static let usualMost = 1_500_000

    /// - Parameters:
    ///   - names: where the blocks that are taken have their texts numbered.
    ///   - most: how many records stay in memory.
    init(_ names: StringInterner, keeping most: Int = Self.usualMost) { (self.names, self.most) = (names, most) }

    var isEmpty: Bool { entries.isEmpty && runs.isEmpty }

    /// Takes the records of a block.
    mutating func take(_ block: RecordBlock) throws {
        let number = Int32(blocks.count)
        blocks.append(block)
        try block.each { line in
            let (digest, group, row) = (line.place().digest, line.group(), Int32(line.row))
            func enter(_ turn: Turn, at earliest: Int64) {
                entries.append(
                    Entry(
                        digest: digest, earliest: earliest, group: group, turn: turn, block: number, row: row))
            }
            switch block.type {
            case .frame: enter(.frame, at: 0)
            case .frameFill: enter(.fillAhead, at: 0)
            case .frameUse: enter(.inTime, at: 0)
            case .delivery: enter(.inTime, at: try line.earliest())
            case .fill, .sent:
                enter(.fillAhead, at: 0)
                enter(.inTime, at: try line.earliest())
            default:
                enter(.purgeAhead, at: 0)
                enter(.inTime, at: try line.earliest())
            }
        }
        if entries.count >= most { try spill() }
    }

    /// A record in its place: `block` points at it until the next one.
    struct Turned {
        let block: RecordBlock
        let turn: Turn
        /// Its earliest moment; 0 of one that stands ahead.
        let earliest: Int64
        /// Whether it is the first of its group.
        let isFirst: Bool
    }

    /// Hands out all records in order, and forgets them.
    ///
    /// - Parameter names: where texts are numbered from now on; asked before the first record of each group.
    mutating func each(by names: () throws -> StringInterner, _ body: (Turned) throws -> Void) throws {
        defer {
            (blocks, runs) = ([], [])
            entries.removeAll(keepingCapacity: true)
        }
        guard runs.isEmpty else {
            try spill()
            return try RunMerge(runs).each(by: names, body)
        }
        sort()
        var group: Int32?
        for entry in entries {
            let block = blocks[Int(entry.block)]
            block.row = Int(entry.row)
            let isFirst = entry.group != group
            group = entry.group
            try body(Turned(block: block, turn: entry.turn, earliest: entry.earliest, isFirst: isFirst))
        }
    }

    private mutating func sort() {
        let names = names
        // Two keys of one digest are told apart by their texts.
        func text(_ group: Int32) -> String { names.text(SymbolID(rawValue: abs(group))) }
        entries.sort { one, other in
            if one.digest != other.digest { return one.digest < other.digest }
            if one.group != other.group {
                if one.group.signum() != other.group.signum() { return one.group > other.group }
                return text(one.group).utf8.lexicographicallyPrecedes(text(other.group).utf8)
            }
            return (one.turn.rawValue, one.earliest) < (other.turn.rawValue, other.earliest)
        }
    }

    /// Puts what is in memory into files, sorted.
    private mutating func spill() throws {
        sort()
        for type in [ExchangeType.delivery, .fill, .sent, .purge, .frame, .frameFill, .frameUse] {
            var run: RecordRun?
            for entry in entries where blocks[Int(entry.block)].type == type {
                let block = blocks[Int(entry.block)]
                block.row = Int(entry.row)
                if run == nil { run = try RecordRun(type, names) }
                try run?.add(block, entry.turn)
            }
            try run?.finish()
            if let run { runs.append(run) }
        }
        blocks = []
        entries.removeAll(keepingCapacity: true)
        if runs.count > RunMerge.most { runs = try RunMerge(runs).merged(names) }
    }
}
