import LogRecords

/// Which grants a later snapshot of their table lacks: they were withdrawn at some time that no row tells.
///
/// Two files are snapshots of one table if they have at least half of the larger one's grants in common; parts of a table have
/// none. Nothing says when a file was written, but a grant that began after all others of a file may be missing there because
/// it did not exist yet.
struct GrantSnapshots {
    /// By grant that is lacking: of each file that lacks it the first row of a grant that files with it have, too.
    private(set) var withdrawn: [Directory.GrantKey: [EventID]] = [:]

    private struct File {
        var grants = 0
        /// The latest beginning of a grant.
        var latest = Int64.min
    }

    private struct Pair: Hashable {
        var one: Int64
        var other: Int64
    }

    private struct Shared {
        var count = 0
        /// The first row in common, by file.
        var row: EventID
        var otherRow: EventID
    }

    init(_ given: [GrantRecord]) {
        guard let first = given.first, given.contains(where: { $0.id.source != first.id.source }) else { return }
        var files: [Int64: File] = [:]
        /// By grant: the first row of each file, and the latest that it began by any row's word.
        var rows: [Directory.GrantKey: [Int64: EventID]] = [:]
        var began: [Directory.GrantKey: Int64] = [:]
        for grant in given {
            let (key, file) = (Directory.GrantKey(grant), grant.id.source)
            files[file, default: File()].latest = max(files[file]?.latest ?? .min, grant.live.from ?? .min)
            began[key] = max(began[key] ?? .min, grant.live.from ?? .min)
            if let known = rows[key]?[file], known <= grant.id { continue }
            rows[key, default: [:]][file] = grant.id
        }
        var shared: [Pair: Shared] = [:]
        for places in rows.values {
            let places = places.sorted { $0.key < $1.key }
            for place in places { files[place.key]?.grants += 1 }
            for (index, one) in places.enumerated() {
                for other in places.dropFirst(index + 1) {
                    let pair = Pair(one: one.key, other: other.key)
                    var known = shared[pair] ?? Shared(row: one.value, otherRow: other.value)
                    known.count += 1
                    known.row = min(known.row, one.value)
                    known.otherRow = min(known.otherRow, other.value)
                    shared[pair] = known
                }
            }
        }
        /// By file: those that are snapshots of the same table, each with a row of its own.
        var siblings: [Int64: [(file: Int64, row: EventID)]] = [:]
        for (pair, common) in shared {
            let larger = max(files[pair.one]?.grants ?? 0, files[pair.other]?.grants ?? 0)
            guard common.count * 2 >= larger else { continue }
            siblings[pair.one, default: []].append((pair.other, common.otherRow))
            siblings[pair.other, default: []].append((pair.one, common.row))
        }
        for (key, places) in rows {
            var lacking: [Int64: EventID] = [:]
            for sibling in places.keys.flatMap({ siblings[$0] ?? [] }) where places[sibling.file] == nil {
                guard began[key] ?? .min <= files[sibling.file]?.latest ?? .min else { continue }
                lacking[sibling.file] = min(lacking[sibling.file] ?? sibling.row, sibling.row)
            }
            if !lacking.isEmpty { withdrawn[key] = lacking.values.sorted() }
        }
    }
}
