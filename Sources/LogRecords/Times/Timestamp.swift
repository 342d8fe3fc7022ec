/// A time stamp as a log writes it, and how much its digits leave open.
public struct Timestamp: Hashable, Sendable {
    /// Microseconds since 1970-01-01 UTC; digits beyond microseconds are cut off.
    public var microseconds: Int64
    /// The span that the stamp stands for, microseconds: 1 for six or more digits, 1000 for milliseconds…
    public var resolution: Int64

    public init(microseconds: Int64, resolution: Int64) {
        self.microseconds = microseconds
        self.resolution = resolution
    }

    /// The last microsecond that the stamp can stand for.
    public var latest: Int64 { microseconds + resolution - 1 }

    /// Reads a time stamp in one of the notations that logs use, told by its shape:
    /// - RFC 3339 / ISO 8601 (`2019-12-26T09:12:57.123456Z`, also with a blank for `T`, `/` for `-`, `,` before the fraction, or an
    ///   offset, of hours alone (PostgreSQL's `+00`) or in words (BigQuery's ` UTC`)); without an offset it is taken as UTC
    /// - ISO 8601, basic format (`20191226T091257Z`)
    /// - the Common Log Format's (`26/Dec/2019:09:12:57 +0000`, with or without a fraction)
    /// - epoch numbers: seconds, milliseconds, microseconds or nanoseconds, told by size; with a fraction or without. A number that
    ///   would be of a time before 2000 or after 2106 counts something else: days, ticks of .NET or Windows, or a spreadsheet's
    ///   serial
    /// - a date and time in fourteen digits (`20191226091257`), or in seventeen with its milliseconds
    ///
    /// A leap second (`23:59:60`) has no number of its own in UTC as computers count it: other clocks showed the second
    /// before it again, or the one after it already. The stamp stands for both.
    ///
    /// - Returns: nil if the text is none of these or no date of the calendar.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        guard let parsed = copy.withUTF8({ Timestamp(bytes: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = parsed
    }

    init?(bytes: UnsafeRawBufferPointer) {
        guard let parsed = Self.read(bytes) else { return nil }
        self = parsed.stamp
    }

    /// The stamp, and whether it is a date and time without an offset from UTC.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> (stamp: Timestamp, isLocal: Bool)? {
        var reader = DigitReader(bytes)
        let stamp: Timestamp?
        if bytes.count >= 19, bytes[4] == UInt8(ascii: "-") || bytes[4] == UInt8(ascii: "/") {
            stamp = Timestamp(rfc3339: &reader)
        } else if bytes.count >= 20, bytes[2] == UInt8(ascii: "/") {
            stamp = Timestamp(commonLog: &reader)
        } else if bytes.count >= 15, bytes[8] == UInt8(ascii: "T") {
            stamp = Timestamp(basic: &reader)
        } else {
            stamp = Timestamp(epoch: &reader)
        }
        return stamp.map { ($0, reader.hasNoZone) }
    }

    /// The month that a stamp as syslog writes it begins with; nil if it is none.
    static func month(ofStampWithoutYear bytes: UnsafeRawBufferPointer) -> Int? {
        var reader = DigitReader(bytes)
        return reader.monthName()
    }

    /// Reads `Dec 26 09:12:57` (RFC 3164 section 4.1.2), also with a fraction, as of that year.
    init?(bytes: UnsafeRawBufferPointer, year: Int) {
        var reader = DigitReader(bytes)
        guard let month = reader.monthName(), reader.skip(" ") else { return nil }
        _ = reader.skip(" ")
        guard let day = reader.number(), reader.skip(" "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2)
        else { return nil }
        self.init(&reader, year, month, day, hour, minute, second)
    }

    private init?(rfc3339 reader: inout DigitReader) {
        guard let year = reader.number(4), reader.skip("-") || reader.skip("/"), let month = reader.number(2),
            reader.skip("-") || reader.skip("/"), let day = reader.number(2),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2)
        else { return nil }
        self.init(&reader, year, month, day, hour, minute, second)
    }

    private init?(basic reader: inout DigitReader) {
        guard let year = reader.number(4), let month = reader.number(2), let day = reader.number(2), reader.skip("T"),
            let hour = reader.number(2), let minute = reader.number(2), let second = reader.number(2)
        else { return nil }
        self.init(&reader, year, month, day, hour, minute, second)
    }

    private init?(commonLog reader: inout DigitReader) {
        guard let day = reader.number(2), reader.skip("/"), let month = reader.monthName(), reader.skip("/"),
            let year = reader.number(4), reader.skip(":"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2)
        else { return nil }
        self.init(&reader, year, month, day, hour, minute, second)
    }

    private init?(
        _ reader: inout DigitReader, _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
    ) {
        let isLeap = second == 60
        guard let fraction = reader.fraction(), let offset = reader.zone(), reader.isAtEnd,
            let microseconds = CivilTime.microseconds(
                year: year, month: month, day: day, hour: hour, minute: minute, second: isLeap ? 59 : second,
                fraction: fraction.microseconds, offsetSeconds: offset)
        else { return nil }
        self.init(microseconds: microseconds, resolution: fraction.resolution + (isLeap ? 1_000_000 : 0))
    }

    private init?(epoch reader: inout DigitReader) {
        guard let whole = reader.number(), let fraction = reader.fraction(), reader.isAtEnd else { return nil }
        let value = Int64(whole)
        if value < 100_000_000_000 {
            self.init(microseconds: value * 1_000_000 + Int64(fraction.microseconds), resolution: fraction.resolution)
        } else if value < 100_000_000_000_000 {
            self.init(
                microseconds: value * 1000 + Int64(fraction.microseconds / 1000),
                resolution: max(fraction.resolution / 1000, 1))
        } else if value < 100_000_000_000_000_000 {
            self.init(microseconds: value, resolution: 1)
        } else {
            self.init(microseconds: value / 1000, resolution: 1)
        }
        if Self.epochNumbers.contains(microseconds) { return }
        guard let date = Self.date(inDigits: value, fraction) else { return nil }
        self = date
        reader.lacksZone()
    }

    /// From 2000 on, and as far as 32 bits count seconds.
    private static let epochNumbers: Range<Int64> = CivilTime.year2000..<4_294_967_296_000_000

    /// A number whose digits are a date and the time of day, to the second or the millisecond. It would be an epoch number of
    /// centuries to come.
    private static func date(
        inDigits value: Int64, _ fraction: (microseconds: Int, resolution: Int64)
    ) -> Timestamp? {
        let isLong = value >= 100_000_000_000_000
        let (seconds, milliseconds) = isLong ? (value / 1000, value % 1000) : (value, 0)
        guard (19_000_000_000_000..<21_000_000_000_000).contains(seconds), !isLong || fraction.microseconds == 0 else {
            return nil
        }
        func part(_ digits: Int64, _ count: Int64) -> Int { Int(seconds / digits % count) }
        let microseconds = CivilTime.microseconds(
            year: part(10_000_000_000, 10_000), month: part(100_000_000, 100), day: part(1_000_000, 100),
            hour: part(10_000, 100), minute: part(100, 100), second: part(1, 100),
            fraction: isLong ? Int(milliseconds) * 1000 : fraction.microseconds)
        return microseconds.map { Timestamp(microseconds: $0, resolution: isLong ? 1000 : fraction.resolution) }
    }
}

/// A length of time as a log writes it.
package struct LoggedDuration {
    package enum Unit: String, Sendable, Codable, CaseIterable {
        case seconds = "s"
        case milliseconds = "ms"
        case microseconds = "us"
        case nanoseconds = "ns"
        /// As the encoders of Go's zap write one, and so Caddy: seconds with a fraction, whole nanoseconds, or a text with units.
        /// A request that took whole seconds to the nanosecond, and a thousand of them, does not happen.
        case zap

        /// Nanoseconds in one.
        package var nanoseconds: Int64 {
            switch self {
            case .seconds, .zap: 1_000_000_000
            case .milliseconds: 1_000_000
            case .microseconds: 1000
            case .nanoseconds: 1
            }
        }
    }

    /// Microseconds, cut off.
    package var microseconds: Int64
    /// What the digits leave open, microseconds: the true length is less than `microseconds + resolution`.
    package var resolution: Int64

    package init(microseconds: Int64, resolution: Int64) {
        self.microseconds = microseconds
        self.resolution = resolution
    }

    package init?(bytes: UnsafeRawBufferPointer, unit: Unit) {
        guard let read = LoggedDuration(number: bytes, unit: unit) ?? LoggedDuration(text: bytes) else { return nil }
        self = read
    }

    /// A number of that unit; with `s` behind it (Protocol Buffers' JSON) of seconds.
    package init?(number bytes: UnsafeRawBufferPointer, unit: Unit) {
        var reader = DigitReader(bytes)
        guard let whole = reader.number(), let digits = reader.fractionDigits(),
            reader.isAtEnd || reader.isSecondsMark
        else { return nil }
        // Of a comma before three digits nobody knows whether it stands between thousands.
        if whole > 0, bytes.count > 4, bytes[bytes.count - 4] == UInt8(ascii: ",") { return nil }
        let isNanoseconds = unit == .zap && reader.isAtEnd && digits.isEmpty && whole >= 1000
        let unit = isNanoseconds ? .nanoseconds : reader.isAtEnd ? unit : .seconds
        guard whole < 1_000_000_000_000 || unit == .nanoseconds else { return nil }
        let (value, overflow) = Int64(whole).multipliedReportingOverflow(by: unit.nanoseconds)
        guard !overflow else { return nil }
        var nanoseconds = value
        var step = unit.nanoseconds
        for digit in digits {
            step /= 10
            nanoseconds += Int64(digit) * step
            if step <= 1 { break }
        }
        microseconds = nanoseconds / 1000
        resolution = max(1, step / 1000)
    }
}

extension LoggedDuration {
    /// One behind the other: what the digits of either leave open adds up.
    package static func + (a: LoggedDuration, b: LoggedDuration) -> LoggedDuration {
        var sum = a
        sum.microseconds += b.microseconds
        sum.resolution += b.resolution
        return sum
    }
}

/// Reads the parts of a time stamp from left to right.
private struct DigitReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    /// Whether a date and time was read to its end and no offset from UTC stood there.
    private(set) var hasNoZone = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Says that what was read is a date and time without an offset from UTC.
    mutating func lacksZone() { hasNoZone = true }

    var isAtEnd: Bool { offset == bytes.count }

    /// Whether nothing but the `s` of seconds is left.
    var isSecondsMark: Bool { offset + 1 == bytes.count && bytes[offset] == UInt8(ascii: "s") }

    /// Exactly `width` digits.
    mutating func number(_ width: Int) -> Int? {
        guard offset + width <= bytes.count else { return nil }
        var value = 0
        for index in offset..<(offset + width) {
            let digit = bytes[index] &- 48
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        offset += width
        return value
    }

    /// One to nineteen digits, as many as there are.
    mutating func number() -> Int? {
        let start = offset
        var value = 0
        while offset < bytes.count, offset - start < 18 {
            let digit = bytes[offset] &- 48
            guard digit < 10 else { break }
            value = value * 10 + Int(digit)
            offset += 1
        }
        // A nineteenth digit fits only while the value does.
        if offset < bytes.count, bytes[offset] &- 48 < 10 {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(Int(bytes[offset] &- 48))
            guard !over, !more else { return nil }
            value = sum
            offset += 1
        }
        return offset > start ? value : nil
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// The digits behind `.` or `,`, as numbers; empty without a fraction, nil for a mark without digits.
    mutating func fractionDigits() -> Slice<UnsafeRawBufferPointer>.Digits? {
        guard skip(".") || skip(",") else { return .init(bytes[offset..<offset]) }
        let start = offset
        while offset < bytes.count, bytes[offset] &- 48 < 10 { offset += 1 }
        guard offset > start else { return nil }
        return .init(bytes[start..<offset])
    }

    mutating func fraction() -> (microseconds: Int, resolution: Int64)? {
        guard let digits = fractionDigits() else { return nil }
        var value = 0
        var step = 1_000_000
        for digit in digits {
            step /= 10
            if step == 0 { break }
            value += Int(digit) * step
        }
        return (value, Int64(max(step, 1)))
    }

    mutating func monthName() -> Int? {
        guard offset + 3 <= bytes.count else { return nil }
        let name =
            (UInt32(bytes[offset] | 0x20) << 16) | (UInt32(bytes[offset + 1] | 0x20) << 8)
            | UInt32(bytes[offset + 2] | 0x20)
        guard let month = Self.months.firstIndex(of: name) else { return nil }
        offset += 3
        return month + 1
    }

    private static let months: [UInt32] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ].map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    /// Seconds east of Greenwich; 0 for `Z` and where no zone stands.
    mutating func zone() -> Int? {
        if isAtEnd {
            hasNoZone = true
            return 0
        }
        if skip("Z") || skip("z") { return 0 }
        _ = skip(" ")
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return utcInWords() }
        guard let hours = number(2) else { return nil }
        // PostgreSQL leaves out minutes that are none.
        if isAtEnd { return hours < 24 ? sign * hours * 3600 : nil }
        _ = skip(":")
        guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func utcInWords() -> Int? {
        let rest = bytes[offset...]
        guard rest.elementsEqual("UTC".utf8) || rest.elementsEqual("GMT".utf8) else { return nil }
        offset = bytes.count
        return 0
    }
}

extension Slice where Base == UnsafeRawBufferPointer {
    /// The digits of a run of ASCII digits, as numbers.
    struct Digits: Sequence, IteratorProtocol {
        private let bytes: Slice<UnsafeRawBufferPointer>
        private var index: Int
        var isEmpty: Bool { bytes.isEmpty }
        init(_ bytes: Slice<UnsafeRawBufferPointer>) {
            self.bytes = bytes
            index = bytes.startIndex
        }
        mutating func next() -> UInt8? {
            guard index < bytes.endIndex else { return nil }
            defer { index += 1 }
            return bytes[index] &- 48
        }
    }
}
