import Correlation
public import Foundation
import Interning
import LogRecords

/// A stage of a job with an origin's log, which takes out of the records what can tie clocks: first the deliveries of the sample
/// that fetched a frame, then the origin's answers that may be theirs.
public struct TieSample {
    private let sources: [String]
    private let deliveries: String?
    private let output: BlockOutput
    private let names = StringInterner()

    /// - Parameters:
    ///   - sources: files with the sources; records of other types are passed over.
    ///   - deliveries: a file with the deliveries that were taken; nil: these are taken.
    public init(sources: [String], deliveries: String?, to file: FileHandle) {
        (self.sources, self.deliveries) = (sources, deliveries)
        output = BlockOutput(file, names)
    }

    /// Reads deliveries, or the fills that an origin's log tells, and writes those that it takes.
    public func run(_ paths: [String]) throws {
        var known = JobSources()
        try BlockInput.eachBlock(of: sources) { packed in
            guard packed.type == .source else { return }
            try packed.open(names).each { try known.add($0) }
        }
        known.settle()
        if let deliveries {
            try takeAnswers(paths, to: deliveries, known)
        } else {
            try takeDeliveries(paths, known)
        }
        try output.finish()
    }

    private func takeDeliveries(_ paths: [String], _ sources: JobSources) throws {
        let sample = Sample(sources.counting)
        let isAsked = sources.hasOriginLog
        try BlockInput.eachBlock(of: paths) { packed in
            guard isAsked, packed.type == .delivery, packed.header.part >= 0 else { return }
            try packed.open(names).each { line in
                guard try line.cacheStatus() == .miss else { return }
                let id = EventID(source: 0, line: try line.needed(.line))
                guard sample.contains(try sources.rank(line), line: id.line) else { return }
                let delivery = try line.delivery(id)
                guard ClockConstraints.mayTie(delivery) else { return }
                try output.append(.delivery) { $0.add(delivery, from: line.name(.source)) }
            }
        }
    }

    /// What a fetch and its answer have in common: the key and the account, or the key and the frame.
    private struct Cause: Hashable {
        var key: SymbolID
        var name: SymbolID
    }

    private func takeAnswers(_ paths: [String], to deliveries: String, _ sources: JobSources) throws {
        var causes: Set<Cause> = []
        try BlockInput.eachBlock(of: [deliveries]) { packed in
            guard packed.type == .delivery else { return }
            try packed.open(names).each { line in
                for name in [line.name(.requester), line.name(.frame)] where name.isPresent {
                    causes.insert(Cause(key: line.name(.key), name: name))
                }
            }
        }
        if causes.isEmpty { return }
        try BlockInput.eachBlock(of: paths) { packed in
            guard packed.type == .sent, packed.header.part >= 0 else { return }
            try packed.open(names).each { line in
                guard try sources.rank(line) > 0 else { return }
                let fill = try line.fill(EventID(source: 0, line: try line.needed(.line)))
                let name = fill.requester.isPresent ? fill.requester : fill.frame
                guard causes.contains(Cause(key: fill.key, name: name)) else { return }
                try output.append(.fill) { $0.add(fill, from: line.name(.source)) }
            }
        }
    }
}
