import Foundation

/// A picture in SVG, drawn element by element; colours are the style sheet's, by class.
struct Drawing {
    private var body = ""
    let width: Double
    var height: Double

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// Adds an element.
    ///
    /// - Parameter attributes: an absent value leaves the attribute out.
    mutating func add(_ name: String, _ attributes: KeyValuePairs<String, Value?>, _ text: String? = nil) {
        body += "<\(name)"
        for (key, value) in attributes {
            if let value { body += " \(key)=\"\(Markup.escaped(value.text))\"" }
        }
        body += text.map { ">\(Markup.escaped($0))</\(name)>" } ?? "/>"
    }

    /// What an attribute holds: a text, or a number to two digits.
    struct Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        let text: String
        init(_ number: Double) {
            let rounded = (number * 100).rounded() / 100
            text = rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
        }
        init(_ text: String) { self.text = text }
        init(stringLiteral text: String) { self.text = text }
    }

    /// The whole picture.
    ///
    /// - Parameters:
    ///   - description: what it shows, for those who cannot see it. Nil: it stands beside the same in words.
    ///   - name: its class.
    func svg(_ name: String, _ description: String?) -> String {
        let (width, height) = (Value(width).text, Value(height).text)
        let role = description.map { "role=\"img\" aria-label=\"\(Markup.escaped($0))\"" } ?? "aria-hidden=\"true\""
        return "<svg class=\"\(name)\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" "
            + "\(role)>\(body)</svg>"
    }

    /// The whole picture as wide as there is room; what stands in it along its width is given in shares of it (`12.5%`).
    func fluid(_ name: String, _ description: String) -> String {
        "<svg class=\"\(name)\" width=\"100%\" height=\"\(Value(height).text)\" role=\"img\" "
            + "aria-label=\"\(Markup.escaped(description))\">\(body)</svg>"
    }
}

extension Drawing.Value {
    init(_ number: Int) { text = String(number) }
}

/// Where a moment stands on a line of time.
struct TimeScale {
    let from: Int64
    let until: Int64

    init(_ from: Int64, _ until: Int64) {
        self.from = from
        self.until = max(until, from + 1)
    }

    /// Between 0 and 1, if the moment is on the line.
    func place(_ stamp: Int64) -> Double { Double(stamp - from) / Double(until - from) }

    /// Round moments, ten at most, and how they are written.
    var ticks: [(stamp: Int64, label: String)] {
        let steps: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
            432_000, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
        ]
        let step = (steps.first { (until - from) / ($0 * 1_000_000) <= 9 } ?? 31_536_000) * 1_000_000
        var ticks: [(Int64, String)] = []
        var stamp = (from + step - 1) / step * step
        while stamp <= until {
            let isMidnight = stamp % 86_400_000_000 == 0
            let clock = Wording.clock(stamp)
            ticks.append(
                (stamp, isMidnight ? Wording.shortDay(stamp) : step < 60_000_000 ? clock : String(clock.prefix(5))))
            stamp += step
        }
        return ticks
    }
}
