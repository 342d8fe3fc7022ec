import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds logs whose file is another now, or gone, and of which every line is in files that lie there: it was split, merged or
/// sorted since.
///
/// A log that is wholly in one other is no matter of this: `RepeatSettlement` sets it aside.
struct SupersededLogs {
    private let db: Database
    private let search: RepeatSearch
    /// By place in `search.outlines`: whether a file with the source's lines lies there.
    private let isThere: [Bool]
    /// The places of equal sources, but the one that stands for them.
    private let represented: Set<Int>

    /// Of longer remainders that no run of lines accounts for, nothing is looked up line by line.
    private static let mostLookedUp = 1 << 20

    /// - Parameter stale: the sources in whose place something else lies now, or nothing.
    init(_ db: Database, _ search: RepeatSearch, stale: Set<Int64>) {
        (self.db, self.search) = (db, search)
        var isThere = search.outlines.map { !stale.contains($0.source) }
        var represented: Set<Int> = []
        for group in search.equals {
            if group.contains(where: { isThere[$0] }) { isThere[group[0]] = true }
            represented.formUnion(group.dropFirst())
        }
        (self.isThere, self.represented) = (isThere, represented)
    }

    /// The numbers of such sources.
    func sources() throws -> [Int64] {
        try search.outlines.indices.filter { place in
            guard !isThere[place], !represented.contains(place), search.containers[place] == nil,
                search.outlines[place].runLength > 0
            else { return false }
            return try isElsewhere(place)
        }.map { search.outlines[$0].source }
    }

    /// Whether each line of traffic of a source is in a file that lies there.
    private func isElsewhere(_ place: Int) throws -> Bool {
        let source = search.outlines[place].source
        var runs = runs(of: place)
        runs.sort { $0.lowerBound < $1.lowerBound }
        var next = runs.startIndex
        var number: Int64 = 0
        var (wanted, count): ([UInt32: Int], Int) = ([:], 0)
        try LineDigests.each(db, of: source) { _, words in
            if count > Self.mostLookedUp { return }
            for word in words {
                number += 1
                while next < runs.endIndex, runs[next].upperBound < number { next += 1 }
                let isFound = next < runs.endIndex && runs[next].contains(number)
                if word & 1 == 0 || isFound { continue }
                wanted[word >> 1, default: 0] += 1
                count += 1
            }
        }
        if count > Self.mostLookedUp { return false }
        return try wanted.isEmpty || haveAll(wanted, of: source)
    }

    /// Runs of a source's lines that files have which lie there.
    private func runs(of place: Int) -> [ClosedRange<Int64>] {
        var runs: [ClosedRange<Int64>] = []
        for (part, container) in search.containers where container.source == place && isThere[part] {
            let length = search.outlines[part].runLength
            if length > 0 { runs.append(container.line...(container.line + length - 1)) }
        }
        for overlap in search.overlaps {
            if overlap.loser == place, overlap.winner == place || isThere[overlap.winner] {
                runs.append(overlap.lines)
            } else if overlap.winner == place, isThere[overlap.loser] {
                runs.append(overlap.line...(overlap.line + Int64(overlap.lines.count) - 1))
            }
        }
        return runs
    }

    /// Whether files that lie there have each of some lines as often as it is wanted. Only what the same profile reads as the
    /// same node's is looked at, for elsewhere the same line may mean something else.
    private func haveAll(_ wanted: [UInt32: Int], of source: Int64) throws -> Bool {
        guard let row = try SourceRow.numbered(source, db) else { return false }
        var missing = wanted
        for (place, outline) in search.outlines.enumerated()
        where isThere[place] && !represented.contains(place) && outline.runLength > 0 {
            guard let other = try SourceRow.numbered(outline.source, db), other.profile == row.profile,
                other.node == row.node || other.node == 0 || row.node == 0
            else { continue }
            // What two files share may be one line: none adds to what another has.
            var found: [UInt32: Int] = [:]
            try LineDigests.each(db, of: outline.source) { _, words in
                for word in words where word & 1 == 1 && missing[word >> 1] != nil { found[word >> 1, default: 0] += 1 }
            }
            for (digest, count) in found where count >= wanted[digest] ?? 0 { missing[digest] = nil }
            if missing.isEmpty { return true }
        }
        return false
    }
}
