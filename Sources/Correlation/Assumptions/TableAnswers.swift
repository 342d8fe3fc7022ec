/// What the tables of a dump answer about the assumptions that rest on them.
enum TableAnswers {
    static func accounts(_ figures: Ledger.Figures) -> LedgerEntry {
        let (near, doubts) = (figures.nearSpellings, figures.doubts)
        let isShaken =
            near > 0 || !doubts.requesters.isEmpty || !doubts.owners.isEmpty || !doubts.pairs.isEmpty
            || doubts.areRightsUnread && figures.unreadRows == 0 && figures.unreadFilesOfRights == 0
        guard figures.hasAccounts || isShaken else {
            return figures.foldsAccounts
                ? LedgerEntry(.accountsKnown, .stated, fold + "; there is no table of accounts.")
                : LedgerEntry(.accountsKnown, .untestable, "There is no table of accounts.")
        }
        let (all, unknown) = (figures.requesters, figures.unknownRequesters)
        var parts = figures.foldsAccounts ? [fold] : []
        parts += ["\(unknown) of \(all) requesters are in no table"]
        if figures.unlistedCameras > 0 { parts.append("so are \(figures.unlistedCameras) cameras that were asked for") }
        if figures.grantsOfUnlistedCameras > 0 {
            parts.append("\(figures.grantsOfUnlistedCameras) grants are of cameras in no table")
        }
        if isShaken {
            parts.append(
                "\(near) accounts have another spelling, but for upper and lower case, leading zeros or '.0': nothing is certain of \(doubts.requesters.count) requesters, of the frames of \(doubts.owners.count) owners, and between \(doubts.pairs.count) pairs"
            )
        }
        let isListed = isShaken || figures.unlistedCameras > 0 || figures.grantsOfUnlistedCameras > 0
        return LedgerEntry(
            .accountsKnown, isShaken ? .contradicted : figures.foldsAccounts ? .stated : .held, checked: all,
            against: unknown,
            parts.joined(separator: "; ") + (isListed ? "; see directory_problems.csv." : "."))
    }

    private static let fold =
        "Stated with --fold-accounts: accounts that differ by upper and lower case, leading zeros or '.0' are one"

    static func agreement(_ figures: Ledger.Figures) -> LedgerEntry {
        var parts: [String] = []
        for kind in DirectoryDispute.Kind.allCases {
            guard let disputes = figures.disputes[kind] else { continue }
            parts.append("\(disputes.count) times \(words(kind)), as \(disputes.example)")
        }
        if figures.openRows > 0 {
            parts.append("\(figures.openRows) rows have a time that could not be read, or do not say when they held")
        }
        let count = figures.disputes.values.reduce(figures.openRows) { $0 + $1.count }
        return parts.isEmpty
            ? LedgerEntry(.tablesAgree, .held, "No two rows of the tables contradict each other.")
            : LedgerEntry(
                .tablesAgree, .contradicted, against: count,
                parts.joined(separator: "; ") + ". Who had a right then is left open; see directory_problems.csv.")
    }

    private static func words(_ kind: DirectoryDispute.Kind) -> String {
        switch kind {
        case .twoOwners: "a camera has two owners at once"
        case .ownershipTimes: "two files give an owner of a camera other times"
        case .grantTimes: "two files give a grant other times, or one lacks it"
        }
    }

    static func rights(_ figures: Ledger.Figures, _ statements: Ledger.Statements) -> LedgerEntry {
        if statements.areNoGrants {
            return LedgerEntry(.rightsKnown, .stated, "Stated with --no-grants: nobody was granted anything.")
        }
        guard figures.hasGrants else {
            return LedgerEntry(
                .rightsKnown, .untestable,
                "There is no table of grants, so no exposure is certain. State --no-grants if nobody was granted anything."
            )
        }
        // A row whose times could not be read is open, too.
        let open = max(0, figures.openRows - figures.unreadRows)
        var parts: [String] = []
        if figures.unreadRows > 0 {
            parts.append(
                "\(figures.unreadRows) rows of the tables could not be read whole: nothing is certain of "
                    + (figures.doubts.areRightsUnread ? "any account" : "the accounts that they name")
                    + "; see rejects.csv.")
        }
        if figures.unreadFilesOfRights > 0 {
            parts.append(
                "\(figures.unreadFilesOfRights) files may be tables of rights and were not read, or not to their end: nothing is certain of any account; see sources.csv."
            )
        }
        if open > 0 {
            parts.append("\(open) rows of the tables do not say when they held; see directory_problems.csv.")
        }
        return parts.isEmpty
            ? LedgerEntry(.rightsKnown, .held, "There is a table of grants, and every row of the tables was read.")
            : LedgerEntry(
                .rightsKnown, .contradicted, against: figures.unreadRows + figures.unreadFilesOfRights + open,
                parts.joined(separator: " "))
    }
}
