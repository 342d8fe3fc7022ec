import Analysis
import Foundation
import Interning
import LogBytes
import LogRecords

/// Reads the blocks that one stage of a job wrote for the next; a line each, plain or compressed, from files, folders or `-`.
enum BlockInput {
    /// A block that was not opened.
    struct Packed {
        let header: BlockHeader
        let type: ExchangeType
        fileprivate let unpacker: BlockUnpacker
        /// As it was read.
        let line: [UInt8]

        /// Opens it.
        func open(_ names: StringInterner, frames: StringInterner? = nil) throws -> RecordBlock {
            var body: [UInt8] = []
            do {
                let header = try line.withUnsafeBytes { bytes throws(BlockProblem) in
                    try unpacker.unpack(bytes.bytes, into: &body)
                }
                return try RecordBlock(type, count: header.rows, body, names, frames: frames)
            } catch let problem as BlockProblem {
                throw ExchangeProblem(problem.description)
            }
        }
    }

    /// Lines are as long as what blocks hold.
    private static let limits = Limits(maxLineBytes: 2 * BlockUnpacker.mostBytes)

    /// Calls `body` with each block.
    ///
    /// - Throws: `AnalysisError.badBlock` with the file and the block's number for an `ExchangeProblem` that `body` throws, for
    ///   a line that is no block, and for a file that ends before its end.
    static func eachBlock(of paths: [String], _ body: (Packed) throws -> Void) throws {
        let unpacker = BlockUnpacker()
        for found in try LogTree.find(paths).files where isOutput(found.name) {
            var last: UInt64 = 0
            let outcome = try LogFile(found, limits: limits).forEachMember { member in
                try member.forEachLine { bytes, line in
                    last = line.number
                    guard bytes.byteCount > 0 else { return true }
                    do {
                        guard line.extent == .whole else { throw ExchangeProblem("is cut off, or too long") }
                        try body(try packed(bytes, unpacker))
                    } catch let problem as ExchangeProblem {
                        throw AnalysisError.badBlock(path: found.name, block: line.number, reason: problem.description)
                    }
                    return true
                }
            }
            guard outcome.isIntact else {
                throw AnalysisError.badBlock(path: found.name, block: last, reason: "the file is damaged behind it")
            }
        }
    }

    private static func packed(_ bytes: RawSpan, _ unpacker: BlockUnpacker) throws(ExchangeProblem) -> Packed {
        let header: BlockHeader
        do throws(BlockProblem) {
            header = try unpacker.header(bytes)
        } catch {
            throw ExchangeProblem(error.description)
        }
        guard let type = ExchangeType(rawValue: header.type) else {
            throw ExchangeProblem("unknown type '\(header.type)'; use one version of strayframe for all stages")
        }
        return Packed(header: header, type: type, unpacker: unpacker, line: bytes.withUnsafeBytes { Array($0) })
    }

    /// Whether a file is none of those that Spark leaves beside what it wrote (`_SUCCESS`, `.part-….crc`).
    private static func isOutput(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return !last.hasPrefix("_") && !last.hasPrefix(".")
    }
}

extension RecordBlock {
    /// Calls `body` for each record, which `row` then points at.
    func each(_ body: (RecordBlock) throws -> Void) rethrows {
        for place in 0..<count {
            row = place
            try body(self)
        }
    }
}

/// Gathers records by type and part, and writes them in blocks.
final class BlockOutput {
    let names: StringInterner
    private let file: FileHandle
    private let packer = BlockPacker()
    private var dictionary = BlockDictionary()
    private var tables: [Slot: RecordTable] = [:]
    private var lines: [UInt8] = []
    /// A block has no more records, and a write no fewer bytes unless it is the last.
    static let blockRows = 4096
    private static let enough = 1 << 18

    private struct Slot: Hashable {
        var type: ExchangeType
        var part: Int
    }

    /// - Parameter names: where the texts of the records are numbered.
    init(_ file: FileHandle, _ names: StringInterner) { (self.file, self.names) = (file, names) }

    /// - Parameter path: a file that is made anew.
    convenience init(path: String, _ names: StringInterner) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw AnalysisError.cannotRead(path: path, reason: "cannot make this file") }
        self.init(file, names)
    }

    /// Adds a record of that type; `body` adds its members.
    func record(_ type: ExchangeType, part: Int = -1, _ body: (inout RecordTable) throws -> Void) throws {
        try append(type, part: part) {
            $0.begin()
            try body(&$0)
        }
    }

    /// Adds a record of that type, which `body` begins.
    func append(_ type: ExchangeType, part: Int = -1, _ body: (inout RecordTable) throws -> Void) throws {
        let slot = Slot(type: type, part: part)
        try body(&tables[slot, default: RecordTable(names)])
        if tables[slot, default: RecordTable(names)].count >= Self.blockRows { try writeOut(slot) }
    }

    private func writeOut(_ slot: Slot) throws {
        guard var table = tables.removeValue(forKey: slot), table.count > 0 else { return }
        try write(&table, slot.type, part: slot.part)
        table.removeAll()
        tables[slot] = table
    }

    /// Writes a block of its own; `first` and `last` say where its records are judged.
    func write(_ table: inout RecordTable, _ type: ExchangeType, part: Int, first: UInt64 = 0, last: UInt64 = 0) throws
    {
        let rows = table.count
        let body = table.body(&dictionary)
        if body.count > BlockUnpacker.mostBytes, rows > 1 {
            var (upper, lower) = table.halves()
            try write(&upper, type, part: part, first: first, last: last)
            return try write(&lower, type, part: part, first: first, last: last)
        }
        let header = BlockHeader(type: type.rawValue, part: part, rows: rows, first: first, last: last)
        packer.pack(header, body, into: &lines)
        if lines.count >= Self.enough { try flush() }
    }

    /// Writes all that was gathered.
    func finish() throws {
        for slot in tables.keys.sorted(by: { ($0.type.rawValue, $0.part) < ($1.type.rawValue, $1.part) }) {
            try writeOut(slot)
        }
        tables = [:]
        try flush()
    }

    private func flush() throws {
        if !lines.isEmpty { try file.write(contentsOf: lines) }
        lines.removeAll(keepingCapacity: true)
    }
}
