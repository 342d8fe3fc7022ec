import Casefile
import Correlation
import GRDB
import LogRecords

/// What is to be said of a delivery that is no exposure.
extension Proof {
    static func proof(
        ofOther id: String, _ db: Database, _ dump: DumpFiles?
    ) throws -> (
        facts: [(name: String, value: String)], candidates: [[(name: String, value: String)]], lines: [RawLine]
    ) {
        guard let event = try event(of: id, db) else { throw try absence(of: id, db) }
        if let counted = try Int64.fetchOne(
            db, sql: "SELECT counted FROM same_answer WHERE delivery = ?", arguments: [event.rawValue])
        {
            let other: String = try self.id(of: EventID(rawValue: counted), db)
            return (
                [("id", id), ("certainty", "counts elsewhere"), ("counts as", other)], [],
                try [("same answer", event.rawValue), ("delivery", counted)].map { try rawLine($0, $1, db, dump) }
            )
        }
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM deliveries WHERE event = ?", arguments: [event.rawValue])
        else { throw try absence(of: id, db) }
        let cause = try String.fetchOne(
            db, sql: "SELECT cause FROM unresolved WHERE delivery = ?", arguments: [event.rawValue])
        var facts = Self.facts(
            row,
            [
                "id", "time", "requester", "camera", "owner", "frame_camera", "frame", "node", "key", "cache_word",
                "status", "content", "client", "network", "kind",
            ])
        var references = [("delivery", event.rawValue)] + (try sameAnswers(event.rawValue, db))
        if let cause {
            facts.insert(("certainty", "unresolved"), at: min(2, facts.count))
            facts.append(("because", cause))
        } else if try row.decode(forColumn: "content") == "none" {
            facts.insert(("certainty", "carried no frame"), at: min(2, facts.count))
        } else if try !isInWindow(event, db) {
            facts.insert(("certainty", "not judged"), at: min(2, facts.count))
            facts.append(("because", "it is outside of the window of --since and --until that was correlated"))
        } else if try row.decode(forColumn: "content") == "redisplay", try !namesItsFrame(event, db) {
            facts.insert(("certainty", "unresolved"), at: min(2, facts.count))
            facts.append(("because", "it showed again what the client held, and no validator says what that was"))
        } else {
            facts.insert(("certainty", "clear"), at: min(2, facts.count))
            let rights = try Self.rights(event, db)
            facts += rights.map { ("entitled", $0.words) }
            references += rights.map { ($0.role, $0.event) }
        }
        return (
            facts + (try origins(of: event.rawValue, db)), [],
            try references.map { try rawLine($0, $1, db, dump) }
        )
    }

    /// Whether the correlation was to count a delivery.
    private static func isInWindow(_ event: EventID, _ db: Database) throws -> Bool {
        func bound(_ name: String) throws -> String? {
            try String.fetchOne(db, sql: "SELECT value FROM correlation WHERE what = ?", arguments: [name])
        }
        let window = try TimeWindow(since: bound("since"), until: bound("until"))
        let stamp = try Int64.fetchOne(db, sql: "SELECT ts FROM delivery WHERE id = ?", arguments: [event.rawValue])
        return stamp.map(window.contains) ?? true
    }

    /// Whether a line names the frame that it speaks of, or whose it is.
    private static func namesItsFrame(_ event: EventID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT frame IS NOT NULL OR owner IS NOT NULL FROM delivery WHERE id = ?",
            arguments: [event.rawValue]) == true
    }

    /// Why there is no delivery of that ID, as far as the case tells, and where IDs stand.
    private static func absence(of id: String, _ db: Database) throws -> AnalysisError {
        let place = "IDs stand in exposures.csv and in the view 'deliveries'"
        func hint(_ reason: String) -> AnalysisError { .noSuchExposure(id: id, hint: "\(reason); \(place)") }
        guard let colon = id.lastIndex(of: ":"), let line = Int64(id[id.index(after: colon)...]), line > 0 else {
            return hint("is no ID, which is 12 digits of a source's SHA-256, a colon and a line's number")
        }
        let label = String(id[..<colon])
        guard let source = try SourceRow.labelled(label, db) else {
            let named = try SourceRow.fetchOne(
                db, sql: "SELECT * FROM source WHERE path = ? AND label IS NOT NULL ORDER BY id LIMIT 1",
                arguments: [label])
            return hint(
                named?.label.map { "names a source by its path, where its label stands: \($0):\(line)" }
                    ?? "no source of this case has the label \(label)")
        }
        let name = source.displayName
        if line > source.lines { return hint("\(name) has \(source.lines) lines") }
        let rejected = try String.fetchOne(
            db, sql: "SELECT reason FROM reject WHERE source = ? AND line = ?", arguments: [source.id, line])
        if let rejected { return hint("\(name), line \(line): was rejected: \(rejected)") }
        let event = source.id << EventID.lineBits | line
        for (table, kind) in [
            ("fill", "a fill"), ("purge", "a purge"), ("rollout", "a rollout"), ("account", "a row of a table"),
            ("camera", "a row of a table"), ("granted", "a row of a table"),
        ] {
            let isThere = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id = ?)", arguments: [event])
            if isThere == true { return hint("\(name), line \(line): is \(kind) and no delivery") }
        }
        return hint("\(name), line \(line): is no delivery")
    }

    /// The line that an ID names: its source's label and its number.
    private static func event(of id: String, _ db: Database) throws -> EventID? {
        guard let colon = id.lastIndex(of: ":"), let line = Int64(id[id.index(after: colon)...]),
            let source = try SourceRow.labelled(String(id[..<colon]), db), 0..<(1 << EventID.lineBits) ~= line
        else { return nil }
        return EventID(source: source.id, line: line)
    }

    private static func id(of event: EventID, _ db: Database) throws -> String {
        let label = try SourceRow.numbered(event.source, db)?.label
        return "\(label ?? "?"):\(event.line)"
    }

    /// A row of a table by which an account had a right.
    private struct Right {
        var words: String
        var role: String
        var event: Int64
    }

    /// By what rows the requester had a right to the camera that was asked for, the one whose frame the line names, or those
    /// whose frames were filled under the key.
    private static func rights(_ event: EventID, _ db: Database) throws -> [Right] {
        let cameras = """
            SELECT camera FROM delivery WHERE id = ?1 UNION SELECT frame_camera FROM delivery WHERE id = ?1
            UNION SELECT f.camera FROM fill f JOIN delivery d ON d.id = ?1 AND f.key = d.key AND f.ts <= d.ts
            """
        let owned = try Row.fetchAll(
            db,
            sql: """
                SELECT c.id, n.text AS camera, c.owned_from AS since, c.owned_until AS until, NULL AS owner FROM camera c
                    JOIN delivery d ON d.id = ?1 AND c.owner = d.requester JOIN name n ON n.id = c.camera
                    JOIN source s ON s.id = c.id >> 36 AND s.state IN ('complete', 'damaged')
                WHERE c.camera IN (\(cameras)) AND ifnull(c.owned_from, d.ts) <= d.ts AND ifnull(c.owned_until, d.ts) >= d.ts
                ORDER BY n.text, s.label, c.id LIMIT 20
                """, arguments: [event.rawValue])
        let granted = try Row.fetchAll(
            db,
            sql: """
                SELECT g.id, n.text AS camera, g.live_from AS since, g.live_until AS until, o.text AS owner FROM granted g
                    JOIN delivery d ON d.id = ?1 AND g.grantee = d.requester JOIN name n ON n.id = g.camera
                    JOIN name o ON o.id = g.owner
                    JOIN source s ON s.id = g.id >> 36 AND s.state IN ('complete', 'damaged')
                WHERE g.camera IN (\(cameras)) AND ifnull(g.live_from, d.ts) <= d.ts AND ifnull(g.live_until, d.ts) >= d.ts
                ORDER BY n.text, s.label, g.id LIMIT 20
                """, arguments: [event.rawValue])
        func words(_ row: Row) throws -> String {
            let (owner, camera): (String?, String) =
                try (row.decode(forColumn: "owner"), row.decode(forColumn: "camera"))
            let (since, until): (Int64?, Int64?) = try (row.decode(forColumn: "since"), row.decode(forColumn: "until"))
            return (owner.map { "as grantee of \($0)" } ?? "as owner") + " of \(camera)"
                + (since.map { " since \($0.rfc3339)" } ?? "") + (until.map { " until \($0.rfc3339)" } ?? "")
        }
        return try owned.map { Right(words: try words($0), role: "ownership", event: try $0.decode(atIndex: 0)) }
            + granted.map { Right(words: try words($0), role: "grant", event: try $0.decode(atIndex: 0)) }
    }
}
