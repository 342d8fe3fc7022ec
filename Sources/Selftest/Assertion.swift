/// A sentence about what the tool does that the known truth can refute, and whether it did.
package struct Assertion: Encodable, Sendable {
    /// As `Docs/Validation.md` lists it.
    package let id: String
    package let text: String
    package let expected: String
    package let found: String
    package let holds: Bool
    /// Where it does not hold; a few places of many.
    package let problems: [String]

    private static let shownProblems = 5

    init(_ id: String, _ text: String, expected: String, found: String, holds: Bool, problems: [String] = []) {
        (self.id, self.text, self.expected, self.found, self.holds) = (id, text, expected, found, holds)
        self.problems = Array(problems.prefix(Self.shownProblems))
    }

    /// That two values are the same.
    init(_ id: String, _ text: String, expected: String, found: String) {
        self.init(id, text, expected: expected, found: found, holds: expected == found)
    }

    init(_ id: String, _ text: String, expected: Int, found: Int) {
        self.init(id, text, expected: String(expected), found: String(found))
    }

    /// That there is no problem.
    init(_ id: String, none text: String, _ problems: [String]) {
        self.init(
            id, text, expected: "0", found: String(problems.count), holds: problems.isEmpty, problems: problems)
    }

    /// That a count lies within bounds, which have to meet if the logs leave nothing open.
    init(_ id: String, _ text: String, expected: Int, low: Int, high: Int, isExact: Bool) {
        self.init(
            id, text, expected: String(expected), found: low == high ? String(low) : "\(low) to \(high)",
            holds: low <= expected && expected <= high && (!isExact || low == high))
    }

    /// That a run of the tool ends with a status.
    init(_ id: String, _ what: String, endsWith expected: Int32, _ run: TestedTool.Run) {
        let holds = run.status == expected
        self.init(
            id, what + " ends with", expected: String(expected), found: String(run.status), holds: holds,
            problems: holds ? [] : [run.lastWords])
    }
}
