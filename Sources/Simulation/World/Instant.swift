/// A length of time in microseconds.
package typealias Microseconds = Int64

extension Microseconds {
    static func milliseconds(_ count: Int) -> Microseconds { Int64(count) * 1000 }
    static func seconds(_ count: Int) -> Microseconds { Int64(count) * 1_000_000 }
    static func minutes(_ count: Int) -> Microseconds { .seconds(count * 60) }
    static func hours(_ count: Int) -> Microseconds { .seconds(count * 3600) }
    static func days(_ count: Int) -> Microseconds { .seconds(count * 86400) }
}

/// A point in time: microseconds since 1970 UTC, leap seconds not counted.
struct Instant: Hashable, Comparable, Sendable {
    var microseconds: Int64

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A UTC date and time of the Gregorian calendar (Howard Hinnant's days-from-civil).
    init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) {
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        microseconds = .seconds(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
    static func + (start: Instant, length: Microseconds) -> Instant {
        Instant(microseconds: start.microseconds + length)
    }
    static func - (end: Instant, length: Microseconds) -> Instant {
        Instant(microseconds: end.microseconds - length)
    }
    static func - (end: Instant, start: Instant) -> Microseconds { end.microseconds - start.microseconds }

    /// Midnight UTC at this time or before.
    var startOfDay: Instant { Instant(microseconds: microseconds - microseconds % .days(1)) }

    /// RFC 3339 in UTC with six digits of a second, as in `2019-12-26T03:12:40.000000Z`.
    var text: String {
        let (days, inDay) = (Int(microseconds / .days(1)) + 719_468, Int(microseconds % .days(1)))
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1_000_000)
        return "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))T\((seconds / 3600).padded(2)):"
            + "\((seconds / 60 % 60).padded(2)):\((seconds % 60).padded(2)).\(fraction.padded(6))Z"
    }
}

extension Int {
    /// The decimal digits with leading zeros up to a width.
    func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}

/// A half-open stretch of time; an end that is nil is open.
struct Span: Hashable, Sendable {
    var from: Instant?
    var until: Instant?

    func contains(_ time: Instant) -> Bool {
        if let from, time < from { return false }
        if let until, time >= until { return false }
        return true
    }
}
