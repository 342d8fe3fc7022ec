import Chance
import Correlation
import Foundation
import Interning
import LogRecords
import Testing

/// Silences of logs with a rhythm of days, with and without planted gaps.
@Suite struct LogGapTests {
    private static let day: Int64 = 86_400_000_000
    private static let start: Int64 = 1_646_625_900_000_000
    private static let minute: Int64 = 60_000_000

    /// A line of a node, microseconds.
    private typealias Line = (node: Int32, at: Int64)

    /// Looks of one to four lines each, a quarter as many at four in the morning as at four in the afternoon, none between
    /// midnight and five if nodes sleep.
    private func lines(
        _ chance: inout Chance, days: Int, nodes: Int32, looks: Int, sleeps: Bool = false
    ) -> [Line] {
        var lines: [Line] = []
        for _ in 0..<looks {
            var at = Self.start + Int64(chance.below(days * 86_400_000)) * 1000
            let hour = Double(at % Self.day) / 3.6e9
            let distance = min(abs(hour - 16), 24 - abs(hour - 16)) / 12
            if Double(chance.below(1000)) / 1000 > 1 - 0.75 * distance || sleeps && hour < 5 { continue }
            let node = Int32(chance.below(Int(nodes))) + 1
            for _ in 0...chance.below(4) {
                lines.append((node, at))
                at += Int64(200 + chance.below(4000)) * 1000
            }
        }
        return lines
    }

    private func silences(_ lines: [Line]) -> [LogGaps.LogGap] {
        var activity = Activity()
        for (number, line) in lines.sorted(by: { $0.at < $1.at }).enumerated() {
            activity.add(
                Delivery(
                    id: EventID(source: 1, line: Int64(number)), time: EventTime(line.at),
                    node: SymbolID(rawValue: line.node)))
        }
        return LogGaps(activity).all
    }

    @Test("a log that sleeps every night has no gap, be it one node's or several", arguments: 0..<8)
    func nights(_ seed: Int) {
        var chance = Chance(seed: UInt64(seed))
        let made = lines(&chance, days: 3 + seed % 8, nodes: Int32(1 + seed % 3), looks: 20_000, sleeps: true)
        #expect(silences(made).isEmpty)
    }

    @Test(
        "twenty minutes without a line are found by the same hour of other days, of one node and of all",
        arguments: 0..<8)
    func gaps(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed) ^ 0x77)
        let made = lines(&chance, days: 5, nodes: 4, looks: 70_000, sleeps: true)
        // On the third day, between nine and twenty-one o'clock.
        let from = Self.start - Self.start % Self.day + 2 * Self.day + Int64(9 * 60 + chance.below(700)) * Self.minute
        let until = from + 20 * Self.minute
        for nodes in [[Int32(2)], [1, 2, 3, 4]] {
            let kept = made.filter { $0.at < from || $0.at >= until || !nodes.contains($0.node) }
            let found = silences(kept)
            #expect(found.map(\.node.rawValue).sorted() == nodes)
            #expect(found.allSatisfy { $0.basis == .otherDays && $0.from <= from && $0.until >= until })
            // What was taken away is what should have been there, give or take what chance does.
            for one in found {
                let lost = made.count { $0.node == one.node.rawValue && $0.at >= from && $0.at < until }
                #expect(abs(one.expected - lost) < 40, "\(one.expected) \(lost)")
            }
        }
    }

    static let asked = ProcessInfo.processInfo.environment["STRAYFRAME_GAPS"].flatMap { Int($0) }

    @Test("of twenty minutes taken out of random logs most are found, and hardly anything else is taken for a gap")
    func precision() {
        var (planted, dense, found, foundDense, wrong) = (0, 0, 0, 0, 0)
        for seed in 0..<(Self.asked ?? 12) {
            var chance = Chance(seed: UInt64(seed) ^ 0x6a9)
            let (days, nodes) = (3 + chance.below(8), Int32(1 + chance.below(4)))
            let looks = days * Int(nodes) * (2000 + chance.below(6000))
            let made = lines(&chance, days: days, nodes: nodes, looks: looks, sleeps: chance.below(2) == 0)
            var gaps: [(node: Int32, from: Int64)] = []
            for _ in 0..<chance.below(4) {
                let from = Self.start + Int64(1 + chance.below(days * 1440 - 40)) * Self.minute
                gaps.append((Int32(chance.below(Int(nodes))) + 1, from))
            }
            func lies(_ line: Line, in gap: (node: Int32, from: Int64)) -> Bool {
                line.node == gap.node && line.at >= gap.from && line.at < gap.from + 20 * Self.minute
            }
            let silences = silences(made.filter { line in !gaps.contains { lies(line, in: $0) } })
            for gap in gaps {
                // Lines come in looks of 2.5 on average.
                let isDense = made.count { lies($0, in: gap) } >= 60
                let isFound = silences.contains {
                    $0.node.rawValue == gap.node && $0.from <= gap.from && $0.until >= gap.from + 20 * Self.minute
                }
                planted += 1
                dense += isDense ? 1 : 0
                found += isFound ? 1 : 0
                foundDense += isFound && isDense ? 1 : 0
            }
            wrong += silences.count { silence in
                !gaps.contains {
                    $0.node == silence.node.rawValue && silence.from < $0.from + 20 * Self.minute
                        && silence.until > $0.from
                }
            }
        }
        if Self.asked != nil {
            print("gaps: \(planted) planted, \(found) found; of \(dense) dense ones \(foundDense); \(wrong) wrong")
        }
        // One of a few is no share.
        #expect(wrong <= 1 + found / 20, "\(wrong) \(found)")
        #expect(foundDense * 10 >= dense * 9)
    }

    @Test("a day on which everybody has little traffic is no gap, and of a single day the other nodes tell")
    func others() {
        var chance = Chance(seed: 9)
        let made = lines(&chance, days: 5, nodes: 4, looks: 40_000)
        let from = Self.start - Self.start % Self.day + 2 * Self.day + 12 * 60 * Self.minute
        // From noon on for six hours one line in forty.
        let until = from + Self.day / 4
        let holiday = made.enumerated().filter {
            $0.element.at < from || $0.element.at >= until || $0.offset % 40 == 0
        }
        #expect(silences(holiday.map(\.element)).isEmpty)
        let single = lines(&chance, days: 1, nodes: 4, looks: 20_000)
        let noon = Self.start + Self.day / 2
        let found = silences(single.filter { $0.node != 3 || $0.at < noon || $0.at >= noon + 20 * Self.minute })
        #expect(found.map(\.node.rawValue) == [3] && found.first?.basis == .otherNodes)
    }
}
