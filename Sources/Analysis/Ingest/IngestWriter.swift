import Casefile
import GRDB
import LogRecords

/// Takes what the readers send and puts it into the case, in transactions of a bounded size.
final class IngestWriter {
    private let db: Database
    let events: EventWriter
    /// Sources whose events are on their way into the case, and that are not listed yet.
    private var begun: [Int64: SourceRow] = [:]
    /// Those that are listed as pending.
    private var pending: Set<Int64> = []
    /// Files whose events must be in the case before it can be told what becomes of them.
    private var waiting: [[SourceRow]] = []
    /// Whether the open transaction makes a source count.
    private var hasGrown = false
    /// The first digits of the digests of the files that the case has: the rest decides.
    private var digests: Set<UInt64> = []
    /// Whether the case finds a file by its digest.
    private var isIndexed = false
    /// Files that could not be opened, or not be read to their end.
    private var doubtful: Set<String> = []
    /// Hashes of places with the digests of what was found there, where the case had those bytes: of very many files.
    private var seen: Set<Int> = []

    /// - Parameter listed: the sources that the case has.
    init(_ db: Database, _ events: EventWriter, listed: [SourceRow]) {
        self.db = db
        self.events = events
        listed.forEach(remember)
        // Events never stand in the case without their source, for what an interrupted run leaves must be told apart.
        events.willCommit = { [unowned self] in
            for source in begun.values { try source.save(db, isNew: true) }
            pending.formUnion(begun.keys)
            begun.removeAll()
            hasGrown = false
        }
    }

    func write(_ pipe: BoundedChannel<[ReadingStep<EventRows>]>) throws {
        try db.beginTransaction(.deferred)
        do {
            while let steps = pipe.take() {
                for step in steps { try take(step) }
            }
            try settle()
            try db.commit()
        } catch {
            try? db.rollback()
            throw error
        }
    }

    private func take(_ step: ReadingStep<EventRows>) throws {
        switch step {
        case .began(let source): begun[source.id] = source
        case .batch(let source, let rows, let rejects, let digests, let tags):
            for reject in rejects { try reject.insert(db) }
            try digests.insert(source: source, db)
            try tags.insert(db)
            if try events.write(rows) { try settle() }
        case .finished(let sources): try receive(sources)
        case .noted(let source): try note(source)
        }
    }

    /// Makes a file count in the transaction in which its last events go into the case, unless it must wait for that.
    ///
    /// A dump can be very many small files: if they all waited, so would the readers, until the last is stored.
    private func receive(_ sources: [SourceRow]) throws {
        // What is nowhere in the case yet counts as soon as its events do.
        guard let first = sources.first, let digest = first.sha256, !digests.contains(Self.short(digest)),
            !doubtful.contains(first.path), sources.allSatisfy({ $0.seals?.isInOrder != false })
        else { return waiting.append(sources) }
        for source in sources {
            begun[source.id] = nil
            try keep(source)
        }
    }

    /// Brings all that was read into the case; only then do the files that wait for it count.
    private func settle() throws {
        try events.flush()
        let files = waiting
        waiting.removeAll()
        for sources in files { try finish(sources) }
    }

    /// What was found before does not speak of new lines; a report of it would be wrong.
    private func forgetFindings() throws {
        if hasGrown { return }
        hasGrown = true
        try Self.forgetFindings(db)
    }

    /// Takes the figures of a correlation away.
    static func forgetFindings(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM correlation")
        try Seals.renewFigures(db)
    }

    private func remember(_ source: SourceRow) {
        guard source.state != .pending, !source.isSameFile else { return }
        if let digest = source.sha256 { digests.insert(Self.short(digest)) }
        if source.state == .unreadable || source.isCutShort { doubtful.insert(source.path) }
    }

    /// Whether these bytes, which the case had before, were found at this place.
    func hasSeen(_ location: String, _ digest: String) -> Bool { seen.contains(Self.hash(location, digest)) }

    private static func hash(_ location: String, _ digest: String) -> Int {
        var hasher = Hasher()
        hasher.combine(location)
        hasher.combine(digest)
        return hasher.finalize()
    }

    private static func short(_ digest: String) -> UInt64 { UInt64(digest.prefix(16), radix: 16) ?? 0 }

    private func buildIndex() throws {
        if isIndexed { return }
        isIndexed = true
        try SourceRow.buildIndex(db)
    }

    /// Makes a file's sources count, unless the case has its bytes already.
    private func finish(_ sources: [SourceRow]) throws {
        guard let first = sources.first, let digest = first.sha256 else { return }
        try buildIndex()
        if doubtful.contains(first.path) { try removeStale(first, digest) }
        let known = try SourceRow.withDigest(digest, db)
        for var source in sources {
            if known.isEmpty {
                try keep(source)
            } else if source.state != .unrecognized,
                let old = known.first(where: { $0.state == .unrecognized && $0.member == source.member })
            {
                // No profile fitted it then, and one does now.
                try SourceRow.remove(old.id, db)
                (source.path, source.location) = (old.path, old.location)
                try keep(source)
            } else {
                try SourceRow.remove(source.id, db)
            }
        }
        guard !known.isEmpty else { return }
        // Two files that begin alike need not be the same.
        if let cut = sources.first(where: \.isCutShort) {
            var unread = cut
            unread.state = .unreadable
            return try note(unread)
        }
        var copy = first
        copy.state = .duplicate
        try note(copy)
    }

    /// What an earlier run could not read is read now, whether it could read nothing or the file's beginning.
    private func removeStale(_ source: SourceRow, _ digest: String) throws {
        let stale = try Int64.fetchAll(
            db,
            sql: """
                SELECT id FROM source WHERE path = ?1 AND (state = 'unreadable' AND sha256 IS NOT ?2
                    OR location = ?3 AND state <> 'pending' AND sha256 IN (SELECT sha256 FROM source WHERE \(SourceRow.isCutShort)))
                """, arguments: [source.path, digest, source.location])
        for id in stale { try SourceRow.remove(id, db) }
    }

    /// Makes a source count, and seals what it gave.
    private func keep(_ source: SourceRow) throws {
        try forgetFindings()
        try source.save(db, isNew: pending.remove(source.id) == nil)
        try source.seals?.store(source: source.id, db)
        remember(source)
    }

    /// Lists a file that cannot be read, or whose bytes the case already has.
    private func note(_ source: SourceRow) throws {
        try buildIndex()
        if let location = source.location, let digest = source.sha256 { seen.insert(Self.hash(location, digest)) }
        if try SourceRow.isListed(source.path, source.sha256, db) {
            return try SourceRow.note(source.location, of: source.path, source.sha256, db)
        }
        guard source.state == .duplicate, let digest = source.sha256 else {
            remember(source)
            return try source.save(db)
        }
        try noteDuplicate(source, of: try SourceRow.withDigest(digest, db))
    }

    /// Of the names of one file the first in order counts as its path, whichever was read first.
    private func noteDuplicate(_ source: SourceRow, of originals: [SourceRow]) throws {
        guard let original = originals.first else { return }
        var copy = SourceRow(
            id: source.id, path: source.path, size: source.size, state: .duplicate, location: source.location)
        copy.sha256 = source.sha256
        copy.compression = original.compression
        // By bytes, as files are read and queries put them in order.
        let isFirst = copy.path.utf8.lexicographicallyPrecedes(original.path.utf8)
        copy.reason = "same bytes as \(isFirst ? copy.path : original.path)"
        if isFirst {
            for var row in originals {
                row.path = source.path
                row.location = source.location
                try row.save(db)
            }
            copy.path = original.path
            copy.location = original.location
            for var other in try SourceRow.duplicates(of: source.sha256, db) {
                other.reason = copy.reason
                try other.save(db)
            }
        }
        try copy.save(db)
    }
}
