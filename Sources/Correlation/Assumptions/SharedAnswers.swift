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
            /// What most lines say otherwise than their partners, for people; empty if they do not.
            public var contradictions = ""
            /// By how much the clock of the second is ahead, microseconds.
            public var offset: Int64 = 0

            public init(
                logs: [String], asked: Int, share: Double, coincidence: Double, isByTimeAlone: Bool = false,
                isByRequest: Bool = false, contradictions: String = "", offset: Int64 = 0
            ) {
                self.logs = logs
                self.asked = asked
                self.share = share
                self.coincidence = coincidence
                self.isByTimeAlone = isByTimeAlone
                self.isByRequest = isByRequest
                self.contradictions = contradictions
                self.offset = offset
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
        /// Pairs that may be one answer's, which nothing decides: what their lines carried is possible at best.
        public var undecided: [Pair] = []
        /// Their lines that may be of answers that count by other lines.
        public var doubted = 0
        /// Two of the logs that are one answer's and were written by two servers, although neither names its node.
        public var unnamedServers: [String] = []
        /// Lines of the logs that are one answer's, and those of them that do not count.
        public var answers = 0
        public var setAside = 0
        /// Lines that tell of an answer for which another line of the same log counts: a server's steps, parts of its answer.
        public var steps = 0
        /// Lines that say again what another line says of the same request.
        public var resent = 0

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
            if shared.resent > 0 {
                entry.detail +=
                    " \(shared.resent) lines say again what another line of that node says of the same request."
            }
            let repeats = figures.mayBeRepeats - shared.doubted
            if repeats > 0 {
                entry.detail +=
                    " \(repeats) of \(figures.deliveries) lines name the account, key and moment of a line just before: a part of the same answer, such as nginx logs with log_subrequest, or another one. A log with $request_length or $request_id would tell."
            }
            entry.detail += shared.doubts
            if figures.mayCountTwice {
                (entry.status, entry.checked, entry.against) = (.contradicted, figures.deliveries, figures.mayBeRepeats)
                entry.detail += " What they carried counts as possible."
            }
            return entry
        }

        private var entry: LedgerEntry {
            if !merged.isEmpty {
                let pairs = merged.prefix(3).map { pair in
                    var how = pair.isByRequest ? ", by the requests' ids" : ""
                    if abs(pair.offset) >= 1_000_000 { how += ", their clocks \(Self.duration(pair.offset)) apart" }
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
            if !closest.contradictions.isEmpty, closest.excess >= 0.5 {
                return LedgerEntry(
                    .answersLoggedOnce, .untestable, checked: compared,
                    "\(names) have lines of the same time and length, \(percent(closest.share)) of \(closest.asked), but most of these name other \(closest.contradictions). Nothing is merged."
                )
            }
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

        /// What is said of logs that nothing decides about.
        private var doubts: String {
            undecided.prefix(3).map { pair in
                let names = pair.logs.joined(separator: " and ")
                let when =
                    pair.offset == 0
                    ? "" : ", if one of their clocks is \(Self.duration(pair.offset)) ahead of the other"
                let orZone = pair.offset == 0 ? "" : ", or one that names its time zone,"
                return
                    " \(names) may tell of the same answers\(when): \(percent(pair.share)) of \(pair.asked) lines have a partner. Nothing of it is merged; a log with request ids\(orZone) would tell."
            }.joined()
        }

        private static func duration(_ microseconds: Int64) -> String {
            let seconds = Double(abs(microseconds)) / 1_000_000
            let (minutes, rest) = (Int(seconds.rounded()) / 60, Int(seconds.rounded()) % 60)
            if minutes == 0 { return "\(rest) s" }
            if minutes < 60 || minutes % 60 != 0 { return rest == 0 ? "\(minutes) min" : "\(minutes) min \(rest) s" }
            return rest == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(rest) s"
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
    var mayCountTwice: Bool {
        (sharedAnswers?.doubted ?? 0) > 0 || Double(mayBeRepeats) > Self.mostRepeats * Double(deliveries)
    }
}
