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
