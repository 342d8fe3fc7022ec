public import Casefile
import Foundation
import GRDB
import LogRecords

/// The counts of a case: what `summary.json` and `summary.csv` hold and the terminal shows.
public struct Summary: Sendable, Encodable {
    /// A rollout, and the exposures delivered while it was in force.
    public struct RolloutCount: Sendable, Encodable {
        public var name: String
        /// When it reached its first node, RFC 3339.
        public var from: String
        public var exposuresCertain: Int
        public var exposuresPossible: Int
        /// Deliveries while it was in force; nil if none of them is known.
        public var deliveries: Int?
        /// Of `exposuresCertain` among them against the stretch before, Fisher's exact test of accounts, two-sided.
        public var pValue: Double?
        /// What the table of rollouts says of it.
        public var note: String?

        enum CodingKeys: String, CodingKey {
            case name, from, deliveries, note
            case pValue = "p_value"
            case exposuresCertain = "exposures_certain"
            case exposuresPossible = "exposures_possible"
        }
    }

    /// A clock of the dump, by how much it is ahead of the reference, and how far that may be wrong.
    public struct Clock: Sendable, Encodable {
        public var name: String?
        public var basis: String
        public var offsetLowest: Int
        public var offsetHighest: Int
        public var bound: Int
        public var samples: Int
        public var rejected: Int

        enum CodingKeys: String, CodingKey {
            case name, basis, samples, rejected
            case offsetLowest = "offset_low_us"
            case offsetHighest = "offset_high_us"
            case bound = "bound_us"
        }
    }

    /// A change of the rate of certain exposures on a node, or on all of them, found from the counts alone.
    public struct Change: Sendable, Encodable {
        /// `node`, or `all nodes` together.
        public var scope: String
        public var node: String?
        /// `step`: the new rate lasts; `burst`: it falls again soon.
        public var kind: String
        /// It lies between these two, RFC 3339.
        public var from: String
        public var until: String
        /// When a burst was over.
        public var end: String?
        public var beforeRate: Double
        public var afterRate: Double

        enum CodingKeys: String, CodingKey {
            case scope, node, kind, from, until, end
            case beforeRate = "before_rate"
            case afterRate = "after_rate"
        }
    }

    /// A scope beside the chosen one, and how many accounts it holds.
    public struct Neighbour: Sendable, Encodable {
        /// What makes it differ: `without client`, `with network=poor`, `whole dump`; `scope`: it is the chosen one.
        public var change: String
        /// As `--scope` states it; nil: the whole dump.
        public var scope: String?
        public var affectedAccounts: Int

        enum CodingKeys: String, CodingKey {
            case change, scope
            case affectedAccounts = "affected_accounts"
        }
    }

    /// When the incident was.
    public var incident: SummaryIncident?
    /// What left the key; nil where no exposure has one, or other machines judged.
    public var keyChange: String?
    /// What explains exposures that the cause does not, a sentence; nil if nothing does.
    public var secondCause: String?
    /// When most exposures happened if no condition explains them, a sentence; nil if there is none.
    public var burst: String?
    /// The account that received nearly all, a sentence without its name; nil if there is none.
    public var oneReceiver: String?
    /// Deliveries count from then on, and before then, RFC 3339; nil: all do.
    public var since: String?
    public var until: String?
    /// The same in words; nil if all deliveries count.
    var countedTime: String? {
        since == nil && until == nil
            ? nil : "deliveries from \(since ?? "the beginning") until \(until ?? "the end")"
    }
    /// Logs that tell of the same answers, and how many lines count by another line for that.
    public var sameAnswerLogs: [LogPair] = []
    public var sameAnswers = 0
    /// Sessions that changed hands.
    public var identityCrossings = 0
    /// Deliveries that carried a frame.
    public var deliveries = 0
    public var exposuresCertain = 0
    public var exposuresPossible = 0
    public var deliveriesUnresolved = 0
    /// If every delivery that is not clear were one: nothing in the dump allows more.
    public var exposuresAtMost: Int { exposuresCertain + exposuresPossible + deliveriesUnresolved }
    /// What the logs do not tell.
    public var missing = Missing()
    /// Owners of at least one certain exposure that can have no other owner.
    public var exposedAccountsCertain = 0
    /// Further accounts that may be the owner of an exposure.
    public var exposedAccountsPossible = 0
    public var receivingAccountsCertain = 0
    public var receivingAccountsPossible = 0
    /// The most accounts that may be exposed, or have received, if every delivery that is not clear is an exposure to an
    /// account that no other one names.
    public var exposedAccountsAtMost = 0
    public var receivingAccountsAtMost = 0
    /// What the counts rest on.
    public var assumptions: [AssumptionAnswer] = []
    /// Whether the dump contradicts an assumption, or does not tell who was granted what: no count is exact then.
    public var areAssumptionsShaken = false
    /// Accounts with a delivery inside the scope.
    public var affectedAccounts = 0
    /// Of the certain exposures: the record's time stamp, RFC 3339 UTC.
    public var firstExposure: String?
    public var lastExposure: String?
    /// 304 answers that certainly showed again a frame that the account had no right to.
    public var redisplays = 0
    /// Certain and possible exposures by relation.
    public var exposuresByRelation: [String: Int] = [:]
    /// The same, certain and possible apart, in order of name; not in `summary.json`.
    public var relations: [(name: String, certain: Int, possible: Int)] = []
    /// Exposures whose thumbnail the receiving account opened.
    public var opened = 0
    public var sources = 0
    public var lines = 0
    public var rejectedLines = 0
    public var unrecognizedFiles = 0
    public var damagedFiles = 0
    /// The profiles that files were read by, each with their number: shipped ones, and those that were given.
    public var formats: [String: Int] = [:]
    /// The largest difference that two clocks of the dump may have after correction.
    public var skewMicroseconds = 0
    public var clocks: [Clock] = []
    public var changes: [Change] = []
    /// Requests that fetched from an origin whose log has no line of it: lines are missing.
    public var fetchesWithoutFill = 0
    /// As `--scope` states it; nil: the whole dump.
    public var scope: String?
    /// Where the scope comes from, a sentence.
    public var scopeBasis = ""
    /// The scope and its neighbours.
    public var scopes: [Neighbour] = []
    /// What explains the exposures, a sentence; nil: nothing does, or there are none.
    public var cause: String?
    /// Keys of a node under which frames of several owners were filled.
    public var keyCollisions = 0
    public var rollouts: [RolloutCount] = []

    /// Counts the case.
    ///
    /// - Throws: `CaseFileError.notCorrelated` if no correlation has judged all that is in it.
    public init(of caseFile: CaseFile) throws {
        self = try caseFile.read { db in
            try caseFile.requireCorrelated(db)
            return try Summary(db)
        }
    }

    private init(_ db: Database) throws {
        func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
        func figure(_ what: String) throws -> String? {
            try String.fetchOne(db, sql: "SELECT value FROM correlation WHERE what = ?", arguments: [what])
        }
        deliveries = try figure("deliveries").flatMap { Int($0) } ?? 0
        skewMicroseconds = try figure("skew_us").flatMap { Int($0) } ?? 0
        since = try figure("since")
        until = try figure("until")
        scope = try figure("scope")
        scopeBasis = try figure("scope_basis") ?? ""
        cause = try figure("cause")
        incident = try SummaryIncident(db)
        keyChange = try figure("key_change")
        oneReceiver = try figure("one_receiver")
        burst = try figure("burst")
        secondCause = try figure("second_cause")
        keyCollisions = try count("SELECT count(*) FROM collision")
        scopes = try Row.fetchAll(db, sql: "SELECT change, scope, affected_accounts FROM scopes ORDER BY place").map {
            Neighbour(
                change: try $0.decode(atIndex: 0), scope: try $0.decode(atIndex: 1),
                affectedAccounts: try $0.decode(atIndex: 2))
        }
        exposuresCertain = try count("SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND certainty = 'certain'")
        exposuresPossible = try count("SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND certainty = 'possible'")
        deliveriesUnresolved = try count("SELECT count(*) FROM unresolved")
        missing = try Missing(db)
        let certainOwners = """
            SELECT c.owner FROM candidate c JOIN exposure e ON e.delivery = c.delivery
            WHERE e.is_redisplay = 0 AND e.certainty = 'certain' AND e.owners = 1
            """
        exposedAccountsCertain = try count("SELECT count(DISTINCT owner) FROM (\(certainOwners))")
        exposedAccountsPossible = try count(
            """
            SELECT count(*) FROM (SELECT c.owner FROM candidate c JOIN exposure e ON e.delivery = c.delivery
                WHERE e.is_redisplay = 0 EXCEPT \(certainOwners))
            """)
        // In one pass, for the deliveries lie all over the case. No exposure lacks its requester.
        let received = try Row.fetchOne(
            db,
            sql: """
                SELECT count(DISTINCT d.requester) FILTER (WHERE e.certainty = 'certain'), count(DISTINCT d.requester),
                    min(d.ts) FILTER (WHERE e.certainty = 'certain'), max(d.ts) FILTER (WHERE e.certainty = 'certain')
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery WHERE e.is_redisplay = 0
                """)
        receivingAccountsCertain = try received?.decode(Int.self, atIndex: 0) ?? 0
        receivingAccountsPossible = try (received?.decode(Int.self, atIndex: 1) ?? 0) - receivingAccountsCertain
        try boundAccounts(db)
        areAssumptionsShaken = try figure("assumptions_shaken") != nil
        assumptions = try Row.fetchAll(
            db, sql: "SELECT assumption, status, checked, against, detail, statement FROM assumptions ORDER BY place"
        ).map {
            AssumptionAnswer(
                assumption: try $0.decode(atIndex: 0), status: try $0.decode(atIndex: 1),
                checked: try $0.decode(atIndex: 2), against: try $0.decode(atIndex: 3),
                detail: try $0.decode(atIndex: 4), statement: try $0.decode(atIndex: 5))
        }
        identityCrossings = try count("SELECT count(*) FROM identity_crossing")
        sameAnswers = try count("SELECT count(*) FROM same_answer")
        sameAnswerLogs = try Row.fetchAll(
            db, sql: "SELECT log, other, share, by_chance FROM log_pairs WHERE is_same = 1 ORDER BY place"
        ).map {
            LogPair(
                log: try $0.decode(atIndex: 0), other: try $0.decode(atIndex: 1), share: try $0.decode(atIndex: 2),
                byChance: try $0.decode(atIndex: 3))
        }
        firstExposure = try received?.decode(Int64?.self, atIndex: 2)?.rfc3339
        lastExposure = try received?.decode(Int64?.self, atIndex: 3)?.rfc3339
        affectedAccounts = try count("SELECT count(*) FROM affected")
        redisplays = try count("SELECT count(*) FROM exposure WHERE is_redisplay = 1 AND certainty = 'certain'")
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT relation, sum(certainty = 'certain'), sum(certainty = 'possible') FROM exposure
                WHERE is_redisplay = 0 GROUP BY relation ORDER BY relation
                """)
        {
            let relation: (name: String, certain: Int, possible: Int) = (
                try row.decode(atIndex: 0), try row.decode(atIndex: 1), try row.decode(atIndex: 2)
            )
            relations.append(relation)
            exposuresByRelation[relation.name] = relation.certain + relation.possible
        }
        opened = try count("SELECT count(*) FROM exposure WHERE is_redisplay = 0 AND opened = 1")
        sources = try count("SELECT count(*) FROM source WHERE state IN ('complete', 'damaged')")
        lines = try count("SELECT sum(lines) FROM source WHERE state IN ('complete', 'damaged')")
        rejectedLines = try count("SELECT sum(rejected) FROM source WHERE state IN ('complete', 'damaged')")
        unrecognizedFiles = try count("SELECT count(*) FROM source WHERE state = 'unrecognized'")
        for row in try Row.fetchAll(
            db, sql: "SELECT profile, count(*) FROM source WHERE state IN ('complete', 'damaged') GROUP BY profile")
        {
            formats[try row.decode(String?.self, atIndex: 0) ?? ""] = try row.decode(atIndex: 1)
        }
        // What another file has of a damaged one is all that could be read of it, and not all that it held.
        damagedFiles = try count(
            """
            SELECT count(*) FROM source WHERE state IN ('damaged', 'unreadable')
                OR state = 'duplicate' AND label IS NOT NULL AND reason IS NOT NULL
            """)
        fetchesWithoutFill = try figure("fetches_without_fill").flatMap { Int($0) } ?? 0
        rollouts = try Self.rollouts(db)
        clocks = try Row.fetchAll(
            db,
            sql: "SELECT clock, basis, lowest_us, highest_us, bound_us, samples, rejected FROM clocks ORDER BY clock"
        ).map { row in
            Clock(
                name: try row.decode(atIndex: 0), basis: try row.decode(atIndex: 1),
                offsetLowest: try row.decode(atIndex: 2), offsetHighest: try row.decode(atIndex: 3),
                bound: try row.decode(atIndex: 4),
                samples: try row.decode(atIndex: 5), rejected: try row.decode(atIndex: 6))
        }
        changes = try Row.fetchAll(
            db,
            sql: """
                SELECT node, from_time, until_time, before_rate, after_rate, kind, end_time,
                    iif(is_total, 'all nodes', 'node') FROM change_points
                ORDER BY from_ts, is_total, node
                """
        ).map {
            Change(
                scope: try $0.decode(atIndex: 7), node: try $0.decode(atIndex: 0), kind: try $0.decode(atIndex: 5),
                from: try $0.decode(atIndex: 1),
                until: try $0.decode(atIndex: 2), end: try $0.decode(atIndex: 6), beforeRate: try $0.decode(atIndex: 3),
                afterRate: try $0.decode(atIndex: 4))
        }
    }

    /// Counts the unresolved deliveries into the bounds of accounts: each may expose one more owner, and reach a requester who received nothing else.
    private mutating func boundAccounts(_ db: Database) throws {
        let known = exposedAccountsCertain + exposedAccountsPossible
        (exposedAccountsAtMost, receivingAccountsAtMost) = (known, receivingAccountsCertain + receivingAccountsPossible)
        guard deliveriesUnresolved > 0 else { return }
        exposedAccountsAtMost += deliveriesUnresolved
        let others = try Row.fetchOne(
            db,
            sql: """
                SELECT count(DISTINCT d.requester), sum(d.requester IS NULL) FROM unresolved u JOIN delivery d ON d.id = u.delivery
                WHERE d.requester IS NULL OR d.requester NOT IN (SELECT x.requester FROM exposure e
                    CROSS JOIN delivery x ON x.id = e.delivery WHERE e.is_redisplay = 0)
                """)
        if let others {
            receivingAccountsAtMost +=
                try others.decode(Int.self, atIndex: 0) + (others.decode(Int?.self, atIndex: 1) ?? 0)
        }
    }

    private static func rollouts(_ db: Database) throws -> [RolloutCount] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT n.text, min(r.ts) AS ts, ifnull(x.certain, 0), ifnull(x.possible, 0), t.deliveries, t.p_value,
                    group_concat(r.note, '; ')
                FROM (SELECT q.name, min(q.ts) AS ts, m.text AS note FROM rollout q
                        JOIN source s ON s.id = q.id >> 36 AND s.state IN ('complete', 'damaged')
                        LEFT JOIN name m ON m.id = q.note GROUP BY q.name, m.text ORDER BY q.name, m.text) r
                    JOIN name n ON n.id = r.name
                    LEFT JOIN (SELECT rollout_at_delivery AS name, sum(certainty = 'certain') AS certain,
                        sum(certainty = 'possible') AS possible FROM exposure WHERE is_redisplay = 0 GROUP BY 1) x
                    ON x.name = r.name
                    LEFT JOIN rollout_rate t ON t.is_total = 1 AND t.rollout = r.name
                GROUP BY r.name ORDER BY ts, n.text
                """
        ).map { row in
            RolloutCount(
                name: try row.decode(atIndex: 0), from: (try row.decode(Int64.self, atIndex: 1)).rfc3339,
                exposuresCertain: try row.decode(atIndex: 2), exposuresPossible: try row.decode(atIndex: 3),
                deliveries: try row.decode(atIndex: 4), pValue: try row.decode(atIndex: 5),
                note: try row.decode(atIndex: 6))
        }
    }

    private enum CodingKeys: String, CodingKey {
        case deliveries
        case exposuresCertain = "exposures_certain"
        case exposuresPossible = "exposures_possible"
        case deliveriesUnresolved = "deliveries_unresolved"
        case exposuresAtMost = "exposures_at_most"
        case missing
        case exposedAccountsCertain = "exposed_accounts_certain"
        case exposedAccountsPossible = "exposed_accounts_possible"
        case receivingAccountsCertain = "receiving_accounts_certain"
        case receivingAccountsPossible = "receiving_accounts_possible"
        case exposedAccountsAtMost = "exposed_accounts_at_most"
        case receivingAccountsAtMost = "receiving_accounts_at_most"
        case assumptions
        case affectedAccounts = "affected_accounts"
        case firstExposure = "first_exposure"
        case lastExposure = "last_exposure"
        case redisplays
        case exposuresByRelation = "exposures_by_relation"
        case opened, sources, lines
        case since, until
        case identityCrossings = "identity_crossings"
        case incident
        case keyChange = "key_change"
        case oneReceiver = "one_receiver"
        case burst
        case secondCause = "second_cause"
        case sameAnswers = "same_answers"
        case sameAnswerLogs = "same_answer_logs"
        case rejectedLines = "rejected_lines"
        case unrecognizedFiles = "unrecognized_files"
        case damagedFiles = "damaged_files"
        case formats
        case skewMicroseconds = "skew_us"
        case scope
        case scopeBasis = "scope_basis"
        case scopes, cause
        case keyCollisions = "key_collisions"
        case rollouts, clocks
        case changes = "change_points"
        case fetchesWithoutFill = "fetches_without_fill"
    }

    /// The counts in the order of the report, as name and value; an absent value is nil.
    public var rows: [(name: String, value: String?)] {
        func row(_ key: CodingKeys, _ value: Int) -> (String, String?) { (key.rawValue, String(value)) }
        return [
            row(.deliveries, deliveries), row(.exposuresCertain, exposuresCertain),
            row(.exposuresPossible, exposuresPossible), row(.deliveriesUnresolved, deliveriesUnresolved),
            row(.exposuresAtMost, exposuresAtMost), row(.exposedAccountsCertain, exposedAccountsCertain),
            row(.exposedAccountsPossible, exposedAccountsPossible),
            row(.exposedAccountsAtMost, exposedAccountsAtMost),
            row(.receivingAccountsCertain, receivingAccountsCertain),
            row(.receivingAccountsPossible, receivingAccountsPossible),
            row(.receivingAccountsAtMost, receivingAccountsAtMost), row(.affectedAccounts, affectedAccounts),
            (CodingKeys.firstExposure.rawValue, firstExposure), (CodingKeys.lastExposure.rawValue, lastExposure),
            row(.redisplays, redisplays),
        ]
            + exposuresByRelation.sorted { $0.key < $1.key }.map {
                ("exposures_by_relation.\($0.key)", String($0.value))
            }
            + [
                row(.opened, opened), row(.sources, sources), row(.lines, lines), row(.rejectedLines, rejectedLines),
                (CodingKeys.since.rawValue, since), (CodingKeys.until.rawValue, until), row(.sameAnswers, sameAnswers),
                row(.identityCrossings, identityCrossings),
                row(.unrecognizedFiles, unrecognizedFiles), row(.damagedFiles, damagedFiles),
                row(.fetchesWithoutFill, fetchesWithoutFill),
                row(.skewMicroseconds, skewMicroseconds), (CodingKeys.scope.rawValue, scope),
                (CodingKeys.scopeBasis.rawValue, scopeBasis), (CodingKeys.cause.rawValue, cause),
                row(.keyCollisions, keyCollisions), (CodingKeys.keyChange.rawValue, keyChange),
                (CodingKeys.oneReceiver.rawValue, oneReceiver), (CodingKeys.burst.rawValue, burst),
                (CodingKeys.secondCause.rawValue, secondCause),
            ]
    }

    /// As `summary.json` holds it.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(deliveries, forKey: .deliveries)
        try container.encode(exposuresCertain, forKey: .exposuresCertain)
        try container.encode(exposuresPossible, forKey: .exposuresPossible)
        try container.encode(deliveriesUnresolved, forKey: .deliveriesUnresolved)
        try container.encode(exposuresAtMost, forKey: .exposuresAtMost)
        try container.encode(missing, forKey: .missing)
        try container.encode(exposedAccountsCertain, forKey: .exposedAccountsCertain)
        try container.encode(exposedAccountsPossible, forKey: .exposedAccountsPossible)
        try container.encode(receivingAccountsCertain, forKey: .receivingAccountsCertain)
        try container.encode(receivingAccountsPossible, forKey: .receivingAccountsPossible)
        try container.encode(exposedAccountsAtMost, forKey: .exposedAccountsAtMost)
        try container.encode(receivingAccountsAtMost, forKey: .receivingAccountsAtMost)
        try container.encode(assumptions, forKey: .assumptions)
        try container.encode(affectedAccounts, forKey: .affectedAccounts)
        // Written even when there is none: a reader must find the key, with null.
        try container.encode(firstExposure, forKey: .firstExposure)
        try container.encode(lastExposure, forKey: .lastExposure)
        try container.encode(redisplays, forKey: .redisplays)
        try container.encode(exposuresByRelation, forKey: .exposuresByRelation)
        try container.encode(opened, forKey: .opened)
        try container.encode(sources, forKey: .sources)
        try container.encode(lines, forKey: .lines)
        try container.encode(rejectedLines, forKey: .rejectedLines)
        try container.encode(unrecognizedFiles, forKey: .unrecognizedFiles)
        try container.encode(damagedFiles, forKey: .damagedFiles)
        try container.encode(formats, forKey: .formats)
        try container.encode(skewMicroseconds, forKey: .skewMicroseconds)
        try container.encode(scope, forKey: .scope)
        try container.encode(scopeBasis, forKey: .scopeBasis)
        try container.encode(scopes, forKey: .scopes)
        try container.encode(cause, forKey: .cause)
        try container.encode(keyCollisions, forKey: .keyCollisions)
        try container.encode(incident, forKey: .incident)
        try container.encode(keyChange, forKey: .keyChange)
        try container.encode(oneReceiver, forKey: .oneReceiver)
        try container.encode(burst, forKey: .burst)
        try container.encode(secondCause, forKey: .secondCause)
        try container.encode(rollouts, forKey: .rollouts)
        try container.encode(clocks, forKey: .clocks)
        try container.encode(changes, forKey: .changes)
        try container.encode(fetchesWithoutFill, forKey: .fetchesWithoutFill)
        try container.encode(since, forKey: .since)
        try container.encode(until, forKey: .until)
        try container.encode(identityCrossings, forKey: .identityCrossings)
        try container.encode(sameAnswers, forKey: .sameAnswers)
        try container.encode(sameAnswerLogs, forKey: .sameAnswerLogs)
    }
}
