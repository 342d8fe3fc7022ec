import Analysis
import Foundation
import Interning
import LogBytes
import LogRecords

/// Records of one type that lie in order in a file of their own, for which memory has no room.
///
/// The file has no name any more, so that nothing is left of it whatever happens. Owns it.
final class RecordRun {
    let type: ExchangeType
    private let file: FileHandle
    private let names: StringInterner
    private let packer = BlockPacker()
    private let unpacker = BlockUnpacker()
    private var dictionary = BlockDictionary()
    private var table: RecordTable
    /// How many bytes each block has in the file.
    private var lengths: [Int] = []
    /// Which block is read next, and where it begins.
    private var next = (number: 0, place: UInt64(0))
    /// Few, for one of each run is in memory.
    private static let blockRows = 2048

    init(_ type: ExchangeType, _ names: StringInterner) throws {
        self.type = type
        self.names = names
        table = RecordTable(names)
        let folder = NSTemporaryDirectory()
        var path = Array((folder + "/strayframe-run-XXXXXX").utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else {
            throw AnalysisError.cannotRead(
                path: folder, reason: "cannot make a file there for what memory has no room for; set TMPDIR")
        }
        unlink(path)
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Adds the record that a block points at.
    func add(_ block: RecordBlock, _ turn: PartRecords.Turn) throws {
        table.add(block)
        if block.number(.turn) == nil { table.add(.turn, turn.rawValue) }
        if table.count == Self.blockRows { try finish() }
    }

    /// Writes what was added last; from then on the run is read.
    func finish() throws {
        guard table.count > 0 else { return }
        var line: [UInt8] = []
        let header = BlockHeader(type: type.rawValue, part: 0, rows: table.count)
        packer.pack(header, table.body(&dictionary), into: &line)
        try file.write(contentsOf: line)
        lengths.append(line.count)
        table.removeAll()
    }

    /// The next block; nil behind the last.
    func read(_ names: StringInterner) throws -> RecordBlock? {
        guard next.number < lengths.count else { return nil }
        let length = lengths[next.number]
        try file.seek(toOffset: next.place)
        next = (next.number + 1, next.place + UInt64(length))
        guard let line = try file.read(upToCount: length), line.count == length else {
            throw ExchangeProblem("what was put aside cannot be read back")
        }
        var body: [UInt8] = []
        do {
            let header = try line.withUnsafeBytes { bytes throws(BlockProblem) in
                // Without the line feed.
                try unpacker.unpack(UnsafeRawBufferPointer(rebasing: bytes.dropLast()).bytes, into: &body)
            }
            return try RecordBlock(type, count: header.rows, body, names)
        } catch let problem as BlockProblem {
            throw ExchangeProblem("what was put aside cannot be read back: \(problem)")
        }
    }
}

/// Merges runs of records into one order.
struct RunMerge {
    /// One block of each is in memory: no more are merged at once.
    static let most = 64

    /// Where one of the runs is being read.
    private final class Cursor {
        let run: RecordRun
        var block: RecordBlock
        private(set) var digest: UInt64 = 0
        private(set) var turn = PartRecords.Turn.inTime
        private(set) var earliest: Int64 = 0

        init?(_ run: RecordRun, _ names: StringInterner) throws {
            guard let block = try run.read(names) else { return nil }
            (self.run, self.block) = (run, block)
            try settle()
        }

        private func settle() throws {
            digest = block.place().digest
            guard let number = UInt8(exactly: block.number(.turn) ?? -1), let turn = PartRecords.Turn(rawValue: number)
            else { throw ExchangeProblem("what was put aside is out of order") }
            self.turn = turn
            earliest = turn.isAhead || block.type == .frameUse ? 0 : try block.earliest()
        }

        /// - Returns: false behind the last record.
        func advance(_ names: StringInterner) throws -> Bool {
            if block.row + 1 < block.count {
                block.row += 1
            } else {
                guard let next = try run.read(names) else { return false }
                block = next
            }
            try settle()
            return true
        }

        func isBefore(_ other: Cursor) -> Bool {
            if digest != other.digest { return digest < other.digest }
            let (one, two) = (block.groupText(), other.block.groupText())
            if one.isKeyless != two.isKeyless { return two.isKeyless }
            if ExactText(one.text) != ExactText(two.text) {
                return one.text.utf8.lexicographicallyPrecedes(two.text.utf8)
            }
            return (turn.rawValue, earliest) < (other.turn.rawValue, other.earliest)
        }
    }

    private let runs: [RecordRun]

    init(_ runs: [RecordRun]) { self.runs = runs }

    /// Hands out all records in order.
    ///
    /// - Parameter names: asked before the first record of each group: from there on texts are numbered in that table.
    func each(by names: () throws -> StringInterner, _ body: (PartRecords.Turned) throws -> Void) throws {
        var table = try names()
        var cursors = try runs.compactMap { try Cursor($0, table) }
        var last: (digest: UInt64, isKeyless: Bool, text: ExactText)?
        while let first = Self.first(of: cursors) {
            let cursor = cursors[first]
            let group = cursor.block.groupText()
            let this = (digest: cursor.digest, isKeyless: group.isKeyless, text: ExactText(group.text))
            let isFirst = last.map { $0 != this } ?? true
            if isFirst {
                last = this
                let new = try names()
                if new !== table {
                    table = new
                    for cursor in cursors { cursor.block.rebind(table) }
                }
            }
            try body(
                PartRecords.Turned(
                    block: cursor.block, turn: cursor.turn, earliest: cursor.earliest, isFirst: isFirst))
            if try !cursor.advance(table) { cursors.remove(at: first) }
        }
    }

    private static func first(of cursors: [Cursor]) -> Int? {
        guard var first = cursors.indices.first else { return nil }
        for place in cursors.indices.dropFirst() where cursors[place].isBefore(cursors[first]) { first = place }
        return first
    }

    /// One run of each type in the place of many.
    func merged(_ names: StringInterner) throws -> [RecordRun] {
        var merged: [ExchangeType: RecordRun] = [:]
        let table = { names }
        try each(by: table) { turned in
            let type = turned.block.type
            if merged[type] == nil { merged[type] = try RecordRun(type, names) }
            try merged[type]?.add(turned.block, turned.turn)
        }
        for run in merged.values { try run.finish() }
        return Array(merged.values)
    }
}
