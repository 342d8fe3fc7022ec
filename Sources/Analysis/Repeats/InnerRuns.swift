import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds runs of lines that stand in the middle of two sources, or twice in one, as where a collector that delivers at least
/// once sends a part of a log again.
///
/// A run has four lines at least, three of them different and three of traffic; fewer may be alike by chance, where stamps are
/// coarse. What may come twice is looked for in a filter first, so that next to nothing is kept of lines that do not.
struct InnerRuns {
    private let db: Database
    private let outlines: [SourceOutline]
    /// The sources that may have such lines, by number: their places.
    private let places: [Int64: Int]
    private let taken: TakenLines

    /// How many lines in order are looked for.
    private static let length: Int64 = 4

    init(_ db: Database, _ outlines: [SourceOutline], places: [Int64: Int], taken: TakenLines) {
        (self.db, self.outlines, self.places, self.taken) = (db, outlines, places, taken)
    }

    /// The lines that two sources share.
    func runs(_ outranks: (Int, Int) -> Bool) throws -> [RepeatSearch.Overlap] {
        if places.count < 2 { return [] }
        var paired = PairedLines()
        try eachContent { paired.pair($0, outranks) }
        return paired.runs(length: Self.length)
    }

    /// The lines that one source has again.
    ///
    /// A server writes its log as time goes on: lines that came again are told from answers that are alike by being stamped
    /// earlier than what stands before them.
    func runsWithin() throws -> [RepeatSearch.Overlap] {
        var paired = PairedLines()
        try eachContent { paired.pairWithin($0) }
        return try paired.runs(length: Self.length).filter { run in
            let source = outlines[run.loser].source
            return try RepeatedLines.cameLater(
                EventID(source: source, line: run.lines.lowerBound), than: EventID(source: source, line: run.line),
                count: Int64(run.lines.count), db)
        }
    }

    /// Calls `body` with the places of each few lines that may stand more than once.
    private func eachContent(_ body: (ArraySlice<PairedLines.Sighting>) -> Void) throws {
        var filter = TwiceFilter(count: places.values.reduce(0) { $0 + Int(clamping: outlines[$1].lines) })
        try eachLine { _, _, line in
            if line.isPair { filter.add(line.pair) }
        }
        var sightings: [PairedLines.Sighting] = []
        // Of the lines before, so many pairs in order that may come twice, and whether any is of different lines: a line that
        // stands again and again is looked at only among others.
        var (pairs, areDifferent) = (0, false)
        try eachLine { place, number, line in
            guard line.follows, !line.isPair || filter.mayHoldTwice(line.pair) else {
                (pairs, areDifferent) = (0, false)
                return
            }
            pairs += 1
            areDifferent = areDifferent || line.isPair
            guard pairs >= Self.length - 1, areDifferent else { return }
            sightings.append(
                PairedLines.Sighting(
                    content: line.content, source: place, line: number - Self.length + 1, isTelling: line.isTelling))
        }
        if sightings.isEmpty { return }
        sightings.sort { ($0.content, $0.source, $0.line) < ($1.content, $1.source, $1.line) }
        sightings.eachStretch(by: \.content) { if $0.count > 1 { body($0) } }
    }

    /// A line with those before it in its source.
    private struct Line {
        private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        private var count = 0

        /// Whether there is a line before it.
        var follows: Bool { count > 1 }
        /// Whether that is another line.
        var isPair: Bool { count > 1 && words.2 >> 1 != words.3 >> 1 }
        var pair: UInt64 { (UInt64(words.2 >> 1) << 32 | UInt64(words.3 >> 1)).mixed }

        /// Whether it ends four lines, of which three differ and three are of traffic.
        var isTelling: Bool {
            let traffic = words.0 & 1 + words.1 & 1 + words.2 & 1 + words.3 & 1
            let all = [words.0 >> 1, words.1 >> 1, words.2 >> 1, words.3 >> 1]
            return traffic >= 3 && Set(all).count >= 3
        }

        /// A digest of the four lines.
        var content: UInt64 {
            let first = (UInt64(words.0 >> 1) << 32 | UInt64(words.1 >> 1)).mixed
            return (first &* 0xd6e8_feb8_6659_fd93 ^ pair).mixed
        }

        @inline(__always)
        mutating func append(_ word: UInt32) {
            words = (words.1, words.2, words.3, word)
            count += 1
        }
    }

    /// Calls `body` with each line that does not count elsewhere: its source's place, its number, and the lines before it.
    private func eachLine(_ body: (Int, Int64, Line) -> Void) throws {
        var (source, number, line): (Int64, Int64, Line) = (-1, 0, Line())
        var taken: TakenLines.Cursor?
        try LineDigests.each(db) { here, words in
            guard let place = places[here] else { return }
            if here != source {
                (source, number, line) = (here, 0, Line())
                taken = self.taken.cursor(place)
            }
            for word in words {
                number += 1
                if taken?.holds(number) == true {
                    line = Line()
                    continue
                }
                line.append(word)
                body(place, number, line)
            }
        }
    }
}
