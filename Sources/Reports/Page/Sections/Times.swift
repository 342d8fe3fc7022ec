import Foundation

/// What happened when, for the page's script, which counts bins of any length out of it: see `counts.js`.
struct Times: Encodable {
    /// Where the first stretch begins, and how long each is; microseconds.
    let from: Int64
    let length: Int64
    /// Of each stretch.
    let deliveries: [Int]
    let certain: [Int]
    let possible: [Int]
    let nodes: [Node]
    let marks: [Mark]
    let silences: [Silence]

    /// A node's exposures, where there are any: the stretches' places, and the counts of each.
    struct Node: Encodable {
        /// Absent where the log names none.
        let name: String?
        let at: [Int]
        let certain: [Int]
        let possible: [Int]
    }

    struct Mark: Encodable {
        let at: Int64
        let label: String
        let kind: String
        let words: String
    }

    struct Silence: Encodable {
        let from: Int64
        let until: Int64
        let words: String
    }

    init(_ stretches: Stretches, _ timeline: TimelinePlot) {
        from = stretches.from
        length = stretches.length
        deliveries = stretches.deliveries
        certain = stretches.exposures.map(\.certain)
        possible = stretches.exposures.map(\.possible)
        nodes = HeatMap(stretches: stretches).drawn.map { name, counts in
            let places = counts.indices.filter { counts[$0].sum > 0 }
            return Node(
                name: name, at: places, certain: places.map { counts[$0].certain },
                possible: places.map { counts[$0].possible })
        }
        marks = timeline.marks.map {
            Mark(at: $0.stamp, label: $0.label, kind: $0.kind, words: "\($0.label): \(Wording.time($0.stamp))")
        }
        silences = timeline.silences.map { Silence(from: $0.from, until: $0.until, words: $0.words) }
    }
}
