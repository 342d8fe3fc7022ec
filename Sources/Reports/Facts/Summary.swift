public import Casefile
import GRDB
import LogRecords

/// The counts of a case: what `summary.json` and `summary.csv` hold and the terminal shows.
public struct Summary: Sendable {
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
    /// `since` and `until` in words; nil if all deliveries count.
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
    /// Possible exposures of a frame that may be of an owner whom no line names.
    public var exposuresUnnamedOwner = 0
    /// What the logs do not tell.
    public var missing = Missing()
    /// Owners of at least one certain exposure that can have no other owner.
    public var exposedAccountsCertain = 0
    /// Further accounts that may be the owner of an exposure.
    public var exposedAccountsPossible = 0
    public var receivingAccountsCertain = 0
    public var receivingAccountsPossible = 0
    /// The most accounts that may be exposed, or have received: if every delivery that is not resolved is an exposure to an account that
    /// no other one names, and every frame that may be of an owner whom no line names is another one's.
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
}
