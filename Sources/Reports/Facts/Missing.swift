import GRDB
import LogRecords

/// What the logs of a case do not tell, and so what its counts cannot hold.
public struct Missing: Sendable, Encodable {
    /// A stretch without any line of a node in which there should have been some.
    public struct Silence: Sendable, Encodable {
        public var node: String?
        /// `deliveries` or `fills`.
        public var log: String
        /// The last line before and the first after, RFC 3339.
        public var from: String
        public var until: String
        /// How many lines there should have been.
        public var usualLines: Int
        /// What tells that: `other days`, `other nodes` or `mean interval`.
        public var basis: String

        enum CodingKeys: String, CodingKey {
            case node, log, from, until, basis
            case usualLines = "usual_lines"
        }
    }

    /// Whether the dump was not read to its end: files of it are in no count.
    public var isIncomplete = false
    /// The deliveries whose frame is not known, by what is missing.
    public var unresolvedByCause: [String: Int] = [:]
    /// Files of which no line is a record to their profile.
    public var ignoredFiles = 0
    /// The words for a cache's verdict whose meaning no profile knows, in order; the assumptions say how frequent they are.
    public var unknownVerdicts: [String] = []
    /// Nodes that deliver and of which no fill is known, though other nodes' fills are.
    public var nodesWithoutFills: [String?] = []
    /// The longest ones first, `most` at most; `query coverage-gaps` has them all.
    public var silences: [Silence] = []
    /// How many there are in all.
    public var silencesTotal = 0

    private static let most = 20

    init() {}

    init(_ db: Database) throws {
        isIncomplete =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM correlation WHERE what = 'incomplete')") == true
        for row in try Row.fetchAll(db, sql: "SELECT cause, count(*) FROM unresolved GROUP BY cause") {
            unresolvedByCause[try row.decode(atIndex: 0)] = try row.decode(atIndex: 1)
        }
        ignoredFiles =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM source WHERE state IN ('complete', 'damaged') AND lines > 0 AND lines = ignored
                        AND profile NOT LIKE 'directory-%'
                    """) ?? 0
        unknownVerdicts = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT n.text FROM circumstance x JOIN name n ON n.id = x.cache_word
                WHERE x.cache_status = \(CacheStatus.unknown.rawValue) AND x.content = \(Delivery.Content.frame.rawValue)
                ORDER BY n.text LIMIT \(Self.most)
                """)
        nodesWithoutFills = try Row.fetchAll(db, sql: "SELECT node FROM nodes_without_fills ORDER BY node").map {
            try $0.decode(atIndex: 0)
        }
        silencesTotal = try Int.fetchOne(db, sql: "SELECT count(*) FROM silence") ?? 0
        silences = try Row.fetchAll(
            db,
            sql: """
                SELECT node, log, from_time, until_time, usual_lines, basis FROM silences
                ORDER BY seconds DESC, node, log, from_ts LIMIT \(Self.most)
                """
        ).map {
            Silence(
                node: try $0.decode(atIndex: 0), log: try $0.decode(atIndex: 1), from: try $0.decode(atIndex: 2),
                until: try $0.decode(atIndex: 3), usualLines: try $0.decode(atIndex: 4),
                basis: try $0.decode(atIndex: 5))
        }
    }

    enum CodingKeys: String, CodingKey {
        case silences
        case silencesTotal = "silences_total"
        case isIncomplete = "incomplete"
        case ignoredFiles = "ignored_files"
        case unknownVerdicts = "unknown_verdicts"
        case unresolvedByCause = "unresolved_by_cause"
        case nodesWithoutFills = "nodes_without_fills"
    }
}
