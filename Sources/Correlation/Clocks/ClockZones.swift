public import Interning
import LogRecords

/// A clock that nothing ties to the reference, but that would agree with it if it were off by some quarters of an hour: its log
/// may be written in another zone than it is read in.
public struct ClockZone: Sendable, Equatable {
    public var clock: SymbolID
    /// By how much it is ahead of the others, seconds; a multiple of 900.
    public var seconds: Int

    public init(clock: SymbolID, seconds: Int) {
        self.clock = clock
        self.seconds = seconds
    }
}

extension ClockConstraints {
    /// Zones differ by multiples of a quarter of an hour (IANA time zone database: Asia/Kathmandu is at +05:45), by a day and two
    /// hours at most (Pacific/Kiritimati at +14, Pacific/Pago_Pago at -11, and local days apart).
    private static let (quarter, mostQuarters): (Int64, Int64) = (900_000_000, 104)
    /// How far a fill may be from the request's interval, microseconds: two clocks in different zones have an offset as well.
    private static let slack: Int64 = 1_000_000
    /// How many requests must agree.
    private static let fewest = 5

    /// The clocks among `offsets` that nothing ties and of which most requests that have any fill agree on such a difference.
    public func zones(_ offsets: [ClockOffset]) -> [ClockZone] {
        offsets.filter { $0.basis == .assumed }.compactMap { offset in
            zone(of: offset.clock).map { ClockZone(clock: offset.clock, seconds: Int($0 * Self.quarter / 1_000_000)) }
        }
    }

    private func zone(of clock: SymbolID) -> Int64? {
        var votes: [Int64: Int] = [:]
        var all = 0
        for fetch in fetches where fetch.clock == clock {
            let begun = (fills[fetch.cause] ?? []).lazy.filter { $0.clock != clock }.map(\.earliest)
            guard !begun.isEmpty else { continue }
            all += 1
            var quarters: Set<Int64> = []
            for begin in begun.prefix(Self.mostBeginnings) {
                let apart = fetch.time.earliest - begin
                let number = Int64((Double(apart) / Double(Self.quarter)).rounded())
                guard number != 0, abs(number) <= Self.mostQuarters else { continue }
                let moved = begin + number * Self.quarter
                if moved >= fetch.time.earliest - Self.slack, moved <= fetch.time.latest + Self.slack {
                    quarters.insert(number)
                }
            }
            for number in quarters { votes[number, default: 0] += 1 }
        }
        guard let best = votes.max(by: { ($0.value, -abs($0.key), $0.key) < ($1.value, -abs($1.key), $1.key) }),
            best.value >= Self.fewest, best.value * 2 >= all
        else { return nil }
        // Accounts that ask again and again agree on many differences by chance.
        let next = votes.filter { $0.key != best.key }.values.max() ?? 0
        return best.value >= 2 * next ? best.key : nil
    }

    private static let mostBeginnings = 4096
}
