extension LoggedDuration {
    /// Units as Go's `time.Duration` and nginx-rtmp write them, and their nanoseconds; of those that begin alike the longer
    /// comes first.
    private static let units: [(name: StaticString, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("us", 1000), ("\u{b5}s", 1000), ("\u{3bc}s", 1000), ("ns", 1),
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ]

    /// Numbers with their units, one behind the other: `1m0.5s`, `120ms`, `1.4388ms`, `1d 2h 3m 4s`.
    ///
    /// What is left open is what the last number's digits leave open.
    init?(text bytes: UnsafeRawBufferPointer) {
        var nanoseconds: Int64 = 0
        var step: Int64 = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == 0x20 }
            let number = UnsafeRawBufferPointer(
                rebasing: rest.prefix(while: { $0 &- 48 < 10 || $0 == UInt8(ascii: ".") }))
            rest = rest.dropFirst(number.count)
            guard number.count > 0, number.count <= 18, let unit = Self.unit(&rest),
                let part = Self.value(number, in: unit)
            else { return nil }
            let (sum, overflow) = nanoseconds.addingReportingOverflow(part.nanoseconds)
            guard !overflow else { return nil }
            (nanoseconds, step) = (sum, part.step)
        }
        guard step > 0 else { return nil }
        self.init(microseconds: nanoseconds / 1000, resolution: max(1, step / 1000))
    }

    private static func unit(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int64? {
        for (name, nanoseconds) in units {
            let text = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            if rest.starts(with: text) {
                rest = rest.dropFirst(text.count)
                return nanoseconds
            }
        }
        return nil
    }

    /// - Returns: also what its last digit stands for.
    private static func value(_ number: UnsafeRawBufferPointer, in unit: Int64) -> (nanoseconds: Int64, step: Int64)? {
        var (whole, fraction, step): (Int64, Int64, Int64) = (0, 0, unit)
        var isFraction = false
        for byte in number {
            if byte == UInt8(ascii: ".") {
                guard !isFraction else { return nil }
                isFraction = true
            } else if isFraction {
                step /= 10
                fraction += Int64(byte &- 48) * step
            } else {
                whole = whole * 10 + Int64(byte &- 48)
            }
        }
        let (value, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        return (value + fraction, max(step, 1))
    }
}
