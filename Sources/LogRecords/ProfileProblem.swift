/// What is wrong with a profile, and where.
public struct ProfileProblem: Error, Sendable, CustomStringConvertible {
    public var file: String?
    /// 1-based.
    public var line: Int?
    public var message: String

    package init(_ message: String, line: Int? = nil) {
        self.message = message
        self.line = line
    }

    public var description: String {
        let place = [file ?? "profile", line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return "\(place): \(message)"
    }
}
