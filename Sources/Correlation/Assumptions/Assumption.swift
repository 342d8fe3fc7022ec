/// Something that the counts rest on and that a dump need not bear out.
public enum Assumption: String, Sendable, CaseIterable {
    /// The cache's key is no coarser than the logged one: no hit is on a frame stored under another logged key.
    case loggedKeyNotFiner = "logged_key_not_finer"
    /// The logs of all caches that asked the origin are in the dump.
    case allNodesLogged = "all_nodes_logged"
    /// Nothing that caches stands between the logged caches and the origin whose log tells what it sent.
    case originAskedDirectly = "origin_asked_directly"
    /// Under one logged key there is one entry: no variants (RFC 9111 section 4.1), no slices, no second cache.
    case oneEntryPerKey = "one_entry_per_key"
    /// A log that names no node is one cache's.
    case oneCachePerLog = "one_cache_per_log"
    /// An entry ends by another fill, its age, or a line that says so.
    case entriesLeaveInWriting = "entries_leave_in_writing"
    /// The headers that a line names are the body's.
    case headersAreTheBodys = "headers_are_the_bodys"
    /// An origin's 304 names the stored frame.
    case validatorNamesEntry = "validator_names_entry"
    /// Every fetch has its line in the log that tells fills.
    case fillLogWhole = "fill_log_whole"
    /// Where no log tells fills, each has a MISS among the answers, of the frame that its line names or of the requested camera.
    case missesAreFills = "misses_are_fills"
    /// Each answer has one line.
    case answersLoggedOnce = "answers_logged_once"
    /// It is known when each answer began.
    case durationsKnown = "durations_known"
    /// It is known what the cache said of each answer.
    case verdictsKnown = "verdicts_known"
    /// The requesters are accounts of the table, the cameras are in theirs.
    case accountsKnown = "accounts_known"
    /// A session is used by the account that it was given to.
    case sessionsKept = "sessions_kept"
    /// No two rows of the tables contradict each other.
    case tablesAgree = "tables_agree"
    /// It is known who was granted what.
    case rightsKnown = "rights_known"
    /// It is known by how much the clocks differ.
    case clocksTied = "clocks_tied"

    /// What is assumed, a sentence.
    public var statement: String {
        switch self {
        case .loggedKeyNotFiner: "The cache's own key is no coarser than the key in the log."
        case .allNodesLogged: "The dump has the logs of all caches that asked the origin."
        case .originAskedDirectly: "No cache without a log stands between the logged ones and the origin."
        case .oneEntryPerKey: "Each cache holds one entry per logged key."
        case .oneCachePerLog: "A log that names no node was written by one cache."
        case .entriesLeaveInWriting: "A cache entry ends by a new fill, by its age, or by a line in the log."
        case .headersAreTheBodys: "The frame and owner on a line belong to the body that was sent."
        case .validatorNamesEntry: "A 304 from the origin names the frame that the cache holds."
        case .fillLogWhole: "Every frame that was fetched has a line in the log that records fills."
        case .missesAreFills: "Where no log records fills, each answer MISS is the fill of its key."
        case .answersLoggedOnce: "Each answer stands in the logs once."
        case .durationsKnown: "The logs tell when each answer began."
        case .verdictsKnown: "The logs tell whether each answer came from the cache."
        case .accountsKnown: "Requesters and cameras are spelled as in the tables."
        case .sessionsKept: "Requests in an account's name are its own."
        case .tablesAgree: "The tables contradict neither themselves nor each other."
        case .rightsKnown: "The tables tell who was granted access to which camera, and when."
        case .clocksTied: "The difference between any two clocks is known."
        }
    }

    /// How the dump answers.
    public enum Status: String, Sendable {
        /// Nothing in the dump speaks against it, and it could have.
        case held
        /// The dump shows that it does not hold: what rests on it has lost its certainty.
        case contradicted
        /// The dump cannot tell: the counts rest on it all the same.
        case untestable
        /// Nothing in the counts rests on it.
        case unused
        /// The operator stated it.
        case stated
    }
}

/// What a dump answers about one assumption.
public struct LedgerEntry: Sendable, Equatable {
    public var assumption: Assumption
    public var status: Assumption.Status
    /// How many lines, keys or names were asked.
    public var checked: Int
    /// How many of them speak against it.
    public var against: Int
    /// The answer, a sentence with its figures.
    public var detail: String

    public init(
        _ assumption: Assumption, _ status: Assumption.Status, checked: Int = 0, against: Int = 0, _ detail: String
    ) {
        self.assumption = assumption
        self.status = status
        self.checked = checked
        self.against = against
        self.detail = detail
    }
}
