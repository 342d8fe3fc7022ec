import Casefile
import GRDB
import LogRecords

/// Takes what the readers send and puts it into the case, in transactions of a bounded size.
struct IngestWriter {
    private let db: Database
    private let events: EventWriter
    /// Files whose events are on their way into the case.
    private var finished: [[SourceRow]] = []

    init(_ db: Database, _ events: EventWriter) {
        self.db = db
        self.events = events
    }

    mutating func write(_ pipe: BatchPipe<ReadingStep>) throws {
        try db.beginTransaction(.deferred)
        do {
            while let step = pipe.take() {
                switch step {
                case .began(let source): try source.save(db)
                case .batch(let rows, let rejects):
                    for reject in rejects { try reject.insert(db) }
                    if try events.write(rows) { try settle() }
                case .finished(let sources): finished.append(sources)
                case .noted(let source): try note(source)
                }
            }
            try settle()
            try db.commit()
        } catch {
            try? db.rollback()
            throw error
        }
    }

    /// Brings all that was read into the case; only then do the files that it came from count.
    private mutating func settle() throws {
        try events.flush()
        for sources in finished { try finish(sources) }
        finished.removeAll()
    }

    /// Makes a file's sources count, unless the case has its bytes already.
    private func finish(_ sources: [SourceRow]) throws {
        guard let first = sources.first, let digest = first.sha256 else { return }
        // What an earlier run could not read is read now, whether it could read nothing or the file's beginning.
        let stale = try Int64.fetchAll(
            db,
            sql: """
                SELECT id FROM source WHERE path = ?1 AND (state = 'unreadable' AND sha256 IS NOT ?2
                    OR location = ?3 AND state <> 'pending' AND sha256 IN (SELECT sha256 FROM source WHERE \(SourceRow.isCutShort)))
                """, arguments: [first.path, digest, first.location])
        for id in stale { try SourceRow.remove(id, db) }
        let known = try SourceRow.withDigest(digest, db)
        var hasGrown = false
        for var source in sources {
            if known.isEmpty {
                try keep(source)
                hasGrown = true
            } else if source.state != .unrecognized,
                let old = known.first(where: { $0.state == .unrecognized && $0.member == source.member })
            {
                // No profile fitted it then, and one does now.
                try SourceRow.remove(old.id, db)
                (source.path, source.location) = (old.path, old.location)
                try keep(source)
                hasGrown = true
            } else {
                try SourceRow.remove(source.id, db)
            }
        }
        // What was found before does not speak of these lines; a report of it would be wrong.
        if hasGrown {
            try db.execute(sql: "DELETE FROM correlation")
            try Seals.renewFigures(db)
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

    /// Makes a source count, and seals what it gave.
    private func keep(_ source: SourceRow) throws {
        try source.save(db)
        try source.seals?.store(source: source.id, db)
    }

    /// Lists a file that cannot be read, or whose bytes the case already has.
    private func note(_ source: SourceRow) throws {
        let isListed = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM source WHERE path = ? AND sha256 IS ? AND state <> 'pending')",
            arguments: [source.path, source.sha256])
        if isListed == true { return }
        guard source.state == .duplicate, let digest = source.sha256 else { return try source.save(db) }
        try noteDuplicate(source, of: try SourceRow.withDigest(digest, db))
    }

    /// Of the names of one file the first in order counts as its path, whichever was read first.
    private func noteDuplicate(_ source: SourceRow, of originals: [SourceRow]) throws {
        guard let original = originals.first else { return }
        var copy = SourceRow(
            id: source.id, path: source.path, size: source.size, state: .duplicate, location: source.location)
        copy.sha256 = source.sha256
        copy.compression = original.compression
        if copy.path < original.path {
            for var row in originals {
                row.path = source.path
                row.location = source.location
                try row.save(db)
            }
            copy.path = original.path
            copy.location = original.location
        }
        copy.reason = "same bytes as \(min(source.path, original.path))"
        try copy.save(db)
        let others = try SourceRow.fetchAll(
            db, sql: "SELECT * FROM source WHERE sha256 = ? AND state = 'duplicate'", arguments: [copy.sha256])
        for var other in others {
            other.reason = copy.reason
            try other.save(db)
        }
    }
}
