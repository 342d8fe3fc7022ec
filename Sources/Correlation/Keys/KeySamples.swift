import Interning
import LogRecords

/// A few keys of each template, whatever order the logs were read in: those whose texts hash lowest.
struct KeySamples: Sendable {
    private struct Sample: Sendable {
        var hash: UInt64
        var key: SymbolID
    }
    private struct Template: Sendable {
        var keys = 0
        var samples: [Sample] = []
    }

    /// By template, in order of arrival.
    private var templates: [Template] = []
    /// How many keys of a template are kept.
    private static let most = 24
    /// With more templates than this, keys have no shape, and none is kept.
    static let mostTemplates = 4096

    /// Takes note of a key that was not met before.
    mutating func add(_ key: SymbolID, _ text: String, template: Int) {
        guard template < Self.mostTemplates else { return }
        while templates.count <= template { templates.append(Template()) }
        templates[template].keys += 1
        let hash = Self.hash(text)
        let isFull = templates[template].samples.count == Self.most
        if isFull, let last = templates[template].samples.last, last.hash <= hash { return }
        if isFull { templates[template].samples.removeLast() }
        let place = templates[template].samples.partitionIndex { $0.hash > hash }
        templates[template].samples.insert(Sample(hash: hash, key: key), at: place)
    }

    /// How many keys of a template there are, and some of them.
    func keys(ofTemplate template: Int) -> (count: Int, some: [SymbolID]) {
        guard templates.indices.contains(template), templates.count <= Self.mostTemplates else { return (0, []) }
        return (templates[template].keys, templates[template].samples.map(\.key))
    }

    /// FNV-1a of 64 bits (G. Fowler, L. C. Noll, K.-P. Vo), mixed: the same on every machine.
    static func hash(_ text: String) -> UInt64 {
        var text = text
        let hash = text.withUTF8 { bytes in
            bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return (hash ^ hash >> 32) &* 0x9e37_79b9_7f4a_7c15
    }
}
