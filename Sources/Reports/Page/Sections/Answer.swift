import Casefile
import GRDB
import LogRecords

/// The first screen: who was exposed to whom, since when, until when, why, how sure that is, and what is not known.
struct Answer {
    /// A count with its bounds.
    struct Count {
        /// As in `summary.json`.
        let key: String
        let value: String
        /// The upper bound, if it is another.
        let most: String?
        let noun: String
        let bound: String
        let meaning: String
        /// Whether it takes more room than a plain number.
        let isWide: Bool

        init(key: String, certain: Int, possible: Int = 0, noun: String, bound: String, meaning: String) {
            self.key = key
            value = Wording.number(certain)
            most = possible > 0 ? Wording.number(certain + possible) : nil
            self.noun = noun
            self.bound = bound
            self.meaning = meaning
            isWide = value.count + (most?.count ?? 0) > 9
        }
    }

    /// How many of the assumptions have one status.
    struct LedgerEntry {
        let status: String
        let words: String
    }

    /// A moment of the incident, or a stretch of it.
    struct Moment {
        let name: String
        let value: String
        var note: String?
    }

    let headline: String
    let verdict: String
    let isExact: Bool
    let verdictReason: String
    let counts: [Count]
    let moments: [Moment]
    let cause: String
    let certainty: [String]
    let untouched: [String]
    let missing: [String]
    let scope: String?
    let scopeBasis: String
    let window: Window
    /// How many assumptions the count rests on.
    let assumptions: String
    let ledger: [LedgerEntry]

    init(_ summary: Summary, _ db: Database, _ names: ShownNames) throws {
        let certain = summary.exposuresCertain
        let possible = summary.exposuresPossible
        let unresolved = summary.deliveriesUnresolved
        let unread = Self.unread(summary)
        // What somebody stated is no answer of the dump.
        let isConditional = summary.assumptions.contains { $0.status == "stated" }
        isExact =
            possible == 0 && unresolved == 0 && !summary.missing.isIncomplete && !summary.areAssumptionsShaken
            && unread == nil && !isConditional
        headline = Self.headline(summary)
        scope = summary.scope.map(ShownNames.visible)
        scopeBasis = ShownNames.visible(summary.scopeBasis)
        verdict =
            summary.missing.isIncomplete
            ? "Too low: the dump was not read to its end"
            : isExact
                ? "Exact for these logs"
                : possible == 0 && unresolved == 0
                    ? summary.areAssumptionsShaken
                        ? "Not exact: see what this count rests on"
                        : unread != nil
                            ? "Not exact: not all of the dump could be read" : "Exact only if what was stated holds"
                    : "Lower and upper bound"
        verdictReason =
            possible == 0 && unresolved == 0
            ? "All \(Wording.count(summary.deliveries, "delivery", "deliveries")) \(unread == nil ? "" : "that could be read ")were decided: none was left open."
                + (unread.map { " Not read, and in no count: \($0)." } ?? "")
            : "\(Wording.count(certain, "exposure is", "exposures are")) certain, \(Wording.number(possible)) more possible."
                + (unresolved == 0
                    ? ""
                    : " Of \(Wording.count(unresolved, "delivery", "deliveries")) it is not known what they carried: if all of these were "
                        + "exposures, there would be \(Wording.number(summary.exposuresAtMost)).")
                + (unread.map { " Not read, and in no count: \($0)." } ?? "")
        counts = Self.counts(summary)
        assumptions = Wording.count(summary.assumptions.count, "assumption")
        ledger = AssumptionLedger(assumptions: summary.assumptions).entries
        window = try Window(db)
        moments = try Self.moments(window, db, names)
        cause =
            summary.cause.map(ShownNames.visible)
            ?? (certain + possible == 0
                ? "There is nothing to explain: no exposure was found."
                : "No condition explains the exposures better than chance does.")
        certainty = try Self.certainty(summary, db)
        untouched = try Untouched.sentences(summary, db, names)
        missing = try Gaps.sentences(summary, db, names)
    }

    /// What of the dump could not be read, in words; nil if all of it was.
    private static func unread(_ summary: Summary) -> String? {
        let parts = [
            (summary.unrecognizedFiles, "file of no known format", "files of no known format"),
            (summary.damagedFiles, "damaged file", "damaged files"), (summary.rejectedLines, "line", "lines"),
        ].filter { $0.0 > 0 }.map { Wording.count($0.0, $0.1, $0.2) }
        return parts.isEmpty ? nil : Wording.list(parts)
    }

    private static func headline(_ summary: Summary) -> String {
        let (owners, moreOwners) = (summary.exposedAccountsCertain, summary.exposedAccountsPossible)
        let (receivers, moreReceivers) = (summary.receivingAccountsCertain, summary.receivingAccountsPossible)
        func range(_ certain: Int, _ possible: Int) -> String {
            (possible == 0 ? "" : certain == 0 ? "up to " : "\(Wording.number(certain)) to ")
                + Wording.count(certain + possible, "account")
        }
        if summary.exposuresCertain + summary.exposuresPossible == 0 {
            return summary.deliveriesUnresolved == 0
                ? unread(summary) == nil
                    ? "No frame reached an account without a right to it."
                    : "No frame is known to have reached an account without a right to it; not all of the dump could be read."
                : "No frame is known to have reached an account without a right to it, but "
                    + "\(Wording.count(summary.deliveriesUnresolved, "delivery is", "deliveries are")) not resolved."
        }
        let whose =
            owners + moreOwners == 0
            ? "accounts that no line names"
            : range(owners, moreOwners)
                + (summary.exposuresUnnamedOwner > 0 ? ", and perhaps of others that no line names," : "")
        let verb = summary.exposuresCertain == 0 ? "may have reached" : "reached"
        return
            "Frames of \(whose) \(verb) \(range(receivers, moreReceivers)) that had no right to them."
    }

    private static func counts(_ summary: Summary) -> [Count] {
        let open =
            summary.deliveriesUnresolved > 0
            ? ", unresolved apart" : unread(summary) == nil ? "" : ", of what could be read"
        func count(_ key: String, _ certain: Int, _ possible: Int, _ noun: String, _ meaning: String) -> Count {
            let others =
                key == "exposed_accounts_certain" && summary.exposuresUnnamedOwner > 0
                ? ", owners that no line names apart" : ""
            let apart = open + others
            return Count(
                key: key, certain: certain, possible: possible, noun: noun,
                bound: possible > 0 ? "at least and at most" + apart : apart.isEmpty ? "exact" : "at least" + apart,
                meaning: meaning)
        }
        return [
            count(
                "exposed_accounts_certain", summary.exposedAccountsCertain, summary.exposedAccountsPossible,
                "exposed accounts", "whose frames others received"),
            count(
                "receiving_accounts_certain", summary.receivingAccountsCertain, summary.receivingAccountsPossible,
                "receiving accounts", "that received frames of others"),
            count(
                "exposures_certain", summary.exposuresCertain, summary.exposuresPossible, "exposures",
                "deliveries of such a frame"
                    + (summary.opened > 0 ? "; \(Wording.number(summary.opened)) thumbnails opened" : "")),
            Count(
                key: "affected_accounts", certain: summary.affectedAccounts, noun: "affected accounts",
                bound: summary.scope == nil ? "the whole dump" : "inside the scope", meaning: "at risk, exposed or not"),
        ]
    }

    private static func moments(_ window: Window, _ db: Database, _ names: ShownNames) throws -> [Moment] {
        guard let first = window.first, let last = window.last else {
            guard let span = window.logs else { return [] }
            return [
                Moment(
                    name: "Logs", value: "\(Wording.time(span.lowerBound)) to \(Wording.time(span.upperBound))",
                    note: "no exposure in this time")
            ]
        }
        var moments = [
            Moment(
                name: "First exposure", value: Wording.time(first),
                note: (window.isCertain ? "" : "possible, none is certain; ") + window.basis.words),
            Moment(name: "Last exposure", value: Wording.time(last), note: "\(Wording.duration(last - first)) later"),
        ]
        if window.isCertain, let (from, until) = window.possible, from < first || until > last {
            moments.append(
                Moment(
                    name: "Possible ones", value: "\(Wording.time(from)) to \(Wording.time(until))",
                    note: "the widest window"))
        }
        moments += try beginning(window, first, db, names)
        for one in try Suspension.all(db, names) where one.from >= first {
            moments.append(
                Moment(
                    name: "Suspended", value: "client \(one.client)",
                    note: "no frame after \(Wording.time(one.from)), though it asked until \(Wording.time(one.until))"))
        }
        if let after = try RolloutMark.first(after: last, db, names) {
            moments.append(
                Moment(
                    name: "After it ended", value: "rollout \(after.name)",
                    note:
                        "\(Wording.time(after.stamp))\(after.place), \(Wording.duration(after.stamp - last)) later\(after.remark)"
                ))
        }
        if let purges = try PurgedKeys(db) {
            moments.append(
                Moment(
                    name: "Purged", value: Wording.count(purges.purged, "key"),
                    note: "of \(Wording.number(purges.keys)) with an exposure, after their last one"
                        + (purges.last.map { "; the last on \(Wording.time($0))" } ?? "")))
        }
        if let span = window.logs {
            moments.append(
                Moment(
                    name: "Logs end", value: Wording.time(span.upperBound),
                    note: window.ending
                        ?? "\(Wording.duration(max(0, span.upperBound - last))) without another exposure"))
        }
        for one in window.apart {
            moments.append(
                Moment(
                    name: one.name, value: Wording.count(one.exposures, "exposure"),
                    note: "\(Wording.time(one.first)) to \(Wording.time(one.last)), no part of the incident"))
        }
        return moments
    }

    /// A rollout is named if it is part of the cause, for then the path was not clean for long after it; else when the cause
    /// began, if that can be told.
    private static func beginning(
        _ window: Window, _ first: Int64, _ db: Database, _ names: ShownNames
    ) throws -> [Moment] {
        if let name = window.rollout, let mark = try RolloutMark.first(named: name, db, names) {
            let lag = mark.stamp <= first ? ", \(Wording.duration(first - mark.stamp)) before" : ""
            return [
                Moment(
                    name: "It began with", value: "rollout \(mark.name)",
                    note: "\(Wording.time(mark.stamp))\(mark.place)\(lag)\(mark.remark)")
            ]
        }
        if let began = window.began {
            return [
                Moment(
                    name: "It began on", value: Wording.time(began),
                    note: "the path was clean for long before, and no rollout explains it")
            ]
        }
        guard window.basis != .cause, let before = try RolloutMark.last(before: first, db, names) else { return [] }
        return [
            Moment(
                name: "Last rollout before", value: "rollout \(before.name)",
                note:
                    "\(Wording.time(before.stamp))\(before.place), \(Wording.duration(first - before.stamp)) before; nothing ties it to the exposures\(before.remark)"
            )
        ]
    }

    /// How sure the counts and the cause are.
    private static func certainty(_ summary: Summary, _ db: Database) throws -> [String] {
        var sentences: [String] = []
        if summary.exposuresCertain > 0 {
            sentences.append(
                "\(Wording.count(summary.exposuresCertain, "exposure is", "exposures are")) certain: every frame that the delivery can "
                    + "have carried was one the account had no right to."
                    + (summary.exposuresPossible > 0
                        ? " \(Wording.count(summary.exposuresPossible, "more is", "more are")) possible: some of the frames that it can have carried were such."
                        : ""))
        }
        if summary.cause != nil,
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT risk_ratio, risk_ratio_low, risk_ratio_high, p_adjusted, rate_inside, rate_outside,
                        rate_outside_at_most, deliveries, receivers
                    FROM condition WHERE rank = 1
                    """)
        {
            let inside = Wording.percent(try row.decode(Double.self, atIndex: 4))
            let receivers = Wording.count(try row.decode(Int.self, atIndex: 8), "account")
            let elsewhere: String
            if let most = try row.decode(Double?.self, atIndex: 6) {
                let others = summary.deliveries - (try row.decode(Int.self, atIndex: 7))
                elsewhere =
                    "none of \(Wording.count(others, "other delivery", "other deliveries")) (at most \(Wording.percent(most)))"
            } else {
                elsewhere = "elsewhere \(Wording.percent(try row.decode(Double.self, atIndex: 5)))"
            }
            var ratio = ""
            if let middle = try row.decode(Double?.self, atIndex: 0),
                let low = try row.decode(Double?.self, atIndex: 1),
                let high = try row.decode(Double?.self, atIndex: 2)
            {
                ratio =
                    "; risk ratio of accounts \(Wording.figure(middle)) (95 % interval \(Wording.figure(low)) to \(Wording.figure(high)))"
            }
            sentences.append(
                "Cause: under its conditions \(inside) of deliveries were exposures, received by \(receivers), \(elsewhere)\(ratio); "
                    + "\(Wording.chance(try row.decode(atIndex: 3))) for accounts, after all conjunctions tried. An association in these logs."
            )
        }
        return sentences
    }
}
