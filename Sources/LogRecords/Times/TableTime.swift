/// Reads the times in tables of the directory, and tells what may be one in a column that nobody knows.
///
/// They stand in the notations of logs (`Timestamp`).
enum TableTime {
    /// 2000-01-01 and 2101-01-01: no camera cloud is older, and no right is planned for longer.
    private static let (earliest, latest): (Int64, Int64) = (CivilTime.year2000, 4_133_980_800_000_000)

    /// Whether a cell is what a database writes for a value that is not there: `NULL`, or `\N` (MySQL, PostgreSQL).
    static func isAbsent(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch bytes.count {
        case 2: bytes[0] == UInt8(ascii: "\\") && bytes[1] == UInt8(ascii: "N")
        case 4: bytes.elementsEqual("NULL".utf8) || bytes.elementsEqual("null".utf8)
        default: false
        }
    }

    /// Microseconds since 1970 UTC.
    ///
    /// A number is counted from 1970 only if it then is a moment of this century: else it may be a spreadsheet's serial day, a
    /// count of ticks, or a date without its dashes. A date may be as early as it likes where something begins and as late as it
    /// likes where it ends; `0001-01-01` or `1970-01-01` for an end is a value that nobody set.
    ///
    /// - Returns: nil if it is no time.
    static func microseconds(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) -> Int64? {
        guard let moment = Timestamp(bytes: bytes)?.microseconds else { return nil }
        let isNumber = bytes.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }
        if moment < earliest, isNumber || isEnd { return nil }
        if moment >= latest, isNumber || !isEnd { return nil }
        return moment
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    // MARK: What may be a time

    /// Whether a cell holds a date or a time in any usual spelling, alone or among words: `2026-02-01`, `02/01/2026 12:00 AM`,
    /// `1.2.2026`, `01-FEB-26`, `Sun Feb 01 00:00:00 UTC 2026`, `[2026-01-01,2026-02-01)`, `20260201`, or a number of seconds,
    /// milliseconds, microseconds or nanoseconds since 1970 that is a moment between 2010 and 2050.
    static func mayHoldTime(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 6, bytes.contains(where: isDigit) else { return false }
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(256))
        return isNumberOfTime(bytes) || holdsDate(bytes)
    }

    private static func isNumberOfTime(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let digits = bytes.prefix { isDigit($0) }
        let rest = bytes[digits.endIndex...]
        let isWhole = rest.isEmpty || rest.count == 1 && rest.first == UInt8(ascii: "Z")
        if isWhole, [8, 12, 14].contains(digits.count) { return isCompactDate(digits.prefix(8)) }
        guard digits.count >= 10, digits.count <= 19, let stamp = Timestamp(bytes: bytes) else { return false }
        return (1_262_304_000_000_000..<2_524_608_000_000_000).contains(stamp.microseconds)
    }

    private static func isCompactDate(_ digits: Slice<UnsafeRawBufferPointer>) -> Bool {
        let number = digits.reduce(0) { $0 * 10 + Int($1 &- 48) }
        return isDate(year: number / 10_000, number / 100 % 100, number % 100)
    }

    private static func isDate(year: Int, _ month: Int, _ day: Int) -> Bool {
        (1990...2099).contains(year) && (1...12).contains(month) && (1...31).contains(day)
    }

    private enum Part {
        case number(Int, digits: Int)
        case month
        case mark(UInt8)
    }

    /// Whether a date stands somewhere in a text.
    private static func holdsDate(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var parts: [Part] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let start = index
            if isDigit(byte) {
                while index < bytes.count, isDigit(bytes[index]) { index += 1 }
                let value = bytes[start..<index].prefix(9).reduce(0) { $0 * 10 + Int($1 &- 48) }
                parts.append(.number(value, digits: index - start))
            } else if byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") {
                while index < bytes.count, bytes[index] | 0x20 >= UInt8(ascii: "a"),
                    bytes[index] | 0x20 <= UInt8(ascii: "z")
                {
                    index += 1
                }
                let word = String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
                parts.append(isMonth(word) ? .month : .mark(word == "t" ? UInt8(ascii: "t") : UInt8(ascii: "a")))
            } else {
                parts.append(.mark(byte))
                index += 1
            }
        }
        let hasYear = parts.contains { if case .number(1990...2099, digits: 4) = $0 { true } else { false } }
        return parts.indices.contains { isDate(parts[$0...], hasYear: hasYear) }
    }

    private static func isMonth(_ word: String) -> Bool {
        TimeFormat.months.contains { $0 == word || $0.prefix(3) == word || word == "sept" }
    }

    private static func isDate(_ parts: ArraySlice<Part>, hasYear: Bool) -> Bool {
        let parts = Array(parts.prefix(6))
        // 20260201T000000Z
        if parts.count >= 3, case .number(let date, digits: 8) = parts[0], case .mark(UInt8(ascii: "t")) = parts[1],
            case .number = parts[2]
        {
            return isDate(year: date / 10_000, date / 100 % 100, date % 100)
        }
        if case .month = parts[0] {
            return hasYear && parts.contains { if case .number(1...31, digits: 1...2) = $0 { true } else { false } }
        }
        guard parts.count >= 5, case .number(let first, let firstDigits) = parts[0], case .mark(let mark) = parts[1],
            case .mark(mark) = parts[3], case .number(let last, let lastDigits) = parts[4]
        else { return false }
        if case .month = parts[2] { return [2, 4].contains(lastDigits) && (1...31).contains(first) }
        guard [UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")].contains(mark),
            case .number(let middle, digits: 1...2) = parts[2]
        else { return false }
        if firstDigits == 4 { return lastDigits <= 2 && isDate(year: first, middle, last) }
        let year = lastDigits == 4 ? last : lastDigits == 2 && mark == UInt8(ascii: "/") ? 2000 + last : 0
        return firstDigits <= 2 && (isDate(year: year, first, middle) || isDate(year: year, middle, first))
    }
}
