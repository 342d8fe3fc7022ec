import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds lines of one profile and node that name the same request and say the same of it: one answer's, on however many lines of
/// however many files they stand, and whatever bytes they are written in.
///
/// What is byte for byte the same in two files, or comes again once a log has gone on, was taken out before (`RequestRepeats`).
struct ResentLines {
    private let db: Database
    private let reader: EventReader
    private let logs: AnswerLogs

    /// Lines that are looked up at once.
    private static let linesAtOnce = 200_000
    /// Of how many answers an id may be that names them: a client may ask again with the same.
    private static let mostAnswers = 2

    init(_ db: Database, _ reader: EventReader, _ logs: AnswerLogs) {
        (self.db, self.reader, self.logs) = (db, reader, logs)
    }

    private struct Line {
        var request: UInt64
        var id: EventID
    }

    /// A line that tells of an answer.
    private struct Sighting {
        var content: UInt64
        var tieBreak: Int64
        var id: EventID
        var isFine: Bool
    }

    /// - Returns: how many lines do not count.
    func run(into answers: inout SameAnswers) throws -> Int {
        let before = answers.setAside.count
        guard try LineTags.exist(db, of: [.request]) else { return 0 }
        var rest = try lines()[...]
        while !rest.isEmpty {
            // Lines of one request stay together.
            var end = min(rest.startIndex + Self.linesAtOnce, rest.endIndex)
            while end < rest.endIndex, rest[end].request == rest[end - 1].request { end += 1 }
            try settle(rest[..<end], into: &answers)
            rest = rest[end...]
        }
        return answers.setAside.count - before
    }

    /// The lines of which the request may be named more than once by lines of one profile.
    private func lines() throws -> [Line] {
        func each(_ body: (UInt64, LineTag) -> Void) throws {
            var current: (source: Int64, salt: UInt64)?
            try LineTags.each(.request, db) { tag, _ in
                let source = tag.delivery.source
                if current?.source != source {
                    current = (source, UInt64(bitPattern: logs.format(source)) &* 0xd6e8_feb8_6659_fd93)
                }
                body(tag.digest ^ (current?.salt ?? 0), tag)
            }
        }
        let filter = try TwiceFilter.ofMany(LineTags.count(db)) { add in try each { request, _ in add(request) } }
        var lines: [Line] = []
        try each { request, tag in
            if filter?.mayHoldTwice(request) != false { lines.append(Line(request: request, id: tag.delivery)) }
        }
        lines.sort { ($0.request, $0.id) < ($1.request, $1.id) }
        return lines
    }

    private func settle(_ lines: ArraySlice<Line>, into answers: inout SameAnswers) throws {
        try lines.eachStretch(by: \.request) { lines in
            guard lines.count > 1 else { return }
            let sightings = try reader.deliveries(lines.map(\.id)).compactMap { line -> Sighting? in
                guard let line = answers.asCounted(line), line.content != .none else { return nil }
                return Sighting(
                    content: line.contentDigest(format: logs.format(line.id.source)),
                    tieBreak: reader.tieBreak(line.id),
                    id: line.id, isFine: line.isStampFine)
            }
            let byContent = Dictionary(grouping: sightings, by: \.content)
            for same in byContent.values where same.count > 1 {
                // An id that a client sends with all of its requests names none of them, and a second holds several.
                guard byContent.count == 1 || byContent.count <= Self.mostAnswers && same.allSatisfy(\.isFine) else {
                    continue
                }
                let ordered = same.sorted { $0.tieBreak < $1.tieBreak }
                try answers.add(ordered.dropFirst().map(\.id), countedBy: ordered[0].id)
            }
        }
    }
}
