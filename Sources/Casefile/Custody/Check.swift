/// One thing that was verified, and what is wrong with it; no problems: it holds.
public struct Check: Sendable {
    public var name: String
    /// How many things were looked at.
    public var examined: Int
    public var problems: [String]

    public init(name: String, examined: Int, problems: [String]) {
        self.name = name
        self.examined = examined
        self.problems = problems
    }
}
