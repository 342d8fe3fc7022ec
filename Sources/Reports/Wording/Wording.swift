import Foundation
import LogRecords

/// Numbers and times as the page words them, the same on every machine.
enum Wording {
    /// `1,044`
    static func number(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "−" + text : text
    }

    /// `1 account`, `60 accounts`
    static func count(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number(value)) \(value == 1 ? noun : plural ?? noun + "s")"
    }

    /// Three significant digits: `0.00566`, `15,300`, `1.23 × 10⁻⁹`.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "∞" }
        guard value != 0 else { return "0" }
        let exponent = Int(log10(value.magnitude).rounded(.down))
        if exponent < -4 || exponent > 9 {
            let mantissa = value / pow(10, Double(exponent))
            return String(format: "%.1f × 10", mantissa) + superscript(exponent)
        }
        if exponent >= 3 {
            let unit = pow(10, Double(exponent - 2))
            return number(Int((value / unit).rounded() * unit))
        }
        return trimmed(String(format: "%.\(max(0, 2 - exponent))f", value))
    }

    /// A share as `9.36 %`; never `0 %` or `100 %` unless it is.
    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "–" }
        if part == 0 { return "0 %" }
        if part == whole { return "100 %" }
        let share = Double(part) / Double(whole) * 100
        // As many digits as keep what is left of 100 % in sight.
        let rest = min(share, 100 - share)
        let digits = min(max(2, Int((-log10(rest)).rounded(.up)) + 1), 8)
        return trimmed(String(format: "%.\(digits)f", share)) + " %"
    }

    /// A rate between 0 and 1 as `9.36 %`.
    static func percent(_ rate: Double) -> String { figure(rate * 100) + " %" }

    /// `p < 10⁻³⁰⁰` for what the case holds as zero.
    static func chance(_ value: Double) -> String {
        value == 0 ? "p < 10" + superscript(-300) : value >= 1 ? "p = 1" : "p = " + figure(value)
    }

    private static func superscript(_ value: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return (value < 0 ? "⁻" : "") + String(value.magnitude).map { String(digits[Int(String($0)) ?? 0]) }.joined()
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `26 Dec 2019`
    static func day(_ stamp: Int64) -> String { "\(shortDay(stamp)) \(parts(stamp).date.dropLast("-12-26".count))" }

    /// `26 Dec`
    static func shortDay(_ stamp: Int64) -> String {
        let numbers = parts(stamp).date.suffix("12-26".count).split(separator: "-").compactMap { Int($0) }
        precondition(numbers.count == 2, "a date in RFC 3339 ends with month and day")
        return "\(numbers[1]) \(months[numbers[0] - 1])"
    }

    /// `11:52:06`
    static func clock(_ stamp: Int64) -> String { String(parts(stamp).time.prefix("11:52:06".count)) }

    /// A stretch of a dump's time may end after the year 9999, whose date is longer than others.
    private static func parts(_ stamp: Int64) -> (date: Substring, time: Substring) {
        let parts = stamp.rfc3339.split(separator: "T", maxSplits: 1)
        return (parts[0], parts[1])
    }

    /// `26 Dec 2019, 11:52:06`, where it is said already that times are UTC.
    static func moment(_ stamp: Int64) -> String { "\(day(stamp)), \(clock(stamp))" }

    /// `26 Dec 2019, 11:52:06 UTC`
    static func time(_ stamp: Int64) -> String { moment(stamp) + " UTC" }

    /// The two largest units: `7 d 5 h`, `2 min 20 s`, `0.35 s`.
    static func duration(_ microseconds: Int64) -> String {
        let seconds = Double(microseconds) / 1e6
        if seconds < 60 { return figure(seconds) + " s" }
        let whole = Int(seconds.rounded())
        func two(_ big: Int, _ bigUnit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(big) \(bigUnit)" : "\(number(big)) \(bigUnit) \(small) \(smallUnit)"
        }
        if whole < 3600 { return two(whole / 60, "min", whole % 60, "s") }
        if whole < 86_400 { return two(whole / 3600, "h", whole % 3600 / 60, "min") }
        return two(whole / 86_400, "d", whole % 86_400 / 3600, "h")
    }

    /// A text of at most so many characters; what is cut off shows as `…`.
    static func short(_ text: String, _ most: Int) -> String {
        text.count <= most ? text : text.prefix(most - 1) + "…"
    }

    /// `a`, `a and b`, `a, b and c`; of more than `most` the others are counted.
    static func list(_ items: [String], most: Int = 6) -> String {
        var items = items
        if items.count > most {
            let others = items.count - most + 1
            items = items.prefix(most - 1) + ["\(number(others)) others"]
        }
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
