import LogRecords

/// What a count rests on: every assumption, and what the dump answers about it.
///
/// Pure: it is given figures and says what follows from them, in words and as `rules`.
public struct Ledger: Sendable {
    /// What the operator states, which no dump can show.
    public struct Statements: Sendable, Equatable {
        /// All logs that name no node are one cache's.
        public var isOneCache = false
        /// Each cache holds one entry per logged key: what speaks against it has another cause.
        public var isOneEntryPerKey = false
        /// Nobody was granted anything.
        public var areNoGrants = false

        public init() {}
    }

    public let entries: [LedgerEntry]
    /// What the evidence may take for granted in spite of it all.
    public let rules: ServingRules

    public init(_ figures: Figures, _ statements: Statements = Statements()) {
        let survey = EntrySurvey(figures, statements)
        var rules = ServingRules()
        rules.nodesOfSeveralEntries = survey.nodesOfSeveral
        rules.areCachesUntold = survey.areCachesUntold
        rules.isLoggedKeyTooFine = Self.isKeyTooFine(figures)
        rules.areFillsUntold = Self.areFillsUntold(figures)
        rules.areFillsLost = Self.areFillsLost(figures)
        rules.mayBeAnsweredAbove =
            rules.isLoggedKeyTooFine && (figures.isOriginDirect == false || figures.hasShield)
        (rules.areHitsFresh, rules.doHitsRefresh) = (Self.areHitsFresh(figures), Self.doHitsRefresh(figures))
        rules.areBodiesInParts = Self.areBodiesInParts(figures)
        rules.areClocksAstray = !figures.zones.isEmpty || figures.logsRunningBack > 0
        rules.doubts = figures.doubts
        rules.mayCountTwice = figures.mayCountTwice
        self.rules = rules
        let answers =
            [Self.key(figures), Self.nodes(figures), Self.origin(figures)] + survey.entries + [
                Self.headers(figures), Self.validator(figures), Self.fillLog(figures), Self.misses(figures),
                SharedAnswers.entry(figures), Self.durations(figures), Self.verdicts(figures),
                TableAnswers.accounts(figures), Self.sessions(figures),
                TableAnswers.agreement(figures), TableAnswers.rights(figures, statements), Self.clocks(figures),
            ]
        entries = figures.isOfJob ? answers.map(Self.ofJob) : answers
    }

    /// What a job on other machines answers: what the lines' attributes and the tables tell, is counted there as here.
    public static let toldByJobs: Set<Assumption> = [.durationsKnown, .verdictsKnown, .tablesAgree, .rightsKnown]

    private static func ofJob(_ entry: LedgerEntry) -> LedgerEntry {
        toldByJobs.contains(entry.assumption)
            ? entry
            : LedgerEntry(
                entry.assumption, .untestable,
                "Other machines have judged this dump part by part, and this is asked of the whole; 'strayframe analyze' asks it."
            )
    }

    /// Whether any assumption is contradicted, or it is not known who was granted what: no count is exact then.
    public var isShaken: Bool {
        entries.contains { $0.status == .contradicted || $0.assumption == .rightsKnown && $0.status == .untestable }
    }

    // MARK: The cache's key

    /// The share of hits under keys that were never filled above which the logged key is not the cache's: sound dumps were
    /// seen to have at most one in a thousand, dumps with the URL in the key's place 5 to 8 %.
    private static let mostHitsWithoutFill = 0.02

    /// Fresh hits by key, those under keys that were never filled, and how many keys these have, as far as a few: by the logs that
    /// tell fills or, where there is none, by the answers that do.
    private static func hitsByKey(_ figures: Figures) -> (hits: Int, lost: Int, keys: Int) {
        let told = figures.observations
        return figures.tellsFills
            ? (figures.hits, figures.hitsWithoutFill, figures.keysWithoutFill)
            : (told.hits, told.hitsWithoutFill, told.keysWithoutFill)
    }

    /// The share of fetches without a line, under keys that the origin had not named by then, above which a cache above goes by
    /// another key; and of validators whose frame was never sent under their key.
    private static let (mostBeforeAnyFill, mostForeign) = (0.01, 0.02)
    /// Fewer of either say nothing.
    private static let fewForeign = 3

    /// Whether the logs have most of the requests under other keys that the origin answered under keys of no line.
    private static func areKeysOthers(_ figures: Figures) -> Bool {
        let (asked, found) = figures.answersUnderOtherKeys
        return found >= fewKeys && found * 2 > asked
    }

    /// Whether a cache above the others, whose log has its fills, goes by other keys than theirs.
    private static func isShieldsKeyAnother(_ figures: Figures) -> Bool {
        // One in two hundred may be of a line that is lost.
        figures.hasShield && figures.fetchesUnderUnfilledKeys * 200 > figures.fetches
    }

    private static func isKeyTooFine(_ figures: Figures) -> Bool {
        if areKeysOthers(figures) || isShieldsKeyAnother(figures) { return true }
        let (early, foreign) = (figures.fetchesBeforeAnyFill, figures.foreignValidators)
        if early >= fewForeign, Double(early) > mostBeforeAnyFill * Double(figures.fetches) { return true }
        if foreign >= fewForeign, Double(foreign) > mostForeign * Double(figures.observations.validators) {
            return true
        }
        let (hits, lost, keys) = hitsByKey(figures)
        guard figures.tellsFills || figures.observations.fillsToldByAnswers > 0, lost > 0 else { return false }
        if lost == hits { return true }
        // A few keys may have been filled before the logs begin.
        return keys >= 10 && Double(lost) > mostHitsWithoutFill * Double(hits)
    }

    private static func key(_ figures: Figures) -> LedgerEntry {
        let (hits, lost, _) = hitsByKey(figures)
        if figures.deliveries == 0 || figures.tellsFills && hits == 0 && !isKeyTooFine(figures) {
            return LedgerEntry(.loggedKeyNotFiner, .unused, "No answer was judged by its cache key alone.")
        }
        guard figures.tellsFills || hits > 0 && figures.observations.fillsToldByAnswers > 0 else {
            return LedgerEntry(.loggedKeyNotFiner, .untestable, "No log of the dump records fills.")
        }
        var detail = "\(lost) of \(hits) cache hits in the later half of the dump have a key that was never filled."
        let (early, foreign) = (figures.fetchesBeforeAnyFill, figures.foreignValidators)
        if areKeysOthers(figures) {
            let (asked, found) = figures.answersUnderOtherKeys
            detail +=
                " \(found) of \(asked) answers of the origin under keys that no line names went to requests that the logs have under other keys."
        }
        if isShieldsKeyAnother(figures) {
            detail +=
                " \(figures.fetchesUnderUnfilledKeys) of \(figures.fetches) fetches are under keys that no fill of the cache above them names."
        }
        if early > 0 { detail += " \(early) misses found an answer before the origin had sent any under their key." }
        if foreign > 0 {
            detail +=
                " \(foreign) of \(figures.observations.validators) validators are of frames that were never sent under their key."
        }
        return LedgerEntry(
            .loggedKeyNotFiner, isKeyTooFine(figures) ? .contradicted : .held, checked: hits, against: lost, detail)
    }

    /// The share of the origin's answers that no request asked for, and of its keys that no delivery names, above which a log is
    /// missing.
    private static let mostUnasked = 0.02
    /// Of so few keys the share says little.
    private static let fewKeys = 10

    private static func nodes(_ figures: Figures) -> LedgerEntry {
        let seen = figures.observations
        guard seen.originKeys > 0, figures.deliveries > 0 else {
            return LedgerEntry(.allNodesLogged, .untestable, "No log of the origin tells which requests it answered.")
        }
        if !figures.zones.isEmpty {
            return LedgerEntry(
                .allNodesLogged, .untestable, checked: seen.answers,
                "The clocks of the origin's log and of the requests' cannot be compared.")
        }
        if seen.originKeysUnnamed == seen.originKeys {
            return LedgerEntry(
                .allNodesLogged, .untestable, checked: seen.originKeys,
                "No delivery names any of the \(seen.originKeys) keys of the origin's log: the two cannot be compared.")
        }
        let unasked = doHitsRefresh(figures) ? seen.answersUnasked - seen.answersBesideHits : seen.answersUnasked
        let isUnasked = unasked >= fewKeys && Double(unasked) > mostUnasked * Double(seen.answers)
        let isUnnamed =
            seen.originKeysUnnamed >= fewKeys && Double(seen.originKeysUnnamed) > mostUnasked * Double(seen.originKeys)
        return LedgerEntry(
            .allNodesLogged, isUnasked || isUnnamed ? .contradicted : .held, checked: seen.answers + seen.originKeys,
            against: unasked + seen.originKeysUnnamed,
            "No request in the logs asked for \(unasked) of \(seen.answers) answers of the origin, and no delivery names \(seen.originKeysUnnamed) of its \(seen.originKeys) keys."
                + (areKeysOthers(figures)
                    ? " The logs have these requests under other keys: see logged_key_not_finer."
                    : isUnasked || isUnnamed
                        ? " A log is missing, whose deliveries are in no count, or its keys are written in another way."
                        : ""))
    }

    /// Whether so few answers of the origin came beside hits that hits are on fresh frames.
    private static func areHitsFresh(_ figures: Figures) -> Bool {
        let seen = figures.observations
        return seen.answersBesideHits < fewKeys
            || Double(seen.answersBesideHits) <= mostUnasked * Double(seen.answers)
    }

    /// Whether it were hits that set off nearly all that no other request asked for; else a log is missing, and some came
    /// beside hits by chance.
    private static func doHitsRefresh(_ figures: Figures) -> Bool {
        let seen = figures.observations
        return !areHitsFresh(figures) && seen.answersBesideHits * 10 >= seen.answersUnasked * 9
    }

    private static func origin(_ figures: Figures) -> LedgerEntry {
        if figures.fetches == 0 { return LedgerEntry(.originAskedDirectly, .unused, "No answer was fetched.") }
        guard let isDirect = figures.isOriginDirect else {
            return LedgerEntry(
                .originAskedDirectly, .untestable, checked: figures.fetches,
                "No log of an origin names the accounts whose requests it answered: a cache above would not show, nor its key."
            )
        }
        if let servers = figures.sharedAnswers?.unnamedServers, !servers.isEmpty {
            return LedgerEntry(
                .originAskedDirectly, .contradicted, checked: figures.fetches,
                "\(servers.joined(separator: " and ")) tell of the same answers: what one of them asked for, the other may have had."
            )
        }
        return LedgerEntry(
            .originAskedDirectly, isDirect ? .held : .contradicted, checked: figures.fetches,
            isDirect
                ? "The origin's log has a line for nearly every answer that was fetched."
                : "The origin's log lacks a line for so many of the answers that were fetched that something else has given them, or the log has holes."
        )
    }

    // MARK: Headers and validators

    /// The share of fetches with several answers above which bodies come in parts. Two requests of one account at one time, of
    /// which a line is missing, look alike: up to 4 % in simulated clouds. With nginx slices it was 82 %.
    private static let mostInParts = 0.1

    private static func areBodiesInParts(_ figures: Figures) -> Bool {
        let (all, parts) = (figures.observations.fetches, figures.observations.fetchesInParts)
        return parts > 0 && Double(parts) > mostInParts * Double(all)
    }

    private static func headers(_ figures: Figures) -> LedgerEntry {
        let (all, parts) = (figures.observations.fetches, figures.observations.fetchesInParts)
        if areBodiesInParts(figures) {
            return LedgerEntry(
                .headersAreTheBodys, .contradicted, checked: all, against: parts,
                "\(parts) of \(all) fetches brought the body in several parts, and the line names the first part's frame."
            )
        }
        if figures.replaceableHeaders > 0 {
            return LedgerEntry(
                .headersAreTheBodys, .held, checked: figures.replaceableHeaders,
                "\(figures.replaceableHeaders) answers from the store name headers that a revalidation may have replaced; the body's last fill decides there."
            )
        }
        return all > 0
            ? LedgerEntry(
                .headersAreTheBodys, .held, checked: all, "Of \(all) fetches none brought a body in several parts.")
            : LedgerEntry(
                .headersAreTheBodys, .untestable, "No log of the origin tells whether a body is made of several parts.")
    }

    private static func validator(_ figures: Figures) -> LedgerEntry {
        let (all, without) = (figures.revalidations, figures.revalidationsWithoutValidator)
        let silent = figures.revalidationsOfLogsWithoutValidators
        if all == 0 {
            return silent == 0
                ? LedgerEntry(.validatorNamesEntry, .unused, "No log of the dump tells a revalidation.")
                : LedgerEntry(
                    .validatorNamesEntry, .untestable, checked: silent,
                    "\(silent) revalidations stand in logs that name no validator; they are not taken to name the stored frame."
                )
        }
        return without == 0
            ? LedgerEntry(
                .validatorNamesEntry, .held, checked: all, "All \(all) revalidations name the cache's validator.")
            : LedgerEntry(
                .validatorNamesEntry, .contradicted, checked: all, against: without,
                "\(without) of \(all) revalidations answered no If-None-Match; they are not taken to name the stored frame."
            )
    }

    // MARK: What the logs hold

    private static func fillLog(_ figures: Figures) -> LedgerEntry {
        let (all, lost) = (figures.fetches, figures.lostFills)
        guard figures.tellsFills else {
            return LedgerEntry(.fillLogWhole, .untestable, "No log of the dump records fills.")
        }
        let unread = figures.unreadFillLines
        let unreadDetail =
            unread == 0
            ? ""
            : " \(unread) lines that may tell a fill or a purge could not be used (rejects.csv): entries around them are open."
        if all == 0 {
            return LedgerEntry(
                .fillLogWhole, unread > 0 ? .contradicted : .untestable, against: unread,
                "No answer was fetched, so no fill can be missed." + unreadDetail)
        }
        var detail = "\(lost) of \(all) answers that were fetched have no fill beside them." + unreadDetail
        if let silence = figures.fillSilence, lost > 0 {
            detail +=
                " Fills are silent for \(silence.seconds) s from \(silence.from.rfc3339) on while deliveries go on."
        }
        return LedgerEntry(
            .fillLogWhole, areFillsLost(figures) || unread > 0 ? .contradicted : .held, checked: all,
            against: lost + unread, detail)
    }

    private static func areFillsLost(_ figures: Figures) -> Bool {
        // One in two hundred may have read what another request was fetching.
        figures.tellsFills && figures.lostFills * 200 > figures.fetches
    }

    private static func areFillsUntold(_ figures: Figures) -> Bool {
        figures.fillsWithoutKey * 200 > figures.observations.fillsToldByAnswers
    }

    /// No dump shows a line that is missing, nor a refresh that has none.
    private static func misses(_ figures: Figures) -> LedgerEntry {
        let (fills, nodes) = (figures.observations.fillsToldByAnswers, figures.observations.nodesToldByAnswers.count)
        if areFillsUntold(figures) {
            return LedgerEntry(
                .missesAreFills, .contradicted, checked: fills + figures.fillsWithoutKey,
                against: figures.fillsWithoutKey,
                "\(figures.fillsWithoutKey) answers MISS name no key: what they stored may stand under any.")
        }
        if fills > 0 {
            return LedgerEntry(
                .missesAreFills, .untestable, checked: fills,
                "No log records the fills of \(nodes == 1 ? "one cache" : "\(nodes) caches"). In their place \(fills == 1 ? "one answer stands" : "\(fills) answers stand") that fetched, or may have; a fill without such a line is not known."
                    + (figures.unreadFillLines == 0
                        ? ""
                        : " \(figures.unreadFillLines) lines could not be used (rejects.csv), each of which may have been one.")
            )
        }
        return figures.tellsFills || figures.deliveries == 0
            ? LedgerEntry(.missesAreFills, .unused, "No fill is taken from an answer's line.")
            : LedgerEntry(
                .missesAreFills, .untestable,
                "No log of the dump records fills. An answer MISS stands for the fill of its key.")
    }

    private static func durations(_ figures: Figures) -> LedgerEntry {
        let (all, without) = (figures.deliveries, figures.startUnknown)
        return without == 0
            ? LedgerEntry(.durationsKnown, .held, checked: all, "No answer's beginning had to be bounded.")
            : LedgerEntry(
                .durationsKnown, .untestable, checked: all, against: without,
                "\(without) of \(all) answers are stamped at their end and have no duration: each is taken to have begun within the bound of --longest."
            )
    }

    private static func verdicts(_ figures: Figures) -> LedgerEntry {
        let seen = figures.observations
        if doHitsRefresh(figures) {
            return LedgerEntry(
                .verdictsKnown, .contradicted, checked: seen.answers, against: seen.answersBesideHits,
                "\(seen.answersBesideHits) of \(seen.answers) answers of the origin were set off by hits: what the log calls a hit may have been stale, and is not taken to be fresh."
            )
        }
        let words = figures.unknownVerdicts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let unknown = words.reduce(figures.withoutVerdict) { $0 + $1.value }
        if unknown == 0 {
            return LedgerEntry(
                .verdictsKnown, .held, checked: figures.deliveries, "Every answer has a verdict that is known.")
        }
        let named = words.prefix(5).map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        return LedgerEntry(
            .verdictsKnown, .untestable, checked: figures.deliveries, against: unknown,
            "\(figures.withoutVerdict) of \(figures.deliveries) answers have no verdict"
                + (named.isEmpty ? "." : "; words that no profile maps: \(named)."))
    }

    // MARK: The clocks

    private static func clocks(_ figures: Figures) -> LedgerEntry {
        let (all, untied) = (figures.clocks, figures.untiedClocks)
        if !figures.zones.isEmpty || figures.logsRunningBack > 0 {
            var signs = figures.zones.map { zone in
                "\(zone.clock) is \(abs(zone.seconds)) s \(zone.seconds < 0 ? "behind" : "ahead"): a zone?"
            }
            if figures.logsRunningBack > 0 {
                signs.append(
                    "In \(figures.logsRunningBack) logs the time runs back by an hour from one line to the next.")
            }
            return LedgerEntry(
                .clocksTied, .contradicted, checked: all, against: figures.zones.count + figures.logsRunningBack,
                signs.joined(separator: " "))
        }
        if all < 2 { return LedgerEntry(.clocksTied, .held, checked: all, "All records are stamped by one clock.") }
        return untied == 0
            ? LedgerEntry(
                .clocksTied, .held, checked: all, "All \(all) clocks are tied to each other by their records.")
            : LedgerEntry(
                .clocksTied, .untestable, checked: all, against: untied,
                "\(untied) of \(all) clocks are tied by nothing and taken to be within their bound of the others.")
    }
}
