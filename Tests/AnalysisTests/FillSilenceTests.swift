import Correlation
import Interning
import LogRecords
import Testing

@testable import Analysis

/// How long a log of fills told nothing while its node delivered.
@Suite struct FillSilenceTests {
    private static let minute: Int64 = 60_000_000
    private let edge = SymbolID(rawValue: 1)
    private let other = SymbolID(rawValue: 2)

    /// A line every twenty seconds of those minutes.
    private func activity(_ spans: (node: SymbolID, minutes: Range<Int64>)...) -> Activity {
        var activity = Activity()
        for span in spans {
            for third in (span.minutes.lowerBound * 3)..<(span.minutes.upperBound * 3) {
                let time = EventTime(
                    stamp: third * Self.minute / 3, earliest: third * Self.minute / 3, latest: third * Self.minute / 3)
                activity.add(
                    Delivery(id: EventID(source: 1, line: third), time: time, clock: span.node, node: span.node))
            }
        }
        return activity
    }

    @Test("the longest silence is told, from the last line before it")
    func longest() throws {
        let fills = activity((edge, 0..<100), (edge, 115..<200), (edge, 240..<300))
        let silence = try #require(DirectoryTables.silence(fills, activity((edge, 0..<300))))
        // From the last third of minute 199 to the first of minute 240.
        #expect(silence.seconds == 40 * 60 + 20 && silence.from == 200 * Self.minute - Self.minute / 3)
    }

    @Test("where the node delivered nothing either, it slept")
    func asleep() {
        let fills = activity((edge, 0..<100), (edge, 140..<200))
        #expect(DirectoryTables.silence(fills, activity((edge, 0..<100), (edge, 140..<200))) == nil)
        // Deliveries in two minutes of it do not tell that they went on; in three they do.
        #expect(DirectoryTables.silence(fills, activity((edge, 0..<102), (edge, 140..<200))) == nil)
        #expect(DirectoryTables.silence(fills, activity((edge, 0..<103), (edge, 140..<200))) != nil)
    }

    @Test("another node's deliveries say nothing of it, but of a log of fills that names no node any node's do")
    func otherNode() {
        let deliveries = activity((other, 0..<200))
        #expect(DirectoryTables.silence(activity((edge, 0..<100), (edge, 140..<200)), deliveries) == nil)
        #expect(DirectoryTables.silence(activity((.absent, 0..<100), (.absent, 140..<200)), deliveries) != nil)
    }
}
