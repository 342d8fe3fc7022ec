public import LogRecords

/// The lines that one server wrote of one request, or of several that it does not tell apart.
public struct RequestLines {
    private let lines: [Delivery]

    /// - Parameter lines: in order of writing.
    public init(_ lines: [Delivery]) { self.lines = lines }

    /// The answers of which several lines tell, each with its lines; the last one counts.
    ///
    /// - Parameter areTold: whether no line is another request's. If they may be, as of two that one connection carries at one
    ///   moment, lines are one answer's only if they name the same URL, are no more than the two that a server writes once an
    ///   answer has begun (HAProxy's steps `response` and `close`), and show that it writes such lines: by one of an earlier
    ///   step, or by an answer to a request that it does not name.
    public func answers(areTold: Bool) -> [[Delivery]] {
        // What the last line says became of the request, whatever became of its parts.
        if areTold { return lines.dropLast().contains { $0.content != .none } ? [lines] : [] }
        let telling = lines.filter { $0.content != .none }
        let isNameless = telling.contains { !$0.key.isPresent && (200..<400).contains($0.status) }
        guard isNameless || lines.contains(where: { $0.status <= 0 }) else { return [] }
        return Dictionary(grouping: telling, by: \.key).values.filter { $0.count == 2 }.sorted { $0[0].id < $1[0].id }
    }

    /// The line that counts, with what the others add, and whether they add anything or it was in doubt.
    ///
    /// - Parameters:
    ///   - lines: of one answer, in order of writing.
    ///   - areSteps: whether each tells of the whole answer, so that a client that left by then has left.
    public static func counted(_ lines: [Delivery], areSteps: Bool) -> (line: Delivery, isCompleted: Bool) {
        guard var counted = lines.last else { preconditionFailure("an answer has a line") }
        var isCompleted = counted.flags.remove(.mayBeRepeat) != nil
        for line in lines.dropLast().reversed() {
            if areSteps, line.flags.contains(.aborted), counted.flags.insert(.aborted).inserted { isCompleted = true }
            for field in [\Delivery.requester, \.camera, \.node]
            where !counted[keyPath: field].isPresent && line[keyPath: field].isPresent {
                counted[keyPath: field] = line[keyPath: field]
                isCompleted = true
            }
        }
        return (counted, isCompleted)
    }
}
