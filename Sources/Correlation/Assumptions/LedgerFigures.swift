import LogRecords

extension Ledger {
    /// What was seen in the dump.
    public struct Figures: Sendable {
        public var observations = Observations()
        /// Fresh hits in the later half of the dump that were looked up by key, and those whose key no fill names.
        public var hits = 0
        public var hitsWithoutFill = 0
        /// How many keys these have, if they are few.
        public var keysWithoutFill = 0
        /// Validators whose frame was sent under another key than theirs and never under theirs.
        public var foreignValidators = 0
        /// Misses in the later half of the dump without a line in the origin's log, under keys that it had not named by then.
        public var fetchesBeforeAnyFill = 0
        /// The origin's answers under keys that no line names, and those of them to a request that the logs have under another key.
        public var answersUnderOtherKeys: (asked: Int, found: Int) = (0, 0)
        /// Whether the origin answered nearly every request that fetched; nil: no log of an origin names whose requests it
        /// answered.
        public var isOriginDirect: Bool?
        /// Requests that fetched, and those of them without a line of their fill.
        public var fetches = 0
        public var lostFills = 0
        /// Requests that asked the origin under keys that no fill names, below a cache that delivers nothing and tells its fills.
        public var fetchesUnderUnfilledKeys = 0
        /// Whether there is such a cache.
        public var hasShield = false
        /// Lines that could not be used, and may have told a fill or a purge.
        public var unreadFillLines = 0
        /// Answers MISS that name no key, on nodes whose fills no log tells.
        public var fillsWithoutKey = 0
        /// Whether other machines have judged, of which none has seen what these ask of all keys.
        public var isOfJob = false
        /// Whether any log of the dump tells fills.
        public var tellsFills = false
        /// Answers that carried a frame.
        public var deliveries = 0
        /// Of them: without a verdict, and with a word that nobody maps, by word.
        public var withoutVerdict = 0
        public var unknownVerdicts: [String: Int] = [:]
        /// Of them: stamped at their end and without a duration.
        public var startUnknown = 0
        /// Of them: whose line may be of the same answer as one just before.
        public var mayBeRepeats = 0
        /// Of them: whose line names no node.
        public var withoutNode = 0
        /// Of them: whose headers a revalidation may have replaced, and that came from the store.
        public var replaceableHeaders = 0
        /// How the operator states that paths name the nodes of lines that name none, and of how many files they do.
        public var nodesFromPaths: [String] = []
        public var filesNamedByPath = 0
        /// Files without a node of one format that overlap in time.
        public var overlappingLogs = 0
        /// The origin's 304s in logs that never name a validator.
        public var revalidationsOfLogsWithoutValidators = 0
        /// Those in other logs, and those of them that answered no If-None-Match.
        public var revalidations = 0
        public var revalidationsWithoutValidator = 0
        /// What comparing the logs has shown; nil if they were not compared.
        public var sharedAnswers: SharedAnswers?
        /// Whether there is a table of accounts, and of grants.
        public var hasAccounts = false
        public var hasGrants = false
        /// Rows of tables that could not be read.
        public var unreadRows = 0
        /// Files that may be tables of rights and were not read, or not to their end.
        public var unreadFilesOfRights = 0
        /// What follows from them, from spellings and from sessions that changed hands.
        public var doubts = Doubts()
        /// Requesters, and those that no table names.
        public var requesters = 0
        public var unknownRequesters = 0
        /// How many sessions changed hands; whether any line tells of what an account is recognised by.
        public var crossings = 0
        public var namesSessions = false
        /// Accounts of which there is another spelling that differs by no more than that, and that no table lists.
        public var nearSpellings = 0
        /// Whether the operator states that accounts of which only that differs are one.
        public var foldsAccounts = false
        /// Cameras that were asked for, and grants of cameras, that no table of cameras lists.
        public var unlistedCameras = 0
        public var grantsOfUnlistedCameras = 0
        /// Rows of cameras and grants of which a time could not be read.
        public var openRows = 0
        /// How many contradictions of a kind there are, and the files and lines of the first.
        public struct Disputes: Sendable {
            public var count: Int
            public var example: String

            public init(count: Int, example: String) { (self.count, self.example) = (count, example) }
        }
        public var disputes: [DirectoryDispute.Kind: Disputes] = [:]
        /// Clocks, and those that nothing ties to the reference.
        public var clocks = 0
        public var untiedClocks = 0
        /// Clocks that seem to be in another zone than they are read in, by name, and by how many seconds they are ahead.
        public var zones: [(clock: String, seconds: Int)] = []
        /// Logs whose time runs back by an hour from one line to the next.
        public var logsRunningBack = 0
        /// The longest silence of a log of fills while deliveries went on: its seconds, and when it began, microseconds.
        public var fillSilence: (seconds: Int, from: Int64)?

        public init() {}
    }
}
