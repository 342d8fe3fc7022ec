import Casefile
import GRDB
import LogRecords

/// Finds lines that are the same and name the same request: each of them is one answer's, be it the only one that two sources
/// share, or that one has twice, as where a collector sends a batch again that it had sent in part.
///
/// An id that stands on different lines of one source names no answer: clients may send one as often as they like.
struct RequestRepeats {
    private let db: Database
    /// The sources that may share lines, by number: their places.
    private let places: [Int64: Int]
    private let taken: TakenLines

    init(_ db: Database, places: [Int64: Int], taken: TakenLines) {
        (self.db, self.places, self.taken) = (db, places, taken)
    }

    private struct Line {
        var request: UInt64
        var digest: UInt32
        var source: Int
        var line: Int64
    }

    /// The lines that two sources share.
    func runs(_ outranks: (Int, Int) -> Bool) throws -> [RepeatSearch.Overlap] {
        guard try LineTags.exist(db), try LineTags.sources(db).count(where: { places[$0] != nil }) > 1 else {
            return []
        }
        var pairs = PairedLines()
        try eachAnswer { pairs.pair($0, outranks) }
        return pairs.runs(length: 1)
    }

    /// The lines that one source has again.
    func runsWithin() throws -> [RepeatSearch.Overlap] {
        guard try LineTags.exist(db) else { return [] }
        var pairs = PairedLines()
        try eachAnswer { pairs.pairWithin($0) }
        return pairs.runs(length: 1)
    }

    /// Calls `body` with the places of each line that names a request and may stand more than once.
    private func eachAnswer(_ body: (ArraySlice<PairedLines.Sighting>) -> Void) throws {
        var lines = try lines()
        lines.sort {
            ($0.request, $0.digest, $0.source, $0.line) < ($1.request, $1.digest, $1.source, $1.line)
        }
        lines.eachStretch(by: \.request) { lines in
            guard lines.count > 1, Self.nameAnswers(lines) else { return }
            let byDigest = Dictionary(grouping: lines, by: \.digest)
            for (digest, same) in byDigest.sorted(by: { $0.key < $1.key }) where same.count > 1 {
                let sightings = same.map {
                    PairedLines.Sighting(content: UInt64(digest), source: $0.source, line: $0.line)
                }
                body(sightings[...])
            }
        }
    }

    /// Whether no source has different lines that name one request.
    private static func nameAnswers(_ lines: ArraySlice<Line>) -> Bool {
        var digests: [Int: UInt32] = [:]
        return lines.allSatisfy { line in
            defer { digests[line.source] = line.digest }
            return digests[line.source, default: line.digest] == line.digest
        }
    }

    /// The lines of which the request may be named more than once.
    private func lines() throws -> [Line] {
        let count = try LineTags.count(db)
        let first = try TwiceFilter.ofMany(count) { add in try eachLine { request, _, _, _ in add(request) } }
        // What the first took for more by chance, the other, which errs about other numbers, does not.
        let second = try TwiceFilter.ofMany(count, factor: 0xd6e8_feb8_6659_fd93) { add in
            try eachLine { request, _, _, _ in
                if first?.mayHoldTwice(request) != false { add(request) }
            }
        }
        var lines: [Line] = []
        try eachLine { request, digest, source, line in
            guard first?.mayHoldTwice(request) != false, second?.mayHoldTwice(request) != false else { return }
            lines.append(Line(request: request, digest: digest, source: source, line: line))
        }
        return lines
    }

    private func eachLine(_ body: (UInt64, UInt32, Int, Int64) -> Void) throws {
        var current: (source: Int64, place: Int?, taken: TakenLines.Cursor)?
        var last: Int64 = 0
        try LineTags.each(.request, db) { tag, word in
            let (source, line) = (tag.delivery.source, tag.delivery.line)
            if current?.source != source || line < last {
                let place = places[source]
                current = (source, place, taken.cursor(place ?? -1))
            }
            last = line
            guard word & 1 == 1, let place = current?.place, current?.taken.holds(line) == false else { return }
            body(tag.digest, word >> 1, place, line)
        }
    }
}
