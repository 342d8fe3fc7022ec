import LogRecords

/// Lines of a source that stand in another one too, or again in the same one, and where.
struct PairedLines {
    /// A line, or the first of a few, that two sources may share.
    struct Sighting {
        /// What both must have alike: a digest of what stands there.
        var content: UInt64
        /// The source by its place, and the line there.
        var source: Int
        var line: Int64
        /// Whether it is more than coincidence. Of a run one must be.
        var isTelling = true
    }

    private struct Pair {
        var loser: Int
        var line: Int64
        var winner: Int
        var original: Int64
        var isTelling: Bool
    }

    private var pairs: [Pair] = []

    /// Pairs the sightings of one content: in each source the first with the first, the second with the second.
    ///
    /// So a content counts as often as it stands in the source that has it most often among those that outrank.
    ///
    /// - Parameters:
    ///   - sightings: all of one content, in order of their lines.
    ///   - outranks: whether the lines of one source count, and not those of the other.
    mutating func pair(_ sightings: ArraySlice<Sighting>, _ outranks: (Int, Int) -> Bool) {
        guard let first = sightings.first, sightings.contains(where: { $0.source != first.source }) else { return }
        let winner = sightings.reduce(first.source) { outranks($1.source, $0) ? $1.source : $0 }
        let originals = sightings.filter { $0.source == winner }.map(\.line)
        var used: [Int: Int] = [:]
        for sighting in sightings where sighting.source != winner {
            let number = used[sighting.source, default: 0]
            used[sighting.source] = number + 1
            guard number < originals.count else { continue }
            pairs.append(
                Pair(
                    loser: sighting.source, line: sighting.line, winner: winner, original: originals[number],
                    isTelling: sighting.isTelling))
        }
    }

    /// Pairs the sightings of one content within each source: the later ones with the first, which counts.
    ///
    /// - Parameter sightings: all of one content, in order of their sources and lines.
    mutating func pairWithin(_ sightings: ArraySlice<Sighting>) {
        guard var first = sightings.first else { return }
        for sighting in sightings.dropFirst() {
            guard sighting.source == first.source else {
                first = sighting
                continue
            }
            pairs.append(
                Pair(
                    loser: sighting.source, line: sighting.line, winner: first.source, original: first.line,
                    isTelling: sighting.isTelling))
        }
    }

    /// The pairs as runs of lines as long as can be.
    ///
    /// - Parameter length: how many lines each sighting stands for.
    func runs(length: Int64) -> [RepeatSearch.Overlap] {
        let ordered = pairs.sorted {
            ($0.loser, $0.line, $0.winner, $0.original) < ($1.loser, $1.line, $1.winner, $1.original)
        }
        var runs: [(run: RepeatSearch.Overlap, isTelling: Bool)] = []
        for pair in ordered {
            // A run within a source ends where the lines that it comes again of do.
            let longest = pair.winner == pair.loser ? pair.line - pair.original : .max
            let end = pair.line + min(length, longest) - 1
            if let last = runs.last?.run, last.loser == pair.loser, last.winner == pair.winner,
                pair.line - last.lines.lowerBound == pair.original - last.line, pair.line <= last.lines.upperBound + 1,
                pair.line - last.lines.lowerBound < longest
            {
                let upper = min(max(end, last.lines.upperBound), last.lines.lowerBound - 1 + min(longest, .max / 2))
                runs[runs.count - 1].run.lines = last.lines.lowerBound...upper
                if pair.isTelling { runs[runs.count - 1].isTelling = true }
            } else {
                let run = RepeatSearch.Overlap(
                    loser: pair.loser, lines: pair.line...end, winner: pair.winner, line: pair.original)
                runs.append((run, pair.isTelling))
            }
        }
        return runs.filter(\.isTelling).map(\.run)
    }
}

/// Lines of sources that count elsewhere already.
struct TakenLines {
    private var bySource: [Int: [ClosedRange<Int64>]] = [:]

    init(_ overlaps: [RepeatSearch.Overlap]) {
        for overlap in overlaps { bySource[overlap.loser, default: []].append(overlap.lines) }
        for source in bySource.keys { bySource[source]?.sort { $0.lowerBound < $1.lowerBound } }
    }

    /// Passes over a source's lines in order.
    struct Cursor {
        fileprivate var rest: ArraySlice<ClosedRange<Int64>>

        /// Whether the line counts elsewhere; lines must be asked for in order.
        @inline(__always)
        mutating func holds(_ line: Int64) -> Bool {
            if rest.isEmpty { return false }
            while let next = rest.first, next.upperBound < line { rest.removeFirst() }
            return rest.first.map { $0.lowerBound <= line } ?? false
        }
    }

    func cursor(_ source: Int) -> Cursor { Cursor(rest: (bySource[source] ?? [])[...]) }
}
