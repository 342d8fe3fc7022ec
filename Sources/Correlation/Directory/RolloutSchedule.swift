public import LogRecords

/// Which rollout was in force on a node at a time.
public struct RolloutSchedule: Sendable {
    private struct Start: Sendable {
        var at: Int64
        var name: SymbolID
    }

    private var everywhere: [Start] = []
    private var byNode: [SymbolID: [Start]] = [:]

    /// - Parameter rollouts: in order of time; of two at one moment the later in the array is in force. One without a
    ///   node is one of every node.
    public init(_ rollouts: [Rollout] = []) {
        for rollout in rollouts {
            let start = Start(at: rollout.time.stamp, name: rollout.name)
            if rollout.node.isPresent {
                byNode[rollout.node, default: []].append(start)
            } else {
                everywhere.append(start)
            }
        }
    }

    /// When any rollout began on any node, in order: between two of these nothing changes.
    var moments: [Int64] { Set((everywhere + byNode.values.joined()).map(\.at)).sorted() }

    /// The names in the order in which they first began anywhere, and when.
    public var starts: [(name: SymbolID, from: Int64)] {
        var starts: [(name: SymbolID, from: Int64)] = []
        for start in (everywhere + byNode.values.joined()).sorted(by: { ($0.at, $0.name) < ($1.at, $1.name) })
        where !starts.contains(where: { $0.name == start.name }) {
            starts.append((start.name, start.at))
        }
        return starts
    }

    /// The rollout that began last on `node`, or on every node, by `moment`; absent before the first.
    public func inForce(on node: SymbolID, at moment: Int64) -> SymbolID {
        let general = Self.last(everywhere, moment)
        guard let own = byNode[node].flatMap({ Self.last($0, moment) }) else { return general?.name ?? .absent }
        guard let general, general.at > own.at else { return own.name }
        return general.name
    }

    /// The rollouts that were in force on `node`, one after the other, and when each first began; the first, without a
    /// name, stands for the time before.
    public func succession(on node: SymbolID) -> [(name: SymbolID, from: Int64?)] {
        let moments = Set((everywhere + (byNode[node] ?? [])).map(\.at)).sorted()
        var all: [(name: SymbolID, from: Int64?)] = [(.absent, nil)]
        var listed: Set<SymbolID> = [.absent]
        for moment in moments {
            let name = inForce(on: node, at: moment)
            if listed.insert(name).inserted { all.append((name, moment)) }
        }
        return all
    }

    /// When a rollout that began on `node` at `moment` gave way to another, by a newer one or by going back; nil if it
    /// did not.
    func end(of name: SymbolID, on node: SymbolID, after moment: Int64) -> Int64? {
        Set((everywhere + (byNode[node] ?? [])).map(\.at)).sorted().first {
            $0 > moment && inForce(on: node, at: $0) != name
        }
    }

    private static func last(_ starts: [Start], _ moment: Int64) -> Start? {
        let later = starts.partitionIndex { $0.at > moment }
        return later > 0 ? starts[later - 1] : nil
    }
}
