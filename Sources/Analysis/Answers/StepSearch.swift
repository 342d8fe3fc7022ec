import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds the lines of one log that tell of one answer: what a server writes at several steps of a request, or of its parts.
///
/// Profiles say by what such lines are told (`transaction`, `steps`); where none does, nothing is looked at.
struct StepSearch {
    private let db: Database
    private let reader: EventReader

    /// Lines that are looked up at once.
    private static let linesAtOnce = 200_000

    init(_ db: Database, _ reader: EventReader) { (self.db, self.reader) = (db, reader) }

    private struct Line {
        var digest: UInt64
        var id: EventID
    }

    func run(into answers: inout SameAnswers) throws {
        for kind in [LineTag.Kind.transaction, .steps] where try LineTags.exist(db, of: [kind]) {
            var rest = try lines(kind)[...]
            while !rest.isEmpty {
                // Lines of one request stay together.
                var end = min(rest.startIndex + Self.linesAtOnce, rest.endIndex)
                while end < rest.endIndex, rest[end].digest == rest[end - 1].digest { end += 1 }
                try settle(rest[..<end], kind, into: &answers)
                rest = rest[end...]
            }
        }
    }

    /// The lines that may have others of the same request, in order of what they have in common.
    private func lines(_ kind: LineTag.Kind) throws -> [Line] {
        let filter = try TwiceFilter.ofMany(LineTags.count(db)) { add in
            try LineTags.each(kind, db) { tag, _ in add(tag.digest) }
        }
        var lines: [Line] = []
        try LineTags.each(kind, db) { tag, _ in
            if filter?.mayHoldTwice(tag.digest) != false { lines.append(Line(digest: tag.digest, id: tag.delivery)) }
        }
        lines.sort { ($0.digest, $0.id) < ($1.digest, $1.id) }
        return lines
    }

    private func settle(_ lines: ArraySlice<Line>, _ kind: LineTag.Kind, into answers: inout SameAnswers) throws {
        try lines.eachStretch(by: \.digest) { lines in
            guard lines.count > 1 else { return }
            let written = try reader.deliveries(lines.map(\.id)).sorted {
                ($0.time.latest, reader.tieBreak($0.id)) < ($1.time.latest, reader.tieBreak($1.id))
            }
            for lines in RequestLines(written).answers(areTold: kind == .transaction) {
                let (counted, isCompleted) = RequestLines.counted(lines, areSteps: kind == .steps)
                try answers.add(
                    counted, isCompleted: isCompleted, others: lines.dropLast().map(\.id))
            }
        }
    }
}
