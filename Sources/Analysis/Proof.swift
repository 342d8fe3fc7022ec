public import Casefile
import Correlation
import GRDB
import LogBytes
import LogRecords

/// One exposure's proof: what the case concluded, and the raw lines it concluded it from, read again from the dump.
public struct Proof: Sendable {
    /// A raw line and where it stands.
    public struct RawLine: Sendable {
        /// What the line proves: `delivery`, `fill`, `ownership`, `grant`, `rollout`.
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

    /// The exposure's facts, in order, as name and value.
    public var facts: [(name: String, value: String)]
    /// The frames that may have been delivered, the likeliest first: owner, camera, relation, fill.
    public var candidates: [[(name: String, value: String)]]
    public var lines: [RawLine]

    /// - Parameter id: as the reports print it: `3f2a91bc04de:1734`.
    /// - Throws: `AnalysisError.noSuchExposure`, `CaseFileError.notCorrelated`.
    public init(of id: String, in caseFile: CaseFile) throws {
        (facts, candidates, lines) = try caseFile.read { db in
            try caseFile.requireCorrelated(db)
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM (SELECT * FROM exposures UNION ALL SELECT * FROM redisplays) WHERE id = ?",
                    arguments: [id])
            else { throw try Self.absence(of: id, db) }
            let shown = [
                "id", "time", "certainty", "evidence", "relation", "requester", "owner", "requested_camera",
                "frame_camera", "frame", "node", "key", "cache_word", "status", "client", "network", "kind", "model",
                "rollout_at_fill", "rollout_at_delivery",
            ]
            let found = shown.compactMap { column in
                String.fromDatabaseValue(row[column] as DatabaseValue).map { (column, $0) }
                    ?? Int64.fromDatabaseValue(row[column] as DatabaseValue).map { (column, String($0)) }
            }
            let profile = try String.fetchOne(
                db, sql: "SELECT profile FROM source WHERE id = ?",
                arguments: [EventID(rawValue: row["event"] as Int64).source])
            let facts =
                found + [profile.map { ("profile", $0) }].compactMap { $0 }
                + (try Derivations.ofDeliveries(profile, db)).map { ("\($0.field) from", $0.source) }
            let candidateRows = try Row.fetchAll(
                db, sql: "SELECT owner, camera, relation, fill FROM exposure_candidates WHERE event = ? ORDER BY rank",
                arguments: [row["event"] as Int64])
            let candidates = candidateRows.map { candidate in
                ["owner", "camera", "relation", "fill"].compactMap { name in
                    (candidate[name] as String?).map { (name, $0) }
                }
            }
            return (facts, candidates, try Self.references(row, db).map { try Self.rawLine($0, $1, db) })
        }
    }

    /// Why there is no exposure of that ID: the delivery is clear, unresolved, or not in the case.
    private static func absence(of id: String, _ db: Database) throws -> AnalysisError {
        if let cause = try String.fetchOne(
            db, sql: "SELECT cause FROM unresolved_deliveries WHERE id = ?", arguments: [id])
        {
            return .noSuchExposure(id: id, hint: "this delivery is unresolved: \(cause)")
        }
        let isDelivery = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM deliveries WHERE id = ?)", arguments: [id])
        return .noSuchExposure(
            id: id,
            hint: isDelivery == true
                ? "this delivery is no exposure: its requester was entitled to the frame, or it carried none"
                : "no such delivery in this case; IDs stand in exposures.csv")
    }

    /// The events whose lines prove the exposure, each once.
    private static func references(_ row: Row, _ db: Database) throws -> [(String, Int64)] {
        let event: Int64 = row["event"]
        var references: [(String, Int64)] = [("delivery", event)]
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

    private static func rawLine(_ role: String, _ event: Int64, _ db: Database) throws -> RawLine {
        let id = EventID(rawValue: event)
        guard let source = try SourceRow.fetchOne(db, sql: "SELECT * FROM source WHERE id = ?", arguments: [id.source])
        else {
            return RawLine(role: role, path: "?", line: id.line, sha256: "", problem: "its source is not in the case")
        }
        var line = RawLine(role: role, path: source.displayName, line: id.line, sha256: source.sha256 ?? "")
        guard let location = source.location else {
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

/// Reads single lines of a dump again.
public enum RawLines {
    /// The text of a line, and the SHA-256 of the whole file as it is now.
    ///
    /// - Parameter profile: by which it was read, for a line can hold several records.
    public static func read(
        line number: Int64, member: String?, of path: String, profile: String? = nil
    ) throws -> (text: String?, sha256: String) {
        let file = try LogFile(path: path, limits: .widest)
        var text: String?
        let outcome = file.forEachMember { entry in
            guard text == nil, entry.name == member else { return }
            var splitter = RecordSplitter(profile: profile ?? "")
            entry.forEachRecord { bytes, line in
                let rest = splitter.rest(of: bytes)
                guard line.number == UInt64(number) else { return rest.map { .rest(from: $0) } ?? .next }
                text = bytes.withUnsafeBytes { VisibleText.of($0.prefix(rest ?? $0.count)) }
                return .stop
            }
        }
        return (text, outcome.sha256)
    }
}
