/// Which part of a log file's path names the node that wrote it, for lines that name none: `edge-{value}/` makes `1` of
/// `logs/edge-1/access.log`.
///
/// The text before `{value}` begins where a part of the path does, and the value, which has no slash and is not empty, ends
/// where the text after it first stands; without such a text, with the part. The first place of the path that fits counts.
public struct NodeFromPath: Sendable, Equatable {
    /// As it was given.
    public let template: String
    private let before: String
    private let after: String

    /// - Throws: `ProfileProblem` if the template has not exactly one `{value}`.
    public init(_ template: String) throws(ProfileProblem) {
        let parts = template.split(separator: "{value}", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            var problem = ProfileProblem("'\(template)' needs exactly one {value}, as in 'edge-{value}/'")
            problem.file = "--node-from-path"
            throw problem
        }
        (self.template, before, after) = (template, String(parts[0]), String(parts[1]))
    }

    /// The node that a path names; nil if it names none.
    public func node(of path: String) -> String? {
        var start = path.startIndex
        while true {
            let rest = path[start...]
            if rest.hasPrefix(before), let value = value(rest.dropFirst(before.count)) { return String(value) }
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            start = path.index(after: slash)
        }
    }

    private func value(_ rest: Substring) -> Substring? {
        let end = after.isEmpty ? rest.firstIndex(of: "/") ?? rest.endIndex : rest.firstRange(of: after)?.lowerBound
        guard let end, end > rest.startIndex, !rest[..<end].contains("/") else { return nil }
        return rest[..<end]
    }
}
