public import Casefile
import Correlation
import GRDB
import LogBytes
import LogRecords

/// What a case concluded of one delivery, and the raw lines it concluded it from, read again from the dump.
public struct Proof: Sendable {
    /// A raw line and where it stands.
    public struct RawLine: Sendable {
        /// What the line proves: `delivery`, `same answer`, `fill`, `ownership`, `grant`, `rollout`.
        public var role: String
        public var path: String
        public var line: Int64
        /// The SHA-256 that the case noted for the source.
        public var sha256: String
        /// The line's text; control characters are written `\xHH`. Nil if it cannot be read now.
        public var text: String?
        /// Why it cannot be read, or that the source is no longer the file that was ingested.
        public var problem: String?
    }

    /// The delivery's facts, in order, as name and value.
    public var facts: [(name: String, value: String)]
    /// The frames that may have been delivered, the likeliest first: owner, camera, relation, fill.
    public var candidates: [[(name: String, value: String)]]
    public var lines: [RawLine]

    /// - Parameters:
    ///   - id: as the reports print it: `3f2a91bc04de:1734`.
    ///   - dump: where the sources lie now, told by their digests; nil: where they were read.
    /// - Throws: `AnalysisError.noSuchExposure`, `CaseFileError.notCorrelated`.
    public init(of id: String, in caseFile: CaseFile, dump: DumpFiles? = nil) throws {
        (facts, candidates, lines) = try caseFile.read { db in
            try caseFile.requireCorrelated(db)
            let exposure = try Row.fetchOne(
                db, sql: "SELECT * FROM (SELECT * FROM exposures UNION ALL SELECT * FROM redisplays) WHERE id = ?",
                arguments: [id])
            if let exposure { return try Self.proof(ofExposure: exposure, db, dump) }
            return try Self.proof(ofOther: id, db, dump)
        }
    }

    private typealias Parts = (
        facts: [(name: String, value: String)], candidates: [[(name: String, value: String)]], lines: [RawLine]
    )

    private static func proof(ofExposure row: Row, _ db: Database, _ dump: DumpFiles?) throws -> Parts {
        let shown = [
            "id", "time", "certainty", "evidence", "relation", "requester", "owner", "requested_camera",
            "frame_camera", "frame", "node", "key", "cache_word", "status", "client", "network", "kind", "model",
            "rollout_at_fill", "rollout_at_delivery",
        ]
        let event: Int64 = try row.decode(forColumn: "event")
        let candidateRows = try Row.fetchAll(
            db, sql: "SELECT owner, camera, relation, fill FROM exposure_candidates WHERE event = ? ORDER BY rank",
            arguments: [event])
        let candidates = candidateRows.map { candidate in
            ["owner", "camera", "relation", "fill"].compactMap { name in
                (candidate[name] as String?).map { (name, $0) }
            }
        }
        return (
            facts(row, shown) + (try origins(of: event, db)), candidates,
            try references(row, db).map { try rawLine($0, $1, db, dump) }
        )
    }

    /// A row's columns that are not empty, as name and value.
    static func facts(_ row: Row, _ columns: [String]) -> [(name: String, value: String)] {
        columns.compactMap { column in
            let value = row[column] as DatabaseValue
            return (String.fromDatabaseValue(value) ?? Int64.fromDatabaseValue(value).map { String($0) }).map {
                (column, $0)
            }
        }
    }

    /// The profile that read a line, and what it takes from where.
    static func origins(of event: Int64, _ db: Database) throws -> [(name: String, value: String)] {
        let profile = try String.fetchOne(
            db, sql: "SELECT profile FROM source WHERE id = ?", arguments: [EventID(rawValue: event).source])
        return [profile.map { ("profile", $0) }].compactMap { $0 }
            + (try Derivations.ofDeliveries(profile, db)).map { ("\($0.field) from", $0.source) }
    }

    /// The events whose lines prove the exposure, each once.
    private static func references(_ row: Row, _ db: Database) throws -> [(String, Int64)] {
        let event: Int64 = try row.decode(forColumn: "event")
        var references: [(String, Int64)] = [("delivery", event)] + (try sameAnswers(event, db))
        references += try Int64.fetchAll(
            db,
            sql:
                "SELECT fill FROM candidate WHERE delivery = ? AND fill IS NOT NULL AND fill <> delivery ORDER BY rank",
            arguments: [event]
        ).map { ("fill", $0) }
        references += try Int64.fetchAll(
            db,
            sql: """
                SELECT c.id FROM camera c JOIN source s ON s.id = c.id >> 36
                WHERE c.camera IN (SELECT camera FROM candidate WHERE delivery = ?) ORDER BY s.label, c.id
                """, arguments: [event]
        ).map { ("ownership", $0) }
        references += try Int64.fetchAll(
            db,
            sql: """
                SELECT g.id FROM granted g JOIN candidate c ON c.owner = g.owner AND c.camera = g.camera
                JOIN delivery d ON d.id = c.delivery AND d.requester = g.grantee JOIN source s ON s.id = g.id >> 36
                WHERE c.delivery = ? ORDER BY s.label, g.id
                """, arguments: [event]
        ).map { ("grant", $0) }
        references += try Int64.fetchAll(
            db,
            sql: """
                SELECT r.id FROM exposure e JOIN delivery d ON d.id = e.delivery
                    JOIN circumstance x ON x.id = d.circumstance
                    JOIN rollout r ON r.name IN (e.rollout_at_fill, e.rollout_at_delivery)
                        AND (r.node IS NULL OR x.node IS NULL OR r.node = x.node)
                    JOIN source s ON s.id = r.id >> 36
                WHERE e.delivery = ? ORDER BY r.ts, s.label, r.id LIMIT 20
                """, arguments: [event]
        ).map { ("rollout", $0) }
        return references
    }

    /// The lines of other logs that tell of an answer too.
    static func sameAnswers(_ event: Int64, _ db: Database) throws -> [(String, Int64)] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT a.delivery FROM same_answer a JOIN source s ON s.id = a.delivery >> 36 WHERE a.counted = ?
                ORDER BY s.label, a.delivery
                """, arguments: [event]
        ).map { ("same answer", $0) }
    }

    static func rawLine(_ role: String, _ event: Int64, _ db: Database, _ dump: DumpFiles?) throws -> RawLine {
        let id = EventID(rawValue: event)
        guard let source = try SourceRow.fetchOne(db, sql: "SELECT * FROM source WHERE id = ?", arguments: [id.source])
        else {
            return RawLine(role: role, path: "?", line: id.line, sha256: "", problem: "its source is not in the case")
        }
        var line = RawLine(role: role, path: source.displayName, line: id.line, sha256: source.sha256 ?? "")
        if let dump, dump.place(of: source) == nil {
            line.problem = "no file below \(dump.folder) has its SHA-256"
            return line
        }
        guard let location = dump?.place(of: source) ?? source.location else {
            line.problem =
                "it came through a pipe, which cannot be read again, or this is a copy with pseudonyms, which has no places"
            return line
        }
        do {
            let (text, digest) = try RawLines.read(
                line: id.line, member: source.member, of: location, profile: source.profile)
            line.text = text
            if digest != source.sha256 {
                line.problem = "the file has changed since it was ingested (SHA-256 now \(digest))"
            }
            if text == nil { line.problem = line.problem ?? "the file has no such line" }
        } catch {
            line.problem = "\(error)"
        }
        return line
    }
}
