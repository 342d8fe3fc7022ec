import Chance
import Correlation
import Interning
import LogRecords
import Testing

/// Two logs of the same answers are told from two logs of like traffic.
@Suite struct LogComparisonTests {
    private static let second: Int64 = 1_000_000

    /// A line of an account that looks at its own camera.
    private func line(
        _ moment: Int64, account: Int, log: Int32, number: Int, bytes: Int64, node: Int32 = 0,
        status: CacheStatus = .unknown
    ) -> AnswerLine {
        AnswerLine(
            Delivery(
                id: EventID(source: Int64(log) + 1, line: Int64(number) + 1), time: EventTime(moment),
                node: SymbolID(rawValue: node), requester: SymbolID(rawValue: Int32(100 + account)),
                camera: SymbolID(rawValue: Int32(200 + account)), cacheStatus: status, status: 200, bytes: bytes),
            log: log, tieBreak: Int64(number))
    }

    /// Moments, accounts and lengths at random, one a second.
    private func traffic(_ seed: UInt64, _ count: Int) -> [(moment: Int64, account: Int, bytes: Int64)] {
        var chance = Chance(seed: seed)
        return (0..<count).map { index in
            (
                Int64(index) * Self.second + Int64(chance.below(900_000)), chance.below(20),
                Int64(2000 + chance.below(50_000))
            )
        }
    }

    @Test("a clock that is off and a header that is counted hide nothing", arguments: [0, 1_300_000, -95_000_000])
    func same(ahead: Int64) throws {
        var chance = Chance(seed: 5)
        let answers = traffic(1, 400)
        let one = answers.enumerated().map { line($1.moment, account: $1.account, log: 0, number: $0, bytes: $1.bytes) }
        let other = answers.enumerated().map { index, answer in
            line(
                answer.moment + ahead + Int64(chance.below(9000)), account: answer.account, log: 1, number: index,
                bytes: answer.bytes + 300 + Int64(chance.below(30)))
        }
        let outcome = LogComparison(one, other).outcome([.accountAndCamera])
        let tie = try #require(outcome.tie)
        #expect(outcome.share == 1)
        #expect(outcome.excess >= LogComparison.leastShare)
        #expect(tie.delay.contains(ahead) && tie.delay.contains(ahead + 9000))

        var groups = AnswerGroups([tie], richness: [:])
        let found = groups.answers(one + other)
        #expect(found.count == answers.count)
        // Both wrote the answers in one order.
        #expect(found.allSatisfy { $0.others.map(\.line) == [$0.counted.id.line] })
    }

    @Test("like traffic of the same accounts is not the same", arguments: 0..<20)
    func independent(seed: Int) {
        func log(_ number: Int32) -> [AnswerLine] {
            traffic(UInt64(seed) * 2 + UInt64(number), 400).enumerated().map {
                line($1.moment, account: $1.account, log: number, number: $0, bytes: -1)
            }
        }
        let outcome = LogComparison(log(0), log(1)).outcome([.accountAndCamera])
        #expect(outcome.excess < LogComparison.leastShare)
    }

    /// Two edges that share the requests between them: within a few seconds of any line the other has one of the same account.
    /// Whole seconds ask for wide windows, and elsewhere, where partners by chance are counted, short logs have no lines at all.
    @Test("dense traffic of the same accounts for a short time is not the same", arguments: 0..<10)
    func dense(seed: Int) {
        var chance = Chance(seed: UInt64(seed))
        let answers = (0..<2400).map { index in
            (moment: Int64(index) * 8_333, account: chance.below(16), log: chance.below(2))
        }
        func log(_ number: Int) -> [AnswerLine] {
            answers.enumerated().filter { $0.element.log == number }.map {
                line($1.moment, account: $1.account, log: Int32(number), number: $0, bytes: 3072)
            }
        }
        let outcome = LogComparison(log(0), log(1)).outcome([.accountAndCamera])
        #expect(
            outcome.tie == nil || outcome.excess < LogComparison.leastShare,
            "\(outcome.share) by chance \(outcome.coincidence)")
    }

    @Test("a hit on one node is no answer of another node's store")
    func hits() {
        func log(_ number: Int32) -> [AnswerLine] {
            traffic(1, 400).enumerated().map {
                line(
                    $1.moment, account: $1.account, log: number, number: $0, bytes: $1.bytes, node: 10 + number,
                    status: .hit)
            }
        }
        #expect(LogComparison(log(0), log(1)).outcome([.accountAndCamera]).tie == nil)
    }

    // MARK: One cache with two logs

    /// What one cache answered to a few accounts that look at their cameras' stills again and again: two cameras share an entry, and
    /// it is fetched anew after five seconds.
    private func polled(_ seed: UInt64, _ count: Int, every pause: Int) -> [(AnswerLine, isHub: Bool)] {
        var chance = Chance(seed: seed)
        var (moment, entries) = (Int64(0), [Int: (from: Int64, bytes: Int64)]())
        return (0..<count).map { number in
            moment += Int64(chance.below(2 * pause)) * 1000
            let account = chance.below(4)
            var (status, took) = (CacheStatus.hit, Int64(1000 + chance.below(11_000)))
            if let entry = entries[account / 2], moment < entry.from + 5 * Self.second {
            } else {
                (status, took) = (.miss, Int64(20_000 + chance.below(280_000)))
                entries[account / 2] = (moment + took, 40_000 + Int64(chance.below(9000)))
            }
            var line = line(
                moment + took, account: account, log: 0, number: number, bytes: entries[account / 2]?.bytes ?? 0,
                status: status)
            let time = EventTime(stamp: moment + took, earliest: moment, latest: moment + took, begunBy: moment)
            line = AnswerLine(
                Delivery(
                    id: line.delivery.id, time: time, requester: line.delivery.requester, camera: line.delivery.camera,
                    cacheStatus: status, status: 200, bytes: line.delivery.bytes),
                log: 0, tieBreak: Int64(number))
            return (line, isHub: chance.below(2) == 0)
        }
    }

    /// The same line in another log, written a little later.
    private func copy(_ line: AnswerLine, log: Int32, later: Int64 = 0, saysVerdict: Bool = true) -> AnswerLine {
        var delivery = line.delivery
        delivery.id = EventID(source: Int64(log) + 1, line: delivery.id.line)
        delivery.time = EventTime(
            stamp: delivery.time.stamp + later, earliest: delivery.time.earliest + later,
            latest: delivery.time.latest + later, begunBy: delivery.time.begunBy + later)
        if !saysVerdict { delivery.cacheStatus = .unknown }
        return AnswerLine(delivery, log: log, tieBreak: line.tieBreak)
    }

    @Test(
        "answers that one cache logs in one of two files are not each other's doubles",
        arguments: [(40, 100), (60, 200), (110, 300), (300, 300)])
    func twoFiles(count: Int, pause: Int) {
        for seed in 0..<12 {
            let answers = polled(UInt64(seed), count, every: pause)
            for isOneFormat in [true, false] {
                func log(_ isHub: Bool) -> [AnswerLine] {
                    answers.filter { $0.isHub == isHub }.map { copy($0.0, log: isHub ? 0 : 1) }
                        .sorted { $0.ended < $1.ended }
                }
                let (hub, app) = (log(true), log(false))
                let (first, other) = hub.count <= app.count ? (hub, app) : (app, hub)
                let outcome = LogComparison(first, other, isOneFormat: isOneFormat).outcome([.accountAndCamera])
                #expect(
                    outcome.tie == nil || outcome.excess < LogComparison.leastShare,
                    "seed \(seed): \(outcome.share) by chance \(outcome.coincidence)")
            }
        }
    }

    @Test("answers that it logs in both are", arguments: [(60, 200), (300, 300)])
    func twice(count: Int, pause: Int) throws {
        for seed in 0..<6 {
            let answers = polled(UInt64(seed), count, every: pause).map(\.0).sorted { $0.ended < $1.ended }
            var chance = Chance(seed: UInt64(seed))
            let other = answers.map { copy($0, log: 1, later: Int64(chance.below(900))) }.sorted { $0.ended < $1.ended }
            for isOneFormat in [true, false] {
                let outcome = LogComparison(answers, other, isOneFormat: isOneFormat).outcome([.accountAndCamera])
                let tie = try #require(outcome.tie)
                #expect(outcome.share == 1 && outcome.excess >= LogComparison.leastShare)
                // No further than lines of one answer are apart.
                #expect(tie.delay.upperBound - tie.delay.lowerBound <= 5000)
            }
        }
    }

    @Test(
        "what one log writes to the second, and another without its verdict, is the same",
        arguments: [(60, 300), (300, 300)])
    func seconds(count: Int, pause: Int) throws {
        for seed in 0..<6 {
            let answers = polled(UInt64(seed), count, every: pause).map(\.0).sorted { $0.ended < $1.ended }
            let other = answers.map { answer -> AnswerLine in
                let second = answer.ended / Self.second * Self.second
                return AnswerLine(
                    Delivery(
                        id: EventID(source: 2, line: answer.delivery.id.line),
                        time: EventTime(stamp: second, earliest: second, latest: second + Self.second - 1),
                        requester: answer.delivery.requester, camera: answer.delivery.camera, status: 200,
                        bytes: answer.delivery.bytes),
                    log: 1, tieBreak: answer.tieBreak)
            }.sorted { ($0.ended, $0.tieBreak) < ($1.ended, $1.tieBreak) }
            let outcome = LogComparison(answers, other).outcome([.accountAndCamera])
            #expect(
                outcome.tie != nil && outcome.share >= 0.97 && outcome.excess >= LogComparison.leastShare,
                "seed \(seed): \(outcome.share) by chance \(outcome.coincidence)")
        }
    }

    @Test("where nothing but the second tells them apart, it is open")
    func open() {
        // An account's two screens show its still, which stays the same, every two seconds or so, each by another server.
        var chance = Chance(seed: 9)
        func log(_ log: Int32) -> [AnswerLine] {
            (0..<200).map { number in
                let line = line(
                    Int64(number * 2 + chance.below(2)) * Self.second, account: number / 10, log: log, number: number,
                    bytes: Int64(3000 + number))
                let stamp = line.delivery.time.stamp
                var delivery = line.delivery
                delivery.time = EventTime(stamp: stamp, earliest: stamp, latest: stamp + Self.second - 1)
                return AnswerLine(delivery, log: log, tieBreak: line.tieBreak)
            }
        }
        let outcome = LogComparison(log(0), log(1)).outcome([.accountAndCamera])
        #expect(outcome.tie == nil || outcome.excess < LogComparison.leastShare)
        #expect(outcome.open != nil)
    }

    // MARK: Lines that contradict each other

    /// Answers of two nodes to one account's two devices, half a second apart, alike in all but what `change` makes other.
    private func twins(
        isOneFormat: Bool = true, change: (inout AnswerLine, Int) -> Void
    ) -> LogComparison.Outcome {
        let answers = traffic(21, 200)
        func log(_ log: Int32, _ later: Int64) -> [AnswerLine] {
            answers.enumerated().map { index, answer in
                var line = line(
                    answer.moment + later, account: answer.account, log: log, number: index, bytes: answer.bytes,
                    node: 1 + log)
                if log == 1 { change(&line, index) }
                return line
            }
        }
        let first = log(0, 0).enumerated().map { index, line in
            var line = line
            line.delivery.owner = line.delivery.requester
            line.delivery.frameCamera = line.delivery.camera
            line.delivery.frame = SymbolID(rawValue: Int32(5000 + index))
            line.delivery.key = SymbolID(rawValue: 900)
            line.device = UInt64(100 + answers[index].account)
            line.address = UInt64(300 + answers[index].account)
            return line
        }
        return LogComparison(first, log(1, 500_000), isOneFormat: isOneFormat).outcome([.accountAndCamera])
    }

    @Test("lines that name another owner, camera, frame, device, address or key are of another answer")
    func contradictions() {
        let outcomes: [(Contradictions, LogComparison.Outcome)] = [
            (.owner, twins { line, _ in line.delivery.owner = SymbolID(rawValue: 99) }),
            (.frameCamera, twins { line, _ in line.delivery.frameCamera = SymbolID(rawValue: 99) }),
            (.frame, twins { line, index in line.delivery.frame = SymbolID(rawValue: Int32(7000 + index)) }),
            (.device, twins { line, _ in line.device = UInt64(line.delivery.requester.rawValue) << 8 }),
            (.address, twins { line, _ in line.address = UInt64(line.delivery.requester.rawValue) << 8 }),
            (.key, twins { line, _ in line.delivery.key = SymbolID(rawValue: 901) }),
        ]
        for (kind, outcome) in outcomes {
            #expect(outcome.tie == nil)
            #expect(outcome.contradictions == kind)
        }
        #expect(twins { _, _ in }.tie != nil)
    }

    @Test(
        "two formats may name frames, devices and keys in other ways, and a server behind another sees that one's address"
    )
    func otherNames() {
        let outcomes = [
            twins(isOneFormat: false) { line, index in line.delivery.frame = SymbolID(rawValue: Int32(7000 + index)) },
            twins(isOneFormat: false) { line, _ in line.device = UInt64(line.delivery.requester.rawValue) << 8 },
            twins(isOneFormat: false) { line, _ in line.delivery.key = SymbolID(rawValue: 901) },
            twins { line, _ in line.address = 7 },
        ]
        for outcome in outcomes { #expect(outcome.tie != nil && outcome.share == 1) }
    }

    @Test("where some agree, those that do not have no partner")
    func someAgree() throws {
        let outcome = twins(isOneFormat: false) { line, index in
            line.delivery.frame = SymbolID(rawValue: Int32(index % 4 == 0 ? 7000 + index : 5000 + index))
        }
        #expect(try #require(outcome.tie).denials.contains(.frame))
        #expect(outcome.share == 0.75)
    }
}
