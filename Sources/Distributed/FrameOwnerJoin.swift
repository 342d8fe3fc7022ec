import Correlation
public import Foundation
import Interning
import LogRecords

/// A stage of a job for logs that name frames: tells each group of records whose frames its deliveries name, for the fill
/// that says so may lie under another key.
///
/// Blocks come part by part.
public struct FrameOwnerJoin {
    private let facts: [String]
    private let file: FileHandle

    /// - Parameter facts: files that `strayframe survey` wrote.
    public init(facts: [String], to file: FileHandle) { (self.facts, self.file) = (facts, file) }

    public func run(_ paths: [String]) throws {
        var desk = try Desk(facts, file)
        var parts = PartOrder()
        var part = PartRecords(desk.names)
        func judge() throws {
            if part.isEmpty { return }
            let names = desk.names
            func table() -> StringInterner { names }
            try part.each(by: table) { try desk.take($0) }
            if desk.isFull {
                // The names of other frames are no longer needed.
                try desk.finish()
                desk = try Desk(facts, file)
            }
            part = PartRecords(desk.names)
        }
        try BlockInput.eachBlock(of: paths) { packed in
            guard packed.type == .frameFill || packed.type == .frameUse else { return }
            if try parts.isNew(packed.header.part) { try judge() }
            let block = try packed.open(desk.names)
            try desk.facts.check(block, isIn: packed.header.part)
            try part.take(block)
        }
        try judge()
        try desk.finish()
    }

    /// What is known of the frames so far.
    private struct Desk {
        let names = StringInterner()
        let facts: JobContext
        private let output: BlockOutput
        private let directory: Directory
        private let tags: [SymbolID]
        private var digests: NameDigests
        private let most: Int
        private var index = FrameIndex()
        private var told: Set<SymbolID> = []

        init(_ paths: [String], _ file: FileHandle) throws {
            facts = try JobContext(paths, names)
            directory = facts.directory
            tags = facts.tags(names)
            digests = NameDigests(names)
            output = BlockOutput(file, names)
            most = names.count + PartitionSweep.mostNames
        }

        var isFull: Bool { names.count > most }

        mutating func take(_ turned: PartRecords.Turned) throws {
            let line = turned.block
            if turned.isFirst { told.removeAll() }
            if line.type == .frameFill {
                guard let id = try facts.event(line) else { return }
                index.add(try line.fill(id), directory, tieBreak: id.rawValue)
                return
            }
            let (frame, key) = (line.name(.frame), line.name(.key))
            guard told.insert(key).inserted else { return }
            let place = digests.place(key: key, frame: frame, source: .absent)
            let part = ExchangePlace.part(place.digest, of: facts.parts)
            for entry in index.entries(frame) {
                try output.record(.frame, part: part) { $0.add(entry, of: frame, under: key, tags) }
            }
        }

        func finish() throws { try output.finish() }
    }
}

/// Watches that the blocks of one part of a job come together: a part whose records came twice would be judged twice.
struct PartOrder {
    private var part: Int?
    private var done: Set<Int> = []

    /// Whether a block belongs to another part than the one before it.
    mutating func isNew(_ part: Int) throws -> Bool {
        guard part != self.part else { return false }
        guard done.insert(part).inserted else {
            throw ExchangeProblem("part \(part) comes again; sort the blocks by part")
        }
        defer { self.part = part }
        return self.part != nil
    }
}

extension RecordTable {
    /// Adds what one fill says of a frame id, for a key whose deliveries name it.
    fileprivate mutating func add(
        _ entry: FrameIndex.Entry, of frame: SymbolID, under key: SymbolID, _ tags: [SymbolID]
    ) {
        add(.key, key)
        add(.frame, frame)
        add(.owner, entry.origin.owner)
        add(.camera, entry.origin.camera)
        add(.node, entry.node)
        add(.time, entry.filledAt)
        add(.source, tags[Int(entry.fill.source)])
        add(.line, entry.fill.line)
    }
}
