public import Interning

/// When lines of logs that tell fills could not be used: each may have been a fill or a purge of any key.
///
/// A delivery is open if such a line lies between the fills that it may have been served from and its own end. Less
/// information never makes an answer surer: a fill that is there but cannot be read must not count as one that never was.
public struct UnreadFills: Sendable, Equatable {
    /// From and until, microseconds on the reference's clock; in order of time, none overlaps the next.
    private var moments: [SymbolID: [ClosedRange<Int64>]] = [:]
    /// How many lines there are.
    public private(set) var lines = 0

    public init() {}

    public var isEmpty: Bool { moments.isEmpty }

    /// Adds lines of one node; call `settle` when all are there.
    ///
    /// - Parameter node: absent: they may be any node's.
    public mutating func add(_ span: ClosedRange<Int64>, of node: SymbolID, lines: Int) {
        moments[node, default: []].append(span)
        self.lines += lines
    }

    /// Puts the moments in order, and makes one of those that overlap.
    public mutating func settle() {
        for (node, spans) in moments {
            var merged: [ClosedRange<Int64>] = []
            for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = merged.last, span.lowerBound <= last.upperBound {
                    merged[merged.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
                } else {
                    merged.append(span)
                }
            }
            moments[node] = merged
        }
    }

    /// Whether an unread line may have changed an entry of `node` in [`from`, `until`]; of a line that names no node, an
    /// entry of any.
    func mayConcern(_ node: SymbolID, from: Int64, until: Int64) -> Bool {
        guard !moments.isEmpty else { return false }
        if !node.isPresent { return moments.values.contains { Self.overlaps($0, from, until) } }
        return [node, .absent].contains { moments[$0].map { Self.overlaps($0, from, until) } == true }
    }

    private static func overlaps(_ spans: [ClosedRange<Int64>], _ from: Int64, _ until: Int64) -> Bool {
        let first = spans.partitionIndex { $0.upperBound >= from }
        return first < spans.count && spans[first].lowerBound <= until
    }
}
