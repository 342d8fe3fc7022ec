extension Ledger {
    /// Whether the logs of a dump tell of the same answers, as far as comparing them has shown.
    public struct SharedAnswers: Sendable {
        /// Two logs, and how many lines of the smaller have a partner in the other.
        public struct Pair: Sendable {
            /// Their names, in order.
            public var logs: [String]
            /// How many lines were asked.
            public var asked: Int
            /// The share of them with a partner, and the share that has one by chance.
            public var share: Double
            public var coincidence: Double
            /// Whether nothing but time ties lines of two nodes, which is not enough.
            public var isByTimeAlone: Bool

            /// Whether the lines name the requests that they tell of.
            public var isByRequest: Bool

            public init(
                logs: [String], asked: Int, share: Double, coincidence: Double, isByTimeAlone: Bool = false,
                isByRequest: Bool = false
            ) {
                self.logs = logs
                self.asked = asked
                self.share = share
                self.coincidence = coincidence
                self.isByTimeAlone = isByTimeAlone
                self.isByRequest = isByRequest
            }

            /// The share beyond chance.
            public var excess: Double { coincidence >= 1 ? 0 : (share - coincidence) / (1 - coincidence) }
        }

        /// How many logs there are, and how many pairs of them could be compared.
        public var logs = 0
        public var compared = 0
        /// Pairs that are one answer's.
        public var merged: [Pair] = []
        /// Of the others, the one that comes nearest to it.
        public var closest: Pair?
        /// Two of the logs that are one answer's and were written by two servers, although neither names its node.
        public var unnamedServers: [String] = []
        /// Lines of the logs that are one answer's, and those of them that do not count.
        public var answers = 0
        public var setAside = 0
        /// Lines that tell of an answer for which another line of the same log counts: a server's steps, parts of its answer.
        public var steps = 0

        public init() {}

        static func entry(_ figures: Figures) -> LedgerEntry {
            guard figures.deliveries > 0 else {
                return LedgerEntry(.answersLoggedOnce, .unused, "No answer is in the dump.")
            }
            guard let shared = figures.sharedAnswers else {
                return LedgerEntry(
                    .answersLoggedOnce, .untestable,
                    "Files that repeat others count once; whether two logs hold the same answers was not asked.")
            }
            var entry = shared.entry
            if shared.steps > 0 {
                entry.detail += " \(shared.steps) lines are of answers that count by a later line of the same log."
            }
            if figures.mayBeRepeats > 0 {
                entry.detail +=
                    " \(figures.mayBeRepeats) of \(figures.deliveries) lines name the account, key and moment of a line just before: a part of the same answer, such as nginx logs with log_subrequest, or another one. A log with $request_length or $request_id would tell."
            }
            if figures.mayCountTwice {
                (entry.status, entry.checked, entry.against) = (.contradicted, figures.deliveries, figures.mayBeRepeats)
                entry.detail += " What they carried counts as possible."
            }
            return entry
        }

        private var entry: LedgerEntry {
            if !merged.isEmpty {
                let pairs = merged.prefix(3).map { pair in
                    let how = pair.isByRequest ? ", by the requests' ids" : ""
                    return "\(pair.logs.joined(separator: " and ")) (\(percent(pair.share))\(how))"
                }
                let more = merged.count > 3 ? " and \(merged.count - 3) more pairs" : ""
                return LedgerEntry(
                    .answersLoggedOnce, .held, checked: answers, against: setAside,
                    "Logs that tell of the same answers: \(pairs.joined(separator: "; "))\(more). Of their \(answers) lines \(setAside) tell of an answer that counts by another line; the line that tells more counts."
                )
            }
            if logs < 2 {
                return LedgerEntry(.answersLoggedOnce, .held, checked: logs, "All answers stand in one log.")
            }
            guard let closest, compared > 0 else {
                return LedgerEntry(
                    .answersLoggedOnce, .untestable, checked: logs,
                    "No two of the \(logs) logs name the same accounts, cameras or keys at one time often enough to be compared."
                )
            }
            let names = closest.logs.joined(separator: " and ")
            if closest.isByTimeAlone, closest.excess >= 0.5 {
                return LedgerEntry(
                    .answersLoggedOnce, .untestable, checked: compared,
                    "\(names) may tell of the same answers: \(percent(closest.share)) of \(closest.asked) lines have a partner, but of two nodes and by time alone. Nothing is merged; a log with bytes or request ids would tell."
                )
            }
            return LedgerEntry(
                .answersLoggedOnce, .held, checked: compared,
                "\(compared) pairs of \(logs) logs were compared. The closest are \(names): \(percent(closest.share)) of \(closest.asked) lines have a partner, \(percent(closest.coincidence)) by chance; from half of them beyond chance on they would count as one answer's. Nothing is merged."
            )
        }

        private func percent(_ share: Double) -> String {
            let tenths = Int((share * 1000).rounded())
            return "\(tenths / 10).\(tenths % 10) %"
        }
    }
}

extension Ledger.Figures {
    /// The share of lines that may be of the same answer as one just before, above which it is not only clients that ask twice in
    /// one moment.
    private static let mostRepeats = 0.005

    /// Whether lines of one answer may be counted as two.
    var mayCountTwice: Bool { Double(mayBeRepeats) > Self.mostRepeats * Double(deliveries) }
}
