/// Reads stamps whose digits stand at fixed places, and remembers the day, which is the same on many lines:
/// RFC 3339 in UTC with three, six or no digits of a second's fraction, `2019-12-26T09:12:57.123456Z`; the same without
/// zone and fraction, `2019-12-26 09:12:57`; and the Common Log Format's `26/Dec/2019:09:12:57 +0000`.
struct DayReader {
    /// What the stamp read last has beside the time of day: its date and its zone.
    private var day: (UInt64, UInt64, UInt64) = (0, 0, 0)
    /// When the clock of that zone showed the day's beginning, microseconds since 1970 UTC.
    private var midnight: Int64 = 0

    /// - Returns: nil for any other notation, which `Timestamp` may know.
    mutating func stamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        let count = bytes.count
        if count == 26, bytes[2] == UInt8(ascii: "/"), bytes[11] == UInt8(ascii: ":"), bytes[20] == 0x20 {
            return stamp(
                bytes, clock: 12, digits: 0,
                day: (word(bytes, 0), word(bytes, 3), UInt64(littleEndian: word(bytes, 18)) >> 24))
        }
        guard count >= 19, bytes[4] == UInt8(ascii: "-") else { return nil }
        switch (count, bytes[10]) {
        case (19, 0x20), (19, UInt8(ascii: "T")): break
        case (20, UInt8(ascii: "T")), (24, UInt8(ascii: "T")), (27, UInt8(ascii: "T")):
            guard bytes[count - 1] == UInt8(ascii: "Z") else { return nil }
        default: return nil
        }
        if count > 20, bytes[19] != UInt8(ascii: ".") { return nil }
        return stamp(bytes, clock: 11, digits: max(0, count - 21), day: (word(bytes, 0), word(bytes, 2), 0))
    }

    @inline(__always)
    private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// - Parameters:
    ///   - clock: where `09:12:57` begins.
    ///   - digits: how many digits of a fraction follow it and a point.
    @inline(__always)
    private mutating func stamp(
        _ bytes: UnsafeRawBufferPointer, clock: Int, digits: Int, day found: (UInt64, UInt64, UInt64)
    ) -> Timestamp? {
        // Each byte less the character that stands there, of a digit its value; a high bit where it is none.
        let parts = UInt64(littleEndian: word(bytes, clock)) ^ 0x3030_3a30_303a_3030
        let wrong = (parts & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7676_7f76_767f_7676 | parts
        let pairs = parts &* 10 &+ parts >> 8
        let (hour, minute, second) = (pairs & 0xff, pairs >> 24 & 0xff, pairs >> 48 & 0xff)
        guard wrong & 0x8080_8080_8080_8080 == 0, hour < 24, minute < 60, second < 60,
            let fraction = fraction(bytes, clock + 9, digits)
        else { return nil }
        let resolution: Int64 = digits == 6 ? 1 : digits == 3 ? 1000 : 1_000_000
        let timeOfDay = Int64(hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
        if found != day {
            guard let stamp = Timestamp(bytes: bytes) else { return nil }
            (midnight, day) = (stamp.microseconds - timeOfDay, found)
        }
        return Timestamp(microseconds: midnight + timeOfDay, resolution: resolution)
    }

    /// Microseconds, of three, six or no digits; nil if one is none.
    @inline(__always)
    private func fraction(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ digits: Int) -> Int64? {
        if digits == 0 { return 0 }
        if digits == 6 {
            // The two characters before them are left out of the word.
            let parts = UInt64(littleEndian: word(bytes, start - 2)) >> 16 ^ 0x3030_3030_3030
            guard (parts & 0x7f7f_7f7f_7f7f &+ 0x7676_7676_7676 | parts) & 0x8080_8080_8080 == 0 else { return nil }
            let pairs = parts &* 10 &+ parts >> 8
            return Int64((pairs & 0xff) * 10_000 + (pairs >> 16 & 0xff) * 100 + pairs >> 32 & 0xff)
        }
        var value: Int64 = 0
        for index in start..<(start + digits) {
            let digit = bytes[index] &- 48
            if digit > 9 { return nil }
            value = value * 10 + Int64(digit)
        }
        return digits == 3 ? value * 1000 : value
    }
}
