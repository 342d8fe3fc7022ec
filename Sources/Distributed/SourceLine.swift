import Casefile
import Interning
import LogRecords

/// How a source stands in records of a job: as in a case, by a tag of its own instead of a number.
enum SourceLine {
    /// The tag of a member of a file: records name their source by it long before the file's digest is known.
    ///
    /// - Parameter number: of the member in its file, from 0 on.
    static func tag(_ name: String, member number: Int) -> String { StringInterner.tag(of: "\(name)\u{1f}\(number)") }

    /// - Parameters:
    ///   - deliveries: how many of its records are deliveries.
    ///   - sent: how many are fills that an origin's log tells.
    ///   - parts: among how many its records are dealt out.
    ///   - rank: its place among the sources that count, from 1 on; 0 for one that does not. Nil: not known yet.
    static func write(
        _ source: SourceRow, tag: String, deliveries: Int64, sent: Int64, rank: Int64?,
        parts: Int, to output: BlockOutput
    ) throws {
        try output.record(.source) {
            $0.add(.source, tag)
            $0.add(.rank, rank)
            $0.add(.path, source.path)
            $0.add(.member, source.member)
            $0.add(.label, source.label)
            $0.add(.size, source.size)
            $0.add(.sha256, source.sha256)
            $0.add(.compression, source.compression)
            $0.add(.profile, source.profile)
            $0.add(.state, source.state.rawValue)
            $0.add(.reason, source.reason)
            $0.add(.lines, source.lines)
            $0.add(.accepted, source.accepted)
            $0.add(.ignored, source.ignored)
            $0.add(.rejected, source.rejected)
            $0.add(.firstTime, source.firstStamp)
            $0.add(.lastTime, source.lastStamp)
            $0.add(.location, source.location)
            $0.add(.deliveries, deliveries)
            $0.add(.sent, sent)
            $0.add(.parts, parts)
        }
    }

    static func read(_ line: RecordBlock, id: Int64) throws -> SourceRow {
        guard let path = line.text(.path), let word = line.text(.state), let state = SourceRow.State(rawValue: word)
        else { throw ExchangeProblem("a source without path or state") }
        var source = SourceRow(
            id: id, path: path, size: try line.needed(.size), state: state, location: line.text(.location))
        source.member = line.text(.member)
        source.label = line.text(.label)
        source.sha256 = line.text(.sha256)
        source.compression = line.text(.compression)
        source.profile = line.text(.profile)
        source.reason = line.text(.reason)
        source.lines = try line.needed(.lines)
        source.accepted = try line.needed(.accepted)
        source.ignored = try line.needed(.ignored)
        source.rejected = try line.needed(.rejected)
        source.firstStamp = line.number(.firstTime)
        source.lastStamp = line.number(.lastTime)
        return source
    }
}
