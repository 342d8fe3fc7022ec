import Correlation
public import Foundation
import LogBytes
import LogRecords

/// A stage of a job for logs that name frames: tells each group of records whose frames its deliveries name, for the fill
/// that says so may lie under another key.
///
/// Records come frame by frame, fills before deliveries.
public struct FrameSpread {
    private let facts: [String]
    private let output: ExchangeOutput

    /// - Parameter facts: files that `strayframe survey` wrote.
    public init(facts: [String], to file: FileHandle) {
        self.facts = facts
        output = ExchangeOutput(file)
    }

    public func run(_ paths: [String]) throws {
        var desk = try Desk(facts)
        try ExchangeInput.eachLine(of: paths) { bytes in
            if try !desk.take(bytes) {
                // The names of other frames are no longer needed.
                try output.flush(&desk.text, isLast: true)
                desk = try Desk(facts)
                _ = try desk.take(bytes)
            }
            try output.flush(&desk.text)
        }
        try output.flush(&desk.text, isLast: true)
    }

    /// What is known of the frames so far.
    private struct Desk {
        var text: ExchangeText
        private let facts: JobFacts
        private let directory: Directory
        private let tags: [String]
        private let line: ExchangeLine
        private let most: Int
        private var index = FrameIndex()
        private var frame: String?
        private var told: Set<String> = []

        init(_ paths: [String]) throws {
            let names = NameTable()
            facts = try JobFacts(paths, names)
            directory = facts.directory
            tags = facts.tags()
            line = ExchangeLine(names)
            text = ExchangeText(names)
            most = names.count + PartitionSweep.mostNames
        }

        /// - Returns: false if it is full, and the line is for the next one.
        mutating func take(_ bytes: RawSpan) throws -> Bool {
            try line.load(bytes)
            guard let frame = line.text(.frame), let id = try facts.event(line) else { return true }
            if frame != self.frame {
                if line.names.count > most { return false }
                self.frame = frame
                told.removeAll()
            }
            switch try line.type() {
            case .fill where line.isAhead: index.add(try line.fill(id), directory, tieBreak: id.rawValue)
            case .delivery:
                guard let group = line.text(.group), told.insert(group).inserted else { return true }
                for entry in index.entries(line.frame(.frame)) { text.write(entry, of: frame, group: group, tags) }
            default: break
            }
            return true
        }
    }
}

extension ExchangeText {
    /// Writes what one fill says of a frame id, for a group whose deliveries name it.
    fileprivate mutating func write(_ entry: FrameIndex.Entry, of frame: String, group: String, _ tags: [String]) {
        ordered(group: group, order: "0 frame", .frame) {
            $0.add(.frame, frame)
            $0.add(.owner, entry.origin.owner)
            $0.add(.camera, entry.origin.camera)
            $0.add(.node, entry.node)
            $0.add(.time, entry.filledAt)
            $0.add(.source, tags[Int(entry.fill.source)])
            $0.add(.line, entry.fill.line)
        }
    }
}
