import GRDB
import LogRecords

/// When the incident was: what the cause explains, or else the exposures to strangers; ended rights and resold cameras
/// apart.
public struct SummaryIncident: Sendable, Encodable {
    /// The exposures of one relation, certain and possible.
    public struct Relation: Sendable, Encodable {
        public var relation: String
        public var exposures: Int
        /// RFC 3339.
        public var first: String
        public var last: String
    }

    /// `cause`, `strangers` or `all`: whose times these are.
    public var basis: String
    /// RFC 3339; nil if there is no exposure.
    public var first: String?
    public var last: String?
    /// The rollout that the cause names.
    public var rollout: String?
    /// When it began, if no rollout explains that.
    public var began: String?
    /// How many accounts more would have been reached until the logs end, of those that had not been, had it gone on at its rate; nil without a cause.
    public var expectedAfterLast: Int?
    /// Whether that is enough to say that it is over.
    public var isOver: Bool?
    public var byRelation: [Relation]

    enum CodingKeys: String, CodingKey {
        case basis, first, last, rollout, began
        case expectedAfterLast = "expected_accounts_after_last"
        case isOver = "is_over"
        case byRelation = "by_relation"
    }

    init(_ db: Database) throws {
        let window = try Window(db)
        basis =
            switch window.basis {
            case .cause: "cause"
            case .strangers: "strangers"
            case .all: "all"
            }
        (first, last, began) = (window.first?.rfc3339, window.last?.rfc3339, window.began?.rfc3339)
        (rollout, expectedAfterLast) = (window.rollout, window.expectedAfter)
        isOver = window.isOver
        byRelation = try Row.fetchAll(
            db,
            sql: """
                SELECT e.relation, count(*), min(d.ts), max(d.ts)
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 GROUP BY e.relation ORDER BY e.relation
                """
        ).map {
            Relation(
                relation: try $0.decode(atIndex: 0), exposures: try $0.decode(atIndex: 1),
                first: try $0.decode(Int64.self, atIndex: 2).rfc3339,
                last: try $0.decode(Int64.self, atIndex: 3).rfc3339)
        }
    }
}
