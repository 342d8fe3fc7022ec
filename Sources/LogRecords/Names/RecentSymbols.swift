/// The last value of each field that repeats from line to line (node, client, cache status…), so that it need not be
/// looked up again. A class with memory of its own, because it is asked for nearly every field of every line.
final class RecentSymbols {
    /// How long a name can be to be kept.
    private static let width = 32
    private let texts: UnsafeMutableRawPointer
    private let entries: UnsafeMutablePointer<Entry>

    private struct Entry {
        /// Of the name's text; -1: there is none yet.
        var count = -1
        var number = SymbolID.absent
    }

    init(count: Int) {
        texts = .allocate(byteCount: count * Self.width, alignment: MemoryLayout<UInt64>.alignment)
        entries = .allocate(capacity: count)
        entries.initialize(repeating: Entry(), count: count)
    }

    deinit {
        texts.deallocate()
        entries.deallocate()
    }

    /// The number of `name`, if it is the last one kept at `place`.
    @inline(__always)
    func number(of name: UnsafeRawBufferPointer, at place: Int) -> SymbolID? {
        guard entries[place].count == name.count, let start = name.baseAddress,
            Bytes.areEqual(texts + place * Self.width, start, name.count)
        else { return nil }
        return entries[place].number
    }

    /// Keeps a name that is not too long.
    func keep(_ name: UnsafeRawBufferPointer, _ number: SymbolID, at place: Int) {
        guard name.count <= Self.width, let start = name.baseAddress else { return }
        entries[place] = Entry(count: name.count, number: number)
        (texts + place * Self.width).copyMemory(from: start, byteCount: name.count)
    }
}
