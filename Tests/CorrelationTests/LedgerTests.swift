import Correlation
import Interning
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

    @Test(
        "misses that nothing sent under their key can have answered, and validators of other keys' frames, say so too")
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

    @Test("answers that no request in the logs asked for say that a log is missing")
    func missingLog() throws {
        // Two caches in front of one origin, of which one has logged what it was asked.
        func ledger(ofBoth: Bool) -> Ledger {
            var replay = Replay()
            for step in 0..<20 {
                for node in 0..<2 {
                    let at = step * 10_000 + node * 3000
                    replay.fill(at, of: 1, frame: Int32(2 * step + node), kind: .sent, node: nil, for: 1)
                    if node == 0 || ofBoth { replay.delivery(at + 10, to: 1, .miss, took: 20) }
                }
            }
            var figures = Self.sound
            figures.observations = replay.observations()
            return Ledger(figures)
        }
        let (half, both) = (ledger(ofBoth: false), ledger(ofBoth: true))
        #expect(half.entries.first { $0.assumption == .allNodesLogged }?.status == .contradicted)
        #expect(half.entries.first { $0.assumption == .allNodesLogged }?.against == 20)
        #expect(both.entries.first { $0.assumption == .allNodesLogged }?.status == .held)
    }

    @Test("answers of the origin beside hits say that hits may be stale, and that no log is missing")
    func staleHits() {
        // Each hit sets off a refresh of its own that no other line tells, or the hits are of another time.
        func ledger(_ before: Int) -> Ledger {
            var replay = Replay()
            for step in 0..<20 {
                let at = step * 10_000
                replay.delivery(at + before, to: 1, .hit, node: nil)
                replay.fill(at + 10, of: 1, frame: Int32(step), kind: .sent, node: nil, for: 1)
                replay.delivery(at + 5000, to: 1, .hit, node: nil)
            }
            var figures = Self.sound
            figures.observations = replay.observations()
            return Ledger(figures)
        }
        func status(_ assumption: Assumption, _ ledger: Ledger) -> Assumption.Status? {
            ledger.entries.first { $0.assumption == assumption }?.status
        }
        let (stale, fresh) = (ledger(0), ledger(2000))
        #expect(!stale.rules.areHitsFresh && stale.rules.doHitsRefresh)
        #expect(status(.verdictsKnown, stale) == .contradicted)
        #expect(status(.allNodesLogged, stale) == .held)
        #expect(fresh.rules.areHitsFresh && !fresh.rules.doHitsRefresh)
        #expect(status(.verdictsKnown, fresh) == .held)
        #expect(status(.allNodesLogged, fresh) == .contradicted)
    }

    @Test("zones, and logs whose time runs back, leave open what every hit was on")
    func zones() throws {
        var figures = Self.sound
        figures.zones = [("edge-1", -3600)]
        let ledger = Ledger(figures)
        let entry = try #require(ledger.entries.first { $0.assumption == .clocksTied })
        #expect(entry.status == .contradicted)
        #expect(entry.detail == "edge-1 is 3600 s behind: a zone?")
        #expect(ledger.rules.areClocksAstray)
        figures = Self.sound
        figures.logsRunningBack = 1
        #expect(status(.clocksTied, figures) == .contradicted)
        #expect(Ledger(figures).rules.areClocksAstray)
        #expect(!Ledger(Self.sound).rules.areClocksAstray)
    }

    @Test("a log of fills that is silent while deliveries go on is told with the fills that are lost")
    func silence() throws {
        var figures = Self.sound
        figures.fillSilence = (900, 1_577_354_400_000_000)
        func detail() throws -> String {
            try #require(Ledger(figures).entries.first { $0.assumption == .fillLogWhole }).detail
        }
        figures.lostFills = 0
        #expect(try !detail().contains("silent"))
        figures.lostFills = 40
        #expect(try detail().contains("silent for 900 s from 2019-12-26T10:00:00.000000Z on"))
        #expect(status(.fillLogWhole, figures) == .contradicted)
    }

    @Test("keys that are gone all at once are told from those that go one by one")
    func bursts() throws {
        /// Forty keys, fetched every six seconds and found fresh up to five; of each `missing` moment one request finds nothing.
        func detail(_ missing: (Int32) -> Int) throws -> String {
            var replay = Replay()
            for key in 1...40 as ClosedRange<Int32> {
                var events = (0..<50).flatMap { round -> [(Int, CacheStatus)] in
                    let at = round * 6000 + Int(key) * 7
                    return [(at, .miss), (at + 1000, .hit), (at + 4900, .hit)]
                }
                events.append((missing(key) + Int(key) * 7, .miss))
                for (at, status) in events.sorted(by: { $0.0 < $1.0 }) {
                    if status == .miss { replay.fill(at - 5, of: 1, kind: .sent, node: nil, key: key, for: 1) }
                    replay.delivery(at, to: 1, status, took: status == .miss ? 10 : 0, key: key)
                }
            }
            var figures = Self.sound
            figures.observations = replay.observations()
            return try #require(Ledger(figures).entries.first { $0.assumption == .entriesLeaveInWriting }).detail
        }
        #expect(try detail { _ in 122_000 }.contains("Most in 1 bursts, the first at 1970-01-01T00:02:02.000000Z"))
        #expect(try detail { 2000 + Int($0) * 6000 }.contains("Spread over the time"))
    }

    @Test("several answers of the origin to one request say that a body is made of parts")
    func parts() {
        func status(answers: Int) -> Assumption.Status? {
            var replay = Replay()
            for step in 0..<20 {
                let at = step * 10_000
                for part in 0..<answers {
                    replay.fill(at + 2 * part, of: 1, frame: Int32(step), kind: .sent, node: nil, for: 1)
                }
                replay.delivery(at + 10, to: 1, .miss, took: 20)
            }
            var figures = Self.sound
            figures.observations = replay.observations()
            return self.status(.headersAreTheBodys, figures)
        }
        #expect(status(answers: 1) == .held)
        #expect(status(answers: 3) == .contradicted)
    }

    @Test("misses while the entry was fresh say that there are several of a key, at 4 % and not at 0.3 %")
    func missesWhileFresh() {
        // Forty keys, each fetched fifty times as its entry ages; under some of them one more request finds nothing fresh.
        func ledger(_ odd: Int32) -> Ledger {
            var replay = Replay()
            for key in 1...40 as ClosedRange<Int32> {
                for round in 0..<50 {
                    let at = round * 6000 + Int(key) * 7
                    // At another moment of each key, so that it is no burst.
                    let isMissed = key <= odd && (round == Int(key) || odd > 40 && round == Int(key) + 5)
                    let asked =
                        [(at, CacheStatus.miss), (at + 1000, .hit)]
                        + (isMissed ? [(at + 2000, .miss)] : []) + [(at + 4900, .hit)]
                    for (at, status) in asked {
                        if status == .miss { replay.fill(at - 5, of: 1, kind: .sent, node: nil, key: key, for: 1) }
                        replay.delivery(at, to: 1, status, took: status == .miss ? 10 : 0, key: key)
                    }
                }
            }
            var figures = Self.sound
            figures.observations = replay.observations()
            return Ledger(figures)
        }
        func status(_ assumption: Assumption, _ odd: Int32) -> Assumption.Status? {
            ledger(odd).entries.first { $0.assumption == assumption }?.status
        }
        // 6 of 2006, and 80 of 2080.
        #expect(status(.oneEntryPerKey, 6) == .held && status(.entriesLeaveInWriting, 6) == .held)
        #expect(status(.oneEntryPerKey, 80) == .contradicted && status(.entriesLeaveInWriting, 80) == .contradicted)
    }

    @Test(
        "two logs without a node at one time are one cache's only if many requests could have shown that they are not")
    func overlappingLogs() {
        func ledger(rounds: Int, _ statements: Ledger.Statements = .init()) -> Ledger {
            var replay = Replay()
            for step in 0..<rounds {
                replay.fill(step * 6000 - 5, of: 1, kind: .sent, node: nil, for: 1)
                replay.delivery(step * 6000, to: 1, .miss, took: 10, node: nil)
                replay.delivery(step * 6000 + 4000, to: 1, .hit, node: nil)
            }
            var figures = Self.sound
            (figures.withoutNode, figures.overlappingLogs) = (2 * rounds, 2)
            figures.observations = replay.observations()
            return Ledger(figures, statements)
        }
        func status(_ ledger: Ledger) -> Assumption.Status? {
            ledger.entries.first { $0.assumption == .oneCachePerLog }?.status
        }
        let (few, many) = (ledger(rounds: 20), ledger(rounds: 200))
        #expect(status(few) == .untestable && few.rules.nodesOfSeveralEntries == [.absent])
        #expect(status(many) == .held && many.rules.areTrusting)
        var statements = Ledger.Statements()
        statements.isOneCache = true
        let stated = ledger(rounds: 20, statements)
        #expect(status(stated) == .stated && stated.rules.areTrusting)
    }

    @Test("of a job on other machines nothing is said to hold that nobody asked")
    func job() {
        var figures = Self.sound
        figures.isOfJob = true
        for entry in Ledger(figures).entries where !Ledger.toldByJobs.contains(entry.assumption) {
            #expect(entry.status == .untestable && entry.detail.contains("Other machines"))
        }
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
        figures.doubts.requesters = [SymbolID(rawValue: 5)]
        #expect(status(.accountsKnown, figures) == .contradicted)
        #expect(Ledger(figures).rules.doubts.requesters == [SymbolID(rawValue: 5)])
        figures.hasAccounts = false
        #expect(status(.accountsKnown, figures) == .contradicted, "without a table of accounts, too")
        figures.doubts.requesters = []
        #expect(status(.accountsKnown, figures) == .untestable)
    }

    @Test("contradictions of the tables are told with their number and the lines of the first")
    func tables() throws {
        var figures = Self.sound
        #expect(status(.tablesAgree, figures) == .held)
        figures.disputes[.grantTimes] = Ledger.Figures.Disputes(count: 2, example: "a.csv line 3 and b.csv line 7")
        figures.openRows = 3
        let entry = try #require(Ledger(figures).entries.first { $0.assumption == .tablesAgree })
        #expect(entry.status == .contradicted && entry.against == 5)
        #expect(entry.detail.contains("a.csv line 3 and b.csv line 7"))
        #expect(Ledger(figures).isShaken)
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
