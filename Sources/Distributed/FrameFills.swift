import Correlation
public import Foundation
import Interning
import LogRecords

/// A stage of a job for logs that name frames, ahead of `FrameOwnerJoin`: deals out by frame what fills say of frames.
public struct FrameFills {
    private let facts: [String]
    private let output: BlockOutput
    private let names = StringInterner()

    /// - Parameter facts: files that `strayframe survey` wrote.
    public init(facts: [String], to file: FileHandle) {
        self.facts = facts
        output = BlockOutput(file, names)
    }

    /// Reads fills, and writes those that name a frame.
    public func run(_ paths: [String]) throws {
        let parts = try JobContext.parts(facts, names)
        try BlockInput.eachBlock(of: paths) { packed in
            guard packed.type == .fill || packed.type == .sent, packed.header.part >= 0 else { return }
            let block = try packed.open(names)
            guard block.hasAny(.frame) else { return }
            try block.each { line in
                guard let digest = line.frameDigest() else { return }
                try output.append(.frameFill, part: ExchangePlace.part(digest, of: parts)) { $0.add(line) }
            }
        }
        try output.finish()
    }
}
