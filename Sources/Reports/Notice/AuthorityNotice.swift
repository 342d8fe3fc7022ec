import GRDB
import LogRecords

/// The facts that Article 33(3) asks for, as far as the logs tell them; the template leaves the rest to fill in.
struct AuthorityNotice {
    /// Something counted between two bounds.
    struct Bounds {
        let noun: String
        let least: String
        let greatest: String
    }

    struct Phase {
        let rollout: String
        let from: String
        let accountsLeast: String
        let accountsMost: String
        let recordsLeast: String
        let recordsMost: String
    }

    struct Moment {
        let name: String
        let when: String
        let basis: String
    }

    /// What part of the logs' time was counted; nil if it was all of it.
    let countedTime: String?
    let headline: String
    let verdict: String
    let cause: String
    let counts: [Bounds]
    let kinds: [Bounds]
    let relations: [Bounds]
    let phases: [Phase]
    let moments: [Moment]
    let untouched: [String]
    let missing: [String]
    /// Whom to ask; nil: not stated.
    let controller: String?
    /// When the controller became aware, with the end of the 72 hours.
    let aware: String

    init(_ summary: Summary, _ facts: IncidentFacts, _ db: Database, _ names: ShownNames) throws {
        let answer = try Answer(summary, db, names)
        countedTime = summary.countedTime
        controller = facts.controller.map(ShownNames.visible)
        aware =
            facts.aware.map { aware in
                Wording.time(aware) + (facts.deadline.map { "; 72 hours end on \(Wording.time($0))" } ?? "")
            } ?? Self.blank
        headline = answer.headline
        verdict = answer.verdict + ". " + answer.verdictReason
        cause = answer.cause
        untouched = answer.untouched
        missing = answer.missing
        func bounds(_ noun: String, _ certain: Int, _ possible: Int) -> Bounds {
            Bounds(noun: noun, least: Wording.number(certain), greatest: Wording.number(certain + possible))
        }
        counts =
            [
                bounds(
                    "data subjects: accounts whose frames were seen", summary.exposedAccountsCertain,
                    summary.exposedAccountsPossible)
            ]
            + (summary.exposedAccountsAtMost == summary.exposedAccountsCertain + summary.exposedAccountsPossible
                ? []
                : [
                    bounds(
                        "data subjects, if every frame whose owner is not known were of another account",
                        summary.exposedAccountsCertain, summary.exposedAccountsAtMost - summary.exposedAccountsCertain)
                ])
            + [
                bounds("records: deliveries of such a frame", summary.exposuresCertain, summary.exposuresPossible)
            ]
            + (summary.deliveriesUnresolved == 0
                ? []
                : [
                    bounds(
                        "records, if all that is not resolved were such", summary.exposuresCertain,
                        summary.exposuresAtMost - summary.exposuresCertain)
                ])
            + [
                bounds(
                    "recipients: accounts that received them", summary.receivingAccountsCertain,
                    summary.receivingAccountsPossible),
                bounds("accounts at risk, exposed or not", summary.affectedAccounts, 0),
                bounds("thumbnails that a recipient opened in full", summary.opened, 0),
            ]
        func grouped(_ column: String) throws -> [Bounds] {
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(column) AS noun, sum(e.certainty = 'certain'), sum(e.certainty = 'possible')
                    FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery JOIN circumstance x ON x.id = d.circumstance
                        LEFT JOIN name n ON n.id = x.kind
                    WHERE e.is_redisplay = 0 GROUP BY noun ORDER BY count(*) DESC, noun
                    """
            ).map {
                bounds(
                    ShownNames.visible(try $0.decode(atIndex: 0) ?? "not named in the logs"), try $0.decode(atIndex: 1),
                    try $0.decode(atIndex: 2))
            }
        }
        kinds = try grouped("n.text")
        relations = try grouped("e.relation")
        phases = try Self.phases(db, names)
        moments = try Self.moments(answer.window, facts, db, names)
    }

    /// By the rollout in force at delivery, in order of its first exposure.
    private static func phases(_ db: Database, _ names: ShownNames) throws -> [Phase] {
        try Row.fetchAll(
            db,
            sql: """
                WITH one AS (
                    SELECT e.rollout_at_delivery AS rollout, e.delivery, e.certainty, e.owners, e.unnamed_owner, c.owner, d.ts
                    FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                        LEFT JOIN candidate c ON c.delivery = e.delivery
                    WHERE e.is_redisplay = 0)
                SELECT rollout, min(ts), count(DISTINCT iif(certainty = 'certain' AND owners = 1, owner, NULL)),
                    count(DISTINCT owner) + count(DISTINCT iif(unnamed_owner = 1, delivery, NULL)),
                    count(DISTINCT iif(certainty = 'certain', delivery, NULL)), count(DISTINCT delivery)
                FROM one LEFT JOIN name n ON n.id = rollout GROUP BY rollout ORDER BY min(ts), n.text
                """
        ).map { row in
            Phase(
                rollout: try names.text(row.decode(atIndex: 0)) ?? "none known",
                from: Wording.time(try row.decode(atIndex: 1)),
                accountsLeast: Wording.number(try row.decode(atIndex: 2)),
                accountsMost: Wording.number(try row.decode(atIndex: 3)),
                recordsLeast: Wording.number(try row.decode(atIndex: 4)),
                recordsMost: Wording.number(try row.decode(atIndex: 5)))
        }
    }

    private static let blank = "\\_\\_\\_\\_"

    /// When it was contained: as was stated, or else the rollout that may have done it.
    private static func contained(_ facts: IncidentFacts, last: Int64, _ after: RolloutMark?) -> Moment {
        let rollout = after.map { "rollout \($0.name)\($0.place)\($0.remark), the first one after the last exposure" }
        guard let stated = facts.contained else {
            return Moment(
                name: "Contained", when: after.map { Wording.time($0.stamp) } ?? blank,
                basis: rollout.map { $0 + "; confirm" } ?? "no rollout after the last exposure is known")
        }
        return Moment(
            name: "Contained", when: Wording.time(stated),
            basis: stated < last
                ? "stated; THE LAST EXPOSURE IS LATER, check it"
                : "stated" + (rollout.map { "; \($0), on \(Wording.time(after?.stamp ?? 0))" } ?? ""))
    }

    private static func moments(
        _ window: Window, _ facts: IncidentFacts, _ db: Database, _ names: ShownNames
    ) throws -> [Moment] {
        guard let first = window.first, let last = window.last else { return [] }
        return [
            try deployed(window, before: first, db, names),
            Moment(
                name: "First exposure", when: Wording.time(first),
                basis: (window.isCertain ? "the first certain one" : "possible; none is certain") + ", "
                    + window.basis.words),
        ] + widest(window, first, last) + [
            Moment(
                name: "Detected", when: facts.detected.map(Wording.time) ?? blank,
                basis: facts.detected.map { $0 < first ? "stated; BEFORE THE FIRST EXPOSURE, check it" : "stated" }
                    ?? "not in the logs"),
            Moment(
                name: "Last exposure", when: Wording.time(last),
                basis: window.logs.map {
                    "the logs go on until \(Wording.time($0.upperBound))" + (window.ending.map { "; \($0)" } ?? "")
                } ?? ""),
        ]
            + window.apart.map {
                Moment(
                    name: $0.name, when: "\(Wording.time($0.first)) to \(Wording.time($0.last))",
                    basis: "\(Wording.count($0.exposures, "exposure")) apart from the incident (\($0.relation))")
            }
            + (try Suspension.all(db, names)).filter { $0.from >= first }.map {
                Moment(
                    name: "Suspended", when: Wording.time($0.from),
                    basis: "the last frame for client \($0.client), which went on asking")
            } + [contained(facts, last: last, try RolloutMark.first(after: last, db, names)), try purged(db)]
    }

    /// The rollout that the cause names, or else the last one before the first exposure to strangers.
    private static func deployed(
        _ window: Window, before first: Int64, _ db: Database, _ names: ShownNames
    ) throws -> Moment {
        let named = try window.rollout.flatMap { try RolloutMark.first(named: $0, db, names) }
        let latest = try window.basis == .strangers ? RolloutMark.last(before: first, db, names) : nil
        return Moment(
            name: "Deployed", when: (named ?? latest).map { Wording.time($0.stamp) } ?? blank,
            basis: named.map { "rollout \($0.name)\($0.place)\($0.remark), which the cause names" }
                ?? latest.map {
                    "rollout \($0.name)\($0.place)\($0.remark), the last one before the first exposure; nothing ties it to them"
                }
                ?? window.began.map {
                    "no rollout explains it; the path was clean for long until \(Wording.time($0))"
                } ?? "no rollout is part of the cause")
    }

    /// The window with the possible exposures, where that is wider than the certain ones'.
    private static func widest(_ window: Window, _ first: Int64, _ last: Int64) -> [Moment] {
        guard window.isCertain, let (from, until) = window.possible, from < first || until > last else { return [] }
        return [
            Moment(
                name: "Widest window", when: "\(Wording.time(from)) to \(Wording.time(until))",
                basis: "with the possible exposures")
        ]
    }

    private static func purged(_ db: Database) throws -> Moment {
        let purges = try PurgedKeys(db)
        let isDone = purges.map { $0.purged == $0.keys } ?? false
        return Moment(
            name: "Purged", when: isDone ? purges?.last.map(Wording.time) ?? blank : blank,
            basis: purges.map {
                "keys with an exposure that were purged after their last one: \($0.words); confirm that none is left"
            }
                ?? "no exposure's line names a key")
    }
}
