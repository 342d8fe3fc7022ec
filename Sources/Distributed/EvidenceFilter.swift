import Correlation
public import Foundation
import Interning
import LogRecords

/// A stage of a job that takes out of the records those that findings lead to: what candidates were filled by, the looks that
/// followed exposed thumbnails, and all purges and rejects. With facts and result they are what `ResultImport` wants.
public struct EvidenceFilter {
    private let result: [String]
    private let output: BlockOutput
    private let names = StringInterner()

    /// - Parameter result: what `PartitionSweep` wrote, or at least the findings and candidates of it.
    public init(result: [String], to file: FileHandle) {
        self.result = result
        output = BlockOutput(file, names)
    }

    /// A fill's source, by its tag, and line.
    private struct Place: Hashable {
        var source: SymbolID
        var line: Int64
    }

    public func run(_ paths: [String]) throws {
        var fills: Set<Place> = []
        var looks: Set<Look> = []
        try BlockInput.eachBlock(of: result) { packed in
            switch packed.type {
            case .candidate:
                try packed.open(names).each { line in
                    guard let number = line.number(.fillLine) else { return }
                    fills.insert(Place(source: line.name(.fillSource), line: number))
                }
            case .finding:
                try packed.open(names).each { line in
                    if let look = Look(ofFinding: line) { looks.insert(look) }
                }
            default: break
            }
        }
        let kinds = Set(["still", "clip", "stream"].map { names.intern($0) })
        try BlockInput.eachBlock(of: paths) { packed in
            guard packed.header.part >= 0 || packed.type == .reject else { return }
            switch packed.type {
            case .delivery:
                if looks.isEmpty { return }
                let block = try packed.open(names)
                guard block.hasAny(.kind) else { return }
                try block.each { line in
                    guard kinds.contains(line.name(.kind)),
                        looks.contains(Look(requester: line.name(.requester), camera: line.name(.camera)))
                    else { return }
                    try output.append(.delivery) { $0.add(line) }
                }
            case .fill, .sent:
                if fills.isEmpty { return }
                try packed.open(names).each { line in
                    guard fills.contains(Place(source: line.name(.source), line: try line.needed(.line))) else {
                        return
                    }
                    try output.append(.fill) { $0.add(line) }
                }
            case .purge:
                try packed.open(names).each { line in
                    if line.number(.isExpiry) != 1 { try output.append(.purge) { $0.add(line) } }
                }
            case .reject: try packed.open(names).each { line in try output.append(.reject) { $0.add(line) } }
            default: break
            }
        }
        try output.finish()
    }
}

/// An account and a camera that it looked at.
struct Look: Hashable {
    var requester: SymbolID
    var camera: SymbolID

    init(requester: SymbolID, camera: SymbolID) { (self.requester, self.camera) = (requester, camera) }

    /// What may have been looked at after an exposed thumbnail; nil for another finding.
    init?(ofFinding line: RecordBlock) {
        guard line.text(.certainty) == Certainty.certain.label || line.text(.certainty) == Certainty.possible.label,
            line.text(.content) == nil, line.text(.kind) == "thumbnail"
        else { return nil }
        self.init(requester: line.name(.requester), camera: line.name(.camera))
    }
}
