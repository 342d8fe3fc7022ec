import LogRecords

/// Which deliveries count, by time: from `since` on and before `until`, microseconds since 1970 UTC by the reference's clock.
///
/// What lies outside serves as evidence all the same: a frame that was filled before the window is shown within it.
public struct TimeWindow: Sendable, Equatable {
    public private(set) var since: Int64
    public private(set) var until: Int64

    /// Everything.
    public static let all = TimeWindow()

    private init() { (since, until) = (.min, .max) }

    /// - Parameters:
    ///   - since: RFC 3339, or a date, which begins at midnight UTC; without an offset it is UTC. Nil: from the beginning.
    ///   - until: likewise; that moment itself is outside. Nil: to the end.
    /// - Throws: `TimeWindowProblem` that names the option and what is wrong with it.
    public init(since: String?, until: String?) throws(TimeWindowProblem) {
        self.since = .min
        self.until = .max
        if let since { self.since = try Self.moment(since, "--since") }
        if let until { self.until = try Self.moment(until, "--until") }
        guard self.since < self.until else {
            throw TimeWindowProblem(option: "--until", text: until ?? "", why: "is not behind --since")
        }
    }

    public var isAll: Bool { self == .all }

    @inline(__always)
    public func contains(_ moment: Int64) -> Bool { moment >= since && moment < until }

    /// A moment as an option has it, in microseconds since 1970 UTC: RFC 3339, or a date.
    ///
    /// - Throws: `TimeWindowProblem` that names the option.
    public static func moment(_ text: String, _ option: String) throws(TimeWindowProblem) -> Int64 {
        let isDate = text.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil
        guard text.contains("-"), let stamp = Timestamp(isDate ? text + "T00:00:00Z" : text) else {
            throw TimeWindowProblem(
                option: option, text: text,
                why: "is no time; write 2019-12-26T10:00:00Z, with an offset, or a date, which begins at midnight UTC")
        }
        return stamp.microseconds
    }
}

/// Why a bound of time cannot be read.
public struct TimeWindowProblem: Error, Sendable, CustomStringConvertible {
    public var option: String
    public var text: String
    public var why: String
    public var description: String { "\(option): '\(text)' \(why)" }
}
