import Foundation

/// The list of figures, each declared once: `summary.json`, `summary.csv`, the workbook and the manual's table all follow it.
extension Summary {
    /// One figure: the key that it has in every report, its value, and its meaning.
    ///
    /// ```
    /// {"redisplays": 4}                                                     summary.json
    /// redisplays,4                                                          summary.csv
    /// | `redisplays` | 304 answers that certainly showed … again |          Docs/Reports.md
    /// ```
    public struct Figure: Sendable {
        enum Value {
            /// One cell of `summary.csv`.
            case number(Int)
            case text(String?)
            /// As many rows as the object has members; each key is the figure's, a dot and the member's.
            case members([String: Int])
            /// Of `summary.json` alone.
            case nested(any Encodable)
        }

        public let key: String
        /// What the value is: its unit, and when it is null.
        public let meaning: String
        let value: @Sendable (Summary) -> Value

        init(_ key: String, _ meaning: String, _ value: @escaping @Sendable (Summary) -> Value) {
            (self.key, self.meaning, self.value) = (key, meaning, value)
        }
    }

    /// Every figure, in the order of `summary.csv`.
    public static let figures: [Figure] =
        exposureFigures + accountFigures + inputFigures + scopeFigures + tableFigures

    private static let exposureFigures = [
        Figure("deliveries", "deliveries that carried a frame (200, 206 with a body)") { .number($0.deliveries) },
        Figure(
            "exposures_certain", "exposures whose every candidate frame is one that the requester was not entitled to"
        ) { .number($0.exposuresCertain) },
        Figure("exposures_possible", "exposures some of whose candidate frames are") { .number($0.exposuresPossible) },
        Figure(
            "exposures_unnamed_owner",
            "those of them that may be of an owner whom no line names"
        ) { .number($0.exposuresUnnamedOwner) },
        Figure(
            "deliveries_unresolved",
            "deliveries whose frame is not known; `query unresolved-by-cause` says why"
        ) { .number($0.deliveriesUnresolved) },
        Figure(
            "exposures_at_most",
            "certain, possible and unresolved together: the count if every delivery whose frame is not known were an exposure. Nothing in the dump allows more; lost lines may (`missing`)"
        ) { .number($0.exposuresAtMost) },
    ]

    private static let accountFigures = [
        Figure("exposed_accounts_certain", "owners of at least one certain exposure that can have no other owner") {
            .number($0.exposedAccountsCertain)
        },
        Figure("exposed_accounts_possible", "further accounts that may be the owner of an exposure") {
            .number($0.exposedAccountsPossible)
        },
        Figure(
            "exposed_accounts_at_most",
            "certain and possible ones, and one more owner for each unresolved delivery and each exposure whose owner may be one that no line names"
        ) { .number($0.exposedAccountsAtMost) },
        Figure("receiving_accounts_certain", "requesters of at least one certain exposure") {
            .number($0.receivingAccountsCertain)
        },
        Figure("receiving_accounts_possible", "further requesters of a possible exposure") {
            .number($0.receivingAccountsPossible)
        },
        Figure(
            "receiving_accounts_at_most",
            "certain and possible ones, and the requesters of unresolved deliveries who received nothing else"
        ) { .number($0.receivingAccountsAtMost) },
        Figure("affected_accounts", "accounts with a delivery inside the scope") { .number($0.affectedAccounts) },
        Figure("first_exposure", "the time stamp of the first certain exposure, RFC 3339 UTC; null if there is none") {
            .text($0.firstExposure)
        },
        Figure("last_exposure", "the time stamp of the last certain exposure; null if there is none") {
            .text($0.lastExposure)
        },
        Figure("redisplays", "304 answers that certainly showed again a frame that the account had no right to") {
            .number($0.redisplays)
        },
        Figure(
            "exposures_by_relation",
            "certain and possible exposures by what the receiver is to the owner: stranger, former-grantee, former-owner, next-owner, unknown"
        ) { .members($0.exposuresByRelation) },
        Figure(
            "opened",
            "exposures whose thumbnail the receiver opened in full (still, clip or stream of the same camera) within ten minutes"
        ) { .number($0.opened) },
    ]

    private static let inputFigures = [
        Figure("sources", "files, or members of archives, whose lines count") { .number($0.sources) },
        Figure("lines", "their lines") { .number($0.lines) },
        Figure("rejected_lines", "those that could not be used; `rejects.csv` has them") { .number($0.rejectedLines) },
        Figure("since", "deliveries count from this time on (`--since`); null: from the beginning") { .text($0.since) },
        Figure("until", "deliveries count before this time (`--until`); null: to the end") { .text($0.until) },
        Figure("same_answers", "lines of answers that count by another log's line") { .number($0.sameAnswers) },
        Figure("identity_crossings", "sessions that changed hands; `identity_crossings.csv` has them") {
            .number($0.identityCrossings)
        },
        Figure("unrecognized_files", "files that no profile recognizes") { .number($0.unrecognizedFiles) },
        Figure("damaged_files", "files that could not be read to their end, or at all") { .number($0.damagedFiles) },
        Figure(
            "fetches_without_fill",
            "requests that fetched from an origin whose log lacks them: lines are missing, or a cache of a higher tier answered. More than one in two hundred widen the bounds, fewer leave them a little too narrow (Docs/Correlation.md, *Tiers*)"
        ) { .number($0.fetchesWithoutFill) },
        Figure("skew_us", "the largest difference that two clocks may have after correction, microseconds") {
            .number($0.skewMicroseconds)
        },
    ]

    private static let scopeFigures = [
        Figure("scope", "the scope, as `--scope` states it; null: the whole dump") { .text($0.scope) },
        Figure("scope_basis", "where the scope comes from, a sentence") { .text($0.scopeBasis) },
        Figure("cause", "what explains the exposures, a sentence; null: nothing does") { .text($0.cause) },
        Figure("key_collisions", "keys of a node that cameras of several owners filled between two purges") {
            .number($0.keyCollisions)
        },
        Figure(
            "key_change",
            "what left the key, a sentence, or that it was not asked because other machines judged; null: no exposure has a key, or names are pseudonyms"
        ) { .text($0.keyChange) },
        Figure(
            "one_receiver",
            "one account, or the accounts of one household, received nearly all exposures, a sentence; null: none did"
        ) { .text($0.oneReceiver) },
        Figure("burst", "when most exposures happened if no condition explains them, a sentence; null otherwise") {
            .text($0.burst)
        },
        Figure("second_cause", "what explains the exposures that the cause does not, a sentence; null: nothing does") {
            .text($0.secondCause)
        },
    ]

    private static let tableFigures = [
        Figure(
            "incident",
            "when it was: `first` and `last` of the exposures that the cause explains (`basis`: `cause`), or else of those to strangers; the `rollout` that the cause names, or when it `began`; how many accounts more, of those that had not been, would have been reached until the logs end had it gone on at its rate, and whether that time is long enough to say that it `is_over`; `by_relation`: first and last exposure of each"
        ) { .nested($0.incident) },
        Figure(
            "missing",
            "what the logs do not tell. `incomplete`: an ingest was interrupted and its case correlated all the same (`--incomplete`), so that files of the dump are in no count. `unresolved_by_cause`: unresolved deliveries by what is missing (no requester, no key, no fill known by then, the owner not known). `ignored_files`: files of which no line is a record to their profile. `unknown_verdicts`: words for a cache's verdict whose meaning no profile knows. `nodes_without_fills`: nodes that deliver and of which no fill is known, though other nodes' are; their MISSes stand for fills. `silences`: the longest stretches without a delivery or a fill of a node in which there should have been some, with how many and what tells that (`basis`: other days, other nodes, mean interval): deliveries in them are in no count, and a fill that was lost in one may be what a later delivery carried. `silences_total`: how many there are in all"
        ) { .nested($0.missing) },
        Figure(
            "assumptions",
            "what the counts rest on: `assumption`, `status`, `checked`, `against`, `detail`, `statement` (Docs/Assumptions.md)"
        ) { .nested($0.assumptions) },
        Figure("scopes", "the accounts of the scope and of those beside it") { .nested($0.scopes) },
        Figure(
            "same_answer_logs",
            "the pairs of logs (`log`, `other`) that tell of the same answers, with the share of lines that have a partner and the share that has one by chance (Docs/Correlation.md, *One answer in several logs*)"
        ) { .nested($0.sameAnswerLogs) },
        Figure(
            "formats",
            "the profiles that files were read by, each with their number; `sources.csv` says of a file whether its format was asked for by name"
        ) { .nested($0.formats) },
        Figure(
            "clocks", "each clock's offset to the reference, bound, basis and number of requests, microseconds"
        ) { .nested($0.clocks) },
        Figure(
            "rollouts",
            "each rollout's name, beginning, the exposures delivered under it, its deliveries, the p-value of its rate against the one before (by accounts), and what the table of rollouts says of it (`note`)"
        ) { .nested($0.rollouts) },
        Figure(
            "change_points",
            "each change of the rate on a node, or on all of them (`scope`): `step` or `burst`, between which times, a burst's end, and the rates before and after"
        ) { .nested($0.changes) },
    ]

    /// The rows of `summary.csv`: name and value, nil where the value is absent.
    public var rows: [(name: String, value: String?)] {
        Self.figures.flatMap { figure -> [(name: String, value: String?)] in
            switch figure.value(self) {
            case .number(let number): [(figure.key, String(number))]
            case .text(let text): [(figure.key, text)]
            case .members(let members):
                members.sorted { $0.key < $1.key }.map { ("\(figure.key).\($0.key)", String($0.value)) }
            case .nested: []
            }
        }
    }
}

extension Summary: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Encodes every figure, null where it is absent: a reader finds each key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for figure in Self.figures {
            let key = Key(stringValue: figure.key)
            switch figure.value(self) {
            case .number(let number): try container.encode(number, forKey: key)
            case .text(let text): try container.encode(text, forKey: key)
            case .members(let members): try container.encode(members, forKey: key)
            case .nested(let value): try container.encode(value, forKey: key)
            }
        }
    }

    /// The text of `summary.json`.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
