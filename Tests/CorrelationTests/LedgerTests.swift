import Correlation
import LogRecords
import Testing

/// Each assumption's detector: that it fires, and that it is silent on figures as sound dumps have them.
@Suite struct LedgerTests {
    /// As the lab's dumps have them.
    private static var sound: Ledger.Figures {
        var figures = Ledger.Figures()
        (figures.deliveries, figures.fetches, figures.tellsFills) = (23_000, 2600, true)
        (figures.hits, figures.hitsWithoutFill, figures.lostFills) = (9000, 4, 2)
        (figures.hasAccounts, figures.hasGrants, figures.requesters) = (true, true, 299)
        figures.revalidations = 1500
        figures.isOriginDirect = true
        figures.clocks = 2
        return figures
    }

    private func status(_ assumption: Assumption, _ figures: Ledger.Figures, _ statements: Ledger.Statements = .init())
        -> Assumption.Status?
    {
        Ledger(figures, statements).entries.first { $0.assumption == assumption }?.status
    }

    @Test("every assumption has one answer, and a sound dump contradicts none")
    func sound() {
        let ledger = Ledger(Self.sound)
        #expect(Set(ledger.entries.map(\.assumption)) == Set(Assumption.allCases))
        #expect(ledger.entries.count == Assumption.allCases.count)
        #expect(ledger.entries.filter { $0.status == .contradicted }.isEmpty)
        #expect(ledger.rules.areTrusting)
        #expect(!ledger.isShaken)
    }

    @Test("hits under keys that were never filled say that the logged key is not the cache's, at 5 % and not at 0.1 %")
    func keyTooFine() {
        var figures = Self.sound
        figures.hitsWithoutFill = 450
        // All on one key, which was filled before the logs begin.
        figures.keysWithoutFill = 1
        #expect(status(.loggedKeyNotFiner, figures) == .held)
        figures.keysWithoutFill = 16
        #expect(status(.loggedKeyNotFiner, figures) == .contradicted)
        #expect(Ledger(figures).rules.isLoggedKeyTooFine)
        figures.hitsWithoutFill = 9
        #expect(status(.loggedKeyNotFiner, figures) == .held)
        // Three of three.
        (figures.hits, figures.hitsWithoutFill) = (3, 3)
        #expect(status(.loggedKeyNotFiner, figures) == .contradicted)
    }

    @Test("misses that nothing sent under their key can have answered, and validators of other keys' frames, say so too")
    func keyTooFineAbove() {
        var figures = Self.sound
        figures.fetchesBeforeAnyFill = 2
        #expect(status(.loggedKeyNotFiner, figures) == .held)
        figures.fetchesBeforeAnyFill = 57
        #expect(status(.loggedKeyNotFiner, figures) == .contradicted)
        // Nothing above answers where the origin's log has a line for each fetch.
        #expect(!Ledger(figures).rules.mayBeAnsweredAbove)
        figures.isOriginDirect = false
        #expect(Ledger(figures).rules.mayBeAnsweredAbove)
        #expect(status(.originAskedDirectly, figures) == .contradicted)
        figures = Self.sound
        figures.foreignValidators = 75
        #expect(status(.loggedKeyNotFiner, figures) == .contradicted)
        figures.foreignValidators = 2
        #expect(status(.loggedKeyNotFiner, figures) == .held)
        figures.isOriginDirect = nil
        #expect(status(.originAskedDirectly, figures) == .untestable)
    }

    @Test("nodes that paths name are the operator's statement")
    func nodesFromPaths() {
        var figures = Self.sound
        #expect(status(.oneCachePerLog, figures) == .unused)
        (figures.nodesFromPaths, figures.filesNamedByPath) = (["edge-{value}/"], 2)
        #expect(status(.oneCachePerLog, figures) == .stated)
        // Some lines' nodes no path names.
        (figures.withoutNode, figures.overlappingLogs) = (10, 2)
        #expect(status(.oneCachePerLog, figures) != .stated)
    }

    @Test("fetches without a fill beside them say that the log has holes, at 1 % and not at 0.1 %")
    func holes() {
        var figures = Self.sound
        figures.lostFills = 26
        #expect(status(.fillLogWhole, figures) == .contradicted)
        figures.lostFills = 3
        #expect(status(.fillLogWhole, figures) == .held)
        figures.tellsFills = false
        #expect(status(.fillLogWhole, figures) == .untestable)
    }

    @Test("without a table of grants nothing is exact, unless it is stated that nobody was granted anything")
    func rights() {
        var figures = Self.sound
        figures.hasGrants = false
        #expect(status(.rightsKnown, figures) == .untestable)
        #expect(Ledger(figures).isShaken)
        var statements = Ledger.Statements()
        statements.areNoGrants = true
        #expect(status(.rightsKnown, figures, statements) == .stated)
        figures.hasGrants = true
        figures.unreadRows = 1
        #expect(status(.rightsKnown, figures) == .contradicted)
    }

    @Test("requesters that a table spells in another way are doubtful")
    func accounts() {
        var figures = Self.sound
        figures.unknownRequesters = 3
        #expect(status(.accountsKnown, figures) == .held)
        figures.foldedRequesters = [NameID(rawValue: 5)]
        #expect(status(.accountsKnown, figures) == .contradicted)
        #expect(Ledger(figures).rules.doubtfulRequesters == [NameID(rawValue: 5)])
        figures.hasAccounts = false
        #expect(status(.accountsKnown, figures) == .untestable)
    }

    @Test("304s without a validator, unknown verdicts, missing durations and untied clocks are told with their numbers")
    func told() throws {
        var figures = Self.sound
        figures.revalidationsWithoutValidator = 3
        figures.unknownVerdicts = ["ODD": 7]
        figures.withoutVerdict = 2
        figures.startUnknown = 11
        figures.untiedClocks = 1
        #expect(status(.validatorNamesEntry, figures) == .contradicted)
        #expect(status(.durationsKnown, figures) == .untestable)
        #expect(status(.clocksTied, figures) == .untestable)
        let verdicts = try #require(Ledger(figures).entries.first { $0.assumption == .verdictsKnown })
        #expect(verdicts.status == .untestable)
        #expect(verdicts.against == 9)
        #expect(verdicts.detail.contains("ODD (7)"))
    }
}
