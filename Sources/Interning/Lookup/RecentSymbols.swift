/// The last value of each field that repeats from line to line (node, client, cache status…), so that it need not be
/// looked up again. A class with memory of its own, because it is asked for nearly every field of every line.
package final class RecentSymbols {
    /// How long a name can be to be kept.
    @usableFromInline static var width: Int { 32 }
    @usableFromInline let texts: UnsafeMutableRawPointer
    @usableFromInline let entries: UnsafeMutablePointer<Entry>

    @usableFromInline struct Entry {
        /// Of the name's text; -1: there is none yet.
        @usableFromInline var count: Int
        @usableFromInline var number: SymbolID

        @inlinable init(count: Int, number: SymbolID) { (self.count, self.number) = (count, number) }
    }

    package init(count: Int) {
        texts = .allocate(byteCount: count * Self.width, alignment: MemoryLayout<UInt64>.alignment)
        entries = .allocate(capacity: count)
        entries.initialize(repeating: Entry(count: -1, number: .absent), count: count)
    }

    deinit {
        texts.deallocate()
        entries.deallocate()
    }

    /// The number of `name`, if it is the last one kept at `place`.
    @inlinable @inline(__always)
    package func number(of name: UnsafeRawBufferPointer, at place: Int) -> SymbolID? {
        guard entries[place].count == name.count, let start = name.baseAddress,
            Bytes.areEqual(texts + place * Self.width, start, name.count)
        else { return nil }
        return entries[place].number
    }

    /// Keeps a name that is not too long.
    @inlinable package func keep(_ name: UnsafeRawBufferPointer, _ number: SymbolID, at place: Int) {
        guard name.count <= Self.width, let start = name.baseAddress else { return }
        entries[place] = Entry(count: name.count, number: number)
        (texts + place * Self.width).copyMemory(from: start, byteCount: name.count)
    }
}
