/// Reads RFC 3339 stamps in UTC whose digits stand at fixed places, `2019-12-26T09:12:57.123456Z` with three or six
/// digits of a second, and remembers the day, which is the same on many lines.
struct DayReader {
    /// The first ten bytes of the stamp read last.
    private var date: (UInt64, UInt16) = (0, 0)
    /// The day's beginning, microseconds since 1970 UTC.
    private var midnight: Int64 = 0

    /// - Returns: nil for any other notation, which `Timestamp` may know.
    mutating func stamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        guard bytes.count == 27 || bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "."), bytes[bytes.count - 1] == UInt8(ascii: "Z")
        else { return nil }
        var isWrong: UInt8 = 0
        @inline(__always) func digit(_ index: Int) -> Int64 {
            let digit = bytes[index] &- 48
            isWrong |= digit > 9 ? 1 : 0
            return Int64(digit)
        }
        let hour = digit(11) * 10 + digit(12)
        let minute = digit(14) * 10 + digit(15)
        let second = digit(17) * 10 + digit(18)
        var fraction = digit(20) * 100 + digit(21) * 10 + digit(22)
        if bytes.count == 27 { fraction = fraction * 1000 + digit(23) * 100 + digit(24) * 10 + digit(25) }
        guard isWrong == 0, hour < 24, minute < 60, second < 60 else { return nil }
        let found = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        )
        if found != date {
            guard let day = Timestamp(bytes: bytes) else { return nil }
            // Before 1970 the remainder would have the other sign.
            guard day.microseconds >= 0 else { return day }
            midnight = day.microseconds - day.microseconds % 86_400_000_000
            date = found
        }
        let seconds = hour * 3600 + minute * 60 + second
        let isMicroseconds = bytes.count == 27
        return Timestamp(
            microseconds: midnight + seconds * 1_000_000 + (isMicroseconds ? fraction : fraction * 1000),
            resolution: isMicroseconds ? 1 : 1000)
    }
}
