import Analysis
import Casefile
import Correlation
public import Foundation
import Interning
import LogRecords

/// The last stage of a job on many machines: judges the deliveries of some groups of records, as the correlation of a
/// case does, and counts what the conclusions need to know of them.
///
/// Blocks come part by part (see `PartRecords`). What is kept is one part's records and the names met; when these are many, all
/// is counted out and begun anew at the next group.
public struct PartitionSweep {
    /// Names that may be met before what is known of them is given up, some hundred bytes each.
    static let mostNames = 4_000_000

    private let facts: [String]
    private let file: FileHandle

    /// - Parameter facts: files that `strayframe survey` wrote.
    public init(facts: [String], to file: FileHandle) { (self.facts, self.file) = (facts, file) }

    /// - Throws: `AnalysisError.badBlock` for a block that is not in its place, or not to be read.
    public func run(_ paths: [String]) throws {
        var desk = try SweepDesk(facts, file)
        var parts = PartOrder()
        var part = PartRecords(desk.names)
        func begin() throws -> StringInterner {
            if desk.isFull {
                try desk.finish()
                desk = try SweepDesk(facts, file)
            }
            return desk.names
        }
        func judge() throws {
            if part.isEmpty { return }
            try part.each(by: begin) { try desk.take($0) }
            try desk.finishGroup()
            part = PartRecords(try begin())
        }
        try BlockInput.eachBlock(of: paths) { packed in
            guard packed.type.isEvent, packed.header.part >= 0 else { return }
            if try parts.isNew(packed.header.part) { try judge() }
            let block = try packed.open(desk.names)
            try desk.facts.check(block, isIn: packed.header.part)
            try part.take(block)
        }
        try judge()
        try desk.finish()
    }
}
