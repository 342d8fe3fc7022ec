import Interning
import LogRecords

/// Of each source one delivery, fill and purge of each node, clock and kind: what is asked of all of a job's records before any
/// is judged.
struct ExampleRecords {
    private struct Example: Hashable {
        var type: ExchangeType
        var kind: UInt8
        var node: SymbolID
        var clock: SymbolID
    }

    private var met: Set<Example> = []
    private var last: Example?

    /// Begins a source.
    mutating func begin() {
        met = []
        last = nil
    }

    mutating func isNew(_ delivery: Delivery) -> Bool {
        isNew(Example(type: .delivery, kind: 0, node: delivery.node, clock: delivery.clock))
    }

    mutating func isNew(_ fill: Fill) -> Bool {
        isNew(Example(type: .fill, kind: fill.kind.rawValue, node: fill.node, clock: fill.clock))
    }

    mutating func isNew(_ purge: Purge) -> Bool {
        isNew(Example(type: .purge, kind: 0, node: purge.node, clock: purge.clock))
    }

    private mutating func isNew(_ example: Example) -> Bool {
        if example == last { return false }
        last = example
        return met.insert(example).inserted
    }
}

extension RecordTable {
    mutating func add(example delivery: Delivery, from source: SymbolID) {
        add(delivery, from: source)
        add(.isExample, 1)
    }

    mutating func add(example fill: Fill, from source: SymbolID) {
        add(fill, from: source)
        add(.isExample, 1)
    }

    mutating func add(example purge: Purge, from source: SymbolID) {
        add(purge, from: source)
        add(.isExample, 1)
    }
}
