/// The notation of a time stamp in the words of strptime(3), for logs whose stamps no other notation reads.
///
/// `%Y %y %m %b %B %h %d %e %j %H %I %p %M %S %z %s %F %T %D %R %r %c %%` are as there, in the C locale; `%f` and `%L` are digits of a second's fraction, `%a`
/// and `%A` a day's name that is passed over. A blank stands for one or more.
package struct TimeFormat: Sendable {
    private enum Part: Equatable {
        case text(UInt8)
        case blanks
        case year, shortYear, month, monthName, day, dayOfYear, hour, halfDayHour, half, minute, second, fraction, zone,
            epoch,
            word
    }

    private var parts: [Part] = []
    package let text: String

    /// - Returns: nil if a directive is none of these, or the stamp would not say which second it is.
    package init?(_ text: String) {
        self.text = text
        var rest = Substring(text)
        while let next = rest.popFirst() {
            if next == " " || next == "\t" {
                if parts.last != .blanks { parts.append(.blanks) }
                continue
            }
            guard next == "%" else {
                parts += String(next).utf8.map { .text($0) }
                continue
            }
            guard let directive = rest.popFirst(), let found = Self.parts(of: directive) else { return nil }
            parts += found
        }
        let hasYear = parts.contains(.year) || parts.contains(.shortYear)
        let hasMonth = parts.contains(.month) || parts.contains(.monthName)
        let hasDate = hasYear && (hasMonth && parts.contains(.day) || parts.contains(.dayOfYear))
        let hasTime =
            (parts.contains(.hour) || parts.contains(.halfDayHour) && parts.contains(.half)) && parts.contains(.minute)
        guard parts.contains(.epoch) || hasDate && hasTime else { return nil }
    }

    private static func parts(of directive: Character) -> [Part]? {
        switch directive {
        case "Y": [.year]
        case "y": [.shortYear]
        case "m": [.month]
        case "b", "B", "h": [.monthName]
        case "d", "e": [.day]
        case "j": [.dayOfYear]
        case "H", "k": [.hour]
        case "I", "l": [.halfDayHour]
        case "p": [.half]
        case "M": [.minute]
        case "S": [.second]
        case "f", "L": [.fraction]
        case "z": [.zone]
        case "s": [.epoch]
        case "a", "A": [.word]
        case "F": [.year, .text(UInt8(ascii: "-")), .month, .text(UInt8(ascii: "-")), .day]
        case "T": [.hour, .text(UInt8(ascii: ":")), .minute, .text(UInt8(ascii: ":")), .second]
        case "D": whole("%m/%d/%y")
        case "R": whole("%H:%M")
        case "r": whole("%I:%M:%S %p")
        case "c": whole("%a %b %e %H:%M:%S %Y")
        case "%": [.text(UInt8(ascii: "%"))]
        default: nil
        }
    }

    /// The parts of directives that one stands for.
    private static func whole(_ directives: String) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(directives)
        while let next = rest.popFirst() {
            if next == "%", let directive = rest.popFirst() {
                parts += self.parts(of: directive) ?? []
            } else {
                parts += next == " " ? [.blanks] : String(next).utf8.map { .text($0) }
            }
        }
        return parts
    }

    /// What was read so far.
    private struct Moment {
        var (year, month, day, hour, minute, second) = (0, 0, 0, 0, 0, 0)
        var dayOfYear = 0
        var isAfternoon: Bool?
        var fraction = 0
        var fractionDigits = 0
        var hasSeconds = false
        var offset: Int?
        var epoch: Int64?
    }

    /// - Returns: nil if the value is not written so; `isLocal` if it names no zone.
    package func read(_ bytes: UnsafeRawBufferPointer) -> (stamp: Timestamp, isLocal: Bool)? {
        var rest = bytes[...]
        var moment = Moment()
        for part in parts { guard take(part, &rest, &moment) else { return nil } }
        guard rest.isEmpty else { return nil }
        let seconds = moment.hasSeconds || moment.epoch != nil ? Int64(1_000_000) : 60_000_000
        let scale = (0..<min(moment.fractionDigits, 6)).reduce(Int64(1_000_000)) { scale, _ in scale / 10 }
        let resolution = moment.fractionDigits > 0 ? scale : seconds
        let fraction = Int64(moment.fraction) * scale
        if let epoch = moment.epoch {
            return (Timestamp(microseconds: epoch * 1_000_000 + fraction, resolution: resolution), false)
        }
        var hour = moment.hour
        if let isAfternoon = moment.isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        if moment.dayOfYear > 0 {
            let days = CivilTime.days(year: moment.year, month: 1, day: 1) + moment.dayOfYear - 1
            let date = CivilTime.date(days: days)
            guard date.year == moment.year else { return nil }
            (moment.month, moment.day) = (date.month, date.day)
        }
        let microseconds = CivilTime.microseconds(
            year: moment.year, month: moment.month, day: moment.day, hour: hour, minute: moment.minute,
            second: moment.second, fraction: Int(fraction), offsetSeconds: moment.offset ?? 0)
        return microseconds.map { (Timestamp(microseconds: $0, resolution: resolution), moment.offset == nil) }
    }

    private func take(_ part: Part, _ rest: inout Slice<UnsafeRawBufferPointer>, _ moment: inout Moment) -> Bool {
        switch part {
        case .text(let byte):
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        case .blanks:
            guard let first = rest.first, first == 0x20 || first == 0x09 else { return false }
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            return true
        case .year: return Self.set(\.year, 4...4, &rest, &moment)
        case .shortYear:
            guard Self.set(\.year, 2...2, &rest, &moment) else { return false }
            // POSIX, strptime: 69 to 99 are of the last century.
            moment.year += moment.year < 69 ? 2000 : 1900
            return true
        case .month: return Self.set(\.month, 1...2, &rest, &moment)
        case .day: return Self.set(\.day, 1...2, &rest, &moment)
        case .dayOfYear: return Self.set(\.dayOfYear, 3...3, &rest, &moment) && moment.dayOfYear > 0
        case .hour, .halfDayHour: return Self.set(\.hour, 1...2, &rest, &moment)
        case .minute: return Self.set(\.minute, 2...2, &rest, &moment)
        case .second:
            moment.hasSeconds = true
            return Self.set(\.second, 2...2, &rest, &moment)
        case .fraction: return Self.takeFraction(&rest, &moment)
        case .monthName:
            let name = rest.prefix { ByteSet.letters.contains($0) }
            guard let month = Self.month(String(decoding: name, as: UTF8.self).lowercased()) else { return false }
            (moment.month, rest) = (month, rest[name.endIndex...])
            return true
        case .word:
            let name = rest.prefix { ByteSet.letters.contains($0) }
            rest = rest[name.endIndex...]
            return !name.isEmpty
        case .half:
            let half = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard half == "am" || half == "pm" else { return false }
            (moment.isAfternoon, rest) = (half == "pm", rest.dropFirst(2))
            return true
        case .zone: return zone(&rest, &moment)
        case .epoch:
            guard let value = Self.takeNumber(9...11, &rest) else { return false }
            moment.epoch = Int64(value)
            return true
        }
    }

    private static func set(
        _ field: WritableKeyPath<Moment, Int>, _ digits: ClosedRange<Int>, _ rest: inout Slice<UnsafeRawBufferPointer>,
        _ moment: inout Moment
    ) -> Bool {
        // strptime skips blanks before a number.
        rest = rest.drop { $0 == 0x20 }
        guard let value = takeNumber(digits, &rest) else { return false }
        moment[keyPath: field] = value
        return true
    }

    private static func takeNumber(_ digits: ClosedRange<Int>, _ rest: inout Slice<UnsafeRawBufferPointer>) -> Int? {
        let found = rest.prefix(digits.upperBound).prefix { $0 &- 48 < 10 }
        guard found.count >= digits.lowerBound else { return nil }
        rest = rest[found.endIndex...]
        return found.reduce(0) { $0 * 10 + Int($1 &- 48) }
    }

    private static func takeFraction(_ rest: inout Slice<UnsafeRawBufferPointer>, _ moment: inout Moment) -> Bool {
        let digits = rest.prefix { $0 &- 48 < 10 }
        guard (1...9).contains(digits.count) else { return false }
        rest = rest[digits.endIndex...]
        moment.fraction = digits.prefix(6).reduce(0) { $0 * 10 + Int($1 &- 48) }
        moment.fractionDigits = digits.count
        return true
    }

    /// `Z`, `+0100` or `+01:00`.
    private func zone(_ rest: inout Slice<UnsafeRawBufferPointer>, _ moment: inout Moment) -> Bool {
        if rest.first == UInt8(ascii: "Z") {
            (moment.offset, rest) = (0, rest.dropFirst())
            return true
        }
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        let text = rest.dropFirst().prefix(5)
        let digits = (text.count > 2 && text[text.startIndex + 2] == UInt8(ascii: ":") ? text : text.prefix(4))
            .filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, digits.allSatisfy({ $0 &- 48 < 10 }) else { return false }
        let values = digits.map { Int($0 &- 48) }
        let seconds = (values[0] * 10 + values[1]) * 3600 + (values[2] * 10 + values[3]) * 60
        moment.offset = sign == UInt8(ascii: "-") ? -seconds : seconds
        let length = text.count > 2 && text[text.startIndex + 2] == UInt8(ascii: ":") ? 6 : 5
        rest = rest.dropFirst(length)
        return true
    }

    /// In lower case.
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    private static func month(_ name: String) -> Int? {
        name.count >= 3 ? months.firstIndex { $0 == name || $0.prefix(3) == name }.map { $0 + 1 } : nil
    }
}
